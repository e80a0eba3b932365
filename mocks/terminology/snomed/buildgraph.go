package snomed

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// hierarchy derives children, ancestors and descendants from the parents.
func (b *Builder) hierarchy(e *Edition) error {
	n := e.Len()
	e.childOff, e.child = invert(n, e.parentOff, e.parent)
	e.ancestorOff = make([]uint32, n+1)
	mark := make([]uint32, n) // mark[a] = c+1: a is already an ancestor of c
	var list []uint32
	for c := range uint32(n) {
		list = list[:0]
		for _, p := range e.Parents(c) {
			if mark[p] != c+1 {
				mark[p] = c + 1
				list = append(list, p)
			}
			for _, a := range e.ancestor[e.ancestorOff[p]:e.ancestorOff[p+1]] {
				if mark[a] != c+1 {
					mark[a] = c + 1
					list = append(list, a)
				}
			}
		}
		slices.Sort(list)
		if uint64(len(e.ancestor))+uint64(len(list)) > 1<<32-1 {
			return fmt.Errorf("the transitive closure has more than %d pairs", uint64(1<<32-1))
		}
		e.ancestor = append(e.ancestor, list...)
		e.ancestorOff[c+1] = uint32(len(e.ancestor))
	}
	e.descendantOff, e.descendant = invert(n, e.ancestorOff, e.ancestor)
	return nil
}

// invert turns lists "x of i" into "i of x", ascending.
func invert(n int, off, list []uint32) ([]uint32, []uint32) {
	outOff := make([]uint32, n+1)
	for _, x := range list {
		outOff[x+1]++
	}
	for i := range n {
		outOff[i+1] += outOff[i]
	}
	out := make([]uint32, len(list))
	next := slices.Clone(outOff)
	for i := range uint32(n) {
		for _, x := range list[off[i]:off[i+1]] {
			out[next[x]] = i
			next[x]++
		}
	}
	return outOff, out
}

func (b *Builder) roles(e *Edition) {
	n := e.Len()
	type role struct{ source, typ, target, group uint32 }
	rows := make([]role, 0, len(b.relations))
	dropped := 0
	for _, r := range b.relations {
		s, ok1 := e.Concept(r.source)
		t, ok2 := e.Concept(r.typ)
		x, ok3 := e.Concept(r.target)
		if !ok1 || !ok2 || !ok3 || !e.Active(s) {
			dropped++
			continue
		}
		rows = append(rows, role{s, t, x, r.group})
	}
	b.relations = nil
	if dropped > 0 {
		b.Report("%d relationships with an unknown or inactive end are left out", dropped)
	}
	slices.SortFunc(rows, func(a, c role) int {
		return cmp.Or(cmp.Compare(a.source, c.source), cmp.Compare(a.group, c.group), cmp.Compare(a.typ, c.typ), cmp.Compare(a.target, c.target))
	})
	rows = slices.Compact(rows)
	e.roleOff = make([]uint32, n+1)
	e.roleSource, e.roleType, e.roleTarget, e.roleGrp = make([]uint32, len(rows)), make([]uint32, len(rows)), make([]uint32, len(rows)), make([]uint32, len(rows))
	e.roleInverse = make([]uint32, len(rows))
	for i, r := range rows {
		e.roleOff[r.source+1]++
		e.roleSource[i], e.roleType[i], e.roleTarget[i], e.roleGrp[i] = r.source, r.typ, r.target, r.group
		e.roleInverse[i] = uint32(i)
	}
	for i := range n {
		e.roleOff[i+1] += e.roleOff[i]
	}
	slices.SortFunc(e.roleInverse, func(a, c uint32) int {
		return cmp.Or(cmp.Compare(e.roleType[a], e.roleType[c]), cmp.Compare(e.roleTarget[a], e.roleTarget[c]), cmp.Compare(a, c))
	})
}

func (b *Builder) concreteValues(e *Edition) {
	n := e.Len()
	type row struct {
		source, typ, group uint32
		value              string
	}
	var rows []row
	for _, r := range b.concretes {
		s, ok1 := e.Concept(r.source)
		t, ok2 := e.Concept(r.typ)
		if ok1 && ok2 && e.Active(s) {
			rows = append(rows, row{s, t, r.group, r.value})
		}
	}
	b.concretes = nil
	slices.SortFunc(rows, func(a, c row) int {
		return cmp.Or(cmp.Compare(a.source, c.source), cmp.Compare(a.group, c.group), cmp.Compare(a.typ, c.typ), strings.Compare(a.value, c.value))
	})
	e.concreteOff = make([]uint32, n+1)
	e.concreteTextOff = make([]uint32, 1, len(rows)+1)
	for _, r := range rows {
		e.concreteOff[r.source+1]++
		e.concreteType = append(e.concreteType, r.typ)
		e.concreteGrp = append(e.concreteGrp, r.group)
		e.concreteText = append(e.concreteText, r.value...)
		e.concreteTextOff = append(e.concreteTextOff, uint32(len(e.concreteText)))
	}
	for i := range n {
		e.concreteOff[i+1] += e.concreteOff[i]
	}
}
