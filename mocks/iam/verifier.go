package iam

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// bearerLeeway is what the sandbox's resource servers allow for clocks.
const bearerLeeway = 60 * time.Second

var _ bearer.Verifier = (*Service)(nil)

// Verify checks the access token of a request the way a resource server does:
// signature, issuer and life, but not the session behind it. It notes token,
// client and persona in the journal.
func (s *Service) Verify(r *http.Request) (*bearer.Token, error) {
	raw, problem := bearer.FromHeader(r)
	if problem != nil {
		return nil, problem
	}
	t := tenant.From(r.Context())
	v, known := s.remembered(t, raw)
	if !known {
		if v.realm = unverifiedRealm(raw); v.realm == "" {
			v.realm = Healthcare // gives the precise reason below
		}
		claims, problem := s.verifySigned(t, v.realm, raw)
		if problem != nil {
			return nil, problem
		}
		v.key, v.by, v.claims, v.all = claims.key, claims.by, claims, claims.all()
		s.verified.Get(t).put(raw, v)
	}
	if _, problem := s.checkAccess(t, v.claims, bearerLeeway); problem != nil {
		return nil, problem
	}
	token := s.bearerToken(t, v.realm, raw, v.claims, v.all)
	ctx := r.Context()
	journal.Note(ctx, "client", token.Client)
	journal.Note(ctx, "persona", token.Persona)
	journal.Note(ctx, "token", token.Claims)
	return token, nil
}

// unverifiedRealm reads the realm out of a token's iss, "" when it has none
// of ours.
func unverifiedRealm(raw string) string {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 || len(raw) > maxToken {
		return ""
	}
	var claims struct {
		Iss string `json:"iss"`
	}
	if json.Unmarshal(decodeSegment(parts[1]), &claims) != nil {
		return ""
	}
	for _, realm := range []string{Healthcare, M2M} {
		if strings.HasSuffix(claims.Iss, "/auth/realms/"+realm) {
			return realm
		}
	}
	return ""
}

func (s *Service) bearerToken(t *tenant.Tenant, realm, raw string, c *tokenClaims, all map[string]any) *bearer.Token {
	token := &bearer.Token{
		Raw: raw, Realm: realm, Issuer: c.Iss, Subject: c.Sub, Client: c.Azp, ID: c.Jti, Session: c.Sid,
		Audience: c.Aud, Scopes: strings.Fields(c.Scope), Roles: map[string][]string{},
		Expires: time.Unix(c.Exp, 0).UTC(), Claims: all,
	}
	for client, access := range c.ResourceAccess {
		token.Roles[client] = access.Roles
	}
	token.SSIN, _ = all["ssin"].(string)
	token.Profile, _ = all["userProfile"].(map[string]any)
	for _, p := range s.world(t).Personas() {
		if SubjectOf(p.Name) == c.Sub {
			token.Persona = p.Name
			break
		}
	}
	return token
}
