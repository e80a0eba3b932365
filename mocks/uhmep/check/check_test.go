package check

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/codes"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// opened is one checker for all tests: it does not change and costs a few milliseconds to make.
var opened = struct {
	checker *Checker
	err     error
}{}

func TestMain(m *testing.M) {
	fsys := os.DirFS("../../../fixtures")
	registry, err := codes.Load(fsys)
	if err == nil {
		opened.checker, err = New(Config{Fixtures: fsys, Codes: registry})
	}
	opened.err = err
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.fuzz").Value.String() == "" {
		for _, rule := range untested() {
			fmt.Printf("no test refuses by %s\n", rule)
			code = 1
		}
	}
	os.Exit(code)
}

// exercised holds the rules that a test met.
var exercised sync.Map

// untested lists the rules of profiles, invariants and extensions that no test met. Left out are rows that the base check always
// reports first, the referral task, which no client sends, and what only leads to other rows.
func untested() []string {
	var rules []string
	for _, inv := range profile.Registered() {
		rules = append(rules, inv.ID)
	}
	for _, p := range opened.checker.Profiles().Profiles() {
		for _, row := range p.Rows() {
			byBase := slices.Contains([]string{"status", "intent", "subject", "executionPeriod"}, row.Path) && strings.HasSuffix(row.Rule, ":cardinality")
			if p.ID != "be-referral-task" && !byBase && !strings.HasPrefix(row.Text, "must meet ") {
				rules = append(rules, row.Rule)
			}
		}
	}
	for _, ext := range opened.checker.Profiles().Extensions() {
		for _, row := range ext.Rows() {
			if !strings.Contains(row.Text, "any") {
				rules = append(rules, row.Rule)
			}
		}
	}
	return slices.DeleteFunc(rules, func(rule string) bool {
		_, ok := exercised.Load(rule)
		return ok || rule == "be-referral-servicerequest/extension[latest]:cardinality" || // every child forbids it
			rule == "be-referral-servicerequest/category[prescriptionType]:binding" // every child binds it closer
	})
}

func open(t testing.TB) *Checker {
	t.Helper()
	if opened.err != nil {
		t.Fatal(opened.err)
	}
	return opened.checker
}

// now is a moment after sample.DefaultAuthoredOn.
var now = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func ctx() Context { return Context{Now: now, Base: "http://localhost:8080/uhmep/v1"} }

// edited is the sample of a template with edits.
func edited(t testing.TB, template string, edits ...string) []byte {
	t.Helper()
	doc := sample.Request(template, sample.Options{})
	if err := sample.Edit(doc, edits...); err != nil {
		t.Fatal(err)
	}
	return sample.JSON(doc)
}

// refusal is what a test expects among the errors.
type refusal struct {
	rule, element string // element is the start of Issue.Element
	sandbox       string
	status        int
}

// expect finds an error that matches.
func expect(t *testing.T, issues []Issue, want refusal) {
	t.Helper()
	exercised.Store(want.rule, true)
	var got []string
	for _, issue := range Errors(issues) {
		if issue.Rule == want.rule && strings.HasPrefix(issue.Element, want.element) && issue.Sandbox == want.sandbox && issue.Status == want.status {
			if issue.Expression == "" || issue.Text == "" || issue.Code == "" || issue.System != SystemSandbox {
				t.Errorf("got an incomplete issue %+v", issue)
			}
			return
		}
		got = append(got, issue.Element+" "+issue.Rule+" "+issue.Sandbox)
	}
	t.Errorf("got %q, want %+v", got, want)
}

func TestSamplesAreAccepted(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, template := range sample.Templates() {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			sr, issues := c.ServiceRequest(edited(t, template), ctx())
			for _, issue := range issues {
				t.Errorf("got %+v, want nothing", issue)
			}
			if sr == nil || sr.Tree == nil {
				t.Fatal("got no document")
			}
			if sr.Template != template || len(sr.Patients) != 1 || sr.Key == nil || sr.Requester.SSIN == "" || sr.Validity.End == "" {
				t.Errorf("got %+v, want everything extracted", sr)
			}
			if sr.Tree["status"] != "active" {
				t.Errorf("got status %v, want active", sr.Tree["status"])
			}
			if _, again := c.ServiceRequest(tree.Encode(sr.Tree), ctx()); len(Errors(again)) > 0 {
				t.Errorf("what would be stored is refused: %+v", again[0])
			}
		})
	}
}

func BenchmarkServiceRequest(b *testing.B) {
	c := open(b)
	body := edited(b, "parameters")
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, issues := c.ServiceRequest(body, ctx()); len(issues) > 0 {
			b.Fatal(issues[0])
		}
	}
}
