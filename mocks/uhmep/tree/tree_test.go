package tree

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in, rule, path string
		line                 int
	}{
		{"text that is not JSON", "{\"resourceType\":\"Task\",\n oops}", RuleSyntax, "Resource", 2},
		{"a document cut short", `{"resourceType":"Task"`, RuleSyntax, "Resource", 1},
		{"a second document", `{"resourceType":"Task"} {}`, RuleSyntax, "Resource", 1},
		{"an array as document", `[1]`, RuleObject, "Resource", 1},
		{"a document without resourceType", `{"status":"ready"}`, RuleObject, "Resource", 1},
		{"a member twice", "{\"resourceType\":\"Task\",\n\"status\":\"a\",\n\"status\":\"b\"}", RuleDuplicate, "Task.status", 3},
		{"a member twice deep inside", `{"resourceType":"Task","code":{"coding":[{"code":"a","code":"b"}]}}`, RuleDuplicate, "Task.code.coding[0].code", 1},
		{"an empty string", `{"resourceType":"Task","status":""}`, RuleEmpty, "Task.status", 1},
		{"an empty object", `{"resourceType":"Task","code":{}}`, RuleEmpty, "Task.code", 1},
		{"an empty array", `{"resourceType":"Task","note":[]}`, RuleEmpty, "Task.note", 1},
		{"null as a member", `{"resourceType":"Task","status":null}`, RuleNull, "Task.status", 1},
		{"null among objects", `{"resourceType":"Task","note":[{"text":"a"},null]}`, RuleNull, "Task.note[1]", 1},
		{"null without a partner", `{"resourceType":"Patient","given":["a",null]}`, RuleNull, "Patient.given[1]", 1},
		{"an array in an array", `{"resourceType":"Task","note":[[1]]}`, RuleNested, "Task.note[0]", 1},
		{"a capital member", `{"resourceType":"Task","Status":"ready"}`, RuleCapital, "Task.Status", 1},
		{"a capital sibling member", `{"resourceType":"Task","_Status":{"id":"a"}}`, RuleCapital, "Task._Status", 1},
		{"a lone surrogate", `{"resourceType":"Task","description":"\ud83d"}`, RuleSurrogate, "Task.description", 1},
		{"two halves in wrong order", `{"resourceType":"Task","description":"\ude00\ud83d"}`, RuleSurrogate, "Task.description", 1},
		{"bytes that are not UTF-8", "{\"resourceType\":\"Task\",\"description\":\"\xff\"}", RuleUTF8, "Task.description", 1},
		{"a number with a leading zero", `{"resourceType":"Task","x":01}`, RuleSyntax, "Resource.x", 1},
		{"too many levels", `{"resourceType":"Task","a":` + strings.Repeat(`{"a":`, 64) + `1` + strings.Repeat(`}`, 65), RuleDepth, "Resource" + strings.Repeat(".a", 64), 1},
		{"a raw control character", "{\"resourceType\":\"Task\",\"description\":\"a\nb\"}", RuleSyntax, "Resource.description", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, problems := Parse([]byte(tc.in), Limits{})
			if len(problems) == 0 {
				t.Fatalf("accepted %s", tc.in)
			}
			got := problems[0]
			if got.Rule != tc.rule || got.Path != tc.path || got.Line != tc.line {
				t.Errorf("got %v, want rule %s at %s line %d", got, tc.rule, tc.path, tc.line)
			}
		})
	}
}

func TestParseReportsEveryProblem(t *testing.T) {
	t.Parallel()
	_, problems := Parse([]byte(`{"resourceType":"Task","status":"","code":{},"note":null}`), Limits{})
	if len(problems) != 3 {
		t.Errorf("got %d problems %v, want 3", len(problems), problems)
	}
}

func TestParseKeepsEverythingItAccepts(t *testing.T) {
	t.Parallel()
	in := `{"note":[{"text":"é 😀 < \" \\ \u00e9 \ud83d\ude00"}],"resourceType":"Patient","x":1.500,"y":-0.0,"z":1E+20,` +
		`"given":["A",null],"_given":[null,{"extension":[{"url":"u","valueBoolean":true}]}]}`
	doc, problems := Parse([]byte(in), Limits{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	text := string(Encode(doc))
	if !strings.HasPrefix(text, `{"resourceType":"Patient",`) {
		t.Errorf("got %s, want resourceType first", text)
	}
	for _, digits := range []string{`"x":1.500`, `"y":-0.0`, `"z":1E+20`} {
		if !strings.Contains(text, digits) {
			t.Errorf("got %s, want %s kept", text, digits)
		}
	}
	var want, got any
	if err := json.Unmarshal([]byte(in), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAccessorsReadNilSafely(t *testing.T) {
	t.Parallel()
	doc, _ := Parse([]byte(`{"resourceType":"Task","code":{"coding":[{"system":"s|1","code":"c"}]},"extension":[{"url":"a"},{"url":"b"}]}`), Limits{})
	if Text(Child(doc, "focus", "identifier"), "value") != "" {
		t.Error("want an empty text for an absent element")
	}
	if !HasCoding(Child(doc, "code"), "s", "c") {
		t.Error("want the coding found without its version")
	}
	if _, i := Extension(doc, "b"); i != 1 {
		t.Errorf("got index %d, want 1", i)
	}
	twin := Clone(doc)
	Child(twin, "code")["text"] = "changed"
	if Text(Child(doc, "code"), "text") != "" {
		t.Error("a clone shares its children with the original")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"resourceType":"Task","status":"ready","x":[1,2.50,-3e5],"_y":[null,{"id":"a"}],"y":["b",null]}`,
		`{"resourceType":"Task","description":"\ud83d\ude00 \n é","a":{"b":[{"c":true}]}}`,
		`[]`, `{`, `{"a":`, `nul`, `{"resourceType":"T","a":[[[]]]}`, "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, problems := Parse(data, Limits{})
		if len(problems) > 0 {
			return
		}
		text := Encode(doc)
		again, problems := Parse(text, Limits{})
		if len(problems) > 0 {
			t.Fatalf("own output refused: %v in %s", problems[0], text)
		}
		if !reflect.DeepEqual(doc, again) {
			t.Fatalf("got %v, want %v", again, doc)
		}
	})
}
