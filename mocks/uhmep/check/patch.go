package check

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Patch judges the body of a PATCH: a FHIRPath Patch that is one of a closed list of operation sets. target is the kind of the
// resource, imaging says whether its document is a radiology prescription.
func (c *Checker) Patch(raw []byte, target Kind, imaging bool, ctx Context) (*Patch, []Issue) {
	doc, issues := c.read(raw, "Parameters")
	if doc == nil {
		return nil, arrange(issues)
	}
	root := profile.Root(doc)
	issues = append(issues, c.judge("", doc, issues)...)
	ops, wrong := operations(root)
	issues = append(issues, wrong...)
	p := &Patch{}
	if len(wrong) == 0 {
		s := &patchSet{c: c, ops: ops, imaging: imaging, patch: p}
		s.recognise(target)
		issues = append(issues, s.issues...)
	}
	p.Key, wrong = c.key(root)
	issues = append(issues, wrong...)
	p.Texts, wrong = c.texts(root, p.Key)
	issues = append(issues, wrong...)
	return p, arrange(issues)
}

// patchSet matches operations with the sets that are allowed.
type patchSet struct {
	c       *Checker
	ops     []operation
	imaging bool
	patch   *Patch
	issues  []Issue
}

func (s *patchSet) refuse(rule string, at *profile.Node, text, got, want string) {
	s.issues = append(s.issues, unprocessable(StageTemplateRule, "business-rule", PatchNotAllowed, rule, at, text, got, want))
}

func (s *patchSet) recognise(target Kind) {
	switch target {
	case Nursing, Annex81, Imaging:
		s.document()
	case ReferralTask:
		s.referral()
	case PerformerTask:
		s.performer()
	default:
		s.refuse("patch-target", s.ops[0].node, "this resource cannot be patched", string(target), "a ServiceRequest, referral task or performer task")
	}
}

// document allows a cancel, with or without its reason.
func (s *patchSet) document() {
	for _, o := range s.ops {
		switch {
		case o.is("replace", "ServiceRequest.status", "") && s.patch.Action == "":
			if got := o.text(); got != "revoked" {
				s.refuse("patch-status-document", o.place(), "a document can only be cancelled", got, "revoked")
			}
			s.patch.Action = CancelDocument
		case o.is("add", "ServiceRequest", "extension") && s.patch.Reason == nil:
			s.cancelReason(o)
		default:
			s.unknown(o, "replace ServiceRequest.status with revoked, and once add the status reason to ServiceRequest")
		}
	}
	if s.patch.Action == "" && len(s.issues) == 0 {
		s.refuse("patch-status-document", s.ops[0].node, "a reason comes with the cancel itself", "no change of status", "replace ServiceRequest.status with revoked")
	}
}

// cancelReason reads the status reason: as a concept, or as an extension written in parts.
func (s *patchSet) cancelReason(o operation) {
	concept := o.value
	if o.parts != nil {
		for _, part := range o.parts.Items("part") {
			values := part.Choices("value")
			if len(values) != 1 {
				continue
			}
			switch part.Member("name").Text() {
			case "url":
				if got := values[0].Text(); got != "http://hl7.org/fhir/StructureDefinition/request-statusReason" {
					s.refuse("patch-extension", values[0], "only the status reason may be added", got, "http://hl7.org/fhir/StructureDefinition/request-statusReason")
				}
			case "value", "value[x]", "valueCodeableConcept":
				concept = values[0]
			}
		}
	}
	if !concept.Is("valueCodeableConcept") {
		s.refuse("patch-extension", o.place(), "the status reason is a CodeableConcept", "another value", "valueCodeableConcept")
		return
	}
	s.patch.Reason = concept.Object()
	s.issues = append(s.issues, unmarked(concept)...)
}

// referral allows the completion of the document.
func (s *patchSet) referral() {
	for i, o := range s.ops {
		if i > 0 || !o.is("replace", "Task.status", "") {
			s.unknown(o, "replace Task.status with completed")
			continue
		}
		if got := o.text(); got != "completed" {
			s.refuse("patch-status-referral", o.place(), "a referral task can only be completed", got, "completed")
		}
		s.patch.Action = CompleteDocument
	}
}

// performer allows start, finish, interrupt and cancel, and for radiology accept, substitute and refuse.
func (s *patchSet) performer() {
	var output *operation // the add of an output waits for its two parts
	var kind, exam *profile.Node
	single := ""
	for _, o := range s.ops {
		switch {
		case o.is("add", "Task.executionPeriod", "start"), o.is("add", "Task.executionPeriod", "end"):
			if single == "" {
				s.period(o)
				single = "period"
				continue
			}
			s.unknown(o, "one change at a time")
		case o.is("replace", "Task.status", "") && single == "":
			s.status(o)
			single = "status"
		case s.imaging && o.is("add", "Task", "output") && output == nil && o.value == nil && o.parts == nil:
			output = &o
		case output != nil && o.is("add", "Task.output", "type") && kind == nil:
			kind = o.place()
		case output != nil && (o.is("add", "Task.output", "valueCodeableConcept") || o.is("add", "Task.output", "value")) && exam == nil:
			exam = o.place()
		case s.imaging && o.is("add", "Task", "statusReason") && s.patch.Reason == nil:
			s.refusalReason(o)
		default:
			s.unknown(o, "an operation of the list: start, end, status on-hold or cancelled; for radiology accepted, rejected, output, statusReason")
		}
	}
	if output != nil {
		s.substitution(output, kind, exam)
	}
	s.complete(output != nil)
}

func (s *patchSet) period(o operation) {
	s.patch.Action, s.patch.At = Start, o.at()
	if o.name == "end" {
		s.patch.Action = Finish
	}
	if s.patch.At == "" {
		s.refuse("patch-period", o.place(), "the value is a date or a dateTime", "another value", "valueDateTime or valueDate")
	}
}

func (s *patchSet) status(o operation) {
	allowed := map[string]Action{"on-hold": Interrupt, "cancelled": CancelExecution}
	want := "on-hold or cancelled"
	if s.imaging {
		allowed["accepted"], allowed["rejected"] = Accept, Refuse
		want = "on-hold, cancelled, accepted or rejected"
	}
	action, ok := allowed[o.text()]
	if !ok {
		s.refuse("patch-status-performer", o.place(), "this status cannot be set", o.text(), want)
		return
	}
	s.patch.Action = action
}

func (s *patchSet) refusalReason(o operation) {
	if !o.value.Is("valueCodeableConcept") {
		s.refuse("patch-refusal-reason", o.place(), "the reason is a CodeableConcept", "another value", "valueCodeableConcept")
		return
	}
	s.patch.Reason = o.value.Object()
	s.issues = append(s.issues, unmarked(o.value)...)
	for _, coding := range tree.Objects(s.patch.Reason, "coding") {
		system, code := tree.System(coding), tree.Text(coding, "code")
		if member, _ := s.c.codes.Member(valueSetReasons, system, code); member || system == systemRefusals && code != "" {
			return
		}
	}
	s.issues = append(s.issues, unprocessable(StageBinding, "code-invalid", TerminologyViolation, "patch-refusal-reason", o.value, "the reason needs a code", codingsText(o.value), "a code of "+systemRefusals))
}

func (s *patchSet) substitution(output *operation, kind, exam *profile.Node) {
	switch {
	case kind == nil || exam == nil:
		s.refuse("patch-substitution", output.node, "a substitution has a type and the new exam", "one of both", "add Task.output type and add Task.output valueCodeableConcept")
	case !kind.Is("valueCodeableConcept") || !isSubstitution(kind.Object()):
		s.issues = append(s.issues, unprocessable(StageBinding, "code-invalid", TerminologyViolation, "output-type", kind, "the only output is a substitution", codingsText(kind), systemOutputsToo+"|substituted"))
	case !exam.Is("valueCodeableConcept"):
		s.refuse("patch-substitution", exam, "the new exam is a CodeableConcept", "another value", "valueCodeableConcept")
	default:
		s.patch.Substitute = exam.Object()
		s.issues = append(s.issues, s.c.exam(exam)...)
	}
}

// complete checks that the parts of a set belong together.
func (s *patchSet) complete(substituted bool) {
	if len(s.issues) > 0 {
		return
	}
	at := s.ops[0].node
	switch {
	case substituted && s.patch.Action == "":
		s.patch.Action = Accept // the guide sends the status too; the list of allowed sets has the output alone
	case substituted && s.patch.Action != Accept:
		s.refuse("patch-substitution", at, "a substitution comes with accepted", string(s.patch.Action), "replace Task.status with accepted")
	case s.patch.Action == Refuse && s.patch.Reason == nil:
		s.refuse("patch-refusal-reason", at, "a refusal needs its reason", "none", "add Task statusReason")
	}
	if s.patch.Reason != nil && s.patch.Action != Refuse {
		s.refuse("patch-refusal-reason", at, "a reason comes with rejected", string(s.patch.Action), "replace Task.status with rejected")
	}
}

func (s *patchSet) unknown(o operation, want string) {
	s.refuse("patch-operation", o.node, "this operation is not allowed here", strings.TrimSpace(o.kind+" "+o.path+" "+o.name), want)
}

// place is where the value stands, or the operation.
func (o operation) place() *profile.Node {
	switch {
	case o.value != nil:
		return o.value
	case o.parts != nil:
		return o.parts
	}
	return o.node
}
