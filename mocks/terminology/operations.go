package terminology

import (
	"net/http"
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

func result(o tx.Object, p *tx.Problem) (any, error) {
	if p != nil {
		return nil, p
	}
	return o, nil
}

func (s *Service) lookup(c *call) (any, error) {
	op := c.operation()
	if err := s.instanceSystem(c, &op); err != nil {
		return nil, err
	}
	return result(c.engine.Lookup(op))
}

func (s *Service) validateInSystem(c *call) (any, error) {
	op := c.operation()
	if err := s.instanceSystem(c, &op); err != nil {
		return nil, err
	}
	return result(c.engine.ValidateInSystem(op))
}

func (s *Service) subsumes(c *call) (any, error) {
	op := c.operation()
	if err := s.instanceSystem(c, &op); err != nil {
		return nil, err
	}
	return result(c.engine.Subsumes(op))
}

func (s *Service) expand(c *call) (any, error) {
	op := c.operation()
	if err := s.instanceSet(c, &op); err != nil {
		return nil, err
	}
	return result(c.engine.Expand(op))
}

func (s *Service) validateCode(c *call) (any, error) {
	op := c.operation()
	if err := s.instanceSet(c, &op); err != nil {
		return nil, err
	}
	return result(c.engine.ValidateCode(op))
}

func (s *Service) translate(c *call) (any, error) {
	var own *tx.ConceptMap
	if c.id != "" {
		raw, ok := s.find(c.r, "ConceptMap", c.id)
		if !ok {
			return nil, unknownID("ConceptMap", c.id)
		}
		m, p := tx.NewConceptMap(raw)
		if p != nil {
			return nil, p
		}
		own = m
	}
	return result(c.engine.Translate(c.operation(), own))
}

// instanceSystem resolves CodeSystem/<id>.
func (s *Service) instanceSystem(c *call, op *tx.Call) error {
	if c.id == "" {
		return nil
	}
	s.mu.RLock()
	for _, e := range s.editions {
		if e.system.Info().ID == c.id {
			op.System = e.system
		}
	}
	s.mu.RUnlock()
	if op.System != nil {
		return nil
	}
	raw, ok := s.find(c.r, "CodeSystem", c.id)
	if !ok {
		return unknownID("CodeSystem", c.id)
	}
	sys, p := tx.NewCodeSystem(raw)
	if p != nil {
		return p
	}
	op.System = sys
	return nil
}

// instanceSet resolves ValueSet/<id>.
func (s *Service) instanceSet(c *call, op *tx.Call) error {
	if c.id == "" {
		return nil
	}
	raw, ok := s.find(c.r, "ValueSet", c.id)
	if !ok {
		return unknownID("ValueSet", c.id)
	}
	op.ValueSet = tx.NewValueSet(raw)
	return nil
}

func unknownID(typ, id string) error {
	return &respond.Refusal{Status: http.StatusNotFound, Code: "not-found", Message: "no " + typ + " has the id " + id, Rule: "tx-read", Got: id,
		Hint: "search " + typ + " to see the ids"}
}

func idText(id uint64) string { return snomed.ID(id) }

// knownParameters are the names that some operation reads, or that belong to the standard and are ignored on purpose.
func knownParameters() []string {
	return []string{"_format", "_pretty", "_summary", "_elements", "abstract", "activeOnly", "cache-id", "check-system-version", "code", "codeA", "codeB", "codeSystem", "codeableConcept", "coding",
		"codingA", "codingB", "conceptMap", "conceptMapVersion", "context", "contextDirection", "count", "date", "default-to-latest-version", "default-valueset-version", "dependency", "designation",
		"display", "displayLanguage", "excludeNested", "excludeNotForUI", "excludePostCoordinated", "exclude-system", "filter", "force-system-version", "includeDefinition", "includeDesignations",
		"inferSystem", "lenient-display-validation", "limit", "mode", "offset", "profile", "property", "reverse", "source", "sourceCode", "sourceCodeableConcept", "sourceCoding", "sourceScope", "sourceSystem",
		"sourceVersion", "system", "system-version", "systemVersion", "target", "targetCode", "targetCodeableConcept", "targetCoding", "targetScope", "targetSystem", "targetVersion", "targetcode",
		"targetsystem", "tx-resource", "url", "useSupplement", "uuid", "validation", "versionsMatch",
		"valueSet", "valueSetMode", "valueSetVersion", "valueset-membership-only", "version", "diagnostics", "profile-url", "x-system-cache-id"}
}

// noteUnknown tells the journal about parameters that no operation knows.
func (c *call) noteUnknown() {
	var unknown []string
	for _, p := range c.params {
		if !slices.Contains(knownParameters(), p.Name) && !slices.Contains(unknown, p.Name) {
			unknown = append(unknown, p.Name)
		}
	}
	if len(unknown) > 0 {
		journal.Note(c.ctx, "ignored-parameters", unknown)
	}
}
