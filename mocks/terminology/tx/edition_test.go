package tx_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// over is an engine over releases.
func over(list ...*tx.SCT) *tx.Engine {
	shelf := tx.NewShelf()
	for _, s := range list {
		shelf.AddSystem(s)
	}
	return &tx.Engine{Shelves: []*tx.Shelf{shelf}, MaxExpansion: 1000, Now: func() time.Time { return time.Unix(0, 0) }, UUID: func() string { return "u" }}
}

func TestAnImplicitHierarchyHoldsActiveConceptsOnly(t *testing.T) {
	t.Parallel()
	e := over(release(t, snomed.BelgianModule, "20260915"))
	for _, tc := range []struct {
		id   uint64
		want string
	}{{wasHeadache, ""}, {headache, fmt.Sprint(headache)}} {
		o, p := e.Expand(callOn(t, fmt.Sprintf("http://snomed.info/sct?fhir_vs=isa/%d", tc.id), nil, nil))
		if p != nil {
			t.Fatal(p)
		}
		if got := members(o["expansion"].(tx.Object)["contains"]); got != tc.want {
			t.Errorf("isa/%d: got %q; want %q", tc.id, got, tc.want)
		}
	}
}

func TestTheBelgianEditionAnswersWhenNoneIsAskedFor(t *testing.T) {
	t.Parallel()
	belgian, international := release(t, snomed.BelgianModule, "20260101"), release(t, snomed.CoreModule, "20260901")
	for name, list := range map[string][]*tx.SCT{"Belgian first": {belgian, international}, "International first": {international, belgian}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, p := lookedUp(t, over(list...), headache)
			if p != nil {
				t.Fatal(p)
			}
			if !strings.Contains(fmt.Sprint(o), "sct/11000172109/version/20260101") {
				t.Errorf("got %v", o)
			}
		})
	}
}

// lookedUp looks a code of SNOMED CT up.
func lookedUp(t *testing.T, e *tx.Engine, code uint64) (tx.Object, *tx.Problem) {
	t.Helper()
	p, problem := tx.ReadParameters(decode(t, fmt.Sprintf(`{"resourceType":"Parameters","parameter":[{"name":"system","valueUri":"http://snomed.info/sct"},{"name":"code","valueCode":"%d"}]}`, code)))
	if problem != nil {
		t.Fatal(problem)
	}
	return e.Lookup(tx.Call{Params: p})
}
