package ecl

import (
	"context"
	"fmt"
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Evaluate answers an expression over an edition. Results hold active concepts, but * names all and ^ also finds inactive members.
// The error is an *Error, or that of the context.
func Evaluate(ctx context.Context, n Node, e *snomed.Edition) (snomed.Set, error) {
	return (&evaluator{ctx: ctx, e: e}).eval(n)
}

type evaluator struct {
	ctx      context.Context
	e        *snomed.Edition
	inactive bool // a concept named by its identifier counts even when it is inactive
}

func (v *evaluator) empty() snomed.Set { return snomed.NewSet(v.e.Len()) }

func (v *evaluator) everything() snomed.Set {
	s := v.empty()
	for i := range uint32(v.e.Len()) {
		s.Add(i)
	}
	return s
}

func (v *evaluator) eval(n Node) (snomed.Set, error) {
	if err := v.ctx.Err(); err != nil {
		return nil, err
	}
	switch x := n.(type) {
	case *Compound:
		return v.compound(x)
	case *Sub:
		return v.sub(x)
	case *Refined:
		base, err := v.eval(x.Base)
		if err != nil {
			return nil, err
		}
		return v.refine(base, x.Refinement)
	case *Dotted:
		set, err := v.eval(x.Base)
		for _, a := range x.Attrs {
			if err != nil {
				return nil, err
			}
			set, err = v.values(set, a)
		}
		return set, err
	}
	return nil, fmt.Errorf("ecl: unknown node %T", n)
}

func (v *evaluator) compound(x *Compound) (snomed.Set, error) {
	out, err := v.eval(x.Operands[0])
	if err != nil {
		return nil, err
	}
	out = out.Clone()
	for _, o := range x.Operands[1:] {
		s, err := v.eval(o)
		if err != nil {
			return nil, err
		}
		switch x.Op {
		case "AND":
			out.And(s)
		case "OR":
			out.Or(s)
		default:
			out.Minus(s)
		}
	}
	return out, nil
}

// values gives the targets of an attribute of the concepts of a set.
func (v *evaluator) values(of snomed.Set, attr Node) (snomed.Set, error) {
	names, err := v.eval(attr)
	if err != nil {
		return nil, err
	}
	out := v.empty()
	names.Each(func(t uint32) bool {
		v.e.RolesOfType(t, func(source, target, _ uint32) bool {
			if of.Has(source) {
				out.Add(target)
			}
			return true
		})
		return true
	})
	return out, nil
}

func (v *evaluator) sub(x *Sub) (snomed.Set, error) {
	focus, err := v.focus(x)
	if err != nil {
		return nil, err
	}
	switch {
	case x.MemberOf:
		focus, err = v.members(focus, x)
	case x.Contains:
		focus = v.containing(focus)
	}
	if err != nil {
		return nil, err
	}
	out, err := v.apply(x.Op, focus, x.Any && !x.MemberOf && !x.Contains)
	if err != nil {
		return nil, err
	}
	for i := range x.Filters {
		if x.Filters[i].Kind == "M" {
			continue // members looked at it
		}
		if out, err = v.filter(out, &x.Filters[i]); err != nil {
			return nil, err
		}
	}
	if x.History != nil {
		return v.history(out, x.History)
	}
	return out, nil
}

func (v *evaluator) focus(x *Sub) (snomed.Set, error) {
	switch {
	case x.Inner != nil:
		return v.eval(x.Inner)
	case x.Any:
		return v.everything(), nil
	}
	c, err := v.named(x)
	if err != nil {
		return nil, err
	}
	s := v.empty()
	if v.e.Active(c) || x.MemberOf || x.Contains || v.inactive {
		s.Add(c)
	}
	return s, nil
}

// named finds the concept an identifier stands for.
func (v *evaluator) named(x *Sub) (uint32, error) {
	if x.Scheme != "" {
		return v.alternate(x)
	}
	c, ok := v.e.Concept(x.ID)
	if !ok {
		return 0, &Error{Column: x.Column, Text: fmt.Sprintf("the concept %d does not exist in %s", x.ID, v.e.System), UnknownID: true}
	}
	return c, nil
}

// containing gives the reference sets that have an active member for one of the concepts.
func (v *evaluator) containing(of snomed.Set) snomed.Set {
	out := v.empty()
	for i := range v.e.Refsets {
		r := &v.e.Refsets[i]
		if c, ok := v.e.Concept(r.ID); ok && slices.ContainsFunc(v.e.Members(r), of.Has) {
			out.Add(c)
		}
	}
	return out
}

// apply widens a set by an operator.
func (v *evaluator) apply(op string, focus snomed.Set, all bool) (snomed.Set, error) {
	e := v.e
	if op == opSelf {
		return focus, nil
	}
	out := v.empty()
	if all && (op == opDescendantOrSelf || op == opAncestorOrSelf || op == opChildOrSelf || op == opParentOrSelf) {
		return focus, nil
	}
	switch op {
	case opTop, opBottom:
		focus.Each(func(c uint32) bool {
			relatives := e.Ancestors(c)
			if op == opBottom {
				relatives = e.Descendants(c)
			}
			for _, r := range relatives {
				if focus.Has(r) {
					return true
				}
			}
			if e.Active(c) {
				out.Add(c)
			}
			return true
		})
		return out, nil
	}
	n := 0
	focus.Each(func(c uint32) bool {
		if n++; n%4096 == 0 && v.ctx.Err() != nil {
			return false
		}
		switch op {
		case opDescendant, opDescendantOrSelf:
			// What is below a concept that was already covered is covered too.
			if op == opDescendantOrSelf && out.Has(c) {
				return true
			}
			out.AddAll(e.Descendants(c))
		case opChild, opChildOrSelf:
			out.AddAll(e.Children(c))
		case opAncestor, opAncestorOrSelf:
			out.AddAll(e.Ancestors(c))
		case opParent, opParentOrSelf:
			out.AddAll(e.Parents(c))
		}
		return true
	})
	switch op {
	case opDescendantOrSelf, opChildOrSelf, opAncestorOrSelf, opParentOrSelf:
		focus.Each(func(c uint32) bool {
			if e.Active(c) {
				out.Add(c)
			}
			return true
		})
	}
	return out, v.ctx.Err()
}

// historical is the reference set concept above all historical associations.
const historical = 900000000000522004

// history adds the inactive concepts whose historical associations point into the set.
func (v *evaluator) history(set snomed.Set, h *History) (snomed.Set, error) {
	var among func(r *snomed.RefsetRow) bool
	switch {
	case h.Sets != nil:
		s, err := v.valueSet(h.Sets)
		if err != nil {
			return nil, err
		}
		among = func(r *snomed.RefsetRow) bool { return v.within(s, r.ID) }
	case h.Profile == "MIN":
		among = func(r *snomed.RefsetRow) bool { return r.ID == snomed.SameAs }
	case h.Profile == "MOD":
		ids := []uint64{snomed.SameAs, snomed.ReplacedBy, 900000000000528000, snomed.PartiallyEquivalent}
		among = func(r *snomed.RefsetRow) bool { return slices.Contains(ids, r.ID) }
	default:
		top, ok := v.e.Concept(historical)
		among = func(r *snomed.RefsetRow) bool {
			c, known := v.e.Concept(r.ID)
			return !ok || !known || !v.e.Active(c) || v.e.Subsumes(top, c)
		}
	}
	out := set.Clone()
	for n := range v.e.Refsets {
		r := &v.e.Refsets[n]
		if r.Kind != snomed.KindAssociation || !among(r) {
			continue
		}
		for i := range v.e.Members(r) {
			if m := v.e.MemberAt(r, i); m.Target != snomed.None && set.Has(m.Target) && !v.e.Active(m.Concept) {
				out.Add(m.Concept)
			}
		}
	}
	return out, nil
}
