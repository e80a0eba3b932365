package terminology

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
)

func TestTheJournalNamesTermsThatAreNotTheirConcepts(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	for expression, want := range map[string]any{
		"<< 22253000 |Pain| OR 385805005 |Something else|": []string{"385805005 |Something else|"},
		"<< 22253000 |PAIN|": nil, // case does not count
		"<< 22253000":        nil,
	} {
		for _, time := range []string{"first", "second"} { // the second time the result is cached
			a := s.get("/fhir/ValueSet/$expand?url=" + url.QueryEscape("http://snomed.info/sct?fhir_vs=ecl/"+expression))
			if a.status != http.StatusOK {
				t.Fatalf("%s: got %d %s", expression, a.status, a.raw)
			}
			got, given := s.lastEntry().Notes["ecl-terms"]
			list, _ := got.([]string)
			if wanted, _ := want.([]string); !slices.Equal(list, wanted) || given != (want != nil) {
				t.Errorf("%s, %s time: got %v, want %v", expression, time, got, want)
			}
		}
	}
}
