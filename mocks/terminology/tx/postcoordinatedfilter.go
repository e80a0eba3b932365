package tx

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/ecl"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// expressionsFilter is the filter property that says whether a value set has post-coordinated expressions among its members.
const expressionsFilter = "expressions"

// wide copies a set of concepts into one that has room for expressions.
func (x *expressions) wide(set Set) Set {
	out := snomedSet(x.Len())
	copy(out, set[:min(len(set), x.base/64)])
	return out
}

// All implements System: the concepts, and the expressions of the request.
func (x *expressions) All() Set {
	out := x.wide(x.SCT.All())
	for n := range x.list {
		out.Add(uint32(x.base + n))
	}
	return out
}

// Filter implements System. An expression is judged as if it were a concept of the release.
func (x *expressions) Filter(ctx context.Context, property, op, value string) (Set, *Problem) {
	set, p := x.SCT.Filter(ctx, property, op, value)
	if p != nil {
		return nil, p
	}
	out := x.wide(set)
	for n, e := range x.list {
		ok, err := x.matches(ctx, e, property, op, value)
		if err != nil {
			if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
				return nil, tooLate()
			}
			return nil, filterProblem("%v", err)
		}
		if ok {
			out.Add(uint32(x.base + n))
		}
	}
	return out, nil
}

// matches tells whether an expression passes a filter that the release itself accepts.
func (x *expressions) matches(ctx context.Context, e *expression, property, op, value string) (bool, error) {
	switch property {
	case expressionsFilter:
		return value == "true", nil
	case "constraint", "expression":
		n, err := ecl.Parse(value)
		if err != nil {
			return false, err
		}
		return e.Satisfies(ctx, n)
	case "concept", "code":
		if op == "in" || value == "refset" || strings.HasPrefix(value, "^") {
			return false, nil
		}
		return x.hierarchy(ctx, e, op, value)
	case "parent":
		return x.hierarchy(ctx, e, "child-of", value)
	case "child":
		return false, nil
	case "moduleId", "effectiveTime":
		return false, nil
	case "inactive", "sufficientlyDefined", "definitionStatus", "display":
		match, p := valueMatcher(op, value)
		if p != nil {
			return false, p
		}
		return match([]string{x.simpleOf(e, property)}), nil
	}
	for _, g := range e.Facts() {
		for _, a := range g {
			if v := a.Value.Expression; v != nil && snomed.ID(a.Name.ID) == property {
				for want := range strings.SplitSeq(value, ",") {
					if v.String() == strings.TrimSpace(want) {
						return true, nil
					}
				}
			}
		}
	}
	return false, nil
}

func (x *expressions) simpleOf(e *expression, property string) string {
	switch {
	case property == "inactive":
		return "false"
	case property == "display":
		return e.Text.Write(x.terms(nil))
	case property == "sufficientlyDefined" && e.Text.Subtype:
		return "false"
	case property == "sufficientlyDefined":
		return "true"
	case e.Text.Subtype:
		return snomed.ID(snomed.Primitive)
	}
	return snomed.ID(snomed.FullyDefined)
}

// hierarchy tells how an expression stands to a concept.
func (x *expressions) hierarchy(ctx context.Context, e *expression, op, value string) (bool, error) {
	i, ok := x.SCT.Find(value)
	if !ok {
		return false, nil
	}
	c := uint32(i)
	switch op {
	case "=":
		same, err := e.Same(ctx)
		return slices.Contains(same, c), err
	case "is-a":
		return e.IsA(ctx, c, false)
	case "descendent-of", "descendent-leaf", "descendant-leaf":
		return e.IsA(ctx, c, true)
	case "is-not-a":
		is, err := e.IsA(ctx, c, false)
		return !is, err
	case "generalizes":
		return x.judge.Subsumes(e.Expression, x.judge.Concept(c)), nil
	case "child-of":
		parents, err := e.Parents(ctx)
		return slices.Contains(parents, c), err
	}
	return false, nil
}

// whetherExpressions is the filter expressions of a release: every concept, for it is about expressions.
func (s *SCT) whetherExpressions(op, value string) (Set, *Problem) {
	if op != "=" || value != "true" && value != "false" {
		return nil, filterProblem("the SNOMED CT property expressions is filtered by = true or = false")
	}
	return s.All(), nil
}

// closed tells whether an include says that it has no expressions.
func (in *Include) closed() bool {
	return slices.ContainsFunc(in.Filters, func(f Filter) bool { return f.Property == expressionsFilter && f.Value == "false" })
}

// activeConcepts is the set of active concepts and expressions of a SNOMED CT release.
func activeConcepts(sys System, s *SCT) Set {
	x, ok := expressionsOf(sys)
	if !ok {
		return s.Edition.ActiveSet()
	}
	out := x.wide(s.Edition.ActiveSet())
	for n := range x.list {
		out.Add(uint32(x.base + n))
	}
	return out
}

// dropExpressions takes the expressions out of a part.
func dropExpressions(y *part) {
	if x, ok := expressionsOf(y.sys); ok {
		for n := range x.list {
			y.set.Remove(uint32(x.base + n))
		}
	}
}
