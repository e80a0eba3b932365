package pseudo

import (
	"fmt"
	"io/fs"
	"net/http"

	"github.com/go-jose/go-jose/v4"
	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// Limits of the service.
const (
	maxInputs = 10       // of one request
	maxBody   = 64 << 10 // bytes
)

// Names of the operations in access rules and in the role of a token.
const (
	opPseudonymize = "pseudonymize"
	opIdentify     = "identify"
	opConvert      = "convert"
)

// Config is what the service needs from its surroundings.
type Config struct {
	// Fixtures holds pseudo/domains.yaml and the owners' keys.
	Fixtures fs.FS
	// Verifier checks access tokens.
	Verifier bearer.Verifier
	// AudienceBase and JKUBase are the settings pseudo-audience-base and
	// pseudo-jku-base; empty ones mean the acceptance environment.
	AudienceBase, JKUBase string
}

// Service is the pseudonymisation service of one sandbox, for all its tenants.
// It does not change after New.
type Service struct {
	cfg    Config
	seeded map[string]*domain
	order  []string // keys of seeded domains, as in the file
	owners []*owner
	cache  tenant.Slot[*tenantDomains]
	ledger tenant.Slot[*ledger]
}

// New loads and checks the fixtures.
func New(cfg Config) (*Service, error) {
	if cfg.AudienceBase == "" {
		cfg.AudienceBase = "https://api-acpt.ehealth.fgov.be/pseudo/v1"
	}
	if cfg.JKUBase == "" {
		cfg.JKUBase = "https://api-acpt.ehealth.fgov.be"
	}
	s := &Service{cfg: cfg, seeded: map[string]*domain{}}
	s.cache.Make = func(*tenant.Tenant) *tenantDomains {
		return &tenantDomains{domains: map[string]*domain{}, documents: map[string][]byte{}}
	}
	s.ledger.Make = func(*tenant.Tenant) *ledger { return newLedger() }
	var f fixtureFile
	if err := world.Load(cfg.Fixtures, "pseudo/domains.yaml", &f); err != nil {
		return nil, err
	}
	for _, row := range f.Owners {
		o, err := loadOwner(cfg.Fixtures, row)
		if err != nil {
			return nil, err
		}
		s.owners = append(s.owners, o)
	}
	for _, row := range f.Domains {
		d, err := parseDomain(row)
		if err != nil {
			return nil, fmt.Errorf("domain %s: %w", row.Key, err)
		}
		d.audience = s.audienceOf(row)
		s.seeded[row.Key] = d
		s.order = append(s.order, row.Key)
	}
	return s, nil
}

// group is the P-521 arithmetic the tenant chose.
func group(t *tenant.Tenant) ecgroup.Group {
	if t.Settings.String("pseudo-group") == ecgroup.Reference().Name() {
		return ecgroup.Reference()
	}
	return ecgroup.Fast()
}

// OwnerKeys are the public keys of the owners that match, for the registry of
// public keys. applicationID and use filter when given.
func (s *Service) OwnerKeys(typ, identifier, applicationID, use string) []jose.JSONWebKey {
	var out []jose.JSONWebKey
	for _, o := range s.owners {
		if o.row.Type == typ && o.row.Identifier == identifier &&
			(applicationID == "" || applicationID == o.row.ApplicationID) && (use == "" || use == o.jwk.Use) {
			out = append(out, o.jwk)
		}
	}
	return out
}

// Mount serves the operations below /pseudo/v1.
func (s *Service) Mount(root *mux.Router) *respond.Mux {
	// The limit of the router is looser than the service's own: a body that is
	// too large is refused only after token, domain and role.
	service := &respond.Service{Name: "pseudo", Limit: 16 * maxBody, Dialect: dialect, CORS: cors}
	m := service.Mount(root, "/pseudo/v1")
	single := func(op, path, action string, convert conversion) {
		s.route(m, op, http.MethodPost, path, action, func(c *call) (any, error) { return s.single(c, convert) })
	}
	multiple := func(op, path, action string, convert conversion) {
		s.route(m, op, http.MethodPost, path, action, func(c *call) (any, error) { return s.multiple(c, convert) })
	}
	s.route(m, "domain", http.MethodGet, "/domains/{domain}", "", s.document)
	single("pseudonymize", "/domains/{domain}/pseudonymize", opPseudonymize, pseudonymize)
	multiple("pseudonymizeMultiple", "/domains/{domain}/pseudonymizeMultiple", opPseudonymize, pseudonymize)
	single("identify", "/domains/{domain}/identify", opIdentify, identify)
	multiple("identifyMultiple", "/domains/{domain}/identifyMultiple", opIdentify, identify)
	single("convertTo", "/domains/{domain}/convertTo/{to}", opConvert, convert)
	multiple("convertMultipleTo", "/domains/{domain}/convertMultipleTo/{to}", opConvert, convert)
	// As the comments of the .NET library spell it.
	multiple("convertMultipleTo", "/domains/{domain}/convertToMultiple/{to}", opConvert, convert)
	for _, path := range []string{"/domains", "/domains/{domain}/{operation}", "/domains/{domain}/{operation}/{to}"} {
		for _, method := range methods() {
			m.Handle("unknown", method, path, s.unknownOperation)
		}
	}
	return m
}

func methods() []string {
	return []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
}

// route registers one operation, and its refusal for every other method: token,
// domain and role come before the method in the order of checks.
func (s *Service) route(m *respond.Mux, op, method, path, action string, h func(*call) (any, error)) {
	for _, other := range methods() {
		if other == method {
			m.Handle(op, method, path, s.handle(action, h))
			continue
		}
		m.Handle(op, other, path, s.handle(action, func(*call) (any, error) { return nil, methodNotAllowed(other, method) }))
	}
}
