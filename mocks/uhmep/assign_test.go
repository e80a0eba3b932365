package uhmep

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// The checks of POST Task, each refused document broken in all later
// ways too.
func TestOrderOfChecksOfATask(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id, other := b.create("hygienic-care", "dr-peeters"), b.create("hygienic-care", "dr-peeters")
	cancelled := b.create("hygienic-care", "dr-peeters@hospital")
	b.want(b.call("hospital", "PATCH", "/ServiceRequest/"+cancelled, cancelPatch()), 200)
	foreign := b.assign("pat-dubois", other, "groupofnurses")
	ref := func(s string) []any { return []any{tree.Object{"reference": s}} }
	body := sample.PerformerTask("8c6f5d9e-5b8a-4a53-9c4b-0e5a7f0f0c11", "PractitionerRole/80122410269-NURSE")
	body["status"], body["executionPeriod"] = "completed", tree.Object{"start": "2027-01-01"}
	body["basedOn"], body["partOf"] = ref("Task/"+foreign), ref("Task/"+other)
	for _, step := range []struct {
		name   string
		as     string
		mend   func()
		status int
		code   string
	}{
		{"the focus is not known", "pharmacist", func() {}, 403, "ACCESS_MATRIX_DENIED"},
		{"the focus is not known", "midwife-before", func() {}, 404, "RESOURCE_NOT_FOUND"},
		{"partOf is of another document", "midwife-before", func() { body["focus"] = tree.Object{"reference": "ServiceRequest/" + id} }, 422, "PROFILE_VIOLATION"},
		{"basedOn is of another document", "midwife-before", func() { body["partOf"] = ref("Task/" + id) }, 422, "PROFILE_VIOLATION"},
		{"the owner is not known", "midwife-before", func() { delete(body, "basedOn") }, 422, "ACTOR_UNRESOLVED"},
		{"the owner cannot be assigned", "midwife-before", func() { body["owner"] = tree.Object{"reference": b.role("dr-peeters")} }, 422, "ACTOR_UNRESOLVED"},
		{"work for somebody else", "midwife-before", func() { body["owner"] = tree.Object{"reference": b.role("nurse-claes")} }, 403, "NOT_OWNER"},
		{"the period lies in the future", "nurse-claes", func() {}, 422, "EXECUTION_PERIOD_RULE"},
		{"status and period do not fit", "nurse-claes", func() { body["executionPeriod"] = tree.Object{"start": "2026-11-24"} }, 422, "STATUS_NOT_ALLOWED"},
		{"all is well", "nurse-claes", func() { body["executionPeriod"] = tree.Object{"start": "2026-11-24", "end": "2026-11-24"} }, 201, ""},
	} {
		step.mend()
		a := b.call(step.as, "POST", "/Task", body)
		if a.Code != step.status || a.code() != step.code {
			t.Fatalf("%s: got %d %s, want %d %s\n%s", step.name, a.Code, a.code(), step.status, step.code, a.Body)
		}
	}
	b.want(b.call("hospital", "POST", "/Task", b.task(cancelled, "groupofnurses")), 409, "STATE_CONFLICT")
	b.consistent()
}

func TestTheServersOwnTaskCannotBePosted(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	body := b.task(id, "nurse-claes")
	body["meta"] = tree.Object{"profile": []any{referralTaskProfile}}
	if a := b.call("nurse-claes", "POST", "/Task", body); a.Code != 422 {
		t.Errorf("got %d %s", a.Code, a.Body)
	}
	b.want(b.call("nurse-claes", "POST", "/Task", b.task(id, "nurse-claes"), "If-None-Exist", "identifier=x|y"), 400, "NOT_SUPPORTED")
}

func TestASuspendedCaregiverIsNotAssigning(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	b.care.mu.Lock()
	b.care.suspended["85072299879"] = "2026-11-24"
	b.care.mu.Unlock()
	b.want(b.call("nurse-claes", "POST", "/Task", b.task(id, "nurse-claes")), 403, "PROFESSIONAL_SUSPENDED")
	id = b.create(sample.Annex81, "midwife-before")
	b.care.mu.Lock()
	b.care.suspended["71011599751"] = "2026-11-24"
	b.care.mu.Unlock()
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest/"+id+"/$approve", nil), 403, "PROFESSIONAL_SUSPENDED")
}

// Who makes the tasks inside an organisation.
func TestInternalTasks(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	org := b.assign("pat-dubois", id, "groupofnurses")
	b.assign("pat-dubois", id, "homecareservices")
	inside := func(owner string) tree.Object {
		body := b.task(id, owner)
		body["basedOn"] = []any{tree.Object{"reference": "Task/" + org}}
		return body
	}
	b.want(b.call("nurse-claes", "POST", "/Task", inside("nurse-claes")), 403, "NOT_OWNER")
	b.want(b.call("pat-dubois", "POST", "/Task", inside("nurse-claes")), 403, "NOT_OWNER")
	b.want(b.call("homecareservices", "POST", "/Task", inside("nurse-claes")), 403, "NOT_OWNER")
	b.want(b.call("groupofnurses", "POST", "/Task", inside("nurse-claes@homecareservices")), 403, "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL")
	task := b.want(b.call("groupofnurses", "POST", "/Task", inside("nurse-claes")), 201).id()
	// the professional may work on it with a token of their own
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(longDate(b.t.Clock.Now())))), 200)
	b.consistent()
}
