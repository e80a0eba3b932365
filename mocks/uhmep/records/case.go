package records

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// Case is the stored state of one medical document: the workflow plus what the
// indexes need.
type Case struct {
	workflow.Document
	Code     string    `json:"code"` // system|code of ServiceRequest.code
	Authored time.Time `json:"authoredAt"`
	Updated  time.Time `json:"updated"` // of the ServiceRequest
	Short    string    `json:"short,omitempty"`
	// Identifiers are the client's own, system|value, for conditional creates.
	Identifiers []string `json:"identifiers,omitempty"`
}

// Clone is a deep copy.
func (c *Case) Clone() *Case {
	n := *c
	n.Document = *c.Document.Clone()
	n.Identifiers = slices.Clone(c.Identifiers)
	return &n
}

// Summary is the index entry of the case.
func (c *Case) Summary() Summary {
	return Summary{Document: c.Document, Referral: c.ReferralStatus(), Code: c.Code, Authored: c.Authored, Updated: c.Updated, Short: c.Short}
}

// entries are all index entries the case should have, key to value.
func (c *Case) entries() map[string][]byte {
	value, at := c.Summary().encode(), newestFirst(c.Authored)
	out := map[string][]byte{
		PatientIndex(c.Patient) + at + "/" + c.ID:     value,
		RequesterIndex(c.Requester) + at + "/" + c.ID: value,
	}
	for _, list := range [][]workflow.Task{c.Tasks, c.Orgs} {
		for _, t := range list {
			if t.Status != workflow.TaskDeleted {
				out[OwnerIndex(t.Owner)+at+"/"+c.ID] = value
			}
		}
	}
	if c.Short != "" {
		out[shortKey(c.Short, c.Patient)] = []byte(c.ID)
	}
	for _, token := range c.Identifiers {
		out[identifierIndex(token)+c.ID] = []byte{'1'}
	}
	if next, ok := c.Next(); ok {
		out[dueKey(next, c.ID)] = []byte{'1'}
	}
	return out
}

// Load reads a case.
func Load(r store.Reader, sr string) (*Case, bool, error) {
	c, ok, err := store.GetJSON[Case](r, caseKey(sr))
	if !ok || err != nil {
		return nil, ok, err
	}
	return &c, true, nil
}

// Save writes the changed case, its index entries and the new versions of its
// resources. before is the case as loaded, nil at creation.
func Save(w store.Writer, before, after *Case, changed []Resource) error {
	now := after.entries()
	if before != nil {
		for key, was := range before.entries() {
			is, keep := now[key]
			switch {
			case !keep:
				w.Delete(key)
			case bytes.Equal(was, is):
				delete(now, key) // as it stands
			}
		}
	}
	for key, value := range now {
		w.Put(key, value)
	}
	for _, x := range changed {
		if err := put(w, x); err != nil {
			return err
		}
	}
	if err := store.PutJSON(w, caseKey(after.ID), after); err != nil {
		return fmt.Errorf("save %s: %w", after.ID, err)
	}
	return nil
}

// ByShortCode finds the ServiceRequest of a patient by its short code.
func ByShortCode(r store.Reader, code, patient string) (string, bool) {
	raw, ok := r.Get(shortKey(code, patient))
	return string(raw), ok
}

// DueItem is something the clock changes: ID is that of a ServiceRequest, or
// "!" + SSIN for a suspension that begins.
type DueItem struct{ Key, ID string }

// Due lists up to n items whose time is now or before.
func Due(r store.Reader, now time.Time, n int) []DueItem {
	var items []DueItem
	for key := range r.Scan(duePrefix, "") {
		if dueTime(key).After(now) || len(items) == n {
			break
		}
		items = append(items, DueItem{Key: key, ID: last(key)})
	}
	return items
}

// NextDue is the time of the next transition after now.
func NextDue(r store.Reader, now time.Time) (time.Time, bool) {
	for key := range r.Scan(duePrefix, dueKey(now, "\xff")) {
		return dueTime(key), true
	}
	return time.Time{}, false
}

// PutSuspension notes that a suspension of the professional begins at at.
func PutSuspension(w store.Writer, at time.Time, ssin string) {
	w.Put(dueKey(at, "!"+ssin), []byte{'1'})
}

// DropSuspensions removes all suspensions noted in advance for the professional.
func DropSuspensions(w store.Writer, ssin string) {
	var keys []string
	for key := range w.Scan(duePrefix, "") {
		if last(key) == "!"+ssin {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		w.Delete(key)
	}
}
