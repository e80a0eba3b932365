package uhmep

import (
	"context"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// sweepBatch bounds how many documents one store update moves on.
const sweepBatch = 200

// sweepBudget bounds the real time one request spends on it.
const sweepBudget = 2 * time.Second

// CatchUp applies every transition that the tenant's clock has passed:
// documents that became ready, expired or completed, suspensions that began.
// Each access to the API calls it first; when nothing is due it costs one look
// into the store. A leap of years over tens of thousands of documents is spread
// over the requests that follow it, so that none of them hangs; a document that
// is asked for is brought up to date in any case.
func (s *Service) CatchUp(t *tenant.Tenant) error {
	for begin := clock.Wall(); clock.Since(begin) < sweepBudget; {
		now := t.Clock.Now()
		var due []records.DueItem
		if err := t.Store.View(func(r store.Reader) error {
			due = records.Due(r, now, sweepBatch)
			return nil
		}); err != nil || len(due) == 0 {
			return err
		}
		if err := s.advance(t, now, due); err != nil {
			return err
		}
	}
	return nil
}

// settleNow brings one document up to date that CatchUp did not reach.
func (s *Service) settleNow(t *tenant.Tenant, cs *records.Case) (*records.Case, error) {
	for {
		now := t.Clock.Now()
		if at, moves := cs.Next(); !moves || at.After(now) {
			return cs, nil
		}
		if err := s.advance(t, now, []records.DueItem{{ID: cs.ID}}); err != nil {
			return nil, err
		}
		id := cs.ID
		err := t.Store.View(func(r store.Reader) error {
			next, ok, err := records.Load(r, id)
			if err == nil && !ok { // reset in between
				err = notFound("ServiceRequest/"+id, "no such document")
			}
			cs = next
			return err
		})
		if err != nil {
			return nil, err
		}
	}
}

func (s *Service) advance(t *tenant.Tenant, now time.Time, due []records.DueItem) error {
	var suspended []string
	err := t.Store.Update(func(w store.Writer) error {
		suspended = nil
		for _, item := range due {
			id := item.ID
			if number, ok := strings.CutPrefix(id, "!"); ok {
				records.DropSuspensions(w, number)
				suspended = append(suspended, number)
				continue
			}
			c, ok, err := records.Load(w, id)
			if err != nil {
				return err
			}
			if !ok {
				if item.Key != "" {
					w.Delete(item.Key)
				}
				continue
			}
			at, moves := c.Next()
			if !moves || at.After(now) { // another request was faster
				continue
			}
			// One step at a time, dated when it happened.
			x := &change{w: w, now: at, before: c, after: c.Clone(), tasks: map[string]tree.Object{}}
			if x.after.Advance(at); x.after.Status == x.before.Status {
				x.after.Advance(now)
			}
			if err := x.save(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, number := range suspended {
		if err := s.blacklist(t, number); err != nil {
			return err
		}
	}
	return nil
}

// NextTransition is when the clock next changes a document of the tenant.
func (s *Service) NextTransition(t *tenant.Tenant) (at time.Time, ok bool) {
	err := t.Store.View(func(r store.Reader) error {
		at, ok = records.NextDue(r, t.Clock.Now())
		return nil
	})
	return at, ok && err == nil
}

// Suspended tells the service that a professional is suspended from since on
// (D10, D11). A suspension in the future takes effect when its day comes.
func (s *Service) Suspended(t *tenant.Tenant, number string, since time.Time) error {
	if since.After(t.Clock.Now()) {
		return t.Store.Update(func(w store.Writer) error {
			records.DropSuspensions(w, number)
			records.PutSuspension(w, since, number)
			return nil
		})
	}
	return s.blacklist(t, number)
}

// Reinstated tells the service that a suspension that has not begun is off.
// Documents that were blacklisted stay so.
func (s *Service) Reinstated(t *tenant.Tenant, number string) error {
	return t.Store.Update(func(w store.Writer) error {
		records.DropSuspensions(w, number)
		return nil
	})
}

// blacklist applies D10 and D11 to every document the professional requested
// as an individual; documents of organisations are theirs to answer for.
func (s *Service) blacklist(t *tenant.Tenant, number string) error {
	var ids []string
	err := t.Store.View(func(r store.Reader) error {
		for _, raw := range r.Scan(records.PersonIndexes(number)[0], "") {
			sum, err := records.DecodeSummary(raw)
			if err != nil {
				return err
			}
			if !strings.Contains(sum.Requester, "-NIHII-") {
				ids = append(ids, sum.ID)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := s.update(tenant.With(context.Background(), t), id, func(x *change) error {
			x.after.Suspend()
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
