package mocks_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

func TestEveryAnswerSaysItIsASandbox(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	for _, path := range []string{"/", "/nope", "/auth/realms/healthcare", "/auth/realms/nope", "/pseudo/v1/domains/x", "/uhmep/v1/metadata", "/uhmep/v1/Task/x",
		"/terminology/fhir/metadata", "/fhir/metadata", "/frontend/api/pss/status", "/pss/v1/fhir/metadata", "/etee/v1/pubKeys/cacerts/jwks", "/keydepot/v1/jwks", "/_sandbox/info", "/static/console.css", "/t/x/"} {
		a := get(t, sb, path)
		if a.header.Get("X-Sandbox") != "true" || a.header.Get("X-Sandbox-Trace") == "" || a.header.Get("Date") == "" {
			t.Errorf("%s: headers %v", path, a.header)
		}
		if a.status >= 500 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestAnUnknownPathListsTheRoots(t *testing.T) {
	t.Parallel()
	a := get(t, mockstest.New(t), "/nope")
	if a.status != http.StatusNotFound {
		t.Fatalf("status %d", a.status)
	}
	for _, root := range []string{"/auth", "/pseudo/v1", "/uhmep/v1", "/frontend/api", "/pss", "/terminology/fhir", "/fhir", "/_sandbox"} {
		if !strings.Contains(a.body, `"`+root+`"`) {
			t.Errorf("the answer does not name %s: %s", root, a.body)
		}
	}
}

func TestTheThreeCarriersNameTheSameTenant(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	port := sb.URL[strings.LastIndex(sb.URL, ":"):]
	for _, tc := range []struct {
		name, tenant, origin string
		q                    req
	}{
		{"none", "default", sb.URL, req{path: "/_sandbox/explain-url"}},
		{"header", "a", sb.URL, req{path: "/_sandbox/explain-url", header: map[string]string{"X-Sandbox-Tenant": "a"}}},
		{"path prefix", "a", sb.URL, req{path: "/t/a/_sandbox/explain-url"}},
		{"host", "a", "http://a.localhost" + port, req{path: "/_sandbox/explain-url", header: map[string]string{"Host": "a.localhost" + port}}},
		{"prefix before header", "a", sb.URL, req{path: "/t/a/_sandbox/explain-url", header: map[string]string{"X-Sandbox-Tenant": "b"}}},
	} {
		tc.q.method = http.MethodGet
		got := struct {
			Tenant, Origin string
			Issuers        map[string]string
		}{}
		decode(t, send(t, sb, tc.q).body, &got)
		if got.Tenant != tc.tenant || got.Origin != tc.origin {
			t.Errorf("%s: tenant %s at %s, want %s at %s", tc.name, got.Tenant, got.Origin, tc.tenant, tc.origin)
		}
		prefix := ""
		if strings.HasPrefix(tc.q.path, "/t/") {
			prefix = "/t/a"
		}
		if want := tc.origin + prefix + "/auth/realms/healthcare"; got.Issuers["healthcare"] != want {
			t.Errorf("%s: issuer %s, want %s", tc.name, got.Issuers["healthcare"], want)
		}
	}
	for _, name := range []string{"a b", "ä", strings.Repeat("x", 64), "../x"} {
		a := send(t, sb, req{method: http.MethodGet, path: "/_sandbox/info", header: map[string]string{"X-Sandbox-Tenant": name}})
		if a.status != http.StatusBadRequest || !strings.Contains(a.body, "tenant") {
			t.Errorf("tenant %q: %d %s", name, a.status, a.body)
		}
	}
}

func TestURLsAreRightByConstruction(t *testing.T) {
	t.Parallel()
	free, fixed := mockstest.New(t), mockstest.New(t, mockstest.WithSetting("public-url", "https://fixed.example:9443"))
	issuer := func(sb *mockstest.Server, path string, header map[string]string) string {
		got := struct{ Issuer string }{}
		decode(t, send(t, sb, req{method: http.MethodGet, path: path + "/auth/realms/healthcare/.well-known/openid-configuration", header: header}).body, &got)
		return got.Issuer
	}
	forwarded := map[string]string{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "proxy.example"}
	for _, tc := range []struct {
		name      string
		got, want string
	}{
		{"follows Host", issuer(free, "", nil), free.URL + "/auth/realms/healthcare"},
		{"follows the proxy", issuer(free, "", forwarded), "https://proxy.example/auth/realms/healthcare"},
		{"keeps the tenant's prefix behind the proxy", issuer(free, "/t/a", forwarded), "https://proxy.example/t/a/auth/realms/healthcare"},
		{"fixed", issuer(fixed, "", forwarded), "https://fixed.example:9443/auth/realms/healthcare"},
		{"fixed, with the tenant's prefix", issuer(fixed, "/t/a", nil), "https://fixed.example:9443/t/a/auth/realms/healthcare"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, tc.got, tc.want)
		}
	}
	control(t, free, http.MethodPut, "/public-url", `{"url":"http://localhost:32768"}`)
	if got := issuer(free, "", nil); got != "http://localhost:32768/auth/realms/healthcare" {
		t.Errorf("after fixing it at run time: %s", got)
	}
	if a := send(t, free, req{method: http.MethodPut, path: "/_sandbox/public-url", body: `{"url":"not an origin/x"}`}); a.status != http.StatusBadRequest {
		t.Errorf("a bad public URL: %d %s", a.status, a.body)
	}
}

func TestTheControlAPIIsGuarded(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t, mockstest.WithSetting("admin-hosts", "demo.example"))
	for _, tc := range []struct {
		name   string
		header map[string]string
		want   int
	}{
		{"from outside a browser", nil, 200},
		{"from the sandbox's own page", map[string]string{"Origin": sb.URL}, 200},
		{"from another page", map[string]string{"Origin": "https://evil.example"}, 403},
		{"from a page without origin", map[string]string{"Origin": "null"}, 403},
		{"under a rebound name", map[string]string{"Host": "evil.example"}, 403},
		{"under an allowed name", map[string]string{"Host": "demo.example"}, 200},
		{"under a container's name", map[string]string{"Host": "sandbox:8080"}, 200},
		{"under an address", map[string]string{"Host": "10.1.2.3:8080"}, 200},
		{"cross-site without Origin", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
	} {
		a := send(t, sb, req{method: http.MethodPost, path: "/_sandbox/reset", header: tc.header})
		if a.status != tc.want {
			t.Errorf("%s: %d, want %d: %s", tc.name, a.status, tc.want, a.body)
		}
	}
	locked := mockstest.New(t, mockstest.WithSetting("admin-token", "secret"))
	for token, want := range map[string]int{"": 401, "Bearer wrong": 401, "Bearer secret": 200} {
		if a := send(t, locked, req{method: http.MethodGet, path: "/_sandbox/info", header: map[string]string{"Authorization": token}}); a.status != want {
			t.Errorf("token %q: %d, want %d", token, a.status, want)
		}
	}
	if a := get(t, locked, "/_sandbox/ready"); a.status != 200 {
		t.Errorf("health checks need no token: %d", a.status)
	}
}

func TestTwoListenersSplitServicesAndControl(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	main, admin := serve(t, sb.Sandbox.Main()), serve(t, sb.Sandbox.Admin())
	for _, tc := range []struct {
		at   *mockstest.Server
		path string
		want int
	}{{main, "/auth/realms/healthcare", 200}, {main, "/_sandbox/info", 404}, {admin, "/_sandbox/info", 200}, {admin, "/auth/realms/healthcare", 404}} {
		if a := get(t, tc.at, tc.path); a.status != tc.want {
			t.Errorf("%s: %d, want %d", tc.path, a.status, tc.want)
		}
	}
}

func TestAVersionlessOpenAPIDocumentListsEveryControlCall(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	doc := struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ OperationID, Summary string }
	}{}
	decode(t, get(t, sb, "/_sandbox/openapi.json").body, &doc)
	if doc.OpenAPI == "" || len(doc.Paths) < 20 {
		t.Fatalf("%d paths", len(doc.Paths))
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if op.Summary == "" {
				t.Errorf("%s %s (%s) has no summary", method, path, op.OperationID)
			}
		}
	}
}
