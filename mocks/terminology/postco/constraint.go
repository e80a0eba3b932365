package postco

import (
	"context"
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/ecl"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Satisfies tells whether an expression is among the results of an expression constraint, were the expression a concept of the
// edition. It is no member of any reference set, no historical association leads to it, and it has no descriptions to filter by.
// The error is an *ecl.Error or that of the context.
func (x *Expression) Satisfies(ctx context.Context, n ecl.Node) (bool, error) {
	return (&constraint{ctx: ctx, j: x.j, sets: map[ecl.Node]snomed.Set{}, bare: map[*ecl.Sub]*ecl.Sub{}}).holds(n, x)
}

type constraint struct {
	ctx  context.Context
	j    *Judge
	sets map[ecl.Node]snomed.Set // results of parts that were evaluated
	bare map[*ecl.Sub]*ecl.Sub   // sub-expressions without their operators
}

// concepts evaluates a part of the constraint over the edition.
func (c *constraint) concepts(n ecl.Node) (snomed.Set, error) {
	if s, ok := c.sets[n]; ok {
		return s, nil
	}
	s, err := ecl.Evaluate(c.ctx, n, c.j.e)
	if err == nil {
		c.sets[n] = s
	}
	return s, err
}

func (c *constraint) holds(n ecl.Node, x *Expression) (bool, error) {
	switch n := n.(type) {
	case *ecl.Compound:
		return c.compound(n, x)
	case *ecl.Refined:
		ok, err := c.holds(n.Base, x)
		if err != nil || !ok {
			return false, err
		}
		return c.refined(n.Refinement, x.facts())
	case *ecl.Sub:
		return c.sub(n, x)
	}
	return c.means(n, x)
}

// means tells whether a concept that means the same as the expression is a result.
func (c *constraint) means(n ecl.Node, x *Expression) (bool, error) {
	same, err := x.Same(c.ctx)
	if err != nil || len(same) == 0 {
		return false, err
	}
	s, err := c.concepts(n)
	return err == nil && slices.ContainsFunc(same, s.Has), err
}

func (c *constraint) compound(n *ecl.Compound, x *Expression) (bool, error) {
	for i, o := range n.Operands {
		ok, err := c.holds(o, x)
		if err != nil {
			return false, err
		}
		switch {
		case n.Op == "OR" && ok:
			return true, nil
		case n.Op == "AND" && !ok, n.Op == "MINUS" && ok != (i == 0):
			return false, nil
		}
	}
	return n.Op != "OR", nil
}

func (c *constraint) sub(n *ecl.Sub, x *Expression) (bool, error) {
	if len(n.Filters) > 0 {
		return c.means(n, x)
	}
	looks := n.MemberOf || n.Contains // at reference sets: what it finds are concepts
	inside := n.Any && !looks
	if n.Inner != nil && !looks {
		ok, err := c.holds(n.Inner, x)
		if err != nil {
			return false, err
		}
		inside = ok
	}
	if inside && (n.Op == "" || n.Op == "<<" || n.Op == ">>" || n.Op == "<<!" || n.Op == ">>!") {
		return true, nil
	}
	bare, ok := c.bare[n]
	if !ok {
		only := *n
		only.Op, only.History = "", nil
		bare, c.bare[n] = &only, &only
	}
	focus, err := c.concepts(bare)
	if err != nil {
		return false, err
	}
	return c.related(n.Op, focus, inside, x)
}

// related tells whether an expression stands in the relation of an operator to a set of concepts; inside tells whether it belongs to
// the set itself.
func (c *constraint) related(op string, focus snomed.Set, inside bool, x *Expression) (bool, error) {
	p, err := x.place(c.ctx)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(p.same, focus.Has) && (op == "" || op == "<<" || op == ">>" || op == "<<!" || op == ">>!") {
		return true, nil
	}
	above := p.all.Clone()
	for _, s := range p.same {
		above.Remove(s)
	}
	switch op {
	case "<", "<<":
		above.And(focus)
		return above.Count() > 0, nil
	case "<!", "<<!":
		parents, err := x.Parents(c.ctx)
		return slices.ContainsFunc(parents, focus.Has), err
	case ">", ">>", ">!", ">>!":
		direct := op == ">!" || op == ">>!"
		return c.above(focus, x, direct, p)
	case "!!>": // no other of the set is above it
		above.And(focus)
		return inside && above.Count() == 0, nil
	case "!!<":
		below, err := c.above(focus, x, false, p)
		return inside && !below, err
	}
	return false, nil
}

// above tells whether the expression subsumes a concept of the set, directly when no concept stands between them.
func (c *constraint) above(focus snomed.Set, x *Expression, direct bool, p *supers) (bool, error) {
	found, n := false, 0
	focus.Each(func(f uint32) bool {
		if n++; n%4096 == 0 && c.ctx.Err() != nil {
			return false
		}
		if slices.Contains(p.same, f) || !c.j.Subsumes(x, c.j.Concept(f)) {
			return true
		}
		found = !direct || !slices.ContainsFunc(c.j.e.Ancestors(f), func(a uint32) bool { return c.j.Subsumes(x, c.j.Concept(a)) && !slices.Contains(p.same, a) })
		return !found
	})
	return found, c.ctx.Err()
}

// refined tells whether the groups of an expression satisfy a refinement.
func (c *constraint) refined(r ecl.Refinement, groups [][]attribute) (bool, error) {
	switch r := r.(type) {
	case *ecl.RefCompound:
		for _, i := range r.Items {
			ok, err := c.refined(i, groups)
			if err != nil {
				return false, err
			}
			if ok == (r.Op == "OR") {
				return ok, nil
			}
		}
		return r.Op != "OR", nil
	case *ecl.Group:
		n := 0
		for _, g := range groups {
			ok, err := c.refined(r.Inner, [][]attribute{g})
			if err != nil {
				return false, err
			}
			if ok {
				n++
			}
		}
		return within(n, r.Min, r.Max), nil
	case *ecl.Attribute:
		n, err := c.count(r, groups)
		return within(n, r.Min, r.Max), err
	}
	return false, nil
}

func within(n, lo, hi int) bool { return n >= lo && (hi < 0 || n <= hi) }

// count tells how many attributes match; no concept has an expression as value, so a reversed one never does.
func (c *constraint) count(r *ecl.Attribute, groups [][]attribute) (int, error) {
	if r.Reverse {
		return 0, nil
	}
	names, err := c.concepts(r.Name)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, g := range groups {
		for _, a := range g {
			if !names.Has(a.name) {
				continue
			}
			ok, err := c.valueMatches(r, a)
			if err != nil {
				return 0, err
			}
			if ok {
				n++
			}
		}
	}
	return n, nil
}

func (c *constraint) valueMatches(r *ecl.Attribute, a attribute) (bool, error) {
	switch {
	case r.Value == nil:
		return a.literal != "" && r.Matches(a.literal), nil
	case a.literal != "":
		return false, nil
	case a.nested != nil:
		ok, err := c.holds(r.Value, a.nested)
		return ok == (r.Compare != "!="), err
	}
	s, err := c.concepts(r.Value)
	return err == nil && s.Has(a.concept) == (r.Compare != "!="), err
}
