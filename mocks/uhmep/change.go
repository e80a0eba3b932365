package uhmep

import (
	"context"
	"fmt"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// change is one request's change of one document, inside one store update.
// fn of change may run more than once, so it draws nothing at random.
type change struct {
	w      store.Writer
	now    time.Time
	before *records.Case // nil at creation
	after  *records.Case

	request tree.Object            // new or edited ServiceRequest; nil = as stored
	tasks   map[string]tree.Object // new or edited Tasks by id
}

// edit loads a Task's resource so that fn can change more than its state.
func (x *change) edit(id string, fn func(tree.Object) error) error {
	o, err := x.stored("Task", id)
	if err != nil {
		return err
	}
	x.tasks[id] = o
	return fn(o)
}

func (x *change) stored(typ, id string) (tree.Object, error) {
	if o := x.tasks[id]; o != nil && typ == "Task" {
		return o, nil
	}
	res, ok, err := records.Get(x.w, typ, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("resource %s/%s is not stored", typ, id)
	}
	return readTree(res.JSON)
}

// editRequest loads the ServiceRequest for a change of its content.
func (x *change) editRequest(fn func(tree.Object) error) error {
	if x.request == nil {
		o, err := x.stored("ServiceRequest", x.after.ID)
		if err != nil {
			return err
		}
		x.request = o
	}
	return fn(x.request)
}

// update changes one document: it is loaded, brought up to date with the
// clock, changed by fn and saved with every resource and index entry that
// follows from it. fn's error leaves everything as it was.
func (s *Service) update(ctx context.Context, sr string, fn func(x *change) error) error {
	t := tenant.From(ctx)
	now := t.Clock.Now()
	return t.Store.Update(func(w store.Writer) error {
		c, ok, err := records.Load(w, sr)
		if err != nil {
			return err
		}
		if !ok {
			return notFound("ServiceRequest/"+sr, "no such document")
		}
		x := &change{w: w, now: now, before: c, after: c.Clone(), tasks: map[string]tree.Object{}}
		x.after.Advance(now)
		if err := fn(x); err != nil {
			return err
		}
		return x.save()
	})
}

// save renders what changed and writes it.
func (x *change) save() error {
	var out []records.Resource
	add := func(typ, id string, o tree.Object) error {
		version := 1
		old, ok, err := records.Get(x.w, typ, id)
		if err != nil {
			return err
		}
		if ok {
			version = old.Version + 1
		}
		stamp(o, id, version, x.now)
		out = append(out, records.Resource{Type: typ, ID: id, Version: version, Updated: x.now, Case: x.after.ID, JSON: tree.Encode(o)})
		return nil
	}
	if x.requestChanged() {
		o := x.request
		if o == nil {
			var err error
			if o, err = x.stored("ServiceRequest", x.after.ID); err != nil {
				return err
			}
		}
		x.after.Updated = x.now
		renderRequest(o, x.after)
		if err := add("ServiceRequest", x.after.ID, o); err != nil {
			return err
		}
	}
	if x.referralChanged() {
		authored := longDate(x.now)
		if x.before != nil {
			old, err := x.stored("Task", x.after.ID)
			if err != nil {
				return err
			}
			authored = tree.Text(old, "authoredOn")
		}
		if err := add("Task", x.after.ID, renderReferral(x.after, authored)); err != nil {
			return err
		}
	}
	for _, list := range [][]workflow.Task{x.after.Tasks, x.after.Orgs} {
		for _, t := range list {
			if !x.taskChanged(t) {
				continue
			}
			if t.Status == workflow.TaskDeleted {
				old, _, err := records.Get(x.w, "Task", t.ID)
				if err != nil {
					return err
				}
				out = append(out, records.Resource{Type: "Task", ID: t.ID, Version: old.Version + 1, Updated: x.now, Case: x.after.ID, Deleted: true})
				continue
			}
			o, err := x.stored("Task", t.ID)
			if err != nil {
				return err
			}
			renderTask(o, t)
			if err := add("Task", t.ID, o); err != nil {
				return err
			}
		}
	}
	return records.Save(x.w, x.before, x.after, out)
}

func (x *change) requestChanged() bool {
	if x.before == nil || x.request != nil {
		return true
	}
	_, was := x.before.RequestReason()
	_, is := x.after.RequestReason()
	return x.before.RequestStatus() != x.after.RequestStatus() || was != is || x.before.Latest != x.after.Latest
}

func (x *change) referralChanged() bool {
	if x.before == nil {
		return true
	}
	s1, e1 := x.before.ReferralPeriod()
	s2, e2 := x.after.ReferralPeriod()
	return x.before.ReferralStatus() != x.after.ReferralStatus() || s1 != s2 || e1 != e2
}

func (x *change) taskChanged(t workflow.Task) bool {
	if x.tasks[t.ID] != nil || x.before == nil {
		return true
	}
	for _, list := range [][]workflow.Task{x.before.Tasks, x.before.Orgs} {
		for _, old := range list {
			if old.ID == t.ID {
				return old.Status != t.Status || old.Start != t.Start || old.End != t.End
			}
		}
	}
	return true
}
