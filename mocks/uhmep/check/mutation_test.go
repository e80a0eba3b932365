package check

import (
	"encoding/json"
	"math/rand/v2"
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
