package snomed

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Shape is what the members of one release file have in common.
type Shape struct {
	Kind     string
	Fields   []Field // columns after referencedComponentId
	Packed   bool    // the texts are long: keep them compressed
	Unlisted bool    // the set is about the terminology itself; it is found by its identifier and not listed
}

// Row is a member that refers to a concept.
type Row struct {
	Shape     int // from Builder.Shape
	Refset    uint64
	Concept   uint64
	Target    uint64 // association target or attribute value; 0 when there is none
	Module    uint64
	Effective uint32
	Inactive  bool
	Text      []byte // the columns after referencedComponentId, tab separated; copied
}

type memberRow struct {
	refset, concept, target uint64
	off, size, eff          uint32
	shape                   uint16
	module                  byte
	inactive                bool
}

// Shape makes a shape known and gives its number.
func (b *Builder) Shape(s Shape) int {
	same := func(o Shape) bool {
		return o.Kind == s.Kind && o.Packed == s.Packed && o.Unlisted == s.Unlisted && slices.Equal(o.Fields, s.Fields)
	}
	if i := slices.IndexFunc(b.shapes, same); i >= 0 {
		return i
	}
	b.shapes = append(b.shapes, s)
	return len(b.shapes) - 1
}

// Member adds a member, active or not.
func (b *Builder) Member(r Row) error {
	if len(b.texts)+len(r.Text) > 1<<32-1 {
		return fmt.Errorf("reference set %d: the texts of the members of this release are too long", r.Refset)
	}
	if r.Shape > 1<<16-1 {
		return fmt.Errorf("reference set %d: more than %d forms of members", r.Refset, 1<<16)
	}
	m, err := b.module(r.Module)
	if err != nil {
		return err
	}
	b.members = append(b.members, memberRow{refset: r.Refset, concept: r.Concept, target: r.Target, off: uint32(len(b.texts)), size: uint32(len(r.Text)),
		eff: r.Effective, shape: uint16(r.Shape), module: m, inactive: r.Inactive})
	b.texts = append(b.texts, r.Text...)
	return nil
}

// module numbers the modules.
func (b *Builder) module(id uint64) (byte, error) {
	if b.lastModule < len(b.modules) && b.modules[b.lastModule] == id {
		return byte(b.lastModule), nil
	}
	i := slices.Index(b.modules, id)
	if i < 0 {
		if i = len(b.modules); i > 255 {
			return 0, fmt.Errorf("module %d: more than 256 of them", id)
		}
		b.modules = append(b.modules, id)
	}
	b.lastModule = i
	return byte(i), nil
}

// refsets orders the members by reference set, the active ones first, and concept.
func (b *Builder) refsets(e *Edition) {
	type row struct {
		concept, target uint32
		*memberRow
	}
	rows := make([]row, 0, len(b.members))
	missing := 0
	for i := range b.members {
		m := &b.members[i]
		c, ok := e.Concept(m.concept)
		if !ok {
			missing++
			continue
		}
		t := None
		if m.target != 0 {
			if x, ok := e.Concept(m.target); ok {
				t = x
			}
		}
		rows = append(rows, row{c, t, m})
	}
	if missing > 0 {
		b.Report("%d reference set members name an unknown concept", missing)
	}
	slices.SortStableFunc(rows, func(x, y row) int {
		if d := cmp.Compare(x.refset, y.refset); d != 0 || x.inactive == y.inactive {
			return cmp.Or(d, cmp.Compare(x.concept, y.concept), cmp.Compare(x.target, y.target))
		}
		if y.inactive {
			return -1
		}
		return 1
	})
	e.Refsets, e.Unlisted = nil, nil
	n := len(rows)
	e.memberConcept, e.memberTarget, e.memberEff, e.memberModule = make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]byte, n)
	e.memberTextOff, e.packOff = make([]uint32, n+1), []uint32{0}
	pack := packer{e: e}
	for from := 0; from < n; {
		to, active := from, from
		for ; to < n && rows[to].refset == rows[from].refset; to++ {
			if !rows[to].inactive {
				active = to + 1
			}
		}
		shape := b.shapeOf(rows[from].refset, func(f func(shape uint16)) {
			for _, r := range rows[from:to] {
				f(r.shape)
			}
		})
		s := b.shapes[shape]
		set := RefsetRow{ID: rows[from].refset, Kind: s.Kind, Fields: s.Fields, Packed: s.Packed, From: from, To: active, End: to}
		if s.Unlisted || active == from {
			e.Unlisted = append(e.Unlisted, set)
		} else {
			e.Refsets = append(e.Refsets, set)
		}
		for i, r := range rows[from:to] {
			i += from
			e.memberConcept[i], e.memberTarget[i], e.memberEff[i], e.memberModule[i] = r.concept, r.target, r.eff, r.module
			text := b.texts[r.off : r.off+r.size]
			if r.shape != shape {
				text = nil // columns of another form would be misread
			}
			if s.Packed {
				pack.add(i, text)
			} else {
				e.memberText = append(e.memberText, text...)
			}
			e.memberTextOff[i+1] = uint32(len(e.memberText))
		}
		pack.flush()
		from = to
	}
	b.members, b.texts = nil, nil
}

// shapeOf chooses the form of a reference set whose rows may come from several files: the first one with columns of its own.
func (b *Builder) shapeOf(refset uint64, each func(func(shape uint16))) uint16 {
	var found []uint16
	each(func(s uint16) {
		if !slices.Contains(found, s) {
			found = append(found, s)
		}
	})
	slices.Sort(found)
	for _, s := range found {
		if len(b.shapes[s].Fields) == 0 {
			continue
		}
		if len(found) > 1 {
			b.Report("reference set %d has members of %d forms; only the columns %s are kept", refset, len(found), names(b.shapes[s].Fields))
		}
		return s
	}
	return found[0]
}

func names(fields []Field) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return strings.Join(out, ", ")
}
