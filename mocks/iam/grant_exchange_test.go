package iam

import (
	"net/http"
	"testing"
	"time"
)

func TestOfTwoParallelCodeExchangesOneWins(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	form := codeForm(g.code(as("dr-peeters")), nil)
	results := make(chan int, 6)
	for range cap(results) {
		go func() { results <- g.post(oidcPath+"token", form).StatusCode }()
	}
	ok := 0
	for range cap(results) {
		if <-results == 200 {
			ok++
		}
	}
	if ok != 1 {
		t.Errorf("%d of %d succeeded, want 1", ok, cap(results))
	}
}

func TestAConfidentialClientSignsItsCodeExchange(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	code := g.code(as("dr-peeters", "client_id", "demo-ehr-server"))
	bare := g.post(oidcPath+"token", codeForm(code, map[string]string{"client_id": "demo-ehr-server"}))
	g.wantError(bare, 401, "unauthorized_client", badCredentials)
	a := signed(t, "RS256", g.demoKey(), "", g.assertionOf("demo-ehr-server", Healthcare))
	res := g.post(oidcPath+"token", codeForm(code, map[string]string{"client_id": "demo-ehr-server", "client_assertion": a, "client_assertion_type": assertionType}))
	if res.StatusCode != 200 {
		t.Errorf("got %d %s", res.StatusCode, res.body)
	}
}

// The rows of the token exchange.
func TestExchangeRows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		persona     string
		form        map[string]string
		use         string
		settings    map[string]string
		wait        time.Duration
		status      int
		code        string
		description string
	}{
		{name: "subject_token absent", form: map[string]string{"subject_token": ""}, status: 400, code: "invalid_request", description: "Parameter 'subject_token' required but missing"},
		{name: "subject_token garbage", form: map[string]string{"subject_token": "a.b.c"}, status: 400, code: "invalid_request", description: "Invalid token"},
		{name: "subject_token expired", wait: 300 * time.Second, status: 400, code: "invalid_request", description: "Invalid token"},
		{name: "subject_token is an ID token", use: "id_token", status: 400, code: "invalid_request", description: "Invalid token"},
		{name: "subject_token is a refresh token", use: "refresh_token", status: 400, code: "invalid_request", description: "Invalid token"},
		{name: "wrong subject_token_type", form: map[string]string{"subject_token_type": typeIDToken}, status: 400, code: "invalid_request", description: "Invalid token type, must be access token"},
		{name: "no subject_token_type in the strict profile", form: map[string]string{"subject_token_type": "", "client_id": "demo-ehr-server"}, settings: map[string]string{"iam-profile": "strict"}, status: 401, code: "unauthorized_client", description: badCredentials},
		{name: "audience unknown", form: map[string]string{"audience": "nowhere"}, status: 400, code: "invalid_client", description: "Audience not found"},
		{name: "audience disabled", form: map[string]string{"audience": "switched-off"}, status: 400, code: "invalid_client", description: "Client disabled"},
		{name: "caller is not azp", form: map[string]string{"client_id": "nihdi-uhmep-hcp"}, status: 403, code: "access_denied", description: "Client is not the holder of the token"},
		{name: "target not allowed", form: map[string]string{"audience": "nihdi-uhmep-api"}, status: 403, code: "access_denied", description: "Client not allowed to exchange"},
		{name: "patient to the professionals' target", persona: "pat-dubois", status: 403, code: "access_denied", description: "Client not allowed to exchange"},
		{name: "requested_token_type unknown", form: map[string]string{"requested_token_type": "urn:ietf:params:oauth:token-type:saml2"}, status: 400, code: "invalid_request", description: "requested_token_type unsupported"},
		{name: "scope invalid", form: map[string]string{"scope": "pseudo:api:identify"}, status: 400, code: "invalid_scope", description: "Invalid scopes: pseudo:api:identify"},
		{name: "public client in v2", settings: map[string]string{"iam-exchange-mode": "v2"}, status: 400, code: "invalid_client", description: "Public client is not allowed to exchange token"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t)
			g.control("PUT", "/clients/healthcare/switched-off", `{"name":"x","access_type":"resource","flags":{"disabled":true}}`)
			persona := tc.persona
			if persona == "" {
				persona = "dr-peeters"
			}
			tokens := g.login(persona)
			g.set(tc.settings)
			g.t.Clock.Advance(tc.wait)
			subject := tokens["access_token"]
			if tc.use != "" {
				subject = tokens[tc.use]
			}
			g.wantError(g.post(oidcPath+"token", exchangeForm(subject.(string), tc.form)), tc.status, tc.code, tc.description)
		})
	}
}

func TestExchangeNeedsItsScope(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/clients/healthcare/no-exchange", `{"name":"x","access_type":"public","redirect_uris":["http://localhost/*"],"scopes_default":["openid"],"flags":{"exchange_targets":["nihdi-uhmep-fhir-hcp"]}}`)
	tokens := g.loginAs("no-exchange", "dr-peeters")
	g.wantError(g.post(oidcPath+"token", exchangeForm(tokens["access_token"].(string), map[string]string{"client_id": "no-exchange"})), 403, "access_denied", "Client not allowed to exchange")
}

func TestExchangeOfAnEndedSession(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	g.control("POST", "/sessions/"+tokens["session_state"].(string)+"/end", "")
	g.wantError(g.post(oidcPath+"token", exchangeForm(tokens["access_token"].(string), nil)), 400, "invalid_request", "Invalid token")
}

// A confidential caller needs no more than to be in aud.
func TestAConfidentialCallerMustBeInTheAudience(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	call := func(subject string) reply {
		a := signed(t, "RS256", g.demoKey(), "", g.assertionOf("demo-ehr-server", Healthcare))
		return g.post(oidcPath+"token", exchangeForm(subject, map[string]string{"client_id": "demo-ehr-server", "client_assertion": a, "client_assertion_type": assertionType}))
	}
	stranger := g.login("dr-peeters")["access_token"].(string)
	g.wantError(call(stranger), 403, "access_denied", "Client is not within the token audience")
	minted := g.control("POST", "/tokens", `{"client_id":"demo-ehr-spa","persona":"dr-peeters","claims":{"aud":["demo-ehr-spa","demo-ehr-server"]}}`).json(t)
	if res := call(minted["access_token"].(string)); res.StatusCode != 200 {
		t.Errorf("got %d %s", res.StatusCode, res.body)
	}
}

func TestExchangeAnswersByRequestedType(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	subject := g.login("dr-peeters")["access_token"].(string)
	for _, tc := range []struct {
		requested, issued string
		refresh           bool
	}{{"", typeRefresh, true}, {typeRefresh, typeRefresh, true}, {typeAccess, typeAccess, false}, {typeIDToken, typeIDToken, false}} {
		body := g.post(oidcPath+"token", exchangeForm(subject, map[string]string{"requested_token_type": tc.requested})).json(t)
		_, refresh := body["refresh_token"]
		if body["issued_token_type"] != tc.issued || refresh != tc.refresh || body["access_token"] == nil {
			t.Errorf("%q: issued %v, refresh %v", tc.requested, body["issued_token_type"], refresh)
		}
	}
}

func TestExchangeIsLenientWhereTheRealOneIsAndSaysSo(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	subject := g.login("dr-peeters")["access_token"].(string)
	exchanged := g.post(oidcPath+"token", exchangeForm(subject, nil)).json(t)["access_token"].(string)
	for _, tc := range []struct {
		name, subject string
		form          map[string]string
		add           string
		rule          string
	}{
		{"without audience", subject, map[string]string{"audience": ""}, "", "iam-7-no-audience"},
		{"without subject_token_type", subject, map[string]string{"subject_token_type": ""}, "", "iam-7-subject-type"},
		{"exchanged again", exchanged, nil, "", "iam-7-again"},
		{"two audiences: the first counts", subject, nil, "nihdi-uhmep-fhir-patient", "iam-7-audience"},
	} {
		form := exchangeForm(tc.subject, tc.form)
		if tc.add != "" {
			form.Add("audience", tc.add)
		}
		res := g.post(oidcPath+"token", form)
		if res.StatusCode != http.StatusOK || !g.warned(tc.rule) {
			t.Errorf("%s: %d %s, warnings %v", tc.name, res.StatusCode, res.body, g.last().Warnings)
		}
	}
}

// Looks right, is wrong: without audience the pseudonymisation rights stay.
func TestASelfExchangeKeepsThePseudonymisationRights(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	subject := g.login("dr-peeters")["access_token"].(string)
	token := payload(t, g.post(oidcPath+"token", exchangeForm(subject, map[string]string{"audience": ""})).json(t)["access_token"])
	if _, ok := token["resource_access"].(map[string]any)["ehealth-pseudo-api"]; !ok {
		t.Errorf("resource_access %v", token["resource_access"])
	}
}

func TestTheRefreshTokenOfAnExchangeHasTheCallersRights(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	exchanged := g.post(oidcPath+"token", exchangeForm(g.login("dr-peeters")["access_token"].(string), nil)).json(t)
	fresh := payload(t, g.post(oidcPath+"token", refreshForm(exchanged, nil)).json(t)["access_token"])
	if _, ok := fresh["resource_access"].(map[string]any)["ehealth-pseudo-api"]; !ok || fresh["aud"].([]any)[0] != "demo-ehr-spa" {
		t.Errorf("claims %v", fresh)
	}
}
