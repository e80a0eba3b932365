package care

import (
	"sync"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// names maps stable pseudonyms to the national numbers that occur in records;
// a cache, for a pseudonym costs a scalar multiplication.
type names struct {
	mu     sync.Mutex
	known  map[string]string // pseudonym → number
	done   map[string]bool   // numbers already there
	failed error
}

// number is the national number behind a stable pseudonym, "" when no record
// mentions that patient.
func (s *Service) number(t *tenant.Tenant, all Relations, atRest string) string {
	if s.AtRest == nil {
		return ""
	}
	n := s.names.Get(t)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.done == nil {
		n.done = map[string]bool{}
	}
	add := func(patient string) {
		if n.done[patient] {
			return
		}
		p, err := s.AtRest(t, patient)
		if err != nil { // a number too odd to be pseudonymised cannot be a subject either
			n.failed = err
		} else {
			n.known[p] = patient
		}
		n.done[patient] = true
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
	return n.known[atRest]
}
