package records

import (
	"reflect"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

func sampleCase() *Case {
	return &Case{
		Document: workflow.Document{
			Facts: workflow.Facts{ID: "S", Intent: workflow.Order, Family: workflow.Nursing, Template: "hygienic-care", Requester: "PractitionerRole/1-PHYSICIAN",
				Patient: "p/a+t=", From: "2026-11-24", To: "2027-11-23"},
			Status: workflow.Ready,
			Tasks: []workflow.Task{{ID: "T", Owner: "PractitionerRole/2-NURSE", Status: workflow.TaskReady},
				{ID: "D", Owner: "PractitionerRole/3-NURSE", Status: workflow.TaskDeleted}},
			Orgs: []workflow.Task{{ID: "O", Owner: "Organization/NIHII-4", Status: workflow.TaskReady}},
		},
		Code: "http://snomed.info/sct|225964003", Authored: time.UnixMilli(1795514400000).UTC(), Updated: time.UnixMilli(1795514400123).UTC(), Short: "ABCD12",
	}
}

func TestASummaryReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	c := sampleCase()
	got, err := DecodeSummary(c.Summary().encode())
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{Document: workflow.Document{
		Facts: workflow.Facts{ID: "S", Intent: workflow.Order, Family: workflow.Nursing, Template: "hygienic-care", Requester: "PractitionerRole/1-PHYSICIAN",
			Patient: "p/a+t=", To: "2027-11-23"},
		Status: workflow.Ready,
		Tasks:  []workflow.Task{{Owner: "PractitionerRole/2-NURSE", Status: workflow.TaskReady}},
		Orgs:   []workflow.Task{{Owner: "Organization/NIHII-4", Status: workflow.TaskReady}},
	}, Referral: "ready", Code: c.Code, Authored: c.Authored, Updated: c.Updated, Short: "ABCD12"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if _, err := DecodeSummary([]byte("x")); err == nil {
		t.Error("half an entry was read")
	}
}

func TestPseudonymsAreReplacedWhereTheyStand(t *testing.T) {
	t.Parallel()
	stored := []byte(`{"a":"` + Marker + `one","b":["` + Marker + `two","x","` + Marker + `one"],"c":"` + Marker + `"}`)
	if got := Pseudonyms(stored); !reflect.DeepEqual(got, []string{"one", "two", ""}) {
		t.Errorf("pseudonyms %q", got)
	}
	got := string(Replace(stored, map[string]string{"one": "1", "two": "2", "": "0"}))
	if want := `{"a":"1","b":["2","x","1"],"c":"0"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := Pseudonyms([]byte(`no end ` + Marker + `abc`)); len(got) != 1 {
		t.Errorf("cut off: %q", got)
	}
}

func TestVersionsFollowEachOther(t *testing.T) {
	t.Parallel()
	m := store.NewMemory()
	write := func(version int, text string, deleted bool) error {
		return m.Update(func(w store.Writer) error {
			return put(w, Resource{Type: "Task", ID: "T", Version: version, Updated: time.UnixMilli(int64(version)).UTC(), Case: "S", Deleted: deleted, JSON: []byte(text)})
		})
	}
	for i, text := range []string{"one", "two\nlines", ""} {
		if err := write(i+1, text, text == ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(3, "again", false); err == nil {
		t.Error("version 3 was written twice")
	}
	if err := write(9, "jump", false); err == nil {
		t.Error("version 9 follows 3")
	}
	err := m.View(func(r store.Reader) error {
		all, err := History(r, "Task", "T")
		if err != nil || len(all) != 3 || !all[0].Deleted || string(all[1].JSON) != "two\nlines" || all[2].Version != 1 {
			t.Errorf("history %+v, %v", all, err)
		}
		x, ok, err := Version(r, "Task", "T", 2)
		if err != nil || !ok || string(x.JSON) != "two\nlines" || x.Updated.UnixMilli() != 2 || x.Case != "S" {
			t.Errorf("version 2: %+v %t %v", x, ok, err)
		}
		if _, ok, _ := Version(r, "Task", "T", 7); ok {
			t.Error("version 7 exists")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDueItemsComeInTime(t *testing.T) {
	t.Parallel()
	m := store.NewMemory()
	c := sampleCase()
	next, _ := c.Next()
	err := m.Update(func(w store.Writer) error {
		PutSuspension(w, next.Add(-time.Hour), "85072299879")
		PutSuspension(w, next.Add(time.Hour), "85072299879")
		return Save(w, nil, c, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := func(at time.Time) (out []string) {
		_ = m.View(func(r store.Reader) error {
			for _, i := range Due(r, at, 10) {
				out = append(out, i.ID)
			}
			return nil
		})
		return out
	}
	if got := ids(next.Add(-2 * time.Hour)); got != nil {
		t.Errorf("too early: %v", got)
	}
	if got := ids(next); !reflect.DeepEqual(got, []string{"!85072299879", "S"}) {
		t.Errorf("due: %v", got)
	}
	err = m.Update(func(w store.Writer) error {
		DropSuspensions(w, "85072299879")
		return nil
	})
	if got := ids(next.AddDate(1, 0, 0)); err != nil || !reflect.DeepEqual(got, []string{"S"}) {
		t.Errorf("after the suspensions are off: %v %v", got, err)
	}
}

func TestAliasesLeadBothWays(t *testing.T) {
	t.Parallel()
	m := store.NewMemory()
	err := m.Update(func(w store.Writer) error {
		PutAlias(w, "a", "b")
		PutAlias(w, "b", "c")
		PutAlias(w, "x", "c")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = m.View(func(r store.Reader) error {
		if got := Current(r, "a"); got != "c" {
			t.Errorf("current of a: %s", got)
		}
		if got := Same(r, "x"); len(got) != 4 || got[0] != "c" {
			t.Errorf("same as x: %v", got)
		}
		if got := Same(r, "q"); !reflect.DeepEqual(got, []string{"q"}) {
			t.Errorf("same as q: %v", got)
		}
		return nil
	})
}

// The newest document comes first in an index.
func TestIndexOrder(t *testing.T) {
	t.Parallel()
	old, young := newestFirst(time.Unix(1000, 0)), newestFirst(time.Unix(2000, 0))
	if young >= old || len(young) != len(old) || newestFirst(time.Unix(-1000, 0)) <= old {
		t.Errorf("old %s, young %s", old, young)
	}
}
