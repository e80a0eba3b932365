package terminology

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

func TestASystemThatIsNoAbsoluteReferenceIsAVerdictNotABug(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	for _, q := range []string{"url=foo&code=x", "coding=foo%7Cx"} {
		a := s.get("/fhir/CodeSystem/$validate-code?" + q)
		if a.status != 200 || a.param("result") != false || !strings.Contains(a.raw, "must be an absolute reference") {
			t.Errorf("%s: got %d %s", q, a.status, a.raw)
		}
	}
	one := parameters("url", "Uri", "foo", "code", "Code", "x")
	two := parameters("url", "Uri", careTypes, "code", "Code", "none")
	a := s.do(http.MethodPost, "/fhir/CodeSystem/$batch-validate-code", tx.Object{"resourceType": "Parameters", "parameter": []any{
		tx.Object{"name": "validation", "resource": one}, tx.Object{"name": "validation", "resource": two}}})
	if list, _ := a.body["parameter"].([]any); a.status != 200 || len(list) != 2 {
		t.Errorf("a batch: got %d %s", a.status, a.raw)
	}
}

func TestASystemMayCarryItsVersion(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	const code = "22253000"
	version := s.service.editions[0].System
	path := "/fhir/ValueSet/$validate-code?url=http://snomed.info/sct?fhir_vs&code=" + code + "&system=http://snomed.info/sct"
	if a := s.get(path + "%7C" + version); a.param("result") != true || a.param("system") != "http://snomed.info/sct" {
		t.Errorf("code: got %s", a.raw)
	}
	coding := tx.Object{"system": "http://snomed.info/sct|" + version, "code": code}
	if a := s.do(http.MethodPost, "/fhir/ValueSet/$validate-code", parameters("url", "Uri", "http://snomed.info/sct?fhir_vs", "coding", "Coding", coding)); a.param("result") != true {
		t.Errorf("coding: got %s", a.raw)
	}
	if a := s.do(http.MethodPost, "/fhir/CodeSystem/$subsumes", parameters("codingA", "Coding", coding, "codingB", "Coding", tx.Object{"system": "http://snomed.info/sct", "code": code})); a.param("outcome") != "equivalent" {
		t.Errorf("subsumes: got %s", a.raw)
	}
}

func TestALookupAlwaysHasAName(t *testing.T) {
	t.Parallel()
	system := tx.Object{"resourceType": "CodeSystem", "url": "urn:nameless", "status": "active", "content": "complete", "concept": []any{tx.Object{"code": "a"}}}
	a := newServer(t, nil).do(http.MethodPost, "/fhir/CodeSystem/$lookup", parameters("system", "Uri", "urn:nameless", "code", "Code", "a", "tx-resource", "resource", system))
	if a.param("name") != "urn:nameless" {
		t.Errorf("got %s", a.raw)
	}
}

func TestARequestOutOfTimeMayBeSentAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	late, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	_, p := s.service.editions[0].system.Filter(late, "display", "regex", ".*")
	if p == nil || p.Status != http.StatusServiceUnavailable {
		t.Fatalf("a filter runs on: %v", p)
	}
	f := refuse(p)
	if got := dialect(nil, asRefusal(t, f)).Header.Get("Retry-After"); got == "" {
		t.Error("a 503 without Retry-After")
	}
}

func asRefusal(t *testing.T, err error) *respond.Refusal {
	t.Helper()
	var f *respond.Refusal
	if !errors.As(err, &f) {
		t.Fatalf("got %T", err)
	}
	return f
}
