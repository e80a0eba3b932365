package pss

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// Config is what the service needs.
type Config struct {
	// Fixtures holds terminology/pss-codes.json and pss/*.yaml.
	Fixtures fs.FS
	// Settings are the process's values: paths and the directory of rules.
	Settings *settings.Values
	// Verify checks access tokens.
	Verify bearer.Verifier
	// PreferredTerm, if set, is the terminology service's label of a SNOMED CT
	// code in a language (nl, fr, en); "" when it has none.
	PreferredTerm func(t *tenant.Tenant, code, lang string) string
	// CheckR4, if set, says in words what is wrong with a resource against base
	// FHIR R4. Its findings become warnings in the journal: how strict the real
	// service is beyond its own rules is not known.
	CheckR4 func(resource []byte) []string
	// MatchesECL, if set, says whether a SNOMED CT code satisfies an
	// expression; false also when the expression cannot be evaluated.
	MatchesECL func(t *tenant.Tenant, code, ecl string) bool
}

// Service answers for Prescription Search Support. It is immutable; what
// changes is in the tenant's store.
type Service struct {
	cfg   Config
	rules *rules.Set
	seed  []seeded
}

// New loads and checks the rules. Its error lists the problems with file and
// line.
func New(cfg Config) (*Service, error) {
	src := rules.Sources{Base: cfg.Fixtures, More: cfg.Settings.Bool("pss-more-rules")}
	if dir := cfg.Settings.String("pss-rules"); dir != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("no directory %s: check -pss-rules or SANDBOX_PSS_RULES", dir)
		}
		src.Overlay, src.OverlayName = os.DirFS(dir), dir
	}
	set, err := rules.Load(src)
	if err != nil {
		return nil, err
	}
	seed, err := loadSeed(cfg.Fixtures, set)
	if err != nil {
		return nil, err
	}
	return &Service{cfg: cfg, rules: set, seed: seed}, nil
}

// serviceName is how faults and the journal call all three doors.
const serviceName = "pss"

// Mount registers the doors. It must come before a service that claims all of
// /frontend/api, since door A lives inside that prefix.
func (s *Service) Mount(root *mux.Router) {
	for _, base := range s.cfg.Settings.List("pss-facade-base") {
		s.mountFacade(root, base+"/pss")
	}
	s.mountFHIR(root, s.cfg.Settings.List("pss-fhir-base"))
	for _, base := range s.cfg.Settings.List("pss-components-base") {
		s.mountComponents(root, base+"/domains")
	}
	s.mountEvidence(root)
}

// Rules is the rule set in force, for the code lists it shares.
func (s *Service) Rules() *rules.Set { return s.rules }
