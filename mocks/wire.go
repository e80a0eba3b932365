package mocks

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/care"
	"github.com/ehealth-sandbox/sandbox/mocks/iam"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/codes"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/keydepot"
	"github.com/ehealth-sandbox/sandbox/mocks/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/pss"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
)

// uhmepDomain is the pseudonymisation domain whose owner UHMEP is.
const uhmepDomain = "uhmep_v1"

// pseudonymURN precedes a patient's pseudonym in transit wherever it leaves as
// one text: in FHIR and in userinfo.
const pseudonymURN = "urn:be:fgov:pseudo:v2:"

// fetchTimeout bounds a fetch of a client's own JWKS, the only call the
// sandbox makes to another host, and only to URLs that a client registered.
const fetchTimeout = 5 * time.Second

// matchTimeout bounds the evaluation of one expression for PSS.
const matchTimeout = 2 * time.Second

// parts are the emulated services.
type parts struct {
	codes       *codes.Registry
	depot       *keydepot.Service
	iam         *iam.Service
	pseudo      *pseudo.Service
	care        *care.Service
	uhmep       *uhmep.Service
	terminology *terminology.Service
	pss         *pss.Service
}

// wire makes the services and connects them; it is the only place that knows
// more than one of them. Where two need each other, a function looks the later
// one up when it is called. Loading is most of the start-up time, so two halves
// that do not need each other are loaded side by side.
func (s *Sandbox) wire(files fs.FS, version string) error {
	var checker *check.Checker
	err := together(
		func() error { return s.wireIdentity(files) },
		func() (err error) {
			checker, err = s.wireCodes(files, version)
			return err
		},
	)
	if err != nil {
		return err
	}
	return s.wireUHMEP(files, checker)
}

// together runs the functions at the same time and joins their errors.
func together(fns ...func() error) error {
	errs := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { errs[i] = fn() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// wireIdentity makes what knows tokens, keys and pseudonyms, and PSS.
func (s *Sandbox) wireIdentity(files fs.FS) error {
	p := &s.parts
	var err error
	p.depot = keydepot.New(keydepot.Config{Sources: []keydepot.Source{
		func(_ *tenant.Tenant, q keydepot.Query) []jose.JSONWebKey {
			return p.pseudo.OwnerKeys(q.Type, q.Identifier, q.ApplicationID, q.Use)
		},
		func(_ *tenant.Tenant, q keydepot.Query) []jose.JSONWebKey {
			return p.iam.SeedKeys(q.Type, q.Identifier, q.ApplicationID, q.Use)
		},
	}})
	p.iam, err = iam.New(iam.Config{Fixtures: files, World: s.world, EphemeralKeys: s.settings.String("iam-keys") == "ephemeral",
		Depot: keydepot.ByContext{Service: p.depot}, HTTP: &http.Client{Timeout: fetchTimeout},
		PseudonymOf: func(ctx context.Context, ssin string) (string, error) {
			transit, err := p.pseudo.Owned(uhmepDomain).Transit(tenant.From(ctx), ssin)
			if err != nil {
				return "", err
			}
			return pseudonymURN + transit, nil
		}})
	if err != nil {
		return err
	}
	p.pseudo, err = pseudo.New(pseudo.Config{Fixtures: files, Verifier: p.iam,
		AudienceBase: s.settings.String("pseudo-audience-base"), JKUBase: s.settings.String("pseudo-jku-base")})
	if err != nil {
		return err
	}
	p.pss, err = pss.New(pss.Config{Fixtures: files, Settings: s.settings, Verify: p.iam,
		PreferredTerm: func(_ *tenant.Tenant, code, lang string) string { return p.codes.Display(codes.SNOMED, code, lang) },
		MatchesECL: func(_ *tenant.Tenant, code, ecl string) bool {
			ctx, stop := context.WithTimeout(context.Background(), matchTimeout)
			defer stop()
			return p.terminology.MatchesECL(ctx, code, ecl)
		}})
	return err
}

// wireCodes makes what knows codes: registry, terminology server and the
// checker of UHMEP documents.
func (s *Sandbox) wireCodes(files fs.FS, version string) (*check.Checker, error) {
	p := &s.parts
	var err error
	if p.codes, err = codes.Load(files); err != nil {
		return nil, err
	}
	p.terminology, err = terminology.New(terminology.Config{Registry: p.codes, Settings: s.settings, Version: version,
		Verify:   func(r *http.Request) error { _, err := p.iam.Verify(r); return err },
		Progress: func(line string) { s.log.Info("terminology import", "step", line) }})
	if err != nil {
		return nil, err
	}
	return check.New(check.Config{Fixtures: files, Codes: p.codes})
}

// wireUHMEP makes the UHMEP API with what it stands on.
func (s *Sandbox) wireUHMEP(files fs.FS, checker *check.Checker) error {
	p := &s.parts
	own := p.pseudo.Owned(uhmepDomain)
	var err error
	p.care, err = care.New(care.Config{Fixtures: files, AtRest: own.AtRest,
		Suspended:  func(t *tenant.Tenant, ssin string, since time.Time) error { return p.uhmep.Suspended(t, ssin, since) },
		Reinstated: func(t *tenant.Tenant, ssin string) error { return p.uhmep.Reinstated(t, ssin) }})
	if err != nil {
		return err
	}
	p.uhmep, err = uhmep.New(uhmep.Config{Fixtures: files, Checker: checker, Tokens: p.iam, Pseudonyms: own, Care: p.care, World: s.world,
		Advice: func(t *tenant.Tenant, exchangeID string) (bool, error) {
			_, known, err := p.pss.Advice(t, exchangeID)
			return known, err
		}})
	return err
}

// seeders are the services that bring a seed world of their own.
func (p *parts) seeders() map[string]store.Seeder {
	return map[string]store.Seeder{"uhmep": p.uhmep.Seed, "pss": p.pss.Seed}
}

// close closes what the services hold open.
func (p *parts) close() error {
	return errors.Join(p.terminology.Close())
}

// nextTransition is the earliest instant at which a tenant's world changes by
// itself.
func (s *Sandbox) nextTransition(t *tenant.Tenant) (time.Time, bool) {
	return s.parts.uhmep.NextTransition(t)
}
