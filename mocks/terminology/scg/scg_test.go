package scg_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/scg"
)

func TestExpressionsAreReadAndWrittenInTheirNormalForm(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"a concept", "1000001", "1000001"},
		{"a concept with its term", " 1000001 | A knee, painful: (left) | ", "1000001"},
		{"focus concepts are ordered and named once", "2000002+1000001 + 2000002", "1000001+2000002"},
		{"equivalence is the usual meaning", "=== 1000001", "1000001"},
		{"a subtype says so", "<<< 1000001:3000003=4000004", "<<<1000001:3000003=4000004"},
		{"ungrouped attributes", "1000001:5000005=6000006,3000003=4000004", "1000001:3000003=4000004,5000005=6000006"},
		{"one group", "1000001 : { 3000003 |site| = 4000004 |knee| }", "1000001:{3000003=4000004}"},
		{"groups need no comma", "1000001:{5000005=4000004}{3000003=4000004}", "1000001:{3000003=4000004},{5000005=4000004}"},
		{"a group after an attribute needs no comma", "1000001:3000003=#2{5000005=#500}", "1000001:3000003=#2,{5000005=#500}"},
		{"a comma before a group", "1000001:3000003=#2 , {5000005=#500}", "1000001:3000003=#2,{5000005=#500}"},
		{"a nested expression", "1000001:{3000003=(4000004:5000005=6000006)}", "1000001:{3000003=(4000004:5000005=6000006)}"},
		{"a nested conjunction", "1000001:3000003=(6000006+4000004)", "1000001:3000003=(4000004+6000006)"},
		{"brackets around one concept go", "1000001:3000003=(4000004)", "1000001:3000003=4000004"},
		{"numbers", "1000001:3000003=#+5,3000003=#-0.50,3000003=#10", "1000001:3000003=#-0.5,3000003=#10,3000003=#5"},
		{"texts", `1000001:3000003="a \"b\" |c|, d"`, `1000001:3000003="a \"b\" |c|, d"`},
		{"booleans", "1000001:3000003=TRUE,5000005=false", "1000001:3000003=true,5000005=false"},
		{"comments", "1000001/* which */:3000003=4000004", "1000001:3000003=4000004"},
		{"what is said twice counts once", "1000001:{3000003=4000004},{3000003=4000004}", "1000001:{3000003=4000004}"},
		{"identifiers are ordered as numbers", "1000001:{20000009=4000004,3000003=4000004}", "1000001:{3000003=4000004,20000009=4000004}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e, err := scg.Parse(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Canonical().String(); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestTextsThatAreNoExpressionSayWhere(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		column     int
		want       string
	}{
		{"nothing", "", 1, "Concept not found"},
		{"free text", "freetext", 1, `Concept not found (next char = "f", in "freetext")`},
		{"an identifier that is too short", "12345", 1, "12345 is no SNOMED CT identifier"},
		{"an identifier that starts with zero", "0100001", 1, "is no SNOMED CT identifier"},
		{"an identifier that is too long", "1234567890123456789", 1, "is no SNOMED CT identifier"},
		{"a term without end", "1000001 |knee", 9, "The term has no end"},
		{"an empty term", "1000001 | |", 9, "The term is empty"},
		{"no refinement after the colon", "1000001:", 9, "Concept not found (the expression ends here)"},
		{"no value", "1000001:3000003=", 17, "Concept not found"},
		{"no equals sign", "1000001:3000003 4000004", 17, "The = after the attribute is missing"},
		{"attributes without comma", "1000001:3000003=4000004 5000005=6000006", 25, "Unexpected text after the expression"},
		{"attributes of a group without comma", "1000001:{3000003=4000004 5000005=6000006}", 26, "or a comma, is missing"},
		{"a group without end", "1000001:{3000003=4000004", 25, "The end of the attribute group"},
		{"an empty group", "1000001:{}", 10, "Concept not found"},
		{"a refined value without brackets in a group", "1000001:{3000003=4000004:5000005=6000006}", 25, "A refined value must stand in brackets"},
		{"a refined value without brackets", "1000001:3000003=4000004:5000005=6000006", 24, "A refined value must stand in brackets"},
		{"a bracket without end", "1000001:3000003=(4000004", 25, "The closing bracket is missing"},
		{"attributes after a group", "1000001:{3000003=4000004},5000005=6000006", 27, "Attribute group not found"},
		{"a number without digits", "1000001:3000003=#x", 18, "Number not found"},
		{"a number with a leading zero", "1000001:3000003=#05", 18, "no leading zero"},
		{"a fraction without digits", "1000001:3000003=#5.", 20, "digits after the decimal point"},
		{"a text without end", `1000001:3000003="a`, 17, "The text has no end"},
		{"an escape of nothing", `1000001:3000003="a\b"`, 19, "A backslash must be followed"},
		{"a term with letters outside ASCII counts characters", "1000001 |œdème| x", 17, "Unexpected text"},
		{"too long", strings.Repeat(" ", scg.MaxLength) + "1000001", scg.MaxLength + 1, "longer than"},
		{"too deep", "1000001" + strings.Repeat(":3000003=(4000004", scg.MaxDepth), 0, "nested deeper"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := scg.Parse(tc.text)
			var x *scg.Error
			if !errors.As(err, &x) {
				t.Fatalf("got %v, want an error of the grammar", err)
			}
			if !strings.Contains(x.Text, tc.want) || tc.column > 0 && x.Column != tc.column {
				t.Errorf("got %v, want %q at %d", x, tc.want, tc.column)
			}
		})
	}
}

func TestTheDisplayFormHasTermsAndNoBlanks(t *testing.T) {
	t.Parallel()
	e, err := scg.Parse("1000001 : { 3000003 = (4000004 : 5000005 = #2) }")
	if err != nil {
		t.Fatal(err)
	}
	terms := map[uint64]string{1000001: "Repair", 3000003: "Site", 4000004: "Left|right", 5000005: "Count"}
	want := "1000001|Repair|:{3000003|Site|=(4000004|Left/right|:5000005|Count|=#2)}"
	if got := e.Write(func(id uint64) string { return terms[id] }); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBareKeepsTheWritingButForTermsAndBlanks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1000001 |a b| : 3000003 |c| = #2 {5000005=#5}": "1000001:3000003=#2{5000005=#5}",
		`1000001:3000003="a |b| c"`:                     `1000001:3000003="a |b| c"`,
		"1000001 /* x */ + 2000002":                     "1000001+2000002",
	} {
		if got := scg.Bare(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1000001", "<<< 1000001+2000002:3000003=4000004,{5000005=(6000006:3000003=#-0.5)}", `1000001:3000003="a\"b"`, "1000001|x|:{3000003=true}{5000005=#1}", "1000001:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := scg.Parse(s)
		if err != nil {
			return
		}
		text := e.Canonical().String()
		again, err := scg.Parse(text)
		if err != nil {
			t.Fatalf("%q becomes %q, which cannot be read: %v", s, text, err)
		}
		if got := again.Canonical().String(); got != text {
			t.Fatalf("%q becomes %q, and that becomes %q", s, text, got)
		}
		scg.Bare(s)
	})
}
