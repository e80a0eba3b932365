package iam

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

var formAction = regexp.MustCompile(`id="kc-form-login" action="([^"]+)"`)

// loginPage opens the login page and returns the form's action.
func (g *rig) loginPage(change map[string]string) (reply, string) {
	g.tb.Helper()
	res := g.do(g.browser, g.request(http.MethodGet, oidcPath+"auth?"+authQuery(change).Encode(), ""))
	m := formAction.FindSubmatch(res.body)
	if res.StatusCode != 200 || m == nil {
		g.tb.Fatalf("no login page: %d %s", res.StatusCode, res.body)
	}
	return res, html.UnescapeString(string(m[1]))
}

func (g *rig) submit(action string, form url.Values) reply {
	g.tb.Helper()
	return g.do(g.browser, g.request(http.MethodPost, action, form.Encode(), "Content-Type", "application/x-www-form-urlencoded"))
}

func credentials(user, password string) url.Values {
	return url.Values{"username": {user}, "password": {password}, "credentialId": {""}}
}

func TestTheLoginPageKeepsKeycloaksIdentifiers(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	res, action := g.loginPage(nil)
	for _, want := range []string{`id="kc-form-login"`, `method="post"`, `name="username"`, `name="password"`, `name="credentialId"`, `id="kc-login"`, `type="hidden"`,
		"dr-peeters", "pat-dubois", "Sandbox, not the real eHealth platform"} {
		if !strings.Contains(string(res.body), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	u, err := url.Parse(action)
	if err != nil || u.Path != "/auth/realms/healthcare/login-actions/authenticate" {
		t.Errorf("action %s", action)
	}
	for _, name := range []string{"session_code", "execution", "client_id", "tab_id", "client_data"} {
		if u.Query().Get(name) == "" {
			t.Errorf("action lacks %s", name)
		}
	}
	if got, want := res.Header.Get("Cache-Control"), "no-store, must-revalidate, max-age=0"; got != want {
		t.Errorf("Cache-Control %q, want %q", got, want)
	}
	if regexp.MustCompile(`(src|href)="https?://`).Match(res.body) && !strings.Contains(string(res.body), g.srv.URL) {
		t.Error("the page loads something from elsewhere")
	}
}

func TestTheFormTakesNameSSINAndNIHII(t *testing.T) {
	t.Parallel()
	for _, user := range []string{"dr-peeters", "71011599751", "19990116004"} {
		g := newRig(t)
		_, action := g.loginPage(nil)
		res := g.submit(action, credentials(user, "sandbox"))
		q := res.location(t).Query()
		if res.StatusCode != http.StatusFound || q.Get("code") == "" || q.Get("state") != "state-1" {
			t.Errorf("%s: status %d, %v", user, res.StatusCode, q)
		}
	}
}

func TestOneClickOnAPersonaIsEnough(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	_, action := g.loginPage(nil)
	res := g.submit(action, url.Values{"persona": {"nurse-claes"}})
	if res.location(t).Query().Get("code") == "" {
		t.Errorf("status %d: %s", res.StatusCode, res.body)
	}
}

func TestWrongCredentialsShowThePageAgain(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct{ name, user, password string }{
		{"wrong password", "dr-peeters", "guess"}, {"no password", "dr-peeters", ""}, {"unknown user", "nobody", "sandbox"}, {"nothing", "", ""},
	} {
		_, action := g.loginPage(nil)
		res := g.submit(action, credentials(tc.user, tc.password))
		m := formAction.FindSubmatch(res.body)
		if res.StatusCode != 200 || !strings.Contains(string(res.body), "Invalid username or password.") || m == nil {
			t.Errorf("%s: status %d, %s", tc.name, res.StatusCode, res.body)
			continue
		}
		again := html.UnescapeString(string(m[1]))
		if again == action {
			t.Errorf("%s: the session_code stayed the same", tc.name)
		}
		if ok := g.submit(again, credentials("dr-peeters", "sandbox")); ok.location(t).Query().Get("code") == "" {
			t.Errorf("%s: the new form does not work", tc.name)
		}
		g.browser = newBrowser(t)
	}
}

func TestAnyPasswordWithTheSetting(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.set(map[string]string{"iam-password": "*"})
	_, action := g.loginPage(nil)
	if g.submit(action, credentials("dr-peeters", "whatever")).location(t).Query().Get("code") == "" {
		t.Error("no code")
	}
}

func TestADisabledPersonaIsToldSo(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("POST", "/personas/dr-peeters/disable", "")
	_, action := g.loginPage(nil)
	res := g.submit(action, credentials("dr-peeters", "sandbox"))
	if res.StatusCode != 200 || !strings.Contains(string(res.body), "Account is disabled") {
		t.Errorf("status %d: %s", res.StatusCode, res.body)
	}
}

// A page is good for one post, in the browser that got it, for a while.
func TestStaleLoginPagesOfferARestart(t *testing.T) {
	t.Parallel()
	restart := regexp.MustCompile(`id="loginRestartLink" href="([^"]+)"`)
	for _, tc := range []struct {
		name  string
		spoil func(g *rig, action string) string
	}{
		{"posted twice", func(g *rig, action string) string {
			g.submit(action, credentials("dr-peeters", "guess"))
			return action
		}},
		{"used already", func(g *rig, action string) string {
			g.submit(action, credentials("dr-peeters", "sandbox"))
			return action
		}},
		{"another browser: login CSRF", func(g *rig, action string) string {
			g.browser = newBrowser(g.tb)
			return action
		}},
		{"left too long", func(g *rig, action string) string {
			g.t.Clock.Advance(31 * time.Minute)
			return action
		}},
		{"invented session_code", func(_ *rig, action string) string {
			return regexp.MustCompile(`session_code=[^&]+`).ReplaceAllString(action, "session_code=x")
		}},
		{"invented tab", func(_ *rig, action string) string {
			return regexp.MustCompile(`tab_id=[^&]+`).ReplaceAllString(action, "tab_id=x")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t)
			_, action := g.loginPage(nil)
			action = tc.spoil(g, action)
			res := g.submit(action, credentials("dr-peeters", "sandbox"))
			m := restart.FindSubmatch(res.body)
			if res.StatusCode != 400 || m == nil || res.Header.Get("Location") != "" {
				t.Fatalf("status %d, Location %q: %s", res.StatusCode, res.Header.Get("Location"), res.body)
			}
			again := g.get(html.UnescapeString(string(m[1])))
			if again.StatusCode != 200 || !formAction.Match(again.body) {
				t.Errorf("the restart link answers %d: %s", again.StatusCode, again.body)
			}
		})
	}
}

func TestReloadingTheLoginPageWorks(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	_, action := g.loginPage(nil)
	res := g.do(g.browser, g.request(http.MethodGet, action+"&kc_locale=fr", ""))
	if res.StatusCode != 200 || !strings.Contains(string(res.body), "Se connecter") {
		t.Fatalf("status %d: %s", res.StatusCode, res.body)
	}
	again := html.UnescapeString(string(formAction.FindSubmatch(res.body)[1]))
	if g.submit(again, credentials("dr-peeters", "sandbox")).location(t).Query().Get("code") == "" {
		t.Error("the reloaded form does not work")
	}
}

func TestPagesSpeakThreeLanguages(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct{ name, locale, header, want string }{
		{"English without a wish", "", "", "<h1 id=\"kc-page-title\">Sign in"},
		{"Dutch by ui_locales", "nl-BE fr", "", "Aanmelden als"},
		{"French by the browser", "", "de-DE,fr-BE;q=0.8", "Se connecter en tant que"},
		{"unknown language", "ja", "", "Log in as"},
	} {
		res := g.get(oidcPath+"auth?"+authQuery(map[string]string{"ui_locales": tc.locale}).Encode(), "Accept-Language", tc.header)
		if !strings.Contains(string(res.body), tc.want) {
			t.Errorf("%s: the page lacks %q", tc.name, tc.want)
		}
	}
}

func TestTwoTabsLogInSideBySide(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	_, one := g.loginPage(nil)
	_, two := g.loginPage(map[string]string{"state": "state-2"})
	if g.submit(two, credentials("dr-peeters", "guess")).StatusCode != 200 {
		t.Fatal("second tab")
	}
	if got := g.submit(one, credentials("dr-peeters", "sandbox")).location(t).Query().Get("state"); got != "state-1" {
		t.Errorf("first tab: state %q", got)
	}
}

func TestHeadlessLogin(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		settings map[string]string
		control  string
		change   map[string]string
		sub      string
	}{
		{"by hint", nil, "", as("nurse-claes"), "nurse-claes"},
		{"by SSIN", nil, "", as("54022899886"), "pat-dubois"},
		{"without a name: the default persona", nil, "", as(""), "dr-peeters"},
		{"hint beats prompt=login", nil, "", as("nurse-claes", "prompt", "login"), "nurse-claes"},
		{"by setting", map[string]string{"iam-auto-login": "dentist"}, "", nil, "dentist"},
		{"by control call", nil, "pharmacist", nil, "pharmacist"},
		{"control call beats setting", map[string]string{"iam-auto-login": "dentist"}, "physio", nil, "physio"},
		{"auto-login counts as a live session", nil, "physio", map[string]string{"prompt": "none"}, "physio"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t)
			g.set(tc.settings)
			if tc.control != "" {
				g.control("PUT", "/auto-login", `{"persona":"`+tc.control+`"}`)
			}
			tokens := g.post(oidcPath+"token", codeForm(g.code(tc.change), nil)).json(t)
			if got, want := payload(t, tokens["access_token"])["sub"], SubjectOf(tc.sub); got != want {
				t.Errorf("sub %v, want %v (%s)", got, want, tc.sub)
			}
		})
	}
}

func TestAutoLoginCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/auto-login", `{"persona":"physio"}`)
	if got := g.control("GET", "/auto-login", "").json(t)["persona"]; got != "physio" {
		t.Errorf("persona %v", got)
	}
	if res := g.control("DELETE", "/auto-login", ""); res.StatusCode != 204 {
		t.Errorf("status %d", res.StatusCode)
	}
	g.loginPage(nil)
	if res := g.control("PUT", "/auto-login", `{"persona":"nobody"}`); res.StatusCode != 404 {
		t.Errorf("unknown persona: status %d", res.StatusCode)
	}
}

func TestAnUnknownHintListsThePersonas(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	res := g.get(oidcPath + "auth?" + authQuery(as("dr-who")).Encode())
	if res.StatusCode != 400 || !strings.Contains(string(res.body), "nurse-claes") || !strings.Contains(string(res.body), "pat-dubois") {
		t.Errorf("status %d: %s", res.StatusCode, res.body)
	}
}

func TestM2MHasNoLogin(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	q := authQuery(map[string]string{"client_id": "demo-hospital", "redirect_uri": "http://localhost/"})
	if res := g.get("/auth/realms/M2M/protocol/openid-connect/auth?" + q.Encode()); res.StatusCode != 400 {
		t.Errorf("auth answered %d", res.StatusCode)
	}
	if res := g.get("/auth/realms/M2M/login-actions/authenticate?tab_id=x"); res.StatusCode != 400 {
		t.Errorf("login answered %d", res.StatusCode)
	}
}
