package iam

import (
	"crypto/x509"
	"encoding/base64"
	"net/http"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// realmInfo is the short description Keycloak gives at the realm's root.
func (s *Service) realmInfo(c *call) (*respond.Response, error) {
	state, err := s.realmKeys(c.t, c.realm)
	if err != nil {
		return nil, err
	}
	key, err := s.ring.private(state.active())
	if err != nil {
		return nil, err
	}
	var stale int64
	err = c.t.Store.View(func(r store.Reader) error {
		stale, err = notBefore(r, c.realm)
		return err
	})
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	return &respond.Response{Status: http.StatusOK, ContentType: "application/json;charset=UTF-8", Body: object{
		{"realm", c.realm},
		{"public_key", base64.StdEncoding.EncodeToString(spki)},
		{"token-service", c.issuer() + "/protocol/openid-connect"},
		{"account-service", c.issuer() + "/account"},
		{"tokens-not-before", stale},
	}}, nil
}

// discovery is the OpenID Provider metadata. What is listed works here;
// device, CIBA, PAR and registration endpoints are absent, because a listed
// endpoint that answers 404 is worse than none.
func (s *Service) discovery(c *call) (*respond.Response, error) {
	back := *c
	if c.opt.backchannelDynamic() {
		back.base = origin.Dynamic(c.r)
	}
	auth := []string{"private_key_jwt", "client_secret_basic", "client_secret_post", "client_secret_jwt", "tls_client_auth"}
	algs := assertionAlgs()
	return &respond.Response{Status: http.StatusOK, Body: object{
		{"issuer", c.issuer()},
		{"authorization_endpoint", c.endpoint("auth")},
		{"token_endpoint", back.endpoint("token")},
		{"introspection_endpoint", back.endpoint("token/introspect")},
		{"userinfo_endpoint", back.endpoint("userinfo")},
		{"end_session_endpoint", c.endpoint("logout")},
		{"frontchannel_logout_session_supported", true},
		{"frontchannel_logout_supported", true},
		{"jwks_uri", back.endpoint("certs")},
		{"check_session_iframe", c.endpoint("login-status-iframe.html")},
		{"grant_types_supported", s.grantTypes(c.realm)},
		{"acr_values_supported", []string{"0", "1"}},
		{"response_types_supported", []string{"code"}},
		{"subject_types_supported", []string{"public", "pairwise"}},
		{"prompt_values_supported", []string{"none", "login", "consent"}},
		{"id_token_signing_alg_values_supported", []string{"RS256"}},
		{"userinfo_signing_alg_values_supported", []string{"RS256", "none"}},
		{"response_modes_supported", []string{"query", "fragment", "form_post"}},
		{"token_endpoint_auth_methods_supported", auth},
		{"token_endpoint_auth_signing_alg_values_supported", algs},
		{"introspection_endpoint_auth_methods_supported", auth},
		{"introspection_endpoint_auth_signing_alg_values_supported", algs},
		{"claims_supported", []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "name", "given_name", "family_name", "preferred_username", "email", "acr", "azp", "nonce"}},
		{"claim_types_supported", []string{"normal"}},
		{"claims_parameter_supported", true},
		{"scopes_supported", s.scopeNames(c.realm)},
		{"request_parameter_supported", false},
		{"request_uri_parameter_supported", false},
		{"require_request_uri_registration", true},
		{"code_challenge_methods_supported", []string{"plain", "S256"}},
		{"tls_client_certificate_bound_access_tokens", true},
		{"revocation_endpoint", back.endpoint("revoke")},
		{"revocation_endpoint_auth_methods_supported", auth},
		{"revocation_endpoint_auth_signing_alg_values_supported", algs},
		{"backchannel_logout_supported", true},
		{"backchannel_logout_session_supported", true},
		{"authorization_response_iss_parameter_supported", true},
	}}, nil
}

// jwks publishes the realm's keys: the active one, those of tokens that may
// still live, and an encryption key that is decoration.
func (s *Service) jwks(c *call) (*respond.Response, error) {
	set, err := s.publicKeys(c)
	if err != nil {
		return nil, err
	}
	return &respond.Response{Status: http.StatusOK, Body: jose.JSONWebKeySet{Keys: set},
		Header: http.Header{"Cache-Control": {"no-cache"}}}, nil
}

func (s *Service) publicKeys(c *call) ([]jose.JSONWebKey, error) {
	state, err := s.realmKeys(c.t, c.realm)
	if err != nil {
		return nil, err
	}
	var set []jose.JSONWebKey
	for _, k := range state.Keys {
		if k.Status == keyDisabled {
			continue
		}
		jwk, err := s.publicJWK(c.t, c.realm, k, "sig", "RS256")
		if err != nil {
			return nil, err
		}
		set = append(set, jwk)
	}
	enc, err := s.publicJWK(c.t, c.realm, s.ring.encryption(c.realm), "enc", "RSA-OAEP")
	if err != nil {
		return nil, err
	}
	if c.opt.encFirst() {
		return append([]jose.JSONWebKey{enc}, set...), nil
	}
	return append(set, enc), nil
}
