package workflow_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

func facts(from, to workflow.Day) workflow.Facts {
	return workflow.Facts{ID: "S", Intent: workflow.Order, Family: workflow.Nursing, Requester: doctor, Patient: "P",
		AuthoredOn: "2026-11-24T10:00:00+01:00", From: from, To: to}
}

func TestD1AndD2TheFirstStatus(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		from      workflow.Day
		suspended bool
		want      workflow.Status
	}{
		{"D1 suspended", "2026-11-24", true, workflow.Blacklisted},
		{"D2 starts in the future", "2026-11-25", false, workflow.Pending},
		{"D2 starts today", "2026-11-24", false, workflow.Ready},
		{"D2 started before", "2026-11-20", false, workflow.Ready},
	} {
		if got := workflow.New(facts(tc.from, "2027-01-01"), noon(), tc.suspended).Status; got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// Each step moves the clock to the next transition.
func TestTheClocksTransitions(t *testing.T) {
	t.Parallel()
	begin := func(day workflow.Day) time.Time { return day.Begin() }
	d := workflow.New(facts("2026-12-01", "2026-12-10"), noon(), false)
	d.Tasks = []workflow.Task{{ID: "T", Owner: nurse, Status: workflow.TaskReady}}
	at, ok := d.Next()
	if !ok || !at.Equal(begin("2026-12-01")) {
		t.Fatalf("D3 at %v", at)
	}
	if d.Advance(at.Add(-time.Second)) || !d.Advance(at) || d.Status != workflow.Ready {
		t.Fatalf("D3: %s", d.Status)
	}
	running := d.Clone()
	if at, ok = d.Next(); !ok || !at.Equal(begin("2026-12-11")) {
		t.Fatalf("D5 at %v", at)
	}
	if d.Advance(at.Add(-time.Second)) || !d.Advance(at) || d.Status != workflow.Expired || d.Tasks[0].Status != workflow.TaskCancelled {
		t.Fatalf("D5: %s, task %s", d.Status, d.Tasks[0].Status)
	}
	if _, ok = d.Next(); ok || d.Advance(at.AddDate(10, 0, 0)) {
		t.Error("an expired document moves on")
	}
	running.Bounds = &workflow.Span{Value: 3, Unit: "mo"}
	if err := running.Start("T", "2026-12-05", begin("2026-12-05").Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if running.Latest != "2027-03-05" {
		t.Errorf("latest %s, want start + 3 months", running.Latest)
	}
	if at, ok = running.Next(); !ok || !at.Equal(begin("2027-03-06")) {
		t.Fatalf("D8 at %v", at)
	}
	if !running.Advance(at) || running.Status != workflow.Completed || running.ReferralStatus() != "in-progress" {
		t.Errorf("D8: %s, referral %s", running.Status, running.ReferralStatus())
	}
	both := workflow.New(facts("2026-12-01", "2026-12-10"), noon(), false)
	if !both.Advance(begin("2027-01-01")) || both.Status != workflow.Expired {
		t.Errorf("D3 and D5 in one go: %s", both.Status)
	}
}

func TestExecutionPeriods(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, authored string
		from           workflow.Day
		start, end     string
		want           string // rule broken, "" = fine
	}{
		{"today", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-24", "", ""},
		{"a moment ago, with its time", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-24T11:59:00+01:00", "", ""},
		{"within the tolerance of a minute", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-24T12:00:59+01:00", "", ""},
		{"beyond it", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-24T12:01:01+01:00", "", "execution-start-future"},
		{"tomorrow", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-25", "", "execution-start-future"},
		{"before authoredOn, which is before the validity", "2026-11-20T09:00:00+01:00", "2026-11-22", "2026-11-19", "", "execution-start-early"},
		{"on the day of authoredOn, before the validity", "2026-11-20T09:00:00+01:00", "2026-11-22", "2026-11-20", "", ""},
		{"before the validity, which is before authoredOn", "2026-11-20T09:00:00+01:00", "2026-11-18", "2026-11-17", "", "execution-start-early"},
		{"in the validity, before authoredOn", "2026-11-20T09:00:00+01:00", "2026-11-18", "2026-11-18", "", ""},
		{"a month only", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11", "", "execution-start-format"},
		{"a time without zone", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-24T10:00:00", "", "execution-start-format"},
		{"end before start", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-23", "2026-11-22", "execution-end-before-start"},
		{"end earlier on the same day", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-23T10:00:00+01:00", "2026-11-23T09:00:00+01:00", "execution-end-before-start"},
		{"end on the same day", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-23T10:00:00+01:00", "2026-11-23", ""},
		{"end in the future", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-23", "2026-11-25", "execution-end-future"},
		{"end as a year", "2026-11-20T09:00:00+01:00", "2026-11-20", "2026-11-23", "2026", "execution-end-format"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := facts(tc.from, "2027-01-01")
			f.AuthoredOn = tc.authored
			d := workflow.New(f, noon(), false)
			d.Tasks = []workflow.Task{{ID: "T", Owner: nurse, Status: workflow.TaskReady}}
			err := d.Start("T", tc.start, noon())
			if err == nil && tc.end != "" {
				err = d.Finish("T", tc.end, noon())
			}
			got := ""
			var r *workflow.Refused
			if errors.As(err, &r) {
				got = r.Rule
			}
			if got != tc.want {
				t.Errorf("got %q, want %q (%v)", got, tc.want, err)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		span workflow.Span
		from workflow.Day
		want workflow.Day
	}{
		{workflow.Span{Value: 10, Unit: "d"}, "2026-12-25", "2027-01-04"},
		{workflow.Span{Value: 2, Unit: "wk"}, "2026-12-25", "2027-01-08"},
		{workflow.Span{Value: 1, Unit: "mo"}, "2027-01-31", "2027-02-28"},
		{workflow.Span{Value: 1, Unit: "a"}, "2028-02-29", "2029-02-28"},
		{workflow.Span{Value: 4, Unit: "a"}, "2028-02-29", "2032-02-29"},
		{workflow.Span{Value: 1, Unit: "h"}, "2026-01-01", "2026-01-01"},
		{workflow.Span{Value: 0, Unit: "d"}, "2026-01-01", "2026-01-01"},
	} {
		if got := tc.span.After(tc.from); got != tc.want {
			t.Errorf("%s + %d %s: got %s, want %s", tc.from, tc.span.Value, tc.span.Unit, got, tc.want)
		}
	}
}

// Days begin in Brussels, also where the clock changes.
func TestDays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]workflow.Day{
		"2026-11-23T23:30:00Z": "2026-11-24", "2026-07-23T21:59:59Z": "2026-07-23", "2026-07-23T22:00:00Z": "2026-07-24",
		"2026-10-25T00:30:00Z": "2026-10-25", "2026-03-29T22:30:00Z": "2026-03-30",
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := workflow.DayOf(at); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got := workflow.Day("2026-03-28").Add(1).Add(1); got != "2026-03-30" {
		t.Errorf("over the change to summer time: %s", got)
	}
	if !workflow.Day("x").Begin().IsZero() || workflow.Day("x").Add(1) != "x" {
		t.Error("what is no day has a beginning")
	}
}

// The organisation Task follows its internal performer Tasks.
func TestOrganisationTasksAreDerived(t *testing.T) {
	t.Parallel()
	d := workflow.New(facts("2026-11-24", "2027-01-01"), noon(), false)
	step := func(name string, err error, org, referral string) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if string(d.Orgs[0].Status) != org || d.ReferralStatus() != referral {
			t.Errorf("%s: organisation task %s, referral task %s; want %s, %s", name, d.Orgs[0].Status, d.ReferralStatus(), org, referral)
		}
	}
	step("assign the organisation", d.AssignOrganisation(workflow.Task{ID: "O", Owner: group, Status: workflow.TaskReady}), "ready", "ready")
	step("assign inside", d.Assign(workflow.Task{ID: "A", Owner: nurse, Status: workflow.TaskReady, Under: "O"}, noon()), "ready", "ready")
	step("start", d.Start("A", "2026-11-24", noon()), "in-progress", "in-progress")
	step("a second one starts at once", d.Assign(workflow.Task{ID: "B", Owner: otherNurse, Status: workflow.TaskInProgress, Start: "2026-11-24", Under: "O"}, noon()), "in-progress", "in-progress")
	step("the first finishes", d.Finish("A", "2026-11-24", noon()), "in-progress", "in-progress")
	step("the second is interrupted", d.Interrupt("B"), "on-hold", "on-hold")
	if d.Status != workflow.Inactive {
		t.Errorf("D7: %s", d.Status)
	}
	if start, end := d.ReferralPeriod(); start != "2026-11-24" || end != "" {
		t.Errorf("period of the referral task: %s to %q", start, end)
	}
	step("complete", d.Complete(), "completed", "completed")
	if _, end := d.ReferralPeriod(); end != "2026-11-24" {
		t.Errorf("end of the referral task: %q", end)
	}
}

func TestOpenWorkIsDroppedWithTheDocument(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*workflow.Document) error{
		"D4":  func(d *workflow.Document) error { return d.Cancel() },
		"D10": func(d *workflow.Document) error { d.Suspend(); return nil },
		"D5":  func(d *workflow.Document) error { d.Advance(noon().AddDate(3, 0, 0)); return nil },
	} {
		d := workflow.New(facts("2026-11-24", "2027-01-01"), noon(), false)
		d.Tasks = []workflow.Task{{ID: "A", Owner: nurse, Status: workflow.TaskReady}, {ID: "B", Owner: otherNurse, Status: workflow.TaskAccepted},
			{ID: "C", Owner: nurse, Status: workflow.TaskRejected}}
		d.Orgs = []workflow.Task{{ID: "O", Owner: group, Status: workflow.TaskReady}}
		if err := end(d); err != nil {
			t.Fatal(err)
		}
		if d.Tasks[0].Status != workflow.TaskCancelled || d.Tasks[1].Status != workflow.TaskCancelled || d.Orgs[0].Status != workflow.TaskCancelled || d.Tasks[2].Status != workflow.TaskRejected {
			t.Errorf("%s: %+v %+v", name, d.Tasks, d.Orgs)
		}
	}
}
