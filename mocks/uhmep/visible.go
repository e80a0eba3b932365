package uhmep

import (
	"context"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// see loads a document for a caller: unknown when it does not exist for them,
// refused when the privacy checks fail. Nothing that reads the store itself
// (directory, care) may run inside a View or Update, so they come after.
func (s *Service) see(ctx context.Context, c *Caller, typ, id string, checkPrivacy bool) (res records.Resource, cs *records.Case, err error) {
	t := tenant.From(ctx)
	if err := s.CatchUp(t); err != nil {
		return res, nil, err
	}
	what := typ + "/" + id
	err = t.Store.View(func(r store.Reader) error {
		if res, err = locate(r, typ, id); err != nil {
			return err
		}
		var ok bool
		if cs, ok, err = records.Load(r, res.Case); err == nil && !ok {
			err = notFound(what, "no such document")
		}
		return err
	})
	if err != nil {
		return res, nil, err
	}
	if at, moves := cs.Next(); moves && !at.After(t.Clock.Now()) { // CatchUp ran out of time
		if cs, err = s.settleNow(t, cs); err != nil {
			return res, nil, err
		}
		if res, err = s.current(t, typ, id); err != nil {
			return res, nil, err
		}
	}
	err = t.Store.View(func(r store.Reader) error { return s.visible(r, c, &cs.Document, what) })
	if err == nil && checkPrivacy {
		err = s.privacy(ctx, c, cs.Patient)
	}
	return res, cs, err
}

func (s *Service) visible(r store.Reader, c *Caller, d *workflow.Document, what string) error {
	seen := d
	if c.Role == workflow.Patient && d.Patient != c.Pseudonym && records.Current(r, d.Patient) == records.Current(r, c.Pseudonym) {
		seen = d.Clone()
		seen.Patient = c.Pseudonym
	}
	if workflow.Visible(c.Actor, seen, s.matrix) {
		return nil
	}
	return notFound(what, "document "+string(d.Status)+" of "+d.Requester+" is not visible for "+string(c.Role)+" "+c.Who())
}

// locate finds the document a resource belongs to.
func locate(r store.Reader, typ, id string) (records.Resource, error) {
	what := typ + "/" + id
	res, ok, err := records.Get(r, typ, id)
	if err != nil {
		return res, err
	}
	if !ok {
		return res, notFound(what, "never existed")
	}
	return res, nil
}

// Read returns one version of a ServiceRequest or Task (0 = current) as
// stored, for a caller who may see the document.
func (s *Service) Read(ctx context.Context, c *Caller, typ, id string, version int) (records.Resource, error) {
	out, _, err := s.see(ctx, c, typ, id, true)
	if err != nil || version == 0 || version == out.Version {
		if err == nil {
			err = deleted(out)
		}
		return out, err
	}
	err = tenant.From(ctx).Store.View(func(r store.Reader) error {
		old, ok, err := records.Version(r, typ, id, version)
		if err != nil {
			return err
		}
		if !ok {
			return notFound(typ+"/"+id+"/_history", "no such version")
		}
		out = old
		return deleted(out)
	})
	return out, err
}

func deleted(x records.Resource) error {
	if !x.Deleted {
		return nil
	}
	return refuse(codeDeleted, "task-deleted", "the task was deleted", "Task/"+x.ID, "a task that exists", "")
}

// History returns all versions, newest first.
func (s *Service) History(ctx context.Context, c *Caller, typ, id string) (out []records.Resource, err error) {
	if _, _, err := s.see(ctx, c, typ, id, true); err != nil {
		return nil, err
	}
	err = tenant.From(ctx).Store.View(func(r store.Reader) error {
		out, err = records.History(r, typ, id)
		return err
	})
	return out, err
}

// Document returns the state of a medical document a caller may see.
func (s *Service) Document(ctx context.Context, c *Caller, sr string) (*records.Case, error) {
	_, cs, err := s.see(ctx, c, "ServiceRequest", sr, true)
	return cs, err
}
