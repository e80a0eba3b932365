package check

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
)

// FuzzServiceRequest looks for panics, and for documents that are accepted without what the workflow relies on.
func FuzzServiceRequest(f *testing.F) {
	for _, template := range sample.Templates() {
		f.Add(sample.JSON(sample.Request(template, sample.Options{})))
	}
	for _, seed := range []string{`{"resourceType":"ServiceRequest","extension":[1,null,{"url":1}],"category":[[]],"contained":[{}]}`,
		`{"resourceType":"ServiceRequest","meta":{"profile":[null]},"_status":{"extension":"x"},"note":{"text":{}}}`, `{"resourceType":"ServiceRequest"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sr, issues := open(t).ServiceRequest(body, ctx())
		if len(Errors(issues)) > 0 {
			return
		}
		if sr == nil || sr.Tree == nil || sr.Template == "" || len(sr.Patients) == 0 || sr.Requester.SSIN == "" || sr.Validity.Start == "" {
			t.Fatalf("accepted without %+v", sr)
		}
	})
}

// FuzzParameters looks for panics in patches and evaluations.
func FuzzParameters(f *testing.F) {
	f.Add(sample.JSON(sample.Patch(sample.Substitute("32962002")...)))
	f.Add(sample.JSON(sample.Patch(sample.SetStatus("ServiceRequest", "revoked"))))
	f.Add(sample.JSON(sample.Evaluation(sample.DefaultPhysician, sample.Options{})))
	f.Add([]byte(`{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"part":[{}]},1,null]}]}`))
	f.Add([]byte(`{"resourceType":"Task","meta":{"profile":["https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-performer-task"]},"output":[{}],"owner":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := open(t)
		for _, kind := range []Kind{Nursing, PerformerTask, ReferralTask} {
			if p, issues := c.Patch(body, kind, true, ctx()); len(Errors(issues)) == 0 && p.Action == "" {
				t.Fatalf("accepted a patch without action: %s", body)
			}
		}
		c.Evaluation(body, ctx())
		if task, issues := c.Task(body, ctx()); len(Errors(issues)) == 0 && (task.Focus == "" || task.Tree == nil) {
			t.Fatalf("accepted a task without focus: %s", body)
		}
	})
}
