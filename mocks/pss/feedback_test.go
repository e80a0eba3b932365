package pss_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func exchangeOf(body []byte) string {
	var v any
	_ = json.Unmarshal(body, &v)
	return text(v, "exchangeId")
}

// task is a FeedbackTask about a procedure code.
func task(code, status, reason string) string {
	return `{"resourceType":"Task","status":"` + status + `","intent":"option","lastModified":"2026-11-20T09:00:00+01:00",
  "focus":{"identifier":{"system":"https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSQSIProcedures","value":"` + code + `"}}` + reason + `}`
}

func because(code, words string) string {
	return `,"statusReason":{"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSrFeedbackReasons","code":"` + code + `"}],"text":"` + words + `"}`
}

func report(id string, resources ...string) string {
	out := `{"resourceType":"Parameters","parameter":[{"name":"pss-id","valueString":"` + id + `"}`
	for _, r := range resources {
		out += `,{"name":"feedback-resource","resource":` + r + `}`
	}
	return out + `]}`
}

const feedbackPath = door + "/PlanDefinition/$feedback"

func TestFeedbackForARedChoiceShowsUpInTheConclusions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := text(w.controlled(controlBody), "exchangeId")
	got := w.json(call{path: feedbackPath, body: report(id, task("114054", "accepted", because("OtherReason", "second scanner is out of order")))}, 200)
	if text(got, "resourceType") != "OperationOutcome" || text(got, "issue", 0, "severity") != "information" {
		t.Errorf("answer %v", got)
	}
	later := w.json(call{path: facade + "/radiology/control/" + id}, 200)
	c := get(later, "conclusions", 0)
	if text(c, "supportOptionId") != "114054" || text(c, "reasonOfDeviation") != "OtherReason" || text(c, "reasonOfDeviationText") != "second scanner is out of order" {
		t.Errorf("conclusions %v", get(later, "conclusions"))
	}
}

func TestFeedbackNamesTheOptionByReferenceIdentifierOrCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}, 200)
	id := text(got, "identifier", "value")
	ref := text(got, "entry", 0, "resource", "action", 0, "action", 0, "resource", "reference")
	for _, focus := range []string{
		`{"reference":"` + ref + `"}`,
		`{"reference":"ServiceRequest/` + strings.TrimPrefix(ref, "urn:uuid:") + `"}`,
		`{"identifier":{"value":"114055"}}`,
		`{"identifier":{"value":"urn:uuid:22222222-bbbb-4bbb-8bbb-000000000001"}}`,
	} {
		body := report(id, `{"resourceType":"Task","status":"accepted","intent":"option","lastModified":"2026-11-24T12:00:00Z","focus":`+focus+`}`)
		w.json(call{path: feedbackPath, body: strings.Replace(body, "feedback-resource", "feedback-task", 1)}, 200)
	}
	later := w.json(call{path: facade + "/radiology/control/" + id}, 200)
	if c := list(later, "conclusions"); len(c) != 1 || text(c, 0, "supportOptionId") != "114055" {
		t.Errorf("conclusions %v", c)
	}
}

func TestFeedbackAboutSomethingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := text(w.controlled(controlBody), "exchangeId")
	other := `{"resourceType":"Bundle","type":"collection","identifier":{"value":"x"},"timestamp":"2026-11-24T12:00:00Z","entry":[
	 {"resource":{"resourceType":"ServiceRequest","status":"draft","intent":"proposal","code":{"coding":[{"code":"115348"}]},"subject":{"reference":"Patient/p1"}}},
	 {"resource":{"resourceType":"Task","status":"accepted","intent":"option","lastModified":"2026-11-24T12:00:00Z"}}]}`
	w.json(call{path: door + "/PlanDefinition/GetRecommendations/$feedback", body: report(id, other)}, 200)
	later := w.json(call{path: facade + "/radiology/control/" + id}, 200)
	if text(later, "conclusions", 0, "supportOptionId") != "115348" {
		t.Errorf("conclusions %v", get(later, "conclusions"))
	}
}

func TestFeedbackRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		resources []string
		status    int
		kind      string
		code      string
	}{
		{"SBX-REASON missing on yellow", []string{task("114054", "accepted", "")}, 422, "business-rule", "SBX-REASON"},
		{"SBX-REASON text missing", []string{task("114054", "accepted", because("OtherReason", ""))}, 422, "business-rule", "SBX-REASON"},
		{"SBX-FEEDBACK-TWICE", []string{task("114055", "accepted", ""), task("114092", "accepted", "")}, 409, "conflict", "SBX-FEEDBACK-TWICE"},
		{"SBX-CODE-UNKNOWN reason", []string{task("114054", "accepted", because("Boredom", "x"))}, 422, "value", "SBX-CODE-UNKNOWN"},
		{"SBX-SYSTEM-UNKNOWN reason", []string{task("114054", "accepted", strings.Replace(because("Emergency", "x"), "PSSr", "PSSa", 1))}, 422, "value", "SBX-SYSTEM-UNKNOWN"},
		{"SBX-STATUS status", []string{task("114055", "completed", "")}, 422, "value", "SBX-STATUS"},
		{"SBX-STATUS intent", []string{strings.Replace(task("114055", "accepted", ""), "option", "order", 1)}, 422, "value", "SBX-STATUS"},
		{"SBX-DATE", []string{strings.Replace(task("114055", "accepted", ""), "2026-11-20T09:00:00+01:00", "now", 1)}, 422, "value", "SBX-DATE"},
		{"SBX-FEEDBACK no focus", []string{`{"resourceType":"Task","status":"accepted","intent":"option","lastModified":"2026-11-20"}`}, 400, "value", "SBX-FEEDBACK"},
		{"SBX-FEEDBACK nothing", nil, 400, "value", "SBX-FEEDBACK"},
		{"SBX-FEEDBACK another resource", []string{`{"resourceType":"Patient"}`}, 400, "value", "SBX-FEEDBACK"},
		{"SBX-FEEDBACK a bundle without a task", []string{`{"resourceType":"Bundle","identifier":{"value":"x"},"timestamp":"2026-11-20"}`}, 400, "value", "SBX-FEEDBACK"},
		{"SBX-FEEDBACK another resource beside a good one", []string{task("114055", "accepted", ""), `{"resourceType":"Patient"}`}, 400, "value", "SBX-FEEDBACK"},
		{"SBX-FEEDBACK a bundle without a task beside a good one", []string{task("114055", "accepted", ""), `{"resourceType":"Bundle","identifier":{"value":"x"},"timestamp":"2026-11-20"}`}, 400, "value", "SBX-FEEDBACK"},
		{"SBX-FEEDBACK a bundle without identifier", []string{`{"resourceType":"Bundle","timestamp":"2026-11-20","entry":[{"resource":` + task("114055", "accepted", "") + `}]}`}, 400, "value", "SBX-FEEDBACK"},
		{"SBX-FEEDBACK a bundle without timestamp", []string{`{"resourceType":"Bundle","identifier":{"value":"x"},"entry":[{"resource":` + task("114055", "accepted", "") + `}]}`}, 400, "value", "SBX-FEEDBACK"},
		{"SBX-FEEDBACK two reasons", []string{task("114054", "accepted", strings.Replace(because("Emergency", ""), `"coding":[`, `"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSrFeedbackReasons","code":"Emergency"},`, 1))}, 400, "value", "SBX-FEEDBACK"},
		{"SBX-STATUS intent of the new request", []string{`{"resourceType":"Bundle","identifier":{"value":"x"},"timestamp":"2026-11-20","entry":[{"resource":{"resourceType":"ServiceRequest","intent":"order","code":{"coding":[{"code":"115348"}]}}},{"resource":` + task("115348", "accepted", "") + `}]}`}, 422, "value", "SBX-STATUS"},
		{"SBX-PATIENT-IDENTIFIED in the new request", []string{`{"resourceType":"Bundle","identifier":{"value":"x"},"timestamp":"2026-11-20","entry":[{"resource":{"resourceType":"ServiceRequest","intent":"proposal","code":{"coding":[{"code":"1"}]},"subject":{"display":"Jan"}}},{"resource":` + task("1", "accepted", "") + `}]}`}, 422, "business-rule", "SBX-PATIENT-IDENTIFIED"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			id := text(w.controlled(controlBody), "exchangeId")
			got := w.json(call{path: feedbackPath, body: report(id, tc.resources...)}, tc.status)
			if issueCode(got, 0) != tc.code || text(got, "issue", 0, "code") != tc.kind {
				t.Errorf("answer %v", got)
			}
			later := w.json(call{path: facade + "/radiology/control/" + id}, 200)
			if c := list(later, "conclusions"); len(c) != 0 {
				t.Errorf("a refused feedback left %v", c)
			}
		})
	}
}

func TestFeedbackTwiceInTwoCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := text(w.controlled(controlBody), "exchangeId")
	w.json(call{path: feedbackPath, body: report(id, task("114055", "accepted", ""))}, 200)
	w.json(call{path: feedbackPath, body: report(id, task("114055", "accepted", ""))}, 200)
	w.json(call{path: feedbackPath, body: report(id, task("114054", "rejected", ""))}, 200)
	got := w.json(call{path: feedbackPath, body: report(id, task("114092", "accepted", ""))}, 409)
	if issueCode(got, 0) != "SBX-FEEDBACK-TWICE" {
		t.Errorf("answer %v", got)
	}
}

func TestFeedbackForAnUnknownNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.json(call{path: feedbackPath, body: report("nobody", task("114055", "accepted", ""))}, 404)
	if text(got, "issue", 0, "code") != "not-found" {
		t.Errorf("answer %v", got)
	}
	known := text(w.controlled(controlBody), "exchangeId")
	extra := strings.Replace(report(known, task("114055", "accepted", "")), `{"name":"pss-id"`, `{"name":"note","valueString":"x"},{"name":"pss-id"`, 1)
	twice := strings.Replace(report(known, task("114055", "accepted", "")), `{"name":"pss-id"`, `{"name":"pss-id","valueString":"y"},{"name":"pss-id"`, 1)
	for _, body := range []string{extra, twice, report("", task("114055", "accepted", "")), `{"resourceType":"Bundle"}`, `{`, `{"resourceType":"Parameters","parameter":[{"name":"other"}]}`} {
		w.json(call{path: feedbackPath, body: body}, 400)
	}
}

func TestNoScoreNeedsAReasonOnlyWhenTheSettingSaysSo(t *testing.T) {
	t.Parallel()
	body := `{"age":53,"gender":"M","intention":{"value":"115348"},"indications":[{"value":"5000246"}]}`
	w := newWorld(t, nil)
	w.json(call{path: feedbackPath, body: report(text(w.controlled(body), "exchangeId"), task("115348", "accepted", ""))}, 200)
	strict := newWorld(t, map[string]string{"pss-reason-for-no-score": "true"})
	strict.json(call{path: feedbackPath, body: report(text(strict.controlled(body), "exchangeId"), task("115348", "accepted", ""))}, 422)
}

func TestOnlyRedNeedsAReasonForAntimicrobials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ask := func() string {
		got := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: bundle(patientB, diagnosed("PSS_INDICATION", "ACUTE_CYSTITIS"))}, 200)
		return text(got, "identifier", "value")
	}
	w.json(call{path: feedbackPath, body: report(ask(), task("J01XX01", "accepted", ""))}, 200)
	got := w.json(call{path: feedbackPath, body: report(ask(), task("SBX-CYST-3", "accepted", ""))}, 422)
	if issueCode(got, 0) != "SBX-REASON" {
		t.Errorf("answer %v", got)
	}
	w.json(call{path: feedbackPath, body: report(ask(), task("SBX-CYST-3", "accepted", strings.Replace(because("Allergy", ""), "PSSr", "PSSa", 1)))}, 200)
}

func TestPriorResultsAndFeedbackAreFoundByNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}, 200)
	id := text(got, "identifier", "value")
	w.json(call{path: feedbackPath, body: report(id, task("114055", "accepted", ""))}, 200)
	for _, tc := range []struct {
		query string
		total float64
	}{
		{"identifier=" + id, 2},
		{"identifier=https://www.ehealth.fgov.be/standards/fhir/pss/NamingSystem/pss-id|" + id, 2},
		{"identifier=" + id + "&_tag=https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSBundleTags|recommendation", 1},
		{"identifier=" + id + "&_tag=feedback", 1},
		{"identifier=" + id + "&_tag=other|feedback", 0},
		{"identifier=other|" + id, 0},
		{"identifier=nobody", 0},
	} {
		found := w.json(call{path: door + "/Bundle?" + tc.query}, 200)
		if text(found, "type") != "searchset" || get(found, "total") != tc.total {
			t.Errorf("%s: %v", tc.query, found)
		}
		for _, e := range list(found, "entry") {
			path, ok := strings.CutPrefix(text(e, "fullUrl"), w.server.URL)
			if !ok || text(w.json(call{path: path}, 200), "identifier", "value") != id {
				t.Errorf("%s: fullUrl %q does not lead to the bundle", tc.query, text(e, "fullUrl"))
			}
		}
	}
	w.json(call{path: door + "/Bundle"}, 400)
	w.json(call{path: door + "/Bundle?identifier=x&timestamp=2026"}, 400)
	w.json(call{path: door + "/Bundle/nobody"}, 404)
}

func TestAConsultationOfTheFacadeCanBeReadOverFHIR(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := text(w.controlled(controlBody), "exchangeId")
	found := w.json(call{path: door + "/Bundle?identifier=" + id}, 200)
	top := get(found, "entry", 0, "resource", "entry", 0, "resource", "action", 0)
	if n := len(list(top, "action")); n != 3 {
		t.Errorf("%d options: %v", n, found)
	}
}
