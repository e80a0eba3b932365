package workflow_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// noon is the present of all tests here.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, workflow.Zone()) }

const (
	doctor     = "PractitionerRole/71011599751-PHYSICIAN"
	nurse      = "PractitionerRole/85072299879-NURSE"
	otherNurse = "PractitionerRole/90041099640-NURSE"
	group      = "Organization/NIHII-94099995940"
)

// inStatus makes a document in a business status, with one performer Task in a
// matching state, owned by the nurse under the group's organisation Task.
func inStatus(s workflow.Status, i workflow.Intent, f workflow.Family, task workflow.TaskStatus) *workflow.Document {
	owner, requester := nurse, doctor
	if i == workflow.Proposal {
		owner, requester = doctor, nurse
	}
	if f == workflow.Imaging {
		owner = doctor
	}
	d := &workflow.Document{
		Facts: workflow.Facts{ID: "S", Intent: i, Family: f, Template: "hygienic-care", Requester: requester, Patient: "P",
			AuthoredOn: "2026-11-20T09:00:00+01:00", From: "2026-11-20", To: "2027-11-19"},
		Status: s,
	}
	if task != "" {
		t := workflow.Task{ID: "T", Owner: owner, Status: task}
		switch task {
		case workflow.TaskInProgress, workflow.TaskOnHold:
			t.Start, t.Started = "2026-11-21", true
		case workflow.TaskCompleted:
			t.Start, t.End, t.Started = "2026-11-21", "2026-11-22", true
		default:
		}
		d.Tasks = []workflow.Task{t}
		d.Executed = t.Started
	}
	switch s {
	case workflow.Pending:
		d.From = "2026-12-01"
	case workflow.InProgress, workflow.Inactive, workflow.Completed:
		d.Executed, d.Latest = true, d.To
	default:
	}
	return d
}

// do tries an action on the document, whatever the actor.
func do(d *workflow.Document, action string) error {
	switch action {
	case "cancel":
		return d.Cancel()
	case "assign":
		return d.Assign(workflow.Task{ID: "N", Owner: otherNurse, Status: workflow.TaskReady}, noon())
	case "assign-org":
		return d.AssignOrganisation(workflow.Task{ID: "O", Owner: group, Status: workflow.TaskReady})
	case "start":
		return d.Start("T", "2026-11-23", noon())
	case "finish":
		return d.Finish("T", "2026-11-24", noon())
	case "interrupt":
		return d.Interrupt("T")
	case "cancel-execution":
		return d.CancelExecution("T")
	case "unassign":
		return d.Unassign("T")
	case "accept":
		return d.Accept("T")
	case "refuse":
		return d.Refuse("T")
	case "complete":
		return d.Complete()
	case "approve":
		_, err := d.Evaluate(true, doctor, "E")
		return err
	case "reject":
		_, err := d.Evaluate(false, doctor, "E")
		return err
	}
	return fmt.Errorf("no action %s", action)
}

var docActions = []string{"cancel", "assign", "assign-org", "complete", "approve", "reject"}

// Document actions by business status; the Task is completed where something
// was executed, so that only the status decides. Letters: + done, . refused.
//
//	c cancel  a assign  o assign-org  d complete  A approve  R reject
func TestEveryDocumentActionInEveryStatus(t *testing.T) {
	t.Parallel()
	grid := map[workflow.Intent]map[workflow.Status]string{
		workflow.Order: {
			//                       c a o d A R
			workflow.Blacklisted: ". . . . . .",
			workflow.Pending:     "+ + + . . .",
			workflow.Ready:       "+ + + . . .",
			workflow.InProgress:  ". + + . . .", // complete: an execution runs
			workflow.Inactive:    ". + + + . .",
			workflow.Completed:   ". . . . . .",
			workflow.Cancelled:   ". . . . . .",
			workflow.Expired:     ". . . . . .",
			workflow.Approved:    ". . . . . .",
			workflow.Rejected:    ". . . . . .",
		},
		workflow.Proposal: {
			workflow.Blacklisted: ". . . . . .",
			workflow.Pending:     "+ + + . + +",
			workflow.Ready:       "+ + + . + +",
			workflow.InProgress:  ". + + . . .",
			workflow.Inactive:    ". + + . . .",
			workflow.Completed:   ". . . . . .",
			workflow.Cancelled:   ". . . . . .",
			workflow.Expired:     ". . . . . .",
			workflow.Approved:    ". . . . . .",
			workflow.Rejected:    ". . . . . .",
		},
	}
	for intent, rows := range grid {
		for _, status := range workflow.Statuses() {
			cells := strings.Fields(rows[status])
			if len(cells) != len(docActions) {
				t.Fatalf("%s %s: %d cells", intent, status, len(cells))
			}
			for i, action := range docActions {
				task := workflow.TaskStatus("")
				switch status {
				case workflow.InProgress:
					task = workflow.TaskInProgress
				case workflow.Inactive, workflow.Completed:
					task = workflow.TaskCompleted
				default:
				}
				d := inStatus(status, intent, workflow.Annex81, task)
				before := fmt.Sprintf("%+v", d)
				err := do(d, action)
				if got, want := err == nil, cells[i] == "+"; got != want {
					t.Errorf("%s %s: %s: done %t, want %t (%v)", intent, status, action, got, want, err)
				}
				if err != nil && fmt.Sprintf("%+v", d) != before {
					t.Errorf("%s %s: refused %s changed the document", intent, status, action)
				}
			}
		}
	}
}

// Task actions by Task status in a document that is open for them. Letters:
//
//	s start  f finish  i interrupt  x cancel-execution  u unassign  A accept  R refuse
func TestEveryTaskActionInEveryTaskStatus(t *testing.T) {
	t.Parallel()
	actions := []string{"start", "finish", "interrupt", "cancel-execution", "unassign", "accept", "refuse"}
	grid := map[workflow.Family]map[workflow.TaskStatus]string{
		workflow.Nursing: {
			//                         s f i x u A R
			workflow.TaskReady:      "+ . . . + . .",
			workflow.TaskAccepted:   ". . . . . . .",
			workflow.TaskInProgress: ". + + + . . .",
			workflow.TaskOnHold:     ". . . . . . .",
			workflow.TaskCompleted:  ". . . . . . .",
			workflow.TaskCancelled:  "+ . . . . . .",
			workflow.TaskRejected:   ". . . . . . .",
			workflow.TaskDeleted:    ". . . . . . .",
		},
		workflow.Imaging: {
			workflow.TaskReady:      "+ . . . + + +",
			workflow.TaskAccepted:   "+ . . . . . .",
			workflow.TaskInProgress: ". + + + . . .",
			workflow.TaskOnHold:     ". . . . . . .",
			workflow.TaskCompleted:  ". . . . . . .",
			workflow.TaskCancelled:  "+ . . . . . .",
			workflow.TaskRejected:   ". . . . . . .",
			workflow.TaskDeleted:    ". . . . . . .",
		},
	}
	for family, rows := range grid {
		for _, status := range workflow.TaskStatuses() {
			cells := strings.Fields(rows[status])
			for i, action := range actions {
				doc := workflow.Ready
				switch status {
				case workflow.TaskInProgress:
					doc = workflow.InProgress
				case workflow.TaskOnHold, workflow.TaskCompleted, workflow.TaskCancelled:
					doc = workflow.Inactive
				default:
				}
				d := inStatus(doc, workflow.Order, family, status)
				err := do(d, action)
				if got, want := err == nil, cells[i] == "+"; got != want {
					t.Errorf("%s task %s: %s: done %t, want %t (%v)", family, status, action, got, want, err)
				}
				var r *workflow.Refused
				if err != nil && !errors.As(err, &r) {
					t.Errorf("%s task %s: %s: error %v names no rule", family, status, action, err)
				}
			}
		}
	}
}

// A task can only move while its document allows it.
func TestTaskActionsInEveryDocumentStatus(t *testing.T) {
	t.Parallel()
	// s start of a ready task; f finish, i interrupt, x cancel of a running one
	grid := map[workflow.Status]string{
		workflow.Blacklisted: ". . . .",
		workflow.Pending:     "+ . . .",
		workflow.Ready:       "+ . . .",
		workflow.InProgress:  "+ + + +",
		workflow.Inactive:    "+ . . .",
		workflow.Completed:   ". + . .", // after D8 the end may still be given
		workflow.Cancelled:   ". . . .",
		workflow.Expired:     ". . . .",
		workflow.Approved:    ". . . .",
		workflow.Rejected:    ". . . .",
	}
	for _, status := range workflow.Statuses() {
		cells := strings.Fields(grid[status])
		for i, action := range []string{"start", "finish", "interrupt", "cancel-execution"} {
			task := workflow.TaskInProgress
			if action == "start" {
				task = workflow.TaskReady
			}
			d := inStatus(status, workflow.Order, workflow.Nursing, task)
			if status == workflow.Inactive || status == workflow.Pending || status == workflow.Ready {
				if action != "start" {
					continue // a running task makes the document in progress
				}
			}
			err := do(d, action)
			if got, want := err == nil, cells[i] == "+"; got != want {
				t.Errorf("document %s: %s: done %t, want %t (%v)", status, action, got, want, err)
			}
		}
	}
}
