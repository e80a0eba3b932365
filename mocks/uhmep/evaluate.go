package uhmep

import (
	"context"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// Verdict is the evaluation of a proposal.
type Verdict struct {
	Approve   bool
	Requester *check.Actor // the internal prescriber an organisation acts for
	Note      tree.Object  // CodeableConcept with an encrypted text, or nil
	Key       *SealedKey
}

// EvaluateBody judges the Parameters of $approve and $reject and evaluates.
func (s *Service) EvaluateBody(ctx context.Context, c *Caller, proposal string, approve bool, body []byte, base string) (string, error) {
	v := Verdict{Approve: approve}
	doc, found := s.Checker.Evaluation(body, s.checkContext(tenant.From(ctx), base))
	if err := s.judge(ctx, found); err != nil {
		return "", err
	}
	if doc != nil {
		key, err := s.sealKey(ctx, doc.Key)
		if err != nil {
			return "", err
		}
		v.Requester, v.Note, v.Key = doc.Requester, doc.Note, key
	}
	return s.Evaluate(ctx, c, proposal, v)
}

// Evaluate approves or rejects a proposal, in one store update. It returns the
// id of the new prescription, or of the proposal when rejected.
func (s *Service) Evaluate(ctx context.Context, c *Caller, proposal string, v Verdict) (string, error) {
	t := tenant.From(ctx)
	evaluator, err := s.evaluator(t, c, v)
	if err != nil {
		return "", err
	}
	taskID, orderID, newTaskID, newOrgID := t.Chance.UUID(), t.Chance.UUID(), t.Chance.UUID(), t.Chance.UUID()
	codes := s.shortCodes(t, workflow.Order)
	suspended := s.notSuspended(t, c, workflow.Ask{Action: workflow.EvaluateProposal})
	_, err = s.act(ctx, c, "ServiceRequest", proposal, nil, false, func(x *change) error {
		if err := s.permit(ctx, c, workflow.Ask{Action: workflow.EvaluateProposal}, &x.after.Document); err != nil {
			return err
		}
		if suspended != nil {
			return suspended
		}
		id, err := x.after.Evaluate(v.Approve, evaluator, taskID)
		if err != nil {
			return err
		}
		if id == taskID {
			x.tasks[id] = newTask(x.after.ID, *x.after.Task(id), workflow.Proposal, longDate(x.now))
		}
		if !v.Approve {
			return x.noteRejection(id, v)
		}
		return s.prescribe(x, v, evaluator, [3]string{orderID, newTaskID, newOrgID}, codes)
	})
	if err != nil {
		return "", err
	}
	journal.Note(ctx, "evaluated", map[string]any{"proposal": proposal, "approved": v.Approve})
	if v.Approve {
		return orderID, nil
	}
	return proposal, nil
}

// evaluator is the PractitionerRole that evaluates.
func (s *Service) evaluator(t *tenant.Tenant, c *Caller, v Verdict) (string, error) {
	if c.Role != workflow.Organisation {
		if v.Requester != nil && !c.Is(v.Requester.Reference) {
			return "", refuse(codeWrongProfessional, "evaluate-requester", "the requester is not the caller", v.Requester.Reference, c.Ref(), "leave requester out, or name yourself")
		}
		return c.Ref(), nil
	}
	if v.Requester == nil {
		return "", refuse(codeWrongProfessional, "evaluate-requester", "an organisation must name the internal prescriber", "no requester",
			"requester: PractitionerRole of the organisation", "")
	}
	if err := s.requesterIsCaller(c, v.Requester.Reference); err != nil {
		return "", err
	}
	if !workflow.PrescriberDiscipline(v.Requester.Discipline) {
		return "", refuse(codeMatrix, "evaluate-requester", "the requester does not prescribe", v.Requester.Discipline, "PHYSICIAN", "")
	}
	return v.Requester.Reference, s.resolve(t, *v.Requester)
}

// noteRejection puts the note into the statusReason of the evaluation Task.
func (x *change) noteRejection(task string, v Verdict) error {
	if v.Note == nil {
		return nil
	}
	return x.edit(task, func(o tree.Object) error {
		o["statusReason"] = tree.Clone(v.Note)
		return v.Key.addTo(o)
	})
}

// prescribe makes the prescription that follows from an approved proposal:
// same clinical content, requested by the evaluator, valid from today at the
// earliest, with the proposing caregiver assigned. The details are our choice.
func (s *Service) prescribe(x *change, v Verdict, evaluator string, ids [3]string, codes []string) error {
	o, err := x.stored("ServiceRequest", x.after.ID)
	if err != nil {
		return err
	}
	if x.request != nil {
		o = tree.Clone(x.request)
	}
	today := workflow.DayOf(x.now)
	f := x.after.Facts
	f.ID, f.Intent, f.Requester, f.AuthoredOn = ids[0], workflow.Order, evaluator, longDate(x.now)
	f.From = max(f.From, today)
	if year := (workflow.Span{Value: 1, Unit: "a"}).After(f.From); f.To > year {
		f.To = year
	}
	orderContent(o, f, x.after.ID)
	if v.Note != nil {
		tree.Append(o, "note", noteOf(v.Note))
		if err := v.Key.addTo(o); err != nil {
			return err
		}
	}
	after := &records.Case{Document: *workflow.New(f, x.now, false), Authored: x.now, Code: x.after.Code}
	for _, code := range codes {
		if _, taken := records.ByShortCode(x.w, code, f.Patient); !taken {
			after.Short = code
			break
		}
	}
	y := &change{w: x.w, now: x.now, after: after, request: o, tasks: map[string]tree.Object{}}
	if err := y.assignProposer(x.after.Requester, ids[1], ids[2]); err != nil {
		return err
	}
	return y.save()
}

// assignProposer gives the new prescription to the caregiver who proposed it,
// under an organisation Task when they act inside an organisation.
func (x *change) assignProposer(proposer, taskID, orgID string) error {
	task := workflow.Task{ID: taskID, Owner: proposer, Status: workflow.TaskReady}
	authored := longDate(x.now)
	if _, n, scoped := strings.Cut(proposer, "-NIHII-"); scoped {
		org := workflow.Task{ID: orgID, Owner: "Organization/NIHII-" + n, Status: workflow.TaskReady}
		if err := x.after.AssignOrganisation(org); err != nil {
			return err
		}
		o := newTask(x.after.ID, org, workflow.Order, authored)
		o["meta"] = tree.Object{"profile": []any{organizationTaskProfile}}
		x.tasks[orgID] = o
		task.Under = orgID
	}
	if err := x.after.Assign(task, x.now); err != nil {
		return err
	}
	x.tasks[taskID] = newTask(x.after.ID, task, workflow.Order, authored)
	return nil
}

// orderContent turns the proposal's resource into the new prescription's.
func orderContent(o tree.Object, f workflow.Facts, proposal string) {
	delete(o, "identifier")
	setExtension(o, statusReasonURL, nil)
	setExtension(o, latestURL, nil)
	setExtension(o, validityURL, tree.Object{"valuePeriod": tree.Object{"start": string(f.From), "end": string(f.To)}})
	o["status"], o["intent"] = "active", string(workflow.Order)
	o["authoredOn"] = f.AuthoredOn
	o["requester"] = tree.Object{"reference": f.Requester}
	o["basedOn"] = []any{tree.Object{"reference": "ServiceRequest/" + proposal}}
}

// noteOf is the annotation that carries the evaluator's comment.
func noteOf(concept tree.Object) tree.Object {
	n := tree.Object{"extension": []any{tree.Object{"url": noteTypeURL, "valueCodeableConcept": tree.Object{
		"coding": []any{tree.Object{"system": noteTypeSystem, "code": "comment-prescriber"}}}}},
		"text": concept["text"]}
	if marker, ok := concept["_text"]; ok {
		n["_text"] = tree.Clone(marker)
	}
	return n
}
