package iam

import (
	"net/http"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// Cookie names, before the optional prefix.
const (
	cookieIdentity    = "KEYCLOAK_IDENTITY" // decides single sign-on, alone
	cookieSession     = "KEYCLOAK_SESSION"  // readable by the session iframe
	cookieAuthSession = "AUTH_SESSION_ID"
	cookieAuthHash    = "KC_AUTH_SESSION_HASH"
	cookieRestart     = "KC_RESTART"
	cookieLocale      = "KEYCLOAK_LOCALE"
)

// cookie makes one of the realm's cookies. On https they may be used in
// iframes of other sites; on plain http browsers refuse such cookies.
func (c *call) cookie(name, value string, httpOnly bool, life time.Duration) *http.Cookie {
	k := &http.Cookie{ //nolint:gosec // the session iframe must read one of them, and Secure cookies do not exist on plain http
		Name: c.opt.cookiePrefix() + name, Value: value,
		Path: origin.Prefix(c.r) + "/auth/realms/" + c.realm + "/", HttpOnly: httpOnly, SameSite: http.SameSiteLaxMode,
	}
	if origin.Secure(c.r) {
		k.Secure, k.SameSite = true, http.SameSiteNoneMode
	}
	if life > 0 {
		k.MaxAge = int(life / time.Second)
	}
	return k
}

// expired clears a cookie.
func (c *call) expired(name string, httpOnly bool) *http.Cookie {
	k := c.cookie(name, "", httpOnly, 0) //nolint:gosec // flags are those of the cookie it clears
	k.MaxAge, k.Expires = -1, time.Unix(0, 0)
	return k
}

func (c *call) cookieValue(name string) string {
	k, err := c.r.Cookie(c.opt.cookiePrefix() + name)
	if err != nil {
		return ""
	}
	return k.Value
}

func setCookies(res *respond.Response, cookies []*http.Cookie) {
	for _, k := range cookies {
		if res.Header == nil {
			res.Header = http.Header{}
		}
		res.Header.Add("Set-Cookie", k.String())
	}
}

// sessionCookies are set after a login.
func (s *Service) sessionCookies(c *call, ses *session) ([]*http.Cookie, error) {
	identity, err := s.signSecret(c.t, c.realm, object{
		{"exp", ses.MaxAt}, {"iat", c.now.Unix()}, {"jti", c.t.Chance.UUID()}, {"iss", c.issuer()},
		{"sub", SubjectOf(ses.Persona)}, {"typ", typIdentity}, {"sid", ses.ID},
	})
	if err != nil {
		return nil, err
	}
	return []*http.Cookie{
		c.cookie(cookieIdentity, identity, true, 0),
		c.cookie(cookieSession, c.realm+"/"+SubjectOf(ses.Persona)+"/"+ses.ID, false, c.opt.sessionMax()),
		c.expired(cookieRestart, true),
		c.expired(cookieAuthSession, true),
		c.expired(cookieAuthHash, false),
	}, nil
}

// clearedCookies end single sign-on in the browser.
func (c *call) clearedCookies() []*http.Cookie {
	return []*http.Cookie{c.expired(cookieIdentity, true), c.expired(cookieSession, false), c.expired(cookieAuthSession, true)}
}

// browserSession is the live session of the identity cookie and its persona;
// nil without one.
func (s *Service) browserSession(c *call) (*session, world.Persona, error) {
	raw := c.cookieValue(cookieIdentity)
	if raw == "" {
		return nil, world.Persona{}, nil
	}
	claims, problem := s.verifySecret(c.t, c.realm, raw, typIdentity)
	if problem != nil {
		c.warn("iam-5.3-cookie", "the cookie "+cookieIdentity+" is not of this sandbox and tenant: "+problem.Got+
			"; cookies ignore the port, another sandbox or Keycloak on this host may have set it (SANDBOX_IAM_COOKIE_PREFIX)")
		return nil, world.Persona{}, nil //nolint:nilerr // a foreign cookie means: not logged in
	}
	var ses *session
	err := c.t.Store.View(func(r store.Reader) error {
		var err error
		ses, err = loadSession(r, claims.Sid, c.now)
		return err
	})
	if err != nil || ses == nil {
		return nil, world.Persona{}, err
	}
	p, ok := s.world(c.t).Persona(ses.Persona)
	if !ok || p.Disabled {
		return nil, world.Persona{}, nil
	}
	return ses, p, nil
}
