package query

import (
	"net/url"
	"testing"
	"time"
)

func TestDateFilters(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)
	for value, want := range map[string]bool{
		"2026": true, "2025": false, "2026-11": true, "2026-10": false, "2026-11-24": true, "2026-11-23": false,
		"eq2026-11-24": true, "ne2026-11-24": false, "ne2026-11-23": true,
		"gt2026-11-24": false, "gt2026-11-23": true, "ge2026-11-24": true, "lt2026-11-24": false, "lt2026-11-25": true, "le2026-11-24": true,
		"sa2026-11-23": true, "eb2026-11-25": true,
		"2026-11-24T12:00:00+01:00": true, "2026-11-24T12:00:01+01:00": false, "ge2026-11-24T11:00:00Z": true, "gt2026-11-24T11:00:00Z": false,
		"lt2026-11-24T11:00:00.001Z": true, "2026-11-24T12:00": true, "ge2026-11-24T12:00:00": true,
		"2026-11-24T12:00:00 01:00": true, // a plus sign that was not escaped
	} {
		r, ok := parseDate(value)
		if !ok || r.Holds(noon) != want {
			t.Errorf("%s: read %t, holds %t, want %t", value, ok, r.Holds(noon), want)
		}
	}
	for _, value := range []string{"", "x", "ap2026-11-24", "2026-13", "2026-11-31", "xx2026", "20261124", "2026-11-24T25:00:00Z"} {
		if _, ok := parseDate(value); ok {
			t.Errorf("%q was read", value)
		}
	}
}

func TestTaskKinds(t *testing.T) {
	t.Parallel()
	for profile, want := range map[string]string{
		"": "referral", "Profile/be-performer-task": "performer", "be-organization-task": "organization",
		"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-referral-task|1.0.0": "referral", "x": "",
	} {
		if got, _ := TaskKind(profile); got != want {
			t.Errorf("%q: got %q, want %q", profile, got, want)
		}
	}
}

// Whatever comes in, Parse answers: a query within bounds, or what is bad.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"patient=urn:be:fgov:pseudo:v2:A:B&_count=5", "status=active,revoked&_has:Task:focus:status=ready&_profile=Profile/be-performer-task",
		"_has:Task:focus:owner=Organization/NIHII-1&_offset=3", "authored=ge2026-01-01&_sort=-authored", "status:not=x", "identifier=|A&_page=x", "_count=%zz", "code=a|b|c,,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		form, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		q, bad := Parse(form)
		if (q == nil) == (bad == nil) {
			t.Fatalf("query %v, bad %v", q, bad)
		}
		if bad != nil {
			if bad.Code == "" || bad.Rule == "" {
				t.Fatalf("%+v names no rule", bad)
			}
			return
		}
		if q.Count < 0 || q.Count > MaxCount || q.Offset < 0 {
			t.Fatalf("count %d, offset %d", q.Count, q.Offset)
		}
		_ = q.Demand(Asker{Role: "organization", Organisation: "Organization/NIHII-1"})
		_ = q.Demand(Asker{Role: "prescriber", Is: func(string) bool { return false }})
	})
}
