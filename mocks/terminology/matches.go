package terminology

import (
	"context"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// MatchesECL tells whether a SNOMED CT code satisfies an expression constraint
// in the release loaded last, or in the built-in fragment while there is none.
// It is false as well when the code is unknown or the expression cannot be
// evaluated, which a fragment often makes so.
func (s *Service) MatchesECL(ctx context.Context, code, expression string) bool {
	id, ok := snomed.ParseID(code)
	if !ok {
		return false
	}
	s.mu.RLock()
	e := s.editions[0].Edition
	s.mu.RUnlock()
	concept, ok := e.Concept(id)
	if !ok {
		return false
	}
	set, problem := s.evaluate(ctx, e, expression)
	return problem == nil && set.Has(concept)
}
