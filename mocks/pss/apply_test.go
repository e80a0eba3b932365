package pss_test

import (
	"encoding/json"
	"strings"
	"testing"
)

const (
	door     = "/pss/v1/fhir"
	patientB = `{"fullUrl":"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001","resource":{"resourceType":"Patient","id":"p1",
   "extension":[{"url":"https://www.ehealth.fgov.be/standards/fhir/pss/StructureDefinition/PSSRelevantAge","valueAge":{"value":53,"system":"http://unitsofmeasure.org","code":"y"}}],
   "name":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}],"gender":"male"}}`
	observationB = `{"fullUrl":"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000002","resource":{"resourceType":"Observation","id":"o1","status":"final",
   "code":{"coding":[{"system":"http://snomed.info/sct","code":"20262006"}]},"subject":{"reference":"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001"}}}`
	intentionB = `{"fullUrl":"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000003","resource":{"resourceType":"ServiceRequest","id":"s1","status":"active","intent":"proposal","identifier":[{"value":"urn:uuid:22222222-bbbb-4bbb-8bbb-000000000001"}],
   "code":{"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSQSIProcedures","code":"114055"}]},"subject":{"reference":"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001"}}}`
	conditionB = `{"fullUrl":"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000004","resource":{"resourceType":"Condition","id":"c1",
   "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
   "verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"provisional"}]},
   "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],
   "code":{"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSQSIConditions","code":"5000246"}]},
   "subject":{"reference":"Patient/p1"},"onsetDateTime":"2024-10-13"}}`
)

func bundle(entries ...string) string {
	return `{"resourceType":"Bundle","type":"collection","entry":[` + strings.Join(entries, ",") + `]}`
}

func diagnosesBody() string { return bundle(patientB, observationB, intentionB) }

func recommendBody() string { return bundle(patientB, conditionB, intentionB) }

// resourceAt finds the resource a reference of the bundle means.
func resourceAt(b any, ref string) any {
	for _, e := range list(b, "entry") {
		if text(e, "fullUrl") == ref {
			return get(e, "resource")
		}
	}
	return nil
}

func exception(b any) string {
	return text(b, "entry", 0, "resource", "action", 0, "action", 0, "code", 0, "coding", 0, "code")
}

func issueCode(v any, n int) string { return text(v, "issue", n, "details", "coding", 0, "code") }

func TestGetDiagnosesAnswersTheWorkedExample(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.json(call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: diagnosesBody(), lang: "NL"}, 200)
	if get(got, "type") != "collection" || text(got, "identifier", "value") == "" || text(got, "timestamp") == "" {
		t.Errorf("bundle without type, identifier or timestamp: %v", got)
	}
	group := get(got, "entry", 0, "resource")
	if text(group, "resourceType") != "RequestGroup" || text(group, "action", 0, "selectionBehavior") != "one-or-more" {
		t.Errorf("first entry is %v", group)
	}
	var codes []string
	for _, a := range list(group, "action", 0, "action") {
		task := resourceAt(got, text(a, "resource", "reference"))
		condition := resourceAt(got, text(task, "input", 0, "valueReference", "reference"))
		codes = append(codes, text(condition, "code", "coding", 0, "code"))
		if text(condition, "verificationStatus", "coding", 0, "code") != "provisional" || resourceAt(got, text(condition, "subject", "reference")) == nil {
			t.Errorf("condition is %v", condition)
		}
	}
	if strings.Join(codes, " ") != "3074220 3074221 5000246 3074219 3074222" {
		t.Errorf("codes %v", codes)
	}
}

func TestGetDiagnosesFindsByFreeText(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	free := strings.Replace(observationB, `{"coding":[{"system":"http://snomed.info/sct","code":"20262006"}]}`, `{"text":"thunderclap head"}`, 1)
	got := w.json(call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: bundle(patientB, free), lang: "fr"}, 200)
	actions := list(got, "entry", 0, "resource", "action", 0, "action")
	if len(actions) != 2 || !strings.Contains(text(actions[0], "textEquivalent"), "Headache, thunderclap") {
		t.Errorf("actions %v", actions)
	}
}

func TestGetDiagnosesWithoutAHitIsTheExceptionWithStatus200(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	free := strings.Replace(observationB, `{"coding":[{"system":"http://snomed.info/sct","code":"20262006"}]}`, `{"text":"no such complaint"}`, 1)
	got := w.json(call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: bundle(patientB, free)}, 200)
	if code := exception(got); code != "guidance-unavailable" {
		t.Errorf("exception %q", code)
	}
}

func TestGetRecommendationsAnswersTheWorkedExample(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody(), lang: "nl-BE, fr;q=0.5"}, 200)
	top := get(got, "entry", 0, "resource", "action", 0)
	if text(top, "selectionBehavior") != "at-most-one" || text(top, "documentation", 0, "type") != "justification" {
		t.Errorf("top action is %v", top)
	}
	if label := text(top, "documentation", 0, "label"); !strings.Contains(label, "verzonnen scores, niet voor zorg") {
		t.Errorf("label %q lacks the sandbox's sentence", label)
	}
	first := get(top, "action", 0)
	if text(first, "textEquivalent") != "CT, hoofd, zonder i.v.-contrastmiddel" {
		t.Errorf("textEquivalent %q", text(first, "textEquivalent"))
	}
	for i, want := range []struct {
		kind         string
		value, outOf float64
	}{{"radiationexposure", 3, 5}, {"overall", 9, 10}} {
		parts := list(first, "extension", i, "extension")
		if text(parts[0], "valueCode") != want.kind || get(parts[1], "valueRatio", "numerator", "value") != want.value ||
			get(parts[1], "valueRatio", "denominator", "value") != want.outOf {
			t.Errorf("rating %d is %v", i, parts)
		}
	}
	sr := resourceAt(got, text(first, "resource", "reference"))
	if id := text(sr, "identifier", 0, "value"); id != "urn:uuid:22222222-bbbb-4bbb-8bbb-000000000001" {
		t.Errorf("the intended exam has identifier %q, not the client's", id)
	}
	if n := len(list(top, "action")); n != 3 {
		t.Errorf("%d options, want 3", n)
	}
}

func TestApplyRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	swap := func(s, old, with string) string {
		t.Helper()
		if !strings.Contains(s, old) {
			t.Fatalf("nothing to replace: %s", old)
		}
		return strings.Replace(s, old, with, 1)
	}
	const diagnoses, recommend, collect = "GetDiagnoses", "GetRecommendations", "GetDataToCollect"
	for _, tc := range []struct {
		name, operation, body string
		status                int
		kind, code            string
	}{
		{"SBX-JSON unreadable", diagnoses, `{"resourceType":`, 400, "value", "SBX-JSON"},
		{"SBX-JSON another resource", diagnoses, `{"resourceType":"Parameters"}`, 400, "value", "SBX-JSON"},
		{"SBX-JSON an entry without resource", diagnoses, bundle(`{"fullUrl":"urn:uuid:x"}`), 400, "value", "SBX-JSON"},
		{"SBX-JSON entry that is no list", diagnoses, `{"resourceType":"Bundle","type":"collection","entry":{}}`, 400, "value", "SBX-JSON"},
		{"SBX-JSON too deep", diagnoses, strings.Repeat("[", 100) + strings.Repeat("]", 100), 400, "value", "SBX-JSON"},
		{"SBX-BUNDLE-TYPE", diagnoses, swap(diagnosesBody(), "collection", "transaction"), 400, "value", "SBX-BUNDLE-TYPE"},
		{"SBX-PATIENT none", diagnoses, bundle(observationB), 400, "value", "SBX-PATIENT"},
		{"SBX-PATIENT two", diagnoses, bundle(patientB, patientB, observationB), 400, "value", "SBX-PATIENT"},
		{"SBX-PATIENT age missing", diagnoses, swap(diagnosesBody(), "PSSRelevantAge", "Other"), 400, "value", "SBX-PATIENT"},
		{"SBX-PATIENT age negative", diagnoses, swap(diagnosesBody(), `"value":53`, `"value":-1`), 400, "value", "SBX-PATIENT"},
		{"SBX-PATIENT age above 130", diagnoses, swap(diagnosesBody(), `"value":53`, `"value":131`), 400, "value", "SBX-PATIENT"},
		{"SBX-PATIENT age unit", diagnoses, swap(diagnosesBody(), `"code":"y"`, `"code":"h"`), 400, "value", "SBX-PATIENT"},
		{"SBX-PATIENT gender missing", diagnoses, swap(diagnosesBody(), `,"gender":"male"`, ``), 400, "value", "SBX-PATIENT"},
		{"SBX-PATIENT gender word", diagnoses, swap(diagnosesBody(), `"male"`, `"man"`), 400, "value", "SBX-PATIENT"},
		{"SBX-PATIENT-IDENTIFIED by birth date", diagnoses, swap(diagnosesBody(), `"id":"p1"`, `"birthDate":"1971-01-15"`), 422, "business-rule", "SBX-PATIENT-IDENTIFIED"},
		{"SBX-PATIENT-IDENTIFIED by identifier", diagnoses, swap(diagnosesBody(), `"id":"p1"`, `"identifier":[{"value":"x"}]`), 422, "business-rule", "SBX-PATIENT-IDENTIFIED"},
		{"SBX-PATIENT-IDENTIFIED by name", diagnoses, swap(diagnosesBody(), `"name":[{`, `"name":[{"family":"Peeters",`), 422, "business-rule", "SBX-PATIENT-IDENTIFIED"},
		{"SBX-PATIENT-IDENTIFIED by telecom", diagnoses, swap(diagnosesBody(), `"id":"p1"`, `"telecom":[{"value":"x"}]`), 422, "business-rule", "SBX-PATIENT-IDENTIFIED"},
		{"SBX-PATIENT-IDENTIFIED by address", diagnoses, swap(diagnosesBody(), `"id":"p1"`, `"address":[{"city":"x"}]`), 422, "business-rule", "SBX-PATIENT-IDENTIFIED"},
		{"SBX-CONDITION-COUNT in GetRecommendations", recommend, bundle(patientB), 400, "value", "SBX-CONDITION-COUNT"},
		{"SBX-CONDITION-COUNT in GetDataToCollect", collect, bundle(patientB, conditionB, conditionB), 400, "value", "SBX-CONDITION-COUNT"},
		{"SBX-OBSERVATION-COUNT", diagnoses, bundle(patientB), 400, "value", "SBX-OBSERVATION-COUNT"},
		{"SBX-STATUS of the Observation", diagnoses, swap(diagnosesBody(), `"final"`, `"preliminary"`), 422, "value", "SBX-STATUS"},
		{"SBX-STATUS status of the intention", diagnoses, swap(diagnosesBody(), `"status":"active"`, `"status":"draft"`), 422, "value", "SBX-STATUS"},
		{"SBX-STATUS intent of the intention", diagnoses, swap(diagnosesBody(), `"intent":"proposal"`, `"intent":"order"`), 422, "value", "SBX-STATUS"},
		{"SBX-STATUS clinicalStatus", recommend, swap(recommendBody(), `"code":"active"`, `"code":"resolved"`), 422, "value", "SBX-STATUS"},
		{"SBX-STATUS verificationStatus", recommend, swap(recommendBody(), `"provisional"`, `"confirmed"`), 422, "value", "SBX-STATUS"},
		{"SBX-STATUS category", recommend, swap(recommendBody(), `"problem-list-item"`, `"encounter-diagnosis"`), 422, "value", "SBX-STATUS"},
		{"SBX-DATE missing", recommend, swap(recommendBody(), `,"onsetDateTime":"2024-10-13"`, ``), 422, "value", "SBX-DATE"},
		{"SBX-DATE not ISO", recommend, swap(recommendBody(), `"2024-10-13"`, `"13/10/2024"`), 422, "value", "SBX-DATE"},
		{"SBX-DATE a day that does not exist", recommend, swap(recommendBody(), `"2024-10-13"`, `"2024-02-30"`), 422, "value", "SBX-DATE"},
		{"SBX-CODE-UNKNOWN indication", recommend, swap(recommendBody(), `"5000246"`, `"1"`), 422, "value", "SBX-CODE-UNKNOWN"},
		{"SBX-CODE-UNKNOWN procedure", recommend, swap(recommendBody(), `"114055"`, `"1"`), 422, "value", "SBX-CODE-UNKNOWN"},
		{"SBX-SYSTEM-UNKNOWN symptom", diagnoses, swap(diagnosesBody(), "http://snomed.info/sct", "http://loinc.org"), 422, "value", "SBX-SYSTEM-UNKNOWN"},
		{"SBX-SYSTEM-UNKNOWN procedure", diagnoses, swap(diagnosesBody(), "PSSQSIProcedures", "Other"), 422, "value", "SBX-SYSTEM-UNKNOWN"},
		{"SBX-CODE-UNKNOWN no code of the intention", diagnoses, swap(diagnosesBody(), `"code":{"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSQSIProcedures","code":"114055"}]}`, `"code":{"text":"CT"}`), 422, "value", "SBX-CODE-UNKNOWN"},
		{"SBX-SYSTEM-UNKNOWN one Condition of two", recommend, bundle(patientB, conditionB, swap(conditionB, "PSSQSIConditions", "Other"), intentionB), 422, "value", "SBX-SYSTEM-UNKNOWN"},
		{"SBX-CODE-UNKNOWN a second Condition without coding", recommend, bundle(patientB, conditionB, swap(conditionB, `"code":{"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSQSIConditions","code":"5000246"}]}`, `"code":{"text":"x"}`)), 422, "value", "SBX-CODE-UNKNOWN"},
		{"SBX-PATIENT age is no number", diagnoses, swap(diagnosesBody(), `"value":53`, `"value":"53"`), 400, "value", "SBX-PATIENT"},
		{"SBX-PATIENT age without value", diagnoses, swap(diagnosesBody(), `"value":53,`, ``), 400, "value", "SBX-PATIENT"},
		{"SBX-REQUEST-COUNT", recommend, bundle(patientB, conditionB, intentionB, intentionB), 400, "value", "SBX-REQUEST-COUNT"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.json(call{path: door + "/PlanDefinition/" + tc.operation + "/$apply", body: tc.body}, tc.status)
			found := false
			for i := range list(got, "issue") {
				if issueCode(got, i) == tc.code {
					found = true
					if kind := text(got, "issue", i, "code"); kind != tc.kind {
						t.Errorf("issue code %q, want %q", kind, tc.kind)
					}
					if d := text(got, "issue", i, "diagnostics"); !strings.Contains(d, "Error id trace-1") {
						t.Errorf("diagnostics %q lacks the error id", d)
					}
				}
			}
			if !found {
				t.Errorf("no issue %s in %v", tc.code, got)
			}
		})
	}
}

func TestAllIssuesAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	body := strings.NewReplacer(`"male"`, `"man"`, `"provisional"`, `"x"`, `"114055"`, `"1"`, `"2024-10-13"`, `"soon"`).Replace(recommendBody())
	got := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: body}, 400)
	var codes []string
	for i := range list(got, "issue") {
		codes = append(codes, issueCode(got, i))
	}
	if strings.Join(codes, " ") != "SBX-PATIENT SBX-CODE-UNKNOWN SBX-STATUS SBX-DATE" {
		t.Errorf("issues %v", codes)
	}
}

func TestAccessToTheFHIRDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, tc := range []struct {
		name, token string
		status      int
		code        string
	}{
		{"SBX-TOKEN missing", "-", 401, "SBX-TOKEN"},
		{"SBX-TOKEN bad", "forged", 401, "SBX-TOKEN"},
		{"SBX-TOKEN wrong audience", "elsewhere", 401, "SBX-TOKEN"},
		{"SBX-PSEUDO-TOKEN", "initial", 403, "SBX-PSEUDO-TOKEN"},
		{"SBX-IDENTITY nobody", "citizen", 403, "SBX-IDENTITY"},
		{"SBX-IDENTITY an organisation", "hospital", 403, "SBX-IDENTITY"},
		{"SBX-DISCIPLINE", "nurse", 403, "SBX-DISCIPLINE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody(), token: tc.token}, tc.status)
			if issueCode(got, 0) != tc.code {
				t.Errorf("issue %v", got)
			}
			last := w.tenant.Journal.Entries(journalOf("get-recommendations"))
			if r := last[len(last)-1].Refusal; r == nil || r.Rule != tc.code {
				t.Errorf("journal refusal %v, want rule %s", r, tc.code)
			}
		})
	}
	allowed := newWorld(t, map[string]string{"pss-allow-m2m": "true"})
	allowed.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody(), token: "hospital"}, 200)
}

func TestTransportRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	path := door + "/PlanDefinition/GetRecommendations/$apply"
	for _, tc := range []struct {
		name   string
		call   call
		status int
		code   string
	}{
		{"SBX-PATH", call{path: door + "/PlanDefinition/GetNothing/$apply", body: recommendBody()}, 404, "SBX-PATH"},
		{"SBX-METHOD", call{method: "DELETE", path: path}, 405, "SBX-METHOD"},
		{"SBX-ACCEPT", call{path: path, body: recommendBody(), accept: "application/fhir+xml"}, 406, "SBX-ACCEPT"},
		{"SBX-CONTENT-TYPE", call{path: path, body: recommendBody(), contentType: "application/fhir+xml"}, 415, "SBX-CONTENT-TYPE"},
		{"SBX-TOO-LARGE", call{path: path, body: strings.Repeat(" ", 1<<20+1)}, 413, "SBX-TOO-LARGE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.json(tc.call, tc.status)
			if text(got, "resourceType") != "OperationOutcome" || issueCode(got, 0) != tc.code || text(got, "issue", 0, "code") != "processing" {
				t.Errorf("answer %v", got)
			}
		})
	}
	w.json(call{path: path, body: recommendBody(), contentType: "application/json; charset=utf-8", accept: "application/json"}, 200)
	w.json(call{path: "/pss/fhir/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}, 200)
}

func TestLeniencyIsWarnedAboutInTheJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	body := strings.NewReplacer(`"male"`, `"Male"`, "pss/CodeSystem/PSSQSIConditions", "terminology/CodeSystem/be-cs-pss-qsi-indications",
		`"subject":{"reference":"Patient/p1"}`, `"subject":{"reference":"p1"}`).Replace(recommendBody())
	w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: body}, 200)
	entries := w.tenant.Journal.Entries(journalOf("get-recommendations"))
	rules := map[string]bool{}
	for _, warning := range entries[0].Warnings {
		rules[warning.Rule] = true
	}
	for _, rule := range []string{"pss-gender", "pss-system-alias", "pss-profile"} {
		if !rules[rule] {
			t.Errorf("no warning %s among %v", rule, rules)
		}
	}
	if rules["pss-reference"] {
		t.Error("the bare id of the Patient was not resolved")
	}
}

func TestMetadataNeedsNoToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.json(call{path: door + "/metadata", token: "-"}, 200)
	if get(got, "fhirVersion") != "4.0.1" || get(got, "kind") != "instance" || text(got, "implementation", "url") != w.server.URL+door {
		t.Errorf("metadata %v", got)
	}
}

func TestBothStepsOfRadiologyFitTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.json(call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: diagnosesBody()}, 200)
	entries := []string{patientB, intentionB}
	for _, e := range list(first, "entry") {
		if text(e, "resource", "resourceType") == "Condition" { // the prescriber ticks them all, and the software sends them as they came
			raw, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, string(raw))
		}
	}
	second := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: bundle(entries...)}, 200)
	if n := len(list(second, "entry", 0, "resource", "action", 0, "action")); len(entries) != 7 || n < 5 {
		t.Errorf("%d entries sent, %d options: %v", len(entries), n, second)
	}
	if text(first, "identifier", "value") == text(second, "identifier", "value") {
		t.Error("each answer has a PSS number of its own")
	}
}

func TestAPatientWithoutFullURLGetsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	bare := strings.Replace(patientB, `"fullUrl":"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001",`, "", 1)
	got := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: bundle(bare, conditionB)}, 200)
	subject := text(got, "entry", 0, "resource", "subject", "reference")
	if !strings.HasPrefix(subject, "urn:uuid:") || text(resourceAt(got, subject), "resourceType") != "Patient" {
		t.Errorf("subject %q", subject)
	}
}
