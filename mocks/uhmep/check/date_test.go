package check

import (
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

func TestDateRulesRefuse(t *testing.T) {
	t.Parallel()
	const at, from, to = "ServiceRequest.authoredOn", "ServiceRequest.extension[validity].valuePeriod.start", "ServiceRequest.extension[validity].valuePeriod.end"
	set := func(start, end string) []string {
		return []string{`set extension[0].valuePeriod {"start":"` + start + `","end":"` + end + `"}`}
	}
	runRefused(t, []change{
		{"written two minutes ahead", hygienic, []string{`set authoredOn "2026-11-02T13:02:00+01:00"`}, refusal{"date-authored-future", at, DateRule, 422}},
		{"written tomorrow", hygienic, []string{`set authoredOn "2026-11-03T09:30:00+01:00"`}, refusal{"date-authored-future", at, DateRule, 422}},
		{"six days before the writing", hygienic, []string{`set extension[0].valuePeriod.start "2026-10-27"`}, refusal{"validity-start-early", from, ValidityRule, 422}},
		{"more than two years ahead", hygienic, []string{`set extension[0].valuePeriod.start "2028-11-03"`}, refusal{"validity-start-late", from, ValidityRule, 422}},
		{"a start trajectory after New Year", start, []string{`set extension[0].valuePeriod.start "2027-01-02"`}, refusal{"validity-start-late", from, ValidityRule, 422}},
		{"an end before the start", hygienic, set("2026-11-10", "2026-11-09"), refusal{"validity-end-before-start", to, ValidityRule, 422}},
		{"an end on the day of writing", hygienic, set("2026-11-02", "2026-11-02"), refusal{"validity-end-authored", to, ValidityRule, 422}},
		{"hygienic care of two years and a day", hygienic, set("2026-11-02", "2028-11-02"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"bloodletting of more than a year", "bloodletting", set("2026-11-02", "2027-11-03"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"dialysis of two years and a day", "chronic-dialysis", set("2026-11-02", "2028-11-02"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"a care trajectory over New Year", "diabetic-education-within-care-trajectory", set("2026-11-02", "2027-01-01"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"a start trajectory over New Year", start, set("2026-11-02", "2027-01-01"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"education without trajectory of two years and a day", "diabetic-education-without-care-trajectory", set("2026-11-02", "2028-11-02"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"a convention centre of more than a year", "diabetic-education-convention-center", set("2026-11-02", "2027-11-03"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"glycemic tests of two years and a day", "glycemic-test", set("2026-11-02", "2028-11-02"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"medication of more than a year", "medication-prefill-preparation-not-refunded", set("2026-11-02", "2027-11-03"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"parameters of two years and a day", "parameters", set("2026-11-02", "2028-11-02"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"sampling of two years and a day", "sampling", set("2026-11-02", "2028-11-02"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"generic care of two years and a day", "generic-nursing", set("2026-11-02", "2028-11-02"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"annex 81 of more than a year", annex, set("2026-11-02", "2027-11-03"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
		{"radiology of more than a year", imaging, set("2026-11-02", "2027-11-03"), refusal{"validity-end-maximum", to, ValidityRule, 422}},
	})
}

func TestValidityIsAccepted(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, tc := range []struct {
		name, template, period string
		start, end             string
	}{
		{"five days before the writing", hygienic, `{"start":"2026-10-28"}`, "2026-10-28", "2028-10-27"},
		{"two years ahead", hygienic, `{"start":"2028-11-02"}`, "2028-11-02", "2030-11-01"},
		{"the last possible day", hygienic, `{"start":"2026-11-02","end":"2028-11-01"}`, "2026-11-02", "2028-11-01"},
		{"the last possible day of a year", "bloodletting", `{"start":"2026-11-02","end":"2027-11-02"}`, "2026-11-02", "2027-11-02"},
		{"the day after the writing", hygienic, `{"start":"2026-11-02","end":"2026-11-03"}`, "2026-11-02", "2026-11-03"},
		{"no start", hygienic, `{"end":"2027-01-01"}`, "2026-11-02", "2027-01-01"},
		{"a start trajectory at New Year", start, `{"start":"2027-01-01"}`, "2027-01-01", "2027-12-31"},
		{"no end in the year of the start", "diabetic-education-within-care-trajectory", `{"start":"2026-11-02"}`, "2026-11-02", "2026-12-31"},
		{"annex 81 for a year", annex, `{"start":"2026-11-02","end":"2027-11-02"}`, "2026-11-02", "2027-11-02"},
		{"radiology without end", imaging, `{"start":"2026-11-02"}`, "2026-11-02", "2027-11-02"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			sr, issues := c.ServiceRequest(edited(t, tc.template, `set extension[0].valuePeriod `+tc.period), ctx())
			if len(issues) > 0 {
				t.Fatalf("got %+v, want acceptance", issues[0])
			}
			if sr.Validity.Start != tc.start || sr.Validity.End != tc.end {
				t.Errorf("got %+v, want %s to %s", sr.Validity, tc.start, tc.end)
			}
		})
	}
}

func TestWritingIsAcceptedAMinuteAhead(t *testing.T) {
	t.Parallel()
	if _, issues := open(t).ServiceRequest(edited(t, hygienic, `set authoredOn "2026-11-02T13:00:59+01:00"`), ctx()); len(issues) > 0 {
		t.Errorf("got %+v, want acceptance", issues[0])
	}
}

func TestMaximumEndsOnTheLastDayThereIs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		maximum    Maximum
		start, end workflow.Day
	}{
		{"29 February and a year", Maximum{Years: 1}, "2028-02-29", "2029-02-28"},
		{"29 February and two years less a day", Maximum{Years: 2, Days: -1}, "2028-02-29", "2030-02-27"},
		{"New Year's Eve", Maximum{EndOfYear: true}, "2026-12-31", "2026-12-31"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.maximum.End(tc.start); got != tc.end {
				t.Errorf("got %s, want %s", got, tc.end)
			}
		})
	}
}

func TestDaysBeginInBrussels(t *testing.T) {
	t.Parallel()
	c := open(t)
	late := Context{Now: time.Date(2026, 11, 2, 23, 40, 0, 0, time.UTC)} // 3 November in Brussels
	sr, issues := c.ServiceRequest(edited(t, hygienic, `set authoredOn "2026-11-02T23:30:00+00:00"`, `set extension[0].valuePeriod {"end":"2026-11-04"}`), late)
	if len(issues) > 0 || sr.Validity.Start != "2026-11-03" {
		t.Errorf("got %+v %+v, want a start on 2026-11-03", sr.Validity, issues)
	}
}

func TestLatestIsTheLaterOfValidityAndTreatment(t *testing.T) {
	t.Parallel()
	two := &Duration{Value: 2, Unit: "mo"}
	for _, tc := range []struct {
		name       string
		end, first workflow.Day
		bounds     *Duration
		want       workflow.Day
	}{
		{"no treatment period", "2027-01-01", "2026-12-01", nil, "2027-01-01"},
		{"treatment past the validity", "2027-01-01", "2026-12-15", two, "2027-02-15"},
		{"treatment within the validity", "2027-06-01", "2026-12-15", two, "2027-06-01"},
		{"not started", "2027-01-01", "", two, "2027-01-01"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := Latest(tc.end, tc.first, tc.bounds); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
