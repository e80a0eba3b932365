package iam

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The rows of the authorization endpoint whose answer is a page of our own.
func TestTheAuthorizationEndpointShowsErrorsItMayNotSendOn(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/clients/healthcare/switched-off", `{"name":"x","access_type":"public","redirect_uris":["http://localhost/*"],"flags":{"disabled":true}}`)
	for _, tc := range []struct {
		name   string
		change map[string]string
		status int
		text   string
		rule   string
	}{
		{"row 2: client_id absent", map[string]string{"client_id": ""}, 400, "Client not found.", "iam-5.1-2"},
		{"row 2: client_id unknown", map[string]string{"client_id": "nobody"}, 400, "Client not found.", "iam-5.1-2"},
		{"row 2: client disabled", map[string]string{"client_id": "switched-off"}, 400, "Client not found.", "iam-5.1-2"},
		{"row 3: client owns roles only", map[string]string{"client_id": "nihdi-uhmep-api"}, 403, "Bearer-only", "iam-5.1-3"},
		{"row 4: max_age is no number", map[string]string{"max_age": "soon"}, 400, "Invalid parameter: max_age", "iam-5.1-4"},
		{"row 5: redirect_uri unregistered", map[string]string{"redirect_uri": "https://evil.example.org/"}, 400, "Invalid parameter: redirect_uri", "iam-5.1-5"},
		{"row 5: redirect_uri absent with openid", map[string]string{"redirect_uri": ""}, 400, "Invalid parameter: redirect_uri", "iam-5.1-5"},
		{"row 5: redirect_uri absent with a wildcard", map[string]string{"redirect_uri": "", "scope": "profile"}, 400, "Invalid parameter: redirect_uri", "iam-5.1-5"},
		{"redirect_uri is wrong even if more is", map[string]string{"redirect_uri": "https://evil.example.org/", "response_type": "token"}, 400, "Invalid parameter: redirect_uri", "iam-5.1-5"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := g.get(oidcPath + "auth?" + authQuery(tc.change).Encode())
			if res.StatusCode != tc.status || !strings.Contains(string(res.body), tc.text) || res.Header.Get("Location") != "" {
				t.Errorf("got %d, Location %q, %s", res.StatusCode, res.Header.Get("Location"), res.body)
			}
			if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
				t.Errorf("Content-Type %q", res.Header.Get("Content-Type"))
			}
			entry := g.t.Journal.Entry(res.Header.Get("X-Sandbox-Trace"))
			if entry == nil || entry.Refusal == nil || entry.Refusal.Rule != tc.rule {
				t.Errorf("journal %+v, want rule %s", entry.Refusal, tc.rule)
			}
		})
	}
}

// The rows whose answer goes back to the client.
func TestTheAuthorizationEndpointSendsErrorsToTheClient(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/clients/healthcare/no-flow", `{"name":"x","access_type":"confidential","redirect_uris":["http://localhost/*"],
		"credentials":{"client_secret":"s"},"scopes_default":["openid"],"flags":{"service_account":true}}`)
	for _, tc := range []struct {
		name        string
		change      map[string]string
		twice       string
		code        string
		description string
		rule        string
	}{
		{"row 6: response_type absent", map[string]string{"response_type": ""}, "", "invalid_request", "Missing parameter: response_type", "iam-5.1-6"},
		{"row 7: response_type unknown", map[string]string{"response_type": "id_token"}, "", "unsupported_response_type", "", "iam-5.1-7"},
		{"row 8: response_mode unknown", map[string]string{"response_mode": "carrier-pigeon"}, "", "invalid_request", "Invalid parameter: response_mode", "iam-5.1-8"},
		{"row 9: flow not enabled", map[string]string{"client_id": "no-flow"}, "", "unauthorized_client",
			"Client is not allowed to initiate browser login with given response_type. Standard flow is disabled for the client.", "iam-5.1-9"},
		{"request objects are not supported", map[string]string{"request": "e30.e30."}, "", "request_not_supported", "", "iam-2.3-request"},
		{"nor request_uri", map[string]string{"request_uri": "https://a.example/r"}, "", "request_uri_not_supported", "", "iam-2.3-request"},
		{"row 10: a parameter twice", nil, "nonce", "invalid_request", "duplicated parameter", "iam-5.1-10"},
		{"row 11: scope not registered", map[string]string{"scope": "openid nihdi:uhmep:organization"}, "", "invalid_scope", "Invalid scopes: openid nihdi:uhmep:organization", "iam-5.1-11"},
		{"row 12: challenge absent", map[string]string{"code_challenge": "", "code_challenge_method": ""}, "", "invalid_request", "Missing parameter: code_challenge", "iam-5.1-12"},
		{"row 12: method invalid", map[string]string{"code_challenge_method": "s256"}, "", "invalid_request", "Invalid parameter: code_challenge_method", "iam-5.1-12"},
		{"row 12: challenge malformed", map[string]string{"code_challenge": "short"}, "", "invalid_request", "Invalid parameter: code_challenge", "iam-5.1-12"},
		{"row 13: prompt none and no session", map[string]string{"prompt": "none"}, "", "login_required", "", "iam-5.1-13"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			q := authQuery(tc.change)
			if tc.twice != "" {
				q.Add(tc.twice, "again")
			}
			res := g.get(oidcPath + "auth?" + q.Encode())
			if res.StatusCode != http.StatusFound {
				t.Fatalf("status %d: %s", res.StatusCode, res.body)
			}
			u := res.location(t)
			got := u.Query()
			if got.Get("error") != tc.code || got.Get("error_description") != tc.description || got.Get("state") != "state-1" ||
				got.Get("iss") != g.srv.URL+"/auth/realms/healthcare" || !strings.HasPrefix(u.String(), spaRedirect+"?") || got.Has("code") {
				t.Errorf("got %v", got)
			}
			if _, has := got["error_description"]; has != (tc.description != "") {
				t.Error("error_description is there though empty")
			}
			entry := g.t.Journal.Entry(res.Header.Get("X-Sandbox-Trace"))
			if entry.Refusal == nil || entry.Refusal.Rule != tc.rule {
				t.Errorf("journal %+v, want rule %s", entry.Refusal, tc.rule)
			}
		})
	}
}

func TestErrorsCarryStateOnlyIfItWasSent(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct {
		change map[string]string
		want   bool
	}{{map[string]string{"prompt": "none"}, true}, {map[string]string{"prompt": "none", "state": ""}, false}} {
		q := g.get(oidcPath + "auth?" + authQuery(tc.change).Encode()).location(t).Query()
		if q.Has("state") != tc.want {
			t.Errorf("state present %v, want %v", q.Has("state"), tc.want)
		}
	}
}

func TestResponseModes(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct {
		name, mode, redirect, prefix string
	}{
		{"query is the default", "", spaRedirect, spaRedirect + "?"},
		{"query extends a query", "query", spaRedirect + "?ssin=1&prescriptionId=2", spaRedirect + "?ssin=1&prescriptionId=2&"},
		{"fragment follows a hash", "fragment", spaRedirect, spaRedirect + "#"},
		{"fragment keeps a query", "fragment", spaRedirect + "?ssin=1", spaRedirect + "?ssin=1#"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := g.get(oidcPath + "auth?" + authQuery(as("dr-peeters", "response_mode", tc.mode, "redirect_uri", tc.redirect)).Encode())
			rest, ok := strings.CutPrefix(res.Header.Get("Location"), tc.prefix)
			q, err := url.ParseQuery(rest)
			if !ok || err != nil || q.Get("code") == "" || q.Get("state") != "state-1" || q.Get("session_state") == "" || q.Get("iss") == "" {
				t.Errorf("Location %q, want %s…", res.Header.Get("Location"), tc.prefix)
			}
			if parts := strings.Split(q.Get("code"), "."); len(parts) != 3 || parts[1] != q.Get("session_state") {
				t.Errorf("code %q", q.Get("code"))
			}
		})
	}
}

func TestFormPostSendsAFormToTheClient(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	res := g.get(oidcPath + "auth?" + authQuery(as("dr-peeters", "response_mode", "form_post", "state", `"><script>`)).Encode())
	body := string(res.body)
	for _, want := range []string{`method="post" action="` + spaRedirect + `"`, `name="code"`, `name="iss"`, `name="session_state"`, `value="&#34;&gt;&lt;script&gt;"`} {
		if res.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("status %d, want %s in %s", res.StatusCode, want, body)
		}
	}
}

func TestPOSTToTheAuthorizationEndpointReadsTheFormOnly(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	res := g.post(oidcPath+"auth", authQuery(as("dr-peeters")))
	if res.location(t).Query().Get("code") == "" {
		t.Errorf("status %d: %s", res.StatusCode, res.body)
	}
	res = g.post(oidcPath+"auth?"+authQuery(as("dr-peeters")).Encode(), url.Values{})
	if res.StatusCode != 400 {
		t.Errorf("parameters in the query of a POST counted: status %d", res.StatusCode)
	}
}

func TestUnknownPromptWordsAreIgnored(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	if g.code(as("dr-peeters", "prompt", "dance consent")) == "" {
		t.Error("no code")
	}
}

func TestAMissingRedirectURIIsToleratedWithOneConcreteOne(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/clients/healthcare/one-uri", `{"name":"x","access_type":"public","redirect_uris":["http://localhost:4200/only"],"scopes_default":["profile"]}`)
	res := g.get(oidcPath + "auth?" + authQuery(as("dr-peeters", "client_id", "one-uri", "redirect_uri", "", "scope", "profile")).Encode())
	u := res.location(t)
	if !strings.HasPrefix(u.String(), "http://localhost:4200/only?") {
		t.Fatalf("Location %s", u)
	}
	token := g.post(oidcPath+"token", codeForm(u.Query().Get("code"), map[string]string{"client_id": "one-uri", "redirect_uri": ""}))
	if token.StatusCode != 200 {
		t.Errorf("token answered %d: %s", token.StatusCode, token.body)
	}
}
