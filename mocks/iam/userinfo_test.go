package iam

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

const invalidToken = `Bearer realm="healthcare", error="invalid_token", error_description="`

// Errors of userinfo have no body; everything is in the header.
func TestUserinfoErrorRows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		use       string // token that is sent, "" for none
		mint      string
		control   [2]string
		wait      time.Duration
		form      bool
		status    int
		challenge string
		rule      string
	}{
		{name: "no token", status: 401, challenge: `Bearer realm="healthcare"`, rule: "iam-9.9-missing"},
		{name: "malformed", use: "a.b.c", status: 401, challenge: invalidToken + `Token verification failed"`, rule: "iam-9.9-token"},
		{name: "an ID token", use: "id_token", status: 401, challenge: invalidToken + `Token verification failed"`, rule: "iam-9.9-token"},
		{name: "a refresh token", use: "refresh_token", status: 401, challenge: invalidToken + `Token verification failed"`, rule: "iam-9.9-token"},
		{name: "expired", use: "access_token", wait: 300 * time.Second, status: 401, challenge: invalidToken + `Token verification failed"`, rule: "iam-9.9-token"},
		{name: "wrong realm", mint: `{"realm":"M2M","client_id":"demo-hospital"}`, use: "access_token", status: 401, challenge: invalidToken + `Token verification failed"`, rule: "iam-9.9-token"},
		{name: "session ended", use: "access_token", control: [2]string{"POST", "/sessions/SID/end"}, status: 401, challenge: invalidToken + `Session not active"`, rule: "iam-9.9-inactive"},
		{name: "user disabled", use: "access_token", control: [2]string{"POST", "/personas/dr-peeters/disable"}, status: 401, challenge: invalidToken + `User disabled"`, rule: "iam-9.9-inactive"},
		{name: "client removed", use: "access_token", control: [2]string{"DELETE", "/clients/healthcare/demo-ehr-spa"}, status: 401, challenge: invalidToken + `Client disabled"`, rule: "iam-9.9-inactive"},
		{name: "signing key removed", use: "access_token", control: [2]string{"POST", "/realms/healthcare/keys/rotate"}, status: 401, challenge: invalidToken + `Token verification failed"`, rule: "iam-9.9-token"},
		{name: "no openid in the token", mint: `{"client_id":"no-openid","persona":"dr-peeters"}`, use: "access_token", status: 403,
			challenge: `Bearer realm="healthcare", error="insufficient_scope", error_description="Missing openid scope"`, rule: "iam-9.9-scope"},
		{name: "in header and form", use: "access_token", form: true, status: 400,
			challenge: `Bearer realm="healthcare", error="invalid_request", error_description="More than one method used for including an access token"`, rule: "iam-9.9-twice"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t)
			g.control("PUT", "/clients/healthcare/no-openid", `{"name":"x","access_type":"public","redirect_uris":["http://localhost/*"],"scopes_default":["profile"]}`)
			tokens := g.login("dr-peeters")
			sid := tokens["session_state"].(string)
			if tc.mint != "" {
				tokens = g.control("POST", "/tokens", tc.mint).json(t)
			}
			if tc.control[0] != "" {
				if res := g.control(tc.control[0], strings.ReplaceAll(tc.control[1], "SID", sid), `{"keep_previous":false}`); res.StatusCode >= 300 {
					t.Fatalf("control call answered %d: %s", res.StatusCode, res.body)
				}
			}
			g.t.Clock.Advance(tc.wait)
			token, ok := tokens[tc.use].(string)
			if !ok {
				token = tc.use
			}
			form := url.Values{}
			var header []string
			if tc.use != "" {
				header = []string{"Authorization", "Bearer " + token}
			}
			if tc.form {
				form.Set("access_token", token)
			}
			res := g.post(oidcPath+"userinfo", form, header...)
			if res.StatusCode != tc.status || res.Header.Get("WWW-Authenticate") != tc.challenge {
				t.Errorf("got %d %s, want %d %s", res.StatusCode, res.Header.Get("WWW-Authenticate"), tc.status, tc.challenge)
			}
			if len(res.body) != 0 || res.Header.Get("Content-Type") != "text/plain;charset=utf-8" {
				t.Errorf("body %q, Content-Type %q", res.body, res.Header.Get("Content-Type"))
			}
			if f := g.last().Refusal; f == nil || f.Rule != tc.rule {
				t.Errorf("journal %+v, want rule %s", f, tc.rule)
			}
		})
	}
}

func TestUserinfoTakesTheTokenThreeWays(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	token := g.login("dr-peeters")["access_token"].(string)
	for name, res := range map[string]reply{
		"GET": g.get(oidcPath+"userinfo", "Authorization", "Bearer "+token), "POST header": g.post(oidcPath+"userinfo", nil, "Authorization", "bearer "+token),
		"POST form": g.post(oidcPath+"userinfo", url.Values{"access_token": {token}}),
	} {
		body := res.json(t)
		if res.StatusCode != 200 || body["sub"] != SubjectOf("dr-peeters") || body["ssin"] != "71011599751" || body["name"] != "Joris Peeters" || body["userProfile"] == nil {
			t.Errorf("%s: %d %s", name, res.StatusCode, res.body)
		}
	}
	if res := g.get(oidcPath + "userinfo?access_token=" + token); res.StatusCode != 401 {
		t.Errorf("in the query: %d, want 401", res.StatusCode)
	}
}

func TestUserinfoOfAnOrganisation(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	token := g.m2m("demo-hospital", "openid iam:authz")["access_token"].(string)
	body := g.get("/auth/realms/M2M/protocol/openid-connect/userinfo", "Authorization", "Bearer "+token).json(t)
	if body["preferred_username"] != "service-account-demo-hospital" || body["userProfile"] == nil || body["sub"] != payload(t, token)["sub"] {
		t.Errorf("body %v", body)
	}
}

func TestUserinfoCanBeSigned(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	token := g.login("dr-peeters")["access_token"].(string)
	res := g.get(oidcPath+"userinfo", "Authorization", "Bearer "+token, "Accept", "application/jwt")
	claims := payload(t, string(res.body))
	if res.Header.Get("Content-Type") != "application/jwt" || claims["iss"] != g.srv.URL+"/auth/realms/healthcare" || claims["aud"] != "demo-ehr-spa" || claims["ssin"] != "71011599751" {
		t.Errorf("%s %v", res.Header.Get("Content-Type"), claims)
	}
}

func TestAccountIsWhatKeycloakJSLoads(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	token := g.login("dr-peeters")["access_token"].(string)
	res := g.get("/auth/realms/healthcare/account", "Authorization", "Bearer "+token, "Origin", "http://localhost:4200")
	if body := res.json(t); body["username"] != "71011599751" || body["firstName"] != "Joris" || res.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("%s %v", res.body, res.Header)
	}
	if res := g.get("/auth/realms/healthcare/account"); res.StatusCode != 401 || string(res.body) != `{"error":"HTTP 401 Unauthorized"}` {
		t.Errorf("without token: %d %s", res.StatusCode, res.body)
	}
}

// asClient adds the authentication of a seeded confidential client.
func (g *rig) asClient(client, realm string, form url.Values) url.Values {
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", signed(g.tb, jose.RS256, g.demoKey(), "", g.assertionOf(client, realm)))
	return form
}

func TestIntrospectionRows(t *testing.T) {
	t.Parallel()
	const path = "/auth/realms/M2M/protocol/openid-connect/token/introspect"
	g := newRig(t)
	own := g.m2m("demo-hospital", "openid")["access_token"].(string)
	other := g.m2m("demo-guardpost", "openid")["access_token"].(string)

	active := g.post(path, g.asClient("demo-hospital", M2M, url.Values{"token": {own}})).json(t)
	for name, want := range map[string]any{"active": true, "client_id": "demo-hospital", "username": "service-account-demo-hospital", "token_type": "Bearer", "azp": "demo-hospital"} {
		if active[name] != want {
			t.Errorf("%s is %v, want %v", name, active[name], want)
		}
	}
	for name, token := range map[string]string{"garbage": "a.b.c", "a token of somebody else": other} {
		res := g.post(path, g.asClient("demo-hospital", M2M, url.Values{"token": {token}}))
		if res.StatusCode != 200 || string(res.body) != `{"active":false}` {
			t.Errorf("%s: %d %s", name, res.StatusCode, res.body)
		}
	}
	g.wantError(g.post(path, g.asClient("demo-hospital", M2M, url.Values{})), 400, "invalid_request", "Token not provided.")
	g.wantError(g.post(path, url.Values{"token": {own}, "client_id": {"nobody"}}), 401, "invalid_client", badCredentials)
	g.wantError(g.post(oidcPath+"token/introspect", url.Values{"token": {own}, "client_id": {"demo-ehr-spa"}}), 403, "invalid_request", "Client not allowed.")
	g.t.Clock.Advance(301 * time.Second)
	if res := g.post(path, g.asClient("demo-hospital", M2M, url.Values{"token": {own}})); string(res.body) != `{"active":false}` {
		t.Errorf("expired: %s", res.body)
	}
}

func TestRevocationRows(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	other := g.loginAs("nihdi-uhmep-hcp", "nurse-claes")
	revoke := func(token any) reply {
		form := url.Values{"client_id": {"demo-ehr-spa"}}
		if s, ok := token.(string); ok {
			form.Set("token", s)
		}
		return g.post(oidcPath+"revoke", form)
	}
	if res := revoke("garbage"); res.StatusCode != 200 || string(res.body) != `{"error":"invalid_token","error_description":"Invalid token"}` {
		t.Errorf("garbage: %d %s", res.StatusCode, res.body)
	}
	g.wantError(revoke(nil), 400, "invalid_request", "Token not provided")
	g.wantError(revoke(other["refresh_token"]), 400, "invalid_token", "Unmatching clients")
	g.wantError(revoke(other["access_token"]), 400, "invalid_token", "Unmatching clients")

	if res := revoke(tokens["access_token"]); res.StatusCode != 200 || len(res.body) != 0 {
		t.Errorf("access token: %d %s", res.StatusCode, res.body)
	}
	if res := g.get(oidcPath+"userinfo", "Authorization", "Bearer "+tokens["access_token"].(string)); res.StatusCode != 401 {
		t.Errorf("userinfo after revocation: %d", res.StatusCode)
	}
	if res := g.post(oidcPath+"token", refreshForm(tokens, nil)); res.StatusCode != 200 {
		t.Errorf("the refresh token died with the access token: %s", res.body)
	}
	if res := revoke(tokens["refresh_token"]); res.StatusCode != 200 || len(res.body) != 0 {
		t.Errorf("refresh token: %d %s", res.StatusCode, res.body)
	}
	g.wantError(g.post(oidcPath+"token", refreshForm(tokens, nil)), 400, "invalid_grant", "Session doesn't have required client")
	if res := g.do(g.browser, g.request("GET", oidcPath+"auth?"+authQuery(map[string]string{"prompt": "none"}).Encode(), "")); !res.location(t).Query().Has("code") {
		t.Error("revocation ended the whole session")
	}
}

func TestRevokedM2MTokensAreDead(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	token := g.m2m("demo-hospital", "openid")["access_token"].(string)
	const base = "/auth/realms/M2M/protocol/openid-connect/"
	g.post(base+"revoke", g.asClient("demo-hospital", M2M, url.Values{"token": {token}}))
	if res := g.get(base+"userinfo", "Authorization", "Bearer "+token); res.StatusCode != 401 {
		t.Errorf("userinfo answered %d", res.StatusCode)
	}
}

func (g *rig) logoutAt(q url.Values) reply {
	return g.do(g.browser, g.request(http.MethodGet, oidcPath+"logout?"+q.Encode(), ""))
}

// A refused logout ends nothing.
func TestRefusedLogoutsEndNothing(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	id := tokens["id_token"].(string)
	for _, tc := range []struct {
		name string
		q    url.Values
		text string
	}{
		{"hint garbage", url.Values{"id_token_hint": {"a.b.c"}}, "Invalid parameter: id_token_hint"},
		{"hint is an access token", url.Values{"id_token_hint": {tokens["access_token"].(string)}}, "Invalid parameter: id_token_hint"},
		{"hint and client_id differ", url.Values{"id_token_hint": {id}, "client_id": {"nihdi-uhmep-hcp"}}, "Invalid parameter: id_token_hint"},
		{"URI unregistered", url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {"https://evil.example/"}}, "Invalid redirect uri"},
		{"URI of an unknown client", url.Values{"client_id": {"nobody"}, "post_logout_redirect_uri": {spaRedirect}}, "Invalid redirect uri"},
		{"URI without hint and client", url.Values{"post_logout_redirect_uri": {spaRedirect}}, "Missing parameters: id_token_hint"},
	} {
		res := g.logoutAt(tc.q)
		if res.StatusCode != 400 || !strings.Contains(string(res.body), tc.text) || res.Header.Get("Location") != "" {
			t.Errorf("%s: %d %s", tc.name, res.StatusCode, res.body)
		}
		if fresh := g.post(oidcPath+"token", refreshForm(tokens, nil)); fresh.StatusCode != 200 {
			t.Fatalf("%s ended the session", tc.name)
		}
	}
}

func TestLogoutSendsOnlyStateBackAndClearsTheCookies(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	g.t.Clock.Advance(20 * time.Minute) // the hint may be expired
	res := g.logoutAt(url.Values{"id_token_hint": {tokens["id_token"].(string)}, "post_logout_redirect_uri": {spaRedirect + "?a=b"}, "state": {"s 1"}})
	if got, want := res.Header.Get("Location"), spaRedirect+"?a=b&state=s+1"; res.StatusCode != 302 || got != want {
		t.Errorf("%d to %q, want %q", res.StatusCode, got, want)
	}
	for _, name := range []string{cookieIdentity, cookieSession} {
		if k := cookiesOf(res)[name]; k == nil || k.MaxAge >= 0 || k.Path != "/auth/realms/healthcare/" {
			t.Errorf("cookie %s: %v", name, k)
		}
	}
	g.wantError(g.post(oidcPath+"token", refreshForm(tokens, nil)), 400, "invalid_grant", "Session not active")
}

func TestLogoutByPOST(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	form := url.Values{"id_token_hint": {tokens["id_token"].(string)}, "client_id": {"demo-ehr-spa"}, "post_logout_redirect_uri": {spaRedirect}}
	if res := g.post(oidcPath+"logout", form); res.StatusCode != 302 || res.Header.Get("Location") != spaRedirect {
		t.Errorf("%d %s", res.StatusCode, res.body)
	}
}

func TestLogoutWithoutURIShowsAPage(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	if res := g.logoutAt(url.Values{"id_token_hint": {tokens["id_token"].(string)}}); res.StatusCode != 200 || !strings.Contains(string(res.body), "You are logged out") {
		t.Errorf("%d %s", res.StatusCode, res.body)
	}
}

// Without a hint any page could log people out: the browser asks first, and
// the answer counts only in the browser that was asked.
func TestLogoutWithoutHintAsksFirst(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	page := g.logoutAt(url.Values{"client_id": {"demo-ehr-spa"}, "post_logout_redirect_uri": {spaRedirect}})
	_, rest, ok := strings.Cut(string(page.body), `name="session_code" value="`)
	code, _, _ := strings.Cut(rest, `"`)
	if page.StatusCode != 200 || !ok {
		t.Fatalf("%d %s", page.StatusCode, page.body)
	}
	confirm := url.Values{"session_code": {code}}
	if res := g.post(oidcPath+"logout/logout-confirm", confirm); res.StatusCode != 400 {
		t.Errorf("another browser confirmed: %d", res.StatusCode)
	}
	if res := g.post(oidcPath+"token", refreshForm(tokens, nil)); res.StatusCode != 200 {
		t.Error("the session ended before the confirmation")
	}
	if res := g.submit(oidcPath+"logout/logout-confirm", confirm); res.StatusCode != 302 || res.Header.Get("Location") != spaRedirect {
		t.Errorf("%d %s", res.StatusCode, res.body)
	}
	g.wantError(g.post(oidcPath+"token", refreshForm(tokens, nil)), 400, "invalid_grant", "Session not active")
}

func TestPostLogoutURIsMayHaveAListOfTheirOwn(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct {
		name, list, uri string
		want            int
	}{
		{"own list", `["http://localhost:4200/bye"]`, "http://localhost:4200/bye", 302},
		{"own list excludes redirect URIs", `["http://localhost:4200/bye"]`, spaRedirect, 400},
		{"plus means the redirect URIs", `["+"]`, spaRedirect, 302},
		{"minus means none", `["-"]`, spaRedirect, 400},
	} {
		g.control("PUT", "/clients/healthcare/lists", `{"name":"x","access_type":"public","scopes_default":["openid"],"redirect_uris":["`+spaRedirect+`"],"post_logout_redirect_uris":`+tc.list+`}`)
		tokens := g.loginAs("lists", "dr-peeters")
		if res := g.logoutAt(url.Values{"id_token_hint": {tokens["id_token"].(string)}, "post_logout_redirect_uri": {tc.uri}}); res.StatusCode != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, res.StatusCode, tc.want)
		}
	}
}

func TestLogoutWithARefreshToken(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	form := refreshForm(tokens, map[string]string{"grant_type": ""})
	g.wantError(g.post(oidcPath+"logout", url.Values{"client_id": {"demo-ehr-spa"}, "refresh_token": {"bad"}}), 400, "invalid_grant", "Invalid refresh token")
	g.wantError(g.post(oidcPath+"logout", refreshForm(tokens, map[string]string{"grant_type": "", "client_id": "nihdi-uhmep-hcp"})), 400, "invalid_grant",
		"Invalid refresh token. Token client and authorized client don't match")
	for _, try := range []string{"first", "repeated"} {
		if res := g.post(oidcPath+"logout", form); res.StatusCode != 204 || len(res.body) != 0 {
			t.Errorf("%s: %d %s", try, res.StatusCode, res.body)
		}
	}
	g.wantError(g.post(oidcPath+"token", refreshForm(tokens, nil)), 400, "invalid_grant", "Session not active")
}

func TestNotesOfTheJournal(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.login("dr-peeters")
	entry := g.last()
	if entry.Service != "iam" || entry.Op != "token" || entry.Client != "demo-ehr-spa" || entry.Persona != "dr-peeters" || entry.Notes["token"] == nil {
		t.Errorf("entry %+v", entry)
	}
	raw, err := json.Marshal(entry)
	if err != nil || !strings.Contains(string(raw), `"onrtac:`) {
		t.Errorf("the decoded token is not in the entry: %s", raw)
	}
	tokens := g.login("nurse-claes")
	g.post(oidcPath+"token", exchangeForm(tokens["access_token"].(string), nil))
	entry = g.last()
	subject, _ := entry.Notes["subject_token"].(map[string]any)
	if entry.Persona != "nurse-claes" || subject["jti"] != payload(t, tokens["access_token"])["jti"] {
		t.Errorf("exchange: persona %q, subject token %v", entry.Persona, subject["jti"])
	}
}

func TestIntrospectionKnowsRefreshTokens(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	const server = "demo-ehr-server"
	code := g.code(as("dr-peeters", "client_id", server))
	tokens := g.post(oidcPath+"token", g.asClient(server, Healthcare, codeForm(code, map[string]string{"client_id": server}))).json(t)
	ask := func() map[string]any {
		return g.post(oidcPath+"token/introspect", g.asClient(server, Healthcare, url.Values{"token": {tokens["refresh_token"].(string)}})).json(t)
	}
	if got := ask(); got["active"] != true || got["token_type"] != "Refresh" || got["username"] != "71011599751" {
		t.Errorf("live: %v", got)
	}
	g.control("POST", "/sessions/"+tokens["session_state"].(string)+"/end", "")
	if got := ask(); got["active"] != false {
		t.Errorf("ended: %v", got)
	}
}

// In plain Keycloak's style a client is not in aud of its own token.
func TestIntrospectionFollowsTheStyleOfAud(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-aud-style": "keycloak"})
	token := g.m2m("demo-hospital", "openid nihdi:uhmep:organization")["access_token"].(string)
	res := g.post("/auth/realms/M2M/protocol/openid-connect/token/introspect", g.asClient("demo-hospital", M2M, url.Values{"token": {token}}))
	if string(res.body) != `{"active":false}` || !g.warned("iam-9.10-inactive") {
		t.Errorf("%s, %v", res.body, g.last().Warnings)
	}
}

func TestTokensOfADisabledClientAreDead(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	token := g.login("dr-peeters")["access_token"].(string)
	var form map[string]any
	if err := json.Unmarshal(g.control("GET", "/clients/healthcare/demo-ehr-spa", "").body, &form); err != nil {
		t.Fatal(err)
	}
	form["flags"].(map[string]any)["disabled"] = true
	raw, err := json.Marshal(form)
	if err != nil {
		t.Fatal(err)
	}
	g.control("PUT", "/clients/healthcare/demo-ehr-spa", string(raw))
	res := g.get(oidcPath+"userinfo", "Authorization", "Bearer "+token)
	if res.StatusCode != 401 || res.Header.Get("WWW-Authenticate") != invalidToken+`Client disabled"` {
		t.Errorf("%d %s", res.StatusCode, res.Header.Get("WWW-Authenticate"))
	}
}
