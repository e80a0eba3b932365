package snomed

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// crowded has 3000 concepts, each with a long text in a packed set and a row in a map, every tenth inactive there.
func crowded(t testing.TB) *Edition {
	t.Helper()
	b := NewBuilder()
	owl := b.Shape(Shape{Kind: KindSimple, Fields: []Field{{"owlExpression", FieldText}}, Packed: true, Unlisted: true})
	maps := b.Shape(Shape{Kind: KindMap, Fields: []Field{{"mapTarget", FieldText}}})
	for i := range uint64(3000) {
		id := (100000+i)*100 + 1
		b.Concept(id, CoreModule, 20250101, true, false)
		if i > 0 {
			b.Relation(id, 10000001, IsA, 0)
		}
		for _, r := range []Row{
			{Shape: owl, Refset: 10000101, Concept: id, Module: CoreModule, Text: fmt.Appendf(nil, "%d %s", id, strings.Repeat("x", int(i%300)))},
			{Shape: maps, Refset: 10000201, Concept: id, Module: ModelModule, Effective: 20240000 + uint32(i), Inactive: i%10 == 3, Text: fmt.Appendf(nil, "T%d", i)},
		} {
			if err := b.Member(r); err != nil {
				t.Fatal(err)
			}
		}
		b.Identifier(10000301, id, fmt.Appendf(nil, "%d-%d", i%10, i))
	}
	e, err := b.Finish(Meta{Module: CoreModule})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestMembersKeepTheirColumns(t *testing.T) {
	t.Parallel()
	built := crowded(t)
	name := filepath.Join(t.TempDir(), "e.snomed")
	if err := built.WriteFile(name); err != nil {
		t.Fatal(err)
	}
	opened, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	for _, e := range []*Edition{built, opened} {
		if len(e.Refsets) != 1 || len(e.Unlisted) != 1 || len(e.packFirst) < 3 {
			t.Fatalf("%d sets, %d unlisted, %d blocks", len(e.Refsets), len(e.Unlisted), len(e.packFirst))
		}
		r, m := e.MemberReader(), &e.Refsets[0]
		if len(e.Members(m)) != 2700 || m.End-m.To != 300 {
			t.Errorf("%d active members, %d inactive", len(e.Members(m)), m.End-m.To)
		}
		for i := m.From; i < m.End; i++ {
			n := (e.IDOf(r.Concept(i)) - 10000001) / 100
			if got := string(r.Text(m, i, 0)); got != fmt.Sprintf("T%d", n) || r.Effective(i) != 20240000+uint32(n) || r.Module(i) != ModelModule || (n%10 == 3) != (i >= m.To) {
				t.Fatalf("member %d of concept %d: %q, %d, module %d", i, n, got, r.Effective(i), r.Module(i))
			}
		}
		owl, ok := e.Refset(10000101)
		if !ok || !owl.Packed {
			t.Fatal("the packed set is not found by its identifier")
		}
		for i := owl.End - 1; i >= owl.From; i -= 7 {
			id := e.IDOf(r.Concept(i))
			want := fmt.Sprintf("%d %s", id, strings.Repeat("x", int((id/100-100000)%300)))
			if got := string(r.Text(owl, i, 0)); got != want || r.Text(owl, i, 1) != nil {
				t.Fatalf("text of %d: got %q, want %q", id, got, want)
			}
		}
		if c, _ := e.Concept(10000401); len(e.ByIdentifier(e.Schemes[0], "4-4")) != 1 || e.ByIdentifier(e.Schemes[0], "4-4")[0] != c || len(e.ByIdentifier(e.Schemes[0], "4")) != 0 {
			t.Error("the alternate identifiers are out of order")
		}
	}
}

func TestDamagedBlocksHaveNoTexts(t *testing.T) {
	t.Parallel()
	e := crowded(t)
	for i := range e.packText {
		e.packText[i] ^= 0x5a
	}
	owl, _ := e.Refset(10000101)
	r := e.MemberReader()
	for i := owl.From; i < owl.End; i += 100 {
		_ = r.Text(owl, i, 0)
	}
}

func TestMembersOfOneSetInTwoFormsAreReported(t *testing.T) {
	t.Parallel()
	b := NewBuilder()
	var said []string
	b.Report = func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	b.Concept(10000001, CoreModule, 20250101, true, false)
	for _, field := range []string{"mapTarget", "annotation"} {
		shape := b.Shape(Shape{Kind: KindSimple, Fields: []Field{{field, FieldText}}})
		if err := b.Member(Row{Shape: shape, Refset: 10000101, Concept: 10000001, Text: []byte(field)}); err != nil {
			t.Fatal(err)
		}
	}
	e, err := b.Finish(Meta{})
	if err != nil {
		t.Fatal(err)
	}
	r := e.MemberReader()
	if len(said) != 1 || !strings.Contains(said[0], "2 forms") || string(r.Text(&e.Refsets[0], 0, 0)) != "mapTarget" || string(r.Text(&e.Refsets[0], 1, 0)) != "" {
		t.Errorf("said %q, kept %q and %q", said, r.Text(&e.Refsets[0], 0, 0), r.Text(&e.Refsets[0], 1, 0))
	}
}
