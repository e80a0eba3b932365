package check

import "testing"

func TestNursingRefuses(t *testing.T) {
	t.Parallel()
	runRefused(t, []change{
		{"a discipline that is not nursing", hygienic, []string{`set category[0].coding[0].code "363679005"`}, violation(nursing+"category[discipline].coding.code:fixed", "ServiceRequest.category[discipline].coding[0].code")},
		{"two codings in the discipline", hygienic, []string{`add category[0].coding {"system":"http://example.org/x","code":"1"}`}, violation(nursing+"category[discipline].coding"+card, "ServiceRequest.category[discipline].coding[1]")},
		{"an id of the discipline", hygienic, []string{`set category[0].id "a"`}, violation(nursing+"category[discipline].id"+card, "ServiceRequest.category[discipline].id")},
		{"an extension of the discipline", hygienic, []string{`set category[0].extension [{"url":"http://example.org/x","valueBoolean":true}]`}, violation(nursing+"category[discipline].extension"+card, "ServiceRequest.category[discipline].extension")},
		{"userSelected in the discipline", hygienic, []string{`set category[0].coding[0].userSelected true`}, violation(nursing+"category[discipline].coding.userSelected"+card, "ServiceRequest.category[discipline].coding[0].userSelected")},
		{"two codings in the template", hygienic, []string{`add category[1].coding {"system":"http://example.org/x","code":"1"}`}, violation(nursing+"category[prescriptionType].coding"+card, "ServiceRequest.category[prescriptionType].coding[1]")},
		{"a template outside the required set", hygienic, []string{`set category[1].coding[0].code "medication-prefill-preparation"`}, refusal{nursing + "category[prescriptionType]:binding", "ServiceRequest.category[prescriptionType]", TerminologyViolation, 422}},
		{"an id of orderDetail", "sampling", []string{`set orderDetail[0].id "a"`}, violation(nursing+"orderDetail.id"+card, "ServiceRequest.orderDetail[0].id")},
		{"an extension of orderDetail", "sampling", []string{`set orderDetail[0].extension [{"url":"http://example.org/x","valueBoolean":true}]`}, violation(nursing+"orderDetail.extension"+card, "ServiceRequest.orderDetail[0].extension")},
		{"userSelected in orderDetail", "sampling", []string{`set orderDetail[0].coding[0].userSelected true`}, violation(nursing+"orderDetail.coding.userSelected"+card, "ServiceRequest.orderDetail[0].coding[0].userSelected")},
		{"an occurrence that is a date", hygienic, []string{`del occurrenceTiming`, `set occurrenceDateTime "2026-11-05"`}, violation(nursing+"occurrence[x]:type", "ServiceRequest.occurrenceDateTime")},
		{"an occurrence that is a period", hygienic, []string{`del occurrenceTiming`, `set occurrencePeriod {"start":"2026-11-05"}`}, violation(nursing+"occurrence[x]:type", "ServiceRequest.occurrencePeriod")},
		{"bounds that are a period", hygienic, []string{`del occurrenceTiming.repeat.boundsDuration`, `set occurrenceTiming.repeat.boundsPeriod {"start":"2026-11-05"}`}, violation(nursing+"occurrenceTiming.repeat.bounds[x]:type", "ServiceRequest.occurrenceTiming.repeat.boundsPeriod")},
		{"bounds in hours", hygienic, []string{`set occurrenceTiming.repeat.boundsDuration.code "h"`}, violation(nursing+"occurrenceTiming.repeat.boundsDuration.code:fixed", "ServiceRequest.occurrenceTiming.repeat.boundsDuration.code")},
		{"a quantity that is a range", hygienic, []string{`set quantityRange {"low":{"value":1}}`}, violation(nursing+"quantity[x]:type", "ServiceRequest.quantityRange")},
		{"two reasons", "bloodletting", []string{`add reasonCode {"coding":[{"system":"http://snomed.info/sct","code":"404684003"}]}`}, violation(nursing+"reasonCode"+card, "ServiceRequest.reasonCode[1]")},
		{"basedOn a care plan", hygienic, []string{`add basedOn {"reference":"CarePlan/1"}`}, violation(nursing+"basedOn:type", "ServiceRequest.basedOn[0].reference")},
		{"a latest end date", hygienic, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-latest-end-date","valueDateTime":"2027-01-01"}`}, violation(nursing+"extension[latest]"+card, "ServiceRequest.extension[latest]")},
		{"a device", hygienic, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-codeable-reference","extension":[{"url":"concept","valueCodeableConcept":{"text":"a"}}]}`}, violation(nursing+"extension[device]"+card, "ServiceRequest.extension[device]")},
	})
}

func TestAnnex81Refuses(t *testing.T) {
	t.Parallel()
	runRefused(t, []change{
		{"no validity", annex, []string{`del extension`}, violation(annexP+"extension[validity]"+card, "ServiceRequest.extension[validity]")},
		{"a latest end date", annex, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-latest-end-date","valueDateTime":"2027-01-01"}`}, violation(annexP+"extension[latest]"+card, "ServiceRequest.extension[latest]")},
		{"no discipline", annex, []string{`del category[0]`}, violation(annexP+"category[discipline]"+card, "ServiceRequest.category[discipline]")},
		{"another discipline", annex, []string{`set category[0].coding[0].code "363679005"`}, violation(annexP+"category[discipline].coding.code:fixed", "ServiceRequest.category[discipline].coding[0].code")},
		{"another template", annex, []string{`set category[1].coding[0].code "hygienic-care"`}, violation(annexP+"category[annex81TechnicalType].coding.code:fixed", "ServiceRequest.category[annex81TechnicalType].coding[0].code")},
		{"no code", annex, []string{`del code`}, violation(annexP+"code"+card, "ServiceRequest.code")},
		{"another code", annex, []string{`set code.coding[0].code "225964003"`}, violation(annexP+"code.coding.code:fixed", "ServiceRequest.code.coding[0].code")},
		{"a second coding", annex, []string{`add code.coding {"system":"http://snomed.info/sct","code":"385796006"}`}, violation(annexP+"code.coding"+card, "ServiceRequest.code.coding[1]")},
		{"no coding", annex, []string{`set code {"text":"x"}`}, violation(annexP+"code.coding"+card, "ServiceRequest.code.coding")},
		{"no reason", annex, []string{`del reasonCode`}, violation(annexP+"reasonCode"+card, "ServiceRequest.reasonCode")},
		{"no nursing diagnosis", annex, []string{`del reasonCode[0]`}, violation("ereferral-inv-annex81-has-nursing-diagnosis", "ServiceRequest.reasonCode")},
		{"no medical problem", annex, []string{`del reasonCode[1]`}, violation("ereferral-inv-annex81-has-medical-problem", "ServiceRequest.reasonCode")},
		{"a nursing diagnosis of another system", annex, []string{`set reasonCode[0].coding[0].system "http://example.org/x"`}, violation("ereferral-inv-annex81-has-nursing-diagnosis", "ServiceRequest.reasonCode")},
		{"basedOn a medication request", annex, []string{`add basedOn {"reference":"MedicationRequest/1"}`}, violation(annexP+"basedOn:type", "ServiceRequest.basedOn[0].reference")},
		{"an order without proposal", annex, []string{`set intent "order"`}, violation("be-inv-annex-81-based-on", "ServiceRequest.basedOn")},
		{"an order by a client", annex, []string{`set intent "order"`, `add basedOn {"reference":"ServiceRequest/1"}`}, refusal{"intent-annex-81", "ServiceRequest.intent", IntentNotAllowed, 422}},
		{"an occurrence that is a date", annex, []string{`set occurrenceDateTime "2026-11-05"`}, violation(annexP+"occurrence[x]:type", "ServiceRequest.occurrenceDateTime")},
		{"twice a week", annex, []string{`set occurrenceTiming.repeat {"frequency":2,"period":1,"periodUnit":"wk"}`}, violation(annexP+"occurrenceTiming.repeat.frequency:fixed", "ServiceRequest.occurrenceTiming.repeat.frequency")},
		{"once in two weeks", annex, []string{`set occurrenceTiming.repeat {"frequency":1,"period":2,"periodUnit":"wk"}`}, violation(annexP+"occurrenceTiming.repeat.period:fixed", "ServiceRequest.occurrenceTiming.repeat.period")},
		{"once a day", annex, []string{`set occurrenceTiming.repeat {"frequency":1,"period":1,"periodUnit":"d"}`}, violation(annexP+"occurrenceTiming.repeat.periodUnit:fixed", "ServiceRequest.occurrenceTiming.repeat.periodUnit")},
		{"bounds that are a period", annex, []string{`set occurrenceTiming.repeat {"boundsPeriod":{"start":"2026-11-05"}}`}, violation(annexP+"occurrenceTiming.repeat.boundsPeriod"+card, "ServiceRequest.occurrenceTiming.repeat.boundsPeriod")},
		{"bounds that are a range", annex, []string{`set occurrenceTiming.repeat {"boundsRange":{"low":{"value":1}}}`}, violation(annexP+"occurrenceTiming.repeat.boundsRange"+card, "ServiceRequest.occurrenceTiming.repeat.boundsRange")},
		{"no authoredOn", annex, []string{`del authoredOn`}, violation(annexP+"authoredOn"+card, "ServiceRequest.authoredOn")},
		{"no requester", annex, []string{`del requester`}, violation(annexP+"requester"+card, "ServiceRequest.requester")},
		{"an orderDetail", annex, []string{`add orderDetail {"coding":[{"code":"a"}]}`}, violation(annexP+"orderDetail"+card, "ServiceRequest.orderDetail")},
		{"a unit in the quantity", annex, []string{`set quantityQuantity {"value":1,"unit":"box"}`}, violation(annexP+"quantityQuantity.unit"+card, "ServiceRequest.quantityQuantity.unit")},
	})
}

func TestIntentStatusAndTemplateAreRefused(t *testing.T) {
	t.Parallel()
	runRefused(t, []change{
		{"a proposal for nursing", hygienic, []string{`set intent "proposal"`}, refusal{"intent-nursing", "ServiceRequest.intent", IntentNotAllowed, 422}},
		{"a proposal for radiology", imaging, []string{`set intent "proposal"`}, refusal{"intent-imaging", "ServiceRequest.intent", IntentNotAllowed, 422}},
		{"a completed document", hygienic, []string{`set status "completed"`}, refusal{"status-create", "ServiceRequest.status", StatusNotAllowed, 422}},
		{"a revoked document", annex, []string{`set status "revoked"`}, refusal{"status-create", "ServiceRequest.status", StatusNotAllowed, 422}},
		{"no template", hygienic, []string{`del category[1]`}, refusal{"template-present", "ServiceRequest.category", TemplateUnknown, 422}},
		{"no template for annex 81", annex, []string{`del category[1]`}, refusal{"template-present", "ServiceRequest.category", TemplateUnknown, 422}},
		{"no template for radiology", imaging, []string{`del category[1]`}, refusal{"template-present", "ServiceRequest.category", TemplateUnknown, 422}},
		{"a template without active profile", hygienic, []string{`set category[1].coding[0].code "telemonitoring-chronic-heart-failure"`}, refusal{"template-known", "ServiceRequest.category[prescriptionType].coding[0].code", TemplateUnknown, 422}},
		{"the legacy twin", hygienic, []string{`set category[1].coding[0].code "medication-prefill-preparation"`}, refusal{"template-known", "ServiceRequest.category[prescriptionType].coding[0].code", TemplateUnknown, 422}},
		{"a template of another profile", hygienic, []string{`set category[1].coding[0].code "diagnostic-imaging-appendix-82"`}, refusal{"template-profile", "ServiceRequest.category[prescriptionType].coding[0].code", TemplateUnknown, 422}},
	})
}
