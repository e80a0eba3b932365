package ecl

import (
	"context"
	"fmt"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Evaluate answers an expression over an edition. Results hold active concepts, but * names all and ^ also finds inactive members.
// The error is an *Error, or that of the context.
func Evaluate(ctx context.Context, n Node, e *snomed.Edition) (snomed.Set, error) {
	return (&evaluator{ctx: ctx, e: e}).eval(n)
}

type evaluator struct {
	ctx context.Context
	e   *snomed.Edition
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
	if x.MemberOf {
		if focus, err = v.members(focus, x); err != nil {
			return nil, err
		}
	}
	out, err := v.apply(x.Op, focus, x.Any && !x.MemberOf)
	if err != nil {
		return nil, err
	}
	for i := range x.Filters {
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
	c, ok := v.e.Concept(x.ID)
	if !ok {
		return nil, &Error{Column: x.Column, Text: fmt.Sprintf("the concept %d does not exist in %s", x.ID, v.e.System), UnknownID: true}
	}
	s := v.empty()
	if v.e.Active(c) || x.MemberOf {
		s.Add(c)
	}
	return s, nil
}

// members gives what the members of the reference sets refer to, inactive concepts included.
func (v *evaluator) members(refsets snomed.Set, x *Sub) (snomed.Set, error) {
	out := v.empty()
	if x.Any {
		for i := range v.e.Refsets {
			out.AddAll(v.e.Members(&v.e.Refsets[i]))
		}
		return out, nil
	}
	refsets.Each(func(c uint32) bool {
		if r, ok := v.e.Refset(v.e.IDOf(c)); ok {
			out.AddAll(v.e.Members(r))
		}
		return true
	})
	return out, nil
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

// history adds the inactive concepts whose historical associations point into the set.
func (v *evaluator) history(set snomed.Set, h *History) (snomed.Set, error) {
	var ids []uint64
	switch {
	case h.Sets != nil:
		s, err := v.eval(h.Sets)
		if err != nil {
			return nil, err
		}
		s.Each(func(c uint32) bool { ids = append(ids, v.e.IDOf(c)); return true })
	case h.Profile == "MIN":
		ids = []uint64{snomed.SameAs}
	case h.Profile == "MOD":
		ids = []uint64{snomed.SameAs, snomed.ReplacedBy, 900000000000528000, snomed.PartiallyEquivalent}
	default:
		for _, r := range v.e.Refsets {
			if r.Kind == "association" {
				ids = append(ids, r.ID)
			}
		}
	}
	out := set.Clone()
	for _, id := range ids {
		r, ok := v.e.Refset(id)
		if !ok {
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
