package care

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// Config is what a Service is made of. The functions are filled in by whoever
// wires the sandbox; nil ones are left out.
type Config struct {
	Fixtures fs.FS // care/*.yaml
	// AtRest is the stable pseudonym by which UHMEP knows a patient.
	AtRest func(t *tenant.Tenant, ssin string) (string, error)
	// Suspended is told of every suspension that is recorded, Reinstated when
	// one is taken back.
	Suspended  func(t *tenant.Tenant, ssin string, since time.Time) error
	Reinstated func(t *tenant.Tenant, ssin string) error
}

// Service answers for care relations. It is immutable; what a tenant changes
// lies in its store.
type Service struct {
	Config
	seed  File
	names *tenant.Slot[*names]
}

// New loads care/*.yaml, strictly.
func New(cfg Config) (*Service, error) {
	s := &Service{Config: cfg}
	files, err := fs.Glob(cfg.Fixtures, "care/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("care: %w", err)
	}
	for _, name := range files {
		var f File
		if err := world.Load(cfg.Fixtures, name, &f); err != nil {
			return nil, err
		}
		s.seed.Consents = append(s.seed.Consents, f.Consents...)
		s.seed.Relations = append(s.seed.Relations, f.Relations...)
		s.seed.Exclusions = append(s.seed.Exclusions, f.Exclusions...)
		s.seed.Suspensions = append(s.seed.Suspensions, f.Suspensions...)
	}
	s.names = &tenant.Slot[*names]{Make: func(*tenant.Tenant) *names { return &names{known: map[string]string{}} }}
	return s, nil
}

// The layout of the store:
//
//	care/consent/<patient>                    Consent, JSON; "null" = as if never recorded
//	care/relation/<patient>/<professional>    Relation
//	care/exclusion/<patient>/<professional>   Exclusion; "null" = a seeded one removed
//	care/suspension/<professional>            Suspension; "null" = a seeded one removed
const (
	consentPrefix    = "care/consent/"
	relationPrefix   = "care/relation/"
	exclusionPrefix  = "care/exclusion/"
	suspensionPrefix = "care/suspension/"
)

// Relations is everything recorded for one tenant, seed and changes together.
type Relations struct {
	Consents    []Consent    `json:"consents"`
	Relations   []Relation   `json:"relations"`
	Exclusions  []Exclusion  `json:"exclusions"`
	Suspensions []Suspension `json:"suspensions"`
}

// All lists everything recorded.
func (s *Service) All(t *tenant.Tenant) (Relations, error) {
	var out Relations
	err := t.Store.View(func(r store.Reader) error {
		var err error
		if out.Consents, err = merge(r, consentPrefix, s.seed.Consents, func(c Consent) string { return c.Patient }); err != nil {
			return err
		}
		if out.Relations, err = merge(r, relationPrefix, s.seed.Relations, func(c Relation) string { return c.Patient + "/" + c.Professional }); err != nil {
			return err
		}
		if out.Exclusions, err = merge(r, exclusionPrefix, s.seed.Exclusions, func(c Exclusion) string { return c.Patient + "/" + c.Professional }); err != nil {
			return err
		}
		out.Suspensions, err = merge(r, suspensionPrefix, s.seed.Suspensions, func(c Suspension) string { return c.Professional })
		return err
	})
	return out, err
}

// merge lays the tenant's entries over the seed's; null removes one.
func merge[T any](r store.Reader, prefix string, seed []T, key func(T) string) ([]T, error) {
	changed := map[string]*T{}
	var order []string
	for k := range r.Scan(prefix, "") {
		v, _, err := store.GetJSON[*T](r, k)
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(k, prefix)
		changed[name] = v
		order = append(order, name)
	}
	out := []T{}
	for _, v := range seed {
		if _, ok := changed[key(v)]; !ok {
			out = append(out, v)
		}
	}
	for _, name := range order {
		if v := changed[name]; v != nil {
			out = append(out, *v)
		}
	}
	return out, nil
}

// Verdict is the answer to whether a professional may deal with a patient.
type Verdict struct {
	Consent   bool   `json:"consent"`
	Relation  bool   `json:"relation"`
	Excluded  bool   `json:"excluded"`
	Permitted bool   `json:"permitted"`
	Reason    string `json:"reason,omitempty"`
}

// Between answers for a patient and a professional, both by SSIN.
func (s *Service) Between(t *tenant.Tenant, patient, professional string) (Verdict, error) {
	all, err := s.All(t)
	if err != nil {
		return Verdict{}, err
	}
	return s.judge(t, all, patient, professional), nil
}

func (s *Service) judge(t *tenant.Tenant, all Relations, patient, professional string) Verdict {
	now := t.Clock.Now()
	granted := t.Settings.String("care-default") == "granted"
	v := Verdict{Consent: granted, Relation: granted}
	for _, c := range all.Consents {
		if c.Patient == patient {
			v.Consent = c.Given == c.Holds(now) // outside its time, the opposite holds
		}
	}
	for _, r := range all.Relations {
		if r.Patient == patient && r.Professional == professional {
			v.Relation = r.Exists == r.Holds(now)
		}
	}
	v.Excluded = slices.ContainsFunc(all.Exclusions, func(x Exclusion) bool {
		return x.Patient == patient && x.Professional == professional && x.Holds(now)
	})
	switch {
	case !v.Consent:
		v.Reason = "no informed consent of the patient"
	case v.Excluded:
		v.Reason = "the patient excluded the professional"
	case !v.Relation:
		v.Reason = "no therapeutic relation"
	}
	v.Permitted = v.Reason == ""
	return v
}

// Relations answers for one professional and any patient known by stable
// pseudonym. Without any record the setting care-default decides. The function
// it returns reads nothing any more.
func (s *Service) Relations(t *tenant.Tenant, ssin, _ string) func(patient string) (ok bool, reason string) {
	all, err := s.All(t)
	if err != nil {
		return func(string) (bool, string) { return false, "care relations cannot be read: " + err.Error() }
	}
	numbers := s.numbers(t, all)
	return func(patient string) (bool, string) {
		v := s.judge(t, all, numbers[patient], ssin)
		return v.Permitted, v.Reason
	}
}

// SuspendedSince is the day since when the professional is suspended now.
func (s *Service) SuspendedSince(t *tenant.Tenant, ssin string) string {
	all, err := s.All(t)
	if err != nil {
		return ""
	}
	now := t.Clock.Now()
	for _, x := range all.Suspensions {
		if x.Professional == ssin && x.Holds(now) {
			if b := x.Begins(); !b.IsZero() {
				return b.In(clock.Brussels()).Format(time.DateOnly)
			}
			return "0001-01-01"
		}
	}
	return ""
}
