package tx

import (
	"fmt"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// NormalForm writes the necessary normal form of a concept in compositional grammar: its parents and its role groups.
func (s *SCT) NormalForm(c uint32, terse bool) string {
	e := s.Edition
	name := func(x uint32) string {
		if terse {
			return snomed.ID(e.IDOf(x))
		}
		term, _ := e.Display(x, nil)
		return fmt.Sprintf("%d |%s|", e.IDOf(x), term)
	}
	var b strings.Builder
	if e.Defined(c) {
		b.WriteString("=== ")
	} else {
		b.WriteString("<<< ")
	}
	for n, p := range e.Parents(c) {
		if n > 0 {
			b.WriteByte('+')
		}
		b.WriteString(name(p))
	}
	type pair struct {
		group uint32
		text  string
	}
	var pairs []pair
	for _, r := range e.Roles(c) {
		pairs = append(pairs, pair{r.Group, name(r.Type) + "=" + name(r.Target)})
	}
	for _, v := range e.Concretes(c) {
		pairs = append(pairs, pair{v.Group, name(v.Type) + "=" + v.Value})
	}
	if len(pairs) == 0 {
		return b.String()
	}
	var ungrouped []string
	groups := map[uint32][]string{}
	var order []uint32
	for _, p := range pairs {
		if p.group == 0 {
			ungrouped = append(ungrouped, p.text)
			continue
		}
		if groups[p.group] == nil {
			order = append(order, p.group)
		}
		groups[p.group] = append(groups[p.group], p.text)
	}
	parts := ungrouped
	for _, g := range order {
		parts = append(parts, "{"+strings.Join(groups[g], ",")+"}")
	}
	b.WriteByte(':')
	b.WriteString(strings.Join(parts, ","))
	return b.String()
}
