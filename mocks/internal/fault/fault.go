// Package fault holds a tenant's injected faults: counted, never diced. A
// fault names what it matches (service, operation, client) and what happens to
// the next calls that match, those of the sandbox itself excepted: an answer in the service's own dialect, a delay, a
// cut connection or a garbled body.
package fault

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Fault is one injected fault. Empty Service, Operation and Client match all.
type Fault struct {
	ID        string `json:"id"`
	Service   string `json:"service,omitempty"`
	Operation string `json:"operation,omitempty"`
	Client    string `json:"client,omitempty"`

	Status  int    `json:"status,omitempty"`   // answered in the service's dialect
	Error   string `json:"error,omitempty"`    // its error code; with Error alone the status is 503
	Message string `json:"message,omitempty"`  // its text
	DelayMS int    `json:"delay_ms,omitempty"` // real milliseconds before anything else happens
	Cut     bool   `json:"cut,omitempty"`      // the connection ends without an answer
	Garble  bool   `json:"garble,omitempty"`   // the answer's body is cut in half

	Times int `json:"times,omitempty"` // how many calls it hits; 0 means one, -1 every one
	Hits  int `json:"hits"`            // how many it has hit
}

// MaxDelay bounds the delay of a fault.
const MaxDelay = 2 * time.Minute

// Delay is how long the call is held up.
func (f Fault) Delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

// Answers tells whether the fault replaces the service's answer.
func (f Fault) Answers() bool { return f.Status != 0 || f.Error != "" }

// Validate says what is wrong with a fault, in words for the person who sent it.
func (f Fault) Validate() error {
	switch {
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("status is %d: give one from 400 to 599", f.Status)
	case f.DelayMS < 0 || int64(f.DelayMS) > MaxDelay.Milliseconds():
		return fmt.Errorf("delay_ms is %d: give 0 to %d", f.DelayMS, MaxDelay.Milliseconds())
	case f.Times < -1:
		return fmt.Errorf("times is %d: give a count, or -1 for every call", f.Times)
	case !f.Answers() && f.DelayMS == 0 && !f.Cut && !f.Garble:
		return fmt.Errorf("the fault does nothing: give status, error, delay_ms, cut or garble")
	}
	return nil
}

// Set is one tenant's faults, in the order they were added.
type Set struct {
	mu     sync.Mutex
	faults []Fault
	last   int
}

// Add stores a validated fault and returns it with its id.
func (s *Set) Add(f Fault) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	f.ID, f.Hits = strconv.Itoa(s.last), 0
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, f)
	return f
}

// Remove drops one fault; false when there is none with that id.
func (s *Set) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.faults)
	s.faults = slices.DeleteFunc(s.faults, func(f Fault) bool { return f.ID == id })
	return len(s.faults) < n
}

// Clear drops all faults.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// List returns the faults, used-up ones included.
func (s *Set) List() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// Take counts the call against the first fault that matches and is not used
// up, and returns it.
func (s *Set) Take(service, operation, client string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults {
		f := &s.faults[i]
		if match(f.Service, service) && match(f.Operation, operation) && match(f.Client, client) &&
			(f.Times < 0 || f.Hits < f.Times) {
			f.Hits++
			return *f, true
		}
	}
	return Fault{}, false
}

func match(want, got string) bool { return want == "" || want == got }
