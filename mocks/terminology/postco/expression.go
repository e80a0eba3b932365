package postco

import (
	"fmt"
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/scg"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Judge judges expressions over one edition. It is safe for all goroutines; the expressions it makes are not.
type Judge struct {
	e     *snomed.Edition
	rules *rules
}

// New makes a judge of an edition.
func New(e *snomed.Edition) *Judge { return &Judge{e: e, rules: &rules{}} }

// Invalid says why a text is no valid expression of the edition. It is an error.
type Invalid struct{ Reason string }

// Error implements error.
func (i *Invalid) Error() string { return i.Reason }

func invalid(format string, args ...any) error { return &Invalid{fmt.Sprintf(format, args...)} }

// Expression is an expression whose concepts are known to the edition. It belongs to one goroutine.
type Expression struct {
	Text *scg.Expression // in canonical order

	j      *Judge
	focus  []uint32
	own    [][]attribute // explicit groups; an ungrouped attribute is a group of one
	known  [][]attribute // those and what the focus concepts imply, see facts
	supers *supers
}

// attribute is one name and value: a concept, an expression, or a literal.
type attribute struct {
	name    uint32
	concept uint32 // None when it is one of the others
	nested  *Expression
	literal string
}

// Resolve finds the concepts of an expression. The error is *Invalid when one is missing or inactive.
func (j *Judge) Resolve(x *scg.Expression) (*Expression, error) {
	var bad error
	x.Concepts(func(c scg.Concept) {
		n, ok := j.e.Concept(c.ID)
		switch {
		case bad != nil:
		case !ok:
			bad = invalid("Concept %d not found in %s (at character %d)", c.ID, j.e.System, c.Column)
		case !j.e.Active(n):
			bad = invalid("Concept %s is not active (at character %d)", j.name(n), c.Column)
		}
	})
	if bad != nil {
		return nil, bad
	}
	return j.resolve(x.Canonical()), nil
}

// resolve is Resolve of an expression in canonical order whose concepts exist.
func (j *Judge) resolve(x *scg.Expression) *Expression {
	out := &Expression{Text: x, j: j}
	for _, c := range x.Focus {
		out.focus = append(out.focus, j.number(c.ID))
	}
	for _, a := range x.Attributes {
		out.own = append(out.own, []attribute{j.attribute(a)})
	}
	for _, g := range x.Groups {
		var group []attribute
		for _, a := range g {
			group = append(group, j.attribute(a))
		}
		out.own = append(out.own, group)
	}
	return out
}

func (j *Judge) attribute(a scg.Attribute) attribute {
	out := attribute{name: j.number(a.Name.ID), concept: snomed.None, literal: a.Value.Literal}
	if v := a.Value.Expression; v != nil {
		if c, ok := v.Plain(); ok {
			out.concept = j.number(c.ID)
		} else {
			out.nested = j.resolve(v)
		}
	}
	return out
}

func (j *Judge) number(id uint64) uint32 {
	n, _ := j.e.Concept(id)
	return n
}

// Concept is the expression that is nothing but a concept.
func (j *Judge) Concept(c uint32) *Expression {
	return &Expression{Text: &scg.Expression{Focus: []scg.Concept{{ID: j.e.IDOf(c)}}}, j: j, focus: []uint32{c}}
}

// Focus lists the focus concepts.
func (x *Expression) Focus() []uint32 { return x.focus }

// value gives the value of an attribute as an expression; nil for literals.
func (j *Judge) value(a attribute) *Expression {
	switch {
	case a.nested != nil:
		return a.nested
	case a.concept != snomed.None:
		return j.Concept(a.concept)
	}
	return nil
}

// name writes a concept for messages.
func (j *Judge) name(c uint32) string {
	term, _ := j.e.Display(c, nil)
	return fmt.Sprintf("%d |%s|", j.e.IDOf(c), term)
}

// definition lists the role groups of a concept; relationships outside groups are groups of one.
func (j *Judge) definition(c uint32) [][]attribute {
	var out [][]attribute
	at := map[uint32]int{}
	add := func(group uint32, a attribute) {
		if n, ok := at[group]; ok && group != 0 {
			out[n] = append(out[n], a)
			return
		}
		at[group] = len(out)
		out = append(out, []attribute{a})
	}
	for _, r := range j.e.Roles(c) {
		add(r.Group, attribute{name: r.Type, concept: r.Target})
	}
	if j.e.HasConcretes() {
		for _, r := range j.e.Concretes(c) {
			add(r.Group, attribute{name: r.Type, concept: snomed.None, literal: r.Value})
		}
	}
	return out
}

// facts lists the groups that hold of everything the expression means: its own and those of its focus concepts, without those that
// another group makes superfluous.
func (x *Expression) facts() [][]attribute {
	if x.known != nil {
		return x.known
	}
	all := slices.Clone(x.own)
	for _, f := range x.focus {
		all = append(all, x.j.definition(f)...)
	}
	kept := all[:0:0]
	for n, g := range all {
		superfluous := slices.ContainsFunc(kept, func(o []attribute) bool { return x.j.groupSubsumes(g, o) }) ||
			slices.ContainsFunc(all[n+1:], func(o []attribute) bool { return x.j.groupSubsumes(g, o) && !x.j.groupSubsumes(o, g) })
		if !superfluous {
			kept = append(kept, g)
		}
	}
	x.known = kept
	return kept
}

// Facts writes what is known of the expression as attributes, group by group.
func (x *Expression) Facts() [][]scg.Attribute {
	var out [][]scg.Attribute
	for _, g := range x.facts() {
		var group []scg.Attribute
		for _, a := range g {
			v := scg.Value{Literal: a.literal}
			if e := x.j.value(a); e != nil {
				v.Expression = e.Text
			}
			group = append(group, scg.Attribute{Name: scg.Concept{ID: x.j.e.IDOf(a.name)}, Value: v})
		}
		out = append(out, group)
	}
	return out
}
