package iam

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

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
