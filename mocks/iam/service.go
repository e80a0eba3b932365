package iam

import (
	"context"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// Depot is where public keys of organisations are kept: behind the
// eHealth-certificate JWKS and the KeyDepot JWKS. The tenant is the context's.
type Depot interface {
	// Keys returns the keys of one owner, none when nothing is registered.
	// use is "sig", "enc" or "" for both; applicationID may be empty.
	Keys(ctx context.Context, typ, identifier, applicationID, use string) ([]jose.JSONWebKey, error)
	// Register adds public keys of an owner; keys with a known kid are replaced.
	Register(ctx context.Context, typ, identifier, applicationID string, keys []jose.JSONWebKey) error
}

// Config is what the service needs from its surroundings.
type Config struct {
	// Fixtures holds iam/clients.yaml, iam/scopes.yaml, iam/certificates.yaml
	// and iam/keys/.
	Fixtures fs.FS
	// World knows the people and organisations.
	World *world.Registry
	// EphemeralKeys makes realm keys at start instead of reading them.
	EphemeralKeys bool
	// Depot may be nil: then only seeded certificates and inline keys count.
	Depot Depot
	// PseudonymOf gives a patient's pseudonym in transit in the domain
	// uhmep_v1, as delivered with userinfo. Nil: no pseudonym is delivered.
	PseudonymOf func(ctx context.Context, ssin string) (string, error)
	// HTTP fetches external jwks_url documents. Nil: they cannot be used.
	HTTP *http.Client
}

// Service is the identity provider of one sandbox, for all its tenants. It
// does not change after New.
type Service struct {
	cfg      Config
	seeds    map[string]*Client // by realm/client_id
	scopes   []scopeDef
	certs    []SeedCertificate
	ring     *keyRing
	pages    map[string]*template.Template // by language
	texts    map[string]map[string]string  // language → key → text
	remotes  tenant.Slot[*remoteKeys]
	verified tenant.Slot[*verified]
}

// New loads and checks the fixtures.
func New(cfg Config) (*Service, error) {
	s := &Service{cfg: cfg}
	var err error
	if s.ring, err = newKeyRing(cfg.Fixtures, cfg.EphemeralKeys); err != nil {
		return nil, fmt.Errorf("iam keys: %w", err)
	}
	if err := s.loadFixtures(); err != nil {
		return nil, err
	}
	if s.pages, s.texts, err = loadPages(); err != nil {
		return nil, fmt.Errorf("iam pages: %w", err)
	}
	s.verified.Make = func(*tenant.Tenant) *verified { return &verified{} }
	s.remotes.Make = func(*tenant.Tenant) *remoteKeys { return &remoteKeys{} }
	return s, nil
}

// Mount serves the realms below /auth/realms.
func (s *Service) Mount(root *mux.Router) *respond.Mux {
	service := &respond.Service{
		Name: "iam", Limit: 256 << 10, ContentType: "application/json",
		Dialect: dialect, CORS: cors, Decorate: decorate,
	}
	m := service.Mount(root, "/auth/realms")
	oidc := "/{realm}/protocol/openid-connect"
	both := func(op, path string, h func(*call) (*respond.Response, error)) {
		m.Handle(op, http.MethodGet, path, s.handle(h))
		m.Handle(op, http.MethodPost, path, s.handle(h))
	}
	m.Handle("realm", http.MethodGet, "/{realm}", s.handle(s.realmInfo))
	m.Handle("realm", http.MethodGet, "/{realm}/", s.handle(s.realmInfo))
	m.Handle("discovery", http.MethodGet, "/{realm}/.well-known/openid-configuration", s.handle(s.discovery))
	m.Handle("certs", http.MethodGet, oidc+"/certs", s.handle(s.jwks))
	both("auth", oidc+"/auth", s.authorize)
	both("login", "/{realm}/login-actions/authenticate", s.login)
	m.Handle("token", http.MethodPost, oidc+"/token", s.handle(s.token))
	m.Handle("introspect", http.MethodPost, oidc+"/token/introspect", s.handle(s.introspect))
	both("userinfo", oidc+"/userinfo", s.userinfo)
	m.Handle("revoke", http.MethodPost, oidc+"/revoke", s.handle(s.revoke))
	both("logout", oidc+"/logout", s.logout)
	m.Handle("logout-confirm", http.MethodPost, oidc+"/logout/logout-confirm", s.handle(s.logoutConfirm))
	m.Handle("session-iframe", http.MethodGet, oidc+"/login-status-iframe.html", s.handle(s.sessionIframe))
	m.Handle("session-iframe-init", http.MethodGet, oidc+"/login-status-iframe.html/init", s.handle(s.sessionIframeInit))
	m.Handle("cookie-probe", http.MethodGet, oidc+"/3p-cookies/step1.html", s.handle(s.cookieProbe1))
	m.Handle("cookie-probe", http.MethodGet, oidc+"/3p-cookies/step2.html", s.handle(s.cookieProbe2))
	m.Handle("account", http.MethodGet, "/{realm}/account", s.handle(s.account))
	return m
}
