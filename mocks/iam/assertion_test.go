package iam

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

// change lays values over an assertion's claims; nil removes one.
func assertionWith(g *rig, change map[string]any) map[string]any {
	claims := g.assertionOf("demo-hospital", M2M)
	for name, v := range change {
		if v == nil {
			delete(claims, name)
		} else {
			claims[name] = v
		}
	}
	return claims
}

// The rows of the assertion table, in lenient and in strict mode. An empty
// description means that tokens are issued.
func TestClientAssertionRows(t *testing.T) {
	t.Parallel()
	now := testTime.Unix()
	for _, tc := range []struct {
		name    string
		change  map[string]any
		form    []string
		lenient string
		strict  string
		status  int
		warning string // in lenient mode
	}{
		{name: "a good assertion"},
		{name: "client_id may be sent", form: []string{"client_id", "demo-hospital"}},
		{name: "iss is not sub", change: map[string]any{"iss": "somebody"}, lenient: badCredentials, strict: badCredentials, status: 401},
		{name: "iss absent", change: map[string]any{"iss": nil}, lenient: badCredentials, strict: badCredentials, status: 401},
		{name: "client unknown", change: map[string]any{"iss": "nobody", "sub": "nobody"}, lenient: badCredentials, strict: badCredentials, status: 401},
		{name: "no sub", change: map[string]any{"sub": nil}, lenient: "Token sub claim is required", strict: "Token sub claim is required"},
		{name: "client_id is not sub", form: []string{"client_id", "demo-guardpost"}, lenient: "client_id parameter does not match sub claim", strict: "client_id parameter does not match sub claim"},
		{name: "aud of another realm", change: map[string]any{"aud": "http://localhost/auth/realms/healthcare"}, lenient: "Invalid token audience", strict: "Invalid token audience"},
		{name: "aud absent", change: map[string]any{"aud": nil}, lenient: "Invalid token audience", strict: "Invalid token audience"},
		{name: "aud of the acceptance environment", change: map[string]any{"aud": "https://api-acpt.ehealth.fgov.be/auth/realms/M2M"}, strict: "Invalid token audience", warning: "iam-6.4-aud"},
		{name: "aud of the acceptance environment, other realm", change: map[string]any{"aud": "https://api-acpt.ehealth.fgov.be/auth/realms/healthcare"}, lenient: "Invalid token audience", strict: "Invalid token audience"},
		{name: "no exp", change: map[string]any{"exp": nil}, lenient: "Token exp claim is required", strict: "Token exp claim is required"},
		{name: "expired", change: map[string]any{"exp": now - 15}, lenient: "Token is not active", strict: "Token is not active"},
		{name: "expired within the leeway", change: map[string]any{"exp": now - 14}},
		{name: "nbf in the future", change: map[string]any{"nbf": now + 16}, lenient: "Token is not active", strict: "Token is not active"},
		{name: "nbf within the leeway", change: map[string]any{"nbf": now + 15}},
		{name: "exp far and no iat", change: map[string]any{"exp": now + 61, "iat": nil}, strict: "Token expiration is too far in the future and iat claim not present in token", warning: "iam-6.4-exp-far"},
		{name: "exp very far and no iat", change: map[string]any{"exp": now + 4000, "iat": nil},
			lenient: "Token expiration is too far in the future and iat claim not present in token", strict: "Token expiration is too far in the future and iat claim not present in token"},
		{name: "exp at 60 s and no iat", change: map[string]any{"exp": now + 60, "iat": nil}, warning: "iam-6.4-iat"},
		{name: "exp in an hour with iat", change: map[string]any{"exp": now + 3600}},
		{name: "iat in the future", change: map[string]any{"iat": now + 16}, lenient: "Token was issued in the future", strict: "Token was issued in the future"},
		{name: "iat old", change: map[string]any{"iat": now - 61}, strict: "Token was issued too far in the past to be used now", warning: "iam-6.4-iat-old"},
		{name: "iat very old", change: map[string]any{"iat": now - 4000}, lenient: "Token was issued too far in the past to be used now", strict: "Token was issued too far in the past to be used now"},
		{name: "no jti", change: map[string]any{"jti": nil}, lenient: "Token jti claim is required", strict: "Token jti claim is required"},
		{name: "times with fractions", change: map[string]any{"exp": float64(now) + 30.5, "iat": float64(now) - 0.5}},
		{name: "exp is no number", change: map[string]any{"exp": "soon"}, lenient: "Client authentication with signed JWT failed: Failed to parse JWT", strict: "Client authentication with signed JWT failed: Failed to parse JWT"},
	} {
		for mode, want := range map[string]string{"lenient": tc.lenient, "strict": tc.strict} {
			t.Run(tc.name+"/"+mode, func(t *testing.T) {
				t.Parallel()
				g := newRig(t)
				g.set(map[string]string{"iam-assertion-mode": mode})
				res := g.post(m2mToken, m2mForm(signed(t, jose.RS256, g.demoKey(), "", assertionWith(g, tc.change)), tc.form...))
				if want == "" {
					if res.StatusCode != 200 {
						t.Fatalf("got %d %s", res.StatusCode, res.body)
					}
					if tc.warning != "" && mode == "lenient" && !g.warned(tc.warning) {
						t.Errorf("warnings %v, want %s", g.last().Warnings, tc.warning)
					}
					return
				}
				status := tc.status
				if status == 0 {
					status = 400
				}
				g.wantError(res, status, "invalid_client", want)
			})
		}
	}
}

func TestAssertionAudiences(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	issuer := g.srv.URL + "/auth/realms/M2M"
	for _, tc := range []struct {
		name string
		aud  any
		want string
	}{
		{"issuer", issuer, ""}, {"token URL", issuer + "/protocol/openid-connect/token", ""},
		{"introspection URL", issuer + "/protocol/openid-connect/token/introspect", ""},
		{"array of one", []string{issuer}, ""},
		{"hard-coded acceptance in an array", []string{"https://api-acpt.ehealth.fgov.be/auth/realms/M2M"}, ""},
		{"hard-coded production token URL", "https://api.ehealth.fgov.be/auth/realms/M2M/protocol/openid-connect/token", ""},
		{"two, one of them right", []string{issuer, "https://elsewhere.example"}, "Multiple audiences not allowed"},
		{"slash at the end", issuer + "/", "Invalid token audience"},
		{"another host", "https://elsewhere.example/auth/realms/M2M", "Invalid token audience"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := g.post(m2mToken, m2mForm(signed(t, jose.RS256, g.demoKey(), "", assertionWith(g, map[string]any{"aud": tc.aud}))))
			if tc.want == "" {
				if res.StatusCode != 200 {
					t.Errorf("got %d %s", res.StatusCode, res.body)
				}
				return
			}
			g.wantError(res, 400, "invalid_client", tc.want)
		})
	}
}

func TestAnAssertionIsGoodOnce(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	a := signed(t, jose.RS256, g.demoKey(), "", g.assertionOf("demo-hospital", M2M))
	if res := g.post(m2mToken, m2mForm(a)); res.StatusCode != 200 {
		t.Fatalf("got %d %s", res.StatusCode, res.body)
	}
	g.wantError(g.post(m2mToken, m2mForm(a)), 400, "invalid_client", "Token reuse detected")
}

// A jti belongs to its client, and one that failed otherwise is not used up.
func TestTheReplayCacheIsPerClient(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	one := g.assertionOf("demo-hospital", M2M)
	two := g.assertionOf("demo-guardpost", M2M)
	two["jti"] = one["jti"]
	bad := assertionWith(g, map[string]any{"jti": one["jti"], "exp": testTime.Unix() - 100})
	for _, claims := range []map[string]any{bad, one, two} {
		res := g.post(m2mToken, m2mForm(signed(t, jose.RS256, g.demoKey(), "", claims)))
		if want := claims["exp"] != bad["exp"]; (res.StatusCode == 200) != want {
			t.Errorf("%v: got %d %s", claims["sub"], res.StatusCode, res.body)
		}
	}
}

func TestOfTwoParallelUsesOneIsReplay(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	a := m2mForm(signed(t, jose.RS256, g.demoKey(), "", g.assertionOf("demo-hospital", M2M)))
	results := make(chan int, 8)
	for range cap(results) {
		go func() { results <- g.post(m2mToken, a).StatusCode }()
	}
	ok := 0
	for range cap(results) {
		if <-results == 200 {
			ok++
		}
	}
	if ok != 1 {
		t.Errorf("%d of %d accepted, want 1", ok, cap(results))
	}
}

// What real clients send, all of which must pass in lenient mode.
func TestAssertionsOfRealClients(t *testing.T) {
	t.Parallel()
	now := testTime.Unix()
	for _, tc := range []struct {
		name   string
		kid    string
		change map[string]any
		form   []string
		client string
	}{
		{"Smals' Java helper: no kid, no iat, no scope, an extra claim", "", map[string]any{"iat": nil, "exp": now + 60, "grant_type": "client_credentials"}, []string{"client_id", "demo-m2m-noscope"}, "demo-m2m-noscope"},
		{"token generator: array, acceptance, one hour", "", map[string]any{"iat": nil, "exp": now + 3600, "aud": []string{"https://api-acpt.ehealth.fgov.be/auth/realms/M2M"}}, []string{"scope", "openid pseudo:api:pseudonymize"}, "demo-hospital"},
		{"open-source connector: five minutes, nbf before", "sandbox-1795000006", map[string]any{"exp": now + 300, "nbf": now - 300}, []string{"client_id", "demo-hospital", "scope", "openid"}, "demo-hospital"},
		{"Spring Security: token URL", "sandbox-1795000006", map[string]any{"exp": now + 60}, []string{"scope", "openid"}, "demo-hospital"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t)
			change := map[string]any{"iss": tc.client, "sub": tc.client}
			for k, v := range tc.change {
				change[k] = v
			}
			res := g.post(m2mToken, m2mForm(signed(t, jose.RS256, g.demoKey(), tc.kid, assertionWith(g, change)), tc.form...))
			if res.StatusCode != 200 {
				t.Errorf("got %d %s: %+v", res.StatusCode, res.body, g.last().Refusal)
			}
		})
	}
}

// Algorithm confusion: what is refused whatever the payload says.
func TestAssertionAlgorithmsAreAllowListed(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	public, err := x509.MarshalPKIXPublicKey(g.demoKey().Public())
	if err != nil {
		t.Fatal(err)
	}
	pemKey := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	claims := func() map[string]any { return g.assertionOf("demo-hospital", M2M) }
	body, err := json.Marshal(claims())
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	none := encode([]byte(`{"alg":"none"}`)) + "." + encode(body) + "."
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, token, want string }{
		{"alg none", none, "Invalid signature algorithm"},
		{"alg NoNe", encode([]byte(`{"alg":"NoNe"}`)) + "." + encode(body) + ".", "Invalid signature algorithm"},
		{"no alg", encode([]byte(`{}`)) + "." + encode(body) + ".", "Invalid signature algorithm"},
		{"HMAC with the public key as secret", signed(t, jose.HS256, pemKey, "", claims()), "Invalid signature algorithm"},
		{"HMAC 512 with the public key as secret", signed(t, jose.HS512, public, "", claims()), "Invalid signature algorithm"},
		{"EC key where RSA is registered", signed(t, jose.ES256, other, "", claims()), "Unable to load public key"},
		{"kid unknown", signed(t, jose.RS256, g.demoKey(), "unknown", claims()), "Unable to load public key"},
		{"key is for another algorithm", signed(t, jose.RS512, g.demoKey(), "", claims()), "Unable to load public key"},
		{"signature cut off", signed(t, jose.RS256, g.demoKey(), "", claims())[:500], "Client authentication with signed JWT failed: Signature on JWT token failed validation"},
		{"two parts", "a.b", "Client authentication with signed JWT failed: Failed to parse JWT"},
		{"garbage", "a.b.c", "Client authentication with signed JWT failed: Failed to parse JWT"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g.wantError(g.post(m2mToken, m2mForm(tc.token)), 400, "invalid_client", tc.want)
		})
	}
}

// The attacker's own key in the header opens nothing.
func TestEmbeddedKeysAreIgnored(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, extra := range map[jose.HeaderKey]any{"jku": "http://evil.example/jwks", "x5u": "http://evil.example/cert", "jwk": jose.JSONWebKey{Key: key.Public()}} {
		options := (&jose.SignerOptions{}).WithHeader(name, extra)
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(g.assertionOf("demo-hospital", M2M))
		if err != nil {
			t.Fatal(err)
		}
		sig, err := signer.Sign(raw)
		if err != nil {
			t.Fatal(err)
		}
		text, err := sig.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		g.wantError(g.post(m2mToken, m2mForm(text)), 400, "invalid_client", "Unable to load public key")
	}
}

func TestAllSignatureAlgorithmsOfTheList(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	curves := map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}
	for _, alg := range assertionAlgs() {
		t.Run(alg, func(t *testing.T) {
			var key any = g.demoKey()
			var public any = g.demoKey().Public()
			if curve, ok := curves[alg]; ok {
				ec, err := ecdsa.GenerateKey(curve, rand.Reader)
				if err != nil {
					t.Fatal(err)
				}
				key, public = ec, ec.Public()
			}
			set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: "own", Use: "sig"}}})
			if err != nil {
				t.Fatal(err)
			}
			id := "client-" + strings.ToLower(alg)
			res := g.control("PUT", "/clients/M2M/"+id, `{"name":"x","credentials":{"jwks":`+string(set)+`}}`)
			if res.StatusCode != 201 {
				t.Fatalf("registration answered %d: %s", res.StatusCode, res.body)
			}
			a := signed(t, jose.SignatureAlgorithm(alg), key, "own", g.assertionOf(id, M2M))
			if res := g.post(m2mToken, m2mForm(a)); res.StatusCode != 200 {
				t.Errorf("got %d %s", res.StatusCode, res.body)
			}
		})
	}
}

// A jti is kept as long as its assertion could be used, not as long as exp says.
func TestTheReplayCacheForgetsWhatCannotComeBack(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	now := testTime.Unix()
	forever := signed(t, jose.RS256, g.demoKey(), "", assertionWith(g, map[string]any{"exp": now + 100*365*24*3600}))
	if res := g.post(m2mToken, m2mForm(forever)); res.StatusCode != 200 {
		t.Fatalf("%d %s", res.StatusCode, res.body)
	}
	before := g.keys()
	g.t.Clock.Advance(3 * time.Hour)
	g.wantError(g.post(m2mToken, m2mForm(forever)), 400, "invalid_client", "Token was issued too far in the past to be used now")
	g.m2m("demo-hospital", "openid") // writes, and sweeps
	if after := g.keys(); after != before {
		t.Errorf("%d entries, want %d", after, before)
	}
}
