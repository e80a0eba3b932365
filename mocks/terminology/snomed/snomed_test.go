package snomed

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// small builds an invented hierarchy: 100 ← 110 ← {111, 112}, 100 ← 120, 112 also below 120; 130 is inactive.
func small(t testing.TB) *Edition {
	t.Helper()
	b := NewBuilder()
	for _, id := range []uint64{1000001, 1100001, 1110001, 1120001, 1200001, 1300001, 9000001} {
		b.Concept(id, CoreModule, 20250101, id != 1300001, id == 1110001)
	}
	for _, r := range [][2]uint64{{1100001, 1000001}, {1110001, 1100001}, {1120001, 1100001}, {1200001, 1000001}, {1120001, 1200001}, {9000001, 1000001}} {
		b.Relation(r[0], r[1], IsA, 0)
	}
	b.Relation(1110001, 1200001, 9000001, 1)
	b.ConcreteValue(1110001, 9000001, 2, "#5")
	for i, d := range []struct {
		concept uint64
		lang    string
		typ     uint64
		term    string
		refset  uint64
		pref    bool
	}{
		{1000001, "en", FSN, "Root (root concept)", EnUS, true},
		{1100001, "en", FSN, "Knee disorder (disorder)", EnUS, true},
		{1100001, "en", Synonym, "Disorder of knee", EnUS, true},
		{1100001, "nl", Synonym, "knieaandoening", 31000172101, true},
		{1110001, "en", Synonym, "Knee pain", EnUS, true},
		{1110001, "nl", Synonym, "pijn in knie", 31000172101, false},
		{1110001, "nl", Synonym, "kniepijn", 31000172101, true},
		{1110001, "fr", Synonym, "douleur du genou à gauche", 21000172104, true},
		{1120001, "en", Synonym, "Knee", EnUS, true},
		{1120001, "nl", Synonym, "knie", 31000172101, true},
		{1200001, "en", Synonym, "Œdème site", EnUS, true},
		{1300001, "en", Synonym, "Old knee", EnUS, true},
		{9000001, "en", Synonym, "Has site", EnUS, true},
	} {
		id := uint64(5000010 + i*100)
		if err := b.Description(id, d.concept, d.lang, d.typ, []byte(d.term), CaseInsensitive, 20250101); err != nil {
			t.Fatal(err)
		}
		if err := b.LangMember(d.refset, id, d.pref); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []uint64{1110001, 1300001} {
		if err := b.Member(Row{Shape: b.Shape(Shape{Kind: KindSimple}), Refset: 1200001, Concept: c}); err != nil {
			t.Fatal(err)
		}
	}
	same := b.Shape(Shape{Kind: KindAssociation, Fields: []Field{{Name: "targetComponentId", Type: FieldConcept}}})
	if err := b.Member(Row{Shape: same, Refset: SameAs, Concept: 1300001, Target: 1110001}); err != nil {
		t.Fatal(err)
	}
	e, err := b.Finish(Meta{Module: CoreModule, Date: "20250101", System: "http://snomed.info/sct/900000000000207008/version/20250101"})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func ids(e *Edition, list []uint32) []uint64 {
	var out []uint64
	for _, c := range list {
		out = append(out, e.IDOf(c))
	}
	slices.Sort(out)
	return out
}

func TestAnEditionAnswersTheSameFromMemoryAndFromFile(t *testing.T) {
	t.Parallel()
	built := small(t)
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
		c, ok := e.Concept(1120001)
		if !ok || !slices.Equal(ids(e, e.Ancestors(c)), []uint64{1000001, 1100001, 1200001}) {
			t.Errorf("ancestors of 1120001: got %v", ids(e, e.Ancestors(c)))
		}
		p, _ := e.Concept(1100001)
		if !slices.Equal(ids(e, e.Descendants(p)), []uint64{1110001, 1120001}) || !e.Subsumes(p, c) || e.Subsumes(c, p) {
			t.Errorf("descendants of 1100001: got %v", ids(e, e.Descendants(p)))
		}
		if term, _ := e.Display(p, []uint64{31000172101}); term != "knieaandoening" {
			t.Errorf("Dutch display: got %q", term)
		}
		if term, _ := e.Display(p, []uint64{21000172104}); term != "Disorder of knee" {
			t.Errorf("display without a French term: got %q, want the English one", term)
		}
		x, _ := e.Concept(1110001)
		if r := e.Roles(x); len(r) != 1 || e.IDOf(r[0].Target) != 1200001 || r[0].Group != 1 {
			t.Errorf("roles: got %v", r)
		}
		if v := e.Concretes(x); len(v) != 1 || v[0].Value != "#5" {
			t.Errorf("concrete values: got %v", v)
		}
		r, ok := e.Refset(1200001)
		if !ok || !slices.Equal(ids(e, e.Members(r)), []uint64{1110001, 1300001}) {
			t.Errorf("members: got %v", ids(e, e.Members(r)))
		}
		old, _ := e.Concept(1300001)
		same, _ := e.Refset(SameAs)
		if m := e.MembersOf(same, old); len(m) != 1 || m[0].Target != x {
			t.Errorf("association: got %v", m)
		}
		if _, ok := e.Concept(77); ok {
			t.Error("an unknown identifier was found")
		}
	}
}

func TestSearchRanksAsAClinicianExpects(t *testing.T) {
	t.Parallel()
	e := small(t)
	for _, tc := range []struct {
		name, text string
		langs      []string
		want       []uint64
	}{
		{"the exact and shortest term first", "knie", []string{"nl"}, []uint64{1120001, 1110001, 1100001}},
		{"English is searched beside Dutch", "knee", []string{"nl"}, []uint64{1120001, 1110001, 1100001}},
		{"accents and ligatures do not matter", "oedeme", nil, []uint64{1200001}},
		{"every word begins some word", "gau douleur", []string{"fr"}, []uint64{1110001}},
		{"a language not asked for is not searched", "kniepijn", []string{"fr"}, nil},
		{"inactive concepts are left out", "old", nil, nil},
		{"an identifier finds its concept", "1110001", nil, []uint64{1110001}},
		{"a description identifier finds its concept", "5000610", nil, []uint64{1110001}},
		{"the semantic tag is not searched", "root concept", nil, nil},
		{"nothing to search for", " - ", nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, within := range []Set{nil, e.ActiveSet()} {
				hits, total := e.Search(Query{Text: tc.text, Languages: tc.langs, Within: within, Limit: -1})
				var got []uint64
				for _, h := range hits {
					got = append(got, e.IDOf(h.Concept))
				}
				if !slices.Equal(got, tc.want) || total != len(tc.want) {
					t.Errorf("got %v (total %d), want %v", got, total, tc.want)
				}
				if len(tc.want) > 1 {
					one, total := e.Search(Query{Text: tc.text, Languages: tc.langs, Within: within, Skip: 1, Limit: 1})
					if len(one) != 1 || e.IDOf(one[0].Concept) != tc.want[1] || total != len(tc.want) {
						t.Errorf("second page: got %v (total %d)", one, total)
					}
				}
			}
		})
	}
}

func TestConceptsComeInAlphabeticalOrderOfWhatIsShown(t *testing.T) {
	t.Parallel()
	e := small(t)
	var got []string
	e.ByDisplay(e.ActiveSet(), []uint64{31000172101}, func(c uint32) bool {
		s, _ := e.Display(c, []uint64{31000172101})
		got = append(got, s)
		return true
	})
	want := []string{"Has site", "knie", "knieaandoening", "kniepijn", "Œdème site", "Root"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestACircleIsRefused(t *testing.T) {
	t.Parallel()
	b := NewBuilder()
	b.Concept(1000001, 1, 1, true, false)
	b.Concept(1100001, 1, 1, true, false)
	b.Relation(1000001, 1100001, IsA, 0)
	b.Relation(1100001, 1000001, IsA, 0)
	if _, err := b.Finish(Meta{}); err == nil {
		t.Error("a circle was accepted")
	}
}

func TestADamagedFileIsRefused(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "e.snomed")
	if err := small(t).WriteFile(name); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		mem  []byte
	}{
		{"empty", nil}, {"no edition", []byte("hello, this is no edition file at all, but it is long enough to hold a header")},
		{"cut short", whole[:len(whole)-9]}, {"another format", append([]byte(magic+"\x09"), whole[9:]...)},
		{"a damaged directory", append(append(slices.Clone(whole[:100]), 'x'), whole[101:]...)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, err := fromMemory(tc.mem); !errors.Is(err, ErrFormat) {
				t.Errorf("got %v, want ErrFormat", err)
			}
		})
	}
}

func TestCheckDigits(t *testing.T) {
	t.Parallel()
	for id, want := range map[uint64]bool{22298006: true, 138875005: true, 900000000000207008: true, 11000172109: true, 22253001: false, 22298007: false} {
		if got := CheckDigit(id); got != want {
			t.Errorf("%d: got %v", id, got)
		}
	}
	if got := WithCheckDigit(2229800); got != 22298006 {
		t.Errorf("got %d", got)
	}
	if Kind(22298006) != KindConcept || Kind(11000172109) != KindConcept || Kind(900000000000207018) == KindRelationship {
		t.Error("partition misread")
	}
}
