package keydepot

import (
	"net/http"

	"github.com/go-jose/go-jose/v4"
	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// Query names keys: those of one owner, perhaps of one application and use.
type Query struct {
	Type          string // certificate type: CBE, NIHII-HOSPITAL, …
	Identifier    string // CBE number, first eight digits of a NIHII number, …
	ApplicationID string // "" for all
	Use           string // "sig", "enc", or "" for both
}

// Entry is a key that every tenant has.
type Entry struct {
	Type, Identifier, ApplicationID string
	Key                             jose.JSONWebKey // public; Use says what it is for
}

// Source offers keys of another service for a query.
type Source func(t *tenant.Tenant, q Query) []jose.JSONWebKey

// Config is what the service starts with.
type Config struct {
	Static  []Entry
	Sources []Source
}

// Service is the registry of public keys of one sandbox. What changes lies in
// the tenants' stores.
type Service struct{ cfg Config }

// New makes the service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// Mount serves both key sets.
func (s *Service) Mount(root *mux.Router) []*respond.Mux {
	service := &respond.Service{Name: "keydepot", Limit: 16 << 10, Dialect: dialect}
	certificates := service.Mount(root, "/etee/v1/pubKeys/cacerts")
	certificates.Handle("certificate-jwks", http.MethodGet, "/jwks", func(r *http.Request) (any, error) {
		q := r.URL.Query()
		return s.jwks(r, Query{Type: q.Get("type"), Identifier: q.Get("identifier"), ApplicationID: q.Get("applicationIdentifier"), Use: q.Get("use")}, "identifier")
	})
	depot := service.Mount(root, "/keydepot/v1")
	depot.Handle("keydepot-jwks", http.MethodGet, "/jwks", func(r *http.Request) (any, error) {
		q := r.URL.Query()
		return s.jwks(r, Query{Type: q.Get("type"), Identifier: q.Get("value"), Use: q.Get("use")}, "value")
	})
	return []*respond.Mux{certificates, depot}
}
