package check

import "testing"

// change is one departure from a valid sample.
type change struct {
	name     string
	template string
	edits    []string
	want     refusal
}

const (
	hygienic = "hygienic-care"
	start    = "diabetic-education-within-start-trajectory"
	annex    = "medication-prefill-preparation-appendix-81"
	imaging  = "diagnostic-imaging-appendix-82"
)

func runRefused(t *testing.T, table []change) {
	t.Helper()
	c := open(t)
	for _, tc := range table {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, issues := c.ServiceRequest(edited(t, tc.template, tc.edits...), ctx())
			expect(t, issues, tc.want)
		})
	}
}

func violation(rule, element string) refusal {
	return refusal{rule, element, ProfileViolation, 422}
}

// common is the rule prefix of the shared part.
const (
	common  = "be-referral-servicerequest/"
	closed  = "ereferral-closed-elements/"
	timing  = "ereferral-closed-timing/"
	nursing = "ereferral-servicerequest-nursing/"
	annexP  = "ereferral-annex-81/"
	imageP  = "ereferral-servicerequest-diagnosticimaging/"
	card    = ":cardinality"
)

func TestRequestRefusesBadJSONAndBaseFHIR(t *testing.T) {
	t.Parallel()
	runRefused(t, []change{
		{"an unknown element", hygienic, []string{`set colour "red"`}, refusal{"r4-unknown-element", "ServiceRequest.colour", BodyMalformed, 400}},
		{"an unknown element deep inside", hygienic, []string{`set code.coding[0].colour "red"`}, refusal{"r4-unknown-element", "ServiceRequest.code.coding[0].colour", BodyMalformed, 400}},
		{"an array where an object belongs", hygienic, []string{`set code [{"coding":[{"code":"a"}]}]`}, refusal{"r4-json-type", "ServiceRequest.code", BodyMalformed, 400}},
		{"a number as text", hygienic, []string{`set occurrenceTiming.repeat.count "16"`}, refusal{"r4-json-type", "ServiceRequest.occurrenceTiming.repeat.count", BodyMalformed, 400}},
		{"an empty text", hygienic, []string{`set code.coding[0].display ""`}, refusal{"json-empty", "ServiceRequest.code.coding[0].display", BodyMalformed, 400}},
		{"a day that is none", hygienic, []string{`set authoredOn "2026-02-30T09:30:00+01:00"`}, refusal{"r4-value", "ServiceRequest.authoredOn", ProfileViolation, 422}},
		{"a status outside the closed set", hygienic, []string{`set status "open"`}, refusal{"r4-code", "ServiceRequest.status", TerminologyViolation, 422}},
		{"no status", hygienic, []string{`del status`}, refusal{"r4-required", "ServiceRequest.status", ProfileViolation, 422}},
		{"no intent", hygienic, []string{`del intent`}, refusal{"r4-required", "ServiceRequest.intent", ProfileViolation, 422}},
		{"no subject", hygienic, []string{`del subject`}, refusal{"r4-required", "ServiceRequest.subject", ProfileViolation, 422}},
		{"a reference to the wrong type by base FHIR", hygienic, []string{`add basedOn {"reference":"Patient/1"}`}, violation("r4-reference-type", "ServiceRequest.basedOn[0]")},
		{"an unknown element of a contained resource", imaging, []string{`set contained[0].colour "red"`}, refusal{"r4-unknown-element", "ServiceRequest.contained[0].colour", BodyMalformed, 400}},
		{"a contained resource without its status", imaging, []string{`del contained[1].status`}, violation("r4-required", "ServiceRequest.contained[1].status")},
		{"a note without text", hygienic, []string{`del note[0].text`, `del note[0]._text`}, violation("r4-required", "ServiceRequest.note[0].text")},
	})
}

func TestRequestRefusesUnknownProfiles(t *testing.T) {
	t.Parallel()
	want := refusal{"profile-routing", "ServiceRequest.meta.profile", ProfileUnsupported, 422}
	runRefused(t, []change{
		{"no meta", hygienic, []string{`del meta`}, want},
		{"no profile", hygienic, []string{`del meta.profile`}, want},
		{"a profile nobody knows", hygienic, []string{`set meta.profile ["https://example.org/StructureDefinition/other"]`}, want},
		{"a task profile", hygienic, []string{`set meta.profile ["https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-performer-task"]`}, want},
		{"two profiles", hygienic, []string{`add meta.profile "https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/ereferral-annex-81"`}, want},
	})
}

func TestRequestRefusesBrokenCommonStructure(t *testing.T) {
	t.Parallel()
	const uhmep = `"https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep"`
	runRefused(t, []change{
		{"two UHMEP identifiers", hygienic, []string{`add identifier {"system":` + uhmep + `,"value":"a"}`, `add identifier {"system":` + uhmep + `,"value":"b"}`}, violation(common+"identifier[UHMEP]"+card, "ServiceRequest.identifier[UHMEP]")},
		{"a UHMEP identifier without value", hygienic, []string{`add identifier {"system":` + uhmep + `}`}, violation(common+"identifier[UHMEP].value"+card, "ServiceRequest.identifier[UHMEP].value")},
		{"a short code with the letter O", hygienic, []string{`add identifier {"system":"https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep-short","value":"AB12O4"}`}, violation("be-inv-uhmep-short", "ServiceRequest.identifier")},
		{"a short code of seven", hygienic, []string{`add identifier {"system":"https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep-short","value":"AB12X45"}`}, violation("be-inv-uhmep-short", "ServiceRequest.identifier")},
		{"an SSIN that has no eleven digits", hygienic, []string{`add identifier {"system":"https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin","value":"123"}`}, violation("be-inv-SSIN", "ServiceRequest.identifier")},
		{"no validity", hygienic, []string{`del extension[0]`}, violation(common+"extension[validity]"+card, "ServiceRequest.extension[validity]")},
		{"two validities", hygienic, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-validity-period","valuePeriod":{"start":"2026-11-02"}}`}, violation(common+"extension[validity]"+card, "ServiceRequest.extension[validity]")},
		{"two feedbacks", hygienic, []string{`add extension {"url":"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-feedback-to-prescriber","valueBoolean":true}`}, violation(common+"extension[feedback]"+card, "ServiceRequest.extension[feedback]")},
		{"an intent outside the value set", hygienic, []string{`set intent "plan"`}, refusal{common + "intent:binding", "ServiceRequest.intent", TerminologyViolation, 422}},
		{"no category", hygienic, []string{`del category`}, violation(common+"category"+card, "ServiceRequest.category")},
		{"no discipline", hygienic, []string{`del category[0]`}, violation(common+"category[discipline]"+card, "ServiceRequest.category[discipline]")},
		{"two disciplines", hygienic, []string{`add category {"coding":[{"system":"http://snomed.info/sct","code":"9632001"}]}`}, violation(common+"category[discipline]"+card, "ServiceRequest.category[discipline]")},
		{"two templates", hygienic, []string{`add category {"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type","code":"sampling"}]}`}, violation(common+"category[prescriptionType]"+card, "ServiceRequest.category[prescriptionType]")},
		{"no code", hygienic, []string{`del code`}, violation(common+"code"+card, "ServiceRequest.code")},
		{"no authoredOn", hygienic, []string{`del authoredOn`}, violation(common+"authoredOn"+card, "ServiceRequest.authoredOn")},
		{"authoredOn with milliseconds", hygienic, []string{`set authoredOn "2026-11-02T09:30:00.000+01:00"`}, violation("be-inv-long-date", "ServiceRequest.authoredOn")},
		{"authoredOn with Z", hygienic, []string{`set authoredOn "2026-11-02T08:30:00Z"`}, violation("be-inv-long-date", "ServiceRequest.authoredOn")},
		{"authoredOn as a day", hygienic, []string{`set authoredOn "2026-11-02"`}, violation("be-inv-long-date", "ServiceRequest.authoredOn")},
		{"no requester", hygienic, []string{`del requester`}, violation(common+"requester"+card, "ServiceRequest.requester")},
		{"an organisation as requester", hygienic, []string{`set requester.reference "Organization/NIHII-71000436000"`}, violation(common+"requester:type", "ServiceRequest.requester.reference")},
		{"a group as subject", hygienic, []string{`set subject.reference "Group/1"`}, violation(common+"subject:type", "ServiceRequest.subject.reference")},
		{"a performer", hygienic, []string{`add performer {"reference":"PractitionerRole/80122410269-NURSE"}`}, violation(common+"performer"+card, "ServiceRequest.performer")},
		{"a performerType", hygienic, []string{`set performerType {"text":"nurse"}`}, violation(common+"performerType"+card, "ServiceRequest.performerType")},
		{"replaces something else", hygienic, []string{`add replaces {"reference":"ServiceRequest/1"}`, `set replaces[0].reference "http://example.org/fhir/Task/1"`}, violation(common+"replaces:type", "ServiceRequest.replaces[0].reference")},
		{"two lateralities", hygienic, []string{`add bodySite {"extension":[{"url":"https://www.ehealth.fgov.be/standards/fhir/core-clinical/StructureDefinition/be-ext-laterality","valueCoding":{"system":"http://snomed.info/sct","code":"7771000"}},{"url":"https://www.ehealth.fgov.be/standards/fhir/core-clinical/StructureDefinition/be-ext-laterality","valueCoding":{"system":"http://snomed.info/sct","code":"24028007"}}]}`},
			violation(common+"bodySite.extension[bodyLaterality]"+card, "ServiceRequest.bodySite[0].extension[bodyLaterality]")},
		{"a laterality outside the set", hygienic, []string{`add bodySite {"extension":[{"url":"https://www.ehealth.fgov.be/standards/fhir/core-clinical/StructureDefinition/be-ext-laterality","valueCoding":{"system":"http://snomed.info/sct","code":"1"}}]}`},
			refusal{"be-ext-laterality/value[x]:binding", "ServiceRequest.bodySite[0].extension", TerminologyViolation, 422}},
		{"two note types", hygienic, []string{`add note[0].extension {"url":"https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-codeableconcept","valueCodeableConcept":{"coding":[{"code":"general-remarks"}]}}`},
			violation(common+"note.extension[code]"+card, "ServiceRequest.note[0].extension[code]")},
		{"orderDetail without code", hygienic, []string{`add orderDetail {"coding":[{"code":"a"}]}`, `del code`}, violation("prr-1", "ServiceRequest.code")},
		{"an unknown modifier extension", hygienic, []string{`add modifierExtension {"url":"http://example.org/x","valueBoolean":true}`}, violation("modifier-extension", "ServiceRequest.modifierExtension[0]")},
	})
}

func TestRequestRefusesClosedElements(t *testing.T) {
	t.Parallel()
	for path, value := range map[string]string{
		"implicitRules": `"http://example.org/rules"`, "language": `"nl"`, "instantiatesCanonical": `["http://example.org/a"]`, "instantiatesUri": `["http://example.org/a"]`,
		"requisition": `{"value":"1"}`, "doNotPerform": `false`, "asNeededBoolean": `true`, "asNeededCodeableConcept": `{"text":"pain"}`, "locationCode": `[{"text":"home"}]`,
		"locationReference": `[{"reference":"Location/1"}]`, "insurance": `[{"reference":"Coverage/1"}]`, "patientInstruction": `"rest"`, "relevantHistory": `[{"reference":"Provenance/1"}]`,
		"specimen": `[{"reference":"Specimen/1"}]`, "encounter": `{"reference":"Encounter/1"}`, "meta.security": `[{"code":"R"}]`, "meta.lastUpdated": `"2026-11-02T09:30:00Z"`,
		"meta.source": `"urn:x"`, "meta.tag": `[{"code":"a"}]`, "meta.versionId": `"1"`,
	} {
		rule := path
		if len(path) > 8 && path[:8] == "asNeeded" {
			rule = "asNeeded[x]"
		}
		for _, template := range []string{hygienic, annex, imaging} {
			t.Run(template+" with "+path, func(t *testing.T) {
				t.Parallel()
				_, issues := open(t).ServiceRequest(edited(t, template, "set "+path+" "+value), ctx())
				expect(t, issues, violation(closed+rule+card, "ServiceRequest."+path))
			})
		}
	}
}

func TestRequestRefusesClosedTiming(t *testing.T) {
	t.Parallel()
	for path, value := range map[string]string{
		"contained": `[{"resourceType":"Patient","id":"p"}]`, "reasonReference": `[{"reference":"Condition/1"}]`,
		"occurrenceTiming.id": `"a"`, "occurrenceTiming.extension": `[{"url":"http://example.org/x","valueBoolean":true}]`,
		"occurrenceTiming.modifierExtension": `[{"url":"http://example.org/x","valueBoolean":true}]`, "occurrenceTiming.event": `["2026-11-03"]`, "occurrenceTiming.code": `{"text":"BID"}`,
		"occurrenceTiming.repeat.offset": `5`, "occurrenceTiming.repeat.countMax": `20`, "occurrenceTiming.repeat.durationMax": `3`, "occurrenceTiming.repeat.frequencyMax": `3`,
		"occurrenceTiming.repeat.periodMax": `3`, "occurrenceTiming.repeat.dayOfWeek": `["mon"]`, "occurrenceTiming.repeat.timeOfDay": `["08:00:00"]`,
		"quantityQuantity.id": `"a"`, "quantityQuantity.extension": `[{"url":"http://example.org/x","valueBoolean":true}]`, "quantityQuantity.comparator": `"<"`,
	} {
		for _, template := range []string{"bloodletting", annex} {
			t.Run(template+" with "+path, func(t *testing.T) {
				t.Parallel()
				_, issues := open(t).ServiceRequest(edited(t, template, "set "+path+" "+value), ctx())
				expect(t, issues, violation(timing+path+card, "ServiceRequest."+path))
			})
		}
	}
	runRefused(t, []change{
		{"an id of a body site", hygienic, []string{`add bodySite {"id":"a","text":"arm"}`}, violation(timing+"bodySite.id"+card, "ServiceRequest.bodySite[0].id")},
		{"an author of a note", hygienic, []string{`set note[0].authorString "x"`}, violation(timing+"note.author[x]"+card, "ServiceRequest.note[0].authorString")},
		{"a time of a note", hygienic, []string{`set note[0].time "2026-11-02T09:30:00+01:00"`}, violation(timing+"note.time"+card, "ServiceRequest.note[0].time")},
	})
}
