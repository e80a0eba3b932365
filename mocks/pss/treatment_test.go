package pss_test

import (
	"strings"
	"testing"
)

// diagnosed is a Condition of the antimicrobial domain.
func diagnosed(system, code string) string {
	return `{"fullUrl":"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000005","resource":{"resourceType":"Condition","id":"c2",
   "clinicalStatus":{"coding":[{"code":"active"}]},"verificationStatus":{"coding":[{"code":"confirmed"}]},
   "category":[{"coding":[{"code":"encounter-diagnosis"}]}],
   "code":{"coding":[{"system":"` + system + `","code":"` + code + `"}]},"subject":{"reference":"Patient/p1"},"onsetDateTime":"2026-11-20"}}`
}

// answered is a QuestionnaireResponse with the items.
func answered(items string) string {
	return `{"fullUrl":"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000006","resource":{"resourceType":"QuestionnaireResponse","status":"completed",
   "authored":"2026-11-24T10:00:00Z","questionnaire":"urn:uuid:x","item":[` + items + `]}}`
}

const (
	bacterial = `{"linkId":"sp_excMand_knownPathogen_vag","answer":[{"valueCoding":{"system":"https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSCodes","code":"pv_bacterial_vag"}}]}`
	infant    = `{"linkId":"sp_riskOnComplications_aom","answer":[{"valueBoolean":true,"item":[{"linkId":"pv_isInfant_aom","answer":[{"valueBoolean":true}]}]}]}`
)

func TestGetDataToCollectReturnsTheQuestionnaire(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.json(call{path: door + "/PlanDefinition/GetDataToCollect/$apply", body: bundle(patientB, diagnosed("http://snomed.info/sct", "3110003"))}, 200)
	group := get(got, "entry", 0, "resource")
	task := resourceAt(got, text(group, "action", 0, "action", 0, "resource", "reference"))
	if text(task, "code", "coding", 0, "code") != "collect-information" {
		t.Errorf("task %v", task)
	}
	form := resourceAt(got, text(task, "input", 0, "valueCanonical"))
	if text(form, "language") != "nl-BE" || len(list(form, "item")) != 5 {
		t.Errorf("questionnaire %v", form)
	}
	for i, want := range []struct{ id, kind string }{
		{"sp_isChildSeverelyIll_aom", "boolean"}, {"sp_riskOnComplications_aom", "boolean"}, {"sp_earFluidWithEarTube_aom", "boolean"},
		{"sp_exc_48hAbIntake_aom", "choice"}, {"sp_exc_penicillinAllergy", "choice"},
	} {
		item := get(form, "item", i)
		if text(item, "linkId") != want.id || text(item, "type") != want.kind || get(item, "required") != false {
			t.Errorf("item %d is %v", i, item)
		}
		if text(item, "_text", "extension", 0, "extension", 0, "valueCode") != "fr-BE" {
			t.Errorf("item %d has no French text", i)
		}
	}
	immune := get(form, "item", 1, "item", 3)
	if text(immune, "linkId") != "pv_compromisedImmuneSystem" || !strings.HasSuffix(text(immune, "extension", 0, "url"), "/CodeValueSet") {
		t.Errorf("nested item %v", immune)
	}
	set := get(form, "contained", 0)
	if "#"+text(set, "id") != text(immune, "extension", 0, "valueCanonical") || text(set, "compose", "include", 0, "concept", 0, "code") != "234532001" ||
		text(set, "compose", "include", 2, "system") != "http://hl7.org/fhir/sid/icd-10" {
		t.Errorf("the value set %v is not what %v points at", set, immune)
	}
	options := list(form, "item", 3, "answerOption")
	if text(options[len(options)-1], "valueCoding", "code") != "none" {
		t.Errorf("an exclusive question must offer none: %v", options)
	}
}

func TestGetDataToCollectWithoutQuestions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.json(call{path: door + "/PlanDefinition/GetDataToCollect/$apply", body: bundle(patientB, diagnosed("http://hl7.org/fhir/sid/icpc-2", "R80"))}, 200)
	kinds := map[string]int{}
	for _, e := range list(got, "entry") {
		kinds[text(e, "resource", "resourceType")]++
	}
	if kinds["Questionnaire"] != 0 || kinds["Task"] != 1 || kinds["Patient"] != 1 || kinds["RequestGroup"] != 1 {
		t.Errorf("resources %v", kinds)
	}
}

func TestTheTaskCanReferToTheQuestionnaireAsTheCookbookDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"pss-task-input": "reference"})
	got := w.json(call{path: door + "/PlanDefinition/GetDataToCollect/$apply", body: bundle(patientB, diagnosed("PSS_INDICATION", "VAGINITIS"))}, 200)
	task := resourceAt(got, text(got, "entry", 0, "resource", "action", 0, "action", 0, "resource", "reference"))
	form := resourceAt(got, text(task, "input", 0, "valueReference", "reference"))
	if get(form, "item", 0, "required") != true || len(list(form, "item", 0, "answerOption")) != 3 {
		t.Errorf("a mandatory choice is required and has no none: %v", form)
	}
}

func TestAntimicrobialRecommendations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	path := door + "/PlanDefinition/GetRecommendations/$apply"
	got := w.json(call{path: path, body: bundle(patientB, diagnosed("http://hl7.org/fhir/sid/icd-10", "N76.0"), answered(bacterial))}, 200)
	top := get(got, "entry", 0, "resource", "action", 0)
	if text(top, "documentation", 0, "type") != "documentation" || text(top, "documentation", 1, "_label", "extension", 0, "valueCode") != "fr-BE" {
		t.Errorf("documentation %v", get(top, "documentation"))
	}
	advice := get(top, "action", 0)
	message := resourceAt(got, text(advice, "resource", "reference"))
	if text(message, "resourceType") != "CommunicationRequest" || get(message, "payload", 0, "contentString") != nil ||
		text(message, "payload", 0, "_contentString", "extension", 0, "valueMarkdown") != "algemeen advies" {
		t.Errorf("advice %v", message)
	}
	medicine := get(top, "action", 1)
	if parts := list(medicine, "extension", 0, "extension"); get(parts[1], "valueRatio", "numerator", "value") != 3.0 ||
		get(parts[1], "valueRatio", "denominator", "value") != 3.0 || text(parts[2], "valueMarkdown") == "" ||
		text(parts[2], "_valueMarkdown", "extension", 0, "extension", 1, "valueString") == "" {
		t.Errorf("rating %v", parts)
	}
	mr := resourceAt(got, text(medicine, "resource", "reference"))
	if text(mr, "medicationCodeableConcept", "coding", 0, "code") != "J01XD01" || text(mr, "medicationCodeableConcept", "coding", 1, "code") != "21436" ||
		get(mr, "dosageInstruction", 0, "timing", "repeat", "frequency") != 2.0 {
		t.Errorf("medication %v", mr)
	}
	combined := w.json(call{path: path, body: bundle(patientB, diagnosed("PSS_INDICATION", "PID"))}, 200)
	both := get(combined, "entry", 0, "resource", "action", 0, "action", 0)
	if text(both, "selectionBehavior") != "all" || len(list(both, "action")) != 2 || resourceAt(combined, text(both, "action", 1, "resource", "reference")) == nil {
		t.Errorf("combination %v", both)
	}
}

func TestTheRecordAnswersQuestions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	weak := `{"fullUrl":"urn:uuid:11111111-aaaa-4aaa-8aaa-000000000007","resource":{"resourceType":"Condition","code":{"coding":[{"system":"http://snomed.info/sct","code":"234532001"}]}}}`
	w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply",
		body: bundle(patientB, diagnosed("http://snomed.info/sct", "3110003"), weak, answered(""))}, 200)
	got := w.json(call{path: "/_sandbox/pss/exchanges"}, 200)
	if rule := text(got, "exchanges", 0, "ruleIds", 0); rule != "AB25" {
		t.Errorf("rule %q, want AB25", rule)
	}
}

func TestAntimicrobialRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	otitis, vaginitis, flu := diagnosed("http://snomed.info/sct", "3110003"), diagnosed("PSS_INDICATION", "VAGINITIS"), diagnosed("PSS_INDICATION", "INFLUENZA")
	item := func(id, answer string) string { return `{"linkId":"` + id + `","answer":[` + answer + `]}` }
	for _, tc := range []struct{ name, body, code string }{
		{"SBX-QR-UNEXPECTED", bundle(patientB, flu, answered("")), "SBX-QR-UNEXPECTED"},
		{"SBX-QR-UNEXPECTED two", bundle(patientB, otitis, answered(infant), answered(infant)), "SBX-QR-UNEXPECTED"},
		{"SBX-QR-MISSING", bundle(patientB, otitis), "SBX-QR-MISSING"},
		{"SBX-QR-ANSWER mandatory", bundle(patientB, vaginitis, answered("")), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER none of a mandatory choice", bundle(patientB, vaginitis, answered(strings.Replace(bacterial, "pv_bacterial_vag", "none", 1))), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER no such option", bundle(patientB, vaginitis, answered(strings.Replace(bacterial, "pv_bacterial_vag", "pv_other", 1))), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER boolean for a choice", bundle(patientB, vaginitis, answered(item("sp_excMand_knownPathogen_vag", `{"valueBoolean":true}`))), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER coding for a boolean", bundle(patientB, otitis, answered(item("sp_isChildSeverelyIll_aom", `{"valueCoding":{"code":"x"}}`))), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER coding for a variable", bundle(patientB, otitis, answered(item("pv_isInfant_aom", `{"valueCoding":{"code":"x"}}`))), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER text", bundle(patientB, otitis, answered(item("sp_isChildSeverelyIll_aom", `{"valueString":"yes"}`))), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER boolean in quotes", bundle(patientB, otitis, answered(item("sp_isChildSeverelyIll_aom", `{"valueBoolean":"true"}`))), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER two answers", bundle(patientB, otitis, answered(item("sp_isChildSeverelyIll_aom", `{"valueBoolean":true},{"valueBoolean":true}`))), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER a variable out of step", bundle(patientB, otitis, answered(infant+","+item("pv_isInfant_aom", `{"valueBoolean":false}`))), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER an item without linkId", bundle(patientB, otitis, answered(`{"answer":[]}`)), "SBX-QR-ANSWER"},
		{"SBX-QR-ANSWER no questionnaire", bundle(patientB, otitis, strings.Replace(answered(infant), `"questionnaire":"urn:uuid:x",`, "", 1)), "SBX-QR-ANSWER"},
		{"SBX-STATUS of the answers", bundle(patientB, otitis, strings.Replace(answered(infant), "completed", "in-progress", 1)), "SBX-STATUS"},
		{"SBX-STATUS clinicalStatus of the diagnosis", bundle(patientB, strings.Replace(flu, `"active"`, `"resolved"`, 1)), "SBX-STATUS"},
		{"SBX-STATUS category of the diagnosis", bundle(patientB, strings.Replace(flu, "encounter-diagnosis", "problem-list-item", 1)), "SBX-STATUS"},
		{"SBX-STATUS verificationStatus of the diagnosis", bundle(patientB, strings.Replace(flu, "confirmed", "provisional", 1)), "SBX-STATUS"},
		{"SBX-STATUS of a medication", bundle(patientB, flu, `{"fullUrl":"urn:uuid:1","resource":{"resourceType":"MedicationRequest","status":"completed","intent":"proposal"}}`), "SBX-STATUS"},
		{"SBX-STATUS intent of a medication", bundle(patientB, flu, `{"fullUrl":"urn:uuid:1","resource":{"resourceType":"MedicationRequest","status":"active","intent":"order"}}`), "SBX-STATUS"},
		{"SBX-DATE authored", bundle(patientB, otitis, strings.Replace(answered(infant), "2026-11-24T10:00:00Z", "today", 1)), "SBX-DATE"},
		{"SBX-DATE onset", bundle(patientB, strings.Replace(flu, "2026-11-20", "20-11-2026", 1)), "SBX-DATE"},
		{"SBX-SYSTEM-UNKNOWN diagnosis", bundle(patientB, diagnosed("http://loinc.org", "1")), "SBX-SYSTEM-UNKNOWN"},
		{"SBX-SYSTEM-UNKNOWN answer", bundle(patientB, vaginitis, answered(strings.Replace(bacterial, "pss/CodeSystem/PSSCodes", "other", 1))), "SBX-SYSTEM-UNKNOWN"},
		{"SBX-CODE-UNKNOWN diagnosis", bundle(patientB, diagnosed("http://snomed.info/sct", "20262006")), "SBX-CODE-UNKNOWN"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: tc.body}, 422)
			if issueCode(got, 0) != tc.code || len(list(got, "issue")) != 1 {
				t.Errorf("issues %v", got)
			}
		})
	}
}

func TestADiagnosisWithoutCodingIsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	words := strings.Replace(diagnosed("X", "Y"), `{"coding":[{"system":"X","code":"Y"}]}`, `{"text":"flu"}`, 1)
	for _, operation := range []string{"GetDataToCollect", "GetRecommendations"} {
		got := w.json(call{path: door + "/PlanDefinition/" + operation + "/$apply", body: bundle(patientB, words)}, 422)
		if issueCode(got, 0) != "SBX-CODE-UNKNOWN" {
			t.Errorf("%s: %v", operation, got)
		}
	}
}

func TestDoorC(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	base := "/pss/v1/domains/ANTIMICROBIALS"
	all := w.json(call{path: base + "/indications"}, 200)
	if n := len(list(all, "indications")); n != 26 || text(all, "indications", 0, "system") != "PSS_INDICATION" {
		t.Errorf("%d indications: %v", n, all)
	}
	asks := w.json(call{path: base + "/indications/OTITIS_MEDIA_ACUTA/support-parameters"}, 200)
	if n := len(list(asks, "supportParameters")); n != 5 || get(asks, "supportParameters", 3, "exclusive") != true ||
		text(asks, "supportParameters", 1, "patientVariables", 3, "authorizedCodes", 0, "code") != "234532001" {
		t.Errorf("parameters %v", asks)
	}
	body := `{"language":"NL","age":2,"supportParameterValues":[{"identifier":{"code":"sp_riskOnComplications_aom"},"patientVariableValues":[{"identifier":"pv_isInfant_aom","value":"true"}]}]}`
	first := w.do(call{path: base + "/indications/OTITIS_MEDIA_ACUTA/support", body: body, contentType: "application/json"})
	if first.status != 200 {
		t.Fatalf("support: %d %s", first.status, first.body)
	}
	got := w.json(call{path: base + "/support/" + exchangeOf(first.body)}, 200)
	if text(got, "responseId") != "AB25" || get(got, "supportOptions", 0, "score") != 3.0 || text(got, "disclaimer", 0, "language") != "NL" {
		t.Errorf("answer %v", got)
	}
	if !strings.Contains(text(got, "supportOptions", 0, "evidenceSummary", "translations", 0, "value"), "verzonnen scores") {
		t.Errorf("evidenceSummary %v", get(got, "supportOptions", 0, "evidenceSummary"))
	}
	if text(got, "request", "supportParameterValues", 1, "patientVariableValues", 0, "value") != "true" {
		t.Errorf("values %v", get(got, "request", "supportParameterValues"))
	}
	for _, tc := range []struct {
		name, path, body string
		status           int
	}{
		{"unknown indication", "/indications/X/support-parameters", "", 404},
		{"unknown number", "/support/x", "", 404},
		{"unknown parameter", "/indications/VAGINITIS/support", `{"supportParameterValues":[{"identifier":"x"}]}`, 422},
		{"unknown parameter of an infection without questions", "/indications/INFLUENZA/support", `{"supportParameterValues":[{"identifier":"x"}]}`, 422},
		{"value of a parameter", "/indications/OTITIS_MEDIA_ACUTA/support", `{"supportParameterValues":[{"identifier":"sp_isChildSeverelyIll_aom","value":"perhaps"}]}`, 422},
		{"value of an exclusive parameter", "/indications/OTITIS_MEDIA_ACUTA/support", `{"supportParameterValues":[{"identifier":"sp_exc_penicillinAllergy","value":"true"}]}`, 422},
		{"mandatory missing", "/indications/VAGINITIS/support", `{"supportParameterValues":[]}`, 422},
		{"two of an exclusive parameter", "/indications/VAGINITIS/support", `{"supportParameterValues":[{"identifier":"sp_excMand_knownPathogen_vag","patientVariableValues":[{"identifier":"pv_candida_vag","value":"true"},{"identifier":"pv_bacterial_vag","value":"true"}]}]}`, 422},
		{"unknown variable", "/indications/VAGINITIS/support", `{"supportParameterValues":[{"identifier":"sp_excMand_knownPathogen_vag","patientVariableValues":[{"identifier":"pv_x","value":"true"}]}]}`, 422},
		{"age", "/indications/INFLUENZA/support", `{"age":"old"}`, 422},
		{"broken JSON", "/indications/INFLUENZA/support", `{`, 400},
		{"a list", "/indications/INFLUENZA/support", `[]`, 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if a := w.do(call{path: base + tc.path, body: tc.body, contentType: "application/json"}); a.status != tc.status {
				t.Errorf("status %d, want %d: %s", a.status, tc.status, a.body)
			}
		})
	}
	if a := w.do(call{path: base + "/indications", token: "nurse"}); a.status != 403 {
		t.Errorf("a nurse: %d, want 403", a.status)
	}
}
