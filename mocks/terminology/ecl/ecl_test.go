package ecl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

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
		if err := b.Member(snomed.Row{Shape: b.Shape(snomed.Shape{Kind: snomed.KindSimple}), Refset: 140000, Concept: c}); err != nil {
			t.Fatal(err)
		}
	}
	same := b.Shape(snomed.Shape{Kind: snomed.KindAssociation, Fields: []snomed.Field{{Name: "targetComponentId", Type: snomed.FieldConcept}}})
	if err := b.Member(snomed.Row{Shape: same, Refset: snomed.SameAs, Concept: 150000, Target: 112000}); err != nil {
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
		{"ANY {{ C active = false }}", []uint64{150000}},
		{"memberOf 140000", []uint64{111000, 150000}},
		{"^R 111000", []uint64{140000}},
		{"refsetContainingAny (<< 110000)", []uint64{140000}},
		{"<< 110000 : [1 to many] ANY = 122000", []uint64{112000, 113000}},
		{"<< 110000 : 131000 <> 121000", []uint64{112000, 113000}},
		{"<< 110000 : 131000 NOT = 121000", []uint64{112000, 113000}},
		{"<< 110000 : 133000 <= #5", []uint64{113000}},
		{"<< 110000 : 133000 != #4", []uint64{113000}},
		{"<< 110000 : [0..0] { 131000 = * }", []uint64{110000}},
		{"<< 110000 : { [0..0] 132000 = * }", []uint64{112000, 113000}},
		{"<< 110000 : [0..1] 131000 = *", []uint64{110000, 111000, 112000}},
		{"<< 120000 : [2..2] R 131000 = *", []uint64{121000, 122000}},
		{"<< 120000 : [1..1] reverseOf 132000 = *", nil},
		{"((<< (110000)) AND ((^ (140000))))", []uint64{111000}},
		{"<< 110000 : ((131000 = 121000) OR (131000 = (122000 OR 120000)))", []uint64{111000, 112000, 113000}},
		{"childOrSelfOf 110000", []uint64{110000, 111000, 112000}},
		{"parentOrSelfOf 113000", []uint64{111000, 113000}},
		{"TOP (< 110000 OR 120000)", []uint64{111000, 112000, 120000}},
		{"bottom (< 110000)", []uint64{112000, 113000}},
		{"<< 110000 {{ C definitionStatus != defined }}", []uint64{110000, 111000, 112000}},
		{"<< 110000 {{ C definitionStatus = (primitive defined) }} AND 113000", []uint64{113000}},
		{`<< 110000 {{ C effectiveTime = ("20240101" "20240104") }}`, []uint64{112000}},
		{`<< 110000 {{ C effectiveTime != ("20240101" "20240102") }}`, []uint64{110000, 113000}},
		{`<< 110000 {{ C effectiveTime >= "20240106" }}`, []uint64{113000}},
		{`<< 110000 {{ C effectiveTime = "" }}`, nil},
		{"^ 140000 {{ C active = 1 }}", []uint64{111000}},
		{`^ 140000 {{ C active = "*" }}`, []uint64{111000, 150000}},
		{`^ 140000 {{ C active != true }}`, []uint64{150000}},
		{`<< 110000 {{ D term = ("epaule" wild:"*left") }}`, []uint64{112000, 113000}},
		{`<< 110000 {{ term = match:"knee", term = "left" }}`, []uint64{113000}},
		{`<< 110000 {{ term = exact:"Knee pain" }}`, []uint64{111000}},
		{`<< 110000 {{ term = wild:"knee pain" }}`, []uint64{111000}},
		{`<< 110000 {{ term = wild:"k*pain\*" }}`, nil},
		{`<< 110000 {{ term != "left", language = (en fr), type = synonym }}`, []uint64{111000, 112000}},
		{"<< 110000 {{ dialect = (en-gb (prefer) en-us (prefer accept)) }}", []uint64{111000, 112000, 113000}},
		{"<< 110000 {{ dialect = (en-gb en-us) (accept) }}", nil},
		{"<< 110000 {{ dialect = en-us (900000000000548007 |Preferred|) }}", []uint64{111000, 112000, 113000}},
		{"<< 110000 {{ D id = (1110001 1130001) }}", []uint64{111000, 113000}},
		{"* {{ D id = 1110001 }}", []uint64{111000}},
		{"<< 110000 {{ D id != 1110001 }}", []uint64{112000, 113000}},
		{"<< 110000 {{ D active = true }}", []uint64{111000, 112000, 113000}},
		{"112000 {{ +HISTORY_MOD }}", []uint64{112000, 150000}},
		{"112000 {{ + HISTORY (*) }}", []uint64{112000, 150000}},
		{"(112000 {{ +HISTORY }}) {{ C active = 0 }}", []uint64{150000}},
		{"<< 110000 : (131000 = 121000)", []uint64{111000, 113000}},
		{"<< 110000 : (131000 OR 132000) = 121000", []uint64{111000, 113000}},
		{"<< 110000 : ((131000 |a ) term| /* ) */) OR 132000) != 121000", []uint64{111000, 112000, 113000}},
	} {
		t.Run(tc.ecl, func(t *testing.T) {
			t.Parallel()
			got, err := answer(e, tc.ecl)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestTheWildcardIsEveryConceptWhateverItsState(t *testing.T) {
	t.Parallel()
	e := world(t)
	for expression, want := range map[string]int{
		"*": e.Len(), "ANY": e.Len(), "(*)": e.Len(), "<< *": e.Len(), ">> *": e.Len(), // inactive concepts count
		"< *": e.ActiveCount - 1, "<! *": e.ActiveCount - 1, "> *": 6, ">! *": 6, "<< 100000": e.ActiveCount,
		"* MINUS << 100000": e.Len() - e.ActiveCount, "!!> *": 1,
	} {
		if got, err := answer(e, expression); err != nil || len(got) != want {
			t.Errorf("%s: got %d concepts (%v), want %d", expression, len(got), err, want)
		}
	}
}

// answer parses and evaluates an expression.
func answer(e *snomed.Edition, expression string) ([]uint64, error) {
	n, err := Parse(expression)
	if err != nil {
		return nil, err
	}
	set, err := Evaluate(context.Background(), n, e)
	if err != nil {
		return nil, err
	}
	var got []uint64
	for _, c := range set.List() {
		got = append(got, e.IDOf(c))
	}
	slices.Sort(got)
	return got, nil
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
		{"an error in a bracketed refinement", "111000 : (131000 = 12)", 20, "no SNOMED CT identifier", false},
		{"a dialect nobody knows", "111000 {{ dialect = (en-us xx) }}", 28, `dialect "xx" is not known`, false},
		{"an acceptability that is none", "111000 {{ dialect = en-us (prefer maybe) }}", 35, "expected prefer or accept", false},
		{"an acceptability concept that is none", "111000 {{ dialectId = 900000000000509007 (111000) }}", 43, "no acceptability", false},
		{"a description type that is none", "111000 {{ type = fqn }}", 18, "expected fsn, syn or def", false},
		{"a definition status that is none", "111000 {{ C definitionStatus = full }}", 32, "expected primitive or defined", false},
		{"an effective time without quotation marks", "111000 {{ C effectiveTime > 20240101 }}", 29, "in quotation marks", false},
		{"an effective time that is none", `111000 {{ C effectiveTime > "20241301" }}`, 29, "YYYYMMDD", false},
		{"less than a term", `111000 {{ term < "x" }}`, 16, "compares numbers and times", false},
		{"an empty search text", `111000 {{ term = " " }}`, 18, "is empty", false},
		{"an active state that is none", "111000 {{ C active = yes }}", 22, "expected 1, 0", false},
		{"inactive descriptions", "111000 {{ D active = 0 }}", 22, "inactive descriptions are not kept", true},
		{"a filter behind a history supplement", `111000 {{ +HISTORY }} {{ term = "x" }}`, 23, "comes last", false},
		{"a condition of another filter", `111000 {{ C term = "x" }}`, 13, "has no condition", false},
		{"an unknown concept in a filter", "111000 {{ C moduleId = (111000 999999) }}", 32, "does not exist", false},
		{"a filter that is not closed", `111000 {{ term = "x" }`, 22, "expected }}", false},
		{"accents count as one", "é", 1, "expected a concept", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := answer(e, tc.ecl)
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

func TestNestedBracketsCostNoMoreThanTheirLength(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		strings.Repeat("111000:((", 500), strings.Repeat("111000:(((", 20), strings.Repeat("111000:((111000=(", 10), strings.Repeat("^111000{{M a=(", 20),
		"111000:" + strings.Repeat("(", 9000), strings.Repeat("111000{{D dialectId=(", 60),
	} {
		done := make(chan error, 1)
		go func() {
			_, err := Parse(s)
			done <- err
		}()
		select {
		case err := <-done:
			if err == nil {
				t.Errorf("%.20s…: was read", s)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%.20s…: still reading", s)
		}
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

func TestDialectsOfGeneralPractitionersHaveAliases(t *testing.T) {
	t.Parallel()
	for alias, want := range map[string]uint64{"nl-be": 31000172101, "nl-be-gp": 701000172104, "fr-be-gp": 711000172101, "xx": 0} {
		if got := dialectAlias(alias); got != want {
			t.Errorf("%s: got %d; want %d", alias, got, want)
		}
	}
}

func TestAHundredOperandsAreReadAndOneMoreIsNot(t *testing.T) {
	t.Parallel()
	ors := func(n int) string { return "111000" + strings.Repeat(" OR 111000", n-1) }
	attributes := func(n int) string { return "131000 = 121000" + strings.Repeat(", 131000 = 121000", n-1) }
	for _, tc := range []struct {
		name string
		ecl  func(n int) string
	}{
		{"a chain", ors},
		{"attributes", func(n int) string { return "110000 : " + attributes(n) }},
		{"attributes in a group", func(n int) string { return "110000 : { " + attributes(n) + " }" }},
		{"brackets", func(n int) string { return "(" + ors(40) + ") AND << (" + ors(n-40) + ")" }},
		{"brackets around attributes", func(n int) string { return "110000 : (" + attributes(40) + ") OR { " + attributes(n-40) + " }" }},
		{"two chains that nothing joins", func(n int) string { return "(" + ors(50) + ") : 131000 = (" + ors(n-50) + ")" }},
		{"groups", func(n int) string {
			return "110000 : { 131000 = 121000 }" + strings.Repeat(", { 131000 = 121000 }", n-1)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, err := Parse(tc.ecl(100)); err != nil {
				t.Errorf("100 operands: %v", err)
			}
			var e *Error
			if _, err := Parse(tc.ecl(101)); !errors.As(err, &e) || !strings.Contains(e.Text, "more than 100 operands") {
				t.Errorf("101 operands: got %v", err)
			}
		})
	}
}
