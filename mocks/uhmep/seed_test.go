package uhmep

import (
	"fmt"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

func TestTheSeedCanBePlayedOnAnyDay(t *testing.T) {
	t.Parallel()
	for _, day := range []string{"2026-11-24T11:00:00Z", "2026-12-31T23:30:00Z", "2027-01-01T00:01:00Z", "2028-02-29T12:00:00Z", "2027-03-28T01:30:00Z", "2027-10-31T22:59:00Z"} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			b := open(t, false)
			at, err := time.Parse(time.RFC3339, day)
			if err != nil {
				t.Fatal(err)
			}
			b.t = tenanttest.New(t, at, map[string]store.Seeder{"uhmep": b.s.Seed})
			b.consistent()
		})
	}
}

func TestTheSeedShowsEveryStatusAndTemplate(t *testing.T) {
	t.Parallel()
	b := open(t, true)
	b.consistent()
	statuses, templates, patients, requesters, n := map[workflow.Status]int{}, map[string]int{}, map[string]int{}, map[string]int{}, 0
	err := b.t.Store.View(func(r store.Reader) error {
		for key := range r.Scan("uhmep/case/", "") {
			c, _, err := records.Load(r, key[len("uhmep/case/"):])
			if err != nil {
				return err
			}
			n++
			statuses[c.Status]++
			templates[c.Template]++
			patients[c.Patient]++
			requesters[c.Requester]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 40 {
		t.Errorf("%d documents, want at least 40", n)
	}
	for _, s := range workflow.Statuses() {
		if statuses[s] == 0 {
			t.Errorf("no document is %s", s)
		}
	}
	for _, template := range sample.Templates() {
		if templates[template] == 0 {
			t.Errorf("no document of template %s", template)
		}
	}
	if len(patients) < 4 || len(requesters) < 5 {
		t.Errorf("patients %v, requesters %v", patients, requesters)
	}
}

// What the seed stores is what a client could have sent.
func TestEverySeededDocumentPassesTheChecker(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	p := &player{s: b.s, t: b.t, today: present(), keys: map[string]sealedText{}}
	for _, d := range b.s.seed {
		now := p.set(d.Authored, time.Time{})
		_, role, err := p.who(d.By)
		if err != nil {
			t.Fatal(err)
		}
		o, _, err := p.tree(d, role, now)
		if err != nil {
			t.Fatal(err)
		}
		_, found := b.s.Checker.ServiceRequest(tree.Encode(o), check.Context{Now: now, StrictTemplates: true})
		for _, i := range check.Errors(found) {
			t.Errorf("%s: %s", d.Name, i.Diagnostics())
		}
	}
}

func TestAMistakeInASeedFileIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]seedDocument{
		"a verb nobody knows":        {Name: "x", Do: []string{"0 dr-peeters dance"}},
		"a step before the document": {Name: "x", Authored: -3, End: 1, Do: []string{"-4 dr-peeters cancel"}},
		"a step in the future":       {Name: "x", End: 1, Do: []string{"1 dr-peeters cancel"}},
		"validity the wrong way":     {Name: "x", Start: 3, End: 1},
		"no name":                    {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := (&seedFile{Documents: []seedDocument{tc}}).Validate(); err == nil {
				t.Errorf("accepted %s", fmt.Sprint(tc))
			}
		})
	}
}
