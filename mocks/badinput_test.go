package mocks_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

// deep is JSON nested n levels.
func deep(n int) string { return strings.Repeat(`{"a":[`, n) + strings.Repeat(`]}`, n) }

// TestBadInputIsRefusedInTheServicesDialect sends bad input to every stop of
// the journey: the answer is a clear error in the service's own dialect, the
// journal knows why, and nothing is stored.
func TestBadInputIsRefusedInTheServicesDialect(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	initial := sb.Token(t, mockstest.TokenRequest{})
	exchanged := sb.Token(t, mockstest.TokenRequest{ClientID: "nihdi-uhmep-hcp", Persona: "dr-peeters", ExchangeTo: "nihdi-uhmep-fhir-hcp"})
	huge := strings.Repeat("x", 10<<20)
	fhir := "application/fhir+json"

	const (
		oauth   = `"error":`
		problem = "application/problem+json"
		outcome = `"resourceType":"OperationOutcome"`
	)
	for _, tc := range []struct {
		name, method, path, token, typ, body string
		want                                 int
		dialect                              string // in the body, or the content type
	}{
		{"token: no form", "POST", "/auth/realms/healthcare/protocol/openid-connect/token", "", "application/json", `{}`, 415, oauth},
		{"token: broken form", "POST", "/auth/realms/healthcare/protocol/openid-connect/token", "", "application/x-www-form-urlencoded", "grant_type=%zz", 400, oauth},
		{"token: huge body", "POST", "/auth/realms/healthcare/protocol/openid-connect/token", "", "application/x-www-form-urlencoded", "a=" + huge, 413, oauth},
		{"token: unknown grant", "POST", "/auth/realms/healthcare/protocol/openid-connect/token", "", "application/x-www-form-urlencoded", "grant_type=magic&client_id=x", 400, oauth},
		{"auth: unknown client", "GET", "/auth/realms/healthcare/protocol/openid-connect/auth?client_id=nobody", "", "", "", 400, "Client not found"},
		{"realm: unknown", "GET", "/auth/realms/nope", "", "", "", 404, oauth},

		{"pseudo: broken JSON", "POST", "/pseudo/v1/domains/uhmep_v1/pseudonymize", initial, "application/json", `{"id":`, 400, problem},
		{"pseudo: wrong content type", "POST", "/pseudo/v1/domains/uhmep_v1/pseudonymize", initial, "text/plain", `{}`, 415, problem},
		{"pseudo: no token", "POST", "/pseudo/v1/domains/uhmep_v1/pseudonymize", "", "application/json", `{}`, 401, problem},
		{"pseudo: exchanged token", "POST", "/pseudo/v1/domains/uhmep_v1/pseudonymize", exchanged, "application/json", `{}`, 403, problem},
		{"pseudo: garbage token", "POST", "/pseudo/v1/domains/uhmep_v1/pseudonymize", "a.b.c", "application/json", `{}`, 401, problem},
		{"pseudo: point off the curve", "POST", "/pseudo/v1/domains/uhmep_v1/pseudonymize", initial, "application/json", `{"id":"1","crv":"P-521","x":"AQ==","y":"AQ=="}`, 400, problem},
		{"pseudo: huge body", "POST", "/pseudo/v1/domains/uhmep_v1/pseudonymize", initial, "application/json", huge, 413, problem},
		{"pseudo: deep nesting", "POST", "/pseudo/v1/domains/uhmep_v1/pseudonymize", initial, "application/json", deep(5000), 400, problem},
		{"pseudo: unknown domain", "GET", "/pseudo/v1/domains/nope", initial, "", "", 404, problem},

		{"uhmep: broken JSON", "POST", "/uhmep/v1/ServiceRequest", exchanged, fhir, `{"resourceType":`, 400, outcome},
		{"uhmep: wrong content type", "POST", "/uhmep/v1/ServiceRequest", exchanged, "text/plain", `{}`, 415, outcome},
		{"uhmep: no token", "POST", "/uhmep/v1/ServiceRequest", "", fhir, `{}`, 401, outcome},
		{"uhmep: initial token", "POST", "/uhmep/v1/ServiceRequest", initial, fhir, `{}`, 401, outcome},
		{"uhmep: empty object", "POST", "/uhmep/v1/ServiceRequest", exchanged, fhir, `{}`, 400, outcome},
		{"uhmep: huge body", "POST", "/uhmep/v1/ServiceRequest", exchanged, fhir, huge, 413, outcome},
		{"uhmep: deep nesting", "POST", "/uhmep/v1/ServiceRequest", exchanged, fhir, deep(5000), 400, outcome},
		{"uhmep: duplicate key", "POST", "/uhmep/v1/ServiceRequest", exchanged, fhir, `{"resourceType":"ServiceRequest","status":"active","status":"draft"}`, 400, outcome},
		{"uhmep: search without criteria", "POST", "/uhmep/v1/ServiceRequest/_search", exchanged, "application/x-www-form-urlencoded", "nonsense=1", 400, outcome},
		{"uhmep: too large a page", "POST", "/uhmep/v1/ServiceRequest/_search", exchanged, "application/x-www-form-urlencoded", "requester=PractitionerRole/71011599751-PHYSICIAN&_count=1000", 400, outcome},
		{"uhmep: other type", "GET", "/uhmep/v1/Patient/1", exchanged, "", "", 404, outcome},
		{"uhmep: other method", "PUT", "/uhmep/v1/ServiceRequest/1", exchanged, fhir, `{}`, 405, outcome},

		{"terminology: broken JSON", "POST", "/fhir/ValueSet/$expand", "", fhir, `{`, 400, outcome},
		{"terminology: unknown operation", "GET", "/fhir/CodeSystem/$nope", "", "", "", 404, outcome},
		{"terminology: lookup of nothing", "GET", "/fhir/CodeSystem/$lookup", "", "", "", 400, outcome},
		{"terminology: bad ECL", "GET", "/fhir/ValueSet/$expand?url=" + url.QueryEscape("http://snomed.info/sct?fhir_vs=ecl/<<("), "", "", "", 422, outcome},
		{"terminology: huge body", "POST", "/fhir/ValueSet/$expand", "", fhir, huge, 413, outcome},
		{"terminology: deep nesting", "POST", "/fhir/ValueSet/$expand", "", fhir, deep(5000), 400, outcome},

		{"pss: missing parameter", "GET", "/frontend/api/pss/radiology/procedures", exchanged, "", "", 400, `"code"`},
		{"pss: broken JSON", "POST", "/frontend/api/pss/radiology/control", exchanged, "application/json", `{`, 400, `"code"`},
		{"pss: no token", "GET", "/frontend/api/pss/radiology/procedures?intention=ct", "", "", "", 401, `"code"`},
		{"pss: huge body", "POST", "/frontend/api/pss/radiology/control", exchanged, "application/json", huge, 413, `"code"`},
		{"pss fhir: not a bundle", "POST", "/pss/v1/fhir/PlanDefinition/GetDiagnoses/$apply", exchanged, fhir, `{"resourceType":"Patient"}`, 400, outcome},

		{"keydepot: missing parameter", "GET", "/etee/v1/pubKeys/cacerts/jwks", "", "", "", 400, "message"},
		{"control: broken JSON", "PUT", "/_sandbox/clock", "", "application/json", `{`, 400, `"message"`},
		{"control: unknown call", "GET", "/_sandbox/nope", "", "", "", 404, `"message"`},
		{"control: wrong method", "DELETE", "/_sandbox/info", "", "", "", 405, `"message"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			header := uhmepHeaders(tc.token)
			if tc.token == "" {
				delete(header, "Authorization")
			}
			if tc.typ != "" {
				header["Content-Type"] = tc.typ
			}
			a := send(t, sb, req{method: tc.method, path: tc.path, header: header, body: tc.body})
			if a.status != tc.want {
				t.Errorf("status %d, want %d: %.300s", a.status, tc.want, a.body)
			}
			compact := strings.ReplaceAll(a.body, `": "`, `":"`)
			if !strings.Contains(compact, tc.dialect) && !strings.Contains(strings.ReplaceAll(compact, `": `, `":`), tc.dialect) && a.header.Get("Content-Type") != tc.dialect {
				t.Errorf("not in the service's dialect (%s): %s: %.300s", tc.dialect, a.header.Get("Content-Type"), a.body)
			}
			if strings.HasPrefix(tc.name, "control") {
				return
			}
			e := control(t, sb, http.MethodGet, "/journal/"+a.header.Get("X-Sandbox-Trace"), "")
			refusal, _ := e["refusal"].(map[string]any)
			if rule, _ := refusal["rule"].(string); rule == "" {
				t.Errorf("the journal does not say which rule refused: %v", refusal)
			}
		})
	}
}

func TestAFailedCreateStoresNothing(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	exchanged := sb.Token(t, mockstest.TokenRequest{ClientID: "nihdi-uhmep-hcp", Persona: "dr-peeters", ExchangeTo: "nihdi-uhmep-fhir-hcp"})
	count := func() float64 {
		header := uhmepHeaders(exchanged)
		header["Content-Type"] = "application/x-www-form-urlencoded"
		a := send(t, sb, req{method: "POST", path: "/uhmep/v1/ServiceRequest/_search", header: header, body: "requester=PractitionerRole/71011599751-PHYSICIAN&_count=1"})
		bundle := map[string]any{}
		decode(t, a.body, &bundle)
		total, ok := bundle["total"].(float64)
		if !ok {
			t.Fatalf("no total in %s", a.body)
		}
		return total
	}
	before := count()
	header := uhmepHeaders(exchanged)
	header["Content-Type"] = "application/fhir+json"
	for i := range 20 {
		send(t, sb, req{method: "POST", path: "/uhmep/v1/ServiceRequest", header: header, body: fmt.Sprintf(`{"resourceType":"ServiceRequest","status":"active","intent":"order","id":"%d"}`, i)})
	}
	if after := count(); after != before {
		t.Errorf("%v prescriptions, before the failed creates %v", after, before)
	}
}

func TestASeedMakesRunsRepeatByteForByte(t *testing.T) {
	t.Parallel()
	settings := []mockstest.Option{mockstest.WithSetting("seed", "7"), mockstest.WithSetting("clock", "2026-03-01T09:00:00Z"), mockstest.WithSetting("public-url", "http://sandbox.test")}
	walk := func() string {
		sb := mockstest.New(t, settings...)
		var out bytes.Buffer
		token := sb.Token(t, mockstest.TokenRequest{})
		exchanged := sb.Token(t, mockstest.TokenRequest{ClientID: "nihdi-uhmep-hcp", Persona: "dr-peeters", ExchangeTo: "nihdi-uhmep-fhir-hcp"})
		out.WriteString(token + "\n" + exchanged + "\n")
		search := uhmepHeaders(exchanged)
		search["Content-Type"] = "application/x-www-form-urlencoded"
		asJSON := map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"}
		for _, q := range []req{
			{method: "GET", path: "/auth/realms/healthcare/protocol/openid-connect/certs"},
			{method: "GET", path: "/pseudo/v1/domains/uhmep_v1", header: asJSON},
			{method: "POST", path: "/pseudo/v1/domains/uhmep_v1/pseudonymize", header: asJSON, body: `{"id":"1","crv":"P-521","x":"ANFUuq31wTw6haVOKmS91Te9oA9KV51FXMTz/+lH/yRzqNyUGpLErrITgIR7UrSQLOa7+DVRz6fHDz2F7M1TzxAD","y":"AdG6iMsGARPT4EOObyns/Tzpxzcg7/Ww2VpsI2T8dbLkRweXIJU0QTUN28Arv68EoOHq6AKtU0FKip8mPdTQp657"}`},
			{method: "POST", path: "/uhmep/v1/ServiceRequest/_search", header: search, body: "requester=PractitionerRole/71011599751-PHYSICIAN"},
		} {
			a := send(t, sb, q)
			fmt.Fprintf(&out, "%s %s %d %s %s\n%s\n", q.method, q.path, a.status, a.header.Get("X-Sandbox-Trace"), a.header.Get("Date"), a.body)
		}
		return out.String()
	}
	first, second := walk(), walk()
	if first != second {
		t.Errorf("two runs with one seed differ:\n%s", firstDifference(first, second))
	}
}

func firstDifference(a, b string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			from := max(0, i-80)
			return fmt.Sprintf("at %d:\n%.200s\n%.200s", i, a[from:], b[from:])
		}
	}
	return fmt.Sprintf("lengths %d and %d", len(a), len(b))
}
