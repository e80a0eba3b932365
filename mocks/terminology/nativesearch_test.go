package terminology

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/bench/rf2gen"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// items lists a member of the items of an answer.
func items(a answer, member string) []string {
	var out []string
	list, _ := a.body["items"].([]any)
	for _, x := range list {
		o, _ := x.(tx.Object)
		out = append(out, text(o[member]))
	}
	return out
}

func TestDescriptionsAreThoseOfTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-native": "true"})
	for query, want := range map[string]string{
		"term=hygiene&language=nl":             "nl",
		"term=hygiene&language=fr":             "fr",
		"term=hygiene&language=en":             "en",
		"term=hygiene&language=nl,fr":          "nl fr",
		"term=22253000&language=fr":            "fr", // by its identifier
		"term=hygiene&language=nl&language=fr": "nl fr",
	} {
		a := s.get("/browser/MAIN/descriptions?" + query)
		got := items(a, "languageCode")
		if len(got) == 0 {
			t.Errorf("%s: got %s", query, a.raw)
		}
		for _, l := range got {
			if !strings.Contains(want, l) {
				t.Errorf("%s: got a term in %s: %s", query, l, a.raw)
			}
		}
		if total, _ := a.body["total"].(interface{ Int64() (int64, error) }).Int64(); int(total) != len(got) {
			t.Errorf("%s: total %d, %d items", query, total, len(got))
		}
	}
	// English and Dutch both match; the Dutch term is found although the English one is the better match.
	a := s.get("/browser/MAIN/descriptions?term=hygiene&language=nl")
	if !strings.Contains(strings.Join(items(a, "term"), " "), "hulp bij persoonlijke hygiëne") {
		t.Errorf("got %s", a.raw)
	}
	if a := s.get("/browser/MAIN/descriptions?term=hygiene&language=sv"); a.status != http.StatusOK || len(items(a, "term")) != 0 || !strings.Contains(a.raw, `"total":0`) {
		t.Errorf("a language without terms: got %s", a.raw)
	}
}

func TestInactiveDescriptionsAreSearchedApart(t *testing.T) {
	t.Parallel()
	zip := filepath.Join(t.TempDir(), "release.zip")
	if err := rf2gen.Zip(zip, rf2gen.Options{Concepts: 1500, Seed: 5, Inactive: 20}); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, map[string]string{"tx-rf2": zip, "tx-native": "true"})
	e := s.service.editions[0]
	root, _ := e.Concept(snomed.Root)
	d := e.RetiredDescriptions(root)[0]
	path := "/browser/MAIN/descriptions?limit=100&term=" + url.QueryEscape(d.Term)
	a := s.get(path + "&active=false&language=" + d.Language)
	list, _ := a.body["items"].([]any)
	for _, x := range list {
		if x.(tx.Object)["active"] != false {
			t.Errorf("an active description: %v", x)
		}
	}
	if got := items(a, "term"); len(got) == 0 || got[0] != d.Term {
		t.Errorf("got %s, want %q", a.raw, d.Term)
	}
	for _, query := range []string{"&active=true", ""} {
		a := s.get(path + query)
		list, _ := a.body["items"].([]any)
		for _, x := range list {
			if o := x.(tx.Object); o["active"] != true || o["term"] == d.Term {
				t.Errorf("%q: got the inactive description %v", query, o)
			}
		}
	}
	if a := s.get(path + "&active=false&conceptActive=false"); len(items(a, "term")) != 0 {
		t.Errorf("of inactive concepts: got %s", a.raw)
	}
	other := map[string]string{"en": "nl", "nl": "fr", "fr": "en"}[d.Language]
	if a := s.get(path + "&active=false&language=" + other); strings.Contains(strings.Join(items(a, "term"), "\n"), d.Term) {
		t.Errorf("in %s: got %s", other, a.raw)
	}
	drop := newServer(t, map[string]string{"tx-rf2": zip, "tx-native": "true", "tx-rf2-inactive-descriptions": "false"})
	if a := drop.get(path + "&active=false"); a.status != http.StatusBadRequest || !strings.Contains(a.raw, "tx-rf2-inactive-descriptions") {
		t.Errorf("not kept: got %d %s", a.status, a.raw)
	}
}

func TestSnowstormPathsRefuseWhatTheyDoNotDo(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-native": "true"})
	for _, tc := range []struct {
		name, path string
		body       any
		want       string
	}{
		{"a regular expression", "/browser/MAIN/descriptions?term=hyg.*&searchMode=REGEX", nil, "STANDARD"},
		{"whole words", "/browser/MAIN/descriptions?term=hygiene&searchMode=WHOLE_WORD", nil, "STANDARD"},
		{"a flag that is none", "/MAIN/concepts?activeFilter=abc", nil, "activeFilter must be true or false"},
		{"a flag that is none in a body", "/MAIN/concepts/search", tx.Object{"activeFilter": "abc"}, "activeFilter must be true or false"},
		{"ids only, perhaps", "/MAIN/concepts?returnIdOnly=perhaps", nil, "returnIdOnly"},
		{"active descriptions, perhaps", "/browser/MAIN/descriptions?term=hygiene&active=perhaps", nil, "active must"},
		{"active concepts, perhaps", "/browser/MAIN/descriptions?term=hygiene&conceptActive=perhaps", nil, "conceptActive must"},
		{"inactive descriptions of a release without", "/browser/MAIN/descriptions?term=hygiene&active=false", nil, "inactive descriptions"},
		{"inactive terms of concepts", "/MAIN/concepts?term=hygiene&termActive=false", nil, "termActive"},
		{"inactive members", "/MAIN/members?referenceSet=900000000000527005&active=false", nil, "inactive members"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			method := http.MethodGet
			if tc.body != nil {
				method = http.MethodPost
			}
			if a := s.do(method, tc.path, tc.body); a.status != http.StatusBadRequest || !strings.Contains(a.raw, tc.want) {
				t.Errorf("got %d %s, want 400 with %q", a.status, a.raw, tc.want)
			}
		})
	}
	if a := s.get("/browser/MAIN/descriptions?term=hygiene&searchMode=STANDARD&active=true"); a.status != http.StatusOK || len(items(a, "term")) == 0 {
		t.Errorf("the standard search: got %d %s", a.status, a.raw)
	}
	if a := s.do(http.MethodPost, "/MAIN/concepts/search", tx.Object{"activeFilter": false, "termActive": nil}); a.status != http.StatusOK || !strings.Contains(a.raw, `"total":0`) {
		t.Errorf("inactive concepts by POST: got %d %s", a.status, a.raw)
	}
}

func TestBranchesAreThoseOfTheCodeSystems(t *testing.T) {
	t.Parallel()
	zip := filepath.Join(t.TempDir(), "release.zip")
	if err := rf2gen.Zip(zip, rf2gen.Options{Concepts: 1000, Seed: 5, Date: "20250315"}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		set      map[string]string
		branches string
	}{
		"the fragment": {map[string]string{}, "MAIN MAIN/SNOMEDCT-BE MAIN/SNOMEDCT-BE/2026-09-15"},
		"two releases": {map[string]string{"tx-rf2": synthetic(t) + "," + zip}, "MAIN MAIN/SNOMEDCT-BE MAIN/SNOMEDCT-BE/2025-03-15 MAIN/SNOMEDCT-BE/2026-09-15"},
		"one release":  {map[string]string{"tx-rf2": zip}, "MAIN MAIN/SNOMEDCT-BE MAIN/SNOMEDCT-BE/2025-03-15"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.set["tx-native"] = "true"
			s := newServer(t, tc.set)
			a := s.get("/branches")
			list, err := tx.DecodeObject([]byte(`{"items":` + a.raw + `}`))
			if err != nil {
				t.Fatal(err)
			}
			got := items(answer{body: list}, "path")
			if strings.Join(got, " ") != tc.branches {
				t.Errorf("got %v, want %s", got, tc.branches)
			}
			for _, p := range append(items(s.get("/codesystems"), "branchPath"), items(s.get("/codesystems/SNOMEDCT-BE/versions"), "branchPath")...) {
				if !strings.Contains(tc.branches+" ", p+" ") {
					t.Errorf("no branch %s in %v", p, got)
				}
			}
			for _, p := range got {
				if a := s.get("/" + p + "/concepts?limit=1"); a.status != http.StatusOK {
					t.Errorf("%s: got %d", p, a.status)
				}
			}
		})
	}
}
