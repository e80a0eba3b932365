package iam

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// tokenSet is what one grant yields.
type tokenSet struct {
	access, id, refresh string
	expiresIn           int64
	refreshExpiresIn    int64
	scope               string
	sid                 string
}

// wish says which tokens beside the access token are made.
type wish struct {
	refresh bool
	id      bool
}

// life bounds an instant by the end of the session.
func life(now time.Time, d time.Duration, ses *session) time.Time {
	until := now.Add(d)
	if ses != nil && until.Unix() > ses.MaxAt {
		until = time.Unix(ses.MaxAt, 0)
	}
	return until
}

// issue signs the tokens of a grant. It writes nothing; see remember.
func (s *Service) issue(c *call, g *grant, ses *session, want wish) (*tokenSet, error) {
	if g.expires.IsZero() {
		g.expires = life(c.now, c.opt.accessLife(g.client), ses)
	}
	if g.persona != nil {
		journal.Note(c.ctx, "persona", g.persona.Name)
	}
	claims := s.access(c, g)
	set := &tokenSet{
		expiresIn: g.expires.Unix() - c.now.Unix(), sid: g.sid,
		scope: s.shown(g.scopes, g.target != nil),
	}
	var err error
	if set.access, err = s.sign(c.t, c.realm, claims); err != nil {
		return nil, err
	}
	journal.Note(c.ctx, "token", claims.plain())
	if want.id && g.scopes.has("openid") {
		id := s.idToken(c, g, atHash(set.access))
		if g.asPatient() && g.target != nil && c.opt.pseudonymIn("id_token") {
			if err := s.addPseudonym(c, g, &id); err != nil {
				return nil, err
			}
		}
		if set.id, err = s.sign(c.t, c.realm, id); err != nil {
			return nil, err
		}
	}
	if want.refresh {
		until := life(c.now, c.opt.refreshLife(g.client), ses)
		set.refreshExpiresIn = until.Unix() - c.now.Unix()
		claims := object{
			{"exp", until.Unix()}, {"iat", c.now.Unix()}, {"jti", g.refreshID},
			{"iss", c.issuer()}, {"aud", c.issuer()}, {"sub", g.subject()},
			{"typ", typRefresh}, {"azp", g.client.ClientID}, {"sid", g.sid}, {"acr", g.acr},
			{"scope", strings.Join(s.refreshScopes(g), " ")},
		}
		if g.family != "" {
			claims.set("reuse_id", g.family)
		}
		if set.refresh, err = s.signSecret(c.t, c.realm, claims); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// refreshScopes are what a refresh starts from, hidden scopes included. A
// refresh token that came with an exchange has the caller's rights.
func (s *Service) refreshScopes(g *grant) scopeSet {
	set := g.scopes
	if g.target != nil {
		set, _ = s.resolve(g.client, "")
	}
	var shown, hidden scopeSet
	for _, name := range set {
		if d, ok := s.scope(name); ok && !d.Shown {
			hidden = append(hidden, name)
			continue
		}
		shown = append(shown, name)
	}
	return append(shown, hidden...)
}

// use marks a session as used by a client: it lives on, and the newest refresh
// token of the family is known. The session was read in the same transaction.
func (c *call) use(w store.Writer, ses *session, client, family, refreshID string) error {
	ses.attach(client, c.now)
	cs := ses.Clients[client]
	cs.setRefreshID(family, refreshID)
	ses.Clients[client] = cs
	ses.touch(c.now, c.opt.sessionIdle())
	return ses.save(w)
}

// answer is the token endpoint's JSON, members in Keycloak's order.
func (set *tokenSet) answer(notBefore int64, serviceAccount bool) object {
	o := object{{"access_token", set.access}, {"expires_in", set.expiresIn}, {"refresh_expires_in", set.refreshExpiresIn}}
	if set.refresh != "" {
		o.set("refresh_token", set.refresh)
	}
	o.set("token_type", "Bearer")
	if set.id != "" {
		o.set("id_token", set.id)
	}
	o.set("not-before-policy", notBefore)
	if !serviceAccount && set.sid != "" {
		o.set("session_state", set.sid)
	}
	o.set("scope", set.scope)
	return o
}

// atHash binds an ID token to its access token (OpenID Connect Core 3.1.3.6).
func atHash(accessToken string) string {
	sum := sha256.Sum256([]byte(accessToken))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// addPseudonym puts the patient's pseudonym into claims.
func (s *Service) addPseudonym(c *call, g *grant, o *object) error {
	if s.cfg.PseudonymOf == nil {
		return nil
	}
	p, err := s.cfg.PseudonymOf(c.ctx, g.persona.SSIN)
	if err != nil {
		return err
	}
	o.set(c.opt.pseudonymClaim(), p)
	return nil
}

// notBefore is the instant before which a realm's tokens are stale, 0 when
// none was pushed.
func notBefore(r store.Reader, realm string) (int64, error) {
	v, _, err := store.GetJSON[int64](r, notBeforeKey(realm))
	return v, err
}
