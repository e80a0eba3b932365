package iam

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	jose "github.com/go-jose/go-jose/v4"
)

// Guide of Keycloak's router: what is not there, and how that is said.
func TestPathsThatDoNotExist(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct {
		name, method, path string
		status             int
		body               string
	}{
		{"unknown realm", "GET", "/auth/realms/nowhere", 404, `{"error":"Realm does not exist"}`},
		{"realm names are case-sensitive", "GET", "/auth/realms/m2m/.well-known/openid-configuration", 404, `{"error":"Realm does not exist"}`},
		{"unknown path of an unknown realm", "GET", "/auth/realms/nowhere/x/y", 404, `{"error":"Realm does not exist"}`},
		{"unknown path", "GET", "/auth/realms/healthcare/protocol/openid-connect/nothing", 404, `{"error":"Unable to find matching target resource method"}`},
		{"device endpoint is not offered", "POST", oidcPath + "auth/device", 404, `{"error":"Unable to find matching target resource method"}`},
		{"wrong method on auth", "DELETE", oidcPath + "auth", 405, `{"error":"HTTP 405 Method Not Allowed"}`},
		{"wrong method on logout", "PUT", oidcPath + "logout", 405, `{"error":"HTTP 405 Method Not Allowed"}`},
		{"wrong method on token", "GET", oidcPath + "token", 404, `{"error":"HTTP 404 Not Found"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := g.do(http.DefaultClient, g.request(tc.method, tc.path, ""))
			if res.StatusCode != tc.status || string(res.body) != tc.body {
				t.Errorf("got %d %s, want %d %s", res.StatusCode, res.body, tc.status, tc.body)
			}
			if got, want := res.Header.Get("Content-Type"), "application/json;charset=UTF-8"; got != want {
				t.Errorf("Content-Type %q, want %q", got, want)
			}
		})
	}
}

func TestTheRealmDescribesItself(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	info := g.get("/auth/realms/healthcare").json(t)
	base := g.srv.URL + "/auth/realms/healthcare"
	for member, want := range map[string]any{"realm": "healthcare", "token-service": base + "/protocol/openid-connect",
		"account-service": base + "/account", "tokens-not-before": 0.0} {
		if info[member] != want {
			t.Errorf("%s is %v, want %v", member, info[member], want)
		}
	}
	raw, err := base64.StdEncoding.DecodeString(info["public_key"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if key, err := x509.ParsePKIXPublicKey(raw); err != nil || key.(*rsa.PublicKey).Size() != 256 {
		t.Errorf("public_key: %v", err)
	}
}

func TestDiscoveryListsWhatWorks(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	hc := g.get("/auth/realms/healthcare/.well-known/openid-configuration").json(t)
	m2m := g.get("/auth/realms/M2M/.well-known/openid-configuration").json(t)
	base := g.srv.URL + "/auth/realms/healthcare"
	for member, want := range map[string]any{
		"issuer": base, "authorization_endpoint": g.srv.URL + oidcPath + "auth", "token_endpoint": g.srv.URL + oidcPath + "token",
		"introspection_endpoint": g.srv.URL + oidcPath + "token/introspect", "userinfo_endpoint": g.srv.URL + oidcPath + "userinfo",
		"end_session_endpoint": g.srv.URL + oidcPath + "logout", "jwks_uri": g.srv.URL + oidcPath + "certs",
		"check_session_iframe": g.srv.URL + oidcPath + "login-status-iframe.html", "revocation_endpoint": g.srv.URL + oidcPath + "revoke",
		"authorization_response_iss_parameter_supported": true, "claims_parameter_supported": true,
		"tls_client_certificate_bound_access_tokens": true, "backchannel_logout_supported": true, "frontchannel_logout_supported": true,
	} {
		if hc[member] != want {
			t.Errorf("%s is %v, want %v", member, hc[member], want)
		}
	}
	lists := map[string]string{
		"response_types_supported": "code", "response_modes_supported": "query fragment form_post", "subject_types_supported": "public pairwise",
		"prompt_values_supported": "none login consent", "acr_values_supported": "0 1", "code_challenge_methods_supported": "plain S256",
		"grant_types_supported":                            "authorization_code refresh_token urn:ietf:params:oauth:grant-type:token-exchange",
		"token_endpoint_auth_methods_supported":            "private_key_jwt client_secret_basic client_secret_post client_secret_jwt tls_client_auth",
		"token_endpoint_auth_signing_alg_values_supported": "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512",
		"claims_supported":                                 "iss sub aud exp iat auth_time name given_name family_name preferred_username email acr azp nonce",
		"claim_types_supported":                            "normal",
	}
	for member, want := range lists {
		if got := words(hc[member]); got != want {
			t.Errorf("%s is %q, want %q", member, got, want)
		}
	}
	if got := words(m2m["grant_types_supported"]); got != "client_credentials" {
		t.Errorf("grant types of M2M: %q", got)
	}
	if strings.Contains(words(m2m["scopes_supported"]), "iam:connect:exchange") || !strings.Contains(words(m2m["scopes_supported"]), "nihdi:uhmep:organization") {
		t.Errorf("scopes of M2M: %v", m2m["scopes_supported"])
	}
	for _, absent := range []string{"device_authorization_endpoint", "registration_endpoint", "pushed_authorization_request_endpoint", "backchannel_authentication_endpoint"} {
		if _, ok := hc[absent]; ok {
			t.Errorf("%s is listed and would answer 404", absent)
		}
	}
}

func words(list any) string {
	var out []string
	for _, w := range list.([]any) {
		out = append(out, w.(string))
	}
	return strings.Join(out, " ")
}

func TestTheJWKSHoldsASigningAndAnEncryptionKey(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(g.get(oidcPath+"certs").body, &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 2 || set.Keys[0].Use != "sig" || set.Keys[0].Algorithm != "RS256" || set.Keys[1].Use != "enc" || set.Keys[1].Algorithm != "RSA-OAEP" {
		t.Fatalf("keys %+v", set.Keys)
	}
	for _, k := range set.Keys {
		cert := k.Certificates[0]
		if !strings.HasPrefix(k.KeyID, "sandbox-") || cert.Subject.CommonName != "healthcare" || !k.IsPublic() ||
			cert.NotAfter.Sub(cert.NotBefore).Hours() < 9.9*365*24 || len(k.CertificateThumbprintSHA1) != 20 || len(k.CertificateThumbprintSHA256) != 32 {
			t.Errorf("key %s: %s", k.KeyID, cert.Subject)
		}
		if err := cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature); err != nil {
			t.Error(err)
		}
	}
	if strings.Contains(string(g.get(oidcPath+"certs").body), `"d":`) {
		t.Error("a private key is published")
	}
	g.set(map[string]string{"iam-jwks-enc-first": "true"})
	if first := g.get(oidcPath + "certs").json(t)["keys"].([]any)[0].(map[string]any); first["use"] != "enc" {
		t.Errorf("first key %v, want the encryption key", first["use"])
	}
}

func TestURLsFollowTheRequest(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	disco := g.get("/auth/realms/M2M/.well-known/openid-configuration", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "iam.example.org").json(t)
	if got, want := disco["issuer"], "https://iam.example.org/auth/realms/M2M"; got != want {
		t.Errorf("issuer %v, want %v", got, want)
	}
}

func TestPreflightsLetAnyOriginAsk(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for path, methods := range map[string]string{
		"token": "POST, OPTIONS", "userinfo": "GET, HEAD, POST, OPTIONS", "token/introspect": "POST, OPTIONS", "revoke": "POST, OPTIONS",
		"logout": "GET, POST, OPTIONS", "certs": "GET, HEAD, OPTIONS", "../../.well-known/openid-configuration": "GET, HEAD, OPTIONS",
	} {
		target := oidcPath + path
		if strings.HasPrefix(path, "../../") {
			target = "/auth/realms/healthcare/" + strings.TrimPrefix(path, "../../")
		}
		res := g.do(http.DefaultClient, g.request("OPTIONS", target, "", "Origin", "https://any.example.org", "Access-Control-Request-Method", "POST"))
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": "https://any.example.org", "Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Methods": methods,
			"Access-Control-Allow-Headers": "Origin, Accept, X-Requested-With, Content-Type, Access-Control-Request-Method, Access-Control-Request-Headers, DPoP, Authorization",
			"Access-Control-Max-Age":       "3600",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if res.StatusCode != 200 || !slices.Contains(res.Header.Values("Vary"), "Origin") {
			t.Errorf("%s: status %d, Vary %v", path, res.StatusCode, res.Header.Values("Vary"))
		}
	}
}

func TestAnswersShowCORSToRegisteredOriginsOnly(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct {
		name, client, origin, want string
	}{
		{"any localhost port of a seeded client", "demo-ehr-spa", "http://localhost:4200", "http://localhost:4200"},
		{"127.0.0.1 likewise", "demo-ehr-spa", "http://127.0.0.1:5173", "http://127.0.0.1:5173"},
		{"a stranger's page", "demo-ehr-spa", "https://stranger.example.org", ""},
		{"localhost with something behind it", "demo-ehr-spa", "http://localhost:1.evil.example", ""},
		{"a client whose redirect URI is a star", "nihdi-uhmep-hcp", "https://any.example.org", "https://any.example.org"},
		{"an unknown client is no reason to hide the error", "nobody", "https://any.example.org", "https://any.example.org"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := g.post(oidcPath+"token", codeForm("x", map[string]string{"client_id": tc.client}), "Origin", tc.origin)
			if got := res.Header.Get("Access-Control-Allow-Origin"); got != tc.want {
				t.Errorf("Access-Control-Allow-Origin %q, want %q", got, tc.want)
			}
			if got := res.Header.Get("Access-Control-Allow-Credentials"); (got == "true") != (tc.want != "") {
				t.Errorf("Access-Control-Allow-Credentials %q", got)
			}
			if !slices.Contains(res.Header.Values("Vary"), "Origin") {
				t.Error("Vary lacks Origin")
			}
		})
	}
}

func TestWithheldCORSHeadersAreExplained(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.post(oidcPath+"token", codeForm("x", nil), "Origin", "https://stranger.example.org")
	if !g.warned("iam-2.1-origin") {
		t.Errorf("warnings %v", g.last().Warnings)
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct {
		name  string
		res   reply
		has   map[string]string
		lacks []string
	}{
		{"token", g.post(oidcPath+"token", nil), map[string]string{"Cache-Control": "no-store", "Pragma": "no-cache", "Content-Type": "application/json"}, []string{"Strict-Transport-Security"}},
		{"error page", g.get(oidcPath + "auth"), map[string]string{"X-Frame-Options": "SAMEORIGIN", "X-Robots-Tag": "none",
			"Content-Security-Policy": "frame-src 'self'; frame-ancestors 'self'; object-src 'none'"}, nil},
		{"userinfo", g.get(oidcPath + "userinfo"), nil, []string{"X-Frame-Options"}},
		{"session iframe", g.get(oidcPath + "login-status-iframe.html"), nil, []string{"X-Frame-Options", "Content-Security-Policy"}},
		{"cookie probe", g.get(oidcPath + "3p-cookies/step1.html"), nil, []string{"X-Frame-Options", "Content-Security-Policy"}},
		{"behind TLS", g.get("/auth/realms/healthcare", "X-Forwarded-Proto", "https"), map[string]string{"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}, nil},
	} {
		for name, want := range tc.has {
			if got := tc.res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", tc.name, name, got, want)
			}
		}
		for _, name := range append(tc.lacks, "Access-Control-Allow-Origin") {
			if got := tc.res.Header.Get(name); got != "" {
				t.Errorf("%s: %s is %q, want none", tc.name, name, got)
			}
		}
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
			if got := tc.res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", tc.name, name, got, want)
			}
		}
	}
}
