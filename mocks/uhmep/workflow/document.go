package workflow

import "time"

// Intent is the intent of a medical document.
type Intent string

// The two intents: a prescription and a proposal (annex 81 only).
const (
	Order    Intent = "order"
	Proposal Intent = "proposal"
)

// Family is the group of templates that share rules of assignment and rights.
type Family string

// The three families of templates.
const (
	Nursing Family = "nursing"
	Annex81 Family = "annex81"
	Imaging Family = "imaging"
)

// Status is the business status of a medical document.
type Status string

// The business statuses. Draft is never stored (our choice); Approved and
// Rejected are Completed with the outcome of a proposal.
const (
	Blacklisted Status = "blacklisted"
	Pending     Status = "pending"
	Ready       Status = "ready"
	InProgress  Status = "in-progress"
	Inactive    Status = "inactive"
	Completed   Status = "completed"
	Cancelled   Status = "cancelled"
	Expired     Status = "expired"
	Approved    Status = "approved"
	Rejected    Status = "rejected"
)

// Statuses lists every business status.
func Statuses() []Status {
	return []Status{Blacklisted, Pending, Ready, InProgress, Inactive, Completed, Cancelled, Expired, Approved, Rejected}
}

// Facts is what the workflow needs to know of the accepted ServiceRequest; it
// never changes after creation.
type Facts struct {
	ID         string `json:"id"`
	Intent     Intent `json:"intent"`
	Family     Family `json:"family"`
	Template   string `json:"template"`
	Requester  string `json:"requester"` // PractitionerRole/{ssin}-{DISCIPLINE}[-NIHII-{n}]
	Patient    string `json:"patient"`   // stable pseudonym, at rest
	AuthoredOn string `json:"authoredOn"`
	From       Day    `json:"from"` // validity, both days included
	To         Day    `json:"to"`
	Bounds     *Span  `json:"bounds,omitempty"` // treatment period
}

// Document is the state of one medical document with all its Tasks.
type Document struct {
	Facts
	Status   Status `json:"status"`
	Latest   Day    `json:"latest,omitempty"`   // locked at the first start
	Executed bool   `json:"executed,omitempty"` // an execution ever started
	Tasks    []Task `json:"tasks,omitempty"`    // performer Tasks
	Orgs     []Task `json:"orgs,omitempty"`     // organisation Tasks
}

// TaskStatus is the FHIR status of a performer or organisation Task.
type TaskStatus string

// The Task statuses in use. Deleted ones stay known so that a later read
// answers 410.
const (
	TaskReady      TaskStatus = "ready"
	TaskAccepted   TaskStatus = "accepted"
	TaskInProgress TaskStatus = "in-progress"
	TaskOnHold     TaskStatus = "on-hold"
	TaskCompleted  TaskStatus = "completed"
	TaskCancelled  TaskStatus = "cancelled"
	TaskRejected   TaskStatus = "rejected"
	TaskDeleted    TaskStatus = "deleted"
)

// TaskStatuses lists every Task status.
func TaskStatuses() []TaskStatus {
	return []TaskStatus{TaskReady, TaskAccepted, TaskInProgress, TaskOnHold, TaskCompleted, TaskCancelled, TaskRejected, TaskDeleted}
}

// Task is a performer Task, or an organisation Task when its owner is an
// Organization.
type Task struct {
	ID      string     `json:"id"`
	Owner   string     `json:"owner"` // PractitionerRole/… or Organization/NIHII-…
	Status  TaskStatus `json:"status"`
	Start   string     `json:"start,omitempty"` // executionPeriod as sent: date or dateTime
	End     string     `json:"end,omitempty"`
	Under   string     `json:"under,omitempty"`   // id of the organisation Task it is basedOn
	Started bool       `json:"started,omitempty"` // an execution ever started
}

// Final tells whether the Task cannot change any more. A cancelled execution
// is not final: the same caregiver may start it again.
func (t Task) Final() bool {
	switch t.Status {
	case TaskOnHold, TaskCompleted, TaskRejected, TaskDeleted:
		return true
	default:
		return false
	}
}

// New makes the document at creation: D1 when the requester is suspended, D2
// otherwise.
func New(f Facts, now time.Time, suspended bool) *Document {
	d := &Document{Facts: f, Status: Ready}
	switch {
	case suspended:
		d.Status = Blacklisted
	case f.From > DayOf(now):
		d.Status = Pending
	}
	return d
}

// Task finds a performer Task that is not deleted.
func (d *Document) Task(id string) *Task { return find(d.Tasks, id) }

// Org finds an organisation Task that is not deleted.
func (d *Document) Org(id string) *Task { return find(d.Orgs, id) }

func find(ts []Task, id string) *Task {
	for i := range ts {
		if ts[i].ID == id && ts[i].Status != TaskDeleted {
			return &ts[i]
		}
	}
	return nil
}

// Clone is a deep copy, so that a change can be tried and thrown away.
func (d *Document) Clone() *Document {
	c := *d
	c.Tasks = append([]Task(nil), d.Tasks...)
	c.Orgs = append([]Task(nil), d.Orgs...)
	return &c
}

func (d *Document) anyTask(s TaskStatus) bool {
	for _, t := range d.Tasks {
		if t.Status == s {
			return true
		}
	}
	return false
}

// Open tells whether work may still be assigned or started.
func (d *Document) Open() bool {
	switch d.Status {
	case Pending, Ready, InProgress, Inactive:
		return true
	default:
		return false
	}
}
