package terminology

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

func TestEveryMemberOfABatchValidationIsAnsweredInOrder(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	code := func(c string) tx.Object { return parameters("code", "Code", c) }
	a := s.do(http.MethodPost, "/fhir/CodeSystem/$batch-validate-code", parameters("url", "Uri", careTypes,
		"validation", "String", "hygienic-care", "validation", "resource", code("hygienic-care"), "validation", "resource", tx.Object{"resourceType": "Bundle"},
		"validation", "Boolean", true, "validation", "resource", code("none")))
	list, _ := a.body["parameter"].([]any)
	var got []string
	for _, x := range list {
		res, _ := x.(tx.Object)["resource"].(tx.Object)
		one := answer{body: res}
		switch {
		case res["resourceType"] == "OperationOutcome":
			got = append(got, text(firstIssue(one)["code"]))
		case one.param("result") == true:
			got = append(got, "true")
		default:
			got = append(got, "false")
		}
	}
	if strings.Join(got, " ") != "invalid true invalid invalid false" {
		t.Errorf("got %v: %s", got, a.raw)
	}
	if !strings.Contains(a.raw, "validation 4 holds no Parameters resource") {
		t.Errorf("the outcome does not say which member it is about: %s", a.raw)
	}
}

func TestLimitsOfBatches(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	validations := func(n int) tx.Object {
		var list []any
		for range n {
			list = append(list, "validation", "Boolean", true) // refused one by one, which is fast
		}
		return parameters(list...)
	}
	bundle := func(entry any) tx.Object { return tx.Object{"resourceType": "Bundle", "type": "batch", "entry": entry} }
	entries := func(n int) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = tx.Object{}
		}
		return out
	}
	for _, tc := range []struct {
		name, path string
		body       tx.Object
		status     int
		code       string
	}{
		{"as many validations as are allowed", "/fhir/ValueSet/$batch-validate-code", validations(maxBatch), 200, ""},
		{"one validation too many", "/fhir/ValueSet/$batch-validate-code", validations(maxBatch + 1), 413, "too-costly"},
		{"no validation", "/fhir/ValueSet/$batch-validate-code", parameters("url", "Uri", careTypes), 400, "required"},
		{"as many entries as are allowed", "/fhir", bundle(entries(maxBatch)), 200, ""},
		{"one entry too many", "/fhir", bundle(entries(maxBatch + 1)), 413, "too-costly"},
		{"entries that are no list", "/fhir", bundle(tx.Object{}), 400, "invalid"},
		{"entries that are a word", "/fhir", bundle("all"), 400, "invalid"},
		{"no entries", "/fhir", tx.Object{"resourceType": "Bundle", "type": "batch"}, 200, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := s.do(http.MethodPost, tc.path, tc.body)
			if a.status != tc.status || text(firstIssue(a)["code"]) != tc.code {
				t.Errorf("got %d %.300s, want %d %s", a.status, a.raw, tc.status, tc.code)
			}
		})
	}
}
