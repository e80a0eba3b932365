package uhmep

import (
	"crypto/cipher"
	"io/fs"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/access"
)

// Base is the path of the API, as at the platform.
const Base = "/uhmep/v1"

// Config is what a Service is made of.
type Config struct {
	Fixtures   fs.FS // uhmep/matrix.yaml, uhmep/seed*.yaml
	Checker    Checker
	Tokens     bearer.Verifier
	Pseudonyms Pseudonyms
	Care       Care
	World      *world.Registry
	// Advice tells whether PSS gave advice under a number; nil: nobody knows.
	Advice func(t *tenant.Tenant, exchangeID string) (known bool, err error)
}

// Service is the UHMEP API. It is immutable; all state is in the tenant.
type Service struct {
	Config
	matrix  *access.Matrix
	seed    []seedDocument
	pageBox *tenant.Slot[func() (cipher.AEAD, error)] // seals page links
}

// New reads and checks the access matrix and the seeded documents.
func New(cfg Config) (*Service, error) {
	m, err := access.Load(cfg.Fixtures)
	if err != nil {
		return nil, err
	}
	seed, err := loadSeed(cfg.Fixtures)
	if err != nil {
		return nil, err
	}
	return &Service{Config: cfg, matrix: m, seed: seed, pageBox: &tenant.Slot[func() (cipher.AEAD, error)]{Make: newPageBox}}, nil
}

// Matrix is the access matrix in force.
func (s *Service) Matrix() *access.Matrix { return s.matrix }
