package pss_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
)

const accepted = `{"resourceType":"QuestionnaireResponse","status":"completed","authored":"2026-11-24T10:00:00Z","source":{"identifier":{"value":"anon-1"}},
 "item":[{"linkId":"tc","item":[{"linkId":"consent","answer":[{"valueBoolean":true}]}]},{"linkId":"anonymizationPreference","answer":[{"valueCoding":{"code":"full-anon"}}]}]}`

func TestWithoutConsentTheAnswerIsAnExceptionWithStatus200(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"pss-consent": "required"})
	ask := call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}
	got := w.json(ask, 200)
	if exception(got) != "no-consent-found" {
		t.Fatalf("answer %v", got)
	}
	action := get(got, "entry", 0, "resource", "action", 0, "action", 0)
	if text(action, "title") == "" || text(action, "_title", "extension", 0, "extension", 0, "valueCode") != "fr-BE" || text(action, "textEquivalent") == "" {
		t.Errorf("action %v", action)
	}
	task := resourceAt(got, text(action, "resource", "reference"))
	if text(resourceAt(got, text(task, "input", 0, "valueCanonical")), "resourceType") != "Questionnaire" {
		t.Errorf("the Task does not lead to the conditions: %v", task)
	}
	made := w.do(call{path: door + "/QuestionnaireResponse", body: accepted})
	if made.status != http.StatusCreated || !strings.Contains(made.header.Get("Location"), door+"/QuestionnaireResponse/") {
		t.Fatalf("consent: %d %s %s", made.status, made.header.Get("Location"), made.body)
	}
	if got := w.json(ask, 200); exception(got) != "" {
		t.Errorf("after consent: %v", got)
	}
	w.json(call{path: door + "/QuestionnaireResponse", body: strings.Replace(accepted, "true", "false", 1)}, 201)
	if got := w.json(ask, 200); exception(got) != "no-consent-found" {
		t.Errorf("after withdrawal: %v", got)
	}
}

func TestANewVersionOfTheConditionsAsksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"pss-consent": "required"})
	w.json(call{path: door + "/QuestionnaireResponse", body: accepted}, 201)
	if err := w.tenant.Settings.Override(map[string]string{"pss-consent": "required", "pss-conditions-version": "2"}); err != nil {
		t.Fatal(err)
	}
	if got := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}, 200); exception(got) != "no-consent-found" {
		t.Errorf("answer %v", got)
	}
}

func TestConsentRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, tc := range []struct {
		name, body, code string
		status           int
	}{
		{"SBX-JSON", `{"resourceType":"Bundle"}`, "SBX-JSON", 400},
		{"SBX-STATUS", strings.Replace(accepted, "completed", "in-progress", 1), "SBX-STATUS", 422},
		{"SBX-QR-ANSWER consent", strings.Replace(accepted, `"valueBoolean":true`, `"valueString":"yes"`, 1), "SBX-QR-ANSWER", 422},
		{"SBX-QR-ANSWER no answer about consent", strings.Replace(accepted, `"linkId":"consent"`, `"linkId":"other"`, 1), "SBX-QR-ANSWER", 422},
		{"SBX-QR-ANSWER preference", strings.Replace(accepted, "full-anon", "half-anon", 1), "SBX-QR-ANSWER", 422},
		{"SBX-DATE", strings.Replace(accepted, "2026-11-24T10:00:00Z", "today", 1), "SBX-DATE", 422},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.json(call{path: door + "/QuestionnaireResponse", body: tc.body}, tc.status)
			if issueCode(got, 0) != tc.code {
				t.Errorf("answer %v", got)
			}
		})
	}
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, body := range []string{`{"status":"maybe"}`, `{"consent":"yes"}`, `{"latency":"1h"}`, `{"latency":"-1s"}`, `{"other":1}`, `{`} {
		w.json(call{method: "PUT", path: "/_sandbox/pss/switches", body: body}, 400)
	}
	got := w.json(call{method: "PUT", path: "/_sandbox/pss/switches", body: `{"consent":"required","latency":"20ms"}`}, 200)
	if text(got, "status") != "on" || text(got, "consent") != "required" || text(got, "latency") != "20ms" {
		t.Errorf("switches %v", got)
	}
	start := time.Now()
	w.controlled(controlBody)
	if took := time.Since(start); took < 20*time.Millisecond {
		t.Errorf("control took %v with a latency of 20ms", took)
	}
	if got := w.json(call{path: "/_sandbox/pss/switches"}, 200); text(got, "consent") != "required" {
		t.Errorf("switches %v", got)
	}
}

func TestExchangesCanBeInspectedAndDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := text(w.controlled(controlBody), "exchangeId")
	w.controlled(controlBody)
	all := w.json(call{path: "/_sandbox/pss/exchanges"}, 200)
	if n := len(list(all, "exchanges")); n != 2 || text(all, "exchanges", 0, "ruleIds", 0) != "R001" {
		t.Errorf("%d exchanges: %v", n, all)
	}
	one := w.json(call{path: "/_sandbox/pss/exchanges/" + id}, 200)
	second := get(one, "explain", "options", 1)
	if get(second, "scoreMerged") != 8.0 || text(second, "votes", 0, "ruleId") != "R001" || text(second, "whyHere") != "score 8 is lower than 9" {
		t.Errorf("explanation %v", second)
	}
	if a := w.do(call{method: "DELETE", path: "/_sandbox/pss/exchanges/" + id}); a.status != 204 {
		t.Errorf("delete: %d", a.status)
	}
	w.json(call{path: "/_sandbox/pss/exchanges/" + id}, 404)
	w.json(call{path: facade + "/radiology/control/" + id}, 404)
	if a := w.do(call{method: "DELETE", path: "/_sandbox/pss/exchanges"}); a.status != 204 {
		t.Errorf("delete all: %d", a.status)
	}
	if all := w.json(call{path: "/_sandbox/pss/exchanges"}, 200); len(list(all, "exchanges")) != 0 {
		t.Errorf("left %v", all)
	}
	if got := w.json(call{path: "/_sandbox/pss/rules"}, 200); text(got, "checksum") == "" || text(got, "warning") == "" {
		t.Errorf("rules %v", got)
	}
	explained := w.json(call{path: "/_sandbox/pss/explain", body: `{"age":30,"gender":"F","indications":[{"value":"3074220"}],"flags":["tmp-addInfo-preg"]}`}, 200)
	if text(explained, "options", 1, "modifiers", 0) != "pregnancy: 9 → 6" {
		t.Errorf("explained %v", explained)
	}
}

func TestOutdatedExchangesAreClearedAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for range 3 {
		w.controlled(controlBody)
	}
	w.tenant.Clock.Advance(91 * 24 * time.Hour)
	w.controlled(controlBody)
	all := w.json(call{path: "/_sandbox/pss/exchanges"}, 200)
	if n := len(list(all, "exchanges")); n != 1 {
		t.Errorf("%d exchanges left, want 1", n)
	}
}

func TestAdviceIsWhatAPrescriptionQuotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := text(w.controlled(controlBody), "exchangeId")
	got, found, err := w.svc.Advice(w.tenant, id)
	if err != nil || !found || got.Domain != "radiology" || len(got.Options) != 3 || got.Options[0].Code != "114055" || !got.Options[0].Requested || got.Answer == nil {
		t.Errorf("advice %+v, %v, %v", got, found, err)
	}
	other := newWorld(t, nil)
	for name, where := range map[string]*tenant.Tenant{id: other.tenant, "nobody": w.tenant, "": w.tenant, strings.Repeat("x", 65): w.tenant} {
		if _, found, err := w.svc.Advice(where, name); found || err != nil {
			t.Errorf("%q: found %v, %v", name, found, err)
		}
	}
}

func TestFactsAboutThePersonCountOnlyWhenTheSettingSaysSo(t *testing.T) {
	t.Parallel()
	body := strings.Replace(controlBody, `"age":53`, `"age":53,"flags":["tmp-addInfo-metdeb"]`, 1)
	w := newWorld(t, nil)
	if got := w.controlled(body); get(got, "supportOptions", 1, "score") != 8.0 {
		t.Errorf("ignored flags changed %v", got)
	}
	if entries := w.tenant.Journal.Entries(journalOf("control")); len(entries[0].Warnings) == 0 {
		t.Error("ignored flags are not warned about")
	}
	on := newWorld(t, map[string]string{"pss-consider-info": "true"})
	if got := on.controlled(body); get(got, "supportOptions", 2, "id") != "114092" || get(got, "supportOptions", 2, "score") != 2.0 {
		t.Errorf("flags did not count: %v", got)
	}
	debris := `{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"metallic-debris"}]}}}`
	got := on.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: bundle(patientB, conditionB, debris)}, 200)
	last := get(got, "entry", 0, "resource", "action", 0, "action", 2, "extension", 1, "extension", 2)
	if text(last, "valueMarkdown") != "metallicDebris: 8 → 2" {
		t.Errorf("rating text %v", last)
	}
}

func TestTheUnknownsAreSettings(t *testing.T) {
	t.Parallel()
	moved := newWorld(t, map[string]string{"pss-fhir-base": "/their/path", "pss-facade-base": "/backend", "pss-components-base": "/c"})
	moved.json(call{path: "/their/path/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}, 200)
	moved.json(call{path: "/backend/pss/status"}, 200)
	moved.json(call{path: "/c/domains/ANTIMICROBIALS/indications"}, 200)
	any := newWorld(t, map[string]string{"pss-audience": "*", "pss-disciplines": "*"})
	any.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody(), token: "elsewhere"}, 200)
	any.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody(), token: "nurse"}, 200)
	scope := newWorld(t, map[string]string{"pss-scope": "pss:use"})
	scope.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}, 403)
	gender := newWorld(t, map[string]string{"pss-gender": "lower-case"})
	gender.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: strings.Replace(recommendBody(), `"male"`, `"Male"`, 1)}, 400)
	page := newWorld(t, map[string]string{"pss-evidence-url": "self"})
	url := text(page.controlled(controlBody), "evidenceUrl", "translations", 1, "value")
	path, ok := strings.CutPrefix(url, page.server.URL)
	if a := page.do(call{path: path, token: "-"}); !ok || a.status != 200 || !strings.Contains(string(a.body), "Ils ne sont pas un avis médical") {
		t.Errorf("%s: %d %s", url, a.status, a.body)
	}
}

func TestSeededConsultationsCanBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	const id = "d2b8f0d4-6a39-4a31-9d1e-0c6f0e6f7a11"
	w.tenant = tenanttest.New(t, noon(), map[string]store.Seeder{"pss": w.svc.Seed})
	got := w.json(call{path: facade + "/radiology/control/" + id}, 200)
	if text(got, "supportOptions", 0, "id") != "114119" || len(list(got, "supportOptions")) != 3 {
		t.Errorf("answer %v", got)
	}
	w.json(call{path: feedbackPath, body: report(id, task("114119", "accepted", ""))}, 200)
}
