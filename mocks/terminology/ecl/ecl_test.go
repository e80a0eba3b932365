package ecl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// world is an invented hierarchy. 100 is the root, 110 disorders, 111 and 112 below it, 113 below 111; 120 sites, 121 below it, 122 below
// 121; 130 attributes: 131 site, 132 laterality, 133 count; 140 is a reference set of 111 and the inactive 150; 151 replaced 150.
func world(t testing.TB) *snomed.Edition {
	t.Helper()
	b := snomed.NewBuilder()
	for _, id := range []uint64{100000, 110000, 111000, 112000, 113000, 120000, 121000, 122000, 130000, 131000, 132000, 133000, 140000, 150000} {
		b.Concept(id, snomed.CoreModule, 20240101+uint32(id%7), id != 150000, id == 113000)
	}
	for c, p := range map[uint64]uint64{110000: 100000, 111000: 110000, 112000: 110000, 113000: 111000, 120000: 100000, 121000: 120000, 122000: 121000,
		130000: 100000, 131000: 130000, 132000: 130000, 133000: 130000, 140000: 100000} {
		b.Relation(c, p, snomed.IsA, 0)
	}
	b.Relation(111000, 121000, 131000, 1)
	b.Relation(111000, 120000, 132000, 1)
	b.Relation(112000, 122000, 131000, 1)
	b.Relation(112000, 120000, 132000, 2)
	b.Relation(113000, 122000, 131000, 0)
	b.Relation(113000, 121000, 131000, 0)
	b.ConcreteValue(113000, 133000, 1, "#5")
	b.ConcreteValue(112000, 133000, 1, `"left"`)
	for i, term := range map[uint64]string{111000: "Knee pain", 112000: "Épaule", 113000: "Knee pain, left"} {
		if err := b.Description(i*10+1, i, "en", snomed.Synonym, []byte(term), snomed.CaseInsensitive, 20240101); err != nil {
			t.Fatal(err)
		}
		if err := b.LangMember(snomed.EnUS, i*10+1, true); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []uint64{111000, 150000} {
		if err := b.Member("simple", 140000, c, 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Member("association", snomed.SameAs, 150000, 112000, nil); err != nil {
		t.Fatal(err)
	}
	e, err := b.Finish(snomed.Meta{System: "http://snomed.info/sct/1/version/1"})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	e := world(t)
	for _, tc := range []struct {
		ecl  string
		want []uint64
	}{
		{"111000", []uint64{111000}},
		{" 111000 |Knee pain| ", []uint64{111000}},
		{"<< 110000", []uint64{110000, 111000, 112000, 113000}},
		{"descendantOrSelfOf 110000", []uint64{110000, 111000, 112000, 113000}},
		{"< 110000", []uint64{111000, 112000, 113000}},
		{"<! 110000", []uint64{111000, 112000}},
		{"<<! 110000", []uint64{110000, 111000, 112000}},
		{"> 113000", []uint64{100000, 110000, 111000}},
		{">> 113000", []uint64{100000, 110000, 111000, 113000}},
		{">! 113000", []uint64{111000}},
		{">>! 113000", []uint64{111000, 113000}},
		{"ParentOf 113000", []uint64{111000}},
		{"^ 140000", []uint64{111000, 150000}},
		{"^140000 AND << 110000", []uint64{111000}},
		{"<< 110000 MINUS << 111000", []uint64{110000, 112000}},
		{"111000 OR 112000 or 113000", []uint64{111000, 112000, 113000}},
		{"<< 110000 , << 111000", []uint64{111000, 113000}},
		{"<< 110000 /* all */ AND (111000 OR 120000)", []uint64{111000}},
		{"150000", nil},
		{"<< 110000 : 131000 = 121000", []uint64{111000, 113000}},
		{"<< 110000 : 131000 = << 121000", []uint64{111000, 112000, 113000}},
		{"<< 110000 : 131000 = << 121000, 132000 = *", []uint64{111000, 112000}},
		{"<< 110000 : { 131000 = << 121000, 132000 = * }", []uint64{111000}},
		{"<< 110000 : * = 122000", []uint64{112000, 113000}},
		{"<< 110000 : << 130000 = 122000", []uint64{112000, 113000}},
		{"<< 110000 : 131000 != 121000", []uint64{112000, 113000}},
		{"<< 110000 : 131000 = 121000 OR 132000 = 120000", []uint64{111000, 112000, 113000}},
		{"<< 110000 : [2..*] 131000 = *", []uint64{113000}},
		{"<< 110000 : [0..0] 132000 = *", []uint64{110000, 113000}},
		{"<< 110000 : [1..1] { 131000 = * }", []uint64{111000, 112000}},
		{"<< 120000 : R 131000 = 112000", []uint64{122000}},
		{"<< 110000 . 131000", []uint64{121000, 122000}},
		{"<< 110000 : 133000 = #5", []uint64{113000}},
		{"<< 110000 : 133000 > #4.5", []uint64{113000}},
		{"<< 110000 : 133000 >= #6", nil},
		{`<< 110000 : 133000 = "left"`, []uint64{112000}},
		{"!!> (<< 111000)", []uint64{111000}},
		{"!!< (<< 110000)", []uint64{112000, 113000}},
		{"<< 110000 {{ C definitionStatus = defined }}", []uint64{113000}},
		{`<< 110000 {{ term = "kne pai" }}`, []uint64{111000, 113000}},
		{`<< 110000 {{ D term = wild:"epau*" }}`, []uint64{112000}},
		{`<< 110000 {{ term = "knee", dialect = en-us(prefer) }}`, []uint64{111000, 113000}},
		{"112000 {{ + HISTORY-MIN }}", []uint64{112000, 150000}},
		{"112000 {{ +HISTORY }}", []uint64{112000, 150000}},
		{"* {{ C active = false }}", []uint64{150000}},
		{"(<< 110000 : 131000 = 122000) MINUS 113000", []uint64{112000}},
		{"<< 110000 : (131000 = 121000)", []uint64{111000, 113000}},
		{"<< 110000 : (131000 OR 132000) = 121000", []uint64{111000, 113000}},
	} {
		t.Run(tc.ecl, func(t *testing.T) {
			t.Parallel()
			n, err := Parse(tc.ecl)
			if err != nil {
				t.Fatal(err)
			}
			set, err := Evaluate(context.Background(), n, e)
			if err != nil {
				t.Fatal(err)
			}
			var got []uint64
			for _, c := range set.List() {
				got = append(got, e.IDOf(c))
			}
			slices.Sort(got)
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestErrorsNameTheColumn(t *testing.T) {
	t.Parallel()
	e := world(t)
	for _, tc := range []struct {
		name, ecl   string
		column      int
		text        string
		unsupported bool
	}{
		{"AND mixed with OR", "111000 AND 112000 OR 113000", 19, "may not be mixed", false},
		{"AND mixed with OR in a refinement", "111000 : 131000 = 1210000, 132000 = 121000 OR 131000 = 121000", 44, "may not be mixed", false},
		{"a second MINUS", "111000 MINUS 112000 MINUS 113000", 21, "two operands", false},
		{"nothing", "", 1, "expected a concept", false},
		{"an operator without focus", "<< ", 4, "expected a concept", false},
		{"an open bracket", "(<< 111000", 11, "is open", false},
		{"a bracket too many", "<< 111000)", 10, "closes nothing", false},
		{"an open term", "111000 |Knee", 8, "no closing |", false},
		{"a short identifier", "<< 12", 4, "no SNOMED CT identifier", false},
		{"a comment without end", "111000 /* x", 8, "comment has no end", false},
		{"an unknown concept", "<< 999999", 4, "does not exist", false},
		{"a refinement in a compound", "111000 AND 112000 : 131000 = *", 19, "needs brackets", false},
		{"no comparison", "111000 : 131000", 16, "expected a comparison", false},
		{"a bad cardinality", "111000 : [2..1] 131000 = *", 10, "can never hold", false},
		{"a member filter", "^ 140000 {{ M targetComponentId = 111000 }}", 10, "member filter", true},
		{"field selection", "^ [targetComponentId] 140000", 3, "member fields", true},
		{"accents count as one", "é", 1, "expected a concept", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			n, err := Parse(tc.ecl)
			if err == nil {
				_, err = Evaluate(context.Background(), n, e)
			}
			var x *Error
			if !errors.As(err, &x) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if x.Column != tc.column || !strings.Contains(x.Text, tc.text) || x.Unsupported != tc.unsupported {
				t.Errorf("got %+v, want column %d and %q", x, tc.column, tc.text)
			}
		})
	}
}

func TestBoundsAreKept(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]string{
		"length": strings.Repeat(" ", 10001), "depth": strings.Repeat("(", 100) + "111000", "operands": "111000" + strings.Repeat(" OR 111000", 101),
	} {
		if _, err := Parse(s); err == nil {
			t.Errorf("%s: an expression beyond the bound was read", name)
		}
	}
}

func FuzzParseNeverPanics(f *testing.F) {
	for _, s := range []string{"<< 110000 : { 131000 = << 121000 }", "^ 140000 {{ + HISTORY-MAX }}", `* {{ term = ("a" wild:"b*") }}`, "((((", "111000 : [1..*] R 131000 != \"x\"", "é|"} {
		f.Add(s)
	}
	e := world(f)
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Parse(s)
		if err != nil {
			var x *Error
			if !errors.As(err, &x) || x.Column < 1 {
				t.Fatalf("%q: %v has no column", s, err)
			}
			return
		}
		if _, err := Evaluate(context.Background(), n, e); err != nil {
			var x *Error
			if !errors.As(err, &x) {
				t.Fatalf("%q: %v", s, err)
			}
		}
	})
}
