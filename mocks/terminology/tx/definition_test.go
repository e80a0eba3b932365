package tx_test

import (
	"strings"
	"testing"
)

func TestFaultyDefinitionsAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	const letters = `{"resourceType":"CodeSystem","url":"urn:letters","status":"active","content":"complete","property":[{"code":"p","type":"string"}],
	  "concept":[{"code":"A","property":[{"code":"p","valueString":"x"}]},{"code":"A1"},{"code":"A11"},{"code":"B"}]}`
	const in = `"include":[{"system":"urn:letters"`
	filter := func(property, op, value string) string {
		return in + `,"filter":[{"property":"` + property + `","op":"` + op + `","value":"` + value + `"}]}]`
	}
	for _, tc := range []struct{ name, compose, place, text string }{
		{"concepts and filters in one include", in + `,"concept":[{"code":"A"}],"filter":[{"property":"p","op":"=","value":"x"}]}]`, "ValueSet.compose.include[0]", "not both"},
		{"a filter that is no list", in + `,"filter":{"property":"p","op":"=","value":"x"}}]`, "ValueSet.compose.include[0].filter", "list of objects"},
		{"concepts that are no objects", in + `,"concept":["A"]}]`, "ValueSet.compose.include[0].concept", "list of objects"},
		{"a concept without code", in + `,"concept":[{"display":"x"}]}]`, "ValueSet.compose.include[0].concept", "no code"},
		{"an empty list of includes", `"include":[]`, "ValueSet.compose.include", "list of objects"},
		{"nothing included", `"inactive":true`, "", "names no members"},
		{"a regular expression that breaks out of its anchors", filter("code", "regex", "B)|(1"), "", "cannot be read"},
		{"exists with something else than true or false", filter("p", "exists", "maybe"), "", "true or false"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o, p := expander(t, []string{letters, woundSet(tc.compose)}, "urn:set")
			if p == nil {
				t.Fatalf("got %v", o)
			}
			if i := p.Issues[0]; p.Status != 422 || i.Type != "vs-invalid" || i.Expression != tc.place || !strings.Contains(i.Text, tc.text) {
				t.Errorf("got %d %+v", p.Status, i)
			}
		})
	}
	t.Run("versionsMatch is true or false", func(t *testing.T) {
		t.Parallel()
		_, p := expander(t, []string{letters, woundSet(in + `}]`)}, "urn:set", `{"name":"versionsMatch","valueString":"banana"}`)
		if p == nil || p.Status != 400 {
			t.Errorf("got %v", p)
		}
	})
}

func TestTheMessageTellsNothingOfAVersionThatWasChosenForWantOfOne(t *testing.T) {
	t.Parallel()
	got := validatedMessage(t, []string{named1, woundSet(`"include":[{"system":"urn:wounds"}]`)}, wound("9.0", "cut", ""))
	if !strings.Contains(got, "'9.0' could not be found") || strings.Contains(got, "versionless include") {
		t.Errorf("got %q", got)
	}
}
