package terminology

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/bench/rf2gen"
)

func TestInactiveDescriptionsOfARelease(t *testing.T) {
	t.Parallel()
	zip := filepath.Join(t.TempDir(), "release.zip")
	if err := rf2gen.Zip(zip, rf2gen.Options{Concepts: 1500, Seed: 5, Inactive: 20}); err != nil {
		t.Fatal(err)
	}
	keep := newServer(t, map[string]string{"tx-rf2": zip})
	e := keep.service.editions[0]
	root, _ := e.Concept(138875005)
	term := e.RetiredDescriptions(root)[0].Term
	validate := "/fhir/CodeSystem/$validate-code?url=http://snomed.info/sct&code=138875005&display=" + url.QueryEscape(term)
	filter := "/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs=ecl/" + url.QueryEscape(`138875005 {{ D active = 0, term = exact:"`+term+`" }}`)
	if a := keep.get(validate); a.param("result") != false || !strings.Contains(a.raw, "no longer considered") || !strings.Contains(a.raw, "display-comment") {
		t.Errorf("the display of a wrong day: got %s", a.raw)
	}
	if a := keep.get(validate + "&lenient-display-validation=true"); a.param("result") != true || a.param("message") != nil || !strings.Contains(a.raw, "no longer considered") {
		t.Errorf("leniently: got %s", a.raw)
	}
	if a := keep.get(filter); a.status != http.StatusOK || len(a.codes()) != 1 {
		t.Errorf("filter: got %s", a.raw)
	}
	for _, path := range []string{
		"/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=138875005&property=*",
		"/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs=ecl/138875005&includeDesignations=true",
	} {
		if a := keep.get(path); a.status != http.StatusOK || strings.Contains(a.raw, term) {
			t.Errorf("%s: got %s", path, a.raw)
		}
	}

	// The other setting is another index file: the release is imported again.
	drop := newServer(t, map[string]string{"tx-rf2": zip, "tx-rf2-inactive-descriptions": "false"})
	if drop.service.editions[0].source == e.source {
		t.Error("the index file of the other setting was used")
	}
	if a := drop.get(validate); a.param("result") != false || !strings.Contains(a.raw, "invalid-display") {
		t.Errorf("not kept: got %s", a.raw)
	}
	if a := drop.get(filter); a.status != http.StatusUnprocessableEntity || firstIssue(a)["code"] != "not-supported" {
		t.Errorf("filter of what is not kept: got %d %s", a.status, a.raw)
	}
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	if code := ImportCommand(context.Background(), []string{"-q", "-inactive-descriptions=false", "-o", out, zip}, &stdout, &stderr); code != 0 {
		t.Fatalf("got %d: %s", code, stderr.String())
	}
	if want := filepath.Base(drop.service.editions[0].source); !strings.Contains(stdout.String(), want) {
		t.Errorf("the command names the file otherwise than the server: %s, want %s", stdout.String(), want)
	}
}
