package iam

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// golden compares v with a file of testdata; identifiers that differ from run
// to run are named instead of shown.
func golden(t *testing.T, name string, g *rig, v any) {
	t.Helper()
	if m, ok := v.(map[string]any); ok && m["at_hash"] != nil {
		m["at_hash"] = "(hash of the access token)" // which holds the server's port
	}
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(raw), g.srv.URL, "http://localhost:8080") + "\n"
	file := filepath.Join("testdata", "tokens", name+".json")
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("got %s\nwant %s", text, want)
	}
}

// The complete content of every kind of token.
func TestTokenContents(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	initial := g.login("dr-peeters")
	golden(t, "initial-access", g, payload(t, initial["access_token"]))
	golden(t, "initial-id", g, payload(t, initial["id_token"]))
	golden(t, "refresh", g, payload(t, initial["refresh_token"]))
	exchanged := g.post(oidcPath+"token", exchangeForm(initial["access_token"].(string), nil)).json(t)
	golden(t, "exchanged-access", g, payload(t, exchanged["access_token"]))

	patient := g.loginAs("nihdi-uhmep-patient", "pat-dubois")
	golden(t, "patient-initial-access", g, payload(t, patient["access_token"]))
	swapped := g.post(oidcPath+"token", exchangeForm(patient["access_token"].(string), map[string]string{"client_id": "nihdi-uhmep-patient", "audience": "nihdi-uhmep-fhir-patient"})).json(t)
	golden(t, "patient-exchanged-access", g, payload(t, swapped["access_token"]))
	golden(t, "patient-exchanged-id", g, payload(t, swapped["id_token"]))
	golden(t, "patient-userinfo", g, g.get(oidcPath+"userinfo", "Authorization", "Bearer "+swapped["access_token"].(string)).json(t))

	golden(t, "m2m-pseudo", g, payload(t, g.m2m("demo-hospital", "pseudo:api:pseudonymize pseudo:api:identify nihdi:uhmep:pseudo openid iam:authz")["access_token"]))
	golden(t, "m2m-organization", g, payload(t, g.m2m("demo-hospital", "nihdi:uhmep:organization openid iam:authz")["access_token"]))
}

func TestAnswerMembersStandInKeycloaksOrder(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	res := g.post(oidcPath+"token", codeForm(g.code(as("dr-peeters")), nil))
	var names []string
	dec := json.NewDecoder(strings.NewReader(string(res.body)))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var skip any
		if err := dec.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"access_token", "expires_in", "refresh_expires_in", "refresh_token", "token_type", "id_token", "not-before-policy", "session_state", "scope"}
	if !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	m2m := g.m2m("demo-hospital", "")
	for _, absent := range []string{"refresh_token", "session_state"} {
		if _, ok := m2m[absent]; ok {
			t.Errorf("M2M has %s", absent)
		}
	}
	if m2m["refresh_expires_in"] != 0.0 || m2m["id_token"] == nil || m2m["not-before-policy"] != 0.0 {
		t.Errorf("M2M answer %v", m2m)
	}
}

func TestTheIDTokenIsBoundToTheAccessToken(t *testing.T) {
	t.Parallel()
	tokens := newRig(t).login("dr-peeters")
	if got, want := payload(t, tokens["id_token"])["at_hash"], atHash(tokens["access_token"].(string)); got != want {
		t.Errorf("at_hash %v, want %v", got, want)
	}
}

func TestHeadersOfTokens(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	for name, want := range map[string]string{
		"access_token": `{"alg":"RS256","kid":"sandbox-healthcare-sig-1","typ":"JWT"}`, "id_token": `{"alg":"RS256","kid":"sandbox-healthcare-sig-1","typ":"JWT"}`,
		"refresh_token": `{"alg":"HS512","kid":"sandbox-healthcare-hs512","typ":"JWT"}`,
	} {
		if got := string(decodeSegment(strings.Split(tokens[name].(string), ".")[0])); got != want {
			t.Errorf("%s: header %s, want %s", name, got, want)
		}
	}
}

func TestRolesFollowTheDiscipline(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/personas/chief", `{"name":"chief","kind":"head","ssin":"70010199806","first_name":"Els","last_name":"Baert","gender":"F","language":"nl","disciplines":[{"key":"head"}]}`)
	g.control("PUT", "/personas/special", `{"name":"special","kind":"physician","ssin":"70010199707","first_name":"Els","last_name":"Baert","gender":"M","language":"nl","disciplines":[{"key":"physician","nihii":"19990116004"}],"roles":["admin"]}`)
	g.control("PUT", "/personas/bare", `{"name":"bare","kind":"physician","ssin":"70010199608","first_name":"Els","last_name":"Baert","gender":"M","language":"nl","disciplines":[{"key":"physician"}],"roles":[]}`)
	for persona, want := range map[string]string{
		"dr-peeters": "prescriber", "dentist": "prescriber", "nurse-claes": "caregiver", "midwife-before": "caregiver", "physio": "caregiver",
		"pharmacist": "pharmacist", "admin": "administrative", "dr-suspended": "Restricted", "chief": "head", "special": "admin", "bare": "prescriber",
	} {
		tokens := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"`+persona+`","exchange_to":"nihdi-uhmep-fhir-hcp"}`).json(t)
		roles := payload(t, tokens["access_token"])["resource_access"].(map[string]any)["nihdi-uhmep-api"].(map[string]any)["roles"].([]any)
		if len(roles) != 1 || roles[0] != want {
			t.Errorf("%s: roles %v, want %s", persona, roles, want)
		}
	}
}

func TestMidwivesHaveBothKeys(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for persona, nihii := range map[string][2]string{"midwife-before": {"49980239001", "49980338402"}, "midwife-after": {"49980536001", "49980437406"}} {
		profile := payload(t, g.login(persona)["access_token"])["userProfile"].(map[string]any)
		midwife, nurse := profile["midwife"].(map[string]any)["nihii11"], profile["nurse"].(map[string]any)["nihii11"]
		if midwife != nihii[0] || nurse != nihii[1] {
			t.Errorf("%s: %v", persona, profile)
		}
	}
	g.control("PUT", "/personas/one-key", `{"name":"one-key","kind":"midwife","ssin":"90041099640","first_name":"C","last_name":"L","gender":"F","language":"fr",
		"disciplines":[{"key":"midwife","nihii":"49980239001"},{"key":"nurse","nihii":"49980338402"}],"keys":["midwife"]}`)
	if profile := payload(t, g.login("one-key")["access_token"])["userProfile"].(map[string]any); profile["nurse"] != nil || profile["midwife"] == nil {
		t.Errorf("keys limit nothing: %v", profile)
	}
}

func TestASuspendedProfessionalIsNotRecognised(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	physician := payload(t, g.login("dr-suspended")["id_token"])["userProfile"].(map[string]any)["physician"].(map[string]any)
	if physician["recognised"] != false {
		t.Errorf("recognised %v", physician["recognised"])
	}
}

func TestCitizensMayActForOthers(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/personas/parent", `{"name":"parent","kind":"patient","ssin":"54022899886","first_name":"A","last_name":"B","gender":"F","language":"fr",
		"may_act":[{"sub":"x","userProfile":{"mandators":[{"ssin":"04050699738","serviceNames":["recipe"]}]}}],"children":[{"ssin":"04050699738"}]}`)
	token := payload(t, g.loginAs("nihdi-uhmep-patient", "parent")["access_token"])
	if token["may_act"] == nil || token["children"] == nil {
		t.Errorf("claims %v", token)
	}
	if token := payload(t, g.loginAs("nihdi-uhmep-patient", "pat-dubois")["access_token"]); token["may_act"] != nil {
		t.Errorf("may_act %v without being given", token["may_act"])
	}
}

// The choices about patients' tokens that can be switched.
func TestPatientOptions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name              string
		settings          map[string]string
		initialSSIN       bool
		idProfile         bool
		pseudonymID       string // claim in the ID token of the exchange, "" for none
		pseudonymUserinfo string
	}{
		{"default", nil, true, true, "pseudoSsin", "pseudoSsin"},
		{"no SSIN", map[string]string{"iam-patient-initial-ssin": "false"}, false, true, "pseudoSsin", "pseudoSsin"},
		{"no profile in the ID token", map[string]string{"iam-patient-id-token-profile": "none"}, true, false, "pseudoSsin", "pseudoSsin"},
		{"pseudonym in userinfo only", map[string]string{"iam-patient-pseudonym-in": "userinfo"}, true, true, "", "pseudoSsin"},
		{"pseudonym in the ID token only", map[string]string{"iam-patient-pseudonym-in": "id_token"}, true, true, "pseudoSsin", ""},
		{"another claim", map[string]string{"iam-patient-pseudonym-claim": "pseudonym"}, true, true, "pseudonym", "pseudonym"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t)
			g.set(tc.settings)
			initial := g.loginAs("nihdi-uhmep-patient", "pat-dubois")
			access, id := payload(t, initial["access_token"]), payload(t, initial["id_token"])
			if _, ok := access["ssin"]; ok != tc.initialSSIN {
				t.Errorf("ssin in the initial token: %v", ok)
			}
			if raw, _ := json.Marshal(access); strings.Contains(string(raw), "54022899886") != tc.initialSSIN {
				t.Errorf("the SSIN is somewhere: %s", raw)
			}
			if _, ok := id["userProfile"]; ok != tc.idProfile {
				t.Errorf("userProfile in the ID token: %v", ok)
			}
			swapped := g.post(oidcPath+"token", exchangeForm(initial["access_token"].(string), map[string]string{"client_id": "nihdi-uhmep-patient", "audience": "nihdi-uhmep-fhir-patient"})).json(t)
			info := g.get(oidcPath+"userinfo", "Authorization", "Bearer "+swapped["access_token"].(string)).json(t)
			checkPseudonym(t, "ID token", payload(t, swapped["id_token"]), tc.pseudonymID)
			checkPseudonym(t, "userinfo", info, tc.pseudonymUserinfo)
		})
	}
}

func checkPseudonym(t *testing.T, where string, claims map[string]any, name string) {
	t.Helper()
	var found []string
	for claim, v := range claims {
		if s, ok := v.(string); ok && strings.HasPrefix(s, "urn:be:fgov:pseudo:v2:") {
			found = append(found, claim)
		}
	}
	if want := strings.Fields(name); !slices.Equal(found, want) {
		t.Errorf("%s: pseudonym in %v, want %v", where, found, want)
	}
}

func TestKeycloaksStyleOfAud(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-aud-style": "keycloak"})
	if aud := payload(t, g.m2m("demo-hospital", "openid nihdi:uhmep:organization")["access_token"])["aud"]; aud != "nihdi-uhmep-api" {
		t.Errorf("one audience: %v, want a string without the own client", aud)
	}
	if aud := payload(t, g.login("dr-peeters")["access_token"])["aud"].([]any); len(aud) != 2 || slices.Contains(aud, any("demo-ehr-spa")) {
		t.Errorf("two audiences: %v", aud)
	}
}

func TestTheStrictProfileIsSevereInEverything(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-profile": "strict", "iam-assertion-mode": "lenient", "iam-exchange-mode": "v1", "iam-aud-style": "array", "iam-pkce": "optional", "iam-rotate-refresh": "false"})
	opt := options{g.t}
	spa := g.s.seeds["healthcare/demo-ehr-spa"]
	if !opt.strictAssertions() || !opt.exchangeV2() || !opt.keycloakAud() || !opt.pkceRequired(spa) || !opt.rotateRefresh(spa) {
		t.Error("a switch stayed lenient")
	}
}
