package iam

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// verify asks the verifier about an Authorization header, as a resource server
// of the tenant.
func (g *rig) verify(header string) (*bearer.Token, error) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if header != "" {
		r.Header.Set("Authorization", header)
	}
	return g.s.Verify(r.WithContext(tenant.With(r.Context(), g.t)))
}

func (g *rig) wantProblem(header, kind string) {
	g.tb.Helper()
	_, err := g.verify(header)
	var p *bearer.Problem
	if !errors.As(err, &p) || p.Kind != kind {
		g.tb.Errorf("got %v, want a problem of kind %s", err, kind)
		return
	}
	if p.Want == "" {
		g.tb.Errorf("the problem does not say what is expected: %+v", p)
	}
}

func TestAVerifiedTokenSaysWhoAndWhat(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	initial := g.login("dr-peeters")
	tok, err := g.verify("Bearer " + initial["access_token"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if tok.Realm != Healthcare || tok.Client != "demo-ehr-spa" || tok.SSIN != "71011599751" || tok.Persona != "dr-peeters" || tok.PseudoRights() == "" ||
		!tok.HasRole("ehealth-pseudo-api", "identify") || !tok.HasAudience("demo-ehr-spa") || tok.Disciplines()[0].NIHII != "19990116004" || !tok.Expires.Equal(testTime.Add(300*time.Second)) {
		t.Errorf("token %+v", tok)
	}
	patient := g.control("POST", "/tokens", `{"client_id":"nihdi-uhmep-patient","persona":"pat-dubois","exchange_to":"nihdi-uhmep-fhir-patient"}`).json(t)
	if tok, err = g.verify("Bearer " + patient["access_token"].(string)); err != nil || tok.SSIN != "" || tok.Persona != "pat-dubois" || tok.PseudoRights() != "" {
		t.Errorf("patient %+v, %v", tok, err)
	}
	if tok, err = g.verify("Bearer " + g.m2m("demo-hospital", "openid nihdi:uhmep:organization")["access_token"].(string)); err != nil {
		t.Fatal(err)
	}
	if o, ok := tok.Organisation(); !ok || o.NIHII != "71099911710" || tok.Realm != M2M {
		t.Errorf("organisation %+v", o)
	}
}

func TestProblemsOfBearerTokens(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	access := tokens["access_token"].(string)
	parts := strings.Split(access, ".")
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claims := payload(t, access)
	expired := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"dr-peeters","expires_in":-61}`).json(t)["access_token"].(string)
	barely := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"dr-peeters","expires_in":-59}`).json(t)["access_token"].(string)
	early := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"dr-peeters","claims":{"nbf":1795000100}}`).json(t)["access_token"].(string)
	issuer := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"dr-peeters","claims":{"iss":"https://api.ehealth.fgov.be/auth/realms/other"}}`).json(t)["access_token"].(string)
	confused := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"dr-peeters","claims":{"iss":"`+g.srv.URL+`/auth/realms/M2M"}}`).json(t)["access_token"].(string)
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	for _, tc := range []struct{ name, header, kind string }{
		{"no header", "", bearer.Missing}, {"another scheme", "Basic x", bearer.Scheme}, {"garbage", "Bearer x", bearer.Malformed},
		{"alg none", "Bearer " + none, bearer.Malformed},
		{"HMAC with the public key", "Bearer " + signed(t, jose.HS256, []byte("any secret that is long enough for it"), "sandbox-healthcare-sig-1", claims), bearer.Malformed},
		{"foreign key, foreign kid", "Bearer " + signed(t, jose.RS256, foreign, "elsewhere", claims), bearer.Signature},
		{"foreign key, our kid", "Bearer " + signed(t, jose.RS256, foreign, "sandbox-healthcare-sig-1", claims), bearer.Signature},
		{"our key of the other realm", "Bearer " + signed(t, jose.RS256, foreign, "sandbox-M2M-sig-1", claims), bearer.Signature},
		{"payload changed", "Bearer " + parts[0] + "." + strings.Split(expired, ".")[1] + "." + parts[2], bearer.Signature},
		{"ID token", "Bearer " + tokens["id_token"].(string), bearer.TokenType},
		{"refresh token", "Bearer " + tokens["refresh_token"].(string), bearer.Malformed},
		{"expired", "Bearer " + expired, bearer.Expired}, {"not yet valid", "Bearer " + early, bearer.NotYet},
		{"realm in iss unknown", "Bearer " + issuer, bearer.Issuer},
		{"iss says M2M, key says healthcare", "Bearer " + confused, bearer.Signature},
	} {
		t.Run(tc.name, func(t *testing.T) { g.wantProblem(tc.header, tc.kind) })
	}
	if _, err := g.verify("Bearer " + barely); err != nil {
		t.Errorf("within the leeway of 60 s: %v", err)
	}
}

func TestATokenOfOneTenantIsRefusedByAnother(t *testing.T) {
	t.Parallel()
	a := newRig(t)
	b := serve(t, a.s, testTenant(t, "b"), &fakeDepot{})
	token := a.login("dr-peeters")["access_token"].(string)
	b.wantProblem("Bearer "+token, bearer.Tenant)
	a.wantProblem("Bearer "+b.login("dr-peeters")["access_token"].(string), bearer.Tenant)
	if res := b.get(oidcPath+"userinfo", "Authorization", "Bearer "+token); res.StatusCode != 401 || !strings.Contains(b.last().Refusal.Hint, "X-Sandbox-Tenant") {
		t.Errorf("userinfo %d, %+v", res.StatusCode, b.last().Refusal)
	}
}

func TestRefreshTokensCodesAndCookiesStayInTheirTenant(t *testing.T) {
	t.Parallel()
	a := newRig(t)
	b := serve(t, a.s, testTenant(t, "b"), &fakeDepot{})
	b.wantError(b.post(oidcPath+"token", refreshForm(a.login("dr-peeters"), nil)), 400, "invalid_grant", "Invalid refresh token")
	b.wantError(b.post(oidcPath+"token", codeForm(a.code(as("dr-peeters")), nil)), 400, "invalid_grant", "Code not valid")
	res := a.do(a.browser, a.request("GET", oidcPath+"auth?"+authQuery(as("dr-peeters")).Encode(), ""))
	silent := b.get(oidcPath+"auth?"+authQuery(map[string]string{"prompt": "none"}).Encode(), "Cookie", cookieIdentity+"="+cookiesOf(res)[cookieIdentity].Value)
	if got := silent.location(t).Query().Get("error"); got != "login_required" {
		t.Errorf("the cookie of a logs in at b: error %q", got)
	}
}

// A token minted under one origin stays good under another one of the same
// sandbox.
func TestTokensSurviveAChangeOfOrigin(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	token := g.login("dr-peeters")["access_token"].(string)
	if res := g.get(oidcPath+"userinfo", "Authorization", "Bearer "+token, "X-Forwarded-Host", "iam.internal:9000"); res.StatusCode != 200 {
		t.Errorf("userinfo answered %d", res.StatusCode)
	}
	res := g.post(oidcPath+"token", exchangeForm(token, nil), "X-Forwarded-Host", "iam.internal:9000")
	if got, want := payload(t, res.json(t)["access_token"])["iss"], "http://iam.internal:9000/auth/realms/healthcare"; got != want {
		t.Errorf("iss %v, want %v", got, want)
	}
}

func TestRotatingKeysMidFlight(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	old := g.login("dr-peeters")
	for i := range 5 { // more often than there are prepared keys
		if res := g.control("POST", "/realms/healthcare/keys/rotate", `{"keep_previous":true}`); res.StatusCode != 200 {
			t.Fatalf("rotation %d: %d %s", i, res.StatusCode, res.body)
		}
	}
	fresh := g.login("dr-peeters")
	for name, tokens := range map[string]map[string]any{"old": old, "new": fresh} {
		if _, err := g.verify("Bearer " + tokens["access_token"].(string)); err != nil {
			t.Errorf("%s token: %v", name, err)
		}
	}
	if keys := g.get(oidcPath + "certs").json(t)["keys"].([]any); len(keys) != 7 {
		t.Errorf("%d keys published, want 6 signing and 1 encryption", len(keys))
	}
	g.control("POST", "/realms/healthcare/keys/rotate", `{"keep_previous":false}`)
	g.wantProblem("Bearer "+fresh["access_token"].(string), bearer.Signature)
	if keys := g.get(oidcPath + "certs").json(t)["keys"].([]any); len(keys) != 2 {
		t.Errorf("%d keys published, want 2", len(keys))
	}
	if res := g.post(oidcPath+"token", refreshForm(fresh, nil)); res.StatusCode != 200 {
		t.Errorf("refresh after rotation: %d %s", res.StatusCode, res.body)
	}
}

func TestRotatingOneRealmLeavesTheOtherAlone(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	token := g.m2m("demo-hospital", "openid")["access_token"].(string)
	g.control("POST", "/realms/healthcare/keys/rotate", `{"keep_previous":false}`)
	if _, err := g.verify("Bearer " + token); err != nil {
		t.Error(err)
	}
}

func TestEphemeralKeysDifferFromSandboxToSandbox(t *testing.T) {
	t.Parallel()
	a := newRigWith(t, testTime, func(c *Config) { c.EphemeralKeys = true })
	b := newRigWith(t, testTime, func(c *Config) { c.EphemeralKeys = true })
	token := a.login("dr-peeters")
	if _, err := a.verify("Bearer " + token["access_token"].(string)); err != nil {
		t.Error(err)
	}
	b.wantProblem("Bearer "+token["access_token"].(string), bearer.Signature)
	b.wantError(b.post(oidcPath+"token", refreshForm(token, nil)), 400, "invalid_grant", "Invalid refresh token")
}

// A signature that was checked once is remembered; everything else about the
// token is looked at on every use.
func TestARememberedSignatureExcusesNothingElse(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	header := "Bearer " + g.login("dr-peeters")["access_token"].(string)
	first, err := g.verify(header)
	if err != nil {
		t.Fatal(err)
	}
	again, err := g.verify(header)
	if err != nil || again.Persona != first.Persona || again.ID != first.ID || !again.Expires.Equal(first.Expires) {
		t.Fatalf("the second use: %+v, %v", again, err)
	}
	cut := header[:len(header)-4] + "AAAA"
	g.wantProblem(cut, bearer.Signature)
	g.control("POST", "/realms/healthcare/keys/rotate", `{"keep_previous":false}`)
	g.wantProblem(header, bearer.Signature)

	fresh := "Bearer " + g.login("dr-peeters")["access_token"].(string)
	if _, err := g.verify(fresh); err != nil {
		t.Fatal(err)
	}
	g.t.Clock.Advance(time.Hour)
	g.wantProblem(fresh, bearer.Expired)
}
