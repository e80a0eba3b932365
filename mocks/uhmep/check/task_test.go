package check

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

const request = "7d0c8f0e-3b0a-4c8f-9a51-0f5f5e1c9a10"

func taskBody(t testing.TB, organisation bool, edits ...string) []byte {
	t.Helper()
	doc := sample.PerformerTask(request, sample.DefaultNurse)
	if organisation {
		doc = sample.OrganizationTask(request, "Organization/NIHII-71000436000")
	}
	if err := sample.Edit(doc, edits...); err != nil {
		t.Fatal(err)
	}
	return sample.JSON(doc)
}

func TestTaskIsAccepted(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, tc := range []struct {
		name         string
		organisation bool
		edits        []string
	}{
		{"an assignment", false, nil},
		{"an assignment of an organisation", true, nil},
		{"the drp profile", false, []string{`set meta.profile ["https://www.ehealth.fgov.be/standards/fhir/drp/StructureDefinition/be-performer-task"]`}},
		{"inside an organisation", false, []string{`add basedOn {"reference":"Task/0b1c"}`}},
		{"an owner of an organisation", false, []string{`set owner.reference "PractitionerRole/80122410269-NURSE-NIHII-71000436000"`}},
		{"a start", false, []string{`set status "in-progress"`, `set executionPeriod {"start":"2026-11-05T09:00:00+01:00"}`}},
		{"start and end as days", false, []string{`set status "completed"`, `set executionPeriod {"start":"2026-11-05","end":"2026-11-06"}`}},
		{"authoredOn", false, []string{`set authoredOn "2026-11-05T09:00:00+01:00"`}},
		{"intent proposal", false, []string{`set intent "proposal"`}},
		{"absolute references", false, []string{`set focus.reference "http://localhost:8080/uhmep/v1/ServiceRequest/` + request + `"`}},
		{"a patient, which is dropped", false, []string{`set for {"reference":"Patient/1"}`}},
		{"a substitution", false, []string{`set status "accepted"`, `set output [{"type":{"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/terminology/ValueSet/be-vs-task-output-type","code":"substituted"}]},"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"32962002"}]}}]`}},
		{"a refusal", false, []string{`set status "rejected"`, `set statusReason {"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-refusal-reason","code":"anything"}]}`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			task, issues := c.Task(taskBody(t, tc.organisation, tc.edits...), ctx())
			if errs := Errors(issues); len(errs) > 0 {
				t.Fatalf("got %s, want acceptance", errs[0].Diagnostics())
			}
			if task.Focus != request || task.PartOf != request || task.Owner.NIHII == "" && task.Owner.SSIN == "" {
				t.Errorf("got %+v, want focus, partOf and owner", task)
			}
			if _, ok := task.Tree["for"]; ok {
				t.Error("the patient is stored with the task")
			}
			if got := tree.Text(tree.Child(task.Tree, "focus"), "reference"); got != "ServiceRequest/"+request {
				t.Errorf("got focus %s, want it relative", got)
			}
		})
	}
}

func TestTaskIsRefused(t *testing.T) {
	t.Parallel()
	c := open(t)
	const p, o = "be-performer-task/", "be-organization-task/"
	for _, tc := range []struct {
		name         string
		organisation bool
		edits        []string
		want         refusal
	}{
		{"no profile", false, []string{`del meta`}, refusal{"profile-routing", "Task.meta.profile", ProfileUnsupported, 422}},
		{"a request profile", false, []string{`set meta.profile ["https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/ereferral-annex-81"]`}, refusal{"profile-routing", "Task.meta.profile", ProfileUnsupported, 422}},
		{"focus as an array", false, []string{`set focus [{"reference":"ServiceRequest/1"}]`}, refusal{"r4-json-type", "Task.focus", BodyMalformed, 400}},
		{"partOf as an object", false, []string{`set partOf {"reference":"Task/1"}`}, refusal{"r4-json-type", "Task.partOf", BodyMalformed, 400}},
		{"no status", false, []string{`del status`}, violation("r4-required", "Task.status")},
		{"no partOf", false, []string{`del partOf`}, violation(p+"partOf"+card, "Task.partOf")},
		{"two partOf", false, []string{`add partOf {"reference":"Task/2"}`}, violation(p+"partOf"+card, "Task.partOf[1]")},
		{"partOf in words", false, []string{`set partOf [{"display":"x"}]`}, violation(p+"partOf.reference"+card, "Task.partOf[0].reference")},
		{"partOf a request", false, []string{`set partOf[0].reference "ServiceRequest/1"`}, violation(p+"partOf:type", "Task.partOf[0].reference")},
		{"partOf elsewhere", false, []string{`set partOf[0].reference "http://example.org/fhir/Task/1"`}, violation("task-link", "Task.partOf[0].reference")},
		{"no focus", false, []string{`del focus`}, violation(p+"focus"+card, "Task.focus")},
		{"focus on a task", false, []string{`set focus.reference "Task/1"`}, violation(p+"focus:type", "Task.focus.reference")},
		{"two basedOn", false, []string{`add basedOn {"reference":"Task/1"}`, `add basedOn {"reference":"Task/2"}`}, violation(p+"basedOn"+card, "Task.basedOn[1]")},
		{"basedOn a request", false, []string{`add basedOn {"reference":"ServiceRequest/1"}`}, violation(p+"basedOn:type", "Task.basedOn[0].reference")},
		{"no owner", false, []string{`del owner`}, violation(p+"owner"+card, "Task.owner")},
		{"an organisation as performer", false, []string{`set owner.reference "Organization/NIHII-71000436000"`}, violation(p+"owner:type", "Task.owner.reference")},
		{"an organisation scope without NIHII-", false, []string{`set owner.reference "PractitionerRole/80122410269-NURSE-71000436000"`}, refusal{"actor-form", "Task.owner.reference", ActorUnresolved, 422}},
		{"intent plan", false, []string{`set intent "plan"`}, refusal{p + "intent:binding", "Task.intent", TerminologyViolation, 422}},
		{"authoredOn with Z", false, []string{`set authoredOn "2026-11-05T08:00:00Z"`}, violation("be-inv-long-date", "Task.authoredOn")},
		{"a period that ends before it starts", false, []string{`set executionPeriod {"start":"2026-11-05","end":"2026-11-04"}`}, violation("per-1", "Task.executionPeriod")},
		{"a status reason without code", false, []string{`set statusReason {"coding":[{"system":"http://example.org/x","code":"1"}]}`}, refusal{p + "statusReason:binding", "Task.statusReason", TerminologyViolation, 422}},
		{"a clear status reason", false, []string{`set statusReason {"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"PATOBJ"}],"text":"no"}`}, refusal{"text-form", "Task.statusReason.text", TextNotEncrypted, 422}},
		{"an encrypted reason without key", false, []string{`set statusReason {"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"PATOBJ"}],"text":"` + sample.Encrypted("k") + `"}`}, refusal{"key-present", "Task.meta.extension", KeyMissing, 422}},
		{"two outputs", false, []string{`set output [{"type":{"text":"a"},"valueBoolean":true},{"type":{"text":"a"},"valueBoolean":true}]`}, violation(p+"output"+card, "Task.output[1]")},
		{"another output", false, []string{`set output [{"type":{"coding":[{"code":"progress-ratio"}]},"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"32962002"}]}}]`}, refusal{"output-type", "Task.output[0].type", TerminologyViolation, 422}},
		{"an output that is no exam", false, []string{`set output [{"type":{"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-task-output-type","code":"substituted"}]},"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"77477000"}]}}]`}, refusal{"output-exam", "Task.output[0].valueCodeableConcept", TerminologyViolation, 422}},
		{"a professional as organisation", true, []string{`set owner.reference "PractitionerRole/80122410269-NURSE"`}, violation(o+"owner:type", "Task.owner.reference")},
		{"an organisation task on another", true, []string{`add basedOn {"reference":"Task/1"}`}, violation(o+"basedOn"+card, "Task.basedOn")},
		{"an organisation task without focus", true, []string{`del focus`}, violation(o+"focus"+card, "Task.focus")},
		{"an organisation task without partOf", true, []string{`del partOf`}, violation(o+"partOf"+card, "Task.partOf")},
		{"an organisation task with intent plan", true, []string{`set intent "plan"`}, refusal{o + "intent:binding", "Task.intent", TerminologyViolation, 422}},
		{"an organisation task without owner", true, []string{`del owner`}, violation(o+"owner"+card, "Task.owner")},
		{"an organisation number that is too short", true, []string{`set owner.reference "Organization/NIHII-71000436"`}, refusal{"actor-form", "Task.owner.reference", ActorUnresolved, 422}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, issues := c.Task(taskBody(t, tc.organisation, tc.edits...), ctx())
			expect(t, issues, tc.want)
		})
	}
}
