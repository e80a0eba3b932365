package mocks_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

// imaging returns a radiology prescription that quotes a PSS number.
func imaging(t *testing.T, sb *mockstest.Server, number string) string {
	t.Helper()
	doc := map[string]any{}
	decode(t, get(t, sb, "/_sandbox/uhmep/sample?template=diagnostic-imaging-appendix-82").body, &doc)
	ext, _ := doc["extension"].([]any)
	ext = slices.DeleteFunc(ext, func(e any) bool { // the sample quotes a number of its own
		url, _ := e.(map[string]any)["url"].(string)
		return strings.HasSuffix(url, "/be-ext-pss-info")
	})
	doc["extension"] = append(ext, map[string]any{"url": "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-pss-info",
		"valueIdentifier": map[string]any{"system": "https://www.ehealth.fgov.be/standards/fhir/pss/NamingSystem/pss-id", "value": number}})
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestAnImagingPrescriptionKeepsTheAdviceItQuotes(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	token := sb.Token(t, mockstest.TokenRequest{ClientID: "nihdi-uhmep-hcp", Persona: "dr-peeters", ExchangeTo: "nihdi-uhmep-fhir-hcp"})
	post := func(path, body string) answer {
		header := uhmepHeaders(token)
		header["Content-Type"] = "application/json"
		return send(t, sb, req{method: http.MethodPost, path: path, header: header, body: body})
	}
	advice := post("/frontend/api/pss/radiology/control", `{"age":72,"gender":"F","intention":{"value":"114055","label":{"nl":"x","fr":"x","de":"x"}},"indications":[{"value":"5000246","label":{"nl":"x","fr":"x","de":"x"}}]}`)
	if advice.status != 200 {
		t.Fatalf("advice: %d %s", advice.status, advice.body)
	}
	got := struct{ ExchangeID string }{}
	decode(t, advice.body, &got)

	made := post("/uhmep/v1/ServiceRequest", imaging(t, sb, got.ExchangeID))
	if made.status != 201 || !strings.Contains(made.body, got.ExchangeID) {
		t.Fatalf("create: %d %.600s", made.status, made.body)
	}
	for _, e := range sb.Journal(t, map[string][]string{"service": {"uhmep"}}) {
		for _, w := range e.Warnings {
			if strings.HasPrefix(w.Rule, "pss") {
				t.Errorf("warned although the advice is known: %v", w)
			}
		}
	}
	opened := send(t, sb, req{method: http.MethodGet, path: "/frontend/api/pss/radiology/control/" + got.ExchangeID, header: uhmepHeaders(token)})
	if opened.body != advice.body {
		t.Errorf("opened later the advice is another:\n%s\n%s", opened.body, advice.body)
	}

	if a := post("/uhmep/v1/ServiceRequest", imaging(t, sb, "unknown-number")); a.status != 201 {
		t.Errorf("an unknown number, lenient: %d %.300s", a.status, a.body)
	}
	if n := len(sb.Journal(t, map[string][]string{"rule": {"pss-link"}})); n != 1 {
		t.Errorf("%d journal entries about the unknown number, want one", n)
	}
	control(t, sb, http.MethodPut, "/settings", `{"pss-link":"strict"}`)
	if a := post("/uhmep/v1/ServiceRequest", imaging(t, sb, "unknown-number")); a.status != 422 {
		t.Errorf("an unknown number, strict: %d %.300s", a.status, a.body)
	}
	if a := post("/uhmep/v1/ServiceRequest", imaging(t, sb, got.ExchangeID)); a.status != 201 {
		t.Errorf("a known number, strict: %d %.300s", a.status, a.body)
	}
}
