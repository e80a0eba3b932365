package iam

import (
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// challenge is a userinfo error: nothing in the body, all in the header.
func (c *call) challenge(status int, code, description, rule string) *respond.Refusal {
	value := `Bearer realm="` + c.realm + `"`
	if code != "" {
		value += `, error="` + code + `", error_description="` + description + `"`
	}
	f := &respond.Refusal{Status: status, Code: code, Message: description, Rule: rule, Detail: bearerError}
	if code == "" {
		f.Code = "missing_token"
	}
	return f.With("WWW-Authenticate", value)
}

// userinfo gives the claims about the person that the token's scopes bring.
func (s *Service) userinfo(c *call) (*respond.Response, error) {
	raw, f := c.userinfoToken()
	if f != nil {
		return nil, f
	}
	claims, problem := s.verifyAccess(c.t, c.realm, raw, 0)
	if problem != nil {
		return nil, because(c.challenge(http.StatusUnauthorized, "invalid_token", "Token verification failed", "iam-9.9-token"), problem.Got, problem.Want, problem.Hint)
	}
	g, f, err := s.tokenGrant(c, claims)
	if err != nil {
		return nil, err
	}
	if f != nil {
		return nil, f
	}
	if !strings.Contains(" "+claims.Scope+" ", " openid ") {
		return nil, because(c.challenge(http.StatusForbidden, "insufficient_scope", "Missing openid scope", "iam-9.9-scope"), "scope "+claims.Scope, "scope openid", "")
	}
	body := append(object{{"sub", claims.Sub}}, s.identity(c, g, false)...)
	if g.asPatient() && g.target != nil && c.opt.pseudonymIn("userinfo") {
		if err := s.addPseudonym(c, g, &body); err != nil {
			return nil, err
		}
	}
	if g.client.Flags.SignedUserinfo || strings.Contains(c.r.Header.Get("Accept"), "application/jwt") {
		signed, err := s.sign(c.t, c.realm, append(object{{"iss", c.issuer()}, {"aud", g.client.ClientID}}, body...))
		if err != nil {
			return nil, err
		}
		return &respond.Response{Status: http.StatusOK, ContentType: "application/jwt", Body: signed}, nil
	}
	return &respond.Response{Status: http.StatusOK, Body: body, Header: http.Header{"Cache-Control": {"no-store"}}}, nil
}

// userinfoToken finds the one token of the request.
func (c *call) userinfoToken() (string, *respond.Refusal) {
	header := c.r.Header.Get("Authorization")
	form := ""
	if c.r.Method == http.MethodPost {
		form = c.form.Get("access_token")
	}
	scheme, token, _ := strings.Cut(header, " ")
	bearer := strings.EqualFold(scheme, "Bearer")
	switch {
	case bearer && form != "":
		return "", because(c.challenge(http.StatusBadRequest, "invalid_request", "More than one method used for including an access token", "iam-9.9-twice"),
			"a token in the header and in the form", "one of them", "")
	case bearer && strings.TrimSpace(token) != "":
		return strings.TrimSpace(token), nil
	case form != "":
		return form, nil
	}
	return "", because(c.challenge(http.StatusUnauthorized, "", "", "iam-9.9-missing"), "no token", "Authorization: Bearer <access token>", "")
}

// tokenGrant rebuilds the grant behind an access token, or says why the
// token is no longer active.
func (s *Service) tokenGrant(c *call, claims *tokenClaims) (*grant, *respond.Refusal, error) {
	inactive := func(description, got string) *respond.Refusal {
		return because(c.challenge(http.StatusUnauthorized, "invalid_token", description, "iam-9.9-inactive"), got, "a token of a live session", "get a new token")
	}
	client, err := s.lookup(c.t, c.realm, claims.Azp)
	if err != nil {
		return nil, nil, err
	}
	if client == nil || client.Flags.Disabled {
		return nil, inactive("Client disabled", "client "+claims.Azp+", disabled or removed"), nil
	}
	c.identify(client)
	g := &grant{client: client, acr: claims.Acr, sid: claims.Sid}
	if claims.Sid == "" {
		if claims.Sub != client.serviceAccount() {
			return nil, inactive("Token verification failed", "sub "+claims.Sub), nil
		}
		ok, err := s.unrevoked(c, claims)
		if err != nil || !ok {
			return nil, inactive("Token verification failed", "a revoked token"), err
		}
		g.scopes = s.ordered(append(scopeSet(strings.Fields(claims.Scope)), silentScopes(c.realm)...))
		return g, nil, nil
	}
	ses, why, err := s.tokenSession(c, claims)
	if err != nil {
		return nil, nil, err
	}
	if ses == nil {
		return nil, inactive("Session not active", why), nil
	}
	var persona world.Persona
	var ok bool
	if persona, ok = s.world(c.t).Persona(ses.Persona); !ok || persona.Disabled {
		return nil, inactive("User disabled", "persona "+ses.Persona+", disabled or removed"), nil
	}
	journal.Note(c.ctx, "persona", persona.Name)
	g.persona, g.authTime = &persona, ses.AuthTime
	return g, nil, s.tokenScopes(c, claims, g)
}

// tokenScopes restores the scopes of a token, with the hidden ones that its
// string does not show.
func (s *Service) tokenScopes(c *call, claims *tokenClaims, g *grant) error {
	owner := g.client
	for _, aud := range claims.Aud {
		if aud == g.client.ClientID {
			continue
		}
		target, err := s.lookup(c.t, c.realm, aud)
		if err != nil {
			return err
		}
		if target != nil && len(target.Flags.ExchangeTargetFor) > 0 {
			g.target, owner = target, target
			break
		}
	}
	g.scopes = scopeSet(strings.Fields(claims.Scope))
	all, _ := s.resolve(owner, "")
	for _, name := range all {
		if d, ok := s.scope(name); ok && (!d.Shown || d.Exchanged && g.target == nil) && !g.scopes.has(name) {
			g.scopes = append(g.scopes, name)
		}
	}
	g.scopes = s.ordered(g.scopes)
	return nil
}

// unrevoked looks at what can end a service account's token early.
func (s *Service) unrevoked(c *call, claims *tokenClaims) (ok bool, err error) {
	err = c.t.Store.View(func(r store.Reader) error {
		stale, err := notBefore(r, c.realm)
		_, revoked := r.Get(revokedKey(claims.Jti))
		ok = !revoked && claims.Iat >= stale
		return err
	})
	return ok, err
}
