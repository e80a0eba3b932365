package uhmep

import (
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Each row is one refusal of the rules on tokens and headers.
func TestTokensAndHeaders(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	for _, tc := range []struct {
		name, as     string
		header       []string
		status       int
		code, issue  string
		authenticate string
	}{
		{name: "a good request passes", as: "dr-peeters", status: 200},
		{name: "no token", status: 401, code: "TOKEN_INVALID", issue: "login", authenticate: "Bearer"},
		{name: "another scheme", header: []string{"Authorization", "Basic eDp5"}, status: 401, code: "TOKEN_INVALID", issue: "login", authenticate: "Bearer"},
		{name: "badly signed token", as: "nobody", status: 401, code: "TOKEN_INVALID", issue: "login", authenticate: "Bearer"},
		{name: "expired token", as: "dr-peeters+expired", status: 401, code: "TOKEN_EXPIRED", issue: "expired", authenticate: "Bearer"},
		{name: "audience of the login token", as: "dr-peeters+initial", status: 401, code: "TOKEN_AUDIENCE_INVALID", issue: "security", authenticate: "Bearer"},
		{name: "pseudonymisation rights", as: "dr-peeters+pseudo", status: 403, code: "PSEUDO_TOKEN_NOT_ALLOWED", issue: "security"},
		{name: "scope missing", as: "dr-peeters+scopeless", status: 403, code: "TOKEN_SCOPE_MISSING", issue: "forbidden"},
		{name: "scope of an organisation missing", as: "hospital+scopeless", status: 403, code: "TOKEN_SCOPE_MISSING", issue: "forbidden"},
		{name: "a discipline the matrix does not serve", as: "physio", status: 403, code: "ACCESS_MATRIX_DENIED", issue: "forbidden"},
		{name: "no User-Agent", as: "dr-peeters", header: []string{"User-Agent", ""}, status: 400, code: "TRACING_HEADER_MISSING", issue: "required"},
		{name: "no From", as: "dr-peeters", header: []string{"From", ""}, status: 400, code: "TRACING_HEADER_MISSING", issue: "required"},
		{name: "From without @", as: "dr-peeters", header: []string{"From", "me"}, status: 400, code: "TRACING_HEADER_MISSING", issue: "required"},
		{name: "Accept XML", as: "dr-peeters", header: []string{"Accept", "application/fhir+xml"}, status: 406, code: "NOT_ACCEPTABLE", issue: "not-supported"},
		{name: "Accept XML or JSON", as: "dr-peeters", header: []string{"Accept", "application/fhir+xml;q=1.0, application/json;q=0.9"}, status: 200},
		{name: "Accept-Be-Pseudo without v2", as: "dr-peeters", header: []string{"Accept-Be-Pseudo", "urn:be:fgov:ehealth:pseudo:v1"}, status: 422, code: "PSEUDONYM_VERSION_NOT_ACCEPTED", issue: "value"},
		{name: "Accept-Be-Pseudo with v2", as: "dr-peeters", header: []string{"Accept-Be-Pseudo", "urn:be:fgov:ehealth:pseudo:v1, urn:be:fgov:ehealth:pseudo:v2"}, status: 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := b.call(tc.as, "GET", "/ServiceRequest/"+id, nil, tc.header...)
			if a.Code != tc.status || a.code() != tc.code {
				t.Fatalf("got %d %s, want %d %s\n%s", a.Code, a.code(), tc.status, tc.code, a.Body)
			}
			if got := a.Header().Get("WWW-Authenticate"); got != tc.authenticate {
				t.Errorf("WWW-Authenticate: got %q, want %q", got, tc.authenticate)
			}
			if tc.issue == "" {
				return
			}
			if i := tree.Objects(a.tree, "issue")[0]; tree.Text(i, "code") != tc.issue || tree.Text(i, "severity") != "error" || !strings.Contains(tree.Text(i, "diagnostics"), "error id") {
				t.Errorf("issue: %v", i)
			}
		})
	}
}

func TestTracingHeadersCanBeRelaxed(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	if err := b.t.Settings.Override(map[string]string{"uhmep-tracing-headers": "false"}); err != nil {
		t.Fatal(err)
	}
	id := b.create("hygienic-care", "dr-peeters")
	b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+id, nil, "From", "", "User-Agent", ""), 200)
}

func TestRequestIDIsEchoedOrMade(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	if got := b.call("", "GET", "/metadata", nil, "X-Request-Id", "abc").Header().Get("X-Request-Id"); got != "abc" {
		t.Errorf("echo: %q", got)
	}
	if got := b.call("", "GET", "/metadata", nil).Header().Get("X-Request-Id"); len(got) != 36 {
		t.Errorf("made: %q", got)
	}
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	for _, tc := range []struct {
		name, method, path, contentType string
		status                          int
	}{
		{"create with FHIR JSON", "POST", "/ServiceRequest", "application/fhir+json; charset=utf-8", 201},
		{"create with JSON", "POST", "/ServiceRequest", "application/json", 201},
		{"create with XML", "POST", "/ServiceRequest", "application/fhir+xml", 415},
		{"create with a form", "POST", "/ServiceRequest", "application/x-www-form-urlencoded", 415},
		{"JSON Patch", "PATCH", "/ServiceRequest/" + id, "application/json-patch+json", 415},
		{"XML Patch", "PATCH", "/ServiceRequest/" + id, "application/xml-patch+xml", 415},
		{"search with JSON", "POST", "/ServiceRequest/_search", "application/json", 415},
		{"task with text", "POST", "/Task", "text/plain", 415},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := b.call("dr-peeters", tc.method, tc.path, b.request("hygienic-care", "dr-peeters"), "Content-Type", tc.contentType)
			if a.Code != tc.status {
				t.Errorf("got %d, want %d\n%s", a.Code, tc.status, a.Body)
			}
		})
	}
}

func TestInteractionsThatAreNotOffered(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	for _, tc := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"PUT", "/ServiceRequest/" + id, 405, "INTERACTION_NOT_SUPPORTED"},
		{"DELETE", "/ServiceRequest/" + id, 405, "INTERACTION_NOT_SUPPORTED"},
		{"PUT", "/Task/" + id, 405, "INTERACTION_NOT_SUPPORTED"},
		{"DELETE", "/Task/" + id, 405, "INTERACTION_NOT_SUPPORTED"},
		{"POST", "/Practitioner/71011599751", 405, "INTERACTION_NOT_SUPPORTED"},
		{"POST", "/ServiceRequest/" + id + "/$graph", 405, "INTERACTION_NOT_SUPPORTED"},
		{"GET", "/ServiceRequest/" + id + "/$everything", 404, "RESOURCE_NOT_FOUND"},
		{"GET", "/ServiceRequest/_history", 404, "RESOURCE_NOT_FOUND"},
		{"GET", Base + "/Patient/1", 404, "RESOURCE_NOT_FOUND"},
		{"POST", Base, 404, "RESOURCE_NOT_FOUND"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			b.want(b.call("nurse-claes", tc.method, tc.path, nil), tc.status, tc.code)
		})
	}
}

func TestARefusedTaskOnAnUnknownDocument(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	b.want(b.call("nurse-claes", "POST", "/Task", sample.PerformerTask("8c6f5d9e-5b8a-4a53-9c4b-0e5a7f0f0c11", b.role("nurse-claes"))), 404, "RESOURCE_NOT_FOUND")
	b.want(b.call("nurse-claes", "GET", "/Task/8c6f5d9e-5b8a-4a53-9c4b-0e5a7f0f0c11", nil), 404, "RESOURCE_NOT_FOUND")
}
