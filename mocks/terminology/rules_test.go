package terminology

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// parameters makes a Parameters resource out of name, type suffix and value.
func parameters(list ...any) tx.Object {
	var out []any
	for i := 0; i+2 < len(list); i += 3 {
		p := tx.Object{"name": list[i]}
		if list[i+1] == "resource" {
			p["resource"] = list[i+2]
		} else {
			p["value"+list[i+1].(string)] = list[i+2]
		}
		out = append(out, p)
	}
	return tx.Object{"resourceType": "Parameters", "parameter": out}
}

// A small code system of our own: a hierarchy, an inactive and an abstract code, two languages, no regard for case.
func animals() tx.Object {
	return tx.Object{"resourceType": "CodeSystem", "url": "http://sandbox.test/animals", "version": "1.0.0", "name": "Animals", "title": "Animals", "status": "active",
		"experimental": false, "content": "complete", "caseSensitive": false, "language": "en", "hierarchyMeaning": "is-a",
		"property": []any{tx.Object{"code": "legs", "type": "integer", "uri": "http://sandbox.test/props#legs"},
			tx.Object{"code": "status", "type": "code", "uri": "http://hl7.org/fhir/concept-properties#status"}, tx.Object{"code": "notSelectable", "type": "boolean"}},
		"concept": []any{
			tx.Object{"code": "mammal", "display": "Mammal", "property": []any{tx.Object{"code": "notSelectable", "valueBoolean": true}}, "concept": []any{
				tx.Object{"code": "cat", "display": "Cat", "definition": "purrs", "designation": []any{tx.Object{"language": "nl", "value": "kat"}, tx.Object{"language": "fr", "value": "chat"}},
					"property": []any{tx.Object{"code": "legs", "valueInteger": 4}}},
				tx.Object{"code": "whale", "display": "Whale", "designation": []any{tx.Object{"language": "nl", "value": "walvis"}}, "property": []any{tx.Object{"code": "legs", "valueInteger": 0}}},
			}},
			tx.Object{"code": "dodo", "display": "Dodo", "property": []any{tx.Object{"code": "status", "valueCode": "retired"}}},
		}}
}

func animalSet(compose tx.Object) tx.Object {
	return tx.Object{"resourceType": "ValueSet", "url": "http://sandbox.test/set", "version": "2", "name": "Set", "status": "active", "compose": compose}
}

func all() tx.Object {
	return tx.Object{"include": []any{tx.Object{"system": "http://sandbox.test/animals"}}}
}

func expandCall(s *server, set tx.Object, more ...any) answer {
	list := append([]any{"valueSet", "resource", set, "tx-resource", "resource", animals()}, more...)
	return s.do(http.MethodPost, "/fhir/ValueSet/$expand", parameters(list...))
}

func TestExpansions(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	filter := func(property, op, value string) tx.Object {
		return tx.Object{"include": []any{tx.Object{"system": "http://sandbox.test/animals", "filter": []any{tx.Object{"property": property, "op": op, "value": value}}}}}
	}
	for _, tc := range []struct {
		name    string
		compose tx.Object
		more    []any
		want    string
	}{
		{"all codes in the order of definition", all(), []any{"excludeNested", "Boolean", true}, "mammal cat whale dodo"},
		{"active codes only", all(), []any{"activeOnly", "Boolean", true, "excludeNested", "Boolean", true}, "mammal cat whale"},
		{"the definition leaves inactive codes out", tx.Object{"inactive": false, "include": all()["include"]}, nil, "mammal cat whale"},
		{"no abstract codes for user interfaces", all(), []any{"excludeNotForUI", "Boolean", true, "excludeNested", "Boolean", true}, "cat whale dodo"},
		{"is-a", filter("concept", "is-a", "mammal"), []any{"excludeNested", "Boolean", true}, "mammal cat whale"},
		{"descendent-of", filter("concept", "descendent-of", "mammal"), nil, "cat whale"},
		{"is-not-a", filter("concept", "is-not-a", "mammal"), nil, "dodo"},
		{"generalizes", filter("concept", "generalizes", "cat"), []any{"excludeNested", "Boolean", true}, "mammal cat"},
		{"child-of", filter("concept", "child-of", "mammal"), nil, "cat whale"},
		{"descendent-leaf", filter("concept", "descendent-leaf", "mammal"), nil, "cat whale"},
		{"a property equals", filter("legs", "=", "4"), nil, "cat"},
		{"a property is one of", filter("legs", "in", "0,4"), nil, "cat whale"},
		{"a property is none of", filter("legs", "not-in", "4"), []any{"excludeNested", "Boolean", true}, "mammal whale dodo"},
		{"a property exists", filter("legs", "exists", "true"), nil, "cat whale"},
		{"a regular expression holds the whole code", filter("code", "regex", "c.t|do"), nil, "cat"},
		{"paging", all(), []any{"count", "Integer", 2, "offset", "Integer", 1}, "cat whale"},
		{"paging beyond the end", all(), []any{"count", "Integer", 2, "offset", "Integer", 9}, ""},
		{"a count of nothing", all(), []any{"count", "Integer", 0}, ""},
		{"a filter text over designations", all(), []any{"filter", "String", "walv"}, "whale"},
		{"a filter text over codes", all(), []any{"filter", "String", "dod"}, "dodo"},
		{"an exclusion", tx.Object{"include": all()["include"], "exclude": []any{tx.Object{"system": "http://sandbox.test/animals", "concept": []any{tx.Object{"code": "cat"}}}}}, []any{"excludeNested", "Boolean", true}, "mammal whale dodo"},
		{"enumerated codes in their order, without unknown ones", tx.Object{"include": []any{tx.Object{"system": "http://sandbox.test/animals", "concept": []any{tx.Object{"code": "whale"}, tx.Object{"code": "unicorn"}, tx.Object{"code": "cat"}}}}}, nil, "whale cat"},
		{"an intersection with another set", tx.Object{"include": []any{tx.Object{"system": "http://sandbox.test/animals", "filter": filter("concept", "is-a", "mammal")["include"].([]any)[0].(tx.Object)["filter"], "valueSet": []any{"http://sandbox.test/animals?fhir_vs"}}}}, []any{"excludeNested", "Boolean", true}, "mammal cat whale"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := expandCall(s, animalSet(tc.compose), tc.more...)
			if got := strings.Join(a.codes(), " "); a.status != 200 || got != tc.want {
				t.Errorf("got %d %q, want %q: %s", a.status, got, tc.want, a.raw)
			}
		})
	}
}

func TestExpansionsTellWhatTheyStandOn(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	a := expandCall(s, animalSet(all()), "displayLanguage", "Code", "nl", "includeDesignations", "Boolean", true, "property", "Code", "legs")
	for _, want := range []string{`"used-codesystem"`, `http://sandbox.test/animals|1.0.0`, `"displayLanguage"`, `"kat"`, `"total":4`, `"abstract":true`, `"inactive":true`,
		"extension-ValueSet.expansion.contains.property", `"valueInteger":4`} {
		if !strings.Contains(a.raw, want) {
			t.Errorf("%s is missing in %s", want, a.raw)
		}
	}
	if strings.Contains(a.raw, `"name":"version"`) {
		t.Errorf("the old parameter version is there: %s", a.raw)
	}
	nested := a.body["expansion"].(tx.Object)["contains"].([]any)
	if len(nested) != 2 {
		t.Errorf("the hierarchy is not shown: %s", a.raw)
	}
}

func TestProblemsOfExpansions(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	one := func(in tx.Object) tx.Object { return tx.Object{"include": []any{in}} }
	for _, tc := range []struct {
		name    string
		compose tx.Object
		more    []any
		status  int
		code    string
		text    string
	}{
		{"an unknown code system", one(tx.Object{"system": "http://sandbox.test/none"}), nil, 404, "not-found", "http://sandbox.test/none"},
		{"a version that is not here", one(tx.Object{"system": "http://sandbox.test/animals", "version": "9"}), nil, 404, "not-found", "Valid versions: 1.0.0"},
		{"an unknown property", one(tx.Object{"system": "http://sandbox.test/animals", "filter": []any{tx.Object{"property": "wings", "op": "=", "value": "2"}}}), nil, 422, "invalid", "wings"},
		{"an unknown operation", one(tx.Object{"system": "http://sandbox.test/animals", "filter": []any{tx.Object{"property": "legs", "op": "about", "value": "2"}}}), nil, 422, "invalid", "about"},
		{"a broken regular expression", one(tx.Object{"system": "http://sandbox.test/animals", "filter": []any{tx.Object{"property": "code", "op": "regex", "value": "("}}}), nil, 422, "invalid", "regular expression"},
		{"a long regular expression", one(tx.Object{"system": "http://sandbox.test/animals", "filter": []any{tx.Object{"property": "code", "op": "regex", "value": strings.Repeat("a?", 600)}}}), nil, 422, "invalid", "longer than"},
		{"a filter without value", one(tx.Object{"system": "http://sandbox.test/animals", "filter": []any{tx.Object{"property": "code", "op": "="}}}), nil, 422, "invalid", "has no value"},
		{"an unknown value set inside", one(tx.Object{"valueSet": []any{"http://sandbox.test/none"}}), nil, 404, "not-found", "http://sandbox.test/none"},
		{"a set that includes itself", one(tx.Object{"valueSet": []any{"http://sandbox.test/set"}}), []any{"tx-resource", "resource", animalSet(one(tx.Object{"valueSet": []any{"http://sandbox.test/set"}}))}, 422, "processing", "circularity"},
		{"a version that is not the one required", all(), []any{"check-system-version", "Uri", "http://sandbox.test/animals|2.x"}, 404, "not-found", "2.x"},
		{"a missing supplement", all(), []any{"useSupplement", "Canonical", "http://sandbox.test/supplement"}, 404, "not-found", "supplement"},
		{"a negative offset", all(), []any{"offset", "Integer", -1}, 400, "invalid", "offset"},
		{"a truth value that is none", all(), []any{"activeOnly", "String", "perhaps"}, 400, "invalid", "activeOnly"},
		{"a language that is none", all(), []any{"displayLanguage", "Code", "nl_BE!"}, 400, "processing", "displayLanguage"},
		{"more codes than the limit", all(), []any{"limit", "Integer", 2}, 422, "too-costly", "too many codes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := expandCall(s, animalSet(tc.compose), tc.more...)
			issue := firstIssue(a)
			if a.status != tc.status || issue["code"] != tc.code || !strings.Contains(a.raw, tc.text) {
				t.Errorf("got %d %v, want %d %s with %q", a.status, issue, tc.status, tc.code, tc.text)
			}
		})
	}
}

func firstIssue(a answer) tx.Object {
	list, _ := a.body["issue"].([]any)
	if len(list) == 0 {
		return tx.Object{}
	}
	return list[0].(tx.Object)
}

func TestValidation(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	coding := func(code string, more ...string) tx.Object {
		o := tx.Object{"system": "http://sandbox.test/animals", "code": code}
		for i := 0; i+1 < len(more); i += 2 {
			o[more[i]] = more[i+1]
		}
		return o
	}
	mammals := tx.Object{"include": []any{tx.Object{"system": "http://sandbox.test/animals", "filter": []any{tx.Object{"property": "concept", "op": "is-a", "value": "mammal"}}}}}
	for _, tc := range []struct {
		name   string
		set    tx.Object
		param  []any
		result bool
		want   string // in the answer
	}{
		{"a member", mammals, []any{"coding", "Coding", coding("cat")}, true, `"display"`},
		{"no member", mammals, []any{"coding", "Coding", coding("dodo")}, false, "not-in-vs"},
		{"an unknown code", mammals, []any{"coding", "Coding", coding("unicorn")}, false, "invalid-code"},
		{"the right display", mammals, []any{"coding", "Coding", coding("cat", "display", "cat")}, true, `"Cat"`},
		{"a display of another language counts when none is asked for", mammals, []any{"coding", "Coding", coding("cat", "display", "kat")}, true, ""},
		{"a wrong display", mammals, []any{"coding", "Coding", coding("cat", "display", "dog")}, false, "invalid-display"},
		{"a wrong display, leniently", mammals, []any{"coding", "Coding", coding("cat", "display", "dog"), "lenient-display-validation", "Boolean", true}, true, "invalid-display"},
		{"white space in a display", mammals, []any{"coding", "Coding", coding("cat", "display", " Cat ")}, false, "whitespace"},
		{"another case", mammals, []any{"coding", "Coding", coding("CAT")}, true, "normalized-code"},
		{"an inactive code", all(), []any{"coding", "Coding", coding("dodo")}, true, "code-comment"},
		{"an inactive code where only active ones count", all(), []any{"coding", "Coding", coding("dodo"), "activeOnly", "Boolean", true}, false, "is not active"},
		{"an abstract code where none is wanted", all(), []any{"coding", "Coding", coding("mammal"), "abstract", "Boolean", false}, false, "abstract"},
		{"a code with its system inferred", all(), []any{"code", "Code", "cat", "inferSystem", "Boolean", true}, true, "http://sandbox.test/animals"},
		{"a system that cannot be inferred", all(), []any{"code", "Code", "unicorn", "inferSystem", "Boolean", true}, false, "cannot-infer"},
		{"an unknown code system", all(), []any{"coding", "Coding", tx.Object{"system": "http://sandbox.test/none", "code": "x"}}, false, "x-unknown-system"},
		{"an unknown code system that the set names", tx.Object{"include": []any{tx.Object{"system": "http://sandbox.test/none"}}}, []any{"coding", "Coding", tx.Object{"system": "http://sandbox.test/none", "code": "x"}}, false, "x-caused-by-unknown-system"},
		{"a concept with one good coding", mammals, []any{"codeableConcept", "CodeableConcept", tx.Object{"coding": []any{coding("dodo"), coding("cat")}}}, true, "this-code-not-in-vs"},
		{"a concept without good coding", mammals, []any{"codeableConcept", "CodeableConcept", tx.Object{"coding": []any{coding("dodo")}}}, false, "No valid coding"},
		{"a coding without system", mammals, []any{"coding", "Coding", tx.Object{"code": "cat"}}, false, "Coding has no system"},
		{"a coding without code", mammals, []any{"coding", "Coding", tx.Object{"system": "http://sandbox.test/animals"}}, false, "no code"},
		{"a relative system", mammals, []any{"coding", "Coding", tx.Object{"system": "animals", "code": "cat"}}, false, "absolute reference"},
		{"a version that differs from the set's", mammals, []any{"coding", "Coding", coding("cat", "version", "3")}, false, "Valid versions: 1.0.0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			list := append([]any{"valueSet", "resource", animalSet(tc.set), "tx-resource", "resource", animals()}, tc.param...)
			a := s.do(http.MethodPost, "/fhir/ValueSet/$validate-code", parameters(list...))
			if a.status != 200 || a.param("result") != tc.result || !strings.Contains(a.raw, tc.want) {
				t.Errorf("got %d %v, want %v with %q: %s", a.status, a.param("result"), tc.result, tc.want, a.raw)
			}
		})
	}
}

func TestSupplementsAreLaidOver(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	supplement := tx.Object{"resourceType": "CodeSystem", "url": "http://sandbox.test/german", "version": "1", "name": "German", "status": "active", "content": "supplement",
		"supplements": "http://sandbox.test/animals", "language": "de", "concept": []any{tx.Object{"code": "cat", "designation": []any{tx.Object{"language": "de", "value": "Katze"}}}}}
	a := expandCall(s, animalSet(all()), "tx-resource", "resource", supplement, "useSupplement", "Canonical", "http://sandbox.test/german", "displayLanguage", "Code", "de")
	if !strings.Contains(a.raw, "Katze") || !strings.Contains(a.raw, "used-supplement") {
		t.Errorf("got %s", a.raw)
	}
	a = expandCall(s, animalSet(all()), "tx-resource", "resource", supplement, "displayLanguage", "Code", "de")
	if strings.Contains(a.raw, "Katze") {
		t.Errorf("a supplement nobody named was used: %s", a.raw)
	}
}

func TestSubsumption(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	for pair, want := range map[[2]string]string{{"mammal", "cat"}: "subsumes", {"cat", "mammal"}: "subsumed-by", {"cat", "CAT"}: "equivalent", {"cat", "whale"}: "not-subsumed"} {
		a := s.do(http.MethodPost, "/fhir/CodeSystem/$subsumes", parameters("system", "Uri", "http://sandbox.test/animals", "codeA", "Code", pair[0], "codeB", "Code", pair[1], "tx-resource", "resource", animals()))
		if a.param("outcome") != want {
			t.Errorf("%v: got %v, want %s", pair, a.param("outcome"), want)
		}
	}
}

func TestTranslation(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	m := tx.Object{"resourceType": "ConceptMap", "url": "http://sandbox.test/map", "status": "active", "group": []any{tx.Object{"source": "http://sandbox.test/animals", "target": "http://sandbox.test/sounds",
		"element":  []any{tx.Object{"code": "cat", "target": []any{tx.Object{"code": "miaow", "equivalence": "equivalent"}}}, tx.Object{"code": "whale", "target": []any{tx.Object{"equivalence": "unmatched"}}}},
		"unmapped": tx.Object{"mode": "fixed", "code": "silence"}}}}
	call := func(more ...any) answer {
		return s.do(http.MethodPost, "/fhir/ConceptMap/$translate", parameters(append([]any{"tx-resource", "resource", m}, more...)...))
	}
	if a := call("url", "Uri", "http://sandbox.test/map", "system", "Uri", "http://sandbox.test/animals", "code", "Code", "cat"); a.param("result") != true || !strings.Contains(a.raw, "miaow") {
		t.Errorf("forwards: got %s", a.raw)
	}
	if a := call("system", "Uri", "http://sandbox.test/sounds", "code", "Code", "miaow", "reverse", "Boolean", true); !strings.Contains(a.raw, `"cat"`) {
		t.Errorf("backwards: got %s", a.raw)
	}
	if a := call("system", "Uri", "http://sandbox.test/animals", "code", "Code", "dodo"); !strings.Contains(a.raw, "silence") {
		t.Errorf("unmapped: got %s", a.raw)
	}
	if a := call("url", "Uri", "http://sandbox.test/none", "system", "Uri", "x", "code", "Code", "y"); a.status != 404 {
		t.Errorf("an unknown map: got %d", a.status)
	}
	if a := call("system", "Uri", "http://sandbox.test/none", "code", "Code", "y"); a.param("result") != false || a.param("message") == nil {
		t.Errorf("nothing fits: got %s", a.raw)
	}
	if a := call("url", "Uri", "http://sandbox.test/map"); a.status != 400 {
		t.Errorf("nothing to translate: got %d", a.status)
	}
}
