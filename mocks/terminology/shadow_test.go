package terminology

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// lastEntry is the journal's entry of the newest request.
func (s *server) lastEntry() *journal.Entry {
	s.t.Helper()
	list := s.tenant.Journal.Entries(journal.Filter{})
	if len(list) == 0 {
		s.t.Fatal("the journal is empty")
	}
	return slices.MaxFunc(list, func(a, b *journal.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
}

// shadowText is the text of the warning tx-shadow of the newest request.
func (s *server) shadowText() string {
	s.t.Helper()
	for _, w := range s.lastEntry().Warnings {
		if w.Rule == "tx-shadow" {
			return w.Text
		}
	}
	return ""
}

func TestTheJournalTellsWhatAWriteShadows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, version string
		warning       string
		newest, exact string // display of the code without version, and in the built-in version 1.0.0
	}{
		{"the version that is built in", "1.0.0", "the resource hides the built-in " + careTypes, "Ours", "Ours"},
		{"a higher version", "1.10", "the resource hides the built-in " + careTypes + " when no version is asked for; as version 1.0.0 it still answers", "Ours", "Hygienic care"},
		{"a lower version", "0.9", "the built-in " + careTypes + " still answers as version 1.0.0, also when no version is asked for", "Hygienic care", "Hygienic care"},
		{"no version", "", "the built-in " + careTypes + " still answers as version 1.0.0, also when no version is asked for", "Hygienic care", "Hygienic care"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, nil)
			o := tx.Object{"resourceType": "CodeSystem", "url": careTypes, "status": "active", "content": "complete", "concept": []any{tx.Object{"code": "hygienic-care", "display": "Ours"}}}
			if tc.version != "" {
				o["version"] = tc.version
			}
			if a := s.do(http.MethodPut, "/fhir/CodeSystem/ours", o); a.status != http.StatusCreated {
				t.Fatalf("got %d %s", a.status, a.raw)
			}
			if got := s.shadowText(); !strings.HasPrefix(got, tc.warning) {
				t.Errorf("warning: got %q, want %q", got, tc.warning)
			}
			lookup := "/fhir/CodeSystem/$lookup?code=hygienic-care&system=" + careTypes
			if a := s.get(lookup); a.param("display") != tc.newest {
				t.Errorf("without version: got %v, want %s", a.param("display"), tc.newest)
			}
			if a := s.get(lookup + "&version=1.0.0"); a.param("display") != tc.exact {
				t.Errorf("version 1.0.0: got %v, want %s", a.param("display"), tc.exact)
			}
		})
	}
}

func TestTheJournalTellsWhatASecondWriteShadows(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	write := func(id, version, content string) string {
		s.t.Helper()
		o := tx.Object{"resourceType": "CodeSystem", "url": careTypes, "version": version, "status": "active", "content": content, "concept": []any{tx.Object{"code": "hygienic-care", "display": "Ours"}}}
		if content == "supplement" {
			o["supplements"] = careTypes
		}
		if a := s.do(http.MethodPut, "/fhir/CodeSystem/"+id, o); a.status >= 300 {
			t.Fatalf("got %d %s", a.status, a.raw)
		}
		return s.shadowText()
	}
	if got := write("supplement", "3", "supplement"); !strings.Contains(got, "also when no version is asked for") {
		t.Errorf("a supplement takes no place: got %q", got)
	}
	if got := write("high", "2", "complete"); !strings.Contains(got, "as version 1.0.0 it still answers") {
		t.Errorf("higher: got %q", got)
	}
	// The low version hides nothing itself, but the one written before does.
	if got := write("low", "0.5", "complete"); !strings.Contains(got, "as version 1.0.0 it still answers") {
		t.Errorf("lower, after higher: got %q", got)
	}
}

func TestTheJournalTellsAboutImplicitMapsAndReleases(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-rf2": synthetic(t)})
	const fhirMap = "http://snomed.info/sct?fhir_cm=900000000000527005"
	for _, tc := range []struct {
		name, path string
		o          tx.Object
		want       string
	}{
		{"an implicit map", "/fhir/ConceptMap/x", tx.Object{"resourceType": "ConceptMap", "url": fhirMap, "status": "active"}, "still answers $translate that names it"},
		{"another release", "/fhir/CodeSystem/x", tx.Object{"resourceType": "CodeSystem", "url": "http://snomed.info/sct", "version": "http://snomed.info/sct/11000172109/version/20200101",
			"status": "active", "content": "complete"}, "still answers as version http://snomed.info/sct/11000172109/version/20260915"},
		{"the same release", "/fhir/CodeSystem/x", tx.Object{"resourceType": "CodeSystem", "url": "http://snomed.info/sct", "version": "http://snomed.info/sct/11000172109/version/20260915",
			"status": "active", "content": "complete"}, "the resource hides the built-in http://snomed.info/sct"},
		{"what is not built in", "/fhir/CodeSystem/y", animals(), ""},
	} {
		a := s.do(http.MethodPut, tc.path, tc.o)
		if got := s.shadowText(); a.status >= 300 || !strings.Contains(got, tc.want) || tc.want == "" && got != "" {
			t.Errorf("%s: got %d and %q, want %q", tc.name, a.status, got, tc.want)
		}
	}
}
