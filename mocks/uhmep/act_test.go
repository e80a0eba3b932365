package uhmep

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

func TestTheClockMovesDocumentsOn(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	later := b.create("bloodletting", "dr-peeters", func(o *sample.Options) { o.Start, o.End = "2026-12-01", "2026-12-10" })
	rt := func() string { return b.want(b.call("dr-peeters", "GET", "/Task/"+later, nil), 200).text("status") }
	if got := rt(); got != "draft" {
		t.Errorf("before its start the referral task is %s, want draft", got)
	}
	at, ok := b.s.NextTransition(b.t)
	if want := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC); !ok || !at.Equal(want) {
		t.Errorf("next transition %v, want %v", at, want)
	}
	b.t.Clock.JumpTo(at)
	if got := rt(); got != "ready" {
		t.Errorf("D3: the referral task is %s, want ready", got)
	}
	b.t.Clock.JumpTo(time.Date(2026, 12, 10, 23, 0, 0, 0, time.UTC))
	sr := b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+later, nil), 200)
	if sr.text("status") != "revoked" || !strings.Contains(sr.Body.String(), `"code":"expired"`) || rt() != "cancelled" {
		t.Errorf("D5: %s", sr.Body)
	}
	b.consistent()
}

func TestD8TheLatestEndDatePasses(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	// bounds of two weeks, started on the last day: latest lies beyond the validity
	id := b.create("bloodletting", "dr-peeters", func(o *sample.Options) { o.End = "2026-11-26" })
	task := b.assign("nurse-claes", id, "nurse-claes")
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.Operation("add", "Task.executionPeriod", "start", "valueDate", "2026-11-24"))), 200)
	sr := b.call("nurse-claes", "GET", "/ServiceRequest/"+id, nil)
	ext, _ := tree.Extension(sr.tree, latestURL)
	if got := tree.Text(ext, "valueDateTime"); got != "2026-12-08" {
		t.Errorf("latest end date: %s, want start + 2 weeks", got)
	}
	b.t.Clock.JumpTo(time.Date(2026, 12, 9, 12, 0, 0, 0, time.UTC))
	if sr := b.call("nurse-claes", "GET", "/ServiceRequest/"+id, nil); sr.text("status") != "completed" {
		t.Errorf("status %s", sr.text("status"))
	}
	if rt := b.call("nurse-claes", "GET", "/Task/"+id, nil); rt.text("status") != "in-progress" {
		t.Errorf("the referral task follows the running task, got %s", rt.text("status"))
	}
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.SetStatus("Task", "cancelled"))), 409, "STATE_CONFLICT")
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.FinishAt("2026-12-09T11:00:00+01:00"))), 422, "EXECUTION_PERIOD_RULE")
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.FinishAt("2026-12-08T11:00:00+01:00"))), 200)
	if rt := b.call("nurse-claes", "GET", "/Task/"+id, nil); rt.text("status") != "completed" || tree.Text(tree.Child(rt.tree, "executionPeriod"), "end") == "" {
		t.Errorf("referral task at the end: %s", rt.Body)
	}
	b.consistent()
}

func TestTwoClientsRacingForATaskNeverBothWin(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	for round := range 10 {
		id := b.create("hygienic-care", "dr-peeters")
		var wins [2][]int
		var mu sync.Mutex
		var wg sync.WaitGroup
		body := tree.Encode(b.task(id, "nurse-claes"))
		for range 6 {
			wg.Go(func() {
				a := b.call("nurse-claes", "POST", "/Task", string(body))
				mu.Lock()
				defer mu.Unlock()
				if a.Code == 201 {
					wins[0] = append(wins[0], a.Code)
				} else if a.Code != 409 || a.code() != "DUPLICATE_ASSIGNMENT" {
					t.Errorf("the loser gets %d %s", a.Code, a.Body)
				}
			})
		}
		wg.Wait()
		if len(wins[0]) != 1 {
			t.Fatalf("round %d: %d assignments won", round, len(wins[0]))
		}
		tasks := b.call("nurse-claes", "GET", "/Task?focus="+id+"&_profile=Profile/be-performer-task", nil)
		task := tree.Text(tasks.entries()[0], "id")
		start := string(tree.Encode(sample.Patch(sample.StartAt(longDate(b.t.Clock.Now())))))
		for i := range 6 {
			wg.Go(func() {
				var a *answer
				if i%2 == 0 {
					a = b.call("nurse-claes", "PATCH", "/Task/"+task, start)
				} else {
					a = b.call("nurse-claes", "DELETE", "/Task/"+task, nil)
				}
				mu.Lock()
				defer mu.Unlock()
				if a.Code == 200 || a.Code == 204 {
					wins[1] = append(wins[1], a.Code)
				} else if a.Code != 409 && a.Code != 410 && a.Code != 422 {
					t.Errorf("the loser gets %d %s", a.Code, a.Body)
				}
			})
		}
		wg.Wait()
		if len(wins[1]) != 1 {
			t.Fatalf("round %d: start and removal: %v won", round, wins[1])
		}
	}
	b.consistent()
}

func TestPatchesThatAreRefused(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	task := b.assign("nurse-claes", id, "nurse-claes")
	org := b.assign("nurse-claes", id, "groupofnurses")
	now := longDate(b.t.Clock.Now())
	for _, tc := range []struct {
		name, as, path string
		body           tree.Object
		status         int
		code           string
	}{
		{"patch: finish before start", "nurse-claes", "/Task/" + task, sample.Patch(sample.FinishAt(now)), 422, "PATCH_NOT_ALLOWED"},
		{"patch: start by status", "nurse-claes", "/Task/" + task, sample.Patch(sample.SetStatus("Task", "in-progress")), 422, "PATCH_NOT_ALLOWED"},
		{"patch: complete by status", "nurse-claes", "/Task/" + task, sample.Patch(sample.SetStatus("Task", "completed")), 422, "PATCH_NOT_ALLOWED"},
		{"patch: accept outside imaging", "nurse-claes", "/Task/" + task, sample.Patch(sample.SetStatus("Task", "accepted")), 422, "PATCH_NOT_ALLOWED"},
		{"patch: an organisation task", "groupofnurses", "/Task/" + org, sample.Patch(sample.SetStatus("Task", "cancelled")), 422, "PATCH_NOT_ALLOWED"},
		{"patch: start on the referral task", "nurse-claes", "/Task/" + id, sample.Patch(sample.StartAt(now)), 422, "PATCH_NOT_ALLOWED"},
		{"patch: complete the ServiceRequest", "dr-peeters", "/ServiceRequest/" + id, sample.Patch(sample.SetStatus("ServiceRequest", "completed")), 422, "PATCH_NOT_ALLOWED"},
		{"task: cancel a task that is only ready", "nurse-claes", "/Task/" + task, sample.Patch(sample.SetStatus("Task", "cancelled")), 409, "STATE_CONFLICT"},
		{"task: interrupt a task that is only ready", "nurse-claes", "/Task/" + task, sample.Patch(sample.SetStatus("Task", "on-hold")), 409, "STATE_CONFLICT"},
		{"workflow-D9: complete without any execution", "nurse-claes", "/Task/" + id, sample.Patch(sample.SetStatus("Task", "completed")), 409, "STATE_CONFLICT"},
		{"execution: start in the future", "nurse-claes", "/Task/" + task, sample.Patch(sample.StartAt("2026-11-25T12:00:00+01:00")), 422, "EXECUTION_PERIOD_RULE"},
		{"execution: start before the document", "nurse-claes", "/Task/" + task, sample.Patch(sample.StartAt("2026-11-23T12:00:00+01:00")), 422, "EXECUTION_PERIOD_RULE"},
		{"access-ownership: another nurse starts", "midwife-before", "/Task/" + task, sample.Patch(sample.StartAt(now)), 403, "NOT_OWNER"},
		{"access-role: a physician starts", "dr-peeters", "/Task/" + task, sample.Patch(sample.StartAt(now)), 403, "ACCESS_MATRIX_DENIED"},
		{"access-role: a patient starts", "pat-dubois", "/Task/" + task, sample.Patch(sample.StartAt(now)), 403, "ACCESS_MATRIX_DENIED"},
		{"access-role: a nurse cancels the document", "nurse-claes", "/ServiceRequest/" + id, cancelPatch(), 403, "ACCESS_MATRIX_DENIED"},
		{"visibility: another patient", "pat-young", "/ServiceRequest/" + id, cancelPatch(), 404, "RESOURCE_NOT_FOUND"},
		{"patch: no operations", "nurse-claes", "/Task/" + task, tree.Object{"resourceType": "Parameters"}, 400, "BODY_MALFORMED"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := b.call(tc.as, "PATCH", tc.path, tc.body)
			if a.Code != tc.status || a.code() != tc.code {
				t.Errorf("got %d %s, want %d %s\n%s", a.Code, a.code(), tc.status, tc.code, a.Body)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	task := b.assign("nurse-claes", id, "nurse-claes")
	now := longDate(b.t.Clock.Now())
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(now)), "If-Match", `W/"7"`), 412, "VERSION_CONFLICT")
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(now)), "If-Match", `x`), 412, "VERSION_CONFLICT")
	b.want(b.call("nurse-claes", "DELETE", "/Task/"+task, nil, "If-Match", `W/"2"`), 412, "VERSION_CONFLICT")
	a := b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(now)), "If-Match", `W/"1"`), 200)
	if a.Header().Get("ETag") != `W/"2"` || a.Header().Get("Last-Modified") == "" {
		t.Errorf("headers: %v", a.Header())
	}
	if v := b.want(b.call("nurse-claes", "GET", "/Task/"+task+"/_history/1", nil), 200); v.text("status") != "ready" {
		t.Errorf("version 1: %s", v.Body)
	}
	b.want(b.call("nurse-claes", "GET", "/Task/"+task+"/_history/9", nil), 404)
	b.want(b.call("nurse-claes", "GET", "/Task/"+task+"/_history/x", nil), 404)
	history := b.want(b.call("nurse-claes", "GET", "/Task/"+task+"/_history", nil), 200)
	if history.text("type") != "history" || len(history.entries()) != 2 {
		t.Errorf("history: %s", history.Body)
	}
}

func TestADeletedTaskIsGone(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	task := b.assign("nurse-claes", id, "nurse-claes")
	b.want(b.call("midwife-before", "DELETE", "/Task/"+task, nil), 403, "NOT_OWNER")
	if a := b.want(b.call("nurse-claes", "DELETE", "/Task/"+task, nil), 204); a.Body.Len() != 0 {
		t.Errorf("body: %s", a.Body)
	}
	b.want(b.call("nurse-claes", "GET", "/Task/"+task, nil), 410, "TASK_DELETED")
	b.want(b.call("nurse-claes", "DELETE", "/Task/"+task, nil), 410, "TASK_DELETED")
	b.want(b.call("nurse-claes", "GET", "/Task/"+task+"/_history/1", nil), 200)
	history := b.want(b.call("nurse-claes", "GET", "/Task/"+task+"/_history", nil), 200)
	if len(tree.Objects(history.tree, "entry")) != 2 {
		t.Errorf("history: %s", history.Body)
	}
	// the place is free again: a transfer
	b.assign("nurse-claes", id, "midwife-before")
	b.consistent()
}

func TestACancelledExecutionCanStartAgain(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	task := b.assign("nurse-claes", id, "nurse-claes")
	now := longDate(b.t.Clock.Now())
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(now))), 200)
	a := b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.SetStatus("Task", "cancelled"))), 200)
	if a.text("status") != "cancelled" || a.tree["executionPeriod"] != nil {
		t.Errorf("cancelled task: %s", a.Body)
	}
	b.want(b.call("dr-peeters", "PATCH", "/ServiceRequest/"+id, cancelPatch()), 409, "STATE_CONFLICT")
	b.want(b.call("nurse-claes", "POST", "/Task", b.task(id, "nurse-claes")), 409, "DUPLICATE_ASSIGNMENT")
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(now))), 200)
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.SetStatus("Task", "on-hold"))), 200)
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(now))), 422, "PATCH_NOT_ALLOWED")
	b.want(b.call("nurse-claes", "POST", "/Task", b.task(id, "nurse-claes")), 201)
	b.consistent()
}

func TestWorkPostedAtOnce(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	now := longDate(b.t.Clock.Now())
	post := func(as, owner, status string, period tree.Object) *answer {
		body := b.task(b.create("hygienic-care", "dr-peeters"), owner)
		body["status"] = status
		if period != nil {
			body["executionPeriod"] = period
		}
		return b.call(as, "POST", "/Task", body)
	}
	b.want(post("nurse-claes", "nurse-claes", "in-progress", tree.Object{"start": now}), 201)
	b.want(post("nurse-claes", "nurse-claes", "completed", tree.Object{"start": now, "end": now}), 201)
	b.want(post("midwife-before", "nurse-claes", "in-progress", tree.Object{"start": now}), 403, "NOT_OWNER")
	b.want(post("pat-dubois", "nurse-claes", "in-progress", tree.Object{"start": now}), 403, "ACCESS_MATRIX_DENIED")
	for name, a := range map[string]*answer{
		"ready with a period":       post("nurse-claes", "nurse-claes", "ready", tree.Object{"start": now}),
		"in progress without start": post("nurse-claes", "nurse-claes", "in-progress", nil),
		"in progress with an end":   post("nurse-claes", "nurse-claes", "in-progress", tree.Object{"start": now, "end": now}),
		"completed without end":     post("nurse-claes", "nurse-claes", "completed", tree.Object{"start": now}),
		"accepted outside imaging":  post("nurse-claes", "nurse-claes", "accepted", nil),
		"on hold":                   post("nurse-claes", "nurse-claes", "on-hold", tree.Object{"start": now}),
	} {
		if a.Code != 422 {
			t.Errorf("%s: got %d %s", name, a.Code, a.Body)
		}
	}
	b.consistent()
}

func TestImagingIsAcceptedSubstitutedOrRefused(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	task := func() string {
		return b.assign("pat-dubois", b.create(sample.Imaging, "dr-peeters"), "dentist")
	}
	accepted := task()
	b.want(b.call("dr-peeters", "PATCH", "/Task/"+accepted, sample.Patch(sample.SetStatus("Task", "accepted"))), 403, "NOT_OWNER")
	b.want(b.call("dentist", "PATCH", "/Task/"+accepted, sample.Patch(sample.SetStatus("Task", "accepted"))), 200)
	b.want(b.call("dentist", "PATCH", "/Task/"+accepted, sample.Patch(sample.StartAt(longDate(b.t.Clock.Now())))), 200)
	other := b.want(b.call("dentist", "PATCH", "/Task/"+task(), sample.Patch(sample.Substitute("32962002")...)), 200)
	if other.text("status") != "accepted" || !strings.Contains(other.Body.String(), `"substituted"`) || !strings.Contains(other.Body.String(), "32962002") {
		t.Errorf("substituted: %s", other.Body)
	}
	refused := b.want(b.call("dentist", "PATCH", "/Task/"+task(), sample.Patch(sample.Refuse("other")...)), 200)
	if refused.text("status") != "rejected" || tree.Child(refused.tree, "statusReason") == nil {
		t.Errorf("refused: %s", refused.Body)
	}
	b.want(b.call("dentist", "PATCH", "/Task/"+refused.id(), sample.Patch(sample.SetStatus("Task", "accepted"))), 409, "STATE_CONFLICT")
	b.consistent()
}

func TestAnOrganisationEvaluatesForItsPrescriber(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create(sample.Annex81, "nurse-claes@groupofnurses")
	role := b.role("dr-peeters@hospital")
	b.want(b.call("hospital", "POST", "/ServiceRequest/"+id+"/$approve", nil), 403, "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL")
	body := func(ref string) tree.Object {
		return tree.Object{"resourceType": "Parameters", "parameter": []any{tree.Object{"name": "requester", "valueReference": tree.Object{"reference": ref}}}}
	}
	b.want(b.call("hospital", "POST", "/ServiceRequest/"+id+"/$approve", body(b.role("dr-peeters@medicalhouse"))), 403, "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL")
	b.want(b.call("nurse-claes", "POST", "/ServiceRequest/"+id+"/$approve", nil), 403, "ACCESS_MATRIX_DENIED")
	a := b.want(b.call("hospital", "POST", "/ServiceRequest/"+id+"/$approve", body(role)), 200)
	order := tree.Text(tree.Objects(a.tree, "parameter")[0], "valueId")
	o := b.want(b.call("hospital", "GET", "/ServiceRequest/"+order, nil), 200)
	if tree.Text(tree.Child(o.tree, "requester"), "reference") != role {
		t.Errorf("requester: %s", o.Body)
	}
	tasks := b.call("groupofnurses", "GET", "/Task?focus="+order, nil)
	if len(tasks.entries()) != 3 {
		t.Errorf("the proposer's organisation is not assigned: %s", tasks.Body)
	}
	b.consistent()
}

func TestARestrictedCaregiver(t *testing.T) {
	t.Parallel()
	b := open(t, true)
	found := b.want(b.call("dr-suspended", "POST", "/ServiceRequest/_search", form("patient", b.patientIn("pat-dubois"))), 200)
	if n := tree.Number(found.tree, "total"); n != "0" {
		t.Errorf("a suspended physician finds %s documents of others", n)
	}
}

func TestActorsAreServedWhereADocumentNamesThem(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	b.want(b.call("dr-peeters", "GET", "/Practitioner/71011599751", nil), 200)
	b.want(b.call("dr-peeters", "GET", "/PractitionerRole/71011599751-PHYSICIAN", nil), 200)
	b.want(b.call("hospital", "GET", "/Organization/NIHII-71099911710", nil), 200)
	for _, path := range []string{"/Practitioner/85072299879", "/PractitionerRole/85072299879-NURSE", "/Organization/NIHII-94099995940", "/Practitioner/54022899886", "/Practitioner/1"} {
		b.want(b.call("dr-peeters", "GET", path, nil), 404)
	}
	id := b.create("hygienic-care", "dr-peeters")
	b.assign("pat-dubois", id, "nurse-claes")
	b.assign("pat-dubois", id, "groupofnurses")
	for _, path := range []string{"/Practitioner/85072299879", "/PractitionerRole/85072299879-NURSE", "/Organization/NIHII-94099995940"} {
		a := b.want(b.call("dr-peeters", "GET", path, nil), 200)
		if !strings.HasSuffix(path, "/"+a.id()) {
			t.Errorf("%s: id %s", path, a.id())
		}
	}
	b.want(b.call("pat-young", "GET", "/Practitioner/85072299879", nil), 404)
}

func TestATransferIsOneStep(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	task := b.assign("nurse-claes", id, "nurse-claes")
	c, _, err := (&player{s: b.s, t: b.t}).who("nurse-claes")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.s.Transfer(b.context(), c, task, actorOf(b.role("dr-peeters"))); err == nil {
		t.Error("transferred to a physician")
	}
	b.want(b.call("nurse-claes", "GET", "/Task/"+task, nil), 200)
	moved, err := b.s.Transfer(b.context(), c, task, actorOf(b.role("midwife-before")))
	if err != nil {
		t.Fatal(err)
	}
	b.want(b.call("nurse-claes", "GET", "/Task/"+task, nil), 410)
	b.want(b.call("nurse-claes", "GET", fmt.Sprintf("/Task/%s", moved.ID), nil), 200)
	b.consistent()
}

// A document that the sweep did not reach in its time is brought up to date
// when it is asked for, step by step.
func TestOneDocumentIsSettledByItself(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("bloodletting", "dr-peeters", func(o *sample.Options) { o.Start, o.End = "2026-12-01", "2026-12-10" })
	b.t.Clock.JumpTo(time.Date(2027, 6, 1, 12, 0, 0, 0, time.UTC))
	cs, err := b.s.settleNow(b.t, b.stored(id))
	if err != nil || cs.RequestStatus() != "revoked" {
		t.Fatalf("%v %v", cs, err)
	}
	history := b.want(b.call("dr-peeters", "GET", "/Task/"+id+"/_history", nil), 200)
	if n := len(history.entries()); n != 3 { // draft, ready, cancelled
		t.Errorf("%d versions of the referral task, want 3", n)
	}
	if at := tree.Text(tree.Child(history.entries()[1], "meta"), "lastUpdated"); !strings.HasPrefix(at, "2026-12-01T00:00:00") {
		t.Errorf("it became ready at %s", at)
	}
	b.consistent()
}
