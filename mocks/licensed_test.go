package mocks_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/bench/rf2gen"
	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

// TestNoWayToReadTheJournalTellsTermsOfARelease asks for a term and looks for it in the list, the entry and the wait.
func TestNoWayToReadTheJournalTellsTermsOfARelease(t *testing.T) {
	t.Parallel()
	zip := filepath.Join(t.TempDir(), "release.zip")
	if err := rf2gen.Zip(zip, rf2gen.Options{Concepts: 1000, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	sb := mockstest.New(t, mockstest.WithSetting("tx-rf2", zip))
	a := get(t, sb, "/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=404684003&property=inactive")
	_, rest, _ := strings.Cut(a.body, `"name":"display","valueString":"`)
	term, _, found := strings.Cut(rest, `"`)
	if a.status != 200 || !found || term == "" {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	id := a.header.Get("X-Sandbox-Trace")
	for _, path := range []string{"/_sandbox/journal?service=terminology", "/_sandbox/journal/" + id, "/_sandbox/journal/wait?service=terminology&timeout=1s"} {
		e := get(t, sb, path)
		if e.status != 200 || !strings.Contains(e.body, "404684003") || strings.Contains(e.body, term) {
			t.Errorf("%s: got %d; the code is there: %v, the term %q is there: %v", path, e.status, strings.Contains(e.body, "404684003"), term, strings.Contains(e.body, term))
		}
		if !json.Valid([]byte(e.body)) {
			t.Errorf("%s is no JSON", path)
		}
	}
}
