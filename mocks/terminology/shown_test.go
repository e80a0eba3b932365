package terminology

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
)

// TestTheJournalCutsTermsOfARelease: every word of the invented terms is gone from what the journal shows, the codes are not.
func TestTheJournalCutsTermsOfARelease(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-rf2": synthetic(t), "tx-native": "true"})
	term, _ := s.get("/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=404684003&displayLanguage=nl-BE").param("display").(string)
	words := regexp.MustCompile(`\p{L}{4,}`).FindAllString(term, -1)
	if len(words) == 0 {
		t.Fatalf("no words in %q", term)
	}
	for _, path := range []string{
		"/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=404684003&property=*&displayLanguage=nl-BE",
		"/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs=isa/404684003&count=3&includeDesignations=true&displayLanguage=nl-BE",
		"/fhir/CodeSystem/$validate-code?url=http://snomed.info/sct&code=404684003&display=zz",
		"/browser/MAIN/concepts/404684003",
		"/browser/MAIN/descriptions?term=" + url.QueryEscape(words[0]),
	} {
		a := s.get(path)
		if a.status != http.StatusOK || !strings.Contains(a.raw, "404684003") && !strings.Contains(path, "descriptions") {
			t.Fatalf("%s: got %d %s", path, a.status, a.raw)
		}
		e := &journal.Entry{Service: "terminology"}
		e.Response.SetBody([]byte(a.raw))
		got := s.service.Shown(e).Response.Body
		for _, w := range words {
			if strings.Contains(got, w) {
				t.Errorf("%s: %q is shown: %s", path, w, got)
			}
		}
		if strings.Contains(a.raw, "404684003") && !strings.Contains(got, "404684003") {
			t.Errorf("%s: the code is gone: %s", path, got)
		}
		if e.Response.Body != a.raw {
			t.Errorf("%s: the entry itself was changed", path)
		}
	}
}

func TestTheJournalShowsTheFragmentWhole(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	e := &journal.Entry{Service: "terminology"}
	e.Response.SetBody([]byte(`{"display":"hand"}`))
	if got := s.service.Shown(e).Response.Body; got != `{"display":"hand"}` {
		t.Errorf("got %s", got)
	}
}
