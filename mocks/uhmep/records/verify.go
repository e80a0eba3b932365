package records

import (
	"bytes"
	"fmt"
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
// other, in both directions.
func Verify(r store.Reader) Report {
	p := Report{Problems: []string{}}
	want := map[string][]byte{}
	resources := map[string]string{} // key of resource → case
	for key := range r.Scan(casePrefix, "") {
		id := last(key)
		c, ok, err := Load(r, id)
		if err != nil || !ok {
			p.add("case %s cannot be read: %v", id, err)
			continue
		}
		p.Cases++
		for k, v := range c.entries() {
			want[k] = v
		}
		resources[resKey("ServiceRequest", id)] = id
		resources[resKey("Task", id)] = id
		for _, list := range [][]workflow.Task{c.Tasks, c.Orgs} {
			for _, t := range list {
				resources[resKey("Task", t.ID)] = id
				verifyTask(r, &p, t)
			}
		}
	}
	for key, id := range resources {
		if _, ok := r.Get(key); !ok {
			p.add("case %s: no resource %s", id, key)
		}
	}
	for key := range r.Scan(resPrefix, "") {
		verifyResource(r, &p, key, resources)
	}
	verifyEntries(r, &p, want)
	return p
}

func verifyTask(r store.Reader, p *Report, t workflow.Task) {
	x, ok, err := Get(r, "Task", t.ID)
	if err != nil || !ok {
		return // reported by the caller's pass
	}
	deleted := t.Status == workflow.TaskDeleted
	if x.Deleted != deleted {
		p.add("task %s: state %s, resource deleted %t", t.ID, t.Status, x.Deleted)
	}
	if !deleted && !bytes.Contains(x.JSON, []byte(`"status":"`+string(t.Status)+`"`)) {
		p.add("task %s: state %s is not the status of the resource", t.ID, t.Status)
	}
}

func verifyResource(r store.Reader, p *Report, key string, known map[string]string) {
	p.Resources++
	typ, id, _ := strings.Cut(strings.TrimPrefix(key, resPrefix), "/")
	owner, ok := known[key]
	if !ok {
		p.add("resource %s belongs to no case", key)
	}
	all, err := History(r, typ, id)
	if err != nil {
		p.add("resource %s: %v", key, err)
		return
	}
	p.Versions += len(all)
	for i, x := range all {
		if x.Version != len(all)-i {
			p.add("resource %s: version %d in place %d of %d", key, x.Version, i+1, len(all))
		}
		if ok && x.Case != owner {
			p.add("resource %s: names case %s, is in %s", key, x.Case, owner)
		}
	}
}

func verifyEntries(r store.Reader, p *Report, want map[string][]byte) {
	seen := map[string]bool{}
	for _, prefix := range []string{ixPrefix, duePrefix} {
		for key, value := range r.Scan(prefix, "") {
			if strings.HasPrefix(key, duePrefix) && strings.HasPrefix(last(key), "!") {
				continue
			}
			p.Entries++
			seen[key] = true
			expected, ok := want[key]
			switch {
			case !ok:
				p.add("index entry %s belongs to nothing", key)
			case !bytes.Equal(expected, value):
				p.add("index entry %s is out of date", key)
			}
		}
	}
	for key := range want {
		if !seen[key] {
			p.add("index entry %s is missing", key)
		}
	}
}
