package postco

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Subsumes tells whether everything that a means or less is meant by b: a is the more general one. False means not proven.
func (j *Judge) Subsumes(a, b *Expression) bool {
	if a.Text.Subtype {
		return a.Text.String() == b.Text.String()
	}
	for _, f := range a.focus {
		if !j.covers(f, b) && !j.defines(f, b) {
			return false
		}
	}
	for _, g := range a.own {
		if !j.matched(g, b) {
			return false
		}
	}
	return true
}

// covers tells whether a focus concept of x is c or below it.
func (j *Judge) covers(c uint32, x *Expression) bool {
	return slices.ContainsFunc(x.focus, func(f uint32) bool { return f == c || j.e.Subsumes(c, f) })
}

// defines tells whether x fulfils the definition of a fully defined concept.
func (j *Judge) defines(c uint32, x *Expression) bool {
	if !j.e.Defined(c) || !j.e.Active(c) {
		return false
	}
	primitive := false
	for _, p := range j.e.Ancestors(c) {
		if j.e.Defined(p) {
			continue
		}
		primitive = true
		if !j.covers(p, x) {
			return false
		}
	}
	groups := j.definition(c)
	for _, g := range groups {
		if !j.matched(g, x) {
			return false
		}
	}
	return primitive && (len(groups) > 0 || len(j.e.Parents(c)) > 1)
}

// matched tells whether a group that holds of x says what g says.
func (j *Judge) matched(g []attribute, x *Expression) bool {
	return slices.ContainsFunc(x.facts(), func(o []attribute) bool { return j.groupSubsumes(g, o) })
}

// groupSubsumes tells whether every attribute of a is found in b, there with the same or a narrower meaning.
func (j *Judge) groupSubsumes(a, b []attribute) bool {
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y attribute) bool { return j.attributeSubsumes(x, y) }) {
			return false
		}
	}
	return true
}

func (j *Judge) attributeSubsumes(a, b attribute) bool {
	if a.name != b.name && !j.e.Subsumes(a.name, b.name) {
		return false
	}
	switch {
	case a.literal != "" || b.literal != "":
		return sameLiteral(a.literal, b.literal)
	case a.nested == nil && b.nested == nil:
		return a.concept == b.concept || j.e.Subsumes(a.concept, b.concept)
	}
	return j.Subsumes(j.value(a), j.value(b))
}

func sameLiteral(a, b string) bool {
	x, ok1 := number(a)
	y, ok2 := number(b)
	if ok1 && ok2 {
		return x == y
	}
	return a == b || (a == "true" || a == "false") && strings.EqualFold(a, b)
}

func number(s string) (float64, bool) {
	n, ok := strings.CutPrefix(s, "#")
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(n, 64)
	return f, err == nil
}

// supers is where an expression stands in the hierarchy.
type supers struct {
	all     snomed.Set // every concept that subsumes the expression
	nearest []uint32   // those of them with none of them below
	same    []uint32   // concepts that mean the same
}

// place finds the concepts that subsume an expression: what its focus concepts are, and fully defined concepts whose definition it
// fulfils. Those are looked for among the concepts that share a value with it, so one that is defined by literals alone is missed.
func (x *Expression) place(ctx context.Context) (*supers, error) {
	if x.supers != nil {
		return x.supers, nil
	}
	e := x.j.e
	s := &supers{all: snomed.NewSet(e.Len())}
	for _, f := range x.focus {
		s.all.Add(f)
		s.all.AddAll(e.Ancestors(f))
	}
	if x.Text.Refined() || len(x.focus) > 1 {
		candidates, err := x.candidates(ctx)
		if err != nil {
			return nil, err
		}
		n := 0
		candidates.Each(func(c uint32) bool {
			if n++; n%4096 == 0 && ctx.Err() != nil {
				return false
			}
			if e.Defined(c) && !s.all.Has(c) && x.j.defines(c, x) {
				s.all.Add(c)
				s.all.AddAll(e.Ancestors(c))
			}
			return true
		})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	s.all.Each(func(c uint32) bool {
		if !slices.ContainsFunc(e.Children(c), s.all.Has) {
			s.nearest = append(s.nearest, c)
		}
		return true
	})
	for _, c := range s.nearest {
		if x.j.Subsumes(x, x.j.Concept(c)) {
			s.same = append(s.same, c)
		}
	}
	x.supers = s
	return s, nil
}

// candidates are the concepts that have a relationship which a fact of the expression would fulfil.
func (x *Expression) candidates(ctx context.Context) (snomed.Set, error) {
	e := x.j.e
	out := snomed.NewSet(e.Len())
	type pair struct{ name, value uint32 }
	done := map[pair]bool{}
	for _, g := range x.facts() {
		for _, a := range g {
			var values []uint32
			switch {
			case a.nested != nil:
				p, err := a.nested.place(ctx)
				if err != nil {
					return nil, err
				}
				values = p.all.List()
			case a.concept != snomed.None:
				values = append(slices.Clone(e.Ancestors(a.concept)), a.concept)
			}
			for _, t := range append(slices.Clone(e.Ancestors(a.name)), a.name) {
				for _, v := range values {
					if k := (pair{t, v}); !done[k] {
						done[k] = true
						e.SourcesOf(t, v, out)
					}
				}
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// IsA tells whether the expression is subsumed by a concept; strictly leaves out that it means the same.
func (x *Expression) IsA(ctx context.Context, c uint32, strictly bool) (bool, error) {
	s, err := x.place(ctx)
	if err != nil {
		return false, err
	}
	return s.all.Has(c) && !(strictly && slices.Contains(s.same, c)), nil
}

// Same lists the concepts that mean the same as the expression.
func (x *Expression) Same(ctx context.Context) ([]uint32, error) {
	s, err := x.place(ctx)
	if err != nil {
		return nil, err
	}
	return s.same, nil
}

// Parents lists the nearest concepts above the expression.
func (x *Expression) Parents(ctx context.Context) ([]uint32, error) {
	s, err := x.place(ctx)
	if err != nil {
		return nil, err
	}
	if len(s.same) > 0 {
		return x.j.e.Parents(s.same[0]), nil
	}
	return s.nearest, nil
}
