package check

import (
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// accepted is a departure from a sample that must not be refused. member and text are what the stored tree must then hold
// (empty: not looked at).
type accepted struct {
	name, template string
	edits          []string
	contains       string // in the stored JSON
	lacks          string
}

func TestWhatIsAllowedIsAccepted(t *testing.T) {
	t.Parallel()
	c := open(t)
	marked := func(text string) string {
		return `"` + text + `","_text":{"extension":[{"url":` + markerURL + `,"extension":[{"url":"marker","valueBoolean":true},{"url":"format","valueCode":"encrypted"},{"url":"version","valuePositiveInt":1}]}]}`
	}
	secret := sample.Encrypted(sample.DefaultKeyID)
	nursingURL := "https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/ereferral-servicerequest-nursing"
	for _, tc := range []accepted{
		{name: "the federal nursing profile", template: hygienic, edits: []string{`set meta.profile ["https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-referral-servicerequest-nursing"]`}, contains: `"profile":["` + nursingURL + `"]`},
		{name: "its drp twin with a version", template: hygienic, edits: []string{`set meta.profile ["https://www.ehealth.fgov.be/standards/fhir/drp/StructureDefinition/be-referral-servicerequest-nursing|1.1.1"]`}, contains: `"profile":["` + nursingURL + `"]`},
		{name: "the federal annex 81 profile", template: annex, edits: []string{`set meta.profile ["https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-referral-annex-81"]`}, contains: `/ereferral-annex-81"]`},
		{name: "its name in the package", template: annex, edits: []string{`set meta.profile ["https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-annex-81"]`}, contains: `/ereferral-annex-81"]`},
		{name: "the federal radiology profile", template: imaging, edits: []string{`set meta.profile ["https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-referral-servicerequest-diagnosticimaging"]`}, contains: `/ereferral-servicerequest-diagnosticimaging"]`},
		{name: "both names of one profile", template: hygienic, edits: []string{`add meta.profile "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-referral-servicerequest-nursing"`}, contains: `"profile":["` + nursingURL + `"]`},
		{name: "a draft", template: hygienic, edits: []string{`set status "draft"`}, contains: `"status":"active"`},
		{name: "a narrative, which is dropped", template: hygienic, edits: []string{`set text {"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}`}, lacks: `xhtml`},
		{name: "an id of the client, which is dropped", template: hygienic, edits: []string{`set id "my_own id"`}, lacks: `my_own`},
		{name: "identifiers of the server, which are dropped", template: hygienic, edits: []string{`add identifier {"system":"https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep-short","value":"AB12X4"}`}, lacks: `AB12X4`},
		{name: "an identifier of the client", template: hygienic, edits: []string{`add identifier {"system":"http://example.org/orders","value":"4711"}`}, contains: `4711`},
		{name: "no feedback", template: hygienic, edits: []string{`del extension[1]`}, contains: `be-ext-feedback-to-prescriber","valueBoolean":false`},
		{name: "the twin of the note type", template: hygienic, edits: []string{`set note[0].extension[0].url "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-codeable-concept"`}, contains: `core/StructureDefinition/be-ext-codeableconcept`},
		{name: "a note without type", template: hygienic, edits: []string{`del note[0].extension`}},
		{name: "an unknown note type", template: hygienic, edits: []string{`set note[0].extension[0].valueCodeableConcept.coding[0].code "other"`}},
		{name: "an unknown extension", template: hygienic, edits: []string{`add extension {"url":"http://example.org/x","valueDecimal":1.50}`}, contains: `1.50`},
		{name: "a nested unknown extension on a primitive", template: hygienic, edits: []string{`set _status {"extension":[{"url":"http://example.org/x","valueBoolean":true}]}`}, contains: `_status`},
		{name: "a category of another system", template: hygienic, edits: []string{`add category {"coding":[{"system":"http://example.org/x","code":"1"}]}`}},
		{name: "a category in words", template: hygienic, edits: []string{`add category {"text":"home"}`}},
		{name: "a system with a version", template: hygienic, edits: []string{`set category[0].coding[0].system "http://snomed.info/sct|http://snomed.info/sct/11000172109"`}},
		{name: "a display that differs", template: hygienic, edits: []string{`set code.coding[0].display "anything"`}},
		{name: "a procedure outside the preferred set", template: hygienic, edits: []string{`set code.coding[0].code "18629005"`}},
		{name: "an encrypted code text", template: hygienic, edits: []string{`set code {"coding":[{"system":"http://snomed.info/sct","code":"225964003"}],"text":` + marked(secret) + `}`}},
		{name: "a requester of an organisation", template: hygienic, edits: []string{`set requester.reference "PractitionerRole/72010100133-PHYSICIAN-NIHII-71000436000"`}},
		{name: "an absolute requester", template: hygienic, edits: []string{`set requester.reference "http://localhost:8080/uhmep/v1/PractitionerRole/72010100133-PHYSICIAN"`}, contains: `"reference":"PractitionerRole/72010100133-PHYSICIAN"`},
		{name: "a discipline with an underscore", template: hygienic, edits: []string{`set requester.reference "PractitionerRole/72010100133-PHYSICIAN_ASSISTANT"`}},
		{name: "form B for nursing", template: hygienic, edits: []string{`set subject {"reference":"Patient/` + sample.Pseudonym(2) + `"}`}},
		{name: "form B for annex 81", template: annex, edits: []string{`set subject {"reference":"Patient/` + sample.Pseudonym(2) + `"}`}},
		{name: "form A without use", template: hygienic, edits: []string{`del subject.identifier.use`}},
		{name: "form A with type Patient", template: hygienic, edits: []string{`set subject.type "Patient"`}},
		{name: "form C", template: imaging, edits: []string{`del subject.identifier`, `add contained[0].identifier {"system":"https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin","value":"` + sample.Pseudonym(2) + `","_value":{"extension":[{"url":` + markerURL + `,"extension":[{"url":"marker","valueBoolean":true}]}]}}`}},
		{name: "an uncompressed point", template: hygienic, edits: []string{`set subject.identifier.value "` + uncompressed() + `"`}},
		{name: "the other spelling of the prefix", template: hygienic, edits: []string{`set subject.identifier.value "` + strings.Replace(sample.Pseudonym(2), "urn:be:fgov:pseudo", "urn:be:fgov:ehealth:pseudo", 1) + `"`}},
		{name: "a marker without format and version", template: hygienic, edits: []string{`set note[0]._text {"extension":[{"url":` + markerURL + `,"extension":[{"url":"marker","valueBoolean":true}]}]}`}},
		{name: "a kid in the JWE header", template: hygienic, edits: []string{`set note[0].text "` + header(`{"alg":"dir","enc":"A256GCM","kid":"`+sample.DefaultKeyID+`"}`) + `"`}},
		{name: "a key without any text", template: "diabetic-education-convention-center"},
		{name: "no key and no text", template: "diabetic-education-convention-center", edits: []string{`del meta.extension`}},
		{name: "a status reason of the client", template: annex, edits: []string{`add extension {"url":"http://hl7.org/fhir/StructureDefinition/request-statusReason","valueCodeableConcept":{"text":` + marked(secret) + `}}`}},
		{name: "a laterality and a topography", template: "sampling", edits: []string{`add bodySite {"coding":[{"system":"http://snomed.info/sct","code":"78277001"}],"extension":[{"url":"https://www.ehealth.fgov.be/standards/fhir/core-clinical/StructureDefinition/be-ext-laterality","valueCoding":{"system":"http://snomed.info/sct","code":"24028007"}},{"url":"https://www.ehealth.fgov.be/standards/fhir/core-clinical/StructureDefinition/be-ext-body-topography","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"255561001"}]}}]}`}},
		{name: "replaces an earlier request", template: hygienic, edits: []string{`add replaces {"reference":"ServiceRequest/0b1c"}`}},
		{name: "basedOn a medication request", template: hygienic, edits: []string{`add basedOn {"reference":"MedicationRequest/1"}`}},
		{name: "no priority for nursing", template: hygienic, edits: []string{`del priority`}},
		{name: "an occurrence once a week for annex 81", template: annex, edits: []string{`set occurrenceTiming.repeat {"frequency":1,"period":1,"periodUnit":"wk","boundsDuration":{"value":3,"system":"http://unitsofmeasure.org","code":"mo"}}`}},
		{name: "a period of 1.0 for annex 81", template: annex, edits: []string{`set occurrenceTiming.repeat {"frequency":1,"period":1.0,"periodUnit":"wk"}`}, contains: `"period":1.0`},
		{name: "reasons in one concept", template: annex, edits: []string{`set reasonCode [{"coding":[{"system":"http://snomed.info/sct","code":"708014007"},{"system":"http://snomed.info/sct","code":"1137439008"}]}]`}},
		{name: "an id of the discipline of annex 81", template: annex, edits: []string{`set category[0].id "a"`, `set category[0].coding[0].userSelected true`}},
		{name: "an author and a time of a radiology note", template: imaging, edits: []string{`add note {"authorString":"x","time":"2026-11-02T09:30:00+01:00","text":` + marked(secret) + `}`}},
		{name: "a reason reference of radiology", template: imaging, edits: []string{`add reasonReference {"reference":"Condition/1"}`}},
		{name: "an id of a body site in radiology", template: imaging, edits: []string{`add bodySite {"id":"a","text":"head"}`}},
		{name: "a performer of annex 81", template: annex, edits: []string{`add performer {"reference":"PractitionerRole/80122410269-NURSE"}`}},
		{name: "a note of annex 81", template: annex, edits: []string{`add note {"text":` + marked(secret) + `}`}},
		{name: "an urgent exam", template: imaging, edits: []string{`set priority "urgent"`, `add extension {"url":` + urgencyURL + `,"valueString":"` + secret + `","_valueString":{"extension":[{"url":` + markerURL + `,"extension":[{"url":"marker","valueBoolean":true},{"url":"format","valueCode":"encrypted"}]}]}}`}},
		{name: "the track of an emergency", template: imaging, edits: []string{`set category[2].coding[0].code "urgency"`}},
		{name: "an exam whose id was rounded in the list", template: imaging, edits: []string{`set code.coding[0].code "16457501000119104"`}},
		{name: "the exam that misses a digit in the list", template: imaging, edits: []string{`set code.coding[0].code "303671000"`}},
		{name: "prior results", template: imaging, edits: []string{`add supportingInfo {"reference":"DiagnosticReport/1","extension":[{"url":` + roleURL + `,"valueCode":"prior-results"}]}`}},
		{name: "a prior request by reference", template: imaging, edits: []string{`add supportingInfo {"reference":"ServiceRequest/1","extension":[{"url":` + roleURL + `,"valueCode":"prior-request"}]}`}},
		{name: "an attention condition", template: imaging, edits: []string{`add supportingInfo {"display":"x","extension":[{"url":` + roleURL + `,"valueCode":"attention-condition"},{"url":` + conceptURL + `,"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"1"}]}}]}`}},
		{name: "supporting info without role", template: imaging, edits: []string{`add supportingInfo {"reference":"Observation/1"}`}},
		{name: "a condition of the SNOMED set", template: imaging, edits: []string{`set supportingInfo[1].extension[1].valueCodeableConcept.coding[0] {"system":"http://snomed.info/sct","code":"22253000"}`}},
		{name: "a condition of the other indication system", template: imaging, edits: []string{`set supportingInfo[1].extension[1].valueCodeableConcept.coding[0] {"system":"https://www.riziv-inami.be/standards/fhir/ereferral/CodeSystem/be-cs-pss-indication","code":"2506"}`}},
		{name: "a coded condition with words", template: imaging, edits: []string{`set supportingInfo[1].extension[1].valueCodeableConcept {"coding":[{"system":"http://snomed.info/sct","code":"22253000"}],"text":` + marked(secret) + `}`}},
		{name: "nothing but none", template: imaging, edits: []string{`set contained[1].item [{"linkId":"none","answer":[{"valueBoolean":true}]}]`}},
		{name: "none beside false answers", template: imaging, edits: []string{`set contained[1].item [{"linkId":"pregnancy","answer":[{"valueBoolean":false}]},{"linkId":"none","answer":[{"valueBoolean":true}]}]`}},
		{name: "two implants, one in words", template: imaging, edits: []string{`set contained[1].item[0].answer [{"valueCoding":{"system":"https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-implant-type","code":"icd"}},{"valueCoding":{"code":"other"},"item":[{"linkId":"implants-other","text":"Other","answer":[{"valueString":"` + secret + `","_valueString":{"extension":[{"url":` + markerURL + `,"extension":[{"url":"marker","valueBoolean":true}]}]}}]}]}]`}},
		{name: "the drp questionnaire", template: imaging, edits: []string{`set contained[1].questionnaire "https://www.ehealth.fgov.be/standards/fhir/drp/Questionnaire/be-questionnaire-imaging-attention-conditions"`}},
		{name: "a checklist that does not name its questionnaire", template: imaging, edits: []string{`del contained[1].questionnaire`}},
		{name: "a patient profile with a version", template: imaging, edits: []string{`set contained[0].meta.profile ["https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-patient|2.2.0"]`}},
		{name: "no PSS reference", template: imaging, edits: []string{`del extension[1]`}},
		{name: "no reason for radiology", template: imaging, edits: []string{`del reasonCode`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			sr, issues := c.ServiceRequest(edited(t, tc.template, tc.edits...), ctx())
			if errs := Errors(issues); len(errs) > 0 {
				t.Fatalf("got %s, want acceptance", errs[0].Diagnostics())
			}
			stored := string(tree.Encode(sr.Tree))
			if !strings.Contains(stored, tc.contains) {
				t.Errorf("got %s, want %s in it", stored, tc.contains)
			}
			if tc.lacks != "" && strings.Contains(stored, tc.lacks) {
				t.Errorf("got %s, want no %s in it", stored, tc.lacks)
			}
		})
	}
}

// uncompressed is a pseudonym whose point has 133 bytes.
func uncompressed() string {
	good := sample.Pseudonym(2)
	transit := good[strings.LastIndexByte(good, ':'):]
	return "urn:be:fgov:pseudo:v2:BA" + strings.Repeat("A", 176) + transit
}

func TestActorRules(t *testing.T) {
	t.Parallel()
	const at = "ServiceRequest.requester.reference"
	set := func(s string) []string { return []string{`set requester.reference "` + s + `"`} }
	runRefused(t, []change{
		{"an id without discipline", hygienic, set("PractitionerRole/72010100133"), refusal{"actor-form", at, ActorUnresolved, 422}},
		{"a discipline in small letters", hygienic, set("PractitionerRole/72010100133-physician"), refusal{"actor-form", at, ActorUnresolved, 422}},
		{"an organisation number without NIHII-", hygienic, set("PractitionerRole/72010100133-PHYSICIAN-71000436000"), refusal{"actor-form", at, ActorUnresolved, 422}},
		{"a number with wrong check digits", hygienic, set("PractitionerRole/72010100134-PHYSICIAN"), refusal{"actor-ssin", at, ActorUnresolved, 422}},
		{"another server", hygienic, set("http://example.org/fhir/PractitionerRole/72010100133-PHYSICIAN"), refusal{"actor-form", at, ActorUnresolved, 422}},
		{"a practitioner", hygienic, set("Practitioner/72010100133"), refusal{"actor-form", at, ActorUnresolved, 422}},
		{"only a display", hygienic, []string{`set requester {"display":"Dr Peeters"}`}, refusal{"actor-reference", at, ActorUnresolved, 422}},
	})
	for ssin, want := range map[string]bool{"72010100133": true, "72010100134": false, "7201010013": false, "": false, "abcdefghijk": false, "00010100105": true} {
		if got := ValidSSIN(ssin); got != want {
			t.Errorf("ValidSSIN(%q): got %v, want %v", ssin, got, want)
		}
	}
}

func TestIssuesComeInOrderAndBounded(t *testing.T) {
	t.Parallel()
	c := open(t)
	body := edited(t, hygienic, `set colour 1`, `del meta.extension`, `set intent "proposal"`, `del authoredOn`, `set category[0].coding[0].code "1"`, `set extension[0].valuePeriod.start "2020-01-01"`)
	_, first := c.ServiceRequest(body, ctx())
	if Status(first) != 400 {
		t.Errorf("got status %d, want 400: the unknown element comes first", Status(first))
	}
	stage := StageParse
	for _, issue := range Errors(first) {
		if issue.Stage < stage {
			t.Errorf("got %s after stage %d", issue.Rule, stage)
		}
		stage = issue.Stage
	}
	for range 5 {
		_, again := c.ServiceRequest(body, ctx())
		for i := range first {
			if again[i] != first[i] {
				t.Fatalf("got %+v, want %+v", again[i], first[i])
			}
		}
	}
	var many []string
	for range 60 {
		many = append(many, `add note {"text":"clear"}`)
	}
	if _, issues := c.ServiceRequest(edited(t, hygienic, many...), ctx()); len(issues) != MaxIssues {
		t.Errorf("got %d issues, want %d", len(issues), MaxIssues)
	}
}

func TestIndexesAreOrderedAsNumbers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"note[2].text", "note[10].text", true}, {"note[10].text", "note[2].text", false}, {"note[9]", "note[12]", true}, {"note[19]", "note[12]", false},
		{"code", "note", true}, {"note", "note[0]", true}, {"a", "a", false},
	} {
		if got := pathBefore(tc.a, tc.b); got != tc.want {
			t.Errorf("%s before %s: got %v, want %v", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestAccessChecksStandBetweenStages(t *testing.T) {
	t.Parallel()
	_, issues := open(t).ServiceRequest(edited(t, hygienic, `set extension[0].valuePeriod.start "2020-01-01"`), ctx())
	if got := Errors(Until(issues, StageAccess)); len(got) > 0 {
		t.Errorf("got %+v before the access checks, want none", got)
	}
	if got := Errors(From(issues, StageAccess)); len(got) != 1 || got[0].Rule != "validity-start-early" {
		t.Errorf("got %+v after the access checks, want the validity rule", got)
	}
}

func TestOtherResourceTypesAreRefused(t *testing.T) {
	t.Parallel()
	doc, issues := open(t).ServiceRequest([]byte(`{"resourceType":"Patient"}`), ctx())
	if doc != nil || len(issues) != 1 || issues[0].Rule != "resource-type" || issues[0].Status != 400 {
		t.Errorf("got %+v, want resource-type", issues)
	}
	if _, issues := open(t).ServiceRequest([]byte(`not json`), ctx()); Status(issues) != 400 {
		t.Errorf("got %+v, want 400", issues)
	}
}
