package rules_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

func TestLoaderRefusesABadTableWithFileAndLine(t *testing.T) {
	t.Parallel()
	const csv = "rule,indications,age_min,age_max,sex,procedure,score,radiation\n"
	for _, tc := range []struct{ name, file, data, want string }{
		{"unknown procedure", "rules.yaml", "\n- {id: A, indications: [\"5000246\"], options: [{procedure: \"1\", score: 5}]}", "mine/rules.yaml:2: rule A: procedure 1 is not in the list of procedures"},
		{"unknown indication", "rules.yaml", "- {id: A, indications: [\"1\"], options: [{procedure: \"114055\", score: 5}]}", "mine/rules.yaml:1: rule A: indication 1 is not in the list of indications"},
		{"score 0", "rules.yaml", "- {id: A, indications: [\"5000246\"], options: [{procedure: \"114055\", score: 0}]}", "score 0 of procedure 114055 is outside 1 to 10"},
		{"score 11", "rules.yaml", "- {id: A, indications: [\"5000246\"], options: [{procedure: \"114055\", score: 11}]}", "score 11 of procedure 114055 is outside 1 to 10"},
		{"radiation 6", "rules.yaml", "- {id: A, indications: [\"5000246\"], options: [{procedure: \"114055\", score: 5, radiation: 6}]}", "radiation 6 of procedure 114055 is outside 0 to 5"},
		{"min above max", "rules.yaml", "- {id: A, indications: [\"5000246\"], age: {min: 9, max: 8}, options: [{procedure: \"114055\", score: 5}]}", "age min 9 is above max 8"},
		{"a procedure twice", "rules.yaml", "- {id: A, indications: [\"5000246\"], options: [{procedure: \"114055\", score: 5}, {procedure: \"114055\", score: 6}]}", "procedure 114055 occurs twice"},
		{"overlap in age and sex", "rules.yaml", "- {id: A, indications: [\"5000246\"], age: {max: 20}, options: [{procedure: \"114055\", score: 5}]}\n- {id: B, indications: [\"5000246\"], age: {min: 20}, sex: F, options: [{procedure: \"114055\", score: 6}]}", "mine/rules.yaml:2: rules A and B overlap in age and sex for indication 5000246"},
		{"a rule id twice", "rules.yaml", "- {id: A, indications: [\"5000246\"], options: [{procedure: \"114055\", score: 5}]}\n- {id: A, indications: [\"3074220\"], options: [{procedure: \"114055\", score: 6}]}", "mine/rules.yaml:2: rule A occurs twice (first on mine/rules.yaml:1)"},
		{"an unknown sex", "rules.yaml", "- {id: A, indications: [\"5000246\"], sex: X, options: [{procedure: \"114055\", score: 5}]}", `sex "X" must be M, F or absent`},
		{"an unknown member", "rules.yaml", "- {id: A, indications: [\"5000246\"], optoins: []}", "mine/rules.yaml:1: field optoins not found"},
		{"no options", "rules.yaml", "- {id: A, indications: [\"5000246\"]}", "rule A has no options"},
		{"broken YAML", "rules.yaml", "- {id: A\n", "mine/rules.yaml:"},
		{"broken JSON", "rules.json", "[{\"id\":\t\"A\",]", "mine/rules.json:"},
		{"CSV header", "rules.csv", "rule,procedure\n", "mine/rules.csv:1: header is"},
		{"CSV number", "rules.csv", csv + "A,5000246,,,,114055,high,\n", `mine/rules.csv:2: column score: "high" is not a whole number`},
		{"CSV columns", "rules.csv", csv + "A,5000246\n", "mine/rules.csv"},
		{"CSV rule that contradicts itself", "rules.csv", csv + "A,5000246,,,,114055,5,\nA,5000246,,,M,114092,5,\n", "mine/rules.csv:3: rule A has other indications, ages or sex than on mine/rules.csv:2"},
		{"CSV unknown code", "rules.csv", csv + "A,5000246,,,,1,5,\n", "mine/rules.csv:2: rule A: procedure 1 is not in the list"},
		{"fallback", "fallback.yaml", "- {group: spine, options: [{procedure: \"1\", score: 5}]}", "mine/fallback.yaml:1: fallback of spine: procedure 1"},
		{"fallback twice", "fallback.yaml", "- {group: spine, options: [{procedure: \"114055\", score: 5}]}\n- {group: spine, options: [{procedure: \"114055\", score: 5}]}", "mine/fallback.yaml:2: group \"spine\" has a second fallback"},
		{"symptom", "symptoms.yaml", "- {snomed: \"20262006\", indications: [\"1\"]}", "mine/symptoms.yaml:1: symptom 20262006: indication 1"},
		{"modifier without effect", "modifiers.yaml", "- {flag: x, source: [y]}", "mine/modifiers.yaml:1: modifier x has no effect"},
		{"modifier subtract", "modifiers.yaml", "- {flag: x, source: [y], effect: {subtract: much}}", `subtract "much" must be a number`},
		{"modifier cap", "modifiers.yaml", "- {flag: x, source: [y], effect: {cap: 12}}", "cap 12 is outside 1 to 9"},
		{"procedure radiation", "procedures.yaml", "- {code: \"1\", display: x, radiation: 7}", "mine/procedures.yaml:1: procedure 1: radiation 7 is outside 0 to 5"},
		{"procedure twice", "procedures.yaml", "- {code: \"1\", display: x}\n- {code: \"1\", display: y}", "procedure 1 occurs twice"},
		{"indication without label", "indications.yaml", "- {code: \"1\"}", "mine/indications.yaml:1: indication \"1\" needs a code and a display"},
		{"row for an unknown infection", "antimicrobial.yaml", "rows:\n  - {id: A, indication: X, options: [{nl: a, fr: a, score: 3}]}", "mine/antimicrobial.yaml:2: row A: X is not in the list of infections"},
		{"row that tests what is not asked", "antimicrobial.yaml", "rows:\n  - {id: A, indication: INFLUENZA, when: {sp_x: \"true\"}, options: [{nl: a, fr: a, score: 3}]}", "row A tests sp_x, which INFLUENZA does not ask"},
		{"row with score 4", "antimicrobial.yaml", "rows:\n  - {id: A, indication: INFLUENZA, options: [{nl: a, fr: a, score: 4}]}", "score 4 of \"a\" is outside 1 to 3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := own(map[string]string{tc.file: tc.data})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v\nwant one with %s", err, tc.want)
			}
		})
	}
}

func TestAUsersFileReplacesTheBuiltInOne(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, data string }{
		{"YAML", "rules.yaml", "- {id: MINE, indications: [\"5000246\"], options: [{procedure: \"114092\", score: 9}]}"},
		{"JSON with tabs", "rules.json", "[\n\t{\"id\": \"MINE\", \"indications\": [\"5000246\"], \"options\": [{\"procedure\": \"114092\", \"score\": 9}]}\n]"},
		{"CSV with a byte order mark", "rules.csv", "\ufeffrule,indications,age_min,age_max,sex,procedure,score,radiation\nMINE,5000246 3074220,,,,114092,9,\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			set, err := own(map[string]string{tc.file: tc.data})
			if err != nil {
				t.Fatal(err)
			}
			a := set.Radiology(rules.Question{Age: 53, Sex: "M", Indications: []string{"5000246"}})
			if advice(a) != "114092:9(0)" || a.Rule() != "MINE" {
				t.Errorf("answer %s of rule %s", advice(a), a.Rule())
			}
			if set.Checksum == builtin(t).Checksum {
				t.Error("the checksum did not change")
			}
		})
	}
}

func TestOwnListsOfCodesReplaceTheBuiltInOnes(t *testing.T) {
	t.Parallel()
	set, err := own(map[string]string{
		"procedures.yaml":  "- {code: \"7\", display: CT toe, nl: CT teen, modality: ct, radiation: 1}",
		"indications.yaml": "- {code: \"8\", display: Toe pain, nl: teenpijn, fr: douleur à l'orteil, group: toes}",
		"rules.yaml":       "- {id: A, indications: [\"8\"], options: [{procedure: \"7\", score: 4}]}",
		"fallback.yaml":    "[]", "symptoms.yaml": "[]",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Procedures) != 1 || len(set.Indications) != 1 {
		t.Errorf("%d procedures, %d indications", len(set.Procedures), len(set.Indications))
	}
	if found := set.SearchIndications("douleur orteil", "fr", 50); len(found) != 1 || found[0].Label("nl") != "teenpijn" || found[0].Label("de") != "Toe pain" {
		t.Errorf("found %v", found)
	}
}

func TestLoaderNamesAMissingCodeList(t *testing.T) {
	t.Parallel()
	_, err := rules.Load(rules.Sources{Base: fstest.MapFS{}})
	if err == nil || !strings.Contains(err.Error(), "terminology/pss-codes.json") {
		t.Errorf("error %v", err)
	}
}

func FuzzLoaderNeverPanics(f *testing.F) {
	f.Add("- {id: A, indications: [\"5000246\"], options: [{procedure: \"114055\", score: 5}]}", "rules.yaml")
	f.Add("rule,indications,age_min,age_max,sex,procedure,score,radiation\nA,5000246,1,2,M,114055,5,3\n", "rules.csv")
	f.Add("rows:\n  - {id: A, indication: INFLUENZA, when: {a: b}, options: [{nl: a}]}", "antimicrobial.yaml")
	f.Add("a: &a [*a]", "rules.yaml")
	base := os.DirFS("../../../fixtures")
	f.Fuzz(func(t *testing.T, data, file string) {
		switch file {
		case "rules.yaml", "rules.csv", "rules.json", "antimicrobial.yaml", "modifiers.yaml", "fallback.yaml":
		default:
			file = "rules.yaml"
		}
		_, _ = rules.Load(rules.Sources{Base: base, Overlay: fstest.MapFS{file: &fstest.MapFile{Data: []byte(data)}}})
	})
}
