package care

import (
	"sync"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// names keeps the stable pseudonyms of the national numbers that occur in
// records; a cache, for a pseudonym costs a scalar multiplication.
type names struct {
	mu    sync.Mutex
	known map[string]string // number → pseudonym
}

// numbers maps the stable pseudonyms of all patients in the records to their
// national numbers.
func (s *Service) numbers(t *tenant.Tenant, all Relations) map[string]string {
	n := s.names.Get(t)
	n.mu.Lock()
	defer n.mu.Unlock()
	out := map[string]string{}
	add := func(patient string) {
		p, ok := n.known[patient]
		if !ok && s.AtRest != nil {
			// A number too odd to be pseudonymised cannot be a subject either.
			p, _ = s.AtRest(t, patient)
			n.known[patient] = p
		}
		if p != "" {
			out[p] = patient
		}
	}
	for _, c := range all.Consents {
		add(c.Patient)
	}
	for _, r := range all.Relations {
		add(r.Patient)
	}
	for _, x := range all.Exclusions {
		add(x.Patient)
	}
	return out
}
