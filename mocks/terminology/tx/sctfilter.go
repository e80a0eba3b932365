package tx

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

func (s *SCT) set() Set { return snomed.NewSet(s.Edition.Len()) }

func (s *SCT) concept(code string) (uint32, *Problem) {
	i, ok := s.Find(code)
	if !ok {
		return 0, problem(http.StatusNotFound, "not-found", "not-found", fmt.Sprintf("the concept %q does not exist in %s", code, s.info.Version))
	}
	return uint32(i), nil
}

// Filter implements System.
func (s *SCT) Filter(ctx context.Context, property, op, value string) (Set, *Problem) {
	e := s.Edition
	switch property {
	case "constraint":
		if op == "=" {
			return s.Evaluate(ctx, e, value)
		}
	case "concept", "code":
		return s.conceptFilter(op, value)
	case "parent", "child":
		if op != "=" {
			break
		}
		c, p := s.concept(value)
		if p != nil {
			return nil, p
		}
		set := s.set()
		if property == "parent" {
			set.AddAll(e.Children(c))
		} else {
			set.AddAll(e.Parents(c))
		}
		return set, nil
	case "inactive", "moduleId", "sufficientlyDefined", "definitionStatus", "effectiveTime", "display":
		match, p := valueMatcher(op, value)
		if p != nil {
			return nil, p
		}
		set := s.set()
		for c := range uint32(e.Len()) {
			if c&1023 == 0 && ctx.Err() != nil {
				return nil, tooLate()
			}
			if match([]string{s.simple(c, property)}) {
				set.Add(c)
			}
		}
		return set, nil
	case expressionsFilter:
		return s.whetherExpressions(op, value)
	case "expression":
		if op == "=" {
			return s.Evaluate(ctx, e, value)
		}
	default:
		if id, ok := snomed.ParseID(property); ok && (op == "=" || op == "in") {
			t, found := e.Concept(id)
			if !found {
				return nil, filterProblem("SNOMED CT has no attribute %s", property)
			}
			set := s.set()
			for v := range strings.SplitSeq(value, ",") {
				x, p := s.concept(strings.TrimSpace(v))
				if p != nil {
					return nil, p
				}
				e.SourcesOf(t, x, set)
			}
			return set, nil
		}
		return nil, filterProblem("SNOMED CT has no property %q to filter by", property)
	}
	return nil, filterProblem("the filter operation %q is not known for the SNOMED CT property %q", op, property)
}

func (s *SCT) simple(c uint32, property string) string {
	e := s.Edition
	switch property {
	case "inactive":
		return fmt.Sprint(!e.Active(c))
	case "moduleId":
		return snomed.ID(e.ModuleOf(c))
	case "sufficientlyDefined":
		return fmt.Sprint(e.Defined(c))
	case "definitionStatus":
		if e.Defined(c) {
			return snomed.ID(snomed.FullyDefined)
		}
		return snomed.ID(snomed.Primitive)
	case "effectiveTime":
		return fmt.Sprintf("%08d", e.EffectiveTime(c))
	}
	term, _ := e.Display(c, nil)
	return term
}

func (s *SCT) conceptFilter(op, value string) (Set, *Problem) {
	e := s.Edition
	if op == "=" && value == "refset" {
		return s.refsetsWithMembers(), nil
	}
	if op == "=" && strings.HasPrefix(value, "^") || op == "in" {
		return s.refset(strings.TrimSpace(strings.TrimPrefix(value, "^")))
	}
	if op == "regex" || op == "exists" || op == "not-in" {
		return nil, filterProblem("the filter operation %q is not known for SNOMED CT concepts", op)
	}
	c, p := s.concept(value)
	if p != nil {
		return nil, p
	}
	set := s.set()
	switch op {
	case "=":
		set.Add(c)
	case "is-a":
		set.Add(c)
		set.AddAll(e.Descendants(c))
	case "descendent-of":
		set.AddAll(e.Descendants(c))
	case "is-not-a":
		set = e.ActiveSet().Clone()
		set.Remove(c)
		for _, d := range e.Descendants(c) {
			set.Remove(d)
		}
	case "generalizes":
		set.Add(c)
		set.AddAll(e.Ancestors(c))
	case "child-of":
		set.AddAll(e.Children(c))
	case "descendent-leaf", "descendant-leaf":
		for _, d := range e.Descendants(c) {
			if len(e.Children(d)) == 0 {
				set.Add(d)
			}
		}
	default:
		return nil, filterProblem("the filter operation %q is not known", op)
	}
	return set, nil
}

// refsetsWithMembers lists the reference sets that have members.
func (s *SCT) refsetsWithMembers() Set {
	set := s.set()
	for _, id := range s.Edition.LangRefsets {
		if c, ok := s.Edition.Concept(id); ok {
			set.Add(c)
		}
	}
	for i := range s.Edition.Refsets {
		if c, ok := s.Edition.Concept(s.Edition.Refsets[i].ID); ok {
			set.Add(c)
		}
	}
	return set
}

// refset gives the concepts that members of a reference set refer to.
func (s *SCT) refset(id string) (Set, *Problem) {
	n, ok := snomed.ParseID(id)
	if !ok {
		return nil, filterProblem("%q is no SNOMED CT identifier", id)
	}
	set := s.set()
	if r, ok := s.Edition.Refset(n); ok {
		set.AddAll(s.Edition.Members(r))
		return set, nil
	}
	if _, p := s.concept(id); p != nil {
		return nil, p
	}
	return set, nil
}
