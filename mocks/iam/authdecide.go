package iam

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// autoIDP is the identity provider hint that logs in without a page. Real
// servers ignore it.
const autoIDP = "sandbox-auto"

// authDecide answers a correct request: with a code, with login_required, or
// with the login page.
func (s *Service) authDecide(c *call, p url.Values, client *Client, req *authRequest) (*respond.Response, error) {
	prompt := strings.Fields(p.Get("prompt"))
	if p.Get("kc_idp_hint") == autoIDP {
		return s.headless(c, client, req)
	}
	auto, err := s.autoLogin(c)
	if err != nil {
		return nil, err
	}
	if auto != "" {
		persona, ok := s.world(c.t).Find(auto)
		if !ok || persona.Disabled {
			return nil, s.unknownPersona(c, auto, "auto-login")
		}
		return s.finish(c, client, req, persona, "1")
	}
	ses, persona, err := s.browserSession(c)
	if err != nil {
		return nil, err
	}
	fresh := ses != nil && !slices.Contains(prompt, "login") && !stale(ses, p.Get("max_age"), c.now)
	switch {
	case fresh:
		c.check("iam-5.1-14", "session "+ses.ID, "a live session")
		return s.answerCode(c, client, req, ses, persona, "0", nil)
	case slices.Contains(prompt, "none"):
		return s.authRefused(c, req, &authProblem{"login_required", "", "iam-5.1-13", noSession(ses), "a live session",
			"prompt=none shows no page; a page on 127.0.0.1 sends no cookie of localhost, and other sites' cookies are often blocked in iframes"})
	}
	return s.startLogin(c, client, req)
}

func noSession(ses *session) string {
	if ses == nil {
		return "no session cookie, or an ended session"
	}
	return "a session that is too old for max_age, or prompt=login"
}

// stale tells whether a login is older than max_age allows.
func stale(ses *session, maxAge string, now time.Time) bool {
	if maxAge == "" {
		return false
	}
	n, err := strconv.ParseInt(maxAge, 10, 64)
	return err == nil && (n == 0 || now.Unix()-ses.AuthTime > n)
}

// headless logs the hinted persona in at once.
func (s *Service) headless(c *call, client *Client, req *authRequest) (*respond.Response, error) {
	hint := req.Hint
	if hint == "" {
		hint = s.defaultPersona(c)
	}
	persona, ok := s.world(c.t).Find(hint)
	if !ok || persona.Disabled {
		return nil, s.unknownPersona(c, hint, "login_hint")
	}
	return s.finish(c, client, req, persona, "1")
}

// defaultPersona is the first one of the seed world.
func (s *Service) defaultPersona(c *call) string {
	if all := s.world(c.t).Personas(); len(all) > 0 {
		return all[0].Name
	}
	return ""
}

// autoLogin is the persona as whom every authorization is answered, "" when
// the login page is shown.
func (s *Service) autoLogin(c *call) (name string, err error) {
	name = c.t.Settings.String("iam-auto-login")
	err = c.t.Store.View(func(r store.Reader) error {
		if raw, ok := r.Get(autoLoginKey); ok {
			name = string(raw)
		}
		return nil
	})
	return name, err
}

// finish logs a persona in and answers with a code. A live session of the
// same persona in this browser goes on; otherwise a new one starts, under an
// identifier that the browser did not know before.
func (s *Service) finish(c *call, client *Client, req *authRequest, p world.Persona, acr string) (*respond.Response, error) {
	ses, owner, err := s.browserSession(c)
	if err != nil {
		return nil, err
	}
	if ses == nil || owner.Name != p.Name {
		ses = newSession(c.t.Chance.UUID(), p.Name, c.now, c.opt)
	}
	ses.AuthTime = c.now.Unix()
	cookies, err := s.sessionCookies(c, ses)
	if err != nil {
		return nil, err
	}
	return s.answerCode(c, client, req, ses, p, acr, cookies)
}

// answerCode makes a code for a session and sends it to the client.
func (s *Service) answerCode(c *call, client *Client, req *authRequest, ses *session, p world.Persona, acr string, cookies []*http.Cookie) (*respond.Response, error) {
	journal.Note(c.ctx, "persona", p.Name)
	code := &authCode{
		ID: c.t.Chance.UUID(), Client: client.ClientID, SID: ses.ID, RedirectURI: req.Sent,
		Scope: req.Scope, Nonce: req.Nonce, Acr: acr, Challenge: req.Challenge, Method: req.Method,
		ExpiresAt: c.now.Add(c.opt.codeLife(client)).Unix(),
	}
	err := c.t.Store.Update(func(w store.Writer) error {
		stored, err := loadSession(w, ses.ID, c.now)
		if err != nil {
			return err
		}
		keep := *ses
		if stored != nil { // other clients may have joined meanwhile
			keep.Clients = stored.Clients
		}
		keep.attach(client.ClientID, c.now)
		keep.touch(c.now, c.opt.sessionIdle())
		if err := keep.saveNew(w, c.now); err != nil {
			return err
		}
		return putCode(w, c.now, code)
	})
	if err != nil {
		return nil, err
	}
	res, err := s.authAnswer(c, req, object{{"session_state", ses.ID}, {"code", code.text()}})
	if err != nil {
		return nil, err
	}
	setCookies(res, cookies)
	return res, nil
}
