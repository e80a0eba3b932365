package uhmep

import (
	"net/url"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/basecheck"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Everything the API emits is valid R4, as google/fhir sees it.
func TestEverythingEmittedIsValidR4(t *testing.T) {
	t.Parallel()
	b := open(t, true)
	c, err := basecheck.New()
	if err != nil {
		t.Fatal(err)
	}
	valid := func(what string, o tree.Object) {
		t.Helper()
		for _, p := range c.Check(tree.Clone(o)) {
			t.Errorf("%s: %+v", what, p)
		}
	}
	valid("CapabilityStatement", b.want(b.call("", "GET", "/metadata", nil), 200).tree)
	valid("OperationOutcome", b.call("", "GET", "/ServiceRequest/x", nil).tree)
	resources := map[string]int{}
	for _, patient := range []string{"pat-dubois", "pat-young", "pat-bis20", "pat-bis40"} {
		found := b.want(b.call(patient, "POST", "/ServiceRequest/_search", form("patient", b.patientIn(patient), "_revinclude", "Task:focus", "_include", "ServiceRequest:requester")), 200)
		valid("searchset", without(found.tree))
		for _, o := range found.entries() {
			resources[tree.Text(o, "resourceType")]++
			valid(tree.Text(o, "resourceType")+"/"+tree.Text(o, "id"), o)
			if tree.Text(o, "resourceType") != "ServiceRequest" {
				continue
			}
			id := tree.Text(o, "id")
			graph := b.want(b.call(patient, "GET", "/ServiceRequest/"+id+"/$graph?graph="+url.QueryEscape(graphCanonical), nil), 200)
			valid("graph", without(graph.tree))
			for _, g := range graph.entries() {
				resources[tree.Text(g, "resourceType")]++
				valid(tree.Text(g, "resourceType"), g)
			}
			history := b.want(b.call(patient, "GET", "/ServiceRequest/"+id+"/_history", nil), 200)
			valid("history", without(history.tree))
		}
	}
	for _, kind := range []string{"ServiceRequest", "Task", "PractitionerRole", "Practitioner", "Organization"} {
		if resources[kind] == 0 {
			t.Errorf("no %s was seen", kind)
		}
	}
}

// without is a bundle without its resources, which are checked one by one.
func without(bundle tree.Object) tree.Object {
	o := tree.Clone(bundle)
	for _, e := range tree.Objects(o, "entry") {
		delete(e, "resource")
	}
	return o
}

func TestTheCapabilityStatementNamesWhatIsOffered(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	c := b.want(b.call("", "GET", "/metadata", nil, "User-Agent", "", "From", ""), 200).tree
	if c["fhirVersion"] != "4.0.1" || c["kind"] != "instance" {
		t.Errorf("version %v, kind %v", c["fhirVersion"], c["kind"])
	}
	rest := tree.Objects(c, "rest")[0]
	got := map[string]int{}
	for _, r := range tree.Objects(rest, "resource") {
		got[tree.Text(r, "type")] = len(tree.Objects(r, "interaction"))
	}
	for typ, n := range map[string]int{"ServiceRequest": 6, "Task": 7, "Practitioner": 1, "PractitionerRole": 1, "Organization": 1} {
		if got[typ] != n {
			t.Errorf("%s has %d interactions, want %d", typ, got[typ], n)
		}
	}
}

func TestAProfileFailureListsEveryViolation(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	body := b.request("hygienic-care", "dr-peeters")
	delete(body, "authoredOn")
	delete(body, "code")
	body["performer"] = []any{tree.Object{"reference": "Practitioner/1"}}
	a := b.call("dr-peeters", "POST", "/ServiceRequest", body)
	if a.Code != 422 || len(tree.Objects(a.tree, "issue")) < 3 {
		t.Fatalf("got %d with %d issues, want 422 with at least 3\n%s", a.Code, len(tree.Objects(a.tree, "issue")), a.Body)
	}
	for _, i := range tree.Objects(a.tree, "issue") {
		if len(tree.Texts(i, "expression")) == 0 || a.code() == "" {
			t.Errorf("an issue names no place or code: %v", i)
		}
	}
}

// What is wrong with the document is told before what the caller may not.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	broken := b.request("hygienic-care", "dr-peeters")
	delete(broken, "authoredOn")
	late := b.request("hygienic-care", "dr-peeters", func(o *sample.Options) { o.Start, o.End = "2026-11-24", "2030-01-01" })
	for _, tc := range []struct {
		name, as string
		body     any
		header   []string
		status   int
		code     string
	}{
		{"headers before token", "nobody", broken, []string{"From", ""}, 400, "TRACING_HEADER_MISSING"},
		{"token before body", "nobody", "{", nil, 401, "TOKEN_INVALID"},
		{"syntax before profile", "nurse-claes", "{", nil, 400, "BODY_MALFORMED"},
		{"profile before rights", "nurse-claes", broken, nil, 422, "PROFILE_VIOLATION"},
		{"rights before dates", "nurse-claes", late, nil, 403, "ACCESS_MATRIX_DENIED"},
		{"dates last", "dr-peeters", late, nil, 422, "VALIDITY_RULE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b.want(b.call(tc.as, "POST", "/ServiceRequest", tc.body, tc.header...), tc.status, tc.code)
		})
	}
}
