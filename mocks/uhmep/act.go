package uhmep

import (
	"context"
	"strconv"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// act is the frame of every operation on an existing document: find it from
// one of its resources, check visibility, privacy and version on the very
// state that is changed, do the work, and return the resource's new version.
// Two callers who race for one state cannot both win, for the checks run
// inside the store update.
func (s *Service) act(ctx context.Context, c *Caller, typ, id string, match Match, skipPrivacy bool, fn func(x *change) error) (records.Resource, error) {
	out, cs, err := s.see(ctx, c, typ, id, !skipPrivacy)
	if err != nil {
		return out, err
	}
	if err := deleted(out); err != nil {
		return out, err
	}
	err = s.update(ctx, cs.ID, func(x *change) error {
		if err := s.visible(x.w, c, &x.after.Document, typ+"/"+id); err != nil {
			return err
		}
		res, err := locate(x.w, typ, id)
		if err != nil {
			return err
		}
		if err := deleted(res); err != nil {
			return err
		}
		if err := match.check(res.Version); err != nil {
			return err
		}
		return refused(fn(x))
	})
	if err != nil {
		return out, err
	}
	return s.current(tenant.From(ctx), typ, id)
}

// Match is the version a caller expects (If-Match); nil = any.
type Match []int

func (m Match) check(version int) error {
	if len(m) == 0 {
		return nil
	}
	for _, v := range m {
		if v == version {
			return nil
		}
	}
	return refuse(codeVersion, "header-if-match", "the resource has another version", `If-Match W/"`+strconv.Itoa(m[0])+`"`, `W/"`+strconv.Itoa(version)+`"`, "read it again")
}

// permit asks the workflow and notes the answer.
func (s *Service) permit(ctx context.Context, c *Caller, q workflow.Ask, d *workflow.Document) error {
	if err := workflow.Permit(c.Actor, q, d, s.matrix); err != nil {
		return err
	}
	journal.Record(ctx, "access-matrix", true, c.Who(), q.Action.Flag(d.Intent)+" on "+d.Template, "")
	return nil
}

// Cancel is D4. reason is the CodeableConcept of the client, with an encrypted
// text, or nil.
func (s *Service) Cancel(ctx context.Context, c *Caller, sr string, match Match, reason tree.Object, key *SealedKey) (records.Resource, error) {
	return s.act(ctx, c, "ServiceRequest", sr, match, false, func(x *change) error {
		if err := s.permit(ctx, c, workflow.Ask{Action: workflow.CancelDocument}, &x.after.Document); err != nil {
			return err
		}
		if err := x.after.Cancel(); err != nil {
			return err
		}
		if reason == nil {
			return nil
		}
		return x.editRequest(func(o tree.Object) error {
			setExtension(o, statusReasonURL, tree.Object{"valueCodeableConcept": tree.Clone(reason)})
			return key.addTo(o)
		})
	})
}

// Complete is D9, on the referral Task.
func (s *Service) Complete(ctx context.Context, c *Caller, sr string, match Match) (records.Resource, error) {
	return s.act(ctx, c, "Task", sr, match, false, func(x *change) error {
		if err := s.permit(ctx, c, workflow.Ask{Action: workflow.CompleteDocument}, &x.after.Document); err != nil {
			return err
		}
		return x.after.Complete()
	})
}

// task finds the performer Task an operation is about and checks the rights.
func (s *Service) task(ctx context.Context, c *Caller, x *change, id string, action workflow.Action, when workflow.Day) error {
	t := x.after.Task(id)
	if t == nil {
		return notPatchable(x, id)
	}
	return s.permit(ctx, c, workflow.Ask{Action: action, Task: t, When: when}, &x.after.Document)
}

// notPatchable: referral and organisation Tasks have no such transitions.
func notPatchable(x *change, id string) error {
	kind := "an organisation task"
	if id == x.after.ID {
		kind = "a referral task"
	}
	return refuse(workflow.PatchNotAllowed, "patch-target", "this change is not offered on this kind of task", kind, "a performer task", "")
}

// Start begins an execution: at is a date or dateTime.
func (s *Service) Start(ctx context.Context, c *Caller, task, at string, match Match) (records.Resource, error) {
	return s.act(ctx, c, "Task", task, match, false, func(x *change) error {
		day, _, _, _ := workflow.Moment(at)
		if err := s.task(ctx, c, x, task, workflow.StartTask, day); err != nil {
			return err
		}
		return x.after.Start(task, at, x.now)
	})
}

// Finish ends an execution.
func (s *Service) Finish(ctx context.Context, c *Caller, task, at string, match Match) (records.Resource, error) {
	return s.act(ctx, c, "Task", task, match, false, func(x *change) error {
		day, _, _, _ := workflow.Moment(at)
		if err := s.task(ctx, c, x, task, workflow.FinishTask, day); err != nil {
			return err
		}
		return x.after.Finish(task, at, x.now)
	})
}

// Interrupt puts an execution on hold. No privacy checks, says the guide.
func (s *Service) Interrupt(ctx context.Context, c *Caller, task string, match Match) (records.Resource, error) {
	return s.act(ctx, c, "Task", task, match, true, func(x *change) error {
		if err := s.task(ctx, c, x, task, workflow.InterruptTask, ""); err != nil {
			return err
		}
		return x.after.Interrupt(task)
	})
}

// CancelExecution takes an execution back.
func (s *Service) CancelExecution(ctx context.Context, c *Caller, task string, match Match) (records.Resource, error) {
	return s.act(ctx, c, "Task", task, match, false, func(x *change) error {
		if err := s.task(ctx, c, x, task, workflow.CancelTask, ""); err != nil {
			return err
		}
		return x.after.CancelExecution(task)
	})
}

// Accept takes an imaging exam on, as it was asked or with another exam.
func (s *Service) Accept(ctx context.Context, c *Caller, task string, substitute tree.Object, match Match) (records.Resource, error) {
	return s.act(ctx, c, "Task", task, match, false, func(x *change) error {
		if err := s.task(ctx, c, x, task, workflow.EvaluateExam, ""); err != nil {
			return err
		}
		if err := x.after.Accept(task); err != nil || substitute == nil {
			return err
		}
		return x.edit(task, func(o tree.Object) error { setSubstitute(o, substitute); return nil })
	})
}

func setSubstitute(o, exam tree.Object) {
	o["output"] = []any{tree.Object{
		"type":                 tree.Object{"coding": []any{tree.Object{"system": taskOutputSystem, "code": "substituted"}}},
		"valueCodeableConcept": tree.Clone(exam),
	}}
}

// Refuse turns an imaging exam down; reason is a CodeableConcept.
func (s *Service) Refuse(ctx context.Context, c *Caller, task string, reason tree.Object, key *SealedKey, match Match) (records.Resource, error) {
	return s.act(ctx, c, "Task", task, match, false, func(x *change) error {
		if err := s.task(ctx, c, x, task, workflow.EvaluateExam, ""); err != nil {
			return err
		}
		if err := x.after.Refuse(task); err != nil {
			return err
		}
		return x.edit(task, func(o tree.Object) error {
			o["statusReason"] = tree.Clone(reason)
			return key.addTo(o)
		})
	})
}

// Unassign removes a performer or organisation Task that is only ready.
func (s *Service) Unassign(ctx context.Context, c *Caller, task string, match Match) error {
	_, err := s.act(ctx, c, "Task", task, match, false, func(x *change) error {
		t := x.after.Task(task)
		if t == nil {
			t = x.after.Org(task)
		}
		if t == nil {
			return refuse(codeInteraction, "task-delete-referral", "a referral task cannot be deleted", "Task/"+task, "a performer or organisation task", "")
		}
		if err := s.permit(ctx, c, workflow.Ask{Action: workflow.UnassignTask, Task: t}, &x.after.Document); err != nil {
			return err
		}
		return x.after.Unassign(task)
	})
	return err
}
