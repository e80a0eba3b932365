package snomed

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// Inactive descriptions lie apart from the active ones: nothing that shows, searches or lists terms meets them.

// Retired adds an inactive description; the term is copied. Meta.Retired tells that a release was read with them.
func (b *Builder) Retired(module, id, concept uint64, lang string, typ uint64, term []byte, sensitive uint64, effective uint32) error {
	m, err := b.module(module)
	if err != nil {
		return err
	}
	row, err := b.descriptionRow(&b.retiredLanguages, id, concept, lang, typ, term, sensitive, effective)
	if err != nil {
		return err
	}
	row.ownModule, row.module = true, m
	b.retired = append(b.retired, row)
	return nil
}

// retire orders the inactive descriptions by concept and identifier. It comes before describe, which drops the texts.
func (b *Builder) retire(e *Edition) {
	e.RetiredLanguages = b.retiredLanguages
	type ref struct{ concept, row uint32 }
	refs := make([]ref, 0, len(b.retired))
	size := 0
	for i := range b.retired {
		if c, ok := e.Concept(b.retired[i].concept); ok {
			refs = append(refs, ref{c, uint32(i)})
			size += int(b.retired[i].size)
		}
	}
	if n := len(b.retired) - len(refs); n > 0 {
		b.Report("%d inactive descriptions of unknown concepts are left out", n)
	}
	slices.SortFunc(refs, func(x, y ref) int {
		return cmp.Or(cmp.Compare(x.concept, y.concept), cmp.Compare(b.retired[x.row].id, b.retired[y.row].id))
	})
	m := len(refs)
	e.oldConcept, e.oldID, e.oldEff = make([]uint32, m), make([]uint64, m), make([]uint32, m)
	e.oldType, e.oldLang, e.oldCase, e.oldModule = make([]byte, m), make([]byte, m), make([]byte, m), make([]byte, m)
	e.oldTermOff, e.oldTerms = make([]uint32, m+1), make([]byte, 0, size)
	for i, r := range refs {
		d := &b.retired[r.row]
		e.oldConcept[i], e.oldID[i], e.oldEff[i] = r.concept, d.id, d.eff
		e.oldType[i], e.oldLang[i], e.oldCase[i], e.oldModule[i] = d.typ, d.lang, d.sens, d.module
		e.oldTerms = append(e.oldTerms, b.terms[d.off:d.off+uint32(d.size)]...)
		e.oldTermOff[i+1] = uint32(len(e.oldTerms))
	}
	b.retired = nil
}

// retiredRange gives the numbers of the inactive descriptions of a concept.
func (e *Edition) retiredRange(c uint32) (from, to int) {
	from = sort.Search(len(e.oldConcept), func(i int) bool { return e.oldConcept[i] >= c })
	for to = from; to < len(e.oldConcept) && e.oldConcept[to] == c; to++ {
	}
	return from, to
}

// RetiredDescriptions lists the inactive descriptions of a concept in the order of their identifiers; none when they were not kept. They
// have no number and are in no language reference set.
func (e *Edition) RetiredDescriptions(c uint32) []Description {
	from, to := e.retiredRange(c)
	out := make([]Description, 0, to-from)
	for d := from; d < to; d++ {
		out = append(out, Description{Num: None, ID: e.oldID[d], Type: typeID(e.oldType[d]), Language: e.RetiredLanguages[e.oldLang[d]],
			Term: string(e.oldTerms[e.oldTermOff[d]:e.oldTermOff[d+1]]), Sensitive: caseIDs[e.oldCase[d]], Effective: e.oldEff[d], Module: e.module(e.oldModule[d]),
			Inactive: true})
	}
	return out
}

// WithRetired is the set of the concepts that have inactive descriptions, or one of those with the given identifiers.
func (e *Edition) WithRetired(ids ...uint64) Set {
	out := NewSet(e.Len())
	for i, c := range e.oldConcept {
		if len(ids) == 0 || slices.Contains(ids, e.oldID[i]) {
			out.Add(c)
		}
	}
	return out
}

// checkRetired compares the lengths that belong together.
func (e *Edition) checkRetired() error {
	n := len(e.oldConcept)
	for _, c := range []struct {
		name      string
		got, want int
	}{
		{"oldID", len(e.oldID), n}, {"oldType", len(e.oldType), n}, {"oldLang", len(e.oldLang), n}, {"oldCase", len(e.oldCase), n}, {"oldModule", len(e.oldModule), n},
		{"oldEff", len(e.oldEff), n}, {"oldTermOff", len(e.oldTermOff), n + 1}, {"oldTerms", len(e.oldTerms), last(e.oldTermOff)},
	} {
		if c.got != c.want {
			return fmt.Errorf("%w: section %s has %d entries, %d expected", ErrFormat, c.name, c.got, c.want)
		}
	}
	return nil
}
