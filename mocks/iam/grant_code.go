package iam

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

func badGrant(rule, description string) *respond.Refusal {
	return refuse(http.StatusBadRequest, "invalid_grant", description, rule)
}

// codeGrant turns an authorization code into tokens. From the second check on
// a failed try spends the code.
func (s *Service) codeGrant(c *call) (object, error) {
	if !c.client.Flags.StandardFlow {
		return nil, because(refuse(http.StatusBadRequest, "unauthorized_client", "Client not allowed for standard flow", "iam-6.1-code"),
			"client "+c.client.ClientID+" without standard flow", "a client of realm "+Healthcare+" with redirect URIs", "")
	}
	text := c.form.Get("code")
	if text == "" {
		return nil, because(refuse(http.StatusBadRequest, "invalid_request", "Missing parameter: code", "iam-6.5-code"), "no code", "the code of the redirect", "")
	}
	id, _, _ := strings.Cut(text, ".")
	var code *authCode
	var ses *session
	var f *respond.Refusal
	var stale int64
	refreshID := c.t.Chance.UUID()
	// One transaction decides who gets the tokens: of two parallel tries one
	// finds the code spent.
	err := c.t.Store.Update(func(w store.Writer) error {
		var err error
		if code, err = loadCode(w, id); err != nil {
			return err
		}
		if code != nil && text != code.text() {
			code = nil // parts of the code were swapped
		}
		if code == nil {
			f = checkCode(c, nil, nil)
			return nil
		}
		if ses, err = loadSession(w, code.SID, c.now); err != nil {
			return err
		}
		f = checkCode(c, code, ses)
		if code.Spent {
			return s.detach(w, ses, code)
		}
		code.Spent = true
		if err := store.PutJSON(w, codeKey(id), code); err != nil || f != nil {
			return err
		}
		if stale, err = notBefore(w, c.realm); err != nil {
			return err
		}
		return c.use(w, ses, c.client.ClientID, "", refreshID)
	})
	if err != nil {
		return nil, err
	}
	if f != nil {
		return nil, f
	}
	return s.codeTokens(c, code, ses, refreshID, stale)
}

// detach ends the client session that a reused code once opened.
func (s *Service) detach(w store.Writer, ses *session, code *authCode) error {
	if ses == nil {
		return nil
	}
	delete(ses.Clients, code.Client)
	return ses.save(w)
}

func checkCode(c *call, code *authCode, ses *session) *respond.Refusal {
	switch {
	case code == nil:
		return because(badGrant("iam-6.5-valid", "Code not valid"), "an unknown code", "the code of the last authorization",
			"codes are valid once, in the realm, tenant and process that made them")
	case code.Spent:
		return because(badGrant("iam-6.5-valid", "Code not valid"), "a code that was used before", "a code that was never used",
			"a failed try spends the code too; pages mounted twice (React strict mode) post it twice. The tokens of the first use no longer refresh")
	case c.now.Unix() >= code.ExpiresAt:
		return because(badGrant("iam-6.5-valid", "Code not valid"), "a code that expired "+instant(code.ExpiresAt), "a code used in time", "")
	case ses == nil:
		return because(badGrant("iam-6.5-valid", "Code not valid"), "a code whose session ended", "a code of a live session", "")
	case c.form.Get("redirect_uri") != code.RedirectURI:
		return because(badGrant("iam-6.5-redirect", "Incorrect redirect_uri"), quote(c.form.Get("redirect_uri")), quote(code.RedirectURI),
			"it must be the very string sent to the authorization endpoint; the code is spent now")
	case code.Client != c.client.ClientID:
		return because(badGrant("iam-6.5-client", "Auth error: Found different client_id in clientSession"),
			"client "+c.client.ClientID, "client "+code.Client, "")
	}
	return checkPKCE(c.form.Get("code_verifier"), code.Challenge, code.Method)
}

func (s *Service) codeTokens(c *call, code *authCode, ses *session, refreshID string, stale int64) (object, error) {
	persona, err := s.sessionPersona(c, ses)
	if err != nil {
		return nil, err
	}
	scopes, err := s.scopesFor(c, c.client, code.Scope, "iam-6.3-scope")
	if err != nil {
		return nil, err
	}
	g := &grant{client: c.client, persona: persona, sid: ses.ID, scopes: scopes,
		authTime: ses.AuthTime, acr: code.Acr, nonce: code.Nonce, prefix: "onrtac", refreshID: refreshID}
	set, err := s.issue(c, g, ses, wish{refresh: true, id: true})
	if err != nil {
		return nil, err
	}
	return set.answer(stale, false), nil
}

// sessionTokens issues tokens of a session that was only read so far, and
// keeps it alive.
func (s *Service) sessionTokens(c *call, g *grant, ses *session, want wish) (object, error) {
	if want.refresh {
		g.refreshID = c.t.Chance.UUID()
	}
	set, err := s.issue(c, g, ses, want)
	if err != nil {
		return nil, err
	}
	var stale int64
	err = c.t.Store.Update(func(w store.Writer) error {
		var err error
		if stale, err = notBefore(w, c.realm); err != nil {
			return err
		}
		fresh, err := loadSession(w, ses.ID, c.now)
		if err != nil || fresh == nil {
			return err
		}
		last := fresh.Clients[g.client.ClientID]
		return c.use(w, fresh, g.client.ClientID, g.family, cmp.Or(g.refreshID, last.refreshID(g.family)))
	})
	if err != nil {
		return nil, err
	}
	return set.answer(stale, false), nil
}
