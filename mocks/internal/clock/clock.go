package clock

import (
	"context"
	"sync"
	"time"
)

// State is what a clock can be set to and what the control API shows.
// Freeze wins over Offset; the zero State is real time.
type State struct {
	// Freeze, when set, is the instant at which the clock stands still.
	Freeze *time.Time `json:"freeze,omitempty"`
	// Offset is added to the machine's time while the clock runs.
	Offset time.Duration `json:"-"`
}

// Mode is "frozen", "offset" or "real".
func (s State) Mode() string {
	switch {
	case s.Freeze != nil:
		return "frozen"
	case s.Offset != 0:
		return "offset"
	default:
		return "real"
	}
}

// Clock is one tenant's time. It is safe for concurrent use.
type Clock struct {
	mu    sync.RWMutex
	state State
}

// New returns a clock in the given state.
func New(s State) *Clock { return &Clock{state: s} }

// Now is the tenant's present instant in UTC, to the nanosecond.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if c.state.Freeze != nil {
		return *c.state.Freeze
	}
	return Wall().Add(c.state.Offset)
}

// State tells how the clock is set.
func (c *Clock) State() State {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.state
}

// Set replaces the state.
func (c *Clock) Set(s State) {
	if s.Freeze != nil {
		t := s.Freeze.UTC()
		s.Freeze = &t
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = s
}

// Advance moves the clock by d, which may be negative: a frozen clock stays
// frozen at the new instant, a running one runs on from there.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Freeze != nil {
		t := c.state.Freeze.Add(d)
		c.state.Freeze = &t
		return
	}
	c.state.Offset += d
}

// JumpTo moves the clock to t and keeps its mode (frozen or running).
func (c *Clock) JumpTo(t time.Time) { c.Advance(t.Sub(c.Now())) }

// Holds tells whether a clock may stand at t: the years 1900 to 2199, with
// which every date the services derive can still be written.
func Holds(t time.Time) bool { return t.Year() >= 1900 && t.Year() < 2200 }

// Wall is the machine's time, for measuring and for real time-outs only.
func Wall() time.Time { return time.Now().UTC() }

// Since is the real time that has passed since an instant of Wall.
func Since(t time.Time) time.Duration { return time.Since(t) }

// After is time.After in real time.
func After(d time.Duration) <-chan time.Time { return time.After(d) }

// Sleep waits d in real time or until ctx ends, whichever comes first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
