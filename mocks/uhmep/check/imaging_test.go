package check

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
)

// Extension URLs in edits.
const (
	roleURL    = `"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-radiology-supporting-info-role"`
	conceptURL = `"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-codeable-concept"`
	urgencyURL = `"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-urgency-justification"`
	markerURL  = `"https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/be-ext-pseudonymization"`
	contentURL = `"https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/be-ext-pseudonymized-content"`
)

func TestImagingRefuses(t *testing.T) {
	t.Parallel()
	const base = "ServiceRequest."
	runRefused(t, []change{
		{"no contained resources", imaging, []string{`del contained`}, violation(imageP+"contained"+card, base+"contained")},
		{"one contained resource", imaging, []string{`del contained[0]`}, violation(imageP+"contained[patient]"+card, base+"contained[patient]")},
		{"three contained resources", imaging, []string{`add contained {"resourceType":"Patient","id":"p2"}`}, violation(imageP+"contained"+card, base+"contained[2]")},
		{"a contained resource of another type", imaging, []string{`add contained {"resourceType":"Condition","id":"c","subject":{"reference":"#patient"}}`}, violation(imageP+"contained:closed", base+"contained[2]")},
		{"feedback", imaging, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-feedback-to-prescriber","valueBoolean":true}`}, violation(imageP+"extension[feedback]"+card, base+"extension[feedback]")},
		{"a performer type", imaging, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-performer-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"106292003"}]}}`}, violation(imageP+"extension[performerType]"+card, base+"extension[performerType]")},
		{"a device", imaging, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-codeable-reference","extension":[{"url":"concept","valueCodeableConcept":{"text":"a"}}]}`}, violation(imageP+"extension[device]"+card, base+"extension[device]")},
		{"a latest end date", imaging, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-latest-end-date","valueDateTime":"2027-01-01"}`}, violation(imageP+"extension[latest]"+card, base+"extension[latest]")},
		{"two PSS references", imaging, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-pss-info","valueIdentifier":{"value":"b"}}`}, violation(imageP+"extension[pssInfo]"+card, base+"extension[pssInfo]")},
		{"a nursing discipline", imaging, []string{`set category[0].coding[0].code "9632001"`}, violation(imageP+"category[discipline].coding.code:fixed", base+"category[discipline].coding[0].code")},
		{"another template", imaging, []string{`set category[1].coding[0].code "sampling"`}, violation(imageP+"category[prescriptionType].coding.code:fixed", base+"category[prescriptionType].coding[0].code")},
		{"an id of the discipline", imaging, []string{`set category[0].id "a"`}, violation(imageP+"category[discipline].id"+card, base+"category[discipline].id")},
		{"an extension of the discipline", imaging, []string{`set category[0].extension [{"url":"http://example.org/x","valueBoolean":true}]`}, violation(imageP+"category[discipline].extension"+card, base+"category[discipline].extension")},
		{"userSelected in the discipline", imaging, []string{`set category[0].coding[0].userSelected true`}, violation(imageP+"category[discipline].coding.userSelected"+card, base+"category[discipline].coding[0].userSelected")},
		{"no track", imaging, []string{`del category[2]`}, violation(imageP+"category[track]"+card, base+"category[track]")},
		{"two tracks", imaging, []string{`add category {"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-request-track","code":"urgency"}]}`}, violation(imageP+"category[track]"+card, base+"category[track]")},
		{"a track outside the set", imaging, []string{`set category[2].coding[0].code "home"`}, refusal{imageP + "category[track]:binding", base + "category[track]", TerminologyViolation, 422}},
		{"an id of the track", imaging, []string{`set category[2].id "a"`}, violation(imageP+"category[track].id"+card, base+"category[track].id")},
		{"userSelected in the track", imaging, []string{`set category[2].coding[0].userSelected false`}, violation(imageP+"category[track].coding.userSelected"+card, base+"category[track].coding[0].userSelected")},
		{"no priority", imaging, []string{`del priority`}, violation(imageP+"priority"+card, base+"priority")},
		{"a priority outside the set", imaging, []string{`set priority "asap"`}, refusal{imageP + "priority:binding", base + "priority", TerminologyViolation, 422}},
		{"an exam outside the set", imaging, []string{`set code.coding[0].code "77477000"`}, refusal{imageP + "code:binding", base + "code", TerminologyViolation, 422}},
		{"an exam in words", imaging, []string{`del code.coding`, `set code.text "scan"`}, refusal{imageP + "code:binding", base + "code", TerminologyViolation, 422}},
		{"two reasons", imaging, []string{`add reasonCode {"coding":[{"system":"http://snomed.info/sct","code":"404684003"}]}`}, violation(imageP+"reasonCode"+card, base+"reasonCode[1]")},
		{"an occurrence", imaging, []string{`set occurrenceDateTime "2026-11-05"`}, violation(imageP+"occurrence[x]"+card, base+"occurrenceDateTime")},
		{"a quantity", imaging, []string{`set quantityQuantity {"value":1}`}, violation(imageP+"quantity[x]"+card, base+"quantityQuantity")},
		{"an orderDetail", imaging, []string{`add orderDetail {"coding":[{"code":"a"}]}`}, violation(imageP+"orderDetail"+card, base+"orderDetail")},
		{"supporting info of another type", imaging, []string{`add supportingInfo {"reference":"MedicationRequest/1"}`}, violation(imageP+"supportingInfo:type", base+"supportingInfo[4].reference")},
		{"prior results that are a request", imaging, []string{`add supportingInfo {"reference":"ServiceRequest/1","extension":[{"url":` + roleURL + `,"valueCode":"prior-results"}]}`}, violation(imageP+"supportingInfo[priorResults]:type", base+"supportingInfo[priorResults].reference")},
		{"a prior request that is a report", imaging, []string{`add supportingInfo {"reference":"DiagnosticReport/1","extension":[{"url":` + roleURL + `,"valueCode":"prior-request"}]}`}, violation(imageP+"supportingInfo[priorRequest]:type", base+"supportingInfo[priorRequest].reference")},
		{"an attention condition that is a request", imaging, []string{`add supportingInfo {"reference":"ServiceRequest/1","extension":[{"url":` + roleURL + `,"valueCode":"attention-condition"}]}`}, violation(imageP+"supportingInfo[attentionCondition]:type", base+"supportingInfo[attentionCondition].reference")},
		{"a patient condition that is an observation", imaging, []string{`add supportingInfo {"reference":"Observation/1","extension":[{"url":` + roleURL + `,"valueCode":"patient-condition"}]}`}, violation(imageP+"supportingInfo[patientCondition]:type", base+"supportingInfo[patientCondition].reference")},
		{"two roles in one entry", imaging, []string{`add supportingInfo[1].extension {"url":` + roleURL + `,"valueCode":"patient-condition"}`}, violation(imageP+"supportingInfo[patientCondition].extension[role]"+card, base+"supportingInfo[patientCondition].extension[role]")},
		{"an unknown role", imaging, []string{`set supportingInfo[3].extension[0].valueCode "other"`}, refusal{"be-ext-radiology-supporting-info-role/value[x]:binding", base + "supportingInfo[3].extension", TerminologyViolation, 422}},
		{"a modality outside the set", imaging, []string{`set supportingInfo[3].extension[1].valueCodeableConcept.coding[0].code "pet"`}, refusal{imageP + "supportingInfo[priorRequest].extension[concept].valueCodeableConcept:binding", base + "supportingInfo[priorRequest].extension[concept].valueCodeableConcept", TerminologyViolation, 422}},
		{"no checklist entry", imaging, []string{`del supportingInfo[0]`}, violation(imageP+"supportingInfo[safetyChecklist]"+card, base+"supportingInfo[safetyChecklist]")},
		{"a checklist entry without reference", imaging, []string{`del supportingInfo[0].reference`, `set supportingInfo[0].display "x"`}, violation(imageP+"supportingInfo[safetyChecklist].reference"+card, base+"supportingInfo[safetyChecklist].reference")},
		{"a checklist that is not contained", imaging, []string{`set supportingInfo[0].reference "QuestionnaireResponse/1"`}, violation("ereferral-inv-supportingInfo-safetyChecklist-contained", base+"supportingInfo")},
		{"a checklist without its profile", imaging, []string{`del contained[1].meta`}, violation("ereferral-inv-supportingInfo-safetyChecklist-contained", base+"supportingInfo")},
		{"a checklist with the federal profile", imaging, []string{`set contained[1].meta.profile ["https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-imaging-attention-conditions-response"]`}, violation("ereferral-inv-supportingInfo-safetyChecklist-contained", base+"supportingInfo")},
		{"supporting info that points to the patient", imaging, []string{`set supportingInfo[3].reference "#patient"`}, violation("ereferral-inv-supportingInfo-safetyChecklist-contained", base+"supportingInfo")},
		{"a subject that is not contained", imaging, []string{`del subject.reference`}, violation("ereferral-inv-subject-contained", base+"subject.reference")},
		{"a subject elsewhere", imaging, []string{`set subject.reference "Patient/1"`}, violation("ereferral-inv-subject-contained", base+"subject.reference")},
		{"urgent without justification", imaging, []string{`set priority "urgent"`}, violation("ereferral-inv-urgent-requires-urgency-justification", base+"extension[urgencyJustification]")},
		{"a justification without marker", imaging, []string{`add extension {"url":` + urgencyURL + `,"valueString":"` + sample.Encrypted(sample.DefaultKeyID) + `"}`}, violation("ereferral-inv-urgency-justification-value-pseudonymized", base+"extension")},
		{"a condition without code and text", imaging, []string{`set supportingInfo[1].extension[1].valueCodeableConcept {"id":"a"}`}, violation("ereferral-inv-patient-condition-code-or-text", base+"supportingInfo")},
		{"a condition text without marker", imaging, []string{`del supportingInfo[2].extension[1].valueCodeableConcept._text`}, violation("ereferral-inv-patient-condition-concept-text-pseudonymized", base+"supportingInfo")},
		{"a condition with two codings", imaging, []string{`add supportingInfo[1].extension[1].valueCodeableConcept.coding {"system":"http://snomed.info/sct","code":"22253000"}`}, violation("ereferral-inv-patient-condition-strict", base+"supportingInfo")},
		{"a condition outside the set", imaging, []string{`set supportingInfo[1].extension[1].valueCodeableConcept.coding[0] {"system":"http://snomed.info/sct","code":"138875005"}`}, violation("ereferral-inv-patient-condition-strict", base+"supportingInfo")},
		{"a clear birth date", imaging, []string{`set contained[0].birthDate "1951-04-03"`}, violation("ereferral-inv-contained-patient-birthdate-encrypted", base+"contained[0].birthDate")},
		{"a clear birth date alone", imaging, []string{`del contained[0]._birthDate`, `set contained[0].birthDate "1951-04-03"`}, violation("ereferral-inv-contained-patient-birthdate-encrypted", base+"contained[0].birthDate")},
		{"no birth date", imaging, []string{`del contained[0]._birthDate`}, violation("ereferral-inv-contained-patient-birthdate-encrypted", base+"contained[0].birthDate")},
		{"a birth date that is not encrypted", imaging, []string{`set contained[0]._birthDate.extension[0].extension[0].valueString "1951-04-03"`}, violation("ereferral-inv-contained-patient-birthdate-encrypted", base+"contained[0].birthDate")},
		{"a birth date without version", imaging, []string{`del contained[0]._birthDate.extension[0].extension[3]`}, violation("ereferral-inv-contained-patient-birthdate-encrypted", base+"contained[0].birthDate")},
		{"a birth date in another format", imaging, []string{`set contained[0]._birthDate.extension[0].extension[2].valueCode "direct"`}, violation("ereferral-inv-contained-patient-birthdate-encrypted", base+"contained[0].birthDate")},
		{"no gender at birth", imaging, []string{`del contained[0].extension`}, violation("ereferral-inv-contained-patient-gender-at-birth-encrypted", base+"contained[0].extension")},
		{"a clear gender at birth", imaging, []string{`set contained[0].extension[0].valueCodeableConcept.coding[0].code "female"`}, violation("ereferral-inv-contained-patient-gender-at-birth-encrypted", base+"contained[0].extension[genderAtBirth]")},
		{"a gender at birth without encrypted value", imaging, []string{`del contained[0].extension[0].valueCodeableConcept.extension`}, violation("ereferral-inv-contained-patient-gender-at-birth-encrypted", base+"contained[0].extension[genderAtBirth]")},
		{"two genders at birth", imaging, []string{`add contained[0].extension {"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-gender-at-birth","valueCodeableConcept":{"text":"x"}}`}, violation("be-patient/extension[genderAtBirth]"+card, base+"contained[patient].extension[genderAtBirth]")},
	})
}

func TestChecklistRefuses(t *testing.T) {
	t.Parallel()
	const profile, at = "ereferral-imaging-attention-conditions-response/", "ServiceRequest.contained"
	runRefused(t, []change{
		{"another questionnaire", imaging, []string{`set contained[1].questionnaire "http://example.org/Questionnaire/1"`}, violation(profile+"questionnaire:fixed", at+"[safetyChecklist].questionnaire")},
		{"no items", imaging, []string{`del contained[1].item`}, violation(profile+"item"+card, at+"[safetyChecklist].item")},
		{"no answers", imaging, []string{`set contained[1].item [{"linkId":"pregnancy"},{"linkId":"other"}]`}, violation("ereferral-inv-at-least-one-answer", at)},
		{"none beside another true answer", imaging, []string{`set contained[1].item [{"linkId":"pregnancy","answer":[{"valueBoolean":true}]},{"linkId":"none","answer":[{"valueBoolean":true}]}]`}, violation("ereferral-inv-no-other-selected-value-if-none-is-true", at)},
		{"none beside implants", imaging, []string{`set contained[1].item [{"linkId":"implants","answer":[{"valueCoding":{"code":"icd"}}]},{"linkId":"none","answer":[{"valueBoolean":true}]}]`}, violation("ereferral-inv-no-other-selected-value-if-none-is-true", at)},
		{"a text answer without marker", imaging, []string{`del contained[1].item[6].answer[0]._valueString`}, violation("ereferral-inv-answer-value-string-pseudonymized", at)},
		{"a nested text answer without marker", imaging, []string{`set contained[1].item[0].answer[0].item [{"linkId":"implants-other","answer":[{"valueString":"` + sample.Encrypted(sample.DefaultKeyID) + `"}]}]`}, violation("ereferral-inv-answer-value-string-pseudonymized", at)},
		{"an unknown question", imaging, []string{`set contained[1].item[1].linkId "claustrophobia"`}, violation("checklist-questions", at)},
		{"implants-other at the top", imaging, []string{`set contained[1].item[6].linkId "implants-other"`}, violation("checklist-questions", at)},
		{"a yes as a text", imaging, []string{`set contained[1].item[1].answer[0] {"valueCoding":{"code":"yes"}}`}, violation("checklist-answer-types", at)},
		{"two answers to a yes or no", imaging, []string{`add contained[1].item[1].answer {"valueBoolean":true}`}, violation("checklist-answer-types", at)},
	})
}
