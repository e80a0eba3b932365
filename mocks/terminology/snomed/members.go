package snomed

import (
	"bytes"
	"slices"
	"strings"
)

// RefsetRow tells which columns the members of a reference set have and where they lie: the active ones From up to To, the inactive
// ones behind them up to End.
type RefsetRow struct {
	ID     uint64  `json:"id"`
	Kind   string  `json:"kind"`             // simple, association, attribute, map
	Fields []Field `json:"fields,omitempty"` // columns after referencedComponentId
	Packed bool    `json:"packed,omitempty"` // the texts are compressed
	From   int     `json:"from"`
	To     int     `json:"to"`
	End    int     `json:"end"`
}

// Types of a column, as the pattern in the name of a release file tells them.
const (
	FieldConcept = "c"
	FieldNumber  = "i"
	FieldText    = "s"
)

// Field is a column of a reference set.
type Field struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Field finds a column after referencedComponentId by its name; case does not matter.
func (r *RefsetRow) Field(name string) (int, bool) {
	i := slices.IndexFunc(r.Fields, func(f Field) bool { return strings.EqualFold(f.Name, name) })
	return i, i >= 0
}

// targeted tells whether the one column of the set is kept as the number of a concept.
func (r *RefsetRow) targeted() bool { return r.Kind == KindAssociation || r.Kind == KindAttribute }

// Kinds of reference set.
const (
	KindSimple      = "simple"
	KindAssociation = "association"
	KindAttribute   = "attribute"
	KindMap         = "map"
)

// Refset finds a reference set whose members were kept, listed or not.
func (e *Edition) Refset(id uint64) (*RefsetRow, bool) {
	r, ok := e.refsets[id]
	return r, ok
}

// Members lists the concepts that active members of a reference set refer to, ascending; a concept may occur more than once in maps.
func (e *Edition) Members(r *RefsetRow) []uint32 { return e.memberConcept[r.From:r.To:r.To] }

// Member is one active member of a reference set.
type Member struct {
	Concept uint32
	Target  uint32 // association target or attribute value; None for others
	Text    string // the columns after referencedComponentId, tab separated; empty when there is a target or the texts are packed
}

// MembersOf lists the active members of a set that refer to concept c.
func (e *Edition) MembersOf(r *RefsetRow, c uint32) []Member {
	list := e.Members(r)
	i, _ := slices.BinarySearch(list, c)
	var out []Member
	for ; i < len(list) && list[i] == c; i++ {
		out = append(out, e.member(r.From+i))
	}
	return out
}

// MemberAt is the i-th active member of a set.
func (e *Edition) MemberAt(r *RefsetRow, i int) Member { return e.member(r.From + i) }

func (e *Edition) member(i int) Member {
	return Member{Concept: e.memberConcept[i], Target: e.memberTarget[i], Text: string(e.memberText[e.memberTextOff[i]:e.memberTextOff[i+1]])}
}

// MemberReader reads members by their numbers (From to End of a RefsetRow) and remembers the block of texts it unpacked last, so they
// are best read in order. It is for one goroutine.
type MemberReader struct {
	e     *Edition
	block int // number of the unpacked block + 1
	lines [][]byte
}

// MemberReader makes a reader.
func (e *Edition) MemberReader() *MemberReader { return &MemberReader{e: e} }

// Concept is the concept that member i refers to.
func (m *MemberReader) Concept(i int) uint32 { return m.e.memberConcept[i] }

// Module is the module of member i.
func (m *MemberReader) Module(i int) uint64 { return m.e.module(m.e.memberModule[i]) }

// Effective is the effective time of member i, YYYYMMDD as a number.
func (m *MemberReader) Effective(i int) uint32 { return m.e.memberEff[i] }

// Text is column k of member i of a set; nil when it is kept as a concept or missing. It must not be changed.
func (m *MemberReader) Text(r *RefsetRow, i, k int) []byte {
	if r.targeted() {
		return nil
	}
	row := m.e.memberText[m.e.memberTextOff[i]:m.e.memberTextOff[i+1]]
	if r.Packed {
		row = m.unpack(i)
	}
	for ; k > 0; k-- {
		at := bytes.IndexByte(row, '\t')
		if at < 0 {
			return nil
		}
		row = row[at+1:]
	}
	if at := bytes.IndexByte(row, '\t'); at >= 0 {
		row = row[:at]
	}
	return row
}

// Target is the concept that column k of member i of a set names, None when the edition has no such concept.
func (m *MemberReader) Target(r *RefsetRow, i, k int) uint32 {
	if r.targeted() {
		return m.e.memberTarget[i]
	}
	if id, ok := ParseID(string(m.Text(r, i, k))); ok {
		if c, ok := m.e.Concept(id); ok {
			return c
		}
	}
	return None
}
