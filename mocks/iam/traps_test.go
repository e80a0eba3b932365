package iam

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// behind puts the service behind an edge that knows a public URL and a tenant
// prefix.
func behind(t *testing.T, g *rig, info origin.Info) *httptest.Server {
	t.Helper()
	root := mux.NewRouter()
	g.s.Mount(root)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := info
		i.Actual = "http://" + r.Host
		if i.Base == "" {
			i.Base = i.Actual
		}
		root.ServeHTTP(w, r.WithContext(origin.With(tenant.With(r.Context(), g.t), i)))
	}))
	t.Cleanup(srv.Close)
	return srv
}

// Trap 1: with a public URL the issuer is fixed; back-channel URLs may follow
// the caller, so that a container and a browser see the same issuer.
func TestAPublicURLFixesTheIssuerAndMayLeaveTheBackChannelFree(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	srv := behind(t, g, origin.Info{Base: "https://sandbox.example", Fixed: true})
	for _, tc := range []struct {
		dynamic, back string
	}{{"false", "https://sandbox.example"}, {"true", srv.URL}} {
		g.set(map[string]string{"backchannel-dynamic": tc.dynamic})
		disco := g.get(srv.URL + "/auth/realms/healthcare/.well-known/openid-configuration").json(t)
		for member, want := range map[string]string{
			"issuer": "https://sandbox.example/auth/realms/healthcare", "authorization_endpoint": "https://sandbox.example" + oidcPath + "auth",
			"end_session_endpoint": "https://sandbox.example" + oidcPath + "logout", "check_session_iframe": "https://sandbox.example" + oidcPath + "login-status-iframe.html",
			"token_endpoint": tc.back + oidcPath + "token", "jwks_uri": tc.back + oidcPath + "certs", "userinfo_endpoint": tc.back + oidcPath + "userinfo",
			"introspection_endpoint": tc.back + oidcPath + "token/introspect", "revocation_endpoint": tc.back + oidcPath + "revoke",
		} {
			if disco[member] != want {
				t.Errorf("dynamic %s: %s is %v, want %s", tc.dynamic, member, disco[member], want)
			}
		}
	}
	for _, aud := range []string{"https://sandbox.example/auth/realms/M2M", srv.URL + "/auth/realms/M2M"} {
		res := g.post(srv.URL+m2mToken, m2mForm(signed(t, "RS256", g.demoKey(), "", assertionWith(g, map[string]any{"aud": aud}))))
		if res.StatusCode != 200 || payload(t, res.json(t)["access_token"])["iss"] != "https://sandbox.example/auth/realms/M2M" {
			t.Errorf("aud %s: %d %s", aud, res.StatusCode, res.body)
		}
	}
}

func TestATenantPrefixIsInEveryURLAndCookie(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	srv := behind(t, g, origin.Info{Prefix: "/t/a"})
	if got, want := g.get(srv.URL + "/auth/realms/healthcare/.well-known/openid-configuration").json(t)["issuer"], srv.URL+"/t/a/auth/realms/healthcare"; got != want {
		t.Errorf("issuer %v, want %v", got, want)
	}
	page := g.get(srv.URL + oidcPath + "auth?" + authQuery(nil).Encode())
	if !strings.Contains(string(page.body), `action="`+srv.URL+"/t/a/auth/realms/healthcare/login-actions/authenticate?") {
		t.Error("the form's action lacks the prefix")
	}
	for _, k := range page.Cookies() {
		if k.Path != "/t/a/auth/realms/healthcare/" {
			t.Errorf("cookie %s has path %s", k.Name, k.Path)
		}
	}
}

// Trap 8: the journal names the difference that the page does not.
func TestRedirectMismatchesAreExplained(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/clients/healthcare/exact", `{"name":"x","access_type":"public","scopes_default":["openid"],"redirect_uris":["https://a.example/list","http://localhost:4200/cb"]}`)
	for uri, hint := range map[string]string{
		"https://a.example/list/":                 "slash at the end",
		"https://a.example/list?ssin=1":           "query counts",
		"http://127.0.0.1:4200/cb":                "localhost and 127.0.0.1",
		"http://localhost:4300/cb":                "port",
		"https://A.example/list":                  "case",
		"https://a.example.evil.example/list/../": "nothing is normalised",
	} {
		res := g.get(oidcPath + "auth?" + authQuery(map[string]string{"client_id": "exact", "redirect_uri": uri}).Encode())
		entry := g.t.Journal.Entry(res.Header.Get("X-Sandbox-Trace"))
		if entry.Refusal == nil || !strings.Contains(entry.Refusal.Hint, hint) {
			t.Errorf("%s: %+v, want a hint with %q", uri, entry.Refusal, hint)
		}
	}
}

// Trap 13: refresh tokens are HS512; their key is in no JWKS.
func TestRefreshTokenKeysAreNotPublished(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	if certs := string(g.get(oidcPath + "certs").body); strings.Contains(certs, "hs512") || strings.Contains(certs, `"oct"`) {
		t.Error(certs)
	}
}

// Trap 16: cookies ignore the port.
func TestCookiesOfAnotherSandboxAreSaidToBeForeign(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	res := g.get(oidcPath+"auth?"+authQuery(map[string]string{"prompt": "none"}).Encode(), "Cookie", "KEYCLOAK_IDENTITY=eyJhbGciOiJIUzUxMiJ9.e30.x")
	if res.location(t).Query().Get("error") != "login_required" || !g.warned("iam-5.3-cookie") {
		t.Errorf("warnings %v", g.last().Warnings)
	}
}

// Trap 17: clocks that drift.
func TestClockProblemsNameTheSandboxesTime(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, change := range []map[string]any{{"exp": testTime.Unix() - 100}, {"iat": testTime.Unix() + 100}, {"nbf": testTime.Unix() + 100}} {
		g.post(m2mToken, m2mForm(signed(t, "RS256", g.demoKey(), "", assertionWith(g, change))))
		if f := g.last().Refusal; !strings.Contains(f.Hint, "2026-11-18T") || !strings.Contains(f.Hint, "Date header") {
			t.Errorf("hint %q", f.Hint)
		}
	}
}

// Trap 18.
func TestRealmNamesInTheWrongCaseGetAHint(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.get("/auth/realms/m2m")
	if f := g.last().Refusal; f == nil || !strings.Contains(f.Hint, "write M2M") {
		t.Errorf("refusal %+v", f)
	}
}

// Clients of the other realm, and near misses.
func TestUnknownClientsGetAHint(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for id, hint := range map[string]string{"demo-ehr-spa": "realm healthcare", "demo-hospitals": "did you mean demo-hospital?", "": "send client_id"} {
		g.post(m2mToken, map[string][]string{"grant_type": {grantCredentials}, "client_id": {id}})
		if f := g.last().Refusal; f == nil || !strings.Contains(f.Hint, hint) {
			t.Errorf("%q: %+v, want a hint with %q", id, f, hint)
		}
	}
}

// Trap 20: official components read the roles without a guard.
func TestExchangedTokensAlwaysHaveARoleEntry(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	target := g.s.seeds["healthcare/nihdi-uhmep-fhir-hcp"]
	scopes, _ := g.s.resolve(target, "")
	roles := resourceAccess(g.s.roles(g.t, &grant{client: g.s.seeds["healthcare/demo-ehr-spa"], target: target, persona: &world.Persona{Name: "x"}, scopes: scopes}))
	raw, err := json.Marshal(roles)
	if err != nil || string(raw) != `{"nihdi-uhmep-api":{"roles":[]}}` {
		t.Errorf("got %s, %v", raw, err)
	}
}

// A name with angle brackets and an ampersand arrives unescaped in tokens.
func TestNamesWithMarkupStayAsTheyAre(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/personas/odd", `{"name":"odd","kind":"patient","ssin":"54022899886","first_name":"<b>&É","last_name":"O'Neil","gender":"F","language":"fr"}`)
	tokens := g.login("odd")
	if got := payload(t, tokens["id_token"])["given_name"]; got != "<b>&É" {
		t.Errorf("given_name %v", got)
	}
	if raw := string(decodeSegment(strings.Split(tokens["id_token"].(string), ".")[1])); !strings.Contains(raw, "<b>&É") {
		t.Errorf("payload %s", raw)
	}
	page := g.get(oidcPath + "auth?" + authQuery(nil).Encode())
	if strings.Contains(string(page.body), "<b>&É") {
		t.Error("the page shows a name as markup")
	}
}

func TestWrongMethodsAndFaultsAreReadableByPages(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	res := g.get(oidcPath+"nothing", "Origin", "https://any.example")
	if res.Header.Get("Access-Control-Allow-Origin") != "https://any.example" {
		t.Errorf("unknown path: headers %v", res.Header)
	}
	g.t.Faults.Add(fault.Fault{Service: "iam", Operation: "token", Status: 503, Times: 1})
	res = g.post(oidcPath+"token", nil, "Origin", "https://any.example")
	if res.StatusCode != 503 || res.json(t)["error"] != "unknown_error" || res.Header.Get("Access-Control-Allow-Origin") != "https://any.example" {
		t.Errorf("fault: %d %s %v", res.StatusCode, res.body, res.Header)
	}
}
