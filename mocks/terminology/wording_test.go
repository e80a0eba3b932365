package terminology

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

const standing = "http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status"

// words has a draft code system with a withdrawn term, a discouraged and a withdrawn code, and a property with two values.
func words() tx.Object {
	status := func(s string) []any { return []any{tx.Object{"url": standing, "valueCode": s}} }
	return tx.Object{"resourceType": "CodeSystem", "url": "http://sandbox.test/words", "version": "1", "status": "draft", "content": "complete", "caseSensitive": true, "language": "en",
		"property": []any{tx.Object{"code": "tag", "type": "string", "uri": "http://sandbox.test/props#tag"}},
		"concept": []any{
			tx.Object{"code": "a", "display": "Alpha", "designation": []any{tx.Object{"language": "en", "value": "Aleph", "extension": status("withdrawn")}},
				"property": []any{tx.Object{"code": "tag", "valueString": "x"}, tx.Object{"code": "tag", "valueString": "y"}}},
			tx.Object{"code": "b", "display": "Beta", "extension": status("deprecated")},
			tx.Object{"code": "c", "display": "Gamma", "extension": status("withdrawn")},
		}}
}

func wordSet(more tx.Object) tx.Object {
	set := tx.Object{"resourceType": "ValueSet", "url": "http://sandbox.test/wordset", "status": "active",
		"compose": tx.Object{"include": []any{tx.Object{"system": "http://sandbox.test/words", "concept": []any{
			tx.Object{"code": "a"}, tx.Object{"code": "b", "extension": []any{tx.Object{"url": standing, "valueCode": "deprecated"}}}}}}}}
	for k, v := range more {
		set[k] = v
	}
	return set
}

func TestWhatValidationsSay(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	coding := func(system, code, display string) tx.Object {
		o := tx.Object{}
		for k, v := range map[string]string{"system": system, "code": code, "display": display} {
			if v != "" {
				o[k] = v
			}
		}
		return o
	}
	concept := func(list ...any) tx.Object { return tx.Object{"coding": list} }
	const w = "http://sandbox.test/words"
	for _, tc := range []struct {
		name, operation string
		more            []any
		result          bool
		says, saysNot   string
		message         string // what the message parameter holds; empty: there is none
	}{
		{"a term that was withdrawn", "CodeSystem", []any{"coding", "Coding", coding(w, "a", "Aleph")}, false,
			"'Aleph' is no longer considered a correct display for code 'a' (status = withdrawn). The correct display is 'Alpha'", "", "no longer considered"},
		{"a withdrawn term is a warning when displays do not matter", "CodeSystem", []any{"coding", "Coding", coding(w, "a", "Aleph"), "lenient-display-validation", "Boolean", true}, true, "display-comment", "", "no longer considered"},
		{"a term of another language", "CodeSystem", []any{"coding", "Coding", coding(w, "a", "Alpha"), "displayLanguage", "Code", "de"}, true,
			"There are no valid display names found for the code http://sandbox.test/words#a for language(s) 'de'. The display is 'Alpha' which is a valid display for the default language", "", "There are no valid display names"},
		{"a discouraged code", "CodeSystem", []any{"coding", "Coding", coding(w, "b", "")}, true, "The concept 'b' is deprecated and its use should be reviewed", `"inactive"`, "is deprecated"},
		{"a withdrawn code is inactive and says why", "CodeSystem", []any{"coding", "Coding", coding(w, "c", "")}, true, `"valueCode":"withdrawn"`, "", "has a status of withdrawn and inactive"},
		{"a discouraged member", "ValueSet", []any{"coding", "Coding", coding(w, "b", "")}, true, "The presence of the concept 'b' in the system 'http://sandbox.test/words'", "", "is deprecated"},
		{"a draft code system", "ValueSet", []any{"coding", "Coding", coding(w, "a", "")}, true, "Reference to draft CodeSystem http://sandbox.test/words|1", "from active", ""},
		{"a system that does not exist", "ValueSet", []any{"coding", "Coding", coding("http://sandbox.test/none", "a", "")}, false, "CodeSystem 'http://sandbox.test/none' could not be found", "", "was not found in the value set"},
		{"one coding of an unknown system beside a good one", "ValueSet", []any{"codeableConcept", "CodeableConcept", concept(coding("http://sandbox.test/none", "a", ""), coding(w, "a", ""))}, true,
			"so this coding was not checked", "x-unknown-system", "so this coding was not checked"},
		{"no coding fits", "ValueSet", []any{"codeableConcept", "CodeableConcept", concept(coding(w, "c", ""))}, false, "this-code-not-in-vs", "", "No valid coding was found for the value set 'http://sandbox.test/wordset'"},
		{"text only", "ValueSet", []any{"codeableConcept", "CodeableConcept", tx.Object{"text": "alpha"}}, false, "No valid coding was found", "", "No valid coding"},
		{"a display only", "ValueSet", []any{"coding", "Coding", coding("", "", "Alpha")}, false, "Coding has neither a system nor a code", "not-in-vs", "neither a system nor a code"},
		{"an unknown code tells no version", "CodeSystem", []any{"coding", "Coding", coding(w, "z", "")}, false, "Unknown code 'z'", `"name":"version"`, "Unknown code"},
	} {
		list := append([]any{"tx-resource", "resource", words()}, tc.more...)
		if tc.operation == "ValueSet" {
			list = append(list, "valueSet", "resource", wordSet(nil))
		}
		a := s.do(http.MethodPost, "/fhir/"+tc.operation+"/$validate-code", parameters(list...))
		raw, _ := json.Marshal(a.body)
		message, _ := a.param("message").(string)
		if a.status != 200 || a.param("result") != tc.result || !strings.Contains(string(raw), tc.says) || tc.saysNot != "" && strings.Contains(string(raw), tc.saysNot) {
			t.Errorf("%s: %d %s", tc.name, a.status, raw)
		}
		if tc.message == "" && message != "" || !strings.Contains(message, tc.message) {
			t.Errorf("%s: the message is %q", tc.name, message)
		}
	}
}

func TestValueSetsAskForProperties(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	set := wordSet(tx.Object{"compose": tx.Object{"include": []any{tx.Object{"system": "http://sandbox.test/words"}}, "property": []any{"*"}}})
	a := s.do(http.MethodPost, "/fhir/ValueSet/$expand", parameters("tx-resource", "resource", words(), "valueSet", "resource", set))
	raw, _ := json.Marshal(a.body)
	for _, want := range []string{`"valueString":"x"`, `"valueString":"y"`, `"http://sandbox.test/props#tag"`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s is missing in %s", want, raw)
		}
	}
}

func TestContainedValueSets(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	contained := func(id string, include ...any) tx.Object {
		return tx.Object{"resourceType": "ValueSet", "id": id, "status": "active", "compose": tx.Object{"include": include}}
	}
	leaf := tx.Object{"system": "http://sandbox.test/words", "concept": []any{tx.Object{"code": "a"}}}
	expand := func(second tx.Object) answer {
		set := wordSet(tx.Object{"compose": tx.Object{"include": []any{tx.Object{"valueSet": []any{"#one"}}}},
			"contained": []any{contained("one", tx.Object{"valueSet": []any{"#two"}}), second}})
		return s.do(http.MethodPost, "/fhir/ValueSet/$expand", parameters("tx-resource", "resource", words(), "valueSet", "resource", set))
	}
	if got := strings.Join(expand(contained("two", leaf)).codes(), " "); got != "a" {
		t.Errorf("nested: %q", got)
	}
	a := expand(contained("two", leaf, tx.Object{"valueSet": []any{"#one"}}))
	if i := firstIssue(a); a.status != 422 || i["code"] != "processing" {
		t.Errorf("circle: %d %v", a.status, a.body)
	}
}

func TestTranslationsTellWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	m := tx.Object{"resourceType": "ConceptMap", "url": "http://sandbox.test/map", "version": "3", "status": "active", "group": []any{tx.Object{"source": "http://sandbox.test/words", "target": "http://sandbox.test/other",
		"element": []any{tx.Object{"code": "a", "target": []any{tx.Object{"code": "q", "equivalence": "equivalent", "comment": "nearly"}}},
			tx.Object{"code": "b", "target": []any{tx.Object{"equivalence": "unmatched", "comment": "none"}}}}}}}
	for code, want := range map[string][]string{
		"a": {`"name":"originMap","valueCanonical":"http://sandbox.test/map|3"`, `"name":"sourceConcept"`, `"name":"targetComment","valueString":"nearly"`},
		"b": {`"name":"noMap","valueBoolean":true`, `"name":"sourceComment","valueString":"none"`, `"name":"result","valueBoolean":false`},
	} {
		a := s.do(http.MethodPost, "/fhir/ConceptMap/$translate", parameters("tx-resource", "resource", m, "code", "Code", code, "system", "Uri", "http://sandbox.test/words"))
		raw, _ := json.Marshal(a.body)
		for _, w := range want {
			if !strings.Contains(string(raw), w) {
				t.Errorf("%s: %s is missing in %s", code, w, raw)
			}
		}
	}
}
