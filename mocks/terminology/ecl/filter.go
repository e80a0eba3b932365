package ecl

import (
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// filter keeps the concepts that satisfy every condition; the conditions of a description filter must hold for one description.
func (v *evaluator) filter(set snomed.Set, f *Filter) (snomed.Set, error) {
	out := set.Clone()
	active, retired, err := v.states(f)
	if err != nil {
		return nil, err
	}
	if !active {
		out.And(v.e.WithRetired()) // a sieve, as below
	}
	conds := make([]prepared, len(f.Conditions))
	for i := range f.Conditions {
		c := &f.Conditions[i]
		p, err := v.condition(c, f.Kind)
		if err != nil {
			return nil, err
		}
		conds[i] = p
		if c.Name == "id" && c.Compare == "=" {
			out.And(v.ofDescriptions(c.IDs, retired)) // a sieve: few concepts have to be looked at
		}
	}
	n := 0
	out.Each(func(c uint32) bool {
		if n++; n%4096 == 0 && v.ctx.Err() != nil {
			return false
		}
		ok := true
		if f.Kind == "C" {
			for _, p := range conds {
				ok = ok && p.concept(c)
			}
		} else {
			all := func(d snomed.Description) bool {
				for _, p := range conds {
					if !p.description(d) {
						return false
					}
				}
				return true
			}
			ok = active && slices.ContainsFunc(v.e.Descriptions(c), all) || retired && slices.ContainsFunc(v.e.RetiredDescriptions(c), all)
		}
		if !ok {
			out.Remove(c)
		}
		return true
	})
	return out, v.ctx.Err()
}

// states tells which descriptions a filter asks about: the active ones, unless it says otherwise.
func (v *evaluator) states(f *Filter) (active, retired bool, err error) {
	if f.Kind != "D" {
		return true, false, nil
	}
	active, retired = true, true
	said := false
	for i := range f.Conditions {
		c := &f.Conditions[i]
		if c.Name != "active" {
			continue
		}
		said = true
		active, retired = active && c.active(true), retired && c.active(false)
		if c.active(false) && !v.e.Retired {
			return false, false, &Error{Column: c.Value, Text: "inactive descriptions are not kept: asking for them is not supported", Unsupported: true}
		}
	}
	return active, retired && said, nil
}

// ofDescriptions gives the concepts of descriptions, those of inactive ones when they are asked for.
func (v *evaluator) ofDescriptions(ids []uint64, retired bool) snomed.Set {
	out := v.empty()
	if retired {
		out = v.e.WithRetired(ids...)
	}
	for _, id := range ids {
		if c, ok := v.e.ByDescription(id); ok {
			out.Add(c)
		}
	}
	return out
}

type prepared struct {
	concept     func(uint32) bool
	description func(snomed.Description) bool
}

// valueSet evaluates what a condition compares with; a concept that is named by its identifier counts even when it is inactive.
func (v *evaluator) valueSet(n Node) (snomed.Set, error) {
	if n == nil {
		return nil, nil
	}
	back := v.inactive
	v.inactive = true
	defer func() { v.inactive = back }()
	return v.eval(n)
}

// within tells whether the concept of an identifier is in a set.
func (v *evaluator) within(set snomed.Set, id uint64) bool {
	x, ok := v.e.Concept(id)
	return ok && set.Has(x)
}

func (v *evaluator) condition(c *Condition, kind string) (prepared, error) {
	set, err := v.valueSet(c.Set)
	if err != nil {
		return prepared{}, err
	}
	want := c.Compare != "!="
	if kind == "C" {
		return prepared{concept: v.conceptCondition(c, set)}, nil
	}
	var test func(d snomed.Description) bool
	switch c.Name {
	case "term":
		test = func(d snomed.Description) bool {
			return slices.ContainsFunc(c.Terms, func(t SearchTerm) bool { return t.matches(d.Term) })
		}
	case "language":
		test = func(d snomed.Description) bool { return slices.Contains(c.Words, strings.ToLower(d.Language)) }
	case "type":
		test = func(d snomed.Description) bool {
			return slices.ContainsFunc(c.Words, func(w string) bool { return typeOf(w) == d.Type })
		}
	case "typeid":
		test = func(d snomed.Description) bool { return v.within(set, d.Type) }
	case "moduleid":
		test = func(d snomed.Description) bool { return v.within(set, d.Module) }
	case "id":
		test = func(d snomed.Description) bool { return slices.Contains(c.IDs, d.ID) }
	case "dialect", "dialectid":
		if test, err = v.dialectCondition(c); err != nil {
			return prepared{}, err
		}
	case "active":
		return prepared{description: func(d snomed.Description) bool { return c.active(!d.Inactive) }}, nil
	default: // effectivetime
		return prepared{description: func(d snomed.Description) bool { return c.time(d.Effective) }}, nil
	}
	return prepared{description: func(d snomed.Description) bool { return test(d) == want }}, nil
}

// conceptCondition judges a concept.
func (v *evaluator) conceptCondition(c *Condition, set snomed.Set) func(uint32) bool {
	e := v.e
	want := c.Compare != "!="
	switch c.Name {
	case "active":
		return func(x uint32) bool { return c.active(e.Active(x)) }
	case "moduleid":
		return func(x uint32) bool { return v.within(set, e.ModuleOf(x)) == want }
	case "definitionstatusid":
		return func(x uint32) bool {
			status := uint64(snomed.Primitive)
			if e.Defined(x) {
				status = snomed.FullyDefined
			}
			return v.within(set, status) == want
		}
	case "definitionstatus":
		return func(x uint32) bool {
			return slices.ContainsFunc(c.Words, func(w string) bool { return (w == "defined") == e.Defined(x) }) == want
		}
	}
	return func(x uint32) bool { return c.time(e.EffectiveTime(x)) } // effectivetime
}

// dialectCondition judges in which language reference sets a description is, and how.
func (v *evaluator) dialectCondition(c *Condition) (func(snomed.Description) bool, error) {
	sets := make([]snomed.Set, len(c.Dialects))
	for i, d := range c.Dialects {
		s, err := v.valueSet(d.Set)
		if err != nil {
			return nil, err
		}
		sets[i] = s
	}
	return func(d snomed.Description) bool {
		if d.Inactive {
			return false // no member of a language reference set names it
		}
		members := v.e.Acceptability(d.Num)
		for i, x := range c.Dialects {
			for _, m := range members {
				named := m.Refset == x.Refset || x.Set != nil && v.within(sets[i], m.Refset)
				if named && (len(x.Accept) == 0 || slices.Contains(x.Accept, m.Role)) {
					return true
				}
			}
		}
		return false
	}, nil
}

// active tells whether a component of this state is asked for, the comparison taken into account.
func (c *Condition) active(state bool) bool {
	w := c.Words[0]
	return (w == "*" || (w == "1") == state) == (c.Compare != "!=")
}

// time compares an effective time, the comparison taken into account; what is not published is neither before nor after anything.
func (c *Condition) time(have uint32) bool {
	switch c.Compare {
	case "=":
		return slices.Contains(c.Times, have)
	case "!=":
		return !slices.Contains(c.Times, have)
	}
	return have != unpublished && slices.ContainsFunc(c.Times, func(t uint32) bool {
		return t != unpublished && compare(c.Compare, have, t)
	})
}

// compare puts two numbers in relation.
func compare[N uint32 | float64](op string, a, b N) bool {
	switch op {
	case "=":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

func typeOf(w string) uint64 {
	switch w {
	case "fsn":
		return snomed.FSN
	case "syn":
		return snomed.Synonym
	}
	return snomed.Definition
}
