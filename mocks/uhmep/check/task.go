package check

import (
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Value sets and systems of radiology evaluations.
const (
	valueSetExams    = terminology + "ValueSet/be-vs-diagnostic-imaging-procedure"
	valueSetReasons  = "https://www.ehealth.fgov.be/standards/fhir/referral/ValueSet/be-vs-performer-task-status-reason"
	systemRefusals   = terminology + "CodeSystem/be-cs-refusal-reason"
	systemOutputs    = terminology + "CodeSystem/be-cs-task-output-type"
	systemOutputsToo = terminology + "ValueSet/be-vs-task-output-type" // what the guide's payloads use as a system
)

// Task judges the body of a create of a task. Status, period and document rules are the workflow's.
func (c *Checker) Task(raw []byte, ctx Context) (*TaskDoc, []Issue) {
	doc, issues := c.read(raw, "Task")
	if doc == nil {
		return nil, arrange(issues)
	}
	root := profile.Root(doc)
	kind, p, wrong := c.route(root, PerformerTask, OrganizationTask, ReferralTask)
	issues = append(issues, wrong...)
	id := ""
	if p != nil {
		id = p.ID
	}
	issues = append(issues, c.judge(id, doc, issues)...)
	if p == nil {
		return nil, arrange(issues)
	}
	t := &TaskDoc{Kind: kind, Status: tree.Text(doc, "status"), Intent: tree.Text(doc, "intent")}
	t.Key, wrong = c.key(root)
	issues = append(issues, wrong...)
	t.Texts, wrong = c.texts(root, t.Key)
	issues = append(issues, wrong...)
	issues = append(issues, unmarked(root.Member("statusReason"))...)
	switch kind {
	case PerformerTask:
		t.Owner, wrong = actor(root.Member("owner"), ctx.Base, "PractitionerRole")
	case OrganizationTask:
		t.Owner, wrong = actor(root.Member("owner"), ctx.Base, "Organization")
	default: // a referral Task has no owner
	}
	issues = append(issues, wrong...)
	t.Focus, wrong = link(root.Member("focus"), "ServiceRequest", ctx.Base)
	issues = append(issues, wrong...)
	t.PartOf, wrong = link(root.Member("partOf"), "Task", ctx.Base)
	issues = append(issues, wrong...)
	t.BasedOn, wrong = link(root.Member("basedOn"), "Task", ctx.Base)
	issues = append(issues, wrong...)
	t.Start, t.End = root.Member("executionPeriod", "start").Text(), root.Member("executionPeriod", "end").Text()
	t.Reason = root.Member("statusReason").Object()
	t.Substitute, wrong = c.output(root.Member("output"))
	issues = append(issues, wrong...)
	issues = arrange(issues)
	if len(Errors(issues)) == 0 {
		t.Tree = c.normaliseTask(doc, ctx)
	}
	return t, issues
}

// link reads the id of a reference that must point to a stored resource.
func link(n *profile.Node, kind, base string) (string, []Issue) {
	ref := n.Member("reference")
	if ref == nil {
		return "", nil // reported by the profile
	}
	id := idOf(ref.Text(), kind, base)
	if id == "" {
		return "", []Issue{unprocessable(StageStructure, "structure", ProfileViolation, "task-link", ref, "the reference is not "+kind+"/{id}", ref.Text(), kind+"/{id}")}
	}
	return id, nil
}

// unmarked refuses the clear text of a concept that has no marker beside it.
func unmarked(concept *profile.Node) []Issue {
	text := concept.Member("text")
	if text == nil {
		return nil
	}
	if _, ok := markerOf(text); ok {
		return nil
	}
	return []Issue{unprocessable(StagePseudonym, "value", TextNotEncrypted, "text-marker", text, "an encrypted text carries be-ext-pseudonymization", "no marker", "be-ext-pseudonymization")}
}

// output reads a substitution: type substituted and the new exam.
func (c *Checker) output(n *profile.Node) (tree.Object, []Issue) {
	if n == nil {
		return nil, nil
	}
	var issues []Issue
	kind := n.Member("type")
	if !isSubstitution(kind.Object()) {
		at := kind
		if at == nil {
			at = n.Absent("type")
		}
		issues = append(issues, unprocessable(StageBinding, "code-invalid", TerminologyViolation, "output-type", at, "the only output is a substitution", codingsText(at), systemOutputsToo+"|substituted"))
	}
	exam := n.Member("valueCodeableConcept")
	if exam == nil {
		return nil, append(issues, unprocessable(StageStructure, "required", ProfileViolation, "output-exam", n.Absent("valueCodeableConcept"), "a substitution names the new exam", "none", "valueCodeableConcept"))
	}
	return exam.Object(), append(issues, c.exam(exam)...)
}

func isSubstitution(concept tree.Object) bool {
	return tree.HasCoding(concept, systemOutputs, "substituted") || tree.HasCoding(concept, systemOutputsToo, "substituted")
}

// exam checks that a concept is an imaging procedure of the required value set.
func (c *Checker) exam(n *profile.Node) []Issue {
	for _, coding := range tree.Objects(n.Object(), "coding") {
		if member, known := c.codes.Member(valueSetExams, tree.System(coding), tree.Text(coding, "code")); member || !known {
			return nil
		}
	}
	return []Issue{unprocessable(StageBinding, "code-invalid", TerminologyViolation, "output-exam", n, "the exam is not in the required value set", codingsText(n), valueSetExams)}
}

func (c *Checker) normaliseTask(doc tree.Object, ctx Context) tree.Object {
	out := tree.Clone(doc)
	delete(out, "id")
	delete(out, "_id")
	delete(out, "for") // the patient is never stored with a task
	rewrite(out, c.profiles)
	dropNarrative(out)
	relativeReferences(out, ctx.Base)
	return out
}
