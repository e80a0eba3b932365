package iam

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// handler serves one tenant without a network, for fuzzing.
func (g *rig) handler() func(method, target, contentType, body string) *httptest.ResponseRecorder {
	root := mux.NewRouter()
	g.s.Mount(root)
	return func(method, target, contentType, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		root.ServeHTTP(w, r.WithContext(tenant.With(r.Context(), g.t)))
		return w
	}
}

const formType = "application/x-www-form-urlencoded"

// Whatever is sent as a client assertion, the answer is a 400 or 401.
func FuzzClientAssertion(f *testing.F) {
	g := newRig(f)
	call := g.handler()
	good := signed(f, "RS256", g.demoKey(), "", g.assertionOf("demo-hospital", M2M))
	parts := strings.Split(good, ".")
	for _, seed := range []string{"", "a.b.c", "eyJhbGciOiJub25lIn0." + parts[1] + ".", parts[0] + "." + parts[1] + ".AAAA", parts[0] + ".e30." + parts[2], "eyJhbGciOiJSUzI1NiIsImNyaXQiOlsieCJdfQ." + parts[1] + "." + parts[2]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, assertion string) {
		if assertion == good {
			return
		}
		w := call("POST", m2mToken, formType, m2mForm(assertion).Encode())
		if w.Code != 400 && w.Code != 401 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}

// Whatever is sent to the token endpoint, it is never an internal error, and
// tokens are given for nothing.
func FuzzTokenEndpoint(f *testing.F) {
	call := newRig(f).handler()
	for _, seed := range []string{"", "grant_type=authorization_code&client_id=demo-ehr-spa&code=a.b.c", "grant_type=refresh_token&client_id=demo-ehr-spa&refresh_token=x",
		"grant_type=client_credentials&client_id=demo-hospital&scope=%00", "grant_type=" + url.QueryEscape(grantExchange) + "&client_id=demo-ehr-spa&subject_token=x&audience=a&audience=b", "%zz", "a=1&a=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if w := call("POST", oidcPath+"token", formType, body); w.Code < 400 || w.Code >= 500 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}

// The authorization endpoint sends browsers to registered addresses only.
func FuzzAuthorizationEndpoint(f *testing.F) {
	call := newRig(f).handler()
	for _, seed := range []string{authQuery(nil).Encode(), authQuery(as("dr-peeters")).Encode(), "client_id=demo-ehr-spa&redirect_uri=//evil", "client_id=demo-ehr-spa&redirect_uri=http://localhost/&prompt=none&max_age=99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if strings.Contains(query, "nihdi") || strings.ContainsAny(query, " #\x7f") || strings.ContainsFunc(query, func(r rune) bool { return r < 0x21 || r > 0x7e }) {
			return // those clients take any address; the rest is no URL
		}
		w := call("GET", oidcPath+"auth?"+query, "", "")
		if w.Code >= 500 {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		to := w.Header().Get("Location")
		if to != "" && !strings.HasPrefix(to, "http://localhost") && !strings.HasPrefix(to, "http://127.0.0.1") {
			t.Errorf("Location %s", to)
		}
	})
}

// No text but a signed token is a token.
func FuzzBearerToken(f *testing.F) {
	g := newRig(f)
	token := g.login("dr-peeters")["access_token"].(string)
	parts := strings.Split(token, ".")
	for _, seed := range []string{"", "x", parts[0] + "." + parts[1] + ".", parts[0] + "." + parts[1], "eyJhbGciOiJub25lIn0." + parts[1] + ".", token + "A", strings.ToUpper(token)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		sent := strings.TrimSpace(strings.Map(printable, raw))
		if _, err := g.verify("Bearer " + sent); err == nil && decoded(sent) != decoded(token) {
			t.Errorf("%q was accepted", raw)
		}
	})
}

// decoded is the content of a compact JWS: base64url leaves a few bits of the
// last letter open.
func decoded(token string) string {
	var out []string
	for part := range strings.SplitSeq(token, ".") {
		out = append(out, string(decodeSegment(part)))
	}
	return strings.Join(out, ".")
}

func printable(r rune) rune {
	if r < 0x20 || r > 0x7e {
		return -1
	}
	return r
}
