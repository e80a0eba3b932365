package iam

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// Grant types.
const (
	grantCode        = "authorization_code"
	grantRefresh     = "refresh_token"
	grantCredentials = "client_credentials"
	grantExchange    = "urn:ietf:params:oauth:grant-type:token-exchange"
	grantPassword    = "password"
)

// token is the token endpoint. The order of checks is Keycloak's: grant type,
// client, duplicated parameters, then what the grant itself asks.
func (s *Service) token(c *call) (*respond.Response, error) {
	if err := needForm(c); err != nil {
		return nil, err
	}
	grantType := c.form.Get("grant_type")
	if grantType == "" {
		f := because(refuse(http.StatusBadRequest, "invalid_request", "Missing form parameter: grant_type", "iam-6.3-grant-type"),
			"no grant_type", joinWords(s.grantTypes(c.realm)), "")
		if c.r.URL.Query().Has("grant_type") {
			f.Got, f.Want, f.Hint = "grant_type in the query", "grant_type in the form body", "query parameters are ignored here"
		}
		return nil, f
	}
	grants := map[string]func(*call) (object, error){
		grantCode: s.codeGrant, grantRefresh: s.refreshGrant, grantCredentials: s.credentialsGrant,
	}
	if c.realm == Healthcare {
		grants[grantExchange] = s.exchangeGrant
		if c.opt.passwordGrant() {
			grants[grantPassword] = s.passwordGrant
		}
	}
	grant, ok := grants[grantType]
	if !ok {
		f := refuse(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant_type", "iam-6.3-grant-type")
		f.Got, f.Want = grantType, strings.Join(s.grantTypes(c.realm), " ")
		switch grantType {
		case grantExchange:
			f.Rule, f.Hint = "iam-6.1-exchange-m2m", "token exchange does not exist in "+M2M+": request two tokens instead, one for pseudonymisation and one for eReferral"
		case grantPassword:
			f.Hint = "the password grant is a sandbox extension: SANDBOX_IAM_ENABLE_PASSWORD_GRANT=true"
		}
		return nil, f
	}
	client, err := s.authenticate(c)
	if err != nil {
		return nil, err
	}
	if err := noDuplicates(c, grantType); err != nil {
		return nil, err
	}
	c.identify(client)
	body, err := grant(c)
	if err != nil {
		return nil, err
	}
	raw, err := body.encode()
	if err != nil {
		return nil, err
	}
	return &respond.Response{Status: http.StatusOK, Body: raw}, nil
}

// grantTypes are those listed in discovery.
func (s *Service) grantTypes(realm string) []string {
	if realm == M2M {
		return []string{grantCredentials}
	}
	return []string{grantCode, grantRefresh, grantExchange}
}

// needForm explains the most frequent first mistake: JSON instead of a form.
func needForm(c *call) error {
	kind := firstWord(strings.ReplaceAll(c.r.Header.Get("Content-Type"), ";", " "))
	if kind == "" || strings.EqualFold(kind, "application/x-www-form-urlencoded") {
		return nil
	}
	f := refuse(http.StatusUnsupportedMediaType, "HTTP 415 Unsupported Media Type", "", "iam-6-content-type")
	f.Detail = routerError
	return because(f, "Content-Type "+kind, "application/x-www-form-urlencoded", "send the parameters as a form, not as "+kind)
}

func noDuplicates(c *call, grantType string) error {
	for _, name := range sortedNames(c.form) {
		if len(c.form[name]) < 2 || grantType == grantExchange && slices.Contains([]string{"audience", "resource"}, name) {
			continue
		}
		return because(refuse(http.StatusBadRequest, "invalid_request", "duplicated parameter", "iam-6.3-duplicate"),
			name+" is there more than once", "each parameter once", "")
	}
	return nil
}

// scopesFor resolves the scope parameter for a client or answers invalid_scope.
func (s *Service) scopesFor(c *call, client *Client, requested, rule string) (scopeSet, error) {
	set, bad := s.resolve(client, requested)
	if len(bad) > 0 {
		return nil, because(refuse(http.StatusBadRequest, "invalid_scope", "Invalid scopes: "+requested, rule),
			strings.Join(bad, " "), strings.Join(append(slices.Clone(client.ScopesDefault), client.ScopesOptional...), " "),
			s.scopeHint(client, bad))
	}
	return set, nil
}
