package iam

import (
	"net/http"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// revoke ends a token (RFC 7009): a refresh token with its client's part of
// the session, an access token by its jti.
func (s *Service) revoke(c *call) (*respond.Response, error) {
	if err := needForm(c); err != nil {
		return nil, err
	}
	client, err := s.authenticate(c)
	if err != nil {
		return nil, err
	}
	if err := noDuplicates(c, ""); err != nil {
		return nil, err
	}
	raw := c.form.Get("token")
	if raw == "" {
		return nil, because(refuse(http.StatusBadRequest, "invalid_request", "Token not provided", "iam-9.10-revoke-absent"), "no token", "token in the form", "")
	}
	refresh, problem := s.verifySecret(c.t, c.realm, raw, typRefresh)
	if problem == nil {
		if refresh.Azp != client.ClientID {
			return nil, foreignToken(client, refresh)
		}
		return emptyOK(), c.t.Store.Update(func(w store.Writer) error {
			ses, err := loadSession(w, refresh.Sid, c.now)
			if err != nil || ses == nil {
				return err
			}
			delete(ses.Clients, client.ClientID)
			return ses.save(w)
		})
	}
	access, problem := s.verifySigned(c.t, c.realm, raw)
	if problem != nil || access.Typ != typBearer {
		c.warn("iam-9.10-revoke", "nothing was revoked: this is no token of realm "+c.realm)
		return &respond.Response{Status: http.StatusOK, Body: object{{"error", "invalid_token"}, {"error_description", "Invalid token"}}}, nil //nolint:nilerr // garbage is answered 200
	}
	if access.Azp != client.ClientID {
		return nil, foreignToken(client, access)
	}
	return emptyOK(), c.t.Store.Update(func(w store.Writer) error {
		return putUntil(w, c.now, revokedKey(access.Jti), true, time.Unix(access.Exp, 0).Add(bearerLeeway))
	})
}

func foreignToken(client *Client, claims *tokenClaims) *respond.Refusal {
	return because(refuse(http.StatusBadRequest, "invalid_token", "Unmatching clients", "iam-9.10-revoke-client"),
		"client "+client.ClientID, "client "+claims.Azp, "a client revokes its own tokens only")
}

func emptyOK() *respond.Response { return &respond.Response{Status: http.StatusOK} }
