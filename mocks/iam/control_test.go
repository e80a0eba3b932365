package iam

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	jose "github.com/go-jose/go-jose/v4"
)

func TestPersonasChangeAtRunTime(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	var list []map[string]any
	if err := json.Unmarshal(g.control("GET", "/personas", "").body, &list); err != nil || len(list) < 13 || list[0]["name"] != "dr-peeters" {
		t.Fatalf("%d personas, %v", len(list), err)
	}
	fresh := `{"kind":"nurse","ssin":"85072299978","first_name":"An","last_name":"Jans","gender":"F","language":"nl","disciplines":[{"key":"nurse","nihii":"94754895940"}]}`
	created := g.control("PUT", "/personas/nurse-jans", fresh)
	if created.StatusCode != 201 || created.json(t)["warnings"] == nil {
		t.Errorf("a dummy NIHII number: %d %s, want 201 with a warning", created.StatusCode, created.body)
	}
	if again := g.control("PUT", "/personas/nurse-jans", fresh); again.StatusCode != 200 {
		t.Errorf("replace: %d", again.StatusCode)
	}
	if got := payload(t, g.login("nurse-jans")["access_token"])["given_name"]; got != "An" {
		t.Errorf("given_name %v", got)
	}
	if one := g.control("GET", "/personas/nurse-jans", "").json(t); one["sub"] != SubjectOf("nurse-jans") || one["roles"].([]any)[0] != "caregiver" {
		t.Errorf("persona %v", one)
	}
	if res := g.control("DELETE", "/personas/nurse-jans", ""); res.StatusCode != 204 {
		t.Errorf("delete: %d", res.StatusCode)
	}
	for name, res := range map[string]reply{
		"removed": g.control("GET", "/personas/nurse-jans", ""), "unknown": g.control("POST", "/personas/nobody/disable", ""), "delete unknown": g.control("DELETE", "/personas/nobody", ""),
	} {
		if res.StatusCode != 404 {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	g.control("POST", "/personas/dr-peeters/disable", "")
	g.control("POST", "/personas/dr-peeters/enable", "")
	g.login("dr-peeters")
}

func TestBadControlBodiesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	private := string(g.get("/_sandbox/iam/clients/M2M/demo-hospital/private-key", "Accept", "application/json").body)
	for _, tc := range []struct{ name, method, path, body, message string }{
		{"persona without body", "PUT", "/personas/x", "", "empty"},
		{"persona with a misspelt member", "PUT", "/personas/x", `{"firstname":"x"}`, "firstname"},
		{"persona of no kind", "PUT", "/personas/x", `{"kind":"wizard","ssin":"85072299978","first_name":"a","last_name":"b"}`, "wizard"},
		{"persona with two names", "PUT", "/personas/x", `{"name":"y"}`, "differ"},
		{"client with two ids", "PUT", "/clients/M2M/x", `{"client_id":"y"}`, "differ"},
		{"client with broken JSON", "PUT", "/clients/M2M/x", `{`, "cannot be read"},
		{"assertion check without realm", "POST", "/assertion-check", `{"client_assertion":"x"}`, "realm"},
		{"certificate of no type", "POST", "/certificates", `{"type":"NIHII-HOSPITALS","identifier":"71099911"}`, "did you mean NIHII-HOSPITAL?"},
		{"certificate for no use", "POST", "/certificates", `{"type":"CBE","identifier":"0999999031","use":"both"}`, "sig or enc"},
		{"token for a public client alone", "POST", "/tokens", `{"client_id":"demo-ehr-spa"}`, "persona"},
		{"token for a person in M2M", "POST", "/tokens", `{"realm":"M2M","client_id":"demo-hospital","persona":"dr-peeters"}`, "no personas"},
		{"exchange for nobody", "POST", "/tokens", `{"realm":"M2M","client_id":"demo-hospital","exchange_to":"nihdi-uhmep-api"}`, "needs a persona"},
		{"token for a thousand years", "POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"dr-peeters","expires_in":31536000000}`, "out of range"},
		{"exchange of a patient", "POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"pat-dubois","exchange_to":"nihdi-uhmep-fhir-hcp"}`, "takes no patients"},
		{"JWKS without keys", "PUT", "/jwks/CBE/0999999031", `{"keys":[]}`, "usable key"},
		{"JWKS with a shared secret", "PUT", "/jwks/CBE/0999999031", `{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`, "usable key"},
		{"JWKS with a private key", "PUT", "/jwks/CBE/0999999031", `{"keys":[` + private + `]}`, "private or secret"},
		{"client with a private key", "PUT", "/clients/M2M/x", `{"credentials":{"jwks":{"keys":[` + private + `]}}}`, "private key"},
	} {
		res := g.control(tc.method, tc.path, tc.body)
		message, _ := res.json(t)["message"].(string)
		if res.StatusCode != 400 || !strings.Contains(message, tc.message) {
			t.Errorf("%s: %d %s, want 400 with %q", tc.name, res.StatusCode, res.body, tc.message)
		}
	}
	for _, path := range []string{"/clients/m2m", "/clients/healthcare/nobody", "/realms/other/keys", "/personas/nobody"} {
		if res := g.control("GET", path, ""); res.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", path, res.StatusCode)
		}
	}
	if res := g.control("POST", "/sessions/none/end", ""); res.StatusCode != 404 {
		t.Errorf("unknown session: %d", res.StatusCode)
	}
	if res := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"nobody"}`); res.StatusCode != 404 {
		t.Errorf("unknown persona: %d", res.StatusCode)
	}
}

func TestClientsChangeAtRunTime(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	var all, m2m []*Client
	if err := json.Unmarshal(g.control("GET", "/clients", "").body, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(g.control("GET", "/clients/M2M", "").body, &m2m); err != nil {
		t.Fatal(err)
	}
	if len(all) != 26 || len(m2m) != 14 {
		t.Errorf("%d clients, %d in M2M", len(all), len(m2m))
	}
	if res := g.control("DELETE", "/clients/healthcare/demo-ehr-spa", ""); res.StatusCode != 204 {
		t.Errorf("delete: %d", res.StatusCode)
	}
	if res := g.get(oidcPath + "auth?" + authQuery(nil).Encode()); res.StatusCode != 400 {
		t.Errorf("a removed client may still log in: %d", res.StatusCode)
	}
	one := g.control("GET", "/clients/healthcare/nihdi-uhmep-hcp", "")
	if res := g.control("PUT", "/clients/healthcare/nihdi-uhmep-hcp", string(one.body)); res.StatusCode != 200 {
		t.Errorf("what GET gives, PUT takes: %d %s", res.StatusCode, res.body)
	}
	g.loginAs("nihdi-uhmep-hcp", "dr-peeters")
}

func TestMintedTokensWorkLikeRealOnes(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	person := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"71011599751"}`).json(t)
	if res := g.get(oidcPath+"userinfo", "Authorization", "Bearer "+person["access_token"].(string)); res.StatusCode != 200 {
		t.Errorf("userinfo: %d", res.StatusCode)
	}
	if res := g.post(oidcPath+"token", refreshForm(person, nil)); res.StatusCode != 200 {
		t.Errorf("refresh: %d %s", res.StatusCode, res.body)
	}
	if res := g.post(oidcPath+"token", exchangeForm(person["access_token"].(string), nil)); res.StatusCode != 200 {
		t.Errorf("exchange: %d %s", res.StatusCode, res.body)
	}
	organisation := g.control("POST", "/tokens", `{"realm":"M2M","client_id":"demo-hospital","scope":"openid pseudo:api:identify","audience":"ehealth-pseudo-api","claims":{"custom":{"a":1},"acr":null}}`).json(t)
	claims := payload(t, organisation["access_token"])
	if claims["custom"] == nil || claims["acr"] != nil || claims["client_id"] != "demo-hospital" || len(claims["aud"].([]any)) != 2 {
		t.Errorf("claims %v", claims)
	}
	short := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"dr-peeters","expires_in":-5,"scope":"openid"}`).json(t)
	if short["expires_in"] != -5.0 || payload(t, short["access_token"])["exp"] != float64(testTime.Unix()-5) {
		t.Errorf("expires_in %v", short["expires_in"])
	}
	if res := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"dr-peeters","scope":"lam:authz"}`); res.StatusCode != 400 {
		t.Errorf("a wrong scope: %d", res.StatusCode)
	}
	if _, err := g.s.Mint(t.Context(), g.t, "http://localhost:8080", MintRequest{ClientID: "demo-ehr-spa", Persona: "dr-peeters"}); err != nil {
		t.Errorf("Mint: %v", err)
	}
}

func TestTheAssertionCheckReportsEveryRow(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	now := testTime.Unix()
	bad := signed(t, jose.RS256, g.demoKey(), "wrong", assertionWith(g, map[string]any{"aud": "https://elsewhere", "exp": now - 100, "iat": now + 100, "jti": nil}))
	body := g.control("POST", "/assertion-check", `{"realm":"M2M","client_assertion":"`+bad+`"}`).json(t)
	var failed []string
	for _, f := range body["findings"].([]any) {
		if m := f.(map[string]any); m["ok"] == false {
			failed = append(failed, m["rule"].(string))
		}
	}
	if want := []string{"iam-6.4-key", "iam-6.4-aud", "iam-6.4-exp", "iam-6.4-iat-future", "iam-6.4-jti"}; !slices.Equal(failed, want) {
		t.Errorf("failed rows %v, want %v", failed, want)
	}
	if answer := body["answer"].(map[string]any); body["accepted"] != false || answer["error_description"] != "Unable to load public key" {
		t.Errorf("answer %v", answer)
	}
	good := signed(t, jose.RS256, g.demoKey(), "", g.assertionOf("demo-hospital", M2M))
	for range 2 { // looking does not use the assertion up
		if body := g.control("POST", "/assertion-check", `{"realm":"M2M","client_assertion":"`+good+`"}`).json(t); body["accepted"] != true {
			t.Errorf("good assertion: %v", body)
		}
	}
	if res := g.post(m2mToken, m2mForm(good)); res.StatusCode != 200 {
		t.Errorf("after the check: %d %s", res.StatusCode, res.body)
	}
	if body := g.control("POST", "/assertion-check", `{"realm":"M2M","client_assertion":"`+good+`"}`).json(t); body["accepted"] != false {
		t.Errorf("used assertion: %v", body)
	}
}

func TestPrivateKeysOfSeededClientsAreHandedOut(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	pemRes := g.get("/_sandbox/iam/clients/M2M/demo-hospital/private-key")
	key, err := parsePrivateKey(pemRes.body)
	if err != nil || !key.Equal(g.demoKey()) || pemRes.Header.Get("X-Key-Id") == "" {
		t.Errorf("PEM: %v, kid %q", err, pemRes.Header.Get("X-Key-Id"))
	}
	var jwk jose.JSONWebKey
	if err := json.Unmarshal(g.get("/_sandbox/iam/clients/M2M/demo-hospital/private-key", "Accept", "application/json").body, &jwk); err != nil || jwk.IsPublic() || jwk.KeyID == "" {
		t.Errorf("JWK: %v", err)
	}
	if res := g.get("/_sandbox/iam/clients/healthcare/demo-ehr-spa/private-key"); res.StatusCode != 404 {
		t.Errorf("a public client has no key: %d", res.StatusCode)
	}
}

func TestAnIntegratorsOwnKeysAreRegistered(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: g.demoKey().Public(), Algorithm: "RS256"}}})
	if err != nil {
		t.Fatal(err)
	}
	res := g.control("PUT", "/jwks/NIHII-LABO/81099999", string(set))
	body := res.json(t)
	if res.StatusCode != 200 || len(body["warnings"].([]any)) < 2 || body["keys"].([]any)[0].(map[string]any)["kid"] == "" {
		t.Errorf("%d %s: want a kid and warnings about kid and use", res.StatusCode, res.body)
	}
	g.control("PUT", "/clients/M2M/labo", `{"name":"x","credentials":{"ehealth_certificate":{"type":"NIHII-LABO","identifier":"81099999"}}}`)
	if res := g.post(m2mToken, m2mForm(signed(t, jose.RS256, g.demoKey(), "", g.assertionOf("labo", M2M)))); res.StatusCode != 200 {
		t.Errorf("token: %d %s", res.StatusCode, res.body)
	}
}

func TestKeyDepotCredentialsAreResolved(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	if err := g.depot.Register(t.Context(), "CBE", "0999999229", "", []jose.JSONWebKey{{Key: g.demoKey().Public(), KeyID: "depot", Use: "sig"}}); err != nil {
		t.Fatal(err)
	}
	res := g.control("PUT", "/clients/M2M/depot", `{"name":"x","credentials":{"keydepot":{"type":"CBE","value":"0999999229","use":"sig"}}}`)
	if res.StatusCode != 201 {
		t.Fatalf("%d %s", res.StatusCode, res.body)
	}
	if res := g.post(m2mToken, m2mForm(signed(t, jose.RS256, g.demoKey(), "depot", g.assertionOf("depot", M2M)))); res.StatusCode != 200 {
		t.Errorf("token: %d %s", res.StatusCode, res.body)
	}
}

func TestThePKCS12CanBeHadAsAFile(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	res := g.do(http.DefaultClient, g.request("POST", "/_sandbox/iam/certificates", `{"type":"CBE","identifier":"0999999031","application_id":"MINE"}`, "Accept", "application/x-pkcs12"))
	if res.StatusCode != 201 || res.Header.Get("Content-Type") != "application/x-pkcs12" || !strings.Contains(res.Header.Get("Content-Disposition"), "CBE=0999999031") {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
}

func TestSessionsCanBeSeenAndEnded(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	var list []session
	if err := json.Unmarshal(g.control("GET", "/sessions", "").body, &list); err != nil || len(list) != 1 || list[0].Persona != "dr-peeters" || list[0].ID != tokens["session_state"] {
		t.Fatalf("sessions %+v, %v", list, err)
	}
	if res := g.control("POST", "/sessions/"+list[0].ID+"/end", ""); res.StatusCode != 204 {
		t.Errorf("end: %d", res.StatusCode)
	}
	if body := string(g.control("GET", "/sessions", "").body); body != "[]" {
		t.Errorf("sessions %s", body)
	}
}

func TestKeysAreListedWithoutTheirMaterial(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("POST", "/realms/M2M/keys/rotate", "")
	res := g.control("GET", "/realms/M2M/keys", "")
	keys := res.json(t)["keys"].([]any)
	if len(keys) != 2 || keys[0].(map[string]any)["status"] != "active" || keys[1].(map[string]any)["status"] != "passive" || strings.Contains(string(res.body), "PRIVATE") {
		t.Errorf("%s", res.body)
	}
}
