package records

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// Report is the result of Verify.
type Report struct {
	Cases     int      `json:"cases"`
	Resources int      `json:"resources"`
	Versions  int      `json:"versions"`
	Entries   int      `json:"indexEntries"`
	Problems  []string `json:"problems"` // at most 100; empty = consistent
}

func (p *Report) add(format string, args ...any) {
	if len(p.Problems) < 100 {
		p.Problems = append(p.Problems, fmt.Sprintf(format, args...))
	}
}

// Verify compares cases, resources, versions and index entries with each
// other, in both directions. It keeps nothing in memory: what a case should
// have is looked up, and what is too many shows in the counts.
func Verify(r store.Reader) Report {
	p := &Report{Problems: []string{}}
	entries, resources := 0, 0
	for key := range r.Scan(casePrefix, "") {
		id := last(key)
		c, ok, err := Load(r, id)
		if err != nil || !ok {
			p.add("case %s cannot be read: %v", id, err)
			continue
		}
		p.Cases++
		entries += p.entriesOf(r, c)
		resources += p.resourcesOf(r, c)
	}
	for range r.Scan(resPrefix, "") {
		p.Resources++
	}
	for _, prefix := range []string{ixPrefix, duePrefix} {
		for key := range r.Scan(prefix, "") {
			if !suspension(key) {
				p.Entries++
			}
		}
	}
	if p.Resources != resources {
		p.strayResources(r)
	}
	if p.Entries != entries {
		p.strayEntries(r)
	}
	return *p
}

func suspension(key string) bool {
	return strings.HasPrefix(key, duePrefix) && strings.HasPrefix(last(key), "!")
}

// entriesOf looks every index entry of a case up and counts those found.
func (p *Report) entriesOf(r store.Reader, c *Case) int {
	n := 0
	for key, want := range c.entries() {
		got, ok := r.Get(key)
		switch {
		case !ok:
			p.add("index entry %s is missing", key)
			continue
		case !bytes.Equal(got, want):
			p.add("index entry %s is out of date", key)
		}
		n++
	}
	return n
}

// resourcesOf looks the resources of a case up, with their versions.
func (p *Report) resourcesOf(r store.Reader, c *Case) int {
	n := p.resource(r, "ServiceRequest", c.ID, c.ID, c.RequestStatus()) + p.resource(r, "Task", c.ID, c.ID, c.ReferralStatus())
	for _, list := range [][]workflow.Task{c.Tasks, c.Orgs} {
		for _, t := range list {
			n += p.resource(r, "Task", t.ID, c.ID, string(t.Status))
		}
	}
	return n
}

func (p *Report) resource(r store.Reader, typ, id, owner, status string) int {
	all, err := History(r, typ, id)
	if err != nil {
		p.add("resource %s/%s: %v", typ, id, err)
		return 1
	}
	if len(all) == 0 {
		p.add("case %s: no resource %s/%s", owner, typ, id)
		return 0
	}
	p.Versions += len(all)
	for i, x := range all {
		if x.Version != len(all)-i {
			p.add("resource %s/%s: version %d in place %d of %d", typ, id, x.Version, i+1, len(all))
		}
		if x.Case != owner {
			p.add("resource %s/%s: names case %s, is in %s", typ, id, x.Case, owner)
		}
	}
	cur := all[0]
	switch deleted := status == string(workflow.TaskDeleted); {
	case cur.Deleted != deleted:
		p.add("resource %s/%s: state %s, deleted %t", typ, id, status, cur.Deleted)
	case !deleted && !bytes.Contains(cur.JSON, []byte(`"status":"`+status+`"`)):
		p.add("resource %s/%s: state %s is not the status of the resource", typ, id, status)
	}
	return 1
}

// strayResources names resources that no case has.
func (p *Report) strayResources(r store.Reader) {
	for key, raw := range r.Scan(resPrefix, "") {
		typ, id, _ := strings.Cut(strings.TrimPrefix(key, resPrefix), "/")
		x, err := decode(typ, id, raw)
		if err != nil {
			continue // named already, if a case has it
		}
		c, ok, err := Load(r, x.Case)
		if err != nil || !ok || (typ == "Task" && id != c.ID && !c.has(id)) || (typ != "Task" && id != c.ID) {
			p.add("resource %s belongs to no case", key)
		}
	}
}

func (c *Case) has(task string) bool {
	is := func(t workflow.Task) bool { return t.ID == task }
	return slices.ContainsFunc(c.Tasks, is) || slices.ContainsFunc(c.Orgs, is)
}

// strayEntries names index entries that no case has.
func (p *Report) strayEntries(r store.Reader) {
	for _, prefix := range []string{ixPrefix, duePrefix} {
		for key, value := range r.Scan(prefix, "") {
			id := last(key)
			if strings.HasPrefix(key, ixPrefix+"short/") {
				id = string(value)
			}
			if suspension(key) {
				continue
			}
			c, ok, err := Load(r, id)
			if err == nil && ok {
				_, ok = c.entries()[key]
			}
			if err != nil || !ok {
				p.add("index entry %s belongs to nothing", key)
			}
		}
	}
}
