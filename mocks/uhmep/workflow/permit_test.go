package workflow_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/access"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

func matrix(t *testing.T) *access.Matrix {
	t.Helper()
	m, err := access.Load(fixtures.FS)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// actors by name; "own" ones are requester or owner of what they act on.
func actors() map[string]workflow.Actor {
	return map[string]workflow.Actor{
		"patient":       {Role: workflow.Patient, Pseudonym: "P"},
		"doctor":        {Role: workflow.Prescriber, SSIN: "71011599751", Discipline: "PHYSICIAN"},
		"other-doctor":  {Role: workflow.Prescriber, SSIN: "68030299506", Discipline: "PHYSICIAN"},
		"dentist":       {Role: workflow.Prescriber, SSIN: "78060599748", Discipline: "DENTIST"},
		"nurse":         {Role: workflow.Caregiver, SSIN: "85072299879", Discipline: "NURSE"},
		"other-nurse":   {Role: workflow.Caregiver, SSIN: "90041099640", Discipline: "NURSE"},
		"pharmacist":    {Role: workflow.Caregiver, SSIN: "82091299641", Discipline: "PHARMACIST"},
		"group":         {Role: workflow.Organisation, Org: group, OrgType: "GROUPOFNURSES"},
		"other-group":   {Role: workflow.Organisation, Org: "Organization/NIHII-94799979947", OrgType: "HOME_SERVICES"},
		"hospital":      {Role: workflow.Organisation, Org: "Organization/NIHII-71099911710", OrgType: "HOSPITAL"},
		"medical-house": {Role: workflow.Organisation, Org: "Organization/NIHII-80599971805", OrgType: "MEDICAL_HOUSE"},
	}
}

func code(err error) string {
	var r *workflow.Refused
	if errors.As(err, &r) {
		return r.Code
	}
	if err != nil {
		return err.Error()
	}
	return "+"
}

// Every actor, every action, every family and intent. Cells: + allowed, M not
// in the matrix or role table, O not the owner.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	m := matrix(t)
	actions := []workflow.Action{workflow.Create, workflow.Read, workflow.CancelDocument, workflow.AssignTask, workflow.AssignOrganization,
		workflow.UnassignTask, workflow.StartTask, workflow.FinishTask, workflow.InterruptTask, workflow.CancelTask,
		workflow.CompleteDocument, workflow.EvaluateProposal, workflow.EvaluateExam}
	grids := []struct {
		family   workflow.Family
		template string
		intent   workflow.Intent
		rows     map[string]string
	}{
		{workflow.Nursing, "hygienic-care", workflow.Order, map[string]string{
			// create read cancel assign org unassign start finish interrupt cancelexec complete evalprop evalexam
			"patient":       "M + + + + + M M M M M M M",
			"doctor":        "+ + + M M M M M M M M M M",
			"other-doctor":  "+ + O M M M M M M M M M M",
			"dentist":       "M M M M M M M M M M M M M",
			"nurse":         "M + M + + + + + + + + M +",
			"other-nurse":   "M + M + + O O O O O + M O",
			"pharmacist":    "M M M M M M M M M M M M M",
			"group":         "M + M + + + + + M + + M +",
			"other-group":   "M + M + + O O O M O + M O",
			"hospital":      "+ + O + + M M M M M M M M",
			"medical-house": "+ + O + + O O O M O + M O",
		}},
		{workflow.Annex81, "medication-prefill-preparation-appendix-81", workflow.Proposal, map[string]string{
			"patient":       "M + + + + + M M M M M M M",
			"doctor":        "M + M + + + M M M M M + M",
			"other-doctor":  "M + M + + + M M M M M + M",
			"dentist":       "M M M M M M M M M M M M M",
			"nurse":         "+ + + + + + O O O O + M O",
			"other-nurse":   "+ + O + + O O O O O + M O",
			"pharmacist":    "M M M M M M M M M M M M M",
			"group":         "+ + O + + + + + M + + M +",
			"other-group":   "+ + O + + O O O M O + M O",
			"hospital":      "M + M + + O M M M M M + M",
			"medical-house": "+ + O + + O O O M O + + O",
		}},
		{workflow.Annex81, "medication-prefill-preparation-appendix-81", workflow.Order, map[string]string{
			"patient":       "M + + + + + M M M M M M M",
			"doctor":        "M + + M M M M M M M M + M",
			"other-doctor":  "M + O M M M M M M M M + M",
			"dentist":       "M M M M M M M M M M M M M",
			"nurse":         "M + M + + + + + + + + M +",
			"other-nurse":   "M + M + + O O O O O + M O",
			"pharmacist":    "M M M M M M M M M M M M M",
			"group":         "M + M + + + + + M + + M +",
			"other-group":   "M + M + + O O O M O + M O",
			"hospital":      "M + O M M M M M M M M + M",
			"medical-house": "M + O + + O O O M O + + O",
		}},
		{workflow.Imaging, "diagnostic-imaging-appendix-82", workflow.Order, map[string]string{
			"patient":       "M + + + + + M M M M M M M",
			"doctor":        "+ + + + + + + + + + + M +",
			"other-doctor":  "+ + O + + O O O O O + M O",
			"dentist":       "+ + O + + O O O O O + M O",
			"nurse":         "M M M M M M M M M M M M M",
			"other-nurse":   "M M M M M M M M M M M M M",
			"pharmacist":    "M M M M M M M M M M M M M",
			"group":         "M M M M M M M M M M M M M",
			"other-group":   "M M M M M M M M M M M M M",
			"hospital":      "+ + O + + O O O M O + M O",
			"medical-house": "+ + O + + O O O M O + M O",
		}},
	}
	for _, g := range grids {
		for name, a := range actors() {
			cells := strings.Fields(g.rows[name])
			if len(cells) != len(actions) {
				t.Fatalf("%s %s %s: %d cells", g.family, g.intent, name, len(cells))
			}
			for i, action := range actions {
				d := inStatus(workflow.Ready, g.intent, g.family, workflow.TaskReady)
				d.Template = g.template
				d.Orgs = []workflow.Task{{ID: "O", Owner: group, Status: workflow.TaskReady}}
				if g.family != workflow.Imaging {
					d.Tasks[0].Under = "O"
				}
				got := map[string]string{"+": "+", workflow.MatrixDenied: "M", workflow.NotOwner: "O"}[code(
					workflow.Permit(a, workflow.Ask{Action: action, Task: &d.Tasks[0]}, d, m))]
				if got != cells[i] {
					t.Errorf("%s %s: %s may %s: got %q, want %q", g.family, g.intent, name, action, got, cells[i])
				}
			}
		}
	}
}

func TestSuspendedProfessionals(t *testing.T) {
	t.Parallel()
	m := matrix(t)
	a := actors()["nurse"]
	a.Restricted, a.Since = true, "2026-11-22"
	for _, tc := range []struct {
		name string
		ask  workflow.Ask
		want string
	}{
		{"may not assign", workflow.Ask{Action: workflow.AssignTask, Owner: nurse}, workflow.Suspended},
		{"may not assign an organisation", workflow.Ask{Action: workflow.AssignOrganization}, workflow.Suspended},
		{"may not evaluate", workflow.Ask{Action: workflow.EvaluateExam}, workflow.Suspended},
		{"may register work before the suspension", workflow.Ask{Action: workflow.StartTask, When: "2026-11-21"}, "+"},
		{"may post work before the suspension", workflow.Ask{Action: workflow.AssignTask, Status: workflow.TaskInProgress, Owner: nurse, When: "2026-11-21"}, "+"},
		{"may not register work on its first day", workflow.Ask{Action: workflow.StartTask, When: "2026-11-22"}, workflow.Suspended},
		{"may not finish later", workflow.Ask{Action: workflow.FinishTask, When: "2026-11-23"}, workflow.Suspended},
		{"may interrupt", workflow.Ask{Action: workflow.InterruptTask}, "+"},
		{"may give an assignment back", workflow.Ask{Action: workflow.UnassignTask}, "+"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := inStatus(workflow.Ready, workflow.Order, workflow.Nursing, workflow.TaskReady)
			if tc.ask.Owner == "" {
				tc.ask.Task = &d.Tasks[0]
			}
			if got := code(workflow.Permit(a, tc.ask, d, m)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// Visibility, by status and actor: + sees it.
func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	m := matrix(t)
	inside := actors()["group"]
	stranger := workflow.Actor{Role: workflow.Patient, Pseudonym: "Q"}
	restrictedOwn, restrictedOther := actors()["doctor"], actors()["other-doctor"]
	restrictedOwn.Restricted, restrictedOther.Restricted = true, true
	people := actors()
	people["inside"], people["stranger"] = inside, stranger
	people["restricted-requester"], people["restricted-other"] = restrictedOwn, restrictedOther
	for _, tc := range []struct {
		name     string
		intent   workflow.Intent
		status   workflow.Status
		executed bool
		sees     string
	}{
		{"ready prescription", workflow.Order, workflow.Ready, false, "patient doctor other-doctor nurse other-nurse group hospital restricted-requester"},
		{"cancelled prescription", workflow.Order, workflow.Cancelled, false, "patient doctor restricted-requester"},
		{"cancelled proposal", workflow.Proposal, workflow.Cancelled, false, "patient nurse"},
		{"expired prescription", workflow.Order, workflow.Expired, false, "patient doctor other-doctor nurse other-nurse group hospital restricted-requester"},
		{"blacklisted without execution", workflow.Order, workflow.Blacklisted, false, ""},
		{"blacklisted with execution", workflow.Order, workflow.Blacklisted, true, "patient doctor other-doctor nurse other-nurse group hospital restricted-requester"},
	} {
		for name, a := range people {
			d := inStatus(tc.status, tc.intent, workflow.Nursing, "")
			d.Executed = tc.executed
			if tc.intent == workflow.Proposal {
				d.Template, d.Family = "medication-prefill-preparation-appendix-81", workflow.Annex81
			}
			want := strings.Contains(" "+tc.sees+" ", " "+name+" ") || (name == "inside" && strings.Contains(tc.sees, "group"))
			if name == "other-group" || name == "medical-house" {
				want = strings.Contains(tc.sees, "group")
			}
			if got := workflow.Visible(a, d, m); got != want {
				t.Errorf("%s: %s sees it: %t, want %t", tc.name, name, got, want)
			}
		}
	}
	t.Run("a cancelled document of the organisation's own requester is visible to it", func(t *testing.T) {
		t.Parallel()
		d := inStatus(workflow.Cancelled, workflow.Order, workflow.Nursing, "")
		d.Requester = doctor + "-NIHII-71099911710"
		if !workflow.Visible(people["hospital"], d, m) || workflow.Visible(people["group"], d, m) {
			t.Error("want visible to the hospital only")
		}
	})
	t.Run("a restricted caregiver sees what was assigned to them", func(t *testing.T) {
		t.Parallel()
		a := actors()["nurse"]
		a.Restricted = true
		d := inStatus(workflow.Ready, workflow.Order, workflow.Nursing, workflow.TaskReady)
		if !workflow.Visible(a, d, m) {
			t.Error("want visible")
		}
	})
}
