package iam

import (
	"maps"
	"net/http"
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// introspect tells a confidential client about a token that is meant for it
// (RFC 7662). Anything else about a token is just {"active":false}.
func (s *Service) introspect(c *call) (*respond.Response, error) {
	if err := needForm(c); err != nil {
		return nil, err
	}
	client, err := s.authenticate(c)
	if err != nil {
		return nil, err
	}
	if client.public() {
		return nil, because(refuse(http.StatusForbidden, "invalid_request", "Client not allowed.", "iam-9.10-introspect-public"),
			"public client "+client.ClientID, "a confidential client", "")
	}
	if err := noDuplicates(c, ""); err != nil {
		return nil, err
	}
	raw := c.form.Get("token")
	if raw == "" {
		return nil, because(refuse(http.StatusBadRequest, "invalid_request", "Token not provided.", "iam-9.10-introspect-absent"), "no token", "token in the form", "")
	}
	claims, username, why, err := s.activeToken(c, raw)
	if err != nil {
		return nil, err
	}
	if why == "" && !meantFor(claims, client.ClientID) {
		why = "client " + client.ClientID + " is not in aud " + joinWords(claims.Aud)
	}
	if why != "" {
		c.warn("iam-9.10-inactive", "active is false: "+why)
		return &respond.Response{Status: http.StatusOK, Body: object{{"active", false}}}, nil
	}
	answer := maps.Clone(claims.all())
	answer["active"], answer["client_id"], answer["username"], answer["token_type"] = true, claims.Azp, username, claims.Typ
	return &respond.Response{Status: http.StatusOK, Body: answer}, nil
}

// meantFor tells whether a client may look into a token: an access token names
// it in aud; a refresh token names only the realm there, so its owner counts.
func meantFor(claims *tokenClaims, client string) bool {
	if claims.Typ == typRefresh {
		return claims.Azp == client
	}
	return slices.Contains(claims.Aud, client)
}

// activeToken checks an access or refresh token completely; why says what is
// wrong with it, "" when it is active.
func (s *Service) activeToken(c *call, raw string) (claims *tokenClaims, username, why string, err error) {
	claims, problem := s.verifyAccess(c.t, c.realm, raw, 0)
	if problem != nil {
		refresh, second := s.verifySecret(c.t, c.realm, raw, typRefresh)
		if second == nil {
			second = checkTimes(refresh, c.now, 0)
		}
		if second != nil {
			return nil, "", problem.Error(), nil //nolint:nilerr // inactive is an answer
		}
		claims = refresh
	}
	g, refusal, err := s.tokenGrant(c, claims)
	switch {
	case err != nil:
		return nil, "", "", err
	case refusal != nil:
		return nil, "", refusal.Got, nil //nolint:nilerr // inactive is an answer
	case g.persona != nil:
		return claims, g.persona.SSIN, "", nil
	}
	return claims, "service-account-" + g.client.ClientID, "", nil
}
