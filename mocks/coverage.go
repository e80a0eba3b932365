package mocks

import (
	"maps"
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// Route is one operation the sandbox answers.
type Route struct{ Service, Operation, Method, Path string }

// Routes lists every operation of every service, sorted by path.
func (s *Sandbox) Routes() ([]Route, error) {
	all, err := respond.Walk(s.router)
	out := make([]Route, len(all))
	for i, r := range all {
		out[i] = Route(r)
	}
	return out, err
}

// Operations lists, as "service/operation", what the journals of the tenants
// in memory have seen. Tests collect it for the coverage page.
func (s *Sandbox) Operations() []string {
	seen := map[string]bool{}
	for _, t := range s.tenants.Live() {
		for _, e := range t.Journal.Entries(journal.Filter{}) {
			if e.Op != "" {
				seen[e.Service+"/"+e.Op] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
