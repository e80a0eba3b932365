package iam

import (
	"net/http"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// passwordGrant is a sandbox extension, off by default: a session without a
// browser.
func (s *Service) passwordGrant(c *call) (object, error) {
	persona, ok := s.world(c.t).Find(c.form.Get("username"))
	if !ok || !c.opt.passwordAccepted(c.form.Get("password")) {
		return nil, because(refuse(http.StatusUnauthorized, "invalid_grant", "Invalid user credentials", "iam-6.1-password"),
			"user "+quote(c.form.Get("username")), "a persona and the sandbox's password", "")
	}
	if persona.Disabled {
		return nil, because(badGrant("iam-6.6-disabled", "Account disabled"), "persona "+persona.Name+", disabled", "an enabled persona", "")
	}
	c.warn("iam-6.1-password", "the password grant is a sandbox extension: the real service does not have it")
	scopes, err := s.scopesFor(c, c.client, c.form.Get("scope"), "iam-6.3-scope")
	if err != nil {
		return nil, err
	}
	ses, err := s.openSession(c, c.client, persona.Name)
	if err != nil {
		return nil, err
	}
	g := &grant{client: c.client, persona: &persona, sid: ses.ID, scopes: scopes, authTime: ses.AuthTime, acr: "1", prefix: "onrtro"}
	return s.sessionTokens(c, g, ses, wish{refresh: true, id: true})
}

// openSession starts and stores a session that no browser knows.
func (s *Service) openSession(c *call, client *Client, persona string) (*session, error) {
	ses := newSession(c.t.Chance.UUID(), persona, c.now, c.opt)
	ses.attach(client.ClientID, c.now)
	return ses, c.t.Store.Update(func(w store.Writer) error { return ses.saveNew(w, c.now) })
}
