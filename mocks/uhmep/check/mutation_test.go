package check

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// substitutes are values that belong nowhere.
func substitutes() []any {
	return []any{nil, "x", json.Number("1"), tree.Object{}, []any{}, []any{nil}, []any{tree.Object{}}}
}

// places calls visit with a setter for every member and item of a tree.
func places(v any, visit func(set func(any))) {
	switch v := v.(type) {
	case tree.Object:
		for _, name := range tree.Names(v) {
			old := v[name]
			visit(func(x any) { v[name] = x })
			v[name] = old
			places(old, visit)
		}
	case []any:
		for i := range v {
			old := v[i]
			visit(func(x any) { v[i] = x })
			v[i] = old
			places(old, visit)
		}
	}
}

// TestNothingInATreeMakesTheRulesPanic puts every substitute into every place of the richest samples. The base check, which
// would refuse most of them, is left out, so that the rules meet them all.
func TestNothingInATreeMakesTheRulesPanic(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, template := range []string{imaging, "parameters"} {
		doc := sample.Request(template, sample.Options{})
		places(doc, func(set func(any)) {
			for _, value := range substitutes() {
				set(value)
				root := profile.Root(doc)
				kind, p, _ := c.route(root, Nursing, Annex81, Imaging)
				id := ""
				if p != nil {
					id = p.ID
				}
				c.judge(id, doc, nil)
				tmpl, _ := c.template(root, kind)
				key, _ := c.key(root)
				c.texts(root, key)
				c.patient(root, kind)
				actor(root.Member("requester"), ctx().Base, "PractitionerRole")
				c.dates(tmpl, root, now)
				if tmpl != nil {
					c.templateFields(tmpl, root, true)
				}
			}
		})
	}
	for _, doc := range []tree.Object{sample.Patch(sample.Substitute("32962002")...), sample.Evaluation(sample.DefaultPhysician, sample.Options{}), sample.Patch(sample.Refuse("other")...)} {
		places(doc, func(set func(any)) {
			for _, value := range substitutes() {
				set(value)
				body := sample.JSON(doc)
				c.Patch(body, PerformerTask, true, ctx())
				c.Evaluation(body, ctx())
			}
		})
	}
}

// TestManySmallMistakesCostNoMoreThanTheirBytes sends large bodies of one mistake each: the answer stays small, and nothing in
// the checks grows with the square of their number (which would run into the time-out of the test).
func TestManySmallMistakesCostNoMoreThanTheirBytes(t *testing.T) {
	t.Parallel()
	c := open(t)
	many := func(path, item string) string {
		return "set " + path + " [" + strings.TrimSuffix(strings.Repeat(item+",", 100_000/len(item)), ",") + "]"
	}
	for _, edit := range []string{
		many("note", `{"text":"x"}`), many("note", `{"a":1}`), many("note", `null`), many("note", `""`), many("supportingInfo", `{"reference":"#x"}`),
		many("category", `{"coding":[{"system":"http://snomed.info/sct","code":"1"}]}`), many("extension", `{"url":"a","valueBoolean":true}`),
		many("extension", `{"url":"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-validity-period","valuePeriod":{"start":"x"}}`),
		many("contained", `{"resourceType":"Patient","id":"a"}`), many("orderDetail", `{"coding":[{"system":"http://snomed.info/sct","code":"91720002"}]}`),
		many("identifier", `{"system":"https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin","value":"1"}`),
		`set ` + strings.Repeat("a", 100_000) + ` 1`,
	} {
		_, issues := c.ServiceRequest(edited(t, hygienic, edit), ctx())
		size := 0
		for _, issue := range issues {
			size += len(issue.Diagnostics()) + len(issue.Expression)
		}
		if len(Errors(issues)) == 0 || len(issues) > MaxIssues || size > 40_000 {
			t.Errorf("%.60s: got %d issues of %d bytes, want some and a small answer", edit, len(issues), size)
		}
	}
}

// TestBrokenBytesAreRefused cuts and changes bytes of samples: no panic, and never an accepted document that lacks something.
func TestBrokenBytesAreRefused(t *testing.T) {
	t.Parallel()
	c := open(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, template := range sample.Templates() {
		body := sample.JSON(sample.Request(template, sample.Options{}))
		for range 25 {
			broken := append([]byte(nil), body...)
			from := random.IntN(len(broken))
			switch random.IntN(3) {
			case 0:
				broken[from] = byte(random.IntN(256))
			case 1:
				broken = append(broken[:from], broken[min(len(broken), from+random.IntN(30)):]...)
			case 2:
				broken = broken[:from]
			}
			sr, issues := c.ServiceRequest(broken, ctx())
			if len(Errors(issues)) == 0 && (sr == nil || sr.Tree == nil || len(sr.Patients) == 0 || sr.Requester.SSIN == "") {
				t.Errorf("accepted %s", broken)
			}
		}
	}
}
