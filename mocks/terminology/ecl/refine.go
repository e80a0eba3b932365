package ecl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// A refinement is prepared first (its names and values become sets) and then judged concept by concept, after a cheap sieve.
type condition struct {
	// and, or: one of them holds for compounds
	and, or []*condition
	group   *condition // within one role group
	lo, hi  int
	// attribute
	names    snomed.Set
	values   snomed.Set
	anyValue bool
	unequal  bool
	attr     *Attribute
	counts   map[uint32]int // reversed attributes: how often each concept is a value
	reverse  bool
	literal  bool
}

func (v *evaluator) refine(base snomed.Set, r Refinement) (snomed.Set, error) {
	c, err := v.prepare(r)
	if err != nil {
		return nil, err
	}
	out := base.Clone()
	if s := v.sieve(c); s != nil {
		out.And(s)
	}
	if exactSieve(c) {
		return out, nil
	}
	n := 0
	out.Each(func(x uint32) bool {
		if n++; n%4096 == 0 && v.ctx.Err() != nil {
			return false
		}
		if !v.holds(c, x, nil) {
			out.Remove(x)
		}
		return true
	})
	return out, v.ctx.Err()
}

func (v *evaluator) prepare(r Refinement) (*condition, error) {
	switch x := r.(type) {
	case *RefCompound:
		c := &condition{}
		for _, i := range x.Items {
			p, err := v.prepare(i)
			if err != nil {
				return nil, err
			}
			if x.Op == "OR" {
				c.or = append(c.or, p)
			} else {
				c.and = append(c.and, p)
			}
		}
		return c, nil
	case *Group:
		p, err := v.prepare(x.Inner)
		if err != nil {
			return nil, err
		}
		return &condition{group: p, lo: x.Min, hi: x.Max}, nil
	}
	return v.prepareAttribute(r.(*Attribute))
}

func (v *evaluator) prepareAttribute(a *Attribute) (*condition, error) {
	c := &condition{lo: a.Min, hi: a.Max, attr: a, unequal: a.Compare == "!=", reverse: a.Reverse}
	var err error
	if c.names, err = v.eval(a.Name); err != nil {
		return nil, err
	}
	if a.Value == nil {
		c.literal = true
		if a.Reverse {
			return nil, &Error{Column: a.Column, Text: "a reversed attribute has concept values"}
		}
		return c, nil
	}
	if s, ok := a.Value.(*Sub); ok && s.Any && s.Op == opSelf && !s.MemberOf && len(s.Filters) == 0 {
		c.anyValue = true
	}
	if c.values, err = v.eval(a.Value); err != nil {
		return nil, err
	}
	if a.Reverse {
		c.counts = v.sources(c)
	}
	return c, nil
}

// sources counts for every concept how many others have it as the value of a reversed attribute; one that has it twice counts once.
func (v *evaluator) sources(c *condition) map[uint32]int {
	var pairs []uint64
	c.names.Each(func(t uint32) bool {
		v.e.RolesOfType(t, func(source, target, _ uint32) bool {
			if c.values.Has(source) != c.unequal {
				pairs = append(pairs, uint64(target)<<32|uint64(source))
			}
			return true
		})
		return true
	})
	slices.Sort(pairs)
	counts := map[uint32]int{}
	for _, p := range slices.Compact(pairs) {
		counts[uint32(p>>32)]++
	}
	return counts
}

// simple tells whether the attribute only asks for one matching relationship in any group.
func (c *condition) simple() bool {
	return c.attr != nil && !c.literal && !c.reverse && c.lo == 1 && c.hi < 0
}

// sieve gives a superset of the concepts that can hold, or nil when nothing can be said cheaply.
func (v *evaluator) sieve(c *condition) snomed.Set {
	switch {
	case len(c.and) > 0:
		var all snomed.Set
		for _, x := range c.and {
			if s := v.sieve(x); s != nil {
				if all == nil {
					all = s
				} else {
					all.And(s)
				}
			}
		}
		return all
	case len(c.or) > 0:
		var any snomed.Set
		for _, x := range c.or {
			s := v.sieve(x)
			if s == nil {
				return nil
			}
			if any == nil {
				any = s
			} else {
				any.Or(s)
			}
		}
		return any
	case c.group != nil:
		if c.lo == 0 {
			return nil
		}
		return v.sieve(c.group)
	}
	if c.literal || c.lo == 0 {
		return nil
	}
	out := v.empty()
	if c.reverse {
		for x := range c.counts {
			out.Add(x)
		}
		return out
	}
	if !c.anyValue && !c.unequal && c.values.Count() <= 64 {
		c.names.Each(func(t uint32) bool {
			c.values.Each(func(x uint32) bool { v.e.SourcesOf(t, x, out); return true })
			return true
		})
		return out
	}
	if c.anyValue && !c.unequal {
		v.e.SourcesWithin(c.names, v.empty(), true, out)
	} else {
		v.e.SourcesWithin(c.names, c.values, c.unequal, out)
	}
	return out
}

// exactSieve tells whether the sieve already is the answer.
func exactSieve(c *condition) bool {
	switch {
	case len(c.and) > 0:
		return !slices.ContainsFunc(c.and, func(x *condition) bool { return !exactSieve(x) })
	case len(c.or) > 0:
		return !slices.ContainsFunc(c.or, func(x *condition) bool { return !exactSieve(x) })
	case c.group != nil:
		return c.lo == 1 && c.hi < 0 && c.group.simple()
	}
	return c.simple()
}

// scope limits a condition to one role group; ungrouped relationships are groups of one, told by their place.
type scope struct {
	group uint32
	only  int // place of the ungrouped relationship, or -1
	lit   bool
}

func (v *evaluator) holds(c *condition, x uint32, in *scope) bool {
	switch {
	case len(c.and) > 0:
		for _, p := range c.and {
			if !v.holds(p, x, in) {
				return false
			}
		}
		return true
	case len(c.or) > 0:
		for _, p := range c.or {
			if v.holds(p, x, in) {
				return true
			}
		}
		return false
	case c.group != nil:
		return within(v.groups(c, x), c.lo, c.hi)
	}
	return within(v.count(c, x, in), c.lo, c.hi)
}

func within(n, lo, hi int) bool { return n >= lo && (hi < 0 || n <= hi) }

// groups counts the role groups of a concept in which a condition holds.
func (v *evaluator) groups(c *condition, x uint32) int {
	if v.e.HasConcretes() && len(v.e.Concretes(x)) > 0 {
		n := 0
		for _, s := range v.scopes(x) {
			if v.holds(c.group, x, &s) {
				n++
			}
		}
		return n
	}
	n := 0
	from, to := v.e.RoleRange(x)
	for i := from; i < to; i++ {
		r := v.e.RoleAt(i)
		s := scope{group: r.Group, only: -1}
		if r.Group == 0 {
			s.only = int(i - from)
		} else if i > from && v.e.RoleAt(i-1).Group == r.Group {
			continue // the group was looked at already
		}
		if v.holds(c.group, x, &s) {
			n++
		}
	}
	return n
}

// scopes lists the role groups of a concept.
func (v *evaluator) scopes(x uint32) []scope {
	var out []scope
	add := func(group uint32, i int, lit bool) {
		if group == 0 {
			out = append(out, scope{0, i, lit})
		} else if !slices.ContainsFunc(out, func(s scope) bool { return s.group == group }) {
			out = append(out, scope{group, -1, false})
		}
	}
	for i, r := range v.e.Roles(x) {
		add(r.Group, i, false)
	}
	if v.e.HasConcretes() {
		for i, r := range v.e.Concretes(x) {
			add(r.Group, i, true)
		}
	}
	return out
}

func (s *scope) has(group uint32, i int, lit bool) bool {
	if s == nil {
		return true
	}
	if s.only >= 0 {
		return s.only == i && s.lit == lit
	}
	return s.group == group
}

// count tells how many relationships of a concept match an attribute.
func (v *evaluator) count(c *condition, x uint32, in *scope) int {
	if c.reverse {
		return c.counts[x]
	}
	n := 0
	if c.literal {
		for i, r := range v.e.Concretes(x) {
			if in.has(r.Group, i, true) && c.names.Has(r.Type) && c.attr.literal(r.Value) {
				n++
			}
		}
		return n
	}
	from, to := v.e.RoleRange(x)
	for i := from; i < to; i++ {
		r := v.e.RoleAt(i)
		if in.has(r.Group, int(i-from), false) && c.names.Has(r.Type) && (c.anyValue && !c.unequal || c.values.Has(r.Target) != c.unequal) {
			n++
		}
	}
	return n
}

// literal compares a concrete value as written in RF2.
func (a *Attribute) literal(value string) bool {
	if s, ok := strings.CutPrefix(value, "#"); ok {
		n, err := strconv.ParseFloat(s, 64)
		if a.Number == nil || err != nil {
			return false
		}
		return compare(a.Compare, n, *a.Number)
	}
	if quoted := strings.HasPrefix(value, `"`); a.Bool != nil {
		return !quoted && strings.EqualFold(value, strconv.FormatBool(*a.Bool)) == (a.Compare == "=")
	}
	if a.Text == nil {
		return false
	}
	return slices.Contains(a.Text, strings.Trim(value, `"`)) == (a.Compare == "=")
}
