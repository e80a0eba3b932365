package postco

import (
	"context"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/scg"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Concepts below which attributes stand, and the reference set of body structures that have sides.
const (
	conceptModelAttribute = 410662002
	linkageConcept        = 106237007
	laterality            = 272741003
	lateralizable         = 723264001
)

// Read reads a text and judges it: its concepts exist and are active, its attributes are attributes, and the concept model of the
// edition allows the combination. The error is *scg.Error, *Invalid or that of the context.
func (j *Judge) Read(ctx context.Context, text string) (*Expression, error) {
	x, err := scg.Parse(text)
	if err != nil {
		return nil, err
	}
	out, err := j.Resolve(x)
	if err != nil {
		return nil, err
	}
	if err := j.attributes(x); err != nil {
		return nil, err
	}
	return out, j.model(ctx, x)
}

// attributes judges that names of attributes are attributes.
func (j *Judge) attributes(x *scg.Expression) error {
	var roots []uint32
	var names []string
	for _, id := range []uint64{conceptModelAttribute, linkageConcept} {
		if c, ok := j.e.Concept(id); ok && j.e.Active(c) {
			roots, names = append(roots, c), append(names, snomed.ID(id))
		}
	}
	if len(roots) == 0 {
		return nil
	}
	var bad error
	x.Walk(func(_ *scg.Expression, a *scg.Attribute, _ bool) {
		c := j.number(a.Name.ID)
		for _, r := range roots {
			if j.e.Subsumes(r, c) {
				return
			}
		}
		if bad == nil {
			bad = invalid("Concept %d is not valid in this context (must be a descendent of one of %s)", a.Name.ID, strings.Join(names, ","))
		}
	})
	return bad
}

// model judges an expression and those within it by the concept model.
func (j *Judge) model(ctx context.Context, x *scg.Expression) error {
	r := j.rules.of(j.e)
	focus := make([]uint32, len(x.Focus))
	for i, c := range x.Focus {
		focus[i] = j.number(c.ID)
	}
	uses := map[uint64]int{}
	judge := func(list []scg.Attribute, grouped bool) error {
		inGroup := map[uint64]int{}
		for i := range list {
			a := &list[i]
			uses[a.Name.ID]++
			inGroup[a.Name.ID]++
			domains, err := j.domain(r, a, focus)
			if err != nil {
				return err
			}
			if err := j.inRange(ctx, r, a); err != nil {
				return err
			}
			if err := j.grouping(domains, a, grouped); err != nil {
				return err
			}
			if n := inGroup[a.Name.ID]; grouped {
				if most, ok := limit(domains, func(d domain) int { return d.inGroup }); ok && n > most {
					return invalid("The SNOMED CT concept model allows the attribute %s at most %d time(s) in one relationship group, but it is used %d times", j.nameOf(a.Name), most, count(list, a.Name.ID))
				}
			}
		}
		return nil
	}
	if err := judge(x.Attributes, false); err != nil {
		return err
	}
	for _, g := range x.Groups {
		if err := judge(g, true); err != nil {
			return err
		}
	}
	if err := j.cardinality(r, x, focus, uses); err != nil {
		return err
	}
	return j.within(ctx, x)
}

// within judges the expressions that are values.
func (j *Judge) within(ctx context.Context, x *scg.Expression) error {
	for _, list := range append([][]scg.Attribute{x.Attributes}, x.Groups...) {
		for _, a := range list {
			if v := a.Value.Expression; v != nil && (v.Refined() || len(v.Focus) > 1) {
				if err := j.model(ctx, v); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func count(list []scg.Attribute, name uint64) int {
	n := 0
	for _, a := range list {
		if a.Name.ID == name {
			n++
		}
	}
	return n
}

// cardinality judges how often attributes are used.
func (j *Judge) cardinality(r *model, x *scg.Expression, focus []uint32, uses map[uint64]int) error {
	for _, list := range append([][]scg.Attribute{x.Attributes}, x.Groups...) {
		for i := range list {
			a := &list[i]
			domains, err := j.domain(r, a, focus)
			if err != nil {
				return err
			}
			if most, ok := limit(domains, func(d domain) int { return d.most }); ok && uses[a.Name.ID] > most {
				return invalid("The SNOMED CT concept model allows the attribute %s at most %d time(s) on one concept, but it is used %d times", j.nameOf(a.Name), most, uses[a.Name.ID])
			}
		}
	}
	return nil
}

// limit is the widest of the bounds that apply; none when one of them is open.
func limit(domains []domain, bound func(domain) int) (int, bool) {
	most := 0
	for _, d := range domains {
		if bound(d) < 0 {
			return 0, false
		}
		most = max(most, bound(d))
	}
	return most, len(domains) > 0
}

func (j *Judge) nameOf(c scg.Concept) string { return j.name(j.number(c.ID)) }

// domain finds the domains of an attribute to which one of the focus concepts belongs; an attribute without rules has none and is allowed.
func (j *Judge) domain(r *model, a *scg.Attribute, focus []uint32) ([]domain, error) {
	all := r.domains[a.Name.ID]
	if len(all) == 0 && a.Name.ID == laterality && !r.loaded {
		all = j.sides()
	}
	var out []domain
	var names []string
	for _, d := range all {
		for _, f := range focus {
			if d.holds(j.e, f) {
				out = append(out, d)
				break
			}
		}
		if d.set {
			names = append(names, "for concepts in "+j.name(d.concept))
		} else {
			names = append(names, "in the domain "+j.name(d.concept))
		}
	}
	if len(all) == 0 || len(out) > 0 {
		return out, nil
	}
	on := make([]string, len(focus))
	for i, f := range focus {
		on[i] = j.name(f)
	}
	return nil, invalid("The SNOMED CT concept model does not allow the attribute %s on %s (the attribute is only valid %s)", j.nameOf(a.Name), strings.Join(on, " + "), strings.Join(names, ", or "))
}

// sides is the rule about laterality, which needs no concept model but the reference set of what has sides.
func (j *Judge) sides() []domain {
	c, ok := j.e.Concept(lateralizable)
	if _, members := j.e.Refset(lateralizable); !ok || !members {
		return nil
	}
	return []domain{{concept: c, set: true, free: true, most: -1, inGroup: -1}}
}

// grouping judges whether an attribute stands in a group when it must, and only then.
func (j *Judge) grouping(domains []domain, a *scg.Attribute, grouped bool) error {
	if len(domains) == 0 {
		return nil
	}
	for _, d := range domains {
		if d.free || d.grouped == grouped {
			return nil
		}
	}
	if grouped {
		return invalid("The SNOMED CT concept model does not allow the attribute %s to appear in a relationship group", j.nameOf(a.Name))
	}
	return invalid("The SNOMED CT concept model requires the attribute %s to appear in a relationship group", j.nameOf(a.Name))
}

// inRange judges the value of an attribute.
func (j *Judge) inRange(ctx context.Context, r *model, a *scg.Attribute) error {
	all := r.ranges[a.Name.ID]
	var texts []string
	for _, g := range all {
		ok, err := g.holds(ctx, j, a.Value)
		if err != nil || ok {
			return err
		}
		texts = append(texts, `"`+g.text+`"`)
	}
	if len(all) == 0 {
		return nil
	}
	value := a.Value.Literal
	if v := a.Value.Expression; v != nil {
		value = v.String()
		if c, ok := v.Plain(); ok {
			value = j.nameOf(c)
		}
	}
	return invalid("The SNOMED CT concept model does not allow %s as the value of the attribute %s (the value must satisfy %s)", value, j.nameOf(a.Name), strings.Join(texts, " or "))
}
