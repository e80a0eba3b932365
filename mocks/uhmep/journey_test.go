package uhmep

import (
	"net/url"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// entries are the resources of a bundle.
func (a *answer) entries() []tree.Object {
	var out []tree.Object
	for _, e := range tree.Objects(a.tree, "entry") {
		out = append(out, tree.Child(e, "resource"))
	}
	return out
}

func subjectOf(o tree.Object) string {
	return tree.Text(tree.Child(o, "subject", "identifier"), "value")
}

func TestAPrescriptionLivesFromCreationToCompletion(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	body := b.request("hygienic-care", "dr-peeters")
	created := b.want(b.call("dr-peeters", "POST", "/ServiceRequest", body), 201)
	id := created.id()
	if want := "http://sandbox.test/uhmep/v1/ServiceRequest/" + id + "/_history/1"; created.Header().Get("Location") != want {
		t.Errorf("Location: got %q, want %q", created.Header().Get("Location"), want)
	}
	if created.Header().Get("Content-Be-Pseudo") != "urn:be:fgov:ehealth:pseudo:v2, urn:be:fgov:pseudo-encrypted:v1" {
		t.Errorf("Content-Be-Pseudo: %q", created.Header().Get("Content-Be-Pseudo"))
	}
	read := b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+id, nil), 200)
	again := b.want(b.call("nurse-claes", "GET", "/ServiceRequest/"+id, nil), 200)
	if subjectOf(read.tree) == subjectOf(again.tree) || subjectOf(read.tree) == subjectOf(body) {
		t.Error("the subject's pseudonym in transit is not fresh")
	}
	if !strings.HasPrefix(subjectOf(read.tree), pseudonymURN) {
		t.Errorf("subject: %q", subjectOf(read.tree))
	}
	if strings.Contains(read.Body.String(), "at-rest") {
		t.Error("a stable pseudonym leaks")
	}
	found := b.want(b.call("nurse-claes", "POST", "/ServiceRequest/_search", form("patient", b.patientIn("pat-dubois"))), 200)
	if n := tree.Number(found.tree, "total"); n != "1" || found.entries()[0]["id"] != id {
		t.Fatalf("search by patient: total %s\n%s", n, found.Body)
	}
	task := b.assign("nurse-claes", id, "nurse-claes")
	now := longDate(b.t.Clock.Now())
	started := b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(now))), 200)
	if started.text("status") != "in-progress" {
		t.Errorf("status after start: %s", started.text("status"))
	}
	if rt := b.call("nurse-claes", "GET", "/Task/"+id, nil); rt.text("status") != "in-progress" {
		t.Errorf("referral task: %s", rt.Body)
	}
	sr := b.call("dr-peeters", "GET", "/ServiceRequest/"+id, nil)
	if ext, _ := tree.Extension(sr.tree, latestURL); ext == nil || sr.Header().Get("ETag") != `W/"2"` {
		t.Errorf("the latest end date is not locked at the first start: %s", sr.Body)
	}
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+id, sample.Patch(sample.SetStatus("Task", "completed"))), 409, "EXECUTION_IN_PROGRESS")
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.FinishAt(now))), 200)
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+id, sample.Patch(sample.SetStatus("Task", "completed"))), 200)
	if sr := b.call("dr-peeters", "GET", "/ServiceRequest/"+id, nil); sr.text("status") != "completed" {
		t.Errorf("status at the end: %s", sr.text("status"))
	}
	history := b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+id+"/_history", nil), 200)
	if n := tree.Number(history.tree, "total"); n != "3" {
		t.Errorf("versions: got %s, want 3", n)
	}
	b.consistent()
}

// consistent runs the check of indexes against documents.
func (b *bench) consistent() {
	b.Helper()
	report, err := b.s.Verify(b.t)
	if err != nil {
		b.Fatal(err)
	}
	if len(report.Problems) > 0 {
		b.Fatalf("inconsistent store: %s", strings.Join(report.Problems, "\n"))
	}
}

func TestAProposalIsApproved(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create(sample.Annex81, "nurse-claes")
	task := b.assign("nurse-claes", id, "dr-peeters")
	approved := b.want(b.call("dr-peeters", "POST", "/ServiceRequest/"+id+"/$approve", nil), 200)
	order := tree.Text(tree.Objects(approved.tree, "parameter")[0], "valueId")
	if order == "" || order == id {
		t.Fatalf("location: %s", approved.Body)
	}
	p := b.call("nurse-claes", "GET", "/ServiceRequest/"+id, nil)
	if p.text("status") != "completed" || !strings.Contains(p.Body.String(), `"approved"`) {
		t.Errorf("proposal: %s", p.Body)
	}
	if ptask := b.call("nurse-claes", "GET", "/Task/"+task, nil); ptask.text("status") != "completed" {
		t.Errorf("evaluation task: %s", ptask.Body)
	}
	o := b.want(b.call("nurse-claes", "GET", "/ServiceRequest/"+order, nil), 200)
	if o.text("intent") != "order" || tree.Text(tree.Child(o.tree, "requester"), "reference") != b.role("dr-peeters") {
		t.Errorf("new prescription: %s", o.Body)
	}
	tasks := b.want(b.call("nurse-claes", "GET", "/Task?focus=ServiceRequest/"+order+"&_profile=Profile/be-performer-task", nil), 200)
	if len(tasks.entries()) != 1 || tree.Text(tree.Child(tasks.entries()[0], "owner"), "reference") != b.role("nurse-claes") {
		t.Errorf("the proposer is not assigned: %s", tasks.Body)
	}
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest/"+id+"/$reject", nil), 409, "PROPOSAL_ALREADY_EVALUATED")
	b.consistent()
}

func TestAProposalIsRejectedWithANote(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create(sample.Annex81, "nurse-claes")
	rest, _ := b.ps.AtRest(b.t, "note-key")
	key, _ := b.ps.Mint(b.t, rest)
	body := sample.Evaluation("", sample.Options{KeyID: "11111111-2222-4333-8444-555555555555", Key: pseudonymURN + key})
	rejected := b.want(b.call("dr-peeters", "POST", "/ServiceRequest/"+id+"/$reject", body), 200)
	if got := tree.Text(tree.Objects(rejected.tree, "parameter")[0], "valueId"); got != id {
		t.Errorf("location: got %s, want the proposal", got)
	}
	tasks := b.call("nurse-claes", "GET", "/Task?focus="+id+"&_profile=Profile/be-performer-task", nil)
	if len(tasks.entries()) != 1 {
		t.Fatalf("tasks: %s", tasks.Body)
	}
	task := tasks.entries()[0]
	if task["status"] != "rejected" || !strings.Contains(tree.Text(tree.Child(task, "statusReason"), "text"), "pseudo-encrypted:v1:11111111") {
		t.Errorf("evaluation task: %v", task)
	}
	if strings.Contains(tasks.Body.String(), "at-rest") {
		t.Error("a stable pseudonym leaks")
	}
	b.consistent()
}

func TestAnOrganisationWorksThroughItsOwnTask(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters@hospital")
	org := b.assign("hospital", id, "groupofnurses")
	body := b.task(id, "nurse-claes@groupofnurses")
	b.want(b.call("groupofnurses", "POST", "/Task", body), 422, "TEMPLATE_RULE")
	body["basedOn"] = []any{tree.Object{"reference": "Task/" + org}}
	task := b.want(b.call("groupofnurses", "POST", "/Task", body), 201).id()
	b.want(b.call("groupofnurses", "DELETE", "/Task/"+org, nil), 409)
	now := longDate(b.t.Clock.Now())
	b.want(b.call("groupofnurses", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(now))), 200)
	if o := b.call("groupofnurses", "GET", "/Task/"+org, nil); o.text("status") != "in-progress" {
		t.Errorf("organisation task: %s", o.Body)
	}
	found := b.want(b.call("groupofnurses", "POST", "/ServiceRequest/_search", form("_has:Task:focus:owner", "Organization/NIHII-94099995940")), 200)
	if len(found.entries()) != 1 {
		t.Errorf("search by owner: %s", found.Body)
	}
	b.want(b.call("groupofnurses", "PATCH", "/Task/"+task, sample.Patch(sample.SetStatus("Task", "on-hold"))), 403, "ACCESS_MATRIX_DENIED")
	b.consistent()
}

func TestAGraphHoldsEverythingOnce(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	b.assign("pat-dubois", id, "nurse-claes")
	b.assign("pat-dubois", id, "groupofnurses")
	g := b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+id+"/$graph?graph="+url.QueryEscape(graphCanonical), nil), 200)
	seen := map[string]int{}
	for _, e := range g.entries() {
		seen[tree.Text(e, "resourceType")]++
	}
	if want := map[string]int{"ServiceRequest": 1, "Task": 3, "PractitionerRole": 2, "Practitioner": 2, "Organization": 1}; len(seen) != 5 ||
		seen["Task"] != want["Task"] || seen["PractitionerRole"] != 2 || seen["Practitioner"] != 2 || seen["Organization"] != 1 {
		t.Errorf("graph: %v", seen)
	}
	b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+id+"/$graph?graph=x", nil), 400, "GRAPH_UNKNOWN")
}

func cancelPatch() tree.Object {
	return sample.Patch(sample.SetStatus("ServiceRequest", "revoked"))
}
