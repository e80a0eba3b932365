package iam

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// loginState is a login page that waits for its answer. The session code is
// good for one post, and only together with the browser's AUTH_SESSION_ID.
type loginState struct {
	Request     authRequest `json:"request"`
	SessionCode string      `json:"session_code"`
	Execution   string      `json:"execution"`
	ExpiresAt   int64       `json:"expires_at"`
}

const typRestart = "Restart" // the cookie KC_RESTART

// startLogin stores the request and shows the login page.
func (s *Service) startLogin(c *call, client *Client, req *authRequest) (*respond.Response, error) {
	authSession, err := s.knownAuthSession(c)
	if err != nil {
		return nil, err
	}
	if authSession == "" {
		authSession = c.t.Chance.Token(24)
	}
	tab := c.t.Chance.Token(8)
	state := &loginState{Request: *req, Execution: c.t.Chance.UUID()}
	sum := sha256.Sum256([]byte(authSession))
	restart, err := s.restartToken(c, req)
	if err != nil {
		return nil, err
	}
	cookies := []*http.Cookie{
		c.cookie(cookieAuthSession, authSession, true, 0),
		c.cookie(cookieAuthHash, base64.RawURLEncoding.EncodeToString(sum[:]), false, time.Minute),
		c.cookie(cookieRestart, restart, true, 0),
	}
	return s.showLogin(c, client, authSession, tab, state, "", cookies)
}

// knownAuthSession is the browser's AUTH_SESSION_ID when this sandbox made it
// and a page of it still waits: so two tabs can log in side by side, and a
// value planted by somebody else is never adopted.
func (s *Service) knownAuthSession(c *call) (string, error) {
	value := c.cookieValue(cookieAuthSession)
	if value == "" || len(value) > 64 {
		return "", nil
	}
	known := false
	err := c.t.Store.View(func(r store.Reader) error {
		for range r.Scan(loginKey(digest(value), ""), "") {
			known = true
			break
		}
		return nil
	})
	if !known {
		return "", err
	}
	return value, err
}

func (s *Service) restartToken(c *call, req *authRequest) (string, error) {
	return s.signSecret(c.t, c.realm, object{
		{"exp", c.now.Add(c.opt.loginLife()).Unix()}, {"iss", c.issuer()}, {"typ", typRestart}, {"req", req},
	})
}

// showLogin gives the page a new session code and shows it.
func (s *Service) showLogin(c *call, client *Client, authSession, tab string, state *loginState, message string, cookies []*http.Cookie) (*respond.Response, error) {
	state.SessionCode = c.t.Chance.Token(32)
	until := c.now.Add(c.opt.loginLife())
	state.ExpiresAt = until.Unix()
	err := c.t.Store.Update(func(w store.Writer) error {
		return putUntil(w, c.now, loginKey(digest(authSession), tab), state, until)
	})
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(&state.Request)
	if err != nil {
		return nil, err
	}
	query := url.Values{
		"session_code": {state.SessionCode}, "execution": {state.Execution}, "client_id": {state.Request.Client},
		"tab_id": {tab}, "client_data": {base64.RawURLEncoding.EncodeToString(data)},
	}
	res, err := s.page(c, http.StatusOK, "login", map[string]any{
		"Action":   c.issuer() + "/login-actions/authenticate?" + query.Encode(),
		"Client":   client,
		"Username": state.Request.Hint,
		"Message":  message,
		"Groups":   s.personaGroups(c),
		"Password": c.t.Settings.String("iam-password"),
	})
	if err != nil {
		return nil, err
	}
	setCookies(res, cookies)
	return res, nil
}

// personaGroup is one heading of the persona picker.
type personaGroup struct {
	Title    string // message key
	Personas []world.Persona
}

func (s *Service) personaGroups(c *call) []personaGroup {
	groups := []personaGroup{{Title: "professionals"}, {Title: "patients"}}
	for _, p := range s.world(c.t).Personas() {
		i := 0
		if p.Patient() {
			i = 1
		}
		groups[i].Personas = append(groups[i].Personas, p)
	}
	return groups
}

// login is the target of the login form.
func (s *Service) login(c *call) (*respond.Response, error) {
	if c.realm != Healthcare {
		return nil, s.pageError(c, http.StatusBadRequest, "noLoginMessage", "iam-10.1-m2m", "a login in realm "+c.realm, "realm "+Healthcare, "organisations have no login page")
	}
	q := c.r.URL.Query()
	authSession, tab := c.cookieValue(cookieAuthSession), q.Get("tab_id")
	state, client, err := s.waiting(c, authSession, tab)
	if err != nil {
		return nil, err
	}
	if state == nil {
		return s.staleLogin(c, authSession)
	}
	if locale := wantedLocale(q); locale != "" {
		state.Request.Locale = locale
	}
	c.identify(client)
	if c.r.Method != http.MethodPost {
		return s.showLogin(c, client, authSession, tab, state, "", localeCookie(c, q))
	}
	if subtle.ConstantTimeCompare([]byte(q.Get("session_code")), []byte(state.SessionCode)) != 1 {
		return s.staleLogin(c, authSession)
	}
	persona, message := s.credentials(c)
	if message != "" {
		return s.showLogin(c, client, authSession, tab, state, message, nil)
	}
	err = c.t.Store.Update(func(w store.Writer) error {
		w.Delete(loginKey(digest(authSession), tab))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.finish(c, client, &state.Request, persona, "1")
}

// waiting is the stored page of a tab in this browser, nil when there is none.
func (s *Service) waiting(c *call, authSession, tab string) (state *loginState, client *Client, err error) {
	if authSession == "" || tab == "" || len(tab) > 64 {
		return nil, nil, nil
	}
	err = c.t.Store.View(func(r store.Reader) error {
		found, ok, err := store.GetJSON[loginState](r, loginKey(digest(authSession), tab))
		if err != nil || !ok || found.ExpiresAt <= c.now.Unix() {
			return err
		}
		if client, err = s.clientIn(r, c.realm, found.Request.Client); err != nil || client == nil || client.Flags.Disabled {
			return err
		}
		state = &found
		return nil
	})
	return state, client, err
}

// credentials is the persona of the posted form, or a message for the page.
// A click on a persona needs no password; user names are persona names, SSINs
// and NIHII numbers.
func (s *Service) credentials(c *call) (world.Persona, string) {
	name, picked := c.form.Get("persona"), c.form.Has("persona")
	if !picked {
		name = c.form.Get("username")
	}
	p, ok := s.world(c.t).Find(name)
	switch {
	case !ok || (!picked && !c.opt.passwordAccepted(c.form.Get("password"))):
		c.warn("iam-5.3-credentials", "user name or password is wrong: "+quote(name)+" is "+knownOrNot(ok)+"; the password of every persona is in SANDBOX_IAM_PASSWORD")
		return p, "invalidUserMessage"
	case p.Disabled:
		return p, "accountDisabledMessage"
	}
	return p, ""
}

func knownOrNot(known bool) string {
	if known {
		return "a persona"
	}
	return "no persona"
}

// staleLogin is shown when a page was left too long, posted twice, or
// belongs to another browser. Its link starts the login again.
func (s *Service) staleLogin(c *call, authSession string) (*respond.Response, error) {
	restart := ""
	if q := s.restartRequest(c); q != nil {
		restart = c.endpoint("auth") + "?" + q.query().Encode()
	}
	got := "a page whose login has ended"
	if authSession == "" {
		got = "no cookie " + cookieAuthSession
	}
	return s.pageRefusal(c, http.StatusBadRequest, "expired", map[string]any{"Restart": restart},
		"iam-5.3-stale", got, "the newest page of this browser", "keep the cookies between the page and the post, and post each page once")
}

// restartRequest is the request to start again with: from the cookie or,
// without one, from the page's own address. Nothing is taken for granted: the
// authorization endpoint checks it like any other request.
func (s *Service) restartRequest(c *call) *authRequest {
	if claims, problem := s.verifySecret(c.t, c.realm, c.cookieValue(cookieRestart), typRestart); problem == nil && claims.Exp > c.now.Unix() {
		var body struct {
			Req *authRequest `json:"req"`
		}
		if unmarshalClaims(claims, &body) == nil && body.Req != nil {
			return body.Req
		}
	}
	q := &authRequest{}
	if json.Unmarshal(decodeSegment(c.r.URL.Query().Get("client_data")), q) != nil || q.Client == "" {
		return nil
	}
	return q
}

// query rebuilds the authorization request.
func (q *authRequest) query() url.Values {
	v := url.Values{"response_type": {"code"}, "client_id": {q.Client}, "response_mode": {q.Mode}}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("redirect_uri", q.Sent)
	set("scope", q.Scope)
	set("nonce", q.Nonce)
	set("code_challenge", q.Challenge)
	set("code_challenge_method", q.Method)
	set("login_hint", q.Hint)
	if q.HasState {
		v.Set("state", q.State)
	}
	return v
}
