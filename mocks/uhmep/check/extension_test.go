package check

import "testing"

const ref = "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/"

func TestExtensionDefinitionsRefuse(t *testing.T) {
	t.Parallel()
	const sr = "ServiceRequest."
	runRefused(t, []change{
		{"a validity that is a date", hygienic, []string{`set extension[0] {"url":"` + ref + `be-ext-validity-period","valueDate":"2026-11-02"}`}, violation("be-ext-validity-period/value[x]:type", sr+"extension[validity].valueDate")},
		{"a validity without value", hygienic, []string{`set extension[0] {"url":"` + ref + `be-ext-validity-period"}`}, violation("be-ext-validity-period/value[x]"+card, sr+"extension[validity].valuePeriod")},
		{"a validity with times", hygienic, []string{`set extension[0].valuePeriod.start "2026-11-02T10:00:00+01:00"`}, violation("be-inv-validityPeriod-granularity", sr+"extension[validity].valuePeriod.start")},
		{"a validity of a month", hygienic, []string{`set extension[0].valuePeriod.end "2027-01"`}, violation("be-inv-validityPeriod-granularity", sr+"extension[validity].valuePeriod.end")},
		{"a latest end date with a time", annex, []string{`add extension {"url":"` + ref + `be-ext-latest-end-date","valueDateTime":"2027-01-01T10:00:00+01:00"}`}, violation("be-inv-latestEndDate-granularity", sr+"extension")},
		{"a feedback that is a text", hygienic, []string{`set extension[1] {"url":"` + ref + `be-ext-feedback-to-prescriber","valueString":"yes"}`}, violation("be-ext-feedback-to-prescriber/value[x]:type", sr+"extension[feedback].valueString")},
		{"a feedback without value", hygienic, []string{`set extension[1] {"url":"` + ref + `be-ext-feedback-to-prescriber","id":"a"}`}, violation("be-ext-feedback-to-prescriber/value[x]"+card, sr+"extension[feedback].valueBoolean")},
		{"a feedback with nested extensions", hygienic, []string{`set extension[1].extension [{"url":"a","valueBoolean":true}]`}, violation("be-ext-feedback-to-prescriber/extension"+card, sr+"extension[feedback].extension")},
		{"a validity on a note", hygienic, []string{`add note[0].extension {"url":"` + ref + `be-ext-validity-period","valuePeriod":{"start":"2026-11-02"}}`}, violation("be-ext-validity-period:context", sr+"note[0].extension")},
		{"a performer type that is a coding", hygienic, []string{`add extension {"url":"` + ref + `be-ext-performer-type","valueCoding":{"code":"106292003"}}`}, violation("be-ext-performer-type/value[x]:type", sr+"extension")},
		{"a PSS reference that is a text", imaging, []string{`set extension[1] {"url":"` + ref + `be-ext-pss-info","valueString":"a"}`}, violation("be-ext-pss-info/value[x]:type", sr+"extension")},
		{"a status reason that is a coding", hygienic, []string{`add extension {"url":"http://hl7.org/fhir/StructureDefinition/request-statusReason","valueCoding":{"code":"a"}}`}, violation("request-statusReason/value[x]:type", sr+"extension[statusReason]")},
		{"two status reasons", annex, []string{`add extension {"url":"http://hl7.org/fhir/StructureDefinition/request-statusReason","valueCodeableConcept":{"coding":[{"code":"a"}]}}`, `add extension {"url":"http://hl7.org/fhir/StructureDefinition/request-statusReason","valueCodeableConcept":{"coding":[{"code":"a"}]}}`}, violation(annexP+"extension[statusReason]"+card, sr+"extension[statusReason]")},
		{"a key without kid", hygienic, []string{`del meta.extension[0].id`}, violation("be-ext-key-pseudonymization/id"+card, sr+"meta.extension")},
		{"a key without its part", hygienic, []string{`set meta.extension[0].extension[0].url "secret"`}, violation("be-ext-key-pseudonymization/key"+card, sr+"meta.extension[key-pseudonymization].extension[key]")},
		{"a key without marker", hygienic, []string{`del meta.extension[0].extension[0]._valueString`}, violation("be-ext-key-pseudonymization/key:marker", sr+"meta.extension[key-pseudonymization].extension[key].valueString")},
		{"a key on the resource", hygienic, []string{`add extension {"id":"k","url":"https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/be-ext-key-pseudonymization","extension":[{"url":"key","valueString":"a"}]}`}, violation("be-ext-key-pseudonymization:context", sr+"extension")},
		{"a marker that is false", hygienic, []string{`set subject.identifier._value.extension[0].extension[0].valueBoolean false`}, violation("be-ext-pseudonymization/marker:fixed", sr+"subject.identifier.value.extension[pseudonymization].extension[marker]")},
		{"no marker in the marker", hygienic, []string{`del subject.identifier._value.extension[0].extension[0]`}, violation("be-ext-pseudonymization/marker"+card, sr+"subject.identifier.value.extension[pseudonymization].extension[marker]")},
		{"an unknown format", hygienic, []string{`set subject.identifier._value.extension[0].extension[1].valueCode "blinded"`}, refusal{"be-ext-pseudonymization/format:binding", sr + "subject.identifier.value.extension[pseudonymization].extension[format]", TerminologyViolation, 422}},
		{"a version that is a text", hygienic, []string{`set subject.identifier._value.extension[0].extension[2] {"url":"version","valueString":"2"}`}, violation("be-ext-pseudonymization/version:type", sr+"subject.identifier.value.extension[pseudonymization].extension[version]")},
		{"a marker on a concept", hygienic, []string{`set code.extension [{"url":` + markerURL + `,"extension":[{"url":"marker","valueBoolean":true}]}]`}, violation("be-ext-pseudonymization:context", sr+"code.extension[pseudonymization]")},
		{"replaced content without its value", imaging, []string{`del contained[0]._birthDate.extension[0].extension[0]`}, violation("be-ext-pseudonymized-content/encryptedValue"+card, sr+"contained[0].birthDate.extension[pseudonymized-content].extension[encryptedValue]")},
		{"replaced content with marker false", imaging, []string{`set contained[0]._birthDate.extension[0].extension[1].valueBoolean false`}, violation("be-ext-pseudonymized-content/marker:fixed", sr+"contained[0].birthDate.extension[pseudonymized-content].extension[marker]")},
		{"a gender at birth on the request", hygienic, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-gender-at-birth","valueCodeableConcept":{"coding":[{"code":"a"}]}}`}, violation("be-ext-gender-at-birth:context", sr+"extension")},
		{"a laterality that is a concept", hygienic, []string{`add bodySite {"extension":[{"url":"https://www.ehealth.fgov.be/standards/fhir/core-clinical/StructureDefinition/be-ext-laterality","valueCodeableConcept":{"text":"left"}}]}`}, violation("be-ext-laterality/value[x]:type", sr+"bodySite[0].extension[bodyLaterality]")},
	})
}

func TestBaseInvariantsRefuse(t *testing.T) {
	t.Parallel()
	const repeat = "ServiceRequest.occurrenceTiming.repeat"
	runRefused(t, []change{
		{"tim-1", hygienic, []string{`set occurrenceTiming.repeat.duration 2`}, violation("tim-1", repeat+".durationUnit")},
		{"tim-2", hygienic, []string{`del occurrenceTiming.repeat.periodUnit`}, violation("tim-2", repeat+".periodUnit")},
		{"tim-4", hygienic, []string{`set occurrenceTiming.repeat.duration -2`, `set occurrenceTiming.repeat.durationUnit "h"`}, violation("tim-4", repeat+".duration")},
		{"tim-5", hygienic, []string{`set occurrenceTiming.repeat.period -1`}, violation("tim-5", repeat+".period")},
		{"tim-6", hygienic, []string{`del occurrenceTiming.repeat.period`, `set occurrenceTiming.repeat.periodMax 2`}, violation("tim-6", repeat+".period")},
		{"tim-7", hygienic, []string{`set occurrenceTiming.repeat.durationMax 2`}, violation("tim-7", repeat+".duration")},
		{"tim-8", hygienic, []string{`del occurrenceTiming.repeat.count`, `set occurrenceTiming.repeat.countMax 2`}, violation("tim-8", repeat+".count")},
		{"tim-9", hygienic, []string{`set occurrenceTiming.repeat.offset 5`}, violation("tim-9", repeat+".offset")},
		{"tim-9 at a meal", "parameters", []string{`set occurrenceTiming.repeat.offset 5`}, violation("tim-9", repeat+".offset")},
		{"tim-10", "parameters", []string{`set occurrenceTiming.repeat.timeOfDay ["08:00:00"]`}, violation("tim-10", repeat+".timeOfDay")},
		{"per-1", hygienic, []string{`set extension[0].valuePeriod.end "2026-11-01"`}, violation("per-1", "ServiceRequest.extension[validity].valuePeriod")},
		{"qty-3", "bloodletting", []string{`del quantityQuantity.system`}, violation("qty-3", "ServiceRequest.quantityQuantity.system")},
		{"drt-1 without code", hygienic, []string{`del occurrenceTiming.repeat.boundsDuration.code`}, violation("drt-1", repeat+".boundsDuration.code")},
		{"drt-1 with another system", hygienic, []string{`set occurrenceTiming.repeat.boundsDuration.system "http://example.org/units"`}, violation("drt-1", repeat+".boundsDuration.system")},
		{"drt-1 with a unit that is no time", hygienic, []string{`set occurrenceTiming.repeat.boundsDuration.code "mL"`}, violation("drt-1", repeat+".boundsDuration.code")},
		{"ref-1", hygienic, []string{`add supportingInfo {"reference":"#nowhere"}`}, violation("ref-1", "ServiceRequest.supportingInfo[0].reference")},
		{"a reference whose type differs", hygienic, []string{`set requester.type "Practitioner"`}, violation("reference-type", "ServiceRequest.requester.type")},
		{"a reference with a bad id", hygienic, []string{`add basedOn {"reference":"ServiceRequest/not an id"}`}, violation("reference-id", "ServiceRequest.basedOn[0].reference")},
		{"a uri with blanks", hygienic, []string{`set code.coding[0].system "http://snomed.info/ sct"`}, violation("uri-blanks", "ServiceRequest.code.coding[0].system")},
		{"ext-1 with both", hygienic, []string{`add extension {"url":"http://example.org/x","valueBoolean":true,"extension":[{"url":"a","valueBoolean":true}]}`}, violation("ext-1", "ServiceRequest.extension")},
		{"ext-1 with none", hygienic, []string{`add extension {"url":"http://example.org/x"}`}, violation("ext-1", "ServiceRequest.extension")},
		{"an extension without url", hygienic, []string{`add extension {"valueBoolean":true}`}, violation("r4-required", "ServiceRequest.extension")},
		{"ele-1", hygienic, []string{`set code.coding[0] {"id":"a"}`}, violation("ele-1", "ServiceRequest.code.coding[0]")},
		{"dom-2", imaging, []string{`set contained[0].contained [{"resourceType":"Patient","id":"x"}]`}, violation("dom-2", "ServiceRequest.contained")},
		{"dom-3", imaging, []string{`set contained[0].id "somebody"`}, violation("dom-3", "ServiceRequest.contained")},
		{"dom-4", imaging, []string{`set contained[0].meta.versionId "1"`}, violation("dom-4", "ServiceRequest.contained")},
		{"dom-5", imaging, []string{`set contained[0].meta.security [{"code":"R"}]`}, violation("dom-5", "ServiceRequest.contained")},
	})
}
