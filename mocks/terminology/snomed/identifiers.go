package snomed

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
)

// SchemeRow tells where the alternate identifiers of a scheme lie, and how many there are.
type SchemeRow struct {
	ID   uint64 `json:"id"`
	From int    `json:"from"`
	To   int    `json:"to"`
}

type identifierRow struct {
	scheme, concept uint64
	off, size       uint32
}

// Identifier adds an active alternate identifier of a concept.
func (b *Builder) Identifier(scheme, concept uint64, code []byte) {
	b.identifiers = append(b.identifiers, identifierRow{scheme, concept, uint32(len(b.codes)), uint32(len(code))})
	b.codes = append(b.codes, code...)
}

// alternates orders the alternate identifiers by scheme and text.
func (b *Builder) alternates(e *Edition) {
	code := func(r identifierRow) []byte { return b.codes[r.off : r.off+r.size] }
	slices.SortStableFunc(b.identifiers, func(x, y identifierRow) int {
		return cmp.Or(cmp.Compare(x.scheme, y.scheme), bytes.Compare(code(x), code(y)))
	})
	e.Schemes = nil
	e.altOff = []uint32{0}
	missing, twice := 0, 0
	for i, r := range b.identifiers {
		c, ok := e.Concept(r.concept)
		if !ok {
			missing++
			continue
		}
		if i > 0 && b.identifiers[i-1].scheme == r.scheme && bytes.Equal(code(b.identifiers[i-1]), code(r)) {
			twice++
		}
		if k := len(e.Schemes); k == 0 || e.Schemes[k-1].ID != r.scheme {
			e.Schemes = append(e.Schemes, SchemeRow{ID: r.scheme, From: len(e.altConcept)})
		}
		e.altConcept = append(e.altConcept, c)
		e.altText = append(e.altText, code(r)...)
		e.altOff = append(e.altOff, uint32(len(e.altText)))
		e.Schemes[len(e.Schemes)-1].To = len(e.altConcept)
	}
	b.identifiers, b.codes = nil, nil
	if missing > 0 {
		b.Report("%d alternate identifiers name an unknown concept", missing)
	}
	if twice > 0 {
		b.Report("%d alternate identifiers name more than one concept", twice)
	}
}

// ByIdentifier finds the concepts of an alternate identifier; more than one only when the release is at odds with itself.
func (e *Edition) ByIdentifier(s SchemeRow, code string) []uint32 {
	at := func(i int) string { return string(e.altText[e.altOff[s.From+i]:e.altOff[s.From+i+1]]) }
	n := s.To - s.From
	from := sort.Search(n, func(i int) bool { return at(i) >= code })
	to := from
	for to < n && at(to) == code {
		to++
	}
	return e.altConcept[s.From+from : s.From+to : s.From+to]
}
