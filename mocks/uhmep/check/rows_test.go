package check

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
)

// TestRemainingRowsRefuse has the rows of profiles and extensions that no other table is about.
func TestRemainingRowsRefuse(t *testing.T) {
	t.Parallel()
	const (
		sr      = "ServiceRequest."
		uhmep   = `"https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep"`
		short   = `"https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep-short"`
		ssin    = `"https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"`
		reason  = `{"url":"http://hl7.org/fhir/StructureDefinition/request-statusReason","valueCodeableConcept":{"coding":[{"code":"a"}]}}`
		latest  = `{"url":"` + ref + `be-ext-latest-end-date","valueDateTime":"2027-01-01"}`
		urgency = `{"url":` + urgencyURL + `,"valueString":"a"}`
		other   = `{"system":"http://example.org/x","code":"1"}`
		noteTyp = `{"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-codeableconcept","valueCodeableConcept":{"coding":[{"code":"a"}]}}`
		modal   = `{"url":` + conceptURL + `,"valueCodeableConcept":{"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-imaging-modality","code":"mri"}]}}`
		text    = `"urn:x"`
	)
	role := func(code string) string { return `{"url":` + roleURL + `,"valueCode":"` + code + `"}` }
	twice := func(path, item string) []string {
		return []string{"add " + path + " " + item, "add " + path + " " + item}
	}
	runRefused(t, []change{
		{"two short codes", hygienic, twice("identifier", `{"system":`+short+`,"value":"AB12X4"}`), violation(common+"identifier[SHORT]"+card, sr+"identifier[SHORT]")},
		{"a short code without value", hygienic, []string{`add identifier {"system":` + short + `}`}, violation(common+"identifier[SHORT].value"+card, sr+"identifier[SHORT].value")},
		{"two latest end dates", hygienic, twice("extension", latest), violation(nursing+"extension[latest]"+card, sr+"extension[latest]")},
		{"two status reasons", hygienic, twice("extension", reason), violation(common+"extension[statusReason]"+card, sr+"extension[statusReason]")},
		{"a discipline without code", hygienic, []string{`del category[0].coding[0].code`}, violation(nursing+"category[discipline].coding.code"+card, sr+"category[discipline].coding[0].code")},
		{"a discipline of two systems", hygienic, []string{`add category[0].coding ` + other}, violation(nursing+"category[discipline].coding.system:fixed", sr+"category[discipline].coding[1].system")},
		{"a template of two systems", hygienic, []string{`add category[1].coding ` + other}, violation(nursing+"category[prescriptionType].coding.system:fixed", sr+"category[prescriptionType].coding[1].system")},

		{"annex 81: two UHMEP identifiers", annex, twice("identifier", `{"system":`+uhmep+`,"value":"a"}`), violation(annexP+"identifier[UHMEP]"+card, sr+"identifier[UHMEP]")},
		{"annex 81: a UHMEP identifier without value", annex, []string{`add identifier {"system":` + uhmep + `}`}, violation(annexP+"identifier[UHMEP].value"+card, sr+"identifier[UHMEP].value")},
		{"annex 81: two short codes", annex, twice("identifier", `{"system":`+short+`,"value":"AB12X4"}`), violation(annexP+"identifier[SHORT]"+card, sr+"identifier[SHORT]")},
		{"annex 81: a short code without value", annex, []string{`add identifier {"system":` + short + `}`}, violation(annexP+"identifier[SHORT].value"+card, sr+"identifier[SHORT].value")},
		{"annex 81: an intent outside the set", annex, []string{`set intent "plan"`}, refusal{annexP + "intent:binding", sr + "intent", TerminologyViolation, 422}},
		{"annex 81: no category", annex, []string{`del category`}, violation(annexP+"category"+card, sr+"category")},
		{"annex 81: a discipline of two codings", annex, []string{`add category[0].coding ` + other}, violation(annexP+"category[discipline].coding"+card, sr+"category[discipline].coding[1]")},
		{"annex 81: a discipline of two systems", annex, []string{`add category[0].coding ` + other}, violation(annexP+"category[discipline].coding.system:fixed", sr+"category[discipline].coding[1].system")},
		{"annex 81: a discipline without code", annex, []string{`del category[0].coding[0].code`}, violation(annexP+"category[discipline].coding.code"+card, sr+"category[discipline].coding[0].code")},
		{"annex 81: two templates", annex, []string{`add category {"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type","code":"sampling"}]}`}, violation(annexP+"category[annex81TechnicalType]"+card, sr+"category[annex81TechnicalType]")},
		{"annex 81: a template of two codings", annex, []string{`add category[1].coding ` + other}, violation(annexP+"category[annex81TechnicalType].coding"+card, sr+"category[annex81TechnicalType].coding[1]")},
		{"annex 81: a template of two systems", annex, []string{`add category[1].coding ` + other}, violation(annexP+"category[annex81TechnicalType].coding.system:fixed", sr+"category[annex81TechnicalType].coding[1].system")},
		{"annex 81: a template outside the set", annex, []string{`set category[1].coding[0].code "sampling"`}, refusal{annexP + "category[annex81TechnicalType]:binding", sr + "category[annex81TechnicalType]", TerminologyViolation, 422}},
		{"annex 81: a code without system", annex, []string{`del code.coding[0].system`}, violation(annexP+"code.coding.system"+card, sr+"code.coding[0].system")},
		{"annex 81: a code of another system", annex, []string{`set code.coding[0].system "http://example.org/x"`}, violation(annexP+"code.coding.system:fixed", sr+"code.coding[0].system")},
		{"annex 81: a coding without code", annex, []string{`del code.coding[0].code`}, violation(annexP+"code.coding.code"+card, sr+"code.coding[0].code")},
		{"annex 81: a practitioner as requester", annex, []string{`set requester.reference "Practitioner/72010100133"`}, violation(annexP+"requester:type", sr+"requester.reference")},
		{"annex 81: two note types", annex, []string{`add note {"text":` + text + `,"extension":[` + noteTyp + `,` + noteTyp + `]}`}, violation(annexP+"note.extension[code]"+card, sr+"note[0].extension[code]")},

		{"radiology: no checklist", imaging, []string{`del contained[1]`}, violation(imageP+"contained[safetyChecklist]"+card, sr+"contained[safetyChecklist]")},
		{"radiology: two justifications", imaging, twice("extension", urgency), violation(imageP+"extension[urgencyJustification]"+card, sr+"extension[urgencyJustification]")},
		{"radiology: a discipline of two systems", imaging, []string{`add category[0].coding ` + other}, violation(imageP+"category[discipline].coding.system:fixed", sr+"category[discipline].coding[1].system")},
		{"radiology: a discipline without code", imaging, []string{`del category[0].coding[0].code`}, violation(imageP+"category[discipline].coding.code"+card, sr+"category[discipline].coding[0].code")},
		{"radiology: a template of two systems", imaging, []string{`add category[1].coding ` + other}, violation(imageP+"category[prescriptionType].coding.system:fixed", sr+"category[prescriptionType].coding[1].system")},
		{"radiology: prior results with two roles", imaging, []string{`add supportingInfo {"display":"x","extension":[` + role("prior-results") + `,` + role("prior-results") + `]}`}, violation(imageP+"supportingInfo[priorResults].extension[role]"+card, sr+"supportingInfo[priorResults].extension[role]")},
		{"radiology: a prior request with two roles", imaging, []string{`add supportingInfo[3].extension ` + role("prior-request")}, violation(imageP+"supportingInfo[priorRequest].extension[role]"+card, sr+"supportingInfo[priorRequest].extension[role]")},
		{"radiology: a prior request with two modalities", imaging, []string{`add supportingInfo[3].extension ` + modal}, violation(imageP+"supportingInfo[priorRequest].extension[concept]"+card, sr+"supportingInfo[priorRequest].extension[concept]")},
		{"radiology: an attention condition with two roles", imaging, []string{`add supportingInfo {"display":"x","extension":[` + role("attention-condition") + `,` + role("attention-condition") + `]}`}, violation(imageP+"supportingInfo[attentionCondition].extension[role]"+card, sr+"supportingInfo[attentionCondition].extension[role]")},
		{"radiology: an attention condition with two concepts", imaging, []string{`add supportingInfo {"display":"x","extension":[` + role("attention-condition") + `,` + modal + `,` + modal + `]}`}, violation(imageP+"supportingInfo[attentionCondition].extension[concept]"+card, sr+"supportingInfo[attentionCondition].extension[concept]")},
		{"radiology: a patient condition with two concepts", imaging, []string{`add supportingInfo[1].extension ` + modal}, violation(imageP+"supportingInfo[patientCondition].extension[concept]"+card, sr+"supportingInfo[patientCondition].extension[concept]")},
		{"radiology: a checklist entry with two roles", imaging, []string{`add supportingInfo[0].extension ` + role("safety-checklist")}, violation(imageP+"supportingInfo[safetyChecklist].extension[role]"+card, sr+"supportingInfo[safetyChecklist].extension[role]")},
		{"radiology: a checklist entry on a request", imaging, []string{`set supportingInfo[0].reference "ServiceRequest/1"`}, violation(imageP+"supportingInfo[safetyChecklist]:type", sr+"supportingInfo[safetyChecklist].reference")},
		{"radiology: an extension of the track", imaging, []string{`set category[2].extension [{"url":"http://example.org/x","valueBoolean":true}]`}, violation(imageP+"category[track].extension"+card, sr+"category[track].extension")},
		{"radiology: an SSIN without value", imaging, []string{`add contained[0].identifier {"system":` + ssin + `}`}, violation("be-patient/identifier[SSIN].value"+card, sr+"contained[patient].identifier[SSIN].value")},

		{"a status reason on a concept", hygienic, []string{`add code.extension ` + reason}, violation("request-statusReason:context", sr+"code.extension[statusReason]")},
		{"a topography on the code", hygienic, []string{`add code.extension {"url":"https://www.ehealth.fgov.be/standards/fhir/core-clinical/StructureDefinition/be-ext-body-topography","valueCodeableConcept":{"text":"a"}}`}, violation("be-ext-body-topography:context", sr+"code.extension[topography]")},
		{"a topography that is a coding", hygienic, []string{`add bodySite {"text":"a","extension":[{"url":"https://www.ehealth.fgov.be/standards/fhir/core-clinical/StructureDefinition/be-ext-body-topography","valueCoding":{"code":"a"}}]}`}, violation("be-ext-body-topography/value[x]:type", sr+"bodySite[0].extension[topography]")},
		{"a laterality on the code", hygienic, []string{`add code.extension {"url":"https://www.ehealth.fgov.be/standards/fhir/core-clinical/StructureDefinition/be-ext-laterality","valueCoding":{"system":"http://snomed.info/sct","code":"7771000"}}`}, violation("be-ext-laterality:context", sr+"code.extension[bodyLaterality]")},
		{"a device with two concepts", annex, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-codeable-reference","extension":[{"url":"concept","valueCodeableConcept":{"text":"a"}},{"url":"concept","valueCodeableConcept":{"text":"a"}}]}`}, violation("be-ext-codeable-reference/concept"+card, sr+"extension[device].extension[concept]")},
		{"a device with two references", annex, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-codeable-reference","extension":[{"url":"reference","valueReference":{"display":"a"}},{"url":"reference","valueReference":{"display":"a"}}]}`}, violation("be-ext-codeable-reference/reference"+card, sr+"extension[device].extension[reference]")},
		{"a note type that is a text", hygienic, []string{`set note[0].extension[0] {"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-codeableconcept","valueString":"a"}`}, violation("be-ext-codeableconcept/value[x]:type", sr+"note[0].extension[code].valueString")},
		{"a gender at birth that is a code", imaging, []string{`set contained[0].extension[0] {"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-gender-at-birth","valueCode":"other"}`}, violation("be-ext-gender-at-birth/value[x]:type", sr+"contained[0].extension[genderAtBirth].valueCode")},
		{"two formats in a marker", hygienic, []string{`add note[0]._text.extension[0].extension {"url":"format","valueCode":"encrypted"}`}, violation("be-ext-pseudonymization/format"+card, sr+"note[0].text.extension[pseudonymization].extension[format]")},
		{"two versions in a marker", hygienic, []string{`add note[0]._text.extension[0].extension {"url":"version","valuePositiveInt":1}`}, violation("be-ext-pseudonymization/version"+card, sr+"note[0].text.extension[pseudonymization].extension[version]")},
		{"no marker in replaced content", imaging, []string{`del contained[0]._birthDate.extension[0].extension[1]`}, violation("be-ext-pseudonymized-content/marker"+card, sr+"contained[0].birthDate.extension[pseudonymized-content].extension[marker]")},
		{"two formats in replaced content", imaging, []string{`add contained[0]._birthDate.extension[0].extension {"url":"format","valueCode":"encrypted"}`}, violation("be-ext-pseudonymized-content/format"+card, sr+"contained[0].birthDate.extension[pseudonymized-content].extension[format]")},
		{"two versions in replaced content", imaging, []string{`add contained[0]._birthDate.extension[0].extension {"url":"version","valuePositiveInt":1}`}, violation("be-ext-pseudonymized-content/version"+card, sr+"contained[0].birthDate.extension[pseudonymized-content].extension[version]")},
		{"a concept extension that is a coding", imaging, []string{`set supportingInfo[1].extension[1] {"url":` + conceptURL + `,"valueCoding":{"code":"a"}}`}, violation("be-ext-codeable-concept/value[x]:type", sr+"supportingInfo[1].extension[concept].valueCoding")},
		{"a feedback on the code", hygienic, []string{`add code.extension {"url":"` + ref + `be-ext-feedback-to-prescriber","valueBoolean":true}`}, violation("be-ext-feedback-to-prescriber:context", sr+"code.extension[feedback]")},
		{"a latest end date on the code", hygienic, []string{`add code.extension ` + latest}, violation("be-ext-latest-end-date:context", sr+"code.extension[latest]")},
		{"a latest end date that is a period", hygienic, []string{`add extension {"url":"` + ref + `be-ext-latest-end-date","valuePeriod":{"end":"2027-01-01"}}`}, violation("be-ext-latest-end-date/value[x]:type", sr+"extension[latest]")},
		{"a performer type on the code", hygienic, []string{`add code.extension {"url":"` + ref + `be-ext-performer-type","valueCodeableConcept":{"text":"a"}}`}, violation("be-ext-performer-type:context", sr+"code.extension[performerType]")},
		{"a PSS reference on the code", hygienic, []string{`add code.extension {"url":"` + ref + `be-ext-pss-info","valueIdentifier":{"value":"a"}}`}, violation("be-ext-pss-info:context", sr+"code.extension[pssInfo]")},
		{"a role on the code", hygienic, []string{`add code.extension ` + role("prior-request")}, violation("be-ext-radiology-supporting-info-role:context", sr+"code.extension[role]")},
		{"a role that is a coding", imaging, []string{`set supportingInfo[3].extension[0] {"url":` + roleURL + `,"valueCoding":{"code":"prior-request"}}`}, violation("be-ext-radiology-supporting-info-role/value[x]:type", sr+"supportingInfo[3].extension[role].valueCoding")},
		{"a justification on the code", hygienic, []string{`add code.extension ` + urgency}, violation("be-ext-urgency-justification:context", sr+"code.extension[urgencyJustification]")},
		{"a justification that is markdown", imaging, []string{`add extension {"url":` + urgencyURL + `,"valueMarkdown":"a"}`}, violation("be-ext-urgency-justification/value[x]:type", sr+"extension[urgencyJustification].valueMarkdown")},
	})
}

func TestRemainingTaskRowsRefuse(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, tc := range []struct {
		name         string
		organisation bool
		edits        []string
		want         refusal
	}{
		{"a performer's focus in words", false, []string{`set focus {"display":"x"}`}, violation("be-performer-task/focus.reference"+card, "Task.focus.reference")},
		{"a performer's basedOn in words", false, []string{`add basedOn {"display":"x"}`}, violation("be-performer-task/basedOn.reference"+card, "Task.basedOn[0].reference")},
		{"an organisation's partOf on a request", true, []string{`set partOf[0].reference "ServiceRequest/1"`}, violation("be-organization-task/partOf:type", "Task.partOf[0].reference")},
		{"an organisation's partOf in words", true, []string{`set partOf [{"display":"x"}]`}, violation("be-organization-task/partOf.reference"+card, "Task.partOf[0].reference")},
		{"an organisation's focus on a task", true, []string{`set focus.reference "Task/1"`}, violation("be-organization-task/focus:type", "Task.focus.reference")},
		{"an organisation's focus in words", true, []string{`set focus {"display":"x"}`}, violation("be-organization-task/focus.reference"+card, "Task.focus.reference")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, issues := c.Task(taskBody(t, tc.organisation, tc.edits...), ctx())
			expect(t, issues, tc.want)
		})
	}
}

// TestLooseBindingsOnlyInform shows that preferred and example bindings never refuse, and still say something.
func TestLooseBindingsOnlyInform(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, tc := range []struct{ rule, template, edit string }{
		{nursing + "code:binding", hygienic, `set code.coding [{"system":"http://snomed.info/sct","code":"138875005"}]`},
		{nursing + "bodySite:binding", "sampling", `add bodySite {"coding":[{"system":"http://snomed.info/sct","code":"138875005"}]}`},
		{common + "extension[statusReason].valueCodeableConcept:binding", hygienic, `add extension {"url":"http://hl7.org/fhir/StructureDefinition/request-statusReason","valueCodeableConcept":{"coding":[{"system":"http://example.org/x","code":"a"}]}}`},
		{common + "note.extension[code].valueCodeableConcept:binding", hygienic, `set note[0].extension[0].valueCodeableConcept.coding[0].code "other"`},
		{annexP + "extension[statusReason].valueCodeableConcept:binding", annex, `add extension {"url":"http://hl7.org/fhir/StructureDefinition/request-statusReason","valueCodeableConcept":{"coding":[{"system":"http://example.org/x","code":"a"}]}}`},
		{annexP + "note.extension[code].valueCodeableConcept:binding", annex, `add note {"text":"` + sample.Encrypted(sample.DefaultKeyID) + `","_text":{"extension":[{"url":` + markerURL + `,"extension":[{"url":"marker","valueBoolean":true}]}]},"extension":[{"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-codeableconcept","valueCodeableConcept":{"coding":[{"code":"other"}]}}]}`},
		{"be-ext-body-topography/value[x]:binding", "sampling", `add bodySite {"text":"a","extension":[{"url":"https://www.ehealth.fgov.be/standards/fhir/core-clinical/StructureDefinition/be-ext-body-topography","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"1"}]}}]}`},
	} {
		_, issues := c.ServiceRequest(edited(t, tc.template, tc.edit), ctx())
		informed := false
		for _, issue := range issues {
			informed = informed || issue.Rule == tc.rule && issue.Severity == SeverityInformation
		}
		if len(Errors(issues)) > 0 || !informed {
			t.Errorf("%s: got %+v, want acceptance and an information", tc.rule, issues)
		}
		exercised.Store(tc.rule, true)
	}
}
