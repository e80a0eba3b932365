package pseudo

import (
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// Counters is what chapter 8.3 of the Integration Guide asks of one client.
type Counters struct {
	// DomainFetches of any domain document; one suffices for the whole
	// development, as callers need nothing of it.
	DomainFetches int64 `json:"domain_fetches"`
	// Singles and Multiples count requests, Items what they carried.
	Singles   int64 `json:"singles"`
	Multiples int64 `json:"multiples"`
	Items     int64 `json:"items"`
	// AvoidableSingles are single requests that came within a second of another
	// one of the same operation: one multiple could have served both.
	AvoidableSingles int64 `json:"avoidable_singles"`
	// Repeats are pseudonyms made of a value whose earlier pseudonym was still
	// valid. They are noticed when UHMEP opens both: the service itself is blind.
	Repeats int64 `json:"repeats"`
	// Domains are those in which the client made a pseudonym.
	Domains map[string]int64 `json:"domains,omitempty"`
}

func (c *Counters) add(o Counters) {
	c.DomainFetches += o.DomainFetches
	c.Singles += o.Singles
	c.Multiples += o.Multiples
	c.Items += o.Items
	c.AvoidableSingles += o.AvoidableSingles
	c.Repeats += o.Repeats
	for k, n := range o.Domains {
		if c.Domains == nil {
			c.Domains = map[string]int64{}
		}
		c.Domains[k] += n
	}
}

// burst is how close two single requests must be to have been one.
const burst = time.Second

func countKey(client string) string { return "pseudo/count/" + client }

// countDomain counts at once and durably: this number has to survive a restart.
func (s *Service) countDomain(c *call) {
	client := c.token.Client
	total, err := s.flush(c.t, client, Counters{DomainFetches: 1})
	if err != nil {
		c.t.Log.Error("count a domain fetch", "err", err)
		return
	}
	if total.DomainFetches > 1 {
		journal.Warn(c.ctx, "8.3-d", "the domain document was fetched before: callers need it once in the whole development phase, owners every six hours")
	}
}

// count notes one request. Numbers gather in memory and reach the store when
// they are read or when the domain document is fetched.
func (s *Service) count(c *call, op conversion, items int, multiple bool, results []result) {
	l := s.ledger.Get(c.t)
	now := clock.Wall()
	add := Counters{Items: int64(items)}
	if multiple {
		add.Multiples = 1
	} else {
		add.Singles = 1
	}
	made := int64(0)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !multiple && op != convert {
		at := singleKey{c.token.Client, c.from.row.Key, op}
		if last, ok := l.singles[at]; ok && now.Sub(last) < burst {
			add.AvoidableSingles = 1
			journal.Warn(c.ctx, "8.3-b", "another single "+c.op+" came less than a second before: use "+c.op+"Multiple for several values")
		}
		l.singles[at] = now
	}
	for _, res := range results {
		if res.output == nil || op != pseudonymize {
			continue
		}
		made++
		l.issue(*res.output.TransitInfo, issued{client: c.token.Client, at: c.now, expires: c.now.Add(c.to.lifetime)})
	}
	if made > 0 {
		add.Domains = map[string]int64{c.to.row.Key: made}
	}
	l.pend(c.token.Client, add)
}

// opened is told when an owner opened a box: only then can the sandbox know of
// which value a pseudonym was.
func (s *Service) opened(t *tenant.Tenant, transitInfo, atRest string, expires time.Time) {
	l := s.ledger.Get(t)
	l.mu.Lock()
	defer l.mu.Unlock()
	client, repeat := l.see(transitInfo, atRest, expires)
	if repeat {
		l.pend(client, Counters{Repeats: 1})
	}
}

// Counters returns a client's numbers, all of them up to now.
func (s *Service) Counters(t *tenant.Tenant, client string) (Counters, error) {
	return s.flush(t, client, Counters{})
}

func (s *Service) flush(t *tenant.Tenant, client string, more Counters) (Counters, error) {
	l := s.ledger.Get(t)
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := l.pending[client]; p != nil {
		more.add(*p)
	}
	var total Counters
	err := t.Store.Update(func(w store.Writer) error {
		var err error
		if total, _, err = store.GetJSON[Counters](w, countKey(client)); err != nil {
			return err
		}
		total.add(more)
		return store.PutJSON(w, countKey(client), total)
	})
	if err != nil {
		return Counters{}, err
	}
	delete(l.pending, client)
	return total, nil
}
