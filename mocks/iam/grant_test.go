package iam

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The rows of the code grant. From row 2 on a failed try spends the code; a
// failed client authentication does not.
func TestCodeGrantRows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		auth, form  map[string]string
		wait        time.Duration
		code        string
		description string
		spends      bool
	}{
		{"row 1: no code", nil, map[string]string{"code": ""}, 0, "invalid_request", "Missing parameter: code", false},
		{"row 2: unknown code", nil, map[string]string{"code": "a.b.c"}, 0, "invalid_grant", "Code not valid", false},
		{"row 2: expired code", nil, nil, 60 * time.Second, "invalid_grant", "Code not valid", true},
		{"row 3: redirect_uri differs", nil, map[string]string{"redirect_uri": spaRedirect + "/"}, 0, "invalid_grant", "Incorrect redirect_uri", true},
		{"row 3: redirect_uri absent", nil, map[string]string{"redirect_uri": ""}, 0, "invalid_grant", "Incorrect redirect_uri", true},
		{"row 4: code of another client", nil, map[string]string{"client_id": "nihdi-uhmep-hcp"}, 0, "invalid_grant", "Auth error: Found different client_id in clientSession", true},
		{"row 5: verifier absent", nil, map[string]string{"code_verifier": ""}, 0, "invalid_grant", "PKCE code verifier not specified", true},
		{"row 7: verifier malformed", nil, map[string]string{"code_verifier": "short"}, 0, "invalid_grant", "PKCE verification failed: Invalid code verifier", true},
		{"row 7: verifier with a plus", nil, map[string]string{"code_verifier": strings.Repeat("a+", 30)}, 0, "invalid_grant", "PKCE verification failed: Invalid code verifier", true},
		{"row 8: verifier does not fit", nil, map[string]string{"code_verifier": strings.Repeat("x", 50)}, 0, "invalid_grant", "PKCE verification failed: Code mismatch", true},
		{"row 8: the challenge is no verifier", nil, map[string]string{"code_verifier": challengeOf(testVerifier)}, 0, "invalid_grant", "PKCE verification failed: Code mismatch", true},
		{"client authentication fails", nil, map[string]string{"client_id": "nobody"}, 0, "invalid_client", badCredentials, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t)
			code := g.code(as("dr-peeters"))
			g.t.Clock.Advance(tc.wait)
			form := codeForm(code, tc.form)
			if tc.form["code"] != "" {
				form.Set("code", tc.form["code"])
			}
			status := 400
			if tc.code == "invalid_client" {
				status = 401
			}
			g.wantError(g.post(oidcPath+"token", form), status, tc.code, tc.description)
			again := g.post(oidcPath+"token", codeForm(code, nil))
			if spent := again.StatusCode != 200; spent != tc.spends {
				t.Errorf("code spent: %v, want %v (%s)", spent, tc.spends, again.body)
			}
		})
	}
}

func TestAVerifierWithoutAChallengeIsRefused(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-pkce": "optional"})
	code := g.code(as("dr-peeters", "code_challenge", "", "code_challenge_method", ""))
	g.wantError(g.post(oidcPath+"token", codeForm(code, nil)), 400, "invalid_grant", "PKCE code verifier specified but challenge not present in authorization")
}

func TestPlainChallengesAreComparedAsTheyAre(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	code := g.code(as("dr-peeters", "code_challenge", testVerifier, "code_challenge_method", ""))
	if res := g.post(oidcPath+"token", codeForm(code, nil)); res.StatusCode != 200 {
		t.Errorf("got %d %s", res.StatusCode, res.body)
	}
}

func TestACodeOfAnEndedSessionIsNotValid(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	code := g.code(as("dr-peeters"))
	g.control("POST", "/sessions/"+strings.Split(code, ".")[1]+"/end", "")
	g.wantError(g.post(oidcPath+"token", codeForm(code, nil)), 400, "invalid_grant", "Code not valid")
}

// Swapping parts between two codes opens nothing.
func TestTamperedCodesAreNotValid(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	one, two := strings.Split(g.code(as("dr-peeters")), "."), strings.Split(g.code(as("nurse-claes")), ".")
	g.wantError(g.post(oidcPath+"token", codeForm(one[0]+"."+two[1]+"."+one[2], nil)), 400, "invalid_grant", "Code not valid")
	g.wantError(g.post(oidcPath+"token", codeForm(one[0], nil)), 400, "invalid_grant", "Code not valid")
}

func TestReuseOfACodeEndsWhatTheFirstUseBegan(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	code := g.code(as("dr-peeters"))
	tokens := g.post(oidcPath+"token", codeForm(code, nil)).json(t)
	g.wantError(g.post(oidcPath+"token", codeForm(code, nil)), 400, "invalid_grant", "Code not valid")
	g.wantError(g.post(oidcPath+"token", refreshForm(tokens, nil)), 400, "invalid_grant", "Session doesn't have required client")
}

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

func refreshForm(tokens map[string]any, change map[string]string) url.Values {
	v := url.Values{"grant_type": {grantRefresh}, "client_id": {"demo-ehr-spa"}}
	if token, ok := tokens["refresh_token"].(string); ok {
		v.Set("refresh_token", token)
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

// The rows of the refresh grant; all have status 400.
func TestRefreshRows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		form        map[string]string
		use         string // which token is sent instead
		control     [2]string
		wait        time.Duration
		code        string
		description string
	}{
		{"absent", map[string]string{"refresh_token": ""}, "", [2]string{}, 0, "invalid_request", "No refresh token"},
		{"garbage", map[string]string{"refresh_token": "a.b.c"}, "", [2]string{}, 0, "invalid_grant", "Invalid refresh token"},
		{"an access token", nil, "access_token", [2]string{}, 0, "invalid_grant", "Invalid refresh token"},
		{"an ID token", nil, "id_token", [2]string{}, 0, "invalid_grant", "Invalid refresh token"},
		{"expired", nil, "", [2]string{}, 30 * time.Minute, "invalid_grant", "Token is not active"},
		{"session ended", nil, "", [2]string{"POST", "/sessions/SID/end"}, 0, "invalid_grant", "Session not active"},
		{"other client's token", map[string]string{"client_id": "nihdi-uhmep-hcp"}, "", [2]string{}, 0, "invalid_grant", "Invalid refresh token. Token client and authorized client don't match"},
		{"user disabled", nil, "", [2]string{"POST", "/personas/dr-peeters/disable"}, 0, "invalid_grant", "User disabled"},
		{"user removed", nil, "", [2]string{"DELETE", "/personas/dr-peeters"}, 0, "invalid_grant", "User disabled"},
		{"issued before not-before", nil, "", [2]string{"PUT", "/realms/healthcare/not-before"}, time.Second, "invalid_grant", "Stale token"},
		{"scope wider than granted", map[string]string{"scope": "openid nihdi:uhmep:organization"}, "", [2]string{}, 0, "invalid_scope", "Invalid scopes: openid nihdi:uhmep:organization"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t)
			tokens := g.login("dr-peeters")
			g.t.Clock.Advance(tc.wait)
			if tc.control[0] != "" {
				path := strings.ReplaceAll(tc.control[1], "SID", tokens["session_state"].(string))
				if res := g.control(tc.control[0], path, ""); res.StatusCode >= 300 {
					t.Fatalf("control call answered %d: %s", res.StatusCode, res.body)
				}
			}
			form := refreshForm(tokens, tc.form)
			if tc.use != "" {
				form.Set("refresh_token", tokens[tc.use].(string))
			}
			g.wantError(g.post(oidcPath+"token", form), 400, tc.code, tc.description)
		})
	}
}

func TestARefreshKeepsSessionAuthTimeAndDropsTheNonce(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	g.t.Clock.Advance(5 * time.Minute)
	fresh := g.post(oidcPath+"token", refreshForm(tokens, nil)).json(t)
	before, after := payload(t, tokens["id_token"]), payload(t, fresh["id_token"])
	if after["nonce"] != nil || after["auth_time"] != before["auth_time"] || after["sid"] != before["sid"] {
		t.Errorf("before %v, after %v", before, after)
	}
	if got := payload(t, fresh["access_token"])["jti"].(string); !strings.HasPrefix(got, "onrtrt:") {
		t.Errorf("jti %s", got)
	}
	if fresh["refresh_token"] == tokens["refresh_token"] || fresh["scope"] != tokens["scope"] {
		t.Errorf("scope %v, want %v", fresh["scope"], tokens["scope"])
	}
	if old := g.post(oidcPath+"token", refreshForm(tokens, nil)); old.StatusCode != 200 {
		t.Errorf("the old refresh token died without rotation: %s", old.body)
	}
}

func TestARefreshCanNarrowTheScope(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	fresh := g.post(oidcPath+"token", refreshForm(g.login("dr-peeters"), map[string]string{"scope": "openid profile"})).json(t)
	if fresh["scope"] != "openid profile" {
		t.Errorf("scope %v", fresh["scope"])
	}
	if access := payload(t, fresh["access_token"])["resource_access"]; access != nil {
		t.Errorf("resource_access %v", access)
	}
}

func TestRotationAllowsEachRefreshTokenOnce(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-rotate-refresh": "true"})
	tokens := g.login("dr-peeters")
	second := g.post(oidcPath+"token", refreshForm(tokens, nil)).json(t)
	third := g.post(oidcPath+"token", refreshForm(second, nil))
	if third.StatusCode != 200 {
		t.Fatalf("got %d %s", third.StatusCode, third.body)
	}
	g.wantError(g.post(oidcPath+"token", refreshForm(tokens, nil)), 400, "invalid_grant", "Maximum allowed refresh token reuse exceeded")
	g.wantError(g.post(oidcPath+"token", refreshForm(third.json(t), nil)), 400, "invalid_grant", "Session doesn't have required client")
	info := g.get(oidcPath+"userinfo", "Authorization", "Bearer "+third.json(t)["access_token"].(string))
	if info.StatusCode != 401 {
		t.Errorf("userinfo answered %d", info.StatusCode)
	}
}

func TestAnExchangeDoesNotUseUpTheRotatedRefreshToken(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-rotate-refresh": "true"})
	tokens := g.login("dr-peeters")
	exchanged := g.post(oidcPath+"token", exchangeForm(tokens["access_token"].(string), nil)).json(t)
	for name, form := range map[string]url.Values{"initial": refreshForm(tokens, nil), "exchanged": refreshForm(exchanged, nil)} {
		if res := g.post(oidcPath+"token", form); res.StatusCode != 200 {
			t.Errorf("%s: got %d %s", name, res.StatusCode, res.body)
		}
	}
}

func TestLifetimesShrinkTowardsTheEndOfTheSession(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	if tokens["expires_in"] != 300.0 || tokens["refresh_expires_in"] != 1800.0 {
		t.Errorf("expires_in %v, refresh_expires_in %v", tokens["expires_in"], tokens["refresh_expires_in"])
	}
	for range 20 {
		g.t.Clock.Advance(29*time.Minute + 50*time.Second)
		tokens = g.post(oidcPath+"token", refreshForm(tokens, nil)).json(t)
	}
	if tokens["expires_in"] != 200.0 || tokens["refresh_expires_in"] != 200.0 { // 36000 - 20 × 1790
		t.Errorf("expires_in %v, refresh_expires_in %v, want 200", tokens["expires_in"], tokens["refresh_expires_in"])
	}
}

func TestLifetimesCanBeSetPerTenantAndClient(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-access-lifetime": "10m"})
	if got := g.login("dr-peeters")["expires_in"]; got != 600.0 {
		t.Errorf("per tenant: %v", got)
	}
	g.control("PUT", "/clients/healthcare/quick", `{"name":"x","access_type":"public","redirect_uris":["http://localhost/*"],"scopes_default":["openid"],"flags":{"lifetimes":{"access":7,"refresh":70}}}`)
	tokens := g.loginAs("quick", "dr-peeters")
	if tokens["expires_in"] != 7.0 || tokens["refresh_expires_in"] != 70.0 {
		t.Errorf("per client: %v %v", tokens["expires_in"], tokens["refresh_expires_in"])
	}
}

func TestThePasswordGrantIsAnExtension(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-enable-password-grant": "true"})
	form := func(user, password string) url.Values {
		return url.Values{"grant_type": {"password"}, "client_id": {"demo-ehr-spa"}, "username": {user}, "password": {password}}
	}
	ok := g.post(oidcPath+"token", form("nurse-claes", "sandbox"))
	if ok.StatusCode != 200 || !g.warned("iam-6.1-password") {
		t.Fatalf("got %d %s", ok.StatusCode, ok.body)
	}
	if res := g.post(oidcPath+"token", refreshForm(ok.json(t), nil)); res.StatusCode != 200 {
		t.Errorf("refresh: %d %s", res.StatusCode, res.body)
	}
	g.wantError(g.post(oidcPath+"token", form("nurse-claes", "guess")), 401, "invalid_grant", "Invalid user credentials")
	g.set(map[string]string{"iam-enable-password-grant": "true", "iam-profile": "strict"})
	g.wantError(g.post(oidcPath+"token", form("nurse-claes", "sandbox")), 400, "unsupported_grant_type", "Unsupported grant_type")
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

func TestAWrongScopeDoesNotSpendARotatedToken(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-rotate-refresh": "true"})
	tokens := g.login("dr-peeters")
	g.wantError(g.post(oidcPath+"token", refreshForm(tokens, map[string]string{"scope": "nothing"})), 400, "invalid_scope", "Invalid scopes: nothing")
	if res := g.post(oidcPath+"token", refreshForm(tokens, nil)); res.StatusCode != 200 {
		t.Errorf("got %d %s", res.StatusCode, res.body)
	}
}
