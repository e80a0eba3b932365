package uhmep

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// stage is a document brought into a state, with its performer Task.
type stage struct{ sr, task string }

// Every actor tries every action in every state of every family, over HTTP. The
// answer must be what the pure functions say: 404 when invisible, then rights,
// then state, then success; and a refusal leaves no trace.
func TestEveryActorInEveryStateTriesEverything(t *testing.T) {
	t.Parallel()
	for _, family := range []string{"hygienic-care", sample.Annex81, sample.Imaging} {
		for name, build := range states() {
			t.Run(family+" "+name, func(t *testing.T) {
				t.Parallel()
				b := open(t, false)
				tryEverything(b, family, build)
				b.consistent()
			})
		}
	}
}

func owner(family string) string {
	switch family {
	case sample.Annex81:
		return "dr-peeters"
	case sample.Imaging:
		return "dentist"
	default:
		return "nurse-claes"
	}
}

// states are the ways into each state; nil stage = the family does not get there.
func states() map[string]func(b *bench, family string) *stage {
	begin := func(b *bench, family string, change ...func(*sample.Options)) *stage {
		by := "dr-peeters"
		if family == sample.Annex81 {
			by = "nurse-claes"
		}
		s := &stage{sr: b.create(family, by, change...)}
		s.task = b.assign("pat-dubois", s.sr, owner(family))
		return s
	}
	patch := func(b *bench, s *stage, family string, op tree.Object) {
		b.want(b.call(owner(family), "PATCH", "/Task/"+s.task, sample.Patch(op)), 200)
	}
	start := func(b *bench, family string) *stage {
		if family == sample.Annex81 {
			return nil
		}
		s := begin(b, family)
		patch(b, s, family, sample.StartAt(longDate(b.t.Clock.Now())))
		return s
	}
	return map[string]func(b *bench, family string) *stage{
		"pending": func(b *bench, family string) *stage {
			return begin(b, family, func(o *sample.Options) { o.Start = "2026-12-24" })
		},
		"ready":       func(b *bench, family string) *stage { return begin(b, family) },
		"in progress": start,
		"inactive": func(b *bench, family string) *stage {
			s := start(b, family)
			if s != nil {
				patch(b, s, family, sample.FinishAt(longDate(b.t.Clock.Now())))
			}
			return s
		},
		"taken back": func(b *bench, family string) *stage {
			s := start(b, family)
			if s != nil {
				patch(b, s, family, sample.SetStatus("Task", "cancelled"))
			}
			return s
		},
		"completed": func(b *bench, family string) *stage {
			s := start(b, family)
			if s != nil {
				patch(b, s, family, sample.FinishAt(longDate(b.t.Clock.Now())))
				b.want(b.call(owner(family), "PATCH", "/Task/"+s.sr, sample.Patch(sample.SetStatus("Task", "completed"))), 200)
			}
			return s
		},
		"cancelled": func(b *bench, family string) *stage {
			s := begin(b, family)
			b.want(b.call("pat-dubois", "PATCH", "/ServiceRequest/"+s.sr, cancelPatch()), 200)
			return s
		},
		"blacklisted while running": func(b *bench, family string) *stage {
			s := start(b, family)
			if s != nil {
				if err := b.s.update(b.context(), s.sr, func(x *change) error { x.after.Suspend(); return nil }); err != nil {
					b.Fatal(err)
				}
			}
			return s
		},
	}
}

func tryEverything(b *bench, family string, build func(b *bench, family string) *stage) {
	b.Helper()
	s := build(b, family)
	if s == nil {
		return
	}
	for _, who := range []string{"pat-dubois", "pat-young", "dr-peeters", "dentist", "nurse-claes", "midwife-before", "hospital", "groupofnurses", "medicalhouse", "pharmacist"} {
		for _, action := range workflow.Actions() {
			call, ok := request(b, family, s, action, longDate(b.t.Clock.Now()))
			if !ok {
				continue
			}
			before := b.stored(s.sr)
			want := predict(b, who, action, before, s.task)
			a := call(who)
			if got := fmt.Sprint(a.Code, " ", a.code()); got != want {
				b.Errorf("%s, %s: got %s, want %s\n%s", who, action, got, want, a.Body)
			}
			after := b.stored(s.sr)
			if a.Code >= 400 && !reflect.DeepEqual(before, after) {
				b.Errorf("%s, %s: refused, yet the document changed", who, action)
			}
			if a.Code < 300 && action != workflow.Read {
				b.t.Clock.Advance(time.Second)
				s = build(b, family)
			}
		}
	}
}

// request is the call for an action; ok is false where none exists.
func request(b *bench, family string, s *stage, action workflow.Action, now string) (func(who string) *answer, bool) {
	send := func(method, path string, body any) (func(who string) *answer, bool) {
		return func(who string) *answer { return b.call(who, method, path, body) }, true
	}
	switch action {
	case workflow.Read:
		return send(http.MethodGet, "/ServiceRequest/"+s.sr, nil)
	case workflow.CancelDocument:
		return send(http.MethodPatch, "/ServiceRequest/"+s.sr, cancelPatch())
	case workflow.UnassignTask:
		return send(http.MethodDelete, "/Task/"+s.task, nil)
	case workflow.StartTask:
		return send(http.MethodPatch, "/Task/"+s.task, sample.Patch(sample.StartAt(now)))
	case workflow.FinishTask:
		return send(http.MethodPatch, "/Task/"+s.task, sample.Patch(sample.FinishAt(now)))
	case workflow.InterruptTask:
		return send(http.MethodPatch, "/Task/"+s.task, sample.Patch(sample.SetStatus("Task", "on-hold")))
	case workflow.CancelTask:
		return send(http.MethodPatch, "/Task/"+s.task, sample.Patch(sample.SetStatus("Task", "cancelled")))
	case workflow.CompleteDocument:
		return send(http.MethodPatch, "/Task/"+s.sr, sample.Patch(sample.SetStatus("Task", "completed")))
	case workflow.EvaluateProposal:
		return send(http.MethodPost, "/ServiceRequest/"+s.sr+"/$reject", nil)
	case workflow.EvaluateExam:
		if family != sample.Imaging {
			return nil, false // the patch itself is refused
		}
		return send(http.MethodPatch, "/Task/"+s.task, sample.Patch(sample.SetStatus("Task", "accepted")))
	case workflow.AssignTask:
		return send(http.MethodPost, "/Task", b.task(s.sr, map[string]string{"dr-peeters": "dr-peeters", "dentist": "dr-peeters", "nurse-claes": "midwife-before"}[owner(family)]))
	default:
		return nil, false
	}
}

func (b *bench) stored(sr string) (cs *records.Case) {
	b.Helper()
	err := b.t.Store.View(func(r store.Reader) error {
		var err error
		cs, _, err = records.Load(r, sr)
		return err
	})
	if err != nil || cs == nil {
		b.Fatal("no document ", sr, err)
	}
	return cs
}

// predict is the answer by the pure functions alone.
func predict(b *bench, who string, action workflow.Action, cs *records.Case, task string) string {
	b.Helper()
	c, role, err := (&player{s: b.s, t: b.t}).who(who)
	if err != nil {
		b.Fatal(err)
	}
	if !b.s.matrix.Any(c.Who()) {
		return "403 ACCESS_MATRIX_DENIED"
	}
	if action == workflow.EvaluateProposal && c.Role == workflow.Organisation {
		return "403 WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL" // names no prescriber
	}
	d := cs.Clone()
	if !workflow.Visible(c.Actor, &d.Document, b.s.matrix) {
		return "404 RESOURCE_NOT_FOUND"
	}
	q := workflow.Ask{Action: action, Task: d.Task(task), When: workflow.DayOf(b.t.Clock.Now())}
	if action == workflow.AssignTask {
		q.Status = workflow.TaskReady
	}
	err = workflow.Permit(c.Actor, q, &d.Document, b.s.matrix)
	if err == nil && action == workflow.AssignTask && c.Role == workflow.Organisation && d.Intent == workflow.Order {
		return "422 TEMPLATE_RULE" // without an organisation task of its own
	}
	if err == nil {
		err = apply(b, d, action, task, role)
	}
	var r *workflow.Refused
	if errors.As(err, &r) {
		status, _ := meaning(r.Code)
		return fmt.Sprint(status, " ", r.Code)
	}
	switch action {
	case workflow.AssignTask:
		return "201 "
	case workflow.UnassignTask:
		return "204 "
	default:
		return "200 "
	}
}

func apply(b *bench, d *records.Case, action workflow.Action, task, role string) error {
	now, at := b.t.Clock.Now(), longDate(b.t.Clock.Now())
	switch action {
	case workflow.CancelDocument:
		return d.Cancel()
	case workflow.UnassignTask:
		return d.Unassign(task)
	case workflow.StartTask:
		return d.Start(task, at, now)
	case workflow.FinishTask:
		return d.Finish(task, at, now)
	case workflow.InterruptTask:
		return d.Interrupt(task)
	case workflow.CancelTask:
		return d.CancelExecution(task)
	case workflow.CompleteDocument:
		return d.Complete()
	case workflow.EvaluateProposal:
		_, err := d.Evaluate(false, role, "E")
		return err
	case workflow.EvaluateExam:
		return d.Accept(task)
	case workflow.AssignTask:
		who := map[workflow.Family]string{workflow.Annex81: "dr-peeters", workflow.Imaging: "dr-peeters", workflow.Nursing: "midwife-before"}[d.Family]
		return d.Assign(workflow.Task{ID: "N", Owner: b.role(who), Status: workflow.TaskReady}, now)
	default:
		return nil
	}
}
