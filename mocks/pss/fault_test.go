package pss_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
)

func TestFaultsAnswerInTheDialectOfTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, tc := range []struct {
		name   string
		fault  fault.Fault
		code   string
		status int
	}{
		{"SBX-INTERNAL", fault.Fault{Status: 500}, "SBX-INTERNAL", 500},
		{"SBX-QSI on 503", fault.Fault{Status: 503}, "SBX-QSI", 503},
		{"SBX-QSI on 504", fault.Fault{Status: 504}, "SBX-QSI", 504},
		{"a named code", fault.Fault{Status: 409, Error: "SBX-FEEDBACK-TWICE"}, "SBX-FEEDBACK-TWICE", 409},
		{"a delay", fault.Fault{DelayMS: 1}, "", 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, c := range []call{
				{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody()},
				{path: facade + "/radiology/control", body: controlBody},
			} {
				tc.fault.Service = "pss"
				w.tenant.Faults.Add(tc.fault)
				got := w.json(c, tc.status)
				code := issueCode(got, 0)
				if c.body == controlBody && tc.code != "" {
					code = "SBX-" + text(got, "code")
				}
				if code != tc.code {
					t.Errorf("%s: code %q, want %q: %v", c.path, code, tc.code, got)
				}
				w.json(c, http.StatusOK) // counted: the next call is well again
			}
		})
	}
}

func TestAGarbledAnswerIsHalfOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.tenant.Faults.Add(fault.Fault{Service: "pss", Operation: "control", Garble: true})
	a := w.do(call{path: facade + "/radiology/control", body: controlBody})
	if a.status != 200 || json.Valid(a.body) {
		t.Errorf("status %d, body %s", a.status, a.body)
	}
}

func TestConsultationsSurviveARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	dir := t.TempDir()
	open := func() *store.File {
		f, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		w.tenant.Store = f.Tenant(tenant.Default, store.NewSeeds(nil).On(noon()))
		return f
	}
	file := open()
	first := w.do(call{path: facade + "/radiology/control", body: controlBody})
	id := exchangeOf(first.body)
	w.json(call{method: "PUT", path: "/_sandbox/pss/switches", body: `{"consent":"required"}`}, 200)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	file = open()
	defer file.Close()
	again := w.do(call{path: facade + "/radiology/control/" + id})
	if again.status != 200 || string(again.body) != string(first.body) {
		t.Errorf("status %d, body %s", again.status, again.body)
	}
	if got := w.json(call{path: "/_sandbox/pss/switches"}, 200); text(got, "consent") != "required" {
		t.Errorf("switches %v", got)
	}
}

func TestTenantsDoNotSeeEachOthersConsultations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := text(w.controlled(controlBody), "exchangeId")
	w.tenant = tenanttest.New(t, noon(), nil)
	w.json(call{path: facade + "/radiology/control/" + id}, 404)
	w.json(call{path: feedbackPath, body: report(id, task("114055", "accepted", ""))}, 404)
}

func TestAnInspectorFindsTheRuleInTheJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := text(w.controlled(controlBody), "exchangeId")
	entries := w.tenant.Journal.Entries(journalOf("control"))
	note, _ := entries[0].Notes["pss"].(map[string]any)
	if note["exchangeId"] != id || note["ruleIds"] != "R001" {
		t.Errorf("note %v", note)
	}
}
