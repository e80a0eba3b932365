package tx_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// Kinship of invented breeds. The hierarchy is told by nesting, by a property that is declared as parent under another code, which may be
// repeated, and by one declared as child. "ouro" and "boros" descend from each other, "narcis" from itself.
const breeds = `{"resourceType":"CodeSystem","url":"urn:breeds","version":"3","name":"Breeds","title":"Breeds of dogs","status":"active","content":"complete","caseSensitive":false,"language":"en",
	"property":[{"code":"sire","uri":"http://hl7.org/fhir/concept-properties#parent","type":"code"},{"code":"pup","uri":"http://hl7.org/fhir/concept-properties#child","type":"code"},
		{"code":"rival","uri":"urn:props#rival","type":"code"},{"code":"noPick","uri":"http://hl7.org/fhir/concept-properties#notSelectable","type":"boolean"}],
	"concept":[{"code":"dog","display":"Dog","definition":"barks","property":[{"code":"noPick","valueBoolean":true}],"concept":[{"code":"hound","display":"Hound","designation":[{"language":"nl","value":"brak",
			"extension":[{"url":"urn:x","valueString":"of the resource"}]}]}]},
		{"code":"herder","display":"Herder","property":[{"code":"pup","valueCode":"mix"},{"code":"pup","valueCode":"collie"}]},
		{"code":"mix","display":"Mix","property":[{"code":"sire","valueCode":"hound"},{"code":"sire","valueCode":"nobody"},{"code":"rival","valueCode":"dog"}]},
		{"code":"collie","property":[{"code":"sire","valueCoding":{"system":"urn:breeds","code":"MIX"}}]},
		{"code":"ouro","property":[{"code":"sire","valueCode":"boros"}]},{"code":"boros","property":[{"code":"sire","valueCode":"ouro"},{"code":"sire","valueCode":"dog"}]},
		{"code":"narcis","property":[{"code":"sire","valueCode":"narcis"}]},
		{"code":"mother","property":[{"code":"Parent","valueCode":"dog"}]}]}`

// asked answers an operation on a code system with parameters written as name=value.
func asked(t *testing.T, op func(*tx.Engine, tx.Call) (tx.Object, *tx.Problem), params string) (tx.Object, *tx.Problem) {
	t.Helper()
	list := []any{map[string]any{"name": "tx-resource", "resource": decode(t, breeds)}}
	for _, s := range strings.Fields(params) {
		name, value, _ := strings.Cut(s, "=")
		if strings.HasPrefix(value, "{") {
			list = append(list, map[string]any{"name": name, "valueCoding": decode(t, value)})
			continue
		}
		list = append(list, map[string]any{"name": name, "valueString": value})
	}
	p, problem := tx.ReadParameters(tx.Object{"resourceType": "Parameters", "parameter": list})
	if problem != nil {
		t.Fatal(problem)
	}
	e := &tx.Engine{MaxExpansion: 100, Now: func() time.Time { return time.Unix(0, 0) }, UUID: func() string { return "u" }}
	return op(e, tx.Call{Params: p})
}

func TestSubsumptionFollowsTheHierarchyHoweverItIsTold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, params, want string }{
		{"nesting", "codeA=dog codeB=hound", "subsumes"},
		{"a parent property under another code", "codeA=hound codeB=mix", "subsumes"},
		{"the first ancestors of a second parent", "codeA=dog codeB=mix", "subsumes"},
		{"a child property", "codeA=herder codeB=mix", "subsumes"},
		{"the second child", "codeA=collie codeB=herder", "subsumed-by"},
		{"a parent as a coding, in other case", "codeA=mix codeB=collie", "subsumes"},
		{"two parents of one concept are not related", "codeA=hound codeB=herder", "not-subsumed"},
		{"another property says nothing", "codeA=narcis codeB=dog", "not-subsumed"},
		{"properties are told apart by case", "codeA=dog codeB=mother", "not-subsumed"},
		{"a circle", "codeA=ouro codeB=boros", "subsumes"},
		{"out of a circle", "codeA=dog codeB=ouro", "subsumes"},
		{"a circle does not lead to others", "codeA=ouro codeB=hound", "not-subsumed"},
		{"the same concept in other case", "codeA=MIX codeB=mix", "equivalent"},
		{"codings", `codingA={"system":"urn:breeds","code":"dog"} codingB={"system":"urn:breeds","version":"3","code":"mix"}`, "subsumes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			params := tc.params
			if !strings.Contains(params, "coding") {
				params += " system=urn:breeds"
			}
			o, p := asked(t, (*tx.Engine).Subsumes, params)
			if p != nil {
				t.Fatal(p)
			}
			if got := o["parameter"].([]any)[0].(tx.Object)["valueCode"]; got != tc.want {
				t.Errorf("got %v, want %s", got, tc.want)
			}
		})
	}
}

func TestSubsumptionThatCannotBeTold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, params           string
		status                 int
		code, typ, where, want string
	}{
		{"an unknown first code", "codeA=cat codeB=dog system=urn:breeds", 404, "code-invalid", "invalid-code", "codeA", "cat"},
		{"an unknown second coding", `codingA={"system":"urn:breeds","code":"dog"} codingB={"system":"urn:breeds","code":"cat"}`, 404, "code-invalid", "invalid-code", "codingB", "urn:breeds"},
		{"no system", "codeA=dog codeB=dog", 400, "invalid", "invalid-data", "", "system"},
		{"two systems", `codingA={"system":"urn:breeds","code":"dog"} codingB={"system":"urn:cats","code":"cat"}`, 400, "invalid", "", "", "urn:cats"},
		{"two versions", `codingA={"system":"urn:breeds","version":"3","code":"dog"} codingB={"system":"urn:breeds","version":"4","code":"dog"}`, 400, "invalid", "", "", "versions"},
		{"a version that is not here", `codingA={"system":"urn:breeds","code":"dog"} codingB={"system":"urn:breeds","version":"4","code":"dog"}`, 404, "not-found", "not-found", "", "'4'"},
		{"one code only", "codeA=dog system=urn:breeds", 400, "required", "", "", "codeB"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, p := asked(t, (*tx.Engine).Subsumes, tc.params)
			if p == nil {
				t.Fatal("it was told")
			}
			if i := p.Issues[0]; p.Status != tc.status || i.Code != tc.code || i.Type != tc.typ || i.Expression != tc.where || !strings.Contains(i.Text, tc.want) {
				t.Errorf("got %d %+v", p.Status, i)
			}
		})
	}
}

func TestCircularHierarchiesExpand(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ value, want string }{
		{"urn:breeds?fhir_vs", "boros collie dog herder hound mix mother narcis ouro"},
		{"urn:below", "boros collie dog hound mix ouro"},
		{"urn:circle", "boros ouro"},
	} {
		set := func(url, code string) string {
			return fmt.Sprintf(`{"resourceType":"ValueSet","url":%q,"status":"active","compose":{"include":[{"system":"urn:breeds","filter":[{"property":"concept","op":"is-a","value":%q}]}]}}`, url, code)
		}
		for _, flat := range []string{"true", "false"} {
			o, p := expander(t, []string{breeds, set("urn:below", "dog"), set("urn:circle", "ouro")}, tc.value, `{"name":"excludeNested","valueBoolean":`+flat+`}`)
			if p != nil {
				t.Fatal(p)
			}
			got := strings.FieldsFunc(members(o["expansion"].(tx.Object)["contains"]), func(r rune) bool { return r == ' ' || r == '[' || r == ']' })
			slices.Sort(got)
			if got = slices.Compact(got); strings.Join(got, " ") != tc.want {
				t.Errorf("%s, flat %s: got %v, want %s", tc.value, flat, got, tc.want)
			}
		}
	}
}

// facts writes name=value of what $lookup tells; properties as code:value.
func facts(o tx.Object) []string {
	var out []string
	value := func(p tx.Object) any {
		for k, v := range p {
			if strings.HasPrefix(k, "value") {
				return v
			}
		}
		return nil
	}
	for _, x := range o["parameter"].([]any) {
		p := x.(tx.Object)
		parts, _ := p["part"].([]any)
		part := map[any]any{}
		for _, y := range parts {
			part[y.(tx.Object)["name"]] = value(y.(tx.Object))
		}
		switch {
		case p["name"] == "property":
			out = append(out, fmt.Sprintf("%v:%v", part["code"], part["value"]))
		case p["name"] == "designation":
			out = append(out, fmt.Sprintf("%v@%v", part["value"], part["language"]))
			if p["extension"] != nil {
				out = append(out, "extension")
			}
		default:
			out = append(out, fmt.Sprintf("%v=%v", p["name"], value(p)))
		}
	}
	return out
}

func TestLookups(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, params, want string }{
		{"what every lookup tells", "code=dog system=urn:breeds", "name=Breeds code=dog system=urn:breeds version=3 display=Dog definition=barks abstract=true Dog@en noPick:true inactive:false child:hound child:boros"},
		{"designations as terms, without the extensions of the resource", "code=hound system=urn:breeds property=designation", "name=Breeds code=hound system=urn:breeds version=3 display=Hound abstract=false Hound@en brak@nl"},
		{"declared relatives, and those of the hierarchy", "code=mix system=urn:breeds property=*",
			"name=Breeds code=mix system=urn:breeds version=3 display=Mix abstract=false Mix@en sire:hound sire:nobody rival:dog inactive:false parent:herder parent:hound child:collie"},
		{"the code as it was sent", "code=DOG system=urn:breeds property=code", "name=Breeds code=DOG system=urn:breeds version=3 display=Dog definition=barks abstract=true code:dog"},
		{"the properties that are asked for", "code=mix system=urn:breeds property=rival", "name=Breeds code=mix system=urn:breeds version=3 display=Mix abstract=false rival:dog"},
		{"the language that is asked for", "code=hound system=urn:breeds displayLanguage=nl property=rival", "name=Breeds code=hound system=urn:breeds version=3 display=brak abstract=false"},
		{"the version beside a coding", `coding={"system":"urn:breeds","code":"mix"} version=3 property=rival`, "name=Breeds code=mix system=urn:breeds version=3 display=Mix abstract=false rival:dog"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o, p := asked(t, (*tx.Engine).Lookup, tc.params)
			if p != nil {
				t.Fatal(p)
			}
			if got := strings.Join(facts(o), " "); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
	if _, p := asked(t, (*tx.Engine).Lookup, `coding={"system":"urn:breeds","code":"mix"} version=4`); p == nil || p.Status != 404 {
		t.Errorf("the version beside a coding was not regarded: %v", p)
	}
}
