package iam

import (
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// account is what keycloak-js loadUserProfile() reads.
func (s *Service) account(c *call) (*respond.Response, error) {
	scheme, raw, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	unauthorized := &respond.Refusal{Status: http.StatusUnauthorized, Code: "HTTP 401 Unauthorized", Rule: "iam-2-account", Detail: routerError}
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, because(unauthorized, "no bearer token", "Authorization: Bearer <access token>", "")
	}
	claims, problem := s.verifyAccess(c.t, c.realm, strings.TrimSpace(raw), 0)
	if problem != nil {
		return nil, because(unauthorized, problem.Got, problem.Want, problem.Hint)
	}
	g, refusal, err := s.tokenGrant(c, claims)
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		return nil, because(unauthorized, refusal.Got, refusal.Want, refusal.Hint)
	}
	if g.persona == nil {
		return nil, because(unauthorized, "a service account", "a person", "")
	}
	return &respond.Response{Status: http.StatusOK, Body: object{
		{"id", claims.Sub}, {"username", g.persona.SSIN}, {"firstName", g.persona.FirstName}, {"lastName", g.persona.LastName},
		{"email", g.persona.Email}, {"emailVerified", false}, {"attributes", object{{"locale", []string{g.persona.Language}}}},
	}}, nil
}
