package iam

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

func cookiesOf(res reply) map[string]*http.Cookie {
	m := map[string]*http.Cookie{}
	for _, k := range res.Cookies() {
		m[k.Name] = k
	}
	return m
}

func TestCookieFlags(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, proto string
		secure      bool
		sameSite    http.SameSite
	}{{"plain http", "", false, http.SameSiteLaxMode}, {"https", "https", true, http.SameSiteNoneMode}} {
		g := newRig(t)
		page := g.get(oidcPath+"auth?"+authQuery(nil).Encode(), "X-Forwarded-Proto", tc.proto)
		login := g.get(oidcPath+"auth?"+authQuery(as("dr-peeters")).Encode(), "X-Forwarded-Proto", tc.proto)
		for name, want := range map[string]struct {
			from     reply
			httpOnly bool
		}{
			"AUTH_SESSION_ID": {page, true}, "KC_AUTH_SESSION_HASH": {page, false}, "KC_RESTART": {page, true},
			"KEYCLOAK_IDENTITY": {login, true}, "KEYCLOAK_SESSION": {login, false},
		} {
			k := cookiesOf(want.from)[name]
			if k == nil {
				t.Errorf("%s: no cookie %s", tc.name, name)
				continue
			}
			if k.Path != "/auth/realms/healthcare/" || k.HttpOnly != want.httpOnly || k.Secure != tc.secure || k.SameSite != tc.sameSite || k.Value == "" {
				t.Errorf("%s: %+v", tc.name, k)
			}
		}
	}
}

func TestTheCookiePrefixKeepsSandboxesApart(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-cookie-prefix": "A_"})
	login := g.get(oidcPath + "auth?" + authQuery(as("dr-peeters")).Encode())
	if cookiesOf(login)["A_KEYCLOAK_IDENTITY"] == nil || cookiesOf(login)["KEYCLOAK_IDENTITY"] != nil {
		t.Errorf("cookies %v", login.Cookies())
	}
	if frame := g.get(oidcPath + "login-status-iframe.html"); !strings.Contains(string(frame.body), `"A_KEYCLOAK_SESSION"`) {
		t.Error("the iframe looks for the wrong cookie")
	}
}

func TestSingleSignOnReusesTheSession(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	_, action := g.loginPage(nil)
	first := g.submit(action, credentials("dr-peeters", "sandbox")).location(t).Query()
	g.t.Clock.Advance(time.Minute)
	second := g.do(g.browser, g.request("GET", oidcPath+"auth?"+authQuery(map[string]string{"prompt": "none"}).Encode(), "")).location(t).Query()
	if second.Get("code") == "" || second.Get("session_state") != first.Get("session_state") {
		t.Fatalf("first %v, second %v", first, second)
	}
}

func TestAcrAndAuthTimeTellHowTheLoginHappened(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	_, action := g.loginPage(nil)
	code := g.submit(action, credentials("dr-peeters", "sandbox")).location(t).Query().Get("code")
	first := payload(t, g.post(oidcPath+"token", codeForm(code, nil)).json(t)["access_token"])
	g.t.Clock.Advance(2 * time.Minute)
	code = g.do(g.browser, g.request("GET", oidcPath+"auth?"+authQuery(nil).Encode(), "")).location(t).Query().Get("code")
	second := payload(t, g.post(oidcPath+"token", codeForm(code, nil)).json(t)["access_token"])
	if first["acr"] != "1" || second["acr"] != "0" {
		t.Errorf("acr %v then %v, want 1 then 0", first["acr"], second["acr"])
	}
	if first["sid"] != second["sid"] || first["auth_time"] != second["auth_time"] {
		t.Errorf("sid %v %v, auth_time %v %v", first["sid"], second["sid"], first["auth_time"], second["auth_time"])
	}
}

func TestPromptAndMaxAgeAskForANewLogin(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	_, action := g.loginPage(nil)
	g.submit(action, credentials("dr-peeters", "sandbox"))
	g.t.Clock.Advance(time.Minute)
	for _, tc := range []struct {
		name   string
		change map[string]string
		want   string // page, code or error
	}{
		{"prompt login", map[string]string{"prompt": "login"}, "page"},
		{"max_age exceeded", map[string]string{"max_age": "30"}, "page"},
		{"max_age 0", map[string]string{"max_age": "0"}, "page"},
		{"max_age kept", map[string]string{"max_age": "90"}, "code"},
		{"prompt none and max_age exceeded", map[string]string{"prompt": "none", "max_age": "30"}, "login_required"},
		{"prompt none", map[string]string{"prompt": "none"}, "code"},
	} {
		res := g.do(g.browser, g.request("GET", oidcPath+"auth?"+authQuery(tc.change).Encode(), ""))
		got := "page"
		if res.StatusCode == http.StatusFound {
			q := res.location(t).Query()
			got = q.Get("error")
			if q.Has("code") {
				got = "code"
			}
		}
		if got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// Session fixation: what the browser brought along before the login is not
// what it is known by after it.
func TestALoginNeverAdoptsAPlantedSession(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(g.srv.URL + "/auth/realms/healthcare/")
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(u, []*http.Cookie{{Name: cookieAuthSession, Value: "planted", Path: "/auth/realms/healthcare/"}, {Name: cookieIdentity, Value: "planted", Path: "/auth/realms/healthcare/"}})
	g.browser.Jar = jar
	page, action := g.loginPage(nil)
	if k := cookiesOf(page)[cookieAuthSession]; k == nil || k.Value == "planted" {
		t.Errorf("AUTH_SESSION_ID %v", k)
	}
	res := g.submit(action, credentials("dr-peeters", "sandbox"))
	sid := res.location(t).Query().Get("session_state")
	if sid == "" || strings.Contains(sid, "planted") || cookiesOf(res)[cookieIdentity].Value == "planted" {
		t.Errorf("sid %q", sid)
	}
}

func TestAnotherPersonaGetsASessionOfItsOwn(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	first := g.do(g.browser, g.request("GET", oidcPath+"auth?"+authQuery(as("dr-peeters")).Encode(), "")).location(t).Query()
	second := g.do(g.browser, g.request("GET", oidcPath+"auth?"+authQuery(as("nurse-claes")).Encode(), "")).location(t).Query()
	third := g.do(g.browser, g.request("GET", oidcPath+"auth?"+authQuery(as("nurse-claes")).Encode(), "")).location(t).Query()
	if first.Get("session_state") == second.Get("session_state") || second.Get("session_state") != third.Get("session_state") {
		t.Errorf("sessions %s %s %s", first.Get("session_state"), second.Get("session_state"), third.Get("session_state"))
	}
}

func TestSessionsEndByIdlenessAndByAge(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.code(as("dr-peeters"))
	silent := oidcPath + "auth?" + authQuery(map[string]string{"prompt": "none"}).Encode()
	for range 20 { // kept alive for 9 h 40 by use
		g.t.Clock.Advance(29 * time.Minute)
		if g.do(g.browser, g.request("GET", silent, "")).location(t).Query().Get("code") == "" {
			t.Fatal("the session ended though it was used")
		}
	}
	g.t.Clock.Advance(29 * time.Minute) // 10 h 09
	if got := g.do(g.browser, g.request("GET", silent, "")).location(t).Query().Get("error"); got != "login_required" {
		t.Errorf("after ten hours: error %q", got)
	}
	g.code(as("dr-peeters"))
	g.t.Clock.Advance(31 * time.Minute)
	if got := g.do(g.browser, g.request("GET", silent, "")).location(t).Query().Get("error"); got != "login_required" {
		t.Errorf("after idling: error %q", got)
	}
}

func TestTheSessionIframeAsksForTheOrigin(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct {
		client, origin string
		want           int
	}{{"demo-ehr-spa", "http://localhost:4200", 204}, {"demo-ehr-spa", "https://evil.example", 403}, {"nobody", "http://localhost:4200", 403}, {"demo-ehr-spa", "", 403}} {
		res := g.get(oidcPath + "login-status-iframe.html/init?" + url.Values{"client_id": {tc.client}, "origin": {tc.origin}}.Encode())
		if res.StatusCode != tc.want {
			t.Errorf("%s at %q: status %d, want %d", tc.client, tc.origin, res.StatusCode, tc.want)
		}
	}
}

func TestFramesAreStaticPagesThatPostAnAnswer(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for path, want := range map[string]string{"login-status-iframe.html": "postMessage", "3p-cookies/step1.html": "step2.html", "3p-cookies/step2.html": `"supported" : "unsupported"`} {
		res := g.get(oidcPath + path)
		if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || !strings.Contains(string(res.body), want) || len(res.body) > 4096 {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.body)
		}
	}
}

func TestSingleSignOnEndsWhenThePersonaIsDisabled(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.code(as("dr-peeters"))
	g.control("POST", "/personas/dr-peeters/disable", "")
	res := g.do(g.browser, g.request("GET", oidcPath+"auth?"+authQuery(map[string]string{"prompt": "none"}).Encode(), ""))
	if got := res.location(t).Query().Get("error"); got != "login_required" {
		t.Errorf("error %q, want login_required", got)
	}
}
