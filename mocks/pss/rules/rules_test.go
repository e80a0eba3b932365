package rules_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// builtin loads the rule set the sandbox ships.
func builtin(tb testing.TB) *rules.Set {
	tb.Helper()
	set, err := rules.Load(rules.Sources{Base: os.DirFS("../../../fixtures")})
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// own loads the built-in set with some files replaced.
func own(files map[string]string) (*rules.Set, error) {
	overlay := fstest.MapFS{}
	for name, data := range files {
		overlay[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return rules.Load(rules.Sources{Base: os.DirFS("../../../fixtures"), Overlay: overlay, OverlayName: "mine"})
}

// advice writes an answer as "code:score(radiation)" per option.
func advice(a rules.Advice) string {
	var out []string
	for _, o := range a.Options {
		mark := ""
		if o.Requested {
			mark = "*"
		}
		out = append(out, fmt.Sprintf("%s:%d(%d)%s", o.Procedure, o.Score, o.Radiation, mark))
	}
	return strings.Join(out, " ")
}

func TestRadiologyRanksAsTheRulesSay(t *testing.T) {
	t.Parallel()
	set := builtin(t)
	for _, tc := range []struct {
		name string
		ask  rules.Question
		want string
	}{
		{"the published example", rules.Question{Age: 53, Sex: "M", Indications: []string{"5000246"}, Intention: "114055"},
			"114055:9(3)* 114092:8(0) 114054:6(3)"},
		{"an adult rule", rules.Question{Age: 16, Sex: "M", Indications: []string{"3100795"}}, "114055:6(3) 114092:4(0) 114026:1(1)"},
		{"a child's rule", rules.Question{Age: 15, Sex: "M", Indications: []string{"3100795"}}, "114092:4(0) 114055:3(3) 114026:1(1)"},
		{"a rule for women", rules.Question{Age: 30, Sex: "F", Indications: []string{"3074258"}}, "114092:8(0) 128564:7(0) 114055:5(3)"},
		{"an unknown sex takes the female rule", rules.Question{Age: 30, Sex: "U", Indications: []string{"3074258"}}, "114092:8(0) 128564:7(0) 114055:5(3)"},
		{"an unknown sex takes the male rule when there is no female one", rules.Question{Age: 60, Sex: "U", Indications: []string{"3102647"}}, "5000017:9(0) 114163:6(0) 114042:2(3)"},
		{"no rule for this sex: the group's fallback", rules.Question{Age: 30, Sex: "M", Indications: []string{"3074258"}}, "114092:6(0) 114055:5(3)"},
		{"an intention nobody scored comes last", rules.Question{Age: 53, Sex: "M", Indications: []string{"5000246"}, Intention: "115348"},
			"114055:9(3) 114092:8(0) 114054:6(3) 115348:10(1)*"},
		{"two indications keep the higher score", rules.Question{Age: 53, Sex: "M", Indications: []string{"5000246", "3074220"}},
			"114055:9(3) 114092:8(0) 114375:7(3) 114972:6(0) 114054:6(3)"},
		{"an indication sent twice counts once", rules.Question{Age: 53, Sex: "M", Indications: []string{"5000246", "5000246"}}, "114055:9(3) 114092:8(0) 114054:6(3)"},
		{"equal scores: less radiation first", rules.Question{Age: 30, Sex: "F", Indications: []string{"3080710"}},
			"5000019:8(0) 114005:8(1) 5000013:7(3) 126794:4(0)"},
		{"an unknown indication adds nothing", rules.Question{Age: 53, Sex: "M", Indications: []string{"1"}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := advice(set.Radiology(tc.ask)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestEqualScoreAndRadiationAreRankedByVotesThenPlaceThenCode(t *testing.T) {
	t.Parallel()
	set, err := own(map[string]string{"rules.yaml": `
- {id: A, indications: ["5000246"], options: [{procedure: "114092", score: 5}, {procedure: "114005", score: 5, radiation: 0}, {procedure: "115348", score: 5, radiation: 0}]}
- {id: B, indications: ["3074220"], options: [{procedure: "115348", score: 4}, {procedure: "114055", score: 10}]}
- {id: C, indications: ["3074221"], options: [{procedure: "114055", score: 1}]}
`})
	if err != nil {
		t.Fatal(err)
	}
	got := advice(set.Radiology(rules.Question{Age: 40, Sex: "F", Indications: []string{"5000246", "3074220", "3074221"}}))
	if want := "115348:5(0) 114092:5(0) 114005:5(0) 114055:1(3)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestModifiersApplyOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	set := builtin(t)
	ask := rules.Question{Age: 30, Sex: "F", Indications: []string{"3074220"}, Intention: "115348", Flags: []string{"tmp-addInfo-preg"}}
	if got, want := advice(set.Radiology(ask)), "114055:9(3) 114092:8(0) 114375:7(3) 114972:6(0) 114054:3(3) 115348:10(1)*"; got != want {
		t.Errorf("off: got  %s\nwant %s", got, want)
	}
	ask.Consider = true
	got := set.Radiology(ask)
	if want := "114092:8(0) 114055:6(3) 114375:4(3) 114972:3(0) 114054:1(3) 115348:10(1)*"; advice(got) != want {
		t.Errorf("on: got  %s\nwant %s", advice(got), want)
	}
	for _, o := range got.Options {
		if o.Procedure == "114055" && (!slices.Equal(o.Notes, []string{"pregnancy: 9 → 6"}) || o.Reason != "Pregnancy" || o.Merged != 9) {
			t.Errorf("114055 is %+v", o)
		}
	}
	implant := rules.Question{Age: 30, Sex: "F", Indications: []string{"3074220"}, Flags: []string{"tmp-impl-coch"}, Consider: true}
	if got, want := advice(set.Radiology(implant)), "114055:9(3) 114375:7(3) 114054:3(3) 114092:2(0) 114972:2(0)"; got != want {
		t.Errorf("implant: got  %s\nwant %s", got, want)
	}
}

func TestFitsAndAdvisesFollowTheLimits(t *testing.T) {
	t.Parallel()
	set := builtin(t)
	if set.Fits("3074258", 30, "M") || !set.Fits("3074258", 30, "F") || !set.Fits("3110145", 30, "M") {
		t.Error("a rule for women must exclude men, and an indication without rules nobody")
	}
	if !set.Advises("5000246", "114055", 53, "M") || set.Advises("5000246", "115348", 53, "M") || !set.Advises("3074221", "114055", 53, "M") {
		t.Error("Advises must look at the rule that answers, or at the fallback")
	}
}

func TestEveryIndicationHasAGroupWithAFallback(t *testing.T) {
	t.Parallel()
	set := builtin(t)
	for _, in := range set.Indications {
		if !slices.Contains(set.Groups(), in.Group) {
			t.Errorf("%s %s: group %q has no fallback", in.Code, in.Display, in.Group)
		}
	}
}

func TestSearchAnswersInTheOrderOfWordsThenLabelThenCode(t *testing.T) {
	t.Parallel()
	set := builtin(t)
	var codes []string
	for _, p := range set.SearchIndications("head trauma mod", "nl", 50) {
		codes = append(codes, p.Code)
	}
	if !slices.Equal(codes, []string{"3084024", "3100797"}) {
		t.Errorf("same label: %v, want both codes in order", codes)
	}
	last := 0
	for _, p := range set.SearchProcedures("ct", "fr", 50) {
		if n := len(strings.FieldsFunc(p.FR, func(r rune) bool { return strings.ContainsRune(" ,./-()'’", r) })); n < last {
			t.Errorf("%q has %d words after one with %d", p.FR, n, last)
		} else {
			last = n
		}
	}
}

func FuzzSearchNeverPanicsAndKeepsItsPromise(f *testing.F) {
	for _, seed := range []string{"", "a", "ct hoofd", "tête", "te\u0302te", "TÊTE", "œdème", "114055", "\xff\xfe", "  ,,, ", "ß", "日本"} {
		f.Add(seed)
	}
	set := builtin(f)
	f.Fuzz(func(t *testing.T, query string) {
		found := set.SearchProcedures(query, "nl", 50)
		if len(found) > 50 {
			t.Errorf("%d results", len(found))
		}
		again := set.SearchProcedures(strings.ToUpper(query), "nl", 50)
		if strings.EqualFold(strings.ToUpper(query), query) && len(again) != len(found) {
			t.Errorf("%q finds %d, in capitals %d", query, len(found), len(again))
		}
	})
}

func TestWithMoreRulesNoIndicationNeedsAFallback(t *testing.T) {
	t.Parallel()
	set, err := rules.Load(rules.Sources{Base: os.DirFS("../../../fixtures"), More: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range set.Indications {
		if !slices.ContainsFunc(set.Rules, func(r rules.Rule) bool { return slices.Contains(r.Indications, in.Code) }) {
			t.Errorf("%s %s has no rule", in.Code, in.Display)
		}
	}
}
