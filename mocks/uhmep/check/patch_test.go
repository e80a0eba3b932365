package check

import (
	"slices"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

const outputType = "https://www.ehealth.fgov.be/standards/fhir/terminology/ValueSet/be-vs-task-output-type"

func concept(system, code string) tree.Object { return sample.Concept(system, code) }

func TestPatchIsRecognised(t *testing.T) {
	t.Parallel()
	c := open(t)
	reason := concept(sample.Terminology+"be-cs-refusal-reason", "not-indicated")
	for _, tc := range []struct {
		name    string
		target  Kind
		imaging bool
		ops     []tree.Object
		want    Action
		at      string
	}{
		{"cancel a prescription", Nursing, false, []tree.Object{sample.SetStatus("ServiceRequest", "revoked")}, CancelDocument, ""},
		{"cancel with valueString", Annex81, false, []tree.Object{sample.Operation("replace", "ServiceRequest.status", "", "valueString", "revoked")}, CancelDocument, ""},
		{"start at a time", PerformerTask, false, []tree.Object{sample.StartAt("2026-11-05T09:00:00+01:00")}, Start, "2026-11-05T09:00:00+01:00"},
		{"start on a day", PerformerTask, false, []tree.Object{sample.Operation("add", "Task.executionPeriod", "start", "valueDate", "2026-11-05")}, Start, "2026-11-05"},
		{"finish", PerformerTask, false, []tree.Object{sample.FinishAt("2026-11-05T10:00:00+01:00")}, Finish, "2026-11-05T10:00:00+01:00"},
		{"interrupt", PerformerTask, false, []tree.Object{sample.SetStatus("Task", "on-hold")}, Interrupt, ""},
		{"cancel an execution", PerformerTask, true, []tree.Object{sample.SetStatus("Task", "cancelled")}, CancelExecution, ""},
		{"accept an exam", PerformerTask, true, []tree.Object{sample.SetStatus("Task", "accepted")}, Accept, ""},
		{"substitute an exam", PerformerTask, true, sample.Substitute("32962002"), Accept, ""},
		{"substitute without status", PerformerTask, true, sample.Substitute("32962002")[1:], Accept, ""},
		{"substitute with value", PerformerTask, true, append(sample.Substitute("32962002")[:3:3], sample.Operation("add", "Task.output", "value", "valueCodeableConcept", concept(sample.SNOMED, "32962002"))), Accept, ""},
		{"refuse an exam", PerformerTask, true, sample.Refuse("not-indicated"), Refuse, ""},
		{"refuse, reason first", PerformerTask, true, []tree.Object{sample.Operation("add", "Task", "statusReason", "valueCodeableConcept", reason), sample.SetStatus("Task", "rejected")}, Refuse, ""},
		{"complete the document", ReferralTask, false, []tree.Object{sample.SetStatus("Task", "completed")}, CompleteDocument, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p, issues := c.Patch(sample.JSON(sample.Patch(tc.ops...)), tc.target, tc.imaging, ctx())
			if len(issues) > 0 {
				t.Fatalf("got %s, want recognition", issues[0].Diagnostics())
			}
			if p.Action != tc.want || p.At != tc.at {
				t.Errorf("got %+v, want %s at %q", p, tc.want, tc.at)
			}
			if (p.Reason != nil) != (tc.want == Refuse) || (p.Substitute != nil) != (len(tc.ops) >= 3) {
				t.Errorf("got %+v, want reason and substitution where they were sent", p)
			}
		})
	}
}

func TestCancelCarriesItsReason(t *testing.T) {
	t.Parallel()
	c := open(t)
	text := sample.SetText(tree.Object{}, "text", sample.Encrypted("k1"))
	parts := tree.Object{"name": "operation", "part": []any{
		tree.Object{"name": "type", "valueCode": "add"}, tree.Object{"name": "path", "valueString": "ServiceRequest"}, tree.Object{"name": "name", "valueString": "extension"},
		tree.Object{"name": "value", "part": []any{
			tree.Object{"name": "url", "valueUri": "http://hl7.org/fhir/StructureDefinition/request-statusReason"},
			tree.Object{"name": "value", "valueCodeableConcept": text},
		}},
	}}
	for name, op := range map[string]tree.Object{
		"as a concept": sample.Operation("add", "ServiceRequest", "extension", "valueCodeableConcept", text),
		"in parts":     parts,
	} {
		doc := sample.Patch(sample.SetStatus("ServiceRequest", "revoked"), op)
		doc["meta"] = sample.KeyMeta("k1", sample.Pseudonym(3))
		p, issues := c.Patch(sample.JSON(doc), Nursing, false, ctx())
		if len(issues) > 0 || p.Action != CancelDocument || p.Reason == nil || p.Key == nil || len(p.Texts) != 1 {
			t.Errorf("%s: got %+v %+v, want a cancel with its reason", name, p, issues)
		}
		delete(doc, "meta")
		_, issues = c.Patch(sample.JSON(doc), Nursing, false, ctx())
		expect(t, issues, refusal{"key-present", "Parameters.meta.extension", KeyMissing, 422})
	}
	clear := sample.Patch(sample.SetStatus("ServiceRequest", "revoked"), sample.Operation("add", "ServiceRequest", "extension", "valueCodeableConcept", tree.Object{"text": "moved away"}))
	_, issues := c.Patch(sample.JSON(clear), Nursing, false, ctx())
	expect(t, issues, refusal{"text-form", "Parameters.parameter[1].part[3].valueCodeableConcept.text", TextNotEncrypted, 422})
}

func TestPatchIsRefused(t *testing.T) {
	t.Parallel()
	c := open(t)
	start, finish := sample.StartAt("2026-11-05T09:00:00+01:00"), sample.FinishAt("2026-11-05T10:00:00+01:00")
	denied := func(rule, element string) refusal { return refusal{rule, element, PatchNotAllowed, 422} }
	const first, second = "Parameters.parameter[0]", "Parameters.parameter[1]"
	for _, tc := range []struct {
		name    string
		target  Kind
		imaging bool
		ops     []tree.Object
		want    refusal
	}{
		{"a document set to completed", Nursing, false, []tree.Object{sample.SetStatus("ServiceRequest", "completed")}, denied("patch-status-document", first)},
		{"a document with another element", Nursing, false, []tree.Object{sample.Operation("replace", "ServiceRequest.priority", "", "valueCode", "urgent")}, denied("patch-operation", first)},
		{"a delete", Nursing, false, []tree.Object{sample.Operation("delete", "ServiceRequest.note", "", "", nil)}, denied("patch-operation", first)},
		{"a reason without cancel", Nursing, false, []tree.Object{sample.Operation("add", "ServiceRequest", "extension", "valueCodeableConcept", concept("s", "c"))}, denied("patch-status-document", first)},
		{"another extension", Nursing, false, []tree.Object{sample.SetStatus("ServiceRequest", "revoked"), sample.Operation("add", "ServiceRequest", "extension", "valueBoolean", true)}, denied("patch-extension", second)},
		{"a cancel said twice", Nursing, false, []tree.Object{sample.SetStatus("ServiceRequest", "revoked"), sample.SetStatus("ServiceRequest", "revoked")}, denied("patch-operation", second)},
		{"a task path on a document", Nursing, false, []tree.Object{sample.SetStatus("Task", "on-hold")}, denied("patch-operation", first)},
		{"a referral task set to cancelled", ReferralTask, false, []tree.Object{sample.SetStatus("Task", "cancelled")}, denied("patch-status-referral", first)},
		{"a referral task with a period", ReferralTask, false, []tree.Object{start}, denied("patch-operation", first)},
		{"an organisation task", OrganizationTask, false, []tree.Object{sample.SetStatus("Task", "on-hold")}, denied("patch-target", first)},
		{"in-progress through status", PerformerTask, false, []tree.Object{sample.SetStatus("Task", "in-progress")}, denied("patch-status-performer", first)},
		{"completed through status", PerformerTask, false, []tree.Object{sample.SetStatus("Task", "completed")}, denied("patch-status-performer", first)},
		{"accepted outside radiology", PerformerTask, false, []tree.Object{sample.SetStatus("Task", "accepted")}, denied("patch-status-performer", first)},
		{"rejected outside radiology", PerformerTask, false, sample.Refuse("other"), denied("patch-status-performer", first)},
		{"a substitution outside radiology", PerformerTask, false, sample.Substitute("32962002"), denied("patch-operation", second)},
		{"start and end in one patch", PerformerTask, false, []tree.Object{start, finish}, denied("patch-operation", second)},
		{"start and status in one patch", PerformerTask, false, []tree.Object{start, sample.SetStatus("Task", "on-hold")}, denied("patch-operation", second)},
		{"a replaced start", PerformerTask, false, []tree.Object{sample.Operation("replace", "Task.executionPeriod.start", "", "valueDateTime", "2026-11-05T09:00:00+01:00")}, denied("patch-operation", first)},
		{"a start that is a text", PerformerTask, false, []tree.Object{sample.Operation("add", "Task.executionPeriod", "start", "valueString", "2026-11-05")}, denied("patch-period", first)},
		{"an owner", PerformerTask, false, []tree.Object{sample.Operation("replace", "Task.owner", "", "valueReference", tree.Object{"reference": sample.DefaultNurse})}, denied("patch-operation", first)},
		{"a refusal without reason", PerformerTask, true, []tree.Object{sample.SetStatus("Task", "rejected")}, denied("patch-refusal-reason", first)},
		{"a reason without refusal", PerformerTask, true, []tree.Object{sample.SetStatus("Task", "accepted"), sample.Refuse("other")[1]}, denied("patch-refusal-reason", first)},
		{"a reason without code", PerformerTask, true, []tree.Object{sample.SetStatus("Task", "rejected"), sample.Operation("add", "Task", "statusReason", "valueCodeableConcept", concept("http://example.org/x", "1"))}, refusal{"patch-refusal-reason", second, TerminologyViolation, 422}},
		{"a substitution without exam", PerformerTask, true, sample.Substitute("32962002")[:3], denied("patch-substitution", second)},
		{"a substitution without type", PerformerTask, true, slices.Delete(sample.Substitute("32962002"), 2, 3), denied("patch-substitution", second)},
		{"a substitution with parts before the output", PerformerTask, true, []tree.Object{sample.Substitute("32962002")[2]}, denied("patch-operation", first)},
		{"a substitution of another type", PerformerTask, true, append(sample.Substitute("32962002")[:2:2], sample.Operation("add", "Task.output", "type", "valueCodeableConcept", concept(outputType, "progress-ratio")), sample.Substitute("32962002")[3]), refusal{"output-type", "Parameters.parameter[2]", TerminologyViolation, 422}},
		{"a substitution by an unknown exam", PerformerTask, true, sample.Substitute("77477000"), refusal{"output-exam", "Parameters.parameter[3]", TerminologyViolation, 422}},
		{"a substitution with a refusal", PerformerTask, true, append(sample.Refuse("other"), sample.Substitute("32962002")[1:]...), denied("patch-substitution", first)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, issues := c.Patch(sample.JSON(sample.Patch(tc.ops...)), tc.target, tc.imaging, ctx())
			expect(t, issues, tc.want)
		})
	}
}

func TestPatchThatIsNoFHIRPathPatch(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, tc := range []struct{ name, body, rule string }{
		{"a JSON Patch", `[{"op":"replace","path":"/status","value":"revoked"}]`, "json-resource"},
		{"a resource", `{"resourceType":"Task","status":"ready","intent":"order"}`, "resource-type"},
		{"no operations", `{"resourceType":"Parameters"}`, "patch-syntax"},
		{"another parameter", `{"resourceType":"Parameters","parameter":[{"name":"change","valueString":"a"}]}`, "patch-syntax"},
		{"no type", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"path","valueString":"Task.status"}]}]}`, "patch-syntax"},
		{"an unknown type", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"set"},{"name":"path","valueString":"Task.status"}]}]}`, "patch-syntax"},
		{"no path", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"}]}]}`, "patch-syntax"},
		{"a part twice", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"type","valueCode":"add"},{"name":"path","valueString":"Task.status"}]}]}`, "patch-syntax"},
		{"an unknown part", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Task.status"},{"name":"colour","valueString":"red"}]}]}`, "patch-syntax"},
		{"an empty value", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Task.status"},{"name":"value"}]}]}`, "patch-syntax"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, issues := c.Patch([]byte(tc.body), PerformerTask, false, ctx())
			if Status(issues) != 400 || !slices.ContainsFunc(issues, func(i Issue) bool { return i.Rule == tc.rule && i.Sandbox == BodyMalformed }) {
				t.Errorf("got %+v, want %s with 400", issues, tc.rule)
			}
		})
	}
}

func TestEvaluation(t *testing.T) {
	t.Parallel()
	c := open(t)
	for name, body := range map[string]string{
		"no body": "", "blanks": " \n", "an empty object": "{}", "no parameter": `{"resourceType":"Parameters"}`,
		"an empty list": `{"resourceType":"Parameters","parameter":[]}`, "the key alone": string(sample.JSON(tree.Object{"resourceType": "Parameters", "meta": sample.KeyMeta("k", sample.Pseudonym(3))})),
	} {
		e, issues := c.Evaluation([]byte(body), ctx())
		if len(issues) > 0 || e.Note != nil || e.Requester != nil {
			t.Errorf("%s: got %+v %+v, want no note", name, e, issues)
		}
	}
	full := sample.Evaluation(sample.DefaultPhysician, sample.Options{})
	e, issues := c.Evaluation(sample.JSON(full), ctx())
	if len(issues) > 0 || e.Note == nil || e.Requester == nil || e.Requester.SSIN != "72010100133" || e.Key == nil || len(e.Texts) != 1 {
		t.Errorf("got %+v %+v, want note, requester and key", e, issues)
	}
	for _, tc := range []struct {
		name  string
		edits []string
		want  refusal
	}{
		{"a clear note", []string{`set parameter[1].valueCodeableConcept {"text":"fine"}`}, refusal{"text-form", "Parameters.parameter[1].valueCodeableConcept.text", TextNotEncrypted, 422}},
		{"a note without marker", []string{`del parameter[1].valueCodeableConcept._text`}, refusal{"text-marker", "Parameters.parameter[1].valueCodeableConcept.text", TextNotEncrypted, 422}},
		{"a note without key", []string{`del meta`}, refusal{"key-present", "Parameters.meta.extension", KeyMissing, 422}},
		{"a note under another key", []string{`set meta.extension[0].id "other"`}, refusal{"key-kid", "Parameters.parameter[1].valueCodeableConcept.text", KeyMismatch, 422}},
		{"a note without text", []string{`set parameter[1].valueCodeableConcept {"coding":[{"code":"a"}]}`}, refusal{"operation-parameter", "Parameters.parameter[1]", "INVALID_PARAMETER", 400}},
		{"an unknown parameter", []string{`add parameter {"name":"reason","valueString":"a"}`}, refusal{"operation-parameter", "Parameters.parameter[2]", "INVALID_PARAMETER", 400}},
		{"a parameter twice", []string{`add parameter {"name":"requester","valueReference":{"reference":"PractitionerRole/72010100133-PHYSICIAN"}}`}, refusal{"operation-parameter", "Parameters.parameter[2]", "INVALID_PARAMETER", 400}},
		{"a requester that is a text", []string{`set parameter[0] {"name":"requester","valueString":"PractitionerRole/72010100133-PHYSICIAN"}`}, refusal{"operation-parameter", "Parameters.parameter[0]", "INVALID_PARAMETER", 400}},
		{"a requester with wrong check digits", []string{`set parameter[0].valueReference.reference "PractitionerRole/72010100134-PHYSICIAN"`}, refusal{"actor-ssin", "Parameters.parameter[0].valueReference.reference", ActorUnresolved, 422}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			doc := sample.Evaluation(sample.DefaultPhysician, sample.Options{})
			if err := sample.Edit(doc, tc.edits...); err != nil {
				t.Fatal(err)
			}
			_, issues := c.Evaluation(sample.JSON(doc), ctx())
			expect(t, issues, tc.want)
		})
	}
}
