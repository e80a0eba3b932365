package terminology

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

func TestSnowstormPaths(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-native": "true"})
	for _, tc := range []struct {
		name, path string
		status     int
		want       string
	}{
		{"term search in the browser", "/browser/MAIN/SNOMEDCT-BE/descriptions?term=hygi&limit=5", 200, `"225964003"`},
		{"a short term", "/browser/MAIN/descriptions?term=hy", 400, "at least 3"},
		{"a window too large", "/MAIN/concepts?offset=9990&limit=50", 400, "searchAfter"},
		{"concepts by ECL", "/MAIN/SNOMEDCT-BE/concepts?ecl=%3C%20385805005", 200, `"total":4`},
		{"only ids", "/MAIN/concepts?ecl=385805005&returnIdOnly=true", 200, `"items":["385805005"]`},
		{"broken ECL", "/MAIN/concepts?ecl=%3C", 400, "column"},
		{"children", "/browser/MAIN/concepts/385805005/children?form=inferred", 200, "370858005"},
		{"parents", "/browser/MAIN/concepts/385805005/parents?form=inferred", 200, "9632001"},
		{"ancestors", "/browser/MAIN/concepts/385805005/ancestors?form=inferred", 200, "9632001"},
		{"a whole concept", "/browser/MAIN/concepts/225964003", 200, "acceptabilityMap"},
		{"a concept in short", "/MAIN/concepts/225964003", 200, `"definitionStatus":"PRIMITIVE"`},
		{"an unknown concept", "/MAIN/concepts/99999999", 404, "not found"},
		{"an unknown branch", "/MAIN/SNOMEDCT-XX/concepts", 404, "does not exist"},
		{"a branch with an encoded slash", "/MAIN%2FSNOMEDCT-BE/concepts?limit=1", 200, `"limit":1`},
		{"a release branch", "/MAIN/SNOMEDCT-BE/2026-09-15/concepts?limit=1", 200, `"limit":1`},
		{"members", "/MAIN/members?referenceSet=900000000000527005", 200, `"total":0`},
		{"code systems", "/codesystems", 200, "SNOMEDCT-BE"},
		{"versions", "/codesystems/SNOMEDCT-BE/versions", 200, "2026-09-15"},
		{"branches", "/branches", 200, "MAIN"},
		{"version", "/version", 200, "version"},
		{"multi-search", "/multisearch/descriptions?term=hygiene", 200, "items"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := s.get(tc.path)
			if a.status != tc.status || !strings.Contains(a.raw, tc.want) {
				t.Errorf("got %d %s, want %d with %q", a.status, a.raw, tc.status, tc.want)
			}
		})
	}
}

func TestSnowstormPathsSpeakTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-native": "true"})
	a := s.get("/MAIN/concepts/225964003", "Accept-Language", "nl-X-31000172101,nl;q=0.9,en")
	if !strings.Contains(a.raw, "hulp bij persoonlijke hygiëne") {
		t.Errorf("got %s", a.raw)
	}
}

func TestSnowstormPathsAreOffUnlessSwitchedOn(t *testing.T) {
	t.Parallel()
	if a := newServer(t, nil).get("/MAIN/concepts"); a.status != http.StatusNotFound || !strings.Contains(a.raw, "switched off") {
		t.Errorf("got %d %s", a.status, a.raw)
	}
}

func TestPagingBySearchAfter(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-native": "true"})
	one := s.get("/MAIN/concepts?ecl=%3C%20385805005&limit=3")
	after := text(one.body["searchAfter"])
	if after == "" {
		t.Fatalf("no searchAfter in %s", one.raw)
	}
	two := s.get("/MAIN/concepts?ecl=%3C%20385805005&limit=3&searchAfter=" + after)
	if list, _ := two.body["items"].([]any); len(list) != 1 {
		t.Errorf("got %s", two.raw)
	}
	post := s.do(http.MethodPost, "/MAIN/concepts/search", tx.Object{"eclFilter": "< 385805005", "limit": 2})
	if list, _ := post.body["items"].([]any); len(list) != 2 {
		t.Errorf("POST: got %s", post.raw)
	}
}

func TestSyndication(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-syndication-secret": "s3cret"})
	if a := s.get("/syndication/status?runningOnly=false"); a.status != 200 || !strings.Contains(a.raw, "COMPLETED") {
		t.Errorf("status: got %d %s", a.status, a.raw)
	}
	if a := s.do(http.MethodPut, "/syndication/import", tx.Object{"terminologyName": "snomed", "syndicationSecret": "wrong"}); a.status != http.StatusForbidden {
		t.Errorf("a wrong secret: got %d %s", a.status, a.raw)
	}
	if a := s.do(http.MethodPut, "/syndication/import", tx.Object{"terminologyName": "snomed", "syndicationSecret": "s3cret"}); a.status != http.StatusBadRequest || !strings.Contains(a.raw, "tx-rf2") {
		t.Errorf("nothing to import: got %d %s", a.status, a.raw)
	}
}
