package iam

import (
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
