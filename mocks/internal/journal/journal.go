package journal

import (
	"context"
	"slices"
	"strconv"
	"sync"
)

// Journal is one tenant's ring of entries, oldest dropped first.
type Journal struct {
	mu         sync.Mutex
	entries    []*Entry
	seq        uint64
	bytes      int
	maxEntries int
	maxBytes   int
	changed    chan struct{} // closed and replaced at every append
}

// New returns a journal that keeps at most so many entries and bytes; the
// newest entry is kept whatever its size.
func New(maxEntries, maxBytes int) *Journal {
	return &Journal{maxEntries: max(1, maxEntries), maxBytes: maxBytes, changed: make(chan struct{})}
}

// Append stores a closed entry.
func (j *Journal) Append(e *Entry) {
	e.size = e.weight()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	e.Seq = j.seq
	j.entries = append(j.entries, e)
	j.bytes += e.size
	for len(j.entries) > 1 && (len(j.entries) > j.maxEntries || j.bytes > j.maxBytes) {
		j.bytes -= j.entries[0].size
		j.entries[0] = nil
		j.entries = j.entries[1:]
	}
	close(j.changed)
	j.changed = make(chan struct{})
}

// Clear forgets all entries; sequence numbers go on.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries, j.bytes = nil, 0
}

// Filter selects entries; empty members do not count.
type Filter struct {
	Service, Op, Client, Persona, Method string
	URLContains, Rule                    string
	Status                               string // "403" or a class "4xx"
	Refused                              bool   // only refusals
	After                                uint64 // only entries with a higher sequence number
	Limit                                int    // newest so many
}

// Match tells whether an entry passes the filter, Limit aside.
func (f Filter) Match(e *Entry) bool {
	return e.Seq > f.After && eq(f.Service, e.Service) && eq(f.Op, e.Op) && eq(f.Client, e.Client) &&
		eq(f.Persona, e.Persona) && eq(f.Method, e.Method) && f.status(e.Status) &&
		(!f.Refused || e.Refusal != nil) && (f.URLContains == "" || contains(e.URL, f.URLContains)) &&
		(f.Rule == "" || hasRule(e, f.Rule))
}

func eq(want, got string) bool { return want == "" || want == got }

func (f Filter) status(code int) bool {
	if len(f.Status) == 3 && f.Status[1:] == "xx" {
		return strconv.Itoa(code/100) == f.Status[:1]
	}
	return f.Status == "" || f.Status == strconv.Itoa(code)
}

func hasRule(e *Entry, rule string) bool {
	return e.Refusal != nil && e.Refusal.Rule == rule ||
		slices.ContainsFunc(e.Warnings, func(w Warning) bool { return w.Rule == rule }) ||
		slices.ContainsFunc(e.Checks, func(c Check) bool { return c.Rule == rule && !c.OK })
}

// Entries returns the matching entries, oldest first.
func (j *Journal) Entries(f Filter) []*Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []*Entry
	for _, e := range j.entries {
		if f.Match(e) {
			out = append(out, e)
		}
	}
	if f.Limit > 0 && len(out) > f.Limit {
		out = out[len(out)-f.Limit:]
	}
	return out
}

// Entry returns the entry with that id, nil when it is not kept.
func (j *Journal) Entry(id string) *Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range slices.Backward(j.entries) {
		if e.ID == id {
			return e
		}
	}
	return nil
}

// Wait returns the first matching entry, waiting until there is one or ctx
// ends.
func (j *Journal) Wait(ctx context.Context, f Filter) (*Entry, error) {
	for {
		changed := j.next()
		if found := j.Entries(f); len(found) > 0 {
			return found[0], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Follow calls fn for each matching entry from now on (or after f.After, when
// set) until ctx ends or fn fails. An f.After that is yet to come was counted
// by a journal before this one; it means now.
func (j *Journal) Follow(ctx context.Context, f Filter, fn func(*Entry) error) error {
	j.mu.Lock()
	if f.After == 0 || f.After > j.seq {
		f.After = j.seq
	}
	j.mu.Unlock()
	for {
		changed := j.next()
		for _, e := range j.Entries(f) {
			f.After = e.Seq
			if err := fn(e); err != nil {
				return err
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (j *Journal) next() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.changed
}
