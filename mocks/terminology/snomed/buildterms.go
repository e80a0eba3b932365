package snomed

import (
	"cmp"
	"slices"
)

// describe orders the descriptions by concept and identifier.
func (b *Builder) describe(e *Edition) {
	n := e.Len()
	type ref struct{ concept, row uint32 }
	refs := make([]ref, 0, len(b.descriptions))
	dropped := 0
	for i := range b.descriptions {
		c, ok := e.Concept(b.descriptions[i].concept)
		if !ok {
			dropped++
			continue
		}
		refs = append(refs, ref{c, uint32(i)})
	}
	if dropped > 0 {
		b.Report("%d descriptions of unknown concepts are left out", dropped)
	}
	slices.SortFunc(refs, func(x, y ref) int {
		return cmp.Or(cmp.Compare(x.concept, y.concept), cmp.Compare(b.descriptions[x.row].id, b.descriptions[y.row].id))
	})
	m := len(refs)
	size := 0
	for _, r := range refs {
		size += int(b.descriptions[r.row].size)
	}
	e.descOff = make([]uint32, n+1)
	e.descID, e.descConcept, e.descEff = make([]uint64, m), make([]uint32, m), make([]uint32, m)
	e.descType, e.descLang, e.descCase, e.descModule = make([]byte, m), make([]byte, m), make([]byte, m), make([]byte, m)
	e.termOff, e.terms = make([]uint32, m+1), make([]byte, 0, size)
	for i, r := range refs {
		d := &b.descriptions[r.row]
		e.descOff[r.concept+1]++
		e.descID[i], e.descConcept[i], e.descEff[i] = d.id, r.concept, d.eff
		e.descType[i], e.descLang[i], e.descCase[i], e.descModule[i] = d.typ, d.lang, d.sens, d.module
		if !d.ownModule {
			e.descModule[i] = e.cModule[r.concept]
		}
		e.terms = append(e.terms, b.terms[d.off:d.off+uint32(d.size)]...)
		e.termOff[i+1] = uint32(len(e.terms))
	}
	for i := range n {
		e.descOff[i+1] += e.descOff[i]
	}
	b.descriptions, b.terms = nil, nil
	e.descByID = make([]uint32, m)
	for i := range e.descByID {
		e.descByID[i] = uint32(i)
	}
	slices.SortFunc(e.descByID, func(x, y uint32) int { return cmp.Compare(e.descID[x], e.descID[y]) })
}

// language sets the bits of the language reference sets and the preferred synonym of each.
func (b *Builder) language(e *Edition) {
	n, m, k := e.Len(), len(e.descID), len(e.LangRefsets)
	e.descPreferred, e.descAcceptable = make([]uint32, m), make([]uint32, m)
	e.preferred = make([]uint32, n*k)
	for i := range e.preferred {
		e.preferred[i] = None
	}
	slices.SortFunc(b.langMembers, func(x, y langRow) int { return cmp.Or(cmp.Compare(x.desc, y.desc), cmp.Compare(x.refset, y.refset)) })
	missing, twice, at := 0, 0, 0
	for _, r := range b.langMembers {
		for at < m && e.descID[e.descByID[at]] < r.desc {
			at++
		}
		if at == m || e.descID[e.descByID[at]] != r.desc {
			missing++
			continue
		}
		d := e.descByID[at]
		if !r.preferred {
			e.descAcceptable[d] |= 1 << r.refset
			continue
		}
		e.descPreferred[d] |= 1 << r.refset
		if e.descType[d] != typeSynonym {
			continue
		}
		slot := &e.preferred[int(r.refset)*n+int(e.descConcept[d])]
		switch {
		case *slot == None:
			*slot = d
		case *slot != d:
			twice++
			if e.descID[d] < e.descID[*slot] {
				*slot = d
			}
		}
	}
	b.langMembers = nil
	if missing > 0 {
		b.Report("%d language reference set members name an unknown or inactive description", missing)
	}
	if twice > 0 {
		b.Report("%d concepts have more than one preferred synonym in a language reference set; the lowest identifier counts", twice)
	}
}
