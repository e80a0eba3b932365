package check

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
)

func rule(template, field, element string) refusal {
	return refusal{"template/" + template + ":" + field, element, TemplateRule, 422}
}

const repeat = "ServiceRequest.occurrenceTiming.repeat"

func TestTemplateRulesThatAlwaysRefuse(t *testing.T) {
	t.Parallel()
	const (
		within   = "diabetic-education-within-care-trajectory"
		without  = "diabetic-education-without-care-trajectory"
		center   = "diabetic-education-convention-center"
		glycemic = "glycemic-test"
		prefill  = "medication-prefill-preparation-not-refunded"
		detail   = "ServiceRequest.orderDetail"
	)
	runRefused(t, []change{
		{"care trajectory without its code", within, []string{`del orderDetail[0]`}, rule(within, "orderDetail[education]", detail)},
		{"care trajectory without education type", within, []string{`del orderDetail[1]`}, rule(within, "orderDetail[education-type]", detail)},
		{"care trajectory with a type of those without", within, []string{`set orderDetail[1].coding[0].code "diabetic-education-self-care"`}, rule(within, "orderDetail[education-type]", detail)},
		{"care trajectory without session type", within, []string{`del orderDetail[2]`}, rule(within, "orderDetail[session-type]", detail)},
		{"start trajectory without its code", start, []string{`del orderDetail[0]`}, rule(start, "orderDetail[education]", detail)},
		{"start trajectory without session type", start, []string{`del orderDetail[1]`}, rule(start, "orderDetail[session-type]", detail)},
		{"start trajectory with the session type of the extended set", start, []string{`set orderDetail[1].coding[0].code "combination-session"`}, rule(start, "orderDetail[session-type]", detail)},
		{"start trajectory with five sessions", start, []string{`set occurrenceTiming.repeat.count 5`}, rule(start, "sessions", repeat+".count")},
		{"start trajectory without sessions", start, []string{`del occurrenceTiming`}, rule(start, "sessions", repeat+".count")},
		{"no trajectory without its code", without, []string{`del orderDetail[0]`}, rule(without, "orderDetail[education]", detail)},
		{"no trajectory without education type", without, []string{`del orderDetail[1]`}, rule(without, "orderDetail[education-type]", detail)},
		{"convention centre without its code", center, []string{`del orderDetail`}, rule(center, "orderDetail[education]", detail)},
		{"glycemic test without its moment", glycemic, []string{`del orderDetail`}, rule(glycemic, "orderDetail[timing]", detail)},
		{"glycemic test at an unknown moment", glycemic, []string{`set orderDetail[0].coding[0].code "at-night"`}, rule(glycemic, "orderDetail[timing]", detail)},
		{"medication without frequency", prefill, []string{`del occurrenceTiming`}, rule(prefill, "frequency", repeat)},
		{"medication eight times a week", prefill, []string{`set occurrenceTiming.repeat.frequency 8`}, rule(prefill, "frequency", repeat+".frequency")},
		{"medication by day", prefill, []string{`set occurrenceTiming.repeat.periodUnit "d"`}, rule(prefill, "frequency-unit", repeat+".periodUnit")},
		{"parameters without parameter", "parameters", []string{`del orderDetail`}, rule("parameters", "orderDetail[parameter]", detail)},
		{"sampling without sample", "sampling", []string{`set orderDetail[0].coding[0].code "1"`}, rule("sampling", "orderDetail[sample]", detail)},
		{"generic care without its kind", "generic-nursing", []string{`del orderDetail`}, rule("generic-nursing", "orderDetail[care-type]", detail)},
		{"other care without words", "generic-nursing", []string{`set orderDetail[0].coding[0].code "other-care"`}, rule("generic-nursing", "orderDetail.text", detail+"[0].text")},
		{"another parameter without words", "parameters", []string{`set orderDetail[0].coding[0].code "363787002"`}, rule("parameters", "orderDetail.text", detail+"[0].text")},
		{"another sample without words", "sampling", []string{`set orderDetail[0].coding[0].code "91720002"`}, rule("sampling", "orderDetail.text", detail+"[0].text")},
		{"another education without words", without, []string{`set orderDetail[1].coding[0].code "diabetic-education-other"`}, rule(without, "orderDetail.text", detail+"[1].text")},
	})
}

func TestTemplateRulesThatWarnUnlessStrict(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, tc := range []change{
		{"another code than the template's", hygienic, []string{`set code.coding[0].code "17636008"`}, rule(hygienic, "code", "ServiceRequest.code")},
		{"no frequency", hygienic, []string{`del occurrenceTiming.repeat.frequency`}, rule(hygienic, "frequency", repeat+".frequency")},
		{"a frequency by month", hygienic, []string{`set occurrenceTiming.repeat.periodUnit "mo"`}, rule(hygienic, "frequency-unit", repeat+".periodUnit")},
		{"no treatment period", hygienic, []string{`del occurrenceTiming.repeat.boundsDuration`}, rule(hygienic, "period", repeat+".boundsDuration")},
		{"a treatment period in days", hygienic, []string{`set occurrenceTiming.repeat.boundsDuration.code "d"`}, rule(hygienic, "period-unit", repeat+".boundsDuration.code")},
		{"no number of sessions", hygienic, []string{`del occurrenceTiming.repeat.count`}, rule(hygienic, "sessions", repeat+".count")},
		{"no timing at all", hygienic, []string{`del occurrenceTiming`}, rule(hygienic, "frequency", repeat+".frequency")},
		{"no diagnosis", "bloodletting", []string{`del reasonCode`}, rule("bloodletting", "diagnosis", "ServiceRequest.reasonCode")},
		{"dialysis by year", "chronic-dialysis", []string{`set occurrenceTiming.repeat.boundsDuration.code "a"`}, rule("chronic-dialysis", "period-unit", repeat)},
		{"six sessions in a care trajectory", "diabetic-education-within-care-trajectory", []string{`set occurrenceTiming.repeat.count 6`}, rule("diabetic-education-within-care-trajectory", "sessions", repeat+".count")},
		{"no educator", start, []string{`del extension[2]`}, rule(start, "educators", "ServiceRequest.extension")},
		{"no time of day", "parameters", []string{`del occurrenceTiming.repeat.when`}, rule("parameters", "timeOfDay", repeat+".when")},
		{"three times a day without medical reason", "parameters", []string{`del note`}, rule("parameters", "medicalReason", "ServiceRequest.note")},
		{"repeated sampling without frequency", "sampling", []string{`set occurrenceTiming.repeat.count 3`}, rule("sampling", "frequency", repeat+".frequency")},
		{"radiology without patient condition", imaging, []string{`del supportingInfo[1]`, `del supportingInfo[1]`}, rule(imaging, "patientConditions", "ServiceRequest.supportingInfo")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			body := edited(t, tc.template, tc.edits...)
			sr, issues := c.ServiceRequest(body, ctx())
			if len(Errors(issues)) > 0 || sr.Tree == nil {
				t.Errorf("got %+v, want warnings only", Errors(issues))
			}
			warned := false
			for _, issue := range issues {
				warned = warned || issue.Severity == SeverityWarning && issue.Rule == tc.want.rule
			}
			if !warned {
				t.Errorf("got %+v, want a warning of %s", issues, tc.want.rule)
			}
			strict := ctx()
			strict.StrictTemplates = true
			_, issues = c.ServiceRequest(body, strict)
			expect(t, issues, tc.want)
		})
	}
}

func TestWhatTemplatesLeaveFree(t *testing.T) {
	t.Parallel()
	c := open(t)
	other := `"` + sample.Encrypted(sample.DefaultKeyID) + `","_text":{"extension":[{"url":` + markerURL + `,"extension":[{"url":"marker","valueBoolean":true},{"url":"format","valueCode":"encrypted"}]}]}`
	for _, tc := range []change{
		{name: "other care with words", template: "generic-nursing", edits: []string{`set orderDetail[0] {"coding":[{"system":"https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-generic-care-types","code":"other-care"}],"text":` + other + `}`}},
		{name: "a coded reason beside the words", template: "parameters", edits: []string{`add reasonCode[0].coding {"system":"http://snomed.info/sct","code":"404684003"}`, `del note`}},
		{name: "single sampling without rhythm", template: "sampling"},
		{name: "details in one concept", template: start, edits: []string{`set orderDetail [{"coding":[{"system":"http://snomed.info/sct","code":"211151000172106"},{"system":"https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-session-types","code":"individual-session"}]}]`}},
		{name: "the glycemic moment and another detail", template: "glycemic-test", edits: []string{`add orderDetail {"coding":[{"system":"http://example.org/x","code":"1"}]}`}},
		{name: "seven times a week", template: "medication-prefill-preparation-not-refunded", edits: []string{`set occurrenceTiming.repeat.frequency 7`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			strict := ctx()
			strict.StrictTemplates = true
			if _, issues := c.ServiceRequest(edited(t, tc.template, tc.edits...), strict); len(Errors(issues)) > 0 {
				t.Errorf("got %+v, want acceptance", Errors(issues)[0])
			}
		})
	}
}

func TestBrokenTemplateFilesStopTheStart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"an unknown member", "templates:\n  - code: hygienic-care\n    colour: red\n", "templates.yaml:3: field"},
		{"no code", "templates:\n  - {kind: nursing, maximum: {years: 1}}\n", "code is missing"},
		{"an unknown kind", "templates:\n  - {code: hygienic-care, kind: dental, maximum: {years: 1}}\n", `kind "dental"`},
		{"no maximum", "templates:\n  - {code: hygienic-care, kind: nursing}\n", "maximum is missing"},
		{"a code twice", "templates:\n  - {code: sampling, kind: nursing, maximum: {years: 1}}\n  - {code: sampling, kind: nursing, maximum: {years: 1}}\n", "stands twice"},
		{"a code that is none", "templates:\n  - {code: washing, kind: nursing, maximum: {years: 1}}\n", "not in be-cs-prescription-type"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := &Checker{codes: open(t).codes}
			err := c.loadTemplates(fstest.MapFS{templatesFile: {Data: []byte(tc.text)}})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q in it", err, tc.want)
			}
		})
	}
}

func TestTemplatesNameKnownValueSets(t *testing.T) {
	t.Parallel()
	c := open(t)
	if got := len(c.Templates()); got != len(sample.Templates()) {
		t.Errorf("got %d templates, want %d", got, len(sample.Templates()))
	}
	for _, code := range c.Templates() {
		for _, d := range c.Template(code).Details {
			if d.ValueSet == "" {
				continue
			}
			if _, known := c.codes.Member(terminology+"ValueSet/"+d.ValueSet, snomed, "1"); !known {
				t.Errorf("%s: the value set %s is unknown", code, d.ValueSet)
			}
		}
	}
}
