package ecl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// shelf is an invented edition with reference sets of every form: 200 is the root, 210 to 214 below it, 219 inactive. 300 is a map,
// SAME AS an association with a member of the past, 310 a set with columns of its own, 320 one whose members are all inactive, 330 holds
// axioms, 340 is a scheme of identifiers; 401 and 402 are modules.
func shelf(t testing.TB) *snomed.Edition {
	t.Helper()
	b := snomed.NewBuilder()
	ids := []uint64{200000, 210000, 211000, 212000, 213000, 214000, 219000, 300000, 310000, 320000, 330000, 340000, 401000, 402000, snomed.SameAs, snomed.EnUS}
	for _, id := range ids {
		b.Concept(id, 401000, 20240101, id != 219000, false)
		if id != 200000 && id != 219000 {
			b.Relation(id, 200000, snomed.IsA, 0)
		}
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(b.Description(3400001, 340000, "en", snomed.FSN, []byte("Laboratory Codes (identifier scheme)"), snomed.CaseInsensitive, 20240101))
	must(b.ModuleDescription(402000, 2110001, 211000, "en", snomed.Synonym, []byte("One"), snomed.CaseInsensitive, 20240101))
	fields := func(s string) (out []snomed.Field) {
		for f := range strings.FieldsSeq(s) {
			typ, name, _ := strings.Cut(f, ":")
			out = append(out, snomed.Field{Name: name, Type: typ})
		}
		return out
	}
	maps := b.Shape(snomed.Shape{Kind: snomed.KindMap, Fields: fields("i:mapGroup i:mapPriority s:mapRule s:mapAdvice s:mapTarget c:correlationId")})
	same := b.Shape(snomed.Shape{Kind: snomed.KindAssociation, Fields: fields("c:targetComponentId")})
	own := b.Shape(snomed.Shape{Kind: snomed.KindSimple, Fields: fields("c:attributeId i:grouped s:sourceEffectiveTime")})
	owl := b.Shape(snomed.Shape{Kind: snomed.KindSimple, Fields: fields("s:owlExpression"), Packed: true, Unlisted: true})
	plain := b.Shape(snomed.Shape{Kind: snomed.KindSimple})
	for _, r := range []snomed.Row{
		{Shape: maps, Refset: 300000, Concept: 211000, Module: 401000, Effective: 20230101, Text: []byte("1\t1\tTRUE\tALWAYS J45.0\tJ45.0\t401000")},
		{Shape: maps, Refset: 300000, Concept: 211000, Module: 401000, Effective: 20240701, Text: []byte("2\t1\tIFA 248152002\tIF FEMALE CHOOSE J45.9\tJ45.9\t402000")},
		{Shape: maps, Refset: 300000, Concept: 212000, Module: 402000, Effective: 20240101, Text: []byte("1\t2\tTRUE\tALWAYS J45.9\tJ45.9\t401000")},
		{Shape: maps, Refset: 300000, Concept: 213000, Module: 402000, Effective: 20240101, Inactive: true, Text: []byte("1\t1\tTRUE\tALWAYS K20\tK20\t401000")},
		{Shape: same, Refset: snomed.SameAs, Concept: 219000, Target: 212000, Module: 401000, Effective: 20240101},
		{Shape: same, Refset: snomed.SameAs, Concept: 219000, Target: 213000, Module: 401000, Effective: 20240101, Inactive: true},
		{Shape: own, Refset: 310000, Concept: 214000, Module: 401000, Text: []byte("211000\t1\t20240301")},
		{Shape: own, Refset: 310000, Concept: 213000, Module: 401000, Text: []byte("219000\t0\t20220301")},
		{Shape: own, Refset: 310000, Concept: 212000, Module: 401000, Text: []byte("999999\t0\t")},
		{Shape: plain, Refset: 320000, Concept: 214000, Module: 401000, Inactive: true},
		{Shape: owl, Refset: 330000, Concept: 212000, Module: 401000, Text: []byte("SubClassOf(:212000 :200000)")},
		{Shape: owl, Refset: 330000, Concept: 211000, Module: 401000, Text: []byte("EquivalentClasses(:211000 :210000)")},
	} {
		must(b.Member(r))
	}
	b.Identifier(340000, 211000, []byte("54486-6"))
	b.Identifier(340000, 212000, []byte("a b/c"))
	b.Identifier(705114005, 213000, []byte("1-8"))
	e, err := b.Finish(snomed.Meta{System: "http://snomed.info/sct/1/version/1"})
	must(err)
	return e
}

func TestMembersAreFilteredByTheirFields(t *testing.T) {
	t.Parallel()
	e := shelf(t)
	for _, tc := range []struct {
		ecl  string
		want []uint64
	}{
		{"^ 300000", []uint64{211000, 212000}},
		{`^ 300000 {{ M mapTarget = "J45" }}`, []uint64{211000, 212000}},
		{`^ 300000 {{ M mapTarget = "J45.0" }}`, []uint64{211000}},
		{`^ 300000 {{ M mapTarget = wild:"J45" }}`, nil},
		{`^ 300000 {{ M mapTarget = wild:"j45.*" }}`, []uint64{211000, 212000}},
		{`^ 300000 {{ M mapTarget = exact:"J45.9" }}`, []uint64{211000, 212000}},
		{`^ 300000 {{ M mapTarget = (wild:"*.0" exact:"x") }}`, []uint64{211000}},
		{`^ 300000 {{ M mapTarget != "J45.9" }}`, []uint64{211000}},
		{`^ 300000 {{ m MAPTARGET = match : "J45" }}`, []uint64{211000, 212000}},
		{`^ 300000 {{ M mapAdvice = "female" }}`, []uint64{211000}},
		{`^ 300000 {{ M mapRule = "true", mapTarget = "J45.9" }}`, []uint64{212000}},
		{`^ 300000 {{ M mapGroup = #2, mapPriority = #1, mapTarget = "J45.9" }}`, []uint64{211000}},
		{"^ 300000 {{ M mapGroup != #2, mapPriority < #2 }}", []uint64{211000}},
		{"^ 300000 {{ M mapPriority >= #2 }}", []uint64{212000}},
		{"^ 300000 {{ M mapGroup = #1 }} {{ M mapPriority = #1 }}", []uint64{211000}},
		{"^ 300000 {{ M correlationId = 402000 }}", []uint64{211000}},
		{"^ 300000 {{ M correlationId != 402000 }}", []uint64{211000, 212000}},
		{"^ 300000 {{ M correlationId = (401000 402000) }}", []uint64{211000, 212000}},
		{"^ 300000 {{ M moduleId = 402000 }}", []uint64{212000}},
		{"^ 300000 {{ M moduleId != (402000 401000) }}", nil},
		{`^ 300000 {{ M effectiveTime >= "20240101" }}`, []uint64{211000, 212000}},
		{`^ 300000 {{ M effectiveTime > "20240101" }}`, []uint64{211000}},
		{`^ 300000 {{ M effectiveTime = ("20230101" "20240101") }}`, []uint64{211000, 212000}},
		{"^ 300000 {{ M active = 1 }}", []uint64{211000, 212000}},
		{"^ 300000 {{ M active = 0 }}", []uint64{213000}},
		{`^ 300000 {{ M active = "false", mapTarget = "K20" }}`, []uint64{213000}},
		{"^ 300000 {{ M active != true }}", []uint64{213000}},
		{"^ 300000 {{ M active = * }}", []uint64{211000, 212000, 213000}},
		{`^ 300000 {{ M mapTarget = "K20" }}`, nil},
		{"^ 300000 {{ M referencedComponentId = 212000 }}", []uint64{212000}},
		{"^ 300000 {{ M referencedComponentId = << 200000, mapGroup = #2 }}", []uint64{211000}},
		{"^ 320000", nil},
		{"^ 320000 {{ M active = 0 }}", []uint64{214000}},
		{"^ 900000000000527005 {{ M targetComponentId = << 212000 }}", []uint64{219000}},
		{"^ 900000000000527005 {{ M targetComponentId = 213000 }}", nil},
		{"^ 900000000000527005 {{ M targetComponentId = 213000, active = 0 }}", []uint64{219000}},
		{"^ 900000000000527005 {{ M targetComponentId = 212000 }} {{ C active = 1 }}", nil},
		{"^ 900000000000527005 {{ M targetComponentId = 212000 }} {{ C active = 0 }}", []uint64{219000}},
		{"^ 310000 {{ M attributeId = 211000 }}", []uint64{214000}},
		{"^ 310000 {{ M attributeId = 219000 }}", []uint64{213000}},
		{"^ 310000 {{ M attributeId = * }}", []uint64{213000, 214000}},
		{"^ 310000 {{ M attributeId != * }}", []uint64{212000}},
		{"^ 310000 {{ M grouped = true }}", []uint64{214000}},
		{"^ 310000 {{ M grouped != true }}", []uint64{212000, 213000}},
		{`^ 310000 {{ M sourceEffectiveTime >= "20230101" }}`, []uint64{214000}},
		{"^ 330000", []uint64{211000, 212000}},
		{`^ 330000 {{ M owlExpression = wild:"SubClassOf*" }}`, []uint64{212000}},
		{`^ 330000 {{ M owlExpression = "210000" }}`, []uint64{211000}},
		{"^ (300000 OR 310000) {{ M mapGroup = #2 }}", []uint64{211000}},
		{"^ * {{ M mapGroup = #2 }}", []uint64{211000}},
		{"^ * {{ M active = 0 }}", []uint64{213000, 214000, 219000}},
		{"> ^ 300000 {{ M mapGroup = #2 }}", []uint64{200000}},
		{"<< 200000 {{ D moduleId = 402000 }}", []uint64{211000}},
		{"<< 200000 {{ D moduleId != 402000 }}", []uint64{340000}},

		{"^ [targetComponentId] 900000000000527005", []uint64{212000}},
		{"^ [ targetComponentId ] 900000000000527005 {{ M referencedComponentId = 219000 }}", []uint64{212000}},
		{"^ [targetComponentId] 900000000000527005 {{ M active = * }}", []uint64{212000, 213000}},
		{"memberOf [attributeId] 310000", []uint64{211000, 219000}},
		{"^ [referencedComponentId] 310000", []uint64{212000, 213000, 214000}},
		{"^ [correlationId] 300000 {{ M mapGroup = #2 }}", []uint64{402000}},
		{"^ [moduleId] 300000 AND 402000", []uint64{402000}},
		{"^ [refsetId] *", []uint64{300000, 310000, snomed.SameAs}},
		{"> ^ [targetComponentId] 900000000000527005", []uint64{200000}},
		{"^ 900000000000527005 {{ M targetComponentId = ^ [targetComponentId] 900000000000527005 }}", []uint64{219000}},

		{"340000#54486-6", []uint64{211000}},
		{"<< 340000#54486-6 |One|", []uint64{211000}},
		{`"Laboratory Codes#54486-6"`, []uint64{211000}},
		{`"laboratory codes#a b/c" OR LOINC#1-8`, []uint64{212000, 213000}},
		{`340000#"a b/c"`, []uint64{212000}},
		{"loinc#1-8", []uint64{213000}},
		{"http://loinc.org#1-8", []uint64{213000}},
		{`705114005#"1-8" |a term|`, []uint64{213000}},
		{"> LOINC#1-8 {{ C active = 1 }}", []uint64{200000}},
	} {
		t.Run(tc.ecl, func(t *testing.T) {
			t.Parallel()
			if got, err := answer(e, tc.ecl); err != nil || !slices.Equal(got, tc.want) {
				t.Errorf("got %v (%v), want %v", got, err, tc.want)
			}
		})
	}
}

func TestMemberErrorsNameTheColumn(t *testing.T) {
	t.Parallel()
	e := shelf(t)
	for _, tc := range []struct {
		name, ecl string
		column    int
		text      string
		flag      string // unsupported, unknown
	}{
		{"a field nobody has", `^ 300000 {{ M mapTargets = "x" }}`, 15, "there is referencedComponentId, mapGroup", ""},
		{"a text for concepts", `^ 300000 {{ M correlationId = "x" }}`, 31, "holds concepts", ""},
		{"a number for concepts", "^ 300000 {{ M referencedComponentId = #1 }}", 39, "holds concepts", ""},
		{"a text for numbers", `^ 300000 {{ M mapGroup = "1" }}`, 26, "holds numbers: compare it with #5", ""},
		{"a bare number", "^ 300000 {{ M mapGroup = 1 }}", 26, "written with # (#1)", ""},
		{"concepts for texts", "^ 300000 {{ M mapTarget = 211000 }}", 27, "holds texts", ""},
		{"less than a concept", "^ 300000 {{ M correlationId < 211000 }}", 31, "compares numbers", ""},
		{"less than a text", `^ 300000 {{ M mapTarget < "J45" }}`, 27, "YYYYMMDD", ""},
		{"an unknown concept", "^ 300000 {{ M correlationId = << 999999 }}", 34, "does not exist", "unknown"},
		{"no comparison", "^ 300000 {{ M mapGroup #1 }}", 24, "expected a comparison", ""},
		{"a member filter without ^", "<< 300000 {{ M mapGroup = #1 }}", 11, "needs ^", ""},
		{"a member filter behind ^R", "^R 211000 {{ M active = 1 }}", 11, "^R", "unsupported"},
		{"a member filter behind another", "^ 300000 {{ C active = 1 }} {{ M mapGroup = #1 }}", 29, "stands before", ""},
		{"several fields", "^ [referencedComponentId, mapTarget] 300000", 27, "select one field", "unsupported"},
		{"all fields", "^ [*] 300000", 4, "select one field", "unsupported"},
		{"a field of texts", "^ [mapTarget] 300000", 4, "holds no concepts", "unsupported"},
		{"a field of texts inside", "211000 AND (^ [mapTarget] 300000)", 16, "holds no concepts", "unsupported"},
		{"a field nobody has selected", "^ [target] 300000", 4, "no field", ""},
		{"no field", "^ [] 300000", 4, "expected the name of a field", ""},
		{"an open field", "^ [moduleId 300000", 13, "expected ]", ""},
		{"an identifier nobody has", "LOINC#2-8", 1, "LOINC#2-8 does not exist", "unknown"},
		{"a scheme nobody knows", "<< UCUM#m", 4, "340000 |Laboratory Codes|, 705114005", "unknown"},
		{"a scheme without identifier", "LOINC# ", 7, "expected an identifier after LOINC#", ""},
		{"a quoted text that is no identifier", `<< "LOINC"`, 4, "expected an alternate identifier", ""},
		{"an identifier in a compound", "211000 OR 340000#none", 11, "does not exist", "unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := answer(e, tc.ecl)
			var x *Error
			if !errors.As(err, &x) {
				t.Fatalf("got %v, want an *Error", err)
			}
			want := strings.Replace(tc.text, "no field", "has a field", 1)
			if x.Column != tc.column || !strings.Contains(x.Text, want) || x.Unsupported != (tc.flag == "unsupported") || x.UnknownID != (tc.flag == "unknown") {
				t.Errorf("got %+v, want column %d, %q and %q", x, tc.column, want, tc.flag)
			}
		})
	}
}

func TestWalkVisitsTheExpressionsOfFilters(t *testing.T) {
	t.Parallel()
	n, err := Parse("^ 300000 {{ M correlationId = 401000 }} {{ D dialectId = (402000) (prefer) }} {{ + HISTORY (310000) }}")
	if err != nil {
		t.Fatal(err)
	}
	var got []uint64
	Walk(n, func(s *Sub) {
		if s.ID != 0 {
			got = append(got, s.ID)
		}
	})
	if want := []uint64{300000, 401000, 402000, 310000}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzParseNeverPanics(f *testing.F) {
	for _, s := range []string{
		"<< 110000 : { 131000 = << 121000 }", "^ 140000 {{ + HISTORY-MAX }}", `* {{ term = ("a" wild:"b*") }}`, "((((", "111000 : [1..*] R 131000 != \"x\"", "é|",
		`^ 300000 {{ M mapGroup = #1, mapTarget = wild:"\*J*", active = * }}`, "^ [targetComponentId] 900000000000527005", `"laboratory codes#a b/c" OR http://loinc.org#1-8`,
		"* {{ dialectId = (900000000000509007 (prefer) 211000) (accept), id = 1 }}", "^R ANY",
	} {
		f.Add(s)
	}
	editions := []*snomed.Edition{world(f), shelf(f)}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Parse(s)
		if err != nil {
			var x *Error
			if !errors.As(err, &x) || x.Column < 1 {
				t.Fatalf("%q: %v has no column", s, err)
			}
			return
		}
		for _, e := range editions {
			if _, err := Evaluate(context.Background(), n, e); err != nil {
				var x *Error
				if !errors.As(err, &x) {
					t.Fatalf("%q: %v", s, err)
				}
			}
		}
	})
}
