package tx_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/ecl"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed/snomedtest"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

const clinicVersion = "http://snomed.info/xsct/900000000000207008/version/20250101"

// clinic asks an engine with an invented release about expressions. In requests and answers [Name] stands for an identifier.
type clinic struct {
	*snomedtest.Edition
	tx.Engine
}

func newClinic(t *testing.T, text string) *clinic {
	t.Helper()
	return open(t, snomedtest.New(t, clinicVersion, text))
}

// open makes an engine that offers an edition.
func open(t *testing.T, e *snomedtest.Edition) *clinic {
	t.Helper()
	evaluate := func(ctx context.Context, e *snomed.Edition, s string) (tx.Set, *tx.Problem) {
		n, err := ecl.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		set, err := ecl.Evaluate(ctx, n, e)
		if err != nil {
			t.Fatal(err)
		}
		return set, nil
	}
	shelf := tx.NewShelf()
	shelf.AddSystem(tx.NewSCT(e.Edition, nil, evaluate))
	return &clinic{e, tx.Engine{Shelves: []*tx.Shelf{shelf}, MaxExpansion: 1000, Now: func() time.Time { return time.Unix(0, 0) }, UUID: func() string { return "u" }}}
}

// call reads parameters written as JSON members name: value.
func (c *clinic) call(t *testing.T, params string) tx.Call {
	t.Helper()
	list := []any{}
	for name, v := range decode(t, c.Text("{"+params+"}")) {
		key := "valueString"
		if o, ok := v.(tx.Object); ok {
			key = "valueCoding"
			if o["resourceType"] != nil {
				key = "resource"
			} else if o["coding"] != nil {
				key = "valueCodeableConcept"
			}
		}
		list = append(list, map[string]any{"name": name, key: v})
	}
	p, problem := tx.ReadParameters(tx.Object{"resourceType": "Parameters", "parameter": list})
	if problem != nil {
		t.Fatal(problem)
	}
	return tx.Call{Params: p, Context: t.Context()}
}

// told writes an answer line by line: name=value, and severity/code/type of each issue with its text; identifiers become names.
func (c *clinic) told(o tx.Object, p *tx.Problem) string {
	var lines []string
	issue := func(o tx.Object) {
		d := o["details"].(tx.Object)
		typ := "-"
		if l, ok := d["coding"].([]any); ok {
			typ = fmt.Sprint(l[0].(tx.Object)["code"])
		}
		lines = append(lines, fmt.Sprintf("%v/%v/%s: %v", o["severity"], o["code"], typ, d["text"]))
	}
	if p != nil {
		lines = append(lines, fmt.Sprint(p.Status))
		o = tx.Object{"parameter": []any{tx.Object{"name": "issues", "resource": tx.Outcome(p.Issues)}}}
	}
	items, _ := o["parameter"].([]any)
	for _, x := range items {
		p := x.(tx.Object)
		switch r := p["resource"].(type) {
		case tx.Object:
			for _, i := range r["issue"].([]any) {
				issue(i.(tx.Object))
			}
		default:
			if p["name"] == "message" || p["name"] == "system" || p["name"] == "codeableConcept" {
				continue
			}
			lines = append(lines, fmt.Sprintf("%v=%s", p["name"], value(p)))
		}
	}
	text := strings.ReplaceAll(strings.Join(lines, "\n"), clinicVersion, "V")
	type pair struct{ id, name string }
	var names []pair
	for name, id := range c.IDs {
		names = append(names, pair{snomed.ID(id), "[" + name + "]"})
	}
	slices.SortFunc(names, func(a, b pair) int { return len(b.id) - len(a.id) })
	for _, n := range names {
		text = strings.ReplaceAll(text, n.id, n.name)
	}
	return text
}

func value(p tx.Object) string {
	if parts, ok := p["part"].([]any); ok {
		var out []string
		for _, x := range parts {
			out = append(out, value(x.(tx.Object)))
		}
		return strings.Join(out, " ")
	}
	for k, v := range p {
		if strings.HasPrefix(k, "value") {
			if o, ok := v.(tx.Object); ok {
				return fmt.Sprint(o["code"])
			}
			return fmt.Sprint(v)
		}
	}
	return ""
}

func lines(s ...string) string { return strings.Join(s, "\n") }

func TestExpressionsAreValidatedInTheCodeSystem(t *testing.T) {
	t.Parallel()
	c := newClinic(t, snomedtest.Clinic+snomedtest.Model)
	const unknown = "error/code-invalid/invalid-code: Unknown code '%s' in the CodeSystem 'http://snomed.info/sct' version 'V' (Test Edition)"
	const why = "information/code-invalid/invalid-code: Not a valid expression: "
	bad := func(code, reason string) string {
		return lines("result=false", "code="+code, "version=V", fmt.Sprintf(unknown, code), why+reason)
	}
	for _, tc := range []struct{ name, code, want string }{
		{"a good one", "[Rash]:{[Cause]=[Fall]}", lines("result=true", "code=[Rash]:{[Cause]=[Fall]}", "version=V", "display=[Rash]|Rash|:{[Cause]|Cause|=[Fall]|Fall|}")},
		{"terms and blanks are no part of it", "[Rash] |red| : { [Cause] = [Fall] |down| }",
			lines("result=true", "code=[Rash] |red| : { [Cause] = [Fall] |down| }", "version=V", "display=[Rash]|Rash|:{[Cause]|Cause|=[Fall]|Fall|}")},
		{"a nested one", "[Rash]:{[Site]=([Hand]:[Laterality]=[Left])}",
			lines("result=true", "code=[Rash]:{[Site]=([Hand]:[Laterality]=[Left])}", "version=V", "display=[Rash]|Rash|:{[Site]|Site|=([Hand]|Hand|:[Laterality]|Laterality|=[Left]|Left|)}")},
		{"one in another writing", "[Product]:[Count]=#2{[Strength]=#5}", lines("result=true", "code=[Product]:[Count]=#2{[Strength]=#5}", "normalized-code=[Product]:[Count]=#2,{[Strength]=#5}", "version=V",
			"display=[Product]|Product|:[Count]|Count|=#2,{[Strength]|Strength|=#5}",
			"information/business-rule/code-rule: The code '[Product]:[Count]=#2{[Strength]=#5}' is valid, but it is not the normal form for the code system 'http://snomed.info/sct|V'; the normal form is '[Product]:[Count]=#2,{[Strength]=#5}'")},
		{"a concept written as an expression", "[Rash] |Rash|", lines("result=true", "code=[Rash] |Rash|", "normalized-code=[Rash]", "version=V", "display=Rash",
			"information/business-rule/code-rule: The code '[Rash] |Rash|' is valid, but it is not the normal form for the code system 'http://snomed.info/sct|V'; the normal form is '[Rash]'")},
		{"a concept that does not exist", "[Rash]:{[Cause]=240280071}", bad("[Rash]:{[Cause]=240280071}", "Concept 240280071 not found in V (at character 18)")},
		{"no attribute", "[Rash]:{[Left]=[Cause]}", bad("[Rash]:{[Left]=[Cause]}", "Concept [Left] is not valid in this context (must be a descendent of one of [Model attribute],[Linkage concept])")},
		{"against the concept model", "[Hand]:{[Laterality]=[Left]}", bad("[Hand]:{[Laterality]=[Left]}", "The SNOMED CT concept model does not allow the attribute [Laterality] |Laterality| to appear in a relationship group")},
		{"a refined value without brackets", "[Rash]:{[Site]=[Hand]:[Laterality]=[Left]}",
			bad("[Rash]:{[Site]=[Hand]:[Laterality]=[Left]}", `A refined value must stand in brackets (next char = ":", in "[Rash]:{[Site]=[Hand]:[Laterality]=[Left]}") at character 25`)},
		{"free text", "freetext", bad("freetext", `Concept not found (next char = "f", in "freetext") at character 1`)},
		{"an identifier alone is no expression", "9999999", lines("result=false", "code=9999999", "version=V", fmt.Sprintf(unknown, "9999999"))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := c.told(c.ValidateInSystem(c.call(t, fmt.Sprintf(`"url":"http://snomed.info/sct","code":%s`, quote(tc.code))))); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestWithoutAConceptModelValidationSaysThatItIsNotComplete(t *testing.T) {
	t.Parallel()
	c := newClinic(t, snomedtest.Clinic)
	got := c.told(c.ValidateInSystem(c.call(t, `"url":"http://snomed.info/sct","code":"[Rash]:[Site]=#5"`)))
	want := lines("result=true", "code=[Rash]:[Site]=#5", "version=V", "display=[Rash]|Rash|:[Site]|Site|=#5",
		"information/informational/process-note: The expression '[Rash]:[Site]=#5' was not judged by the concept model: the release carries no MRCM reference sets")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// set writes a value set with one include.
func set(include string) string {
	return `{"resourceType":"ValueSet","url":"urn:set","status":"active","compose":{"include":[` + include + `]}}`
}

func filter(property, op, value string) string {
	return fmt.Sprintf(`{"system":"http://snomed.info/sct","filter":[{"property":%q,"op":%q,"value":%s}]}`, property, op, quote(value))
}

func TestExpressionsAreMembersOfValueSets(t *testing.T) {
	t.Parallel()
	c := newClinic(t, snomedtest.Clinic+snomedtest.Model)
	const expr = "[Disorder]:{[Site]=[Tail of pancreas]}"
	listed := `{"system":"http://snomed.info/sct","concept":[{"code":"[Rash]"},{"code":"[Disorder]:{[Shape]=[Swelling],[Site]=[Tail of pancreas]}"},{"code":"` + expr + `"}]}`
	for _, tc := range []struct {
		name, include, code string
		want                bool
	}{
		{"the whole system", `{"system":"http://snomed.info/sct"}`, expr, true},
		{"constraint", filter("constraint", "=", "< [Pancreas disorder]"), expr, true},
		{"constraint that it does not satisfy", filter("constraint", "=", "<< [Rash]"), expr, false},
		{"constraint with a refinement", filter("constraint", "=", "< [Disorder] : [Site] = << [Pancreas]"), expr, true},
		{"is-a", filter("concept", "is-a", "[Gland disorder]"), expr, true},
		{"is-a itself", filter("concept", "is-a", "[Gland disorder]"), "[Disorder]:{[Site]=[Gland]}", true},
		{"descendent-of", filter("concept", "descendent-of", "[Gland disorder]"), expr, true},
		{"descendent-of what means the same", filter("concept", "descendent-of", "[Gland disorder]"), "[Disorder]:{[Site]=[Gland]}", false},
		{"is-not-a", filter("concept", "is-not-a", "[Rash]"), expr, true},
		{"is-not-a of an ancestor", filter("concept", "is-not-a", "[Disorder]"), expr, false},
		{"generalizes", filter("concept", "generalizes", "[Hard pancreas]"), "[Disorder]:{[Site]=[Gland]}", true},
		{"child-of", filter("concept", "child-of", "[Pancreas disorder]"), expr, true},
		{"equal", filter("concept", "=", "[Pancreas disorder]"), "[Disorder]:{[Site]=[Pancreas]}", true},
		{"parent", filter("parent", "=", "[Pancreas disorder]"), expr, true},
		{"a reference set", filter("concept", "in", "[Other set]"), "[Rash]:{[Site]=[Hand]}", false},
		{"an attribute", filter("[Site]", "=", "[Tail of pancreas]"), expr, true},
		{"another value of it", filter("[Site]", "=", "[Hand]"), expr, false},
		{"sufficiently defined", filter("sufficientlyDefined", "=", "true"), expr, true},
		{"a subtype is not", filter("sufficientlyDefined", "=", "true"), "<<<" + expr, false},
		{"inactive", filter("inactive", "=", "true"), expr, false},
		{"effectiveTime", filter("effectiveTime", "=", "20250101"), expr, false},
		{"expressions allowed", `{"system":"http://snomed.info/sct","filter":[{"property":"concept","op":"is-a","value":"[Disorder]"},{"property":"expressions","op":"=","value":"true"}]}`, expr, true},
		{"expressions not allowed", `{"system":"http://snomed.info/sct","filter":[{"property":"concept","op":"is-a","value":"[Disorder]"},{"property":"expressions","op":"=","value":"false"}]}`, expr, false},
		{"and concepts are then", `{"system":"http://snomed.info/sct","filter":[{"property":"concept","op":"is-a","value":"[Disorder]"},{"property":"expressions","op":"=","value":"false"}]}`, "[Rash]", true},
		{"listed", listed, expr, true},
		{"listed in another writing", listed, "[Disorder] : {[Site]=[Tail of pancreas] , [Shape] = [Swelling]}", true},
		{"not listed", listed, "[Disorder]:{[Site]=[Pancreas]}", false},
		{"both of two sets", `{"valueSet":["http://snomed.info/sct?fhir_vs=isa/[Disorder]","http://snomed.info/sct?fhir_vs=ecl/* MINUS << [Rash]"]}`, expr, true},
		{"an implicit set of descendants", `{"valueSet":["http://snomed.info/sct?fhir_vs=isa/[Rash]"]}`, expr, false},
		{"an implicit reference set", `{"valueSet":["http://snomed.info/sct?fhir_vs=refset/[Other set]"]}`, "[Rash]:{[Site]=[Hand]}", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			params := fmt.Sprintf(`"system":"http://snomed.info/sct","code":%s,"valueSet":%s`, quote(tc.code), set(tc.include))
			got := c.told(c.ValidateCode(c.call(t, params)))
			if !strings.HasPrefix(got, fmt.Sprintf("result=%v\n", tc.want)) || !tc.want && !strings.Contains(got, "was not found in the value set 'urn:set'") {
				t.Errorf("got %s, want %v", got, tc.want)
			}
			coded := fmt.Sprintf(`"codeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":%s}]},"valueSet":%s`, quote(tc.code), set(tc.include))
			if got := c.told(c.ValidateCode(c.call(t, coded))); !strings.HasPrefix(got, fmt.Sprintf("result=%v\n", tc.want)) {
				t.Errorf("as a CodeableConcept: got %s, want %v", got, tc.want)
			}
		})
	}
}

func TestAnExpressionThatIsNoMemberHasItsDisplay(t *testing.T) {
	t.Parallel()
	c := newClinic(t, snomedtest.Clinic+snomedtest.Model)
	got := c.told(c.ValidateCode(c.call(t, `"system":"http://snomed.info/sct","code":"[Rash] : { [Cause]=[Fall] }","valueSet":`+set(filter("concept", "is-a", "[Mumps]")))))
	want := lines("result=false", "code=[Rash] : { [Cause]=[Fall] }", "version=V", "display=[Rash]|Rash|:{[Cause]|Cause|=[Fall]|Fall|}",
		"error/code-invalid/not-in-vs: The provided code 'http://snomed.info/sct#[Rash] : { [Cause]=[Fall] }' was not found in the value set 'urn:set'")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got = c.told(c.ValidateCode(c.call(t, `"code":"[Rash]:{[Cause]=[Fall]}","inferSystem":"true","valueSet":`+set(filter("concept", "is-a", "[Rash]")))))
	if !strings.HasPrefix(got, "result=true") {
		t.Errorf("the system is not inferred: %s", got)
	}
}

func TestListedExpressionsAreExpanded(t *testing.T) {
	t.Parallel()
	c := newClinic(t, snomedtest.Clinic+snomedtest.Model)
	listed := `{"system":"http://snomed.info/sct","concept":[{"code":"[Rash]:{[Cause]=[Fall]}"},{"code":"[Rash]"},{"code":"[Rash]:{[Left]=[Fall]}"},{"code":"[Rash] : {[Cause] = [Fall]}"}]}`
	excluded := `{"resourceType":"ValueSet","url":"urn:set","status":"active","compose":{"include":[` + listed + `],"exclude":[` + filter("concept", "descendent-of", "[Rash]") + `]}}`
	for _, tc := range []struct{ name, params, want string }{
		{"in their places, once, with displays", `"valueSet":` + set(listed), "[Rash]:{[Cause]=[Fall]} [Rash]"},
		{"filtered by text", `"filter":"fall cau","valueSet":` + set(listed), "[Rash]:{[Cause]=[Fall]}"},
		{"of active codes", `"activeOnly":"true","valueSet":` + set(listed), "[Rash]:{[Cause]=[Fall]} [Rash]"},
		{"paged", `"count":"1","offset":"1","valueSet":` + set(listed), "[Rash]"},
		{"without expressions", `"excludePostCoordinated":"true","valueSet":` + set(listed), "[Rash]"},
		{"an exclude takes them out", `"valueSet":` + excluded, "[Rash]"},
		{"an include beside a filter", `"valueSet":` + set(filter("concept", "is-a", "[Mumps]")+","+listed), "[Mumps] [Rash]:{[Cause]=[Fall]} [Rash]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o, p := c.Expand(c.call(t, tc.params))
			if p != nil {
				t.Fatal(p)
			}
			if got, want := members(o["expansion"].(tx.Object)["contains"]), c.Text(tc.want); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestAnExpansionIsUnclosedUnlessExpressionsAreLeftOut(t *testing.T) {
	t.Parallel()
	c := newClinic(t, snomedtest.Clinic)
	with := func(value string) string {
		return `"valueSet":` + set(`{"system":"http://snomed.info/sct","filter":[{"property":"concept","op":"is-a","value":"[Rash]"},{"property":"expressions","op":"=","value":"`+value+`"}]}`)
	}
	for params, want := range map[string]bool{with("true"): true, with("false"): false, `"excludePostCoordinated":"true",` + with("true"): false} {
		o, p := c.Expand(c.call(t, params))
		if p != nil {
			t.Fatal(p)
		}
		if got := o["expansion"].(tx.Object)["extension"] != nil; got != want {
			t.Errorf("%s: unclosed %v, want %v", params, got, want)
		}
	}
	if _, p := c.Expand(c.call(t, with("maybe"))); p == nil || p.Status != http.StatusUnprocessableEntity {
		t.Errorf("got %v, want 422 for a filter that is neither true nor false", p)
	}
}

func TestExpressionsAreLookedUp(t *testing.T) {
	t.Parallel()
	c := newClinic(t, snomedtest.Clinic+snomedtest.Model)
	got := c.told(c.Lookup(c.call(t, `"system":"http://snomed.info/sct","code":"[Rash]:{[Cause]=([Disorder]:{[Site]=[Gland]})}"`)))
	display := "[Rash]|Rash|:{[Cause]|Cause|=([Disorder]|Disorder|:{[Site]|Site|=[Gland]|Gland|})}"
	want := lines("name=SNOMED CT Test Edition", "code=[Rash]:{[Cause]=([Disorder]:{[Site]=[Gland]})}", "version=V", "display="+display, "abstract=false",
		"designation=en-US preferredForLanguage "+display,
		"property=inactive false", "property=sufficientlyDefined true", "property=parent [Rash] Rash",
		"property=[Cause] [Disorder]:{[Site]=[Gland]} [Disorder]|Disorder|:{[Site]|Site|=[Gland]|Gland|}", "property=[Site] [Hand] Hand")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got = c.told(c.Lookup(c.call(t, `"system":"http://snomed.info/sct","property":"normalFormTerse","code":"[Disorder]:{[Site]=[Tail of pancreas]}"`)))
	if want := "property=normalFormTerse === [Pancreas disorder]:{[Site]=[Tail of pancreas]}"; !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got = c.told(c.Lookup(c.call(t, `"system":"http://snomed.info/sct","code":"[Rash]:{[Site]=[Hand]:[Laterality]=[Left]}"`)))
	if !strings.HasPrefix(got, "404\nerror/not-found/invalid-code: Unknown code '[Rash]:{[Site]=[Hand]:[Laterality]=[Left]}'") || !strings.Contains(got, "must stand in brackets") {
		t.Errorf("got %s", got)
	}
}

func TestSubsumptionOfExpressionsIsProvenOrOpen(t *testing.T) {
	t.Parallel()
	c := newClinic(t, snomedtest.Clinic+snomedtest.Model)
	for _, tc := range []struct{ name, a, b, want string }{
		{"a parent", "[Disorder]", "[Rash]:{[Site]=[Hand]}", "outcome=subsumes"},
		{"below its focus", "[Pancreatitis]:{[Cause]=[Fall]}", "[Pancreatitis]", "outcome=subsumed-by"},
		{"a refinement that says nothing new", "[Rash]:{[Site]=[Hand]}", "[Rash]", "outcome=equivalent"},
		{"the same in other words", "[Rash] |x| : {[Site] = [Hand]}", "[Rash]:{[Site]=[Hand]}", "outcome=equivalent"},
		{"nothing is proven", "[Disorder]:{[Site]=[Hand]}", "[Disorder]:{[Site]=[Gland]}",
			lines("422", "error/not-supported/cannot-determine: Whether one of the expressions '[Disorder]:{[Site]=[Hand]}' and '[Disorder]:{[Site]=[Gland]}' subsumes the other cannot be determined from their structure")},
		{"concepts have no open question", "[Rash]", "[Mumps]", "outcome=not-subsumed"},
		{"a bad one is named", "[Disorder]:[Site]=[Hand]", "[Disorder]",
			lines("404", "error/code-invalid/invalid-code: Unknown code '[Disorder]:[Site]=[Hand]' in the CodeSystem 'http://snomed.info/sct' version 'V' (Test Edition): Not a valid expression: The SNOMED CT concept model requires the attribute [Site] |Site| to appear in a relationship group")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := c.told(c.Subsumes(c.call(t, fmt.Sprintf(`"system":"http://snomed.info/sct","codeA":%s,"codeB":%s`, quote(tc.a), quote(tc.b)))))
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestExpressionsAreNotEvaluatedWhenTheyMayNotBe(t *testing.T) {
	t.Parallel()
	c := newClinic(t, snomedtest.Clinic)
	c.RefuseExpressions = true
	got := c.told(c.ValidateInSystem(c.call(t, `"url":"http://snomed.info/sct","code":"[Rash]:[Site]=[Hand]"`)))
	want := lines("result=false", "code=[Rash]:[Site]=[Hand]",
		"information/not-supported/process-note: The code '[Rash]:[Site]=[Hand]' may be a post-coordinated expression. Expressions are not evaluated: set -tx-postcoordination=evaluate",
		"error/code-invalid/invalid-code: Unknown code '[Rash]:[Site]=[Hand]' in the CodeSystem 'http://snomed.info/sct' version 'V' (Test Edition)")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, p := c.Lookup(c.call(t, `"system":"http://snomed.info/sct","code":"[Rash]:[Site]=[Hand]"`)); p == nil || p.Status != http.StatusUnprocessableEntity {
		t.Errorf("got %v, want 422", p)
	}
}

func TestAFragmentProvesNothingOfExpressions(t *testing.T) {
	t.Parallel()
	e := snomedtest.New(t, clinicVersion, snomedtest.Clinic)
	e.Fragment = true
	c := open(t, e)
	got := c.told(c.ValidateInSystem(c.call(t, `"url":"http://snomed.info/sct","code":"[Rash]:[Site]=[Hand]"`)))
	want := lines("result=false", "code=[Rash]:[Site]=[Hand]",
		"information/not-supported/process-note: The code '[Rash]:[Site]=[Hand]' may be a post-coordinated expression. Expressions are not evaluated over a fragment: import a release (sandbox import-rf2, -rf2)",
		"error/code-invalid/invalid-code: Unknown code '[Rash]:[Site]=[Hand]' in the CodeSystem 'http://snomed.info/sct' version 'V'")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, p := c.Lookup(c.call(t, `"system":"http://snomed.info/sct","code":"[Rash]:[Site]=[Hand]"`)); p == nil || p.Status != http.StatusUnprocessableEntity {
		t.Errorf("got %v, want 422", p)
	}
}
