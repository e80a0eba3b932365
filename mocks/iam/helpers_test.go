package iam

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	jose "github.com/go-jose/go-jose/v4"
)

const oidcPath = "/auth/realms/healthcare/protocol/openid-connect/"

const (
	testVerifier = "verifier-0123456789-0123456789-0123456789-abc"
	spaRedirect  = "http://localhost:4200/callback"
)

// authQuery is a correct authorization request of demo-ehr-spa; change is
// laid over it, an empty value removes a parameter.
func authQuery(change map[string]string) url.Values {
	v := url.Values{
		"client_id": {"demo-ehr-spa"}, "redirect_uri": {spaRedirect}, "response_type": {"code"}, "scope": {"openid"},
		"state": {"state-1"}, "nonce": {"nonce-1"}, "code_challenge": {challengeOf(testVerifier)}, "code_challenge_method": {"S256"},
	}
	for name, value := range change {
		if value == "" {
			v.Del(name)
		} else {
			v.Set(name, value)
		}
	}
	return v
}

// as adds the head-less login of a persona.
func as(persona string, more ...string) map[string]string {
	m := map[string]string{"kc_idp_hint": autoIDP, "login_hint": persona}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

// code logs in head-less and returns the authorization code.
func (g *rig) code(change map[string]string) string {
	g.tb.Helper()
	res := g.do(g.browser, g.request(http.MethodGet, oidcPath+"auth?"+authQuery(change).Encode(), ""))
	code := res.location(g.tb).Query().Get("code")
	if code == "" {
		g.tb.Fatalf("status %d, Location %s, body %s", res.StatusCode, res.Header.Get("Location"), res.body)
	}
	return code
}

// codeForm is the token request for a code of demo-ehr-spa.
func codeForm(code string, change map[string]string) url.Values {
	v := url.Values{"grant_type": {grantCode}, "client_id": {"demo-ehr-spa"}, "code": {code}, "redirect_uri": {spaRedirect}, "code_verifier": {testVerifier}}
	for name, value := range change {
		if value == "" {
			v.Del(name)
		} else {
			v.Set(name, value)
		}
	}
	return v
}

// login logs a persona in with demo-ehr-spa and returns the token answer.
func (g *rig) login(persona string) map[string]any {
	g.tb.Helper()
	return g.loginAs("demo-ehr-spa", persona)
}

func (g *rig) loginAs(client, persona string) map[string]any {
	g.tb.Helper()
	code := g.code(as(persona, "client_id", client))
	res := g.post(oidcPath+"token", codeForm(code, map[string]string{"client_id": client}))
	if res.StatusCode != http.StatusOK {
		g.tb.Fatalf("token answered %d: %s", res.StatusCode, res.body)
	}
	return res.json(g.tb)
}

func exchangeForm(subject string, change map[string]string) url.Values {
	v := url.Values{"grant_type": {grantExchange}, "client_id": {"demo-ehr-spa"}, "subject_token": {subject},
		"subject_token_type": {typeAccess}, "audience": {"nihdi-uhmep-fhir-hcp"}}
	for name, value := range change {
		if value == "" {
			v.Del(name)
		} else {
			v.Set(name, value)
		}
	}
	return v
}

// payload decodes a JWT without checking it.
func payload(tb testing.TB, token any) map[string]any {
	tb.Helper()
	text, _ := token.(string)
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		tb.Fatalf("not a JWT: %v", token)
	}
	m := map[string]any{}
	if err := json.Unmarshal(decodeSegment(parts[1]), &m); err != nil {
		tb.Fatal(err)
	}
	return m
}

// demoKey is the private key of the seeded clients.
func (g *rig) demoKey() *rsa.PrivateKey {
	g.tb.Helper()
	key, err := g.s.ring.file("iam/keys/demo-client.pem")
	if err != nil {
		g.tb.Fatal(err)
	}
	return key
}

var jtis atomic.Int64

// assertionOf are the claims of a good assertion.
func (g *rig) assertionOf(client, realm string) map[string]any {
	now := g.t.Clock.Now().Unix()
	return map[string]any{"iss": client, "sub": client, "aud": g.srv.URL + "/auth/realms/" + realm, "exp": now + 50, "iat": now,
		"jti": fmt.Sprintf("jti-%d", jtis.Add(1))}
}

// signed makes a JWT; kid may be empty.
func signed(tb testing.TB, alg jose.SignatureAlgorithm, key any, kid string, claims map[string]any) string {
	tb.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		tb.Fatal(err)
	}
	raw, err := json.Marshal(claims)
	if err != nil {
		tb.Fatal(err)
	}
	sig, err := signer.Sign(raw)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := sig.CompactSerialize()
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

const m2mToken = "/auth/realms/M2M/protocol/openid-connect/token"

// m2mForm is a client_credentials request with the assertion.
func m2mForm(assertion string, more ...string) url.Values {
	v := url.Values{"grant_type": {grantCredentials}, "client_assertion_type": {assertionType}, "client_assertion": {assertion}}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

// m2m gets a token for a seeded organisation client.
func (g *rig) m2m(client, scope string) map[string]any {
	g.tb.Helper()
	a := signed(g.tb, jose.RS256, g.demoKey(), "", g.assertionOf(client, M2M))
	res := g.post(m2mToken, m2mForm(a, "scope", scope))
	if res.StatusCode != http.StatusOK {
		g.tb.Fatalf("token answered %d: %s", res.StatusCode, res.body)
	}
	return res.json(g.tb)
}
