package iam

import (
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// refreshGrant makes new tokens. All refusals have status 400, because
// keycloak-js drops its tokens on 400 only.
func (s *Service) refreshGrant(c *call) (object, error) {
	raw := c.form.Get("refresh_token")
	if raw == "" {
		return nil, because(refuse(400, "invalid_request", "No refresh token", "iam-6.6-absent"), "no refresh_token", "the refresh_token of the last answer", "")
	}
	if c.realm == M2M {
		return nil, because(badGrant("iam-6.1-refresh-m2m", "Invalid refresh token"), "a refresh in realm "+M2M, "client_credentials",
			"no refresh tokens are issued in "+M2M+": ask for a new token")
	}
	next := c.t.Chance.UUID()
	claims, ses, stale, err := s.refreshSession(c, raw, next)
	if err != nil {
		return nil, err
	}
	persona, err := s.sessionPersona(c, ses)
	if err != nil {
		return nil, err
	}
	scopes, err := s.narrowed(c, claims.Scope, c.form.Get("scope")) // cannot fail any more
	if err != nil {
		return nil, err
	}
	g := &grant{client: c.client, persona: persona, sid: ses.ID, scopes: scopes,
		authTime: ses.AuthTime, acr: claims.Acr, prefix: "onrtrt", family: claims.Family, refreshID: next}
	set, err := s.issue(c, g, ses, wish{refresh: true, id: true})
	if err != nil {
		return nil, err
	}
	return set.answer(stale, false), nil
}

// narrowed are the scopes of a refresh: those of the refresh token that the
// client still has, or the part of them that was asked for.
func (s *Service) narrowed(c *call, granted, requested string) (scopeSet, error) {
	var set scopeSet
	for _, name := range strings.Fields(granted) {
		if name == "openid" || c.client.hasScope(name) || slices.Contains(silentScopes(c.realm), name) {
			set = append(set, name)
		}
	}
	if requested == "" {
		return s.ordered(set), nil
	}
	asked := strings.Fields(requested)
	var bad []string
	for _, word := range asked {
		if !set.has(word) {
			bad = append(bad, word)
		}
	}
	if len(bad) > 0 {
		return nil, because(refuse(400, "invalid_scope", "Invalid scopes: "+requested, "iam-6.6-scope"),
			strings.Join(bad, " "), "a part of "+granted, "a refresh can only narrow the scopes; "+s.scopeHint(c.client, bad))
	}
	set = slices.DeleteFunc(set, func(name string) bool {
		d, known := s.scope(name)
		return !slices.Contains(asked, name) && (!known || d.Shown)
	})
	return s.ordered(set), nil
}

// refreshSession checks a refresh token of the calling client and returns its
// session. next becomes the newest refresh token of the family: with rotation
// the one at hand is spent, even if what follows fails.
func (s *Service) refreshSession(c *call, raw, next string) (_ *tokenClaims, _ *session, stale int64, _ error) {
	claims, problem := s.verifySecret(c.t, c.realm, raw, typRefresh)
	if problem != nil {
		f := badGrant("iam-6.6-invalid", "Invalid refresh token")
		f.Got, f.Want, f.Hint = problem.Got, problem.Want, problem.Hint
		return nil, nil, 0, f
	}
	if p := checkTimes(claims, c.now, 0); p != nil {
		return nil, nil, 0, because(badGrant("iam-6.6-expired", "Token is not active"), p.Got, p.Want, "log in again")
	}
	if claims.Azp != c.client.ClientID {
		return nil, nil, 0, because(badGrant("iam-6.6-client", "Invalid refresh token. Token client and authorized client don't match"),
			"client "+c.client.ClientID, "client "+claims.Azp, "")
	}
	var ses *session
	var f *respond.Refusal
	_, scopeError := s.narrowed(c, claims.Scope, c.form.Get("scope"))
	err := c.t.Store.Update(func(w store.Writer) error {
		f, ses = nil, nil
		found, err := loadSession(w, claims.Sid, c.now)
		if err != nil {
			return err
		}
		if found == nil {
			f = because(badGrant("iam-6.6-session", "Session not active"), "an ended session", "a live session", "log in again")
			return nil
		}
		cs, attached := found.Clients[c.client.ClientID]
		if !attached || claims.Iat < cs.Started {
			f = because(badGrant("iam-6.6-client-session", "Session doesn't have required client"),
				"a session without client "+c.client.ClientID, "a session the client still belongs to",
				"it left by logout, revocation, a reused code or a reused refresh token")
			return nil
		}
		if stale, err = notBefore(w, c.realm); err != nil || claims.Iat < stale {
			f = because(badGrant("iam-6.6-stale", "Stale token"), "iat "+instant(claims.Iat), "later than "+instant(stale), "log in again")
			return err
		}
		if last := cs.refreshID(claims.Family); c.opt.rotateRefresh(c.client) && last != "" && last != claims.Jti {
			f = because(badGrant("iam-6.6-reuse", "Maximum allowed refresh token reuse exceeded"),
				"a refresh token that was used before", "the newest one", "two parallel refreshes do this; the client has lost its session now")
			delete(found.Clients, c.client.ClientID)
			return found.save(w)
		}
		ses = found
		if scopeError != nil {
			return nil //nolint:nilerr // a wrong scope does not spend the token; it is answered below
		}
		return c.use(w, ses, c.client.ClientID, claims.Family, next)
	})
	if err != nil {
		return nil, nil, 0, err
	}
	if f != nil {
		return nil, nil, 0, f
	}
	return claims, ses, stale, scopeError
}

// sessionPersona is the person behind a session; a disabled or removed one
// gets no tokens.
func (s *Service) sessionPersona(c *call, ses *session) (*world.Persona, error) {
	journal.Note(c.ctx, "persona", ses.Persona)
	p, ok := s.world(c.t).Persona(ses.Persona)
	if !ok || p.Disabled {
		return nil, because(badGrant("iam-6.6-disabled", "User disabled"), "persona "+ses.Persona+", disabled or removed", "an enabled persona",
			"PUT /_sandbox/iam/personas/"+ses.Persona)
	}
	return &p, nil
}
