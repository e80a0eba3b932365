package workflow

import (
	"time"
)

// Cancel is D4: the requester, the patient or the organisation takes the
// document back. Only while no execution ever started (rule of the front end).
func (d *Document) Cancel() error {
	if (d.Status != Pending && d.Status != Ready) || d.Executed {
		return conflict("workflow-D4", "document "+string(d.Status), "pending or ready, never executed",
			"a document whose execution has started is completed, not cancelled")
	}
	d.Status = Cancelled
	d.dropOpen()
	return nil
}

// Assign adds a performer Task; its status says whether it is assigned
// (ready), accepted or rejected (imaging), started (in-progress, with Start)
// or reported afterwards (completed, with Start and End).
func (d *Document) Assign(t Task, now time.Time) error {
	if !d.Open() {
		return conflict("assign-state", "document "+string(d.Status), "pending, ready, in progress or inactive", "")
	}
	if d.Intent == Proposal && t.Status != TaskReady {
		return conflict("assign-proposal", "task "+string(t.Status)+" on a proposal", "task ready",
			"a proposal is evaluated with $approve or $reject; nothing is executed on it")
	}
	for _, o := range d.Tasks {
		if !o.Final() && sameProfessional(o.Owner, t.Owner) {
			return &Refused{Code: Duplicate, Rule: "task-one-open", Got: "task " + o.ID + " " + string(o.Status) + " for " + o.Owner,
				Want: "no open task of this owner", Hint: "PATCH that task instead of creating another"}
		}
	}
	if t.Start != "" {
		if err := d.startAllowed(t.Start, now); err != nil {
			return err
		}
	}
	if err := d.coherent(t); err != nil {
		return err
	}
	fresh := t
	fresh.Status, fresh.Start, fresh.End = TaskReady, "", ""
	next := d.Clone()
	next.Tasks = append(next.Tasks, fresh)
	var err error
	switch t.Status {
	case TaskAccepted:
		err = next.Accept(t.ID)
	case TaskRejected:
		err = next.Refuse(t.ID)
	case TaskInProgress, TaskCompleted:
		err = next.Start(t.ID, t.Start, now)
		if err == nil && t.Status == TaskCompleted {
			err = next.Finish(t.ID, t.End, now)
		}
	default: // ready
	}
	if err != nil {
		return err
	}
	*d = *next
	d.settle()
	return nil
}

// coherent checks that status and period of a new Task fit each other.
func (d *Document) coherent(t Task) error {
	bad := func(got, want string) error {
		return &Refused{Code: StatusNotAllowed, Rule: "assign-coherence", Got: got, Want: want}
	}
	switch t.Status {
	case TaskReady:
		if t.Start != "" || t.End != "" {
			return bad("ready with executionPeriod", "ready without executionPeriod")
		}
	case TaskAccepted, TaskRejected:
		if d.Family != Imaging {
			return bad(string(t.Status)+" on "+string(d.Family), "accepted and rejected only for imaging")
		}
		if t.Start != "" || t.End != "" {
			return bad(string(t.Status)+" with executionPeriod", "no executionPeriod")
		}
	case TaskInProgress:
		if t.Start == "" || t.End != "" {
			return bad("in-progress with start "+quoted(t.Start)+" and end "+quoted(t.End), "executionPeriod.start only")
		}
	case TaskCompleted:
		if t.Start == "" || t.End == "" {
			return bad("completed with start "+quoted(t.Start)+" and end "+quoted(t.End), "executionPeriod.start and .end")
		}
	default:
		return bad("status "+string(t.Status), "ready, in-progress or completed (accepted, rejected for imaging)")
	}
	return nil
}

func quoted(s string) string {
	if s == "" {
		return "absent"
	}
	return s
}

// AssignOrganisation adds an organisation Task, ready.
func (d *Document) AssignOrganisation(t Task) error {
	if !d.Open() {
		return conflict("assign-state", "document "+string(d.Status), "pending, ready, in progress or inactive", "")
	}
	for _, o := range d.Orgs {
		if o.Owner == t.Owner && o.Status != TaskCancelled && o.Status != TaskCompleted && o.Status != TaskDeleted {
			return &Refused{Code: Duplicate, Rule: "task-one-open", Got: "task " + o.ID + " for " + o.Owner,
				Want: "no open task of this organisation", Hint: "the organisation is assigned already"}
		}
	}
	if t.Status != TaskReady {
		return &Refused{Code: StatusNotAllowed, Rule: "organisation-ready", Got: "status " + string(t.Status), Want: "ready",
			Hint: "the further states of an organisation task follow from its performer tasks"}
	}
	d.Orgs = append(d.Orgs, t)
	d.settle()
	return nil
}

// Start is D6: a caregiver begins the work, also before the validity starts
// and also backdated.
func (d *Document) Start(id, at string, now time.Time) error {
	t := d.Task(id)
	if t == nil {
		return missing(id)
	}
	if d.Intent == Proposal {
		return conflict("task-proposal", "start on a proposal", "an order", "approve the proposal; work is done on the new prescription")
	}
	if !d.Open() {
		return conflict("workflow-D6", "document "+string(d.Status), "pending, ready, in progress or inactive", "")
	}
	if t.Start != "" {
		return &Refused{Code: PatchNotAllowed, Rule: "patch-start-once", Got: "task has start " + t.Start, Want: "no start yet"}
	}
	ok := t.Status == TaskReady || t.Status == TaskCancelled || (t.Status == TaskAccepted && d.Family == Imaging)
	if !ok {
		return conflict("task-start", "task "+string(t.Status), "ready, cancelled, or accepted for imaging",
			"an interrupted or finished task is final: create a new one")
	}
	if err := d.startAllowed(at, now); err != nil {
		return err
	}
	t.Status, t.Start, t.End, t.Started = TaskInProgress, at, "", true
	if d.Latest == "" {
		d.Latest = d.To
		if day, _, _, _ := Moment(at); d.Bounds != nil {
			d.Latest = max(d.To, d.Bounds.After(day))
		}
	}
	d.Executed, d.Status = true, InProgress
	d.settle()
	return nil
}

// Finish ends a running execution; also after D8 closed the document.
func (d *Document) Finish(id, end string, now time.Time) error {
	t := d.Task(id)
	if t == nil {
		return missing(id)
	}
	if t.Start == "" {
		return &Refused{Code: PatchNotAllowed, Rule: "patch-end-needs-start", Got: "task " + string(t.Status) + " without start",
			Want: "executionPeriod.start first"}
	}
	if t.Status != TaskInProgress {
		return conflict("task-finish", "task "+string(t.Status), "in-progress", "")
	}
	if d.Status != InProgress && d.Status != Completed {
		return conflict("task-finish", "document "+string(d.Status), "in progress, or completed by the clock", "")
	}
	if err := d.endAllowed(t.Start, end, now); err != nil {
		return err
	}
	t.Status, t.End = TaskCompleted, end
	d.settle()
	return nil
}

// Interrupt puts a running execution on hold, for good: the caregiver creates
// a new Task to go on.
func (d *Document) Interrupt(id string) error {
	t, err := d.running(id, "task-interrupt")
	if err != nil {
		return err
	}
	t.Status = TaskOnHold
	d.settle()
	return nil
}

// CancelExecution takes a running execution back; its period is cleared and
// the same caregiver may start it again.
func (d *Document) CancelExecution(id string) error {
	t, err := d.running(id, "task-cancel")
	if err != nil {
		return err
	}
	t.Status, t.Start, t.End = TaskCancelled, "", ""
	d.settle()
	return nil
}

func (d *Document) running(id, rule string) (*Task, error) {
	t := d.Task(id)
	if t == nil {
		return nil, missing(id)
	}
	if t.Status != TaskInProgress {
		return nil, conflict(rule, "task "+string(t.Status), "in-progress", "a task that is only assigned is removed with DELETE")
	}
	if d.Status != InProgress {
		return nil, conflict(rule, "document "+string(d.Status), "in progress", "after the latest end date only the end can still be given")
	}
	return t, nil
}

// Accept takes an imaging exam on.
func (d *Document) Accept(id string) error { return d.evaluateExam(id, TaskAccepted, "task-accept") }

// Refuse turns an imaging exam down.
func (d *Document) Refuse(id string) error { return d.evaluateExam(id, TaskRejected, "task-refuse") }

func (d *Document) evaluateExam(id string, to TaskStatus, rule string) error {
	t := d.Task(id)
	if t == nil {
		return missing(id)
	}
	if d.Family != Imaging {
		return &Refused{Code: PatchNotAllowed, Rule: rule, Got: string(to) + " on " + string(d.Family), Want: "an imaging prescription"}
	}
	if !d.Open() {
		return conflict(rule, "document "+string(d.Status), "pending, ready, in progress or inactive", "")
	}
	if t.Status != TaskReady {
		return conflict(rule, "task "+string(t.Status), "ready", "")
	}
	t.Status = to
	d.settle()
	return nil
}

// Unassign removes an assignment that nobody acted on.
func (d *Document) Unassign(id string) error {
	if o := d.Org(id); o != nil {
		for _, t := range d.Tasks {
			if t.Under == id && t.Status != TaskDeleted {
				return conflict("organisation-internal-task", "performer task "+t.ID+" is based on it", "no performer task based on it", "remove that one first")
			}
		}
		if o.Status != TaskReady {
			return conflict("task-delete-ready", "task "+string(o.Status), "ready", "")
		}
		o.Status = TaskDeleted
		return nil
	}
	t := d.Task(id)
	if t == nil {
		return missing(id)
	}
	if t.Status != TaskReady {
		return conflict("task-delete-ready", "task "+string(t.Status), "ready",
			"started work is cancelled or finished with PATCH, not removed")
	}
	t.Status = TaskDeleted
	d.settle()
	return nil
}

// Complete is D9: the caregiver declares the whole treatment done.
func (d *Document) Complete() error {
	if d.anyTask(TaskInProgress) && d.Open() {
		return &Refused{Code: ExecutionInProgress, Rule: "workflow-D9", Got: "a performer task is in-progress", Want: "no performer task in-progress",
			Hint: "finish, interrupt or cancel that execution first"}
	}
	if (d.Status != InProgress && d.Status != Inactive) || d.Intent != Order {
		return conflict("workflow-D9", "document "+string(d.Status), "in progress or inactive, with finished executions", "")
	}
	d.Status = Completed
	d.settle()
	return nil
}

// Evaluate is the approval or rejection of a proposal by owner, a
// PractitionerRole. When the evaluator has no Task, one is added with newID.
// Other open Tasks are cancelled. It returns the id of the evaluation Task.
func (d *Document) Evaluate(approve bool, owner, newID string) (string, error) {
	if d.Intent != Proposal {
		return "", conflict("proposal-only", "an order", "a proposal", "only proposals are approved or rejected")
	}
	switch d.Status {
	case Approved, Rejected:
		return "", &Refused{Code: AlreadyEvaluated, Rule: "proposal-once", Got: "proposal " + string(d.Status), Want: "an active proposal"}
	case Pending, Ready:
	default:
		return "", conflict("proposal-active", "proposal "+string(d.Status), "an active proposal", "")
	}
	status, task := Rejected, TaskRejected
	if approve {
		status, task = Approved, TaskCompleted
	}
	id := ""
	for i := range d.Tasks {
		if t := &d.Tasks[i]; t.Status == TaskReady && id == "" && sameProfessional(t.Owner, owner) {
			t.Status, id = task, t.ID
		}
	}
	if id == "" {
		id = newID
		d.Tasks = append(d.Tasks, Task{ID: newID, Owner: owner, Status: task})
	}
	d.dropOpen()
	d.Status = status
	d.settle()
	return id, nil
}

// Suspend is D10 and D11: the requester's suspension became known after
// creation. It tells whether anything changed.
func (d *Document) Suspend() bool {
	switch d.Status {
	case Pending, Ready:
		d.Status = Blacklisted
		d.dropOpen()
	case InProgress, Inactive, Completed:
		d.Status = Blacklisted
		for i := range d.Tasks {
			if d.Tasks[i].Status == TaskInProgress {
				d.Tasks[i].Status = TaskOnHold
			}
		}
		d.settle()
	default:
		return false
	}
	return true
}

func missing(id string) *Refused {
	return &Refused{Code: NotFound, Rule: "task-known", Got: "task " + id, Want: "a task of this document"}
}
