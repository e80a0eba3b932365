package basecheck

import (
	"strings"
	"sync"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

func parse(t testing.TB, text string) tree.Object {
	t.Helper()
	doc, problems := tree.Parse([]byte(text), tree.Limits{})
	if len(problems) > 0 {
		t.Fatalf("parse %s: %v", text, problems[0])
	}
	return doc
}

func open(t testing.TB) *Checker {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const order = `"resourceType":"ServiceRequest","status":"active","intent":"order","subject":{"reference":"Patient/1"}`

func TestCheckNamesKindAndPlace(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, tc := range []struct {
		name, in string
		want     []Problem // texts are not compared
	}{
		{"an unknown element is named, not only its parent", `{` + order + `,"foo":1,"code":{"bar":[2]}}`, []Problem{
			{Unknown, "ServiceRequest.code.bar", "ServiceRequest.code.bar", ""}, {Unknown, "ServiceRequest.foo", "ServiceRequest.foo", ""}}},
		{"wrong JSON types are told from malformed values", `{` + order + `,"category":{"text":"a"},"code":[{"text":"a"}],"authoredOn":"2026-13-01",` +
			`"occurrenceTiming":{"repeat":{"count":"3","frequency":0}}}`, []Problem{
			{Value, "ServiceRequest.authoredOn", "ServiceRequest.authoredOn", ""},
			{Type, "ServiceRequest.category", "ServiceRequest.category", ""},
			{Type, "ServiceRequest.code", "ServiceRequest.code", ""},
			{Type, "ServiceRequest.occurrence.repeat.count", "ServiceRequest.occurrenceTiming.repeat.count", ""},
			{Value, "ServiceRequest.occurrence.repeat.frequency", "ServiceRequest.occurrenceTiming.repeat.frequency", ""}}},
		{"a code of a closed set", `{` + order + `,"priority":"now"}`, []Problem{{Code, "ServiceRequest.priority", "ServiceRequest.priority", ""}}},
		{"two types of one choice", `{` + order + `,"quantityQuantity":{"value":1},"quantityRange":{"low":{"value":1}}}`, []Problem{
			{Choice, "ServiceRequest.quantity", "", ""}}},
		{"missing elements are reported at the element", `{"resourceType":"ServiceRequest","status":"active","note":[{"time":"2026-01-01T10:00:00Z"}]}`, []Problem{
			{Required, "ServiceRequest.intent", "ServiceRequest.intent", ""},
			{Required, "ServiceRequest.note[0].text", "ServiceRequest.note[0].text", ""},
			{Required, "ServiceRequest.subject", "ServiceRequest.subject", ""}}},
		{"paths of choice elements are joined again", `{` + order + `,"occurrenceTiming":{"code":{"coding":[{"code":" a "}]}}}`, []Problem{
			{Value, "ServiceRequest.occurrence.code.coding[0].code", "ServiceRequest.occurrenceTiming.code.coding[0].code", ""}}},
		{"the type of a literal reference", `{` + order + `,"basedOn":[{"reference":"CarePlan/1"},{"reference":"Patient/1"}]}`, []Problem{
			{Reference, "ServiceRequest.basedOn[1]", "ServiceRequest.basedOn[1]", ""}}},
		{"an unknown resource type", `{"resourceType":"Prescription"}`, []Problem{{Resource, "Prescription", "Prescription", ""}}},
		{"contained resources are checked", `{` + order + `,"contained":[{"resourceType":"Patient","id":"p","birthday":"x"},{"resourceType":"QuestionnaireResponse","id":"q"}]}`, []Problem{
			{Unknown, "ServiceRequest.contained[0].birthday", "ServiceRequest.contained[0].birthday", ""},
			{Required, "ServiceRequest.contained[1].status", "ServiceRequest.contained[1].status", ""}}},
		{"resources in parameters are checked", `{"resourceType":"Parameters","parameter":[{"name":"a","part":[{"name":"b","resource":{"resourceType":"Task","status":"ready"}}]}]}`, []Problem{
			{Required, "Parameters.parameter[0].part[0].resource.intent", "Parameters.parameter[0].part[0].resource.intent", ""}}},
		{"missing elements are found beside unknown ones", `{"resourceType":"ServiceRequest","status":"active","foo":1,"subject":{"reference":"Patient/1"},"note":[{"time":"2026-01-01T10:00:00Z"}],"basedOn":[{"reference":"Patient/1"}]}`, []Problem{
			{Reference, "ServiceRequest.basedOn[0]", "ServiceRequest.basedOn[0]", ""},
			{Unknown, "ServiceRequest.foo", "ServiceRequest.foo", ""},
			{Required, "ServiceRequest.intent", "ServiceRequest.intent", ""},
			{Required, "ServiceRequest.note[0].text", "ServiceRequest.note[0].text", ""}}},
		{"a malformed element is not missing as well", `{"resourceType":"ServiceRequest","status":"bogus","intent":7,"subject":[{"reference":"Patient/1"}]}`, []Problem{
			{Type, "ServiceRequest.intent", "ServiceRequest.intent", ""},
			{Code, "ServiceRequest.status", "ServiceRequest.status", ""},
			{Type, "ServiceRequest.subject", "ServiceRequest.subject", ""}}},
		{"a primitive written as an object", `{` + order + `,"authoredOn":{"id":"a"}}`, []Problem{{Type, "ServiceRequest.authoredOn", "ServiceRequest.authoredOn", ""}}},
		{"a value in an underscore member", `{` + order + `,"_authoredOn":"2026-01-01"}`, []Problem{{Type, "ServiceRequest.authoredOn", "ServiceRequest._authoredOn", ""}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := c.Check(parse(t, tc.in))
			if len(got) != len(tc.want) {
				t.Fatalf("got %+v, want %+v", got, tc.want)
			}
			for i, want := range tc.want {
				if got[i].Kind != want.Kind || got[i].Path != want.Path || want.Element != "" && got[i].Element != want.Element || got[i].Text == "" {
					t.Errorf("got %+v, want %+v", got[i], want)
				}
			}
		})
	}
}

func TestCheckAcceptsWhatTheAPINeeds(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, tc := range []struct{ name, in string }{
		{"a role id with an underscore", `{` + order + `,"requester":{"reference":"PractitionerRole/72010100133-GENERAL_PHYS-NIHII-71000436000"}}`},
		{"a pseudonym as patient id", `{"resourceType":"ServiceRequest","status":"active","intent":"order","subject":{"reference":"Patient/urn:be:fgov:pseudo:v2:AwB:eyJ.a.b"}}`},
		{"a birth date that is only an extension", `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"u","extension":[{"url":"encryptedValue","valueString":"x"}]}]}}`},
		{"null in an array of primitives", `{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"extension":[{"url":"u","valueBoolean":true}]}]}]}`},
		{"an array of nothing but null", `{"resourceType":"Patient","name":[{"given":[null],"_given":[{"extension":[{"url":"u","valueBoolean":true}]}]}]}`},
		{"an extension on a reference", `{` + order + `,"supportingInfo":[{"reference":"#x","_reference":{"extension":[{"url":"u","valueBoolean":true}]}},{"display":"a"}]}`},
		{"a concept that is only an extension", `{` + order + `,"code":{"extension":[{"url":"u","valueBoolean":true}]}}`},
		{"a FHIRPath patch", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"value","valueDateTime":"2026-11-05T09:00:00+01:00"}]}]}`},
		{"decimals with many digits", `{` + order + `,"quantityQuantity":{"value":1.234567890123456789}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := c.Check(parse(t, tc.in)); len(got) > 0 {
				t.Errorf("got %+v, want no problems", got)
			}
		})
	}
}

func TestCheckLeavesTheTreeAlone(t *testing.T) {
	t.Parallel()
	in := `{"resourceType":"ServiceRequest","contained":[{"resourceType":"Patient","name":[{"_given":[null,{"id":"a"}],"given":["A",null]}]}],"status":"active"}`
	doc := parse(t, in)
	before := string(tree.Encode(doc))
	open(t).Check(doc)
	if after := string(tree.Encode(doc)); after != before {
		t.Errorf("got %s, want %s", after, before)
	}
}

func TestCheckIsStableAndConcurrent(t *testing.T) {
	t.Parallel()
	c := open(t)
	var members []string
	for _, name := range []string{"za", "zb", "zc", "zd", "ze", "zf", "zg"} {
		members = append(members, `"`+name+`":1`)
	}
	doc := parse(t, `{`+order+`,`+strings.Join(members, ",")+`}`)
	first := c.Check(doc)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			got := c.Check(doc)
			for i := range first {
				if got[i] != first[i] {
					t.Errorf("got %v, want %v", got[i], first[i])
				}
			}
		})
	}
	wait.Wait()
}

func BenchmarkCheck(b *testing.B) {
	c := open(b)
	doc := parse(b, `{`+order+`,"code":{"coding":[{"system":"http://snomed.info/sct","code":"225964003"}]},"authoredOn":"2026-11-02T09:30:00+01:00"}`)
	for b.Loop() {
		c.Check(doc)
	}
}
