package tx

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// part is a set of concepts of one code system inside an expansion.
type part struct {
	sys  System
	set  Set
	list []int // enumerated order; nil = the system's own
	refs map[int]*ConceptRef
	nest bool // the hierarchy may be shown
}

// evaluation remembers what an expansion or validation touched.
type evaluation struct {
	systems   []*Info
	sets      []*ValueSet // included by others
	open      bool        // expressions beyond the listed codes may be members too
	fragments []string    // canonicals of fragments that were taken whole or by filter: more codes may be members
	matched   bool        // codes were compared across versions of their code system
}

func (ev *evaluation) use(i *Info) {
	if !slices.ContainsFunc(ev.systems, func(o *Info) bool { return o.Canonical() == i.Canonical() }) {
		ev.systems = append(ev.systems, i)
	}
}

func (ev *evaluation) useSet(v *ValueSet) {
	if v.URL != "" && !slices.ContainsFunc(ev.sets, func(o *ValueSet) bool { return o.Canonical() == v.Canonical() }) {
		ev.sets = append(ev.sets, v)
	}
}

// enter guards against value sets that include each other; leave is called afterwards.
func (q *request) enter(v *ValueSet) *Problem {
	if v.Fault != nil {
		return v.Fault
	}
	c := v.Canonical()
	if c == "" && v.ID != "" {
		c = "#" + v.ID
	}
	if slices.Contains(q.stack, c) && c != "" {
		return &Problem{Status: http.StatusUnprocessableEntity, Issues: []Issue{{Severity: "error", Code: "processing", Type: "vs-invalid", ID: "VALUESET_CIRCULAR_REFERENCE",
			Text: fmt.Sprintf("Found a circularity pointing to %s processing ValueSet with pathway [%s]", c, strings.Join(q.stack, ", "))}}}
	}
	if len(q.stack) >= 50 {
		return filterProblem("value sets are nested too deeply: %s", strings.Join(q.stack[:3], ", "))
	}
	q.stack = append(q.stack, c)
	return nil
}

func (q *request) leave() { q.stack = q.stack[:len(q.stack)-1] }

// evaluate computes the members of a value set.
func (q *request) evaluate(v *ValueSet, ev *evaluation) ([]*part, *Problem) {
	if p := q.late(); p != nil {
		return nil, p
	}
	if p := q.enter(v); p != nil {
		return nil, p
	}
	defer q.leave()
	if len(v.Contained) > 0 {
		old := q.local
		q.local = append(slices.Clone(v.Contained), q.local...)
		defer func() { q.local = old }()
	}
	if !v.hasCompose && v.Expansion != nil {
		return q.stored(v, ev)
	}
	if len(v.Include) == 0 {
		return nil, filterProblem("value set %s names no members: it has neither compose.include nor a stored expansion", v.Canonical())
	}
	merge, told, p := q.versionsMatch(v)
	if p != nil {
		return nil, p
	}
	var parts []*part
	for _, in := range newestFirst(v.Include) {
		got, p := q.include(v, &in, ev)
		if p != nil {
			return nil, p
		}
		for _, g := range got {
			if merge {
				ev.matched = withoutCodesOf(g, parts) || ev.matched
			}
			parts = union(parts, g)
		}
	}
	for i := range v.Exclude {
		got, p := q.include(v, &v.Exclude[i], ev)
		if p != nil {
			return nil, p
		}
		across := merge || !told && !v.includesVersion(&v.Exclude[i])
		for _, g := range got {
			for _, x := range parts {
				switch {
				case sameSystem(x.sys, g.sys):
					x.set.Minus(g.set)
				case across:
					ev.matched = withoutCodesOf(x, []*part{g}) || ev.matched
				}
			}
		}
	}
	if v.Inactive != nil && !*v.Inactive {
		for _, x := range parts {
			dropInactive(x)
		}
	}
	return parts, nil
}

func sameSystem(a, b System) bool { return a.Info().Canonical() == b.Info().Canonical() }

// union appends a part without what earlier parts hold already.
func union(parts []*part, g *part) []*part {
	for _, x := range parts {
		if sameSystem(x.sys, g.sys) {
			g.set.Minus(x.set)
		}
	}
	return append(parts, g)
}

func dropInactive(x *part) {
	if s, ok := sctOf(x.sys); ok {
		x.set.And(activeConcepts(x.sys, s))
		return
	}
	x.set.Each(func(i uint32) bool {
		if x.sys.Inactive(int(i)) {
			x.set.Remove(i)
		}
		return true
	})
}

func sctOf(s System) (*SCT, bool) {
	switch x := s.(type) {
	case *SCT:
		return x, true
	case *expressions:
		return x.SCT, true
	case *supplemented:
		return sctOf(x.System)
	}
	return nil, false
}

// include computes one include or exclude.
func (q *request) include(v *ValueSet, in *Include, ev *evaluation) ([]*part, *Problem) {
	var parts []*part
	if in.System != "" {
		if q.excluded[in.System] {
			return nil, nil
		}
		sys, p := q.system(in.System, in.Version)
		if p != nil {
			return nil, q.whileExpanding(v, p)
		}
		ev.use(sys.Info())
		x, p := q.choose(v, sys, in, ev)
		if p != nil {
			return nil, p
		}
		parts = []*part{x}
	}
	for n, u := range in.ValueSets {
		other, p := q.valueSet(u, "")
		if p != nil {
			return nil, p
		}
		ev.useSet(other)
		got, p := q.evaluate(other, ev)
		if p != nil {
			return nil, p
		}
		for _, g := range got {
			g.nest = false
		}
		if n == 0 && in.System == "" {
			parts = got
			continue
		}
		parts = intersect(parts, got)
	}
	return parts, nil
}

func intersect(parts, with []*part) []*part {
	var out []*part
	for _, x := range parts {
		keep := snomedSet(x.sys.Len())
		for _, w := range with {
			if sameSystem(x.sys, w.sys) {
				keep.Or(w.set)
				for i, r := range w.refs {
					if x.refs == nil {
						x.refs = map[int]*ConceptRef{}
					}
					if x.refs[i] == nil {
						x.refs[i] = r
					}
				}
			}
		}
		x.set.And(keep)
		out = append(out, x)
	}
	return out
}

// whileExpanding words the absence of a code system for expansions.
func (q *request) whileExpanding(v *ValueSet, p *Problem) *Problem {
	if p.Unknown == "" {
		return p
	}
	c := *p
	c.Issues = slices.Clone(p.Issues)
	c.Issues[0].Text = strings.Replace(c.Issues[0].Text, "so the code cannot be validated", "so the value set cannot be expanded", 1)
	return &c
}

// choose picks the concepts of one include from its code system.
func (q *request) choose(v *ValueSet, sys System, in *Include, ev *evaluation) (*part, *Problem) {
	info := sys.Info()
	if _, snomed := sctOf(sys); !snomed && info.Content == "not-present" {
		return nil, &Problem{Status: http.StatusUnprocessableEntity, Issues: []Issue{{Severity: "error", Code: "not-found", Type: "not-found",
			Text: fmt.Sprintf("The code system definition for %s has no content, so the value set '%s' cannot be expanded", info.URL, v.Canonical())}}}
	}
	if in.enumerated {
		x := &part{sys: sys, set: snomedSet(sys.Len()), refs: map[int]*ConceptRef{}, list: []int{}}
		for n := range in.Concepts {
			ref := &in.Concepts[n]
			i, ok := sys.Find(ref.Code)
			if !ok {
				q.note("unknown-code", info.URL+"#"+ref.Code)
				continue
			}
			if !x.set.Has(uint32(i)) {
				x.set.Add(uint32(i))
				x.list = append(x.list, i)
			}
			x.refs[i] = ref
		}
		return x, nil
	}
	if isSCT(sys) && !in.closed() {
		ev.open = true // post-coordinated expressions may satisfy it too
	}
	if info.Content == "fragment" && !slices.Contains(ev.fragments, info.URL) {
		ev.fragments = append(ev.fragments, info.URL)
	}
	x := &part{sys: sys, nest: true}
	for _, f := range in.Filters {
		set, p := sys.Filter(q.ctx, f.Property, f.Op, f.Value)
		if p != nil {
			return nil, p
		}
		if x.set == nil {
			x.set = set.Clone()
		} else {
			x.set.And(set)
		}
	}
	if x.set == nil {
		x.set = sys.All()
	}
	return x, nil
}

// stored reads the members from a value set that has only an expansion.
func (q *request) stored(v *ValueSet, ev *evaluation) ([]*part, *Problem) {
	var parts []*part
	var walk func(list []Object) *Problem
	walk = func(list []Object) *Problem {
		for _, o := range list {
			if code := str(o, "code"); code != "" {
				if a, _ := boolean(o, "abstract"); !a {
					sys, p := q.system(str(o, "system"), str(o, "version"))
					if p != nil {
						return p
					}
					ev.use(sys.Info())
					if i, ok := sys.Find(code); ok {
						n := slices.IndexFunc(parts, func(x *part) bool { return sameSystem(x.sys, sys) })
						if n < 0 {
							n = len(parts)
							parts = append(parts, &part{sys: sys, set: snomedSet(sys.Len()), refs: map[int]*ConceptRef{}, list: []int{}})
						}
						if !parts[n].set.Has(uint32(i)) {
							parts[n].set.Add(uint32(i))
							parts[n].list = append(parts[n].list, i)
							parts[n].refs[i] = &ConceptRef{Code: code, Display: str(o, "display")}
						}
					}
				}
			}
			if p := walk(objects(o, "contains")); p != nil {
				return p
			}
		}
		return nil
	}
	if p := walk(objects(v.Expansion, "contains")); p != nil {
		return nil, p
	}
	return parts, nil
}

// each walks the members of a part in the order in which they are shown.
func (x *part) each(l Languages, f func(i int) bool) {
	if x.list == nil {
		x.sys.Each(x.set, l, f)
		return
	}
	for _, i := range x.list {
		if x.set.Has(uint32(i)) && !f(i) {
			return
		}
	}
}
