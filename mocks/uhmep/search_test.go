package uhmep

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// searchWorld has one of several kinds of documents for pat-dubois and one for
// pat-young.
func searchWorld(t *testing.T) (*bench, map[string]string) {
	t.Helper()
	b := open(t, false)
	young := func(o *sample.Options) { o.Patient = b.patientIn("pat-young") }
	ids := map[string]string{
		"ready":     b.create("hygienic-care", "dr-peeters"),
		"cancelled": b.create("bloodletting", "dr-peeters"),
		"running":   b.create("sampling", "dr-peeters"),
		"proposal":  b.create(sample.Annex81, "nurse-claes"),
		"imaging":   b.create(sample.Imaging, "dentist"),
		"hospital":  b.create("hygienic-care", "dr-peeters@hospital"),
		"young":     b.create("hygienic-care", "dr-peeters", young),
	}
	b.want(b.call("dr-peeters", "PATCH", "/ServiceRequest/"+ids["cancelled"], sample.Patch(sample.SetStatus("ServiceRequest", "revoked"))), 200)
	task := b.assign("nurse-claes", ids["running"], "nurse-claes")
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(longDate(b.t.Clock.Now())))), 200)
	b.assign("pat-dubois", ids["ready"], "groupofnurses")
	return b, ids
}

func TestSearchFilters(t *testing.T) {
	t.Parallel()
	b, ids := searchWorld(t)
	self := b.role("dr-peeters")
	for _, tc := range []struct {
		name, as, form, want string
	}{
		{"by patient, as a physician", "dr-peeters", form("patient", "P"), "ready cancelled running proposal imaging hospital"},
		{"by patient, as a nurse: no imaging, nothing cancelled", "nurse-claes", form("patient", "P"), "ready running proposal hospital"},
		{"by patient with Patient/ before the pseudonym", "nurse-claes", form("patient", "Patient/P"), "ready running proposal hospital"},
		{"by patient, as the patient: all", "pat-dubois", form("patient", "P"), "ready cancelled running proposal imaging hospital"},
		{"by requester", "dr-peeters", form("requester", self), "ready cancelled running young"},
		{"by requester with an absolute reference", "dr-peeters", form("requester", "http://sandbox.test/uhmep/v1/"+self), "ready cancelled running young"},
		{"by another requester with patient", "nurse-claes", form("patient", "P", "requester", self), "ready running"},
		{"by status", "dr-peeters", form("requester", self, "status", "revoked"), "cancelled"},
		{"by several statuses", "dr-peeters", form("requester", self, "status", "revoked,active"), "ready cancelled running young"},
		{"by a status that does not exist: empty", "dr-peeters", form("requester", self, "status", "nonsense"), ""},
		{"by status reason", "dr-peeters", form("requester", self, "statusReason", "cancelingReason"), "cancelled"},
		{"by status reason with its system", "dr-peeters", form("requester", self, "statusReason", "https://www.ehealth.fgov.be/standards/fhir/referral/CodeSystem/be-prescription-status-reason|cancelingReason"), "cancelled"},
		{"by referral task status", "dr-peeters", form("requester", self, "_has:Task:focus:status", "in-progress"), "running"},
		{"by performer task status", "dr-peeters", form("requester", self, "_has:Task:focus:status", "in-progress", "_profile", "Profile/be-performer-task"), "running"},
		{"by organisation task status", "dr-peeters", form("requester", self, "_has:Task:focus:status", "ready", "_profile", "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-organization-task"), "ready"},
		{"by performer", "nurse-claes", form("_has:Task:focus:owner", b.role("nurse-claes")), "running"},
		{"by organisation", "groupofnurses", form("_has:Task:focus:owner", "Organization/NIHII-94099995940"), "ready"},
		{"by template in code", "nurse-claes", form("patient", "P", "code", "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type|sampling"), "running"},
		{"by code of the request", "nurse-claes", form("patient", "P", "code", "http://snomed.info/sct|225964003"), "ready hospital"},
		{"by code without system", "nurse-claes", form("patient", "P", "code", "225964003"), "ready hospital"},
		{"by template in category", "nurse-claes", form("patient", "P", "category", "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type|hygienic-care"), "ready hospital"},
		{"by discipline in category", "dr-peeters", form("patient", "P", "category", "http://snomed.info/sct|363679005"), "imaging"},
		{"by intent", "nurse-claes", form("patient", "P", "intent", "proposal"), "proposal"},
		{"by id", "nurse-claes", form("patient", "P", "_id", ids["ready"]), "ready"},
		{"authored today", "nurse-claes", form("patient", "P", "authored", "2026-11-24", "intent", "proposal"), "proposal"},
		{"authored before today: empty", "nurse-claes", form("patient", "P", "authored", "lt2026-11-24"), ""},
		{"last updated since yesterday", "nurse-claes", form("patient", "P", "_lastUpdated", "ge2026-11-23T00:00:00Z", "intent", "proposal"), "proposal"},
		{"filters are ANDed", "nurse-claes", form("patient", "P", "intent", "proposal", "code", "225964003"), ""},
		{"an unknown filter is ignored", "nurse-claes", form("patient", "P", "colour", "blue", "intent", "proposal"), "proposal"},
		{"two patients at once: empty", "nurse-claes", form("patient", "P", "patient", "Q"), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v, err := url.ParseQuery(tc.form)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range v["patient"] {
				p = strings.Replace(p, "P", b.patientIn("pat-dubois"), 1)
				if strings.HasPrefix(v["patient"][i], "Patient/") {
					p = "Patient/" + b.patientIn("pat-dubois")
				}
				v["patient"][i] = strings.Replace(p, "Q", b.patientIn("pat-young"), 1)
				if v["patient"][i][0] != 'P' && !strings.HasPrefix(v["patient"][i], pseudonymURN) {
					t.Fatal(v["patient"][i])
				}
			}
			a := b.want(b.call(tc.as, "POST", "/ServiceRequest/_search", v.Encode()), 200)
			got := map[string]bool{}
			for _, e := range a.entries() {
				got[tree.Text(e, "id")] = true
			}
			for _, name := range strings.Fields(tc.want) {
				if !got[ids[name]] {
					t.Errorf("%s is missing", name)
				}
				delete(got, ids[name])
			}
			for name, id := range ids {
				if got[id] {
					t.Errorf("%s is there too", name)
				}
			}
			if n := tree.Number(a.tree, "total").String(); n != fmt.Sprint(len(strings.Fields(tc.want))) {
				t.Errorf("total %s", n)
			}
		})
	}
}

func TestMandatorySearchCriteria(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	missing, wrong := "REQUIRED_SEARCH_CRITERIA_MISSING", "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL"
	self, other := b.role("dr-peeters"), b.role("nurse-claes")
	for _, tc := range []struct {
		name, as string
		pairs    []string
		status   int
		code     string
	}{
		{"search-one-of: a prescriber without any", "dr-peeters", []string{"status", "active"}, 400, missing},
		{"search-one-of: an organisation as owner does not count", "dr-peeters", []string{"_has:Task:focus:owner", "Organization/NIHII-94099995940"}, 400, missing},
		{"search-token: another requester", "dr-peeters", []string{"requester", other}, 403, wrong},
		{"search-token: another owner", "nurse-claes", []string{"_has:Task:focus:owner", self}, 403, wrong},
		{"one of the two is the caller", "nurse-claes", []string{"requester", self, "_has:Task:focus:owner", other}, 200, ""},
		{"search-patient-mandatory: a patient without", "pat-dubois", []string{"status", "active"}, 400, missing},
		{"search-patient-self: another patient", "pat-young", []string{"patient", "dubois"}, 403, wrong},
		{"search-owner-mandatory: an organisation without owner", "hospital", []string{"patient", "dubois"}, 400, missing},
		{"search-owner-organisation: another organisation", "hospital", []string{"_has:Task:focus:owner", "Organization/NIHII-94099995940"}, 403, wrong},
		{"search-owner-organisation: another organisation beside its own", "hospital", []string{"_has:Task:focus:owner", "Organization/NIHII-71099911710,Organization/NIHII-94099995940"}, 403, wrong},
		{"search-identifier-with-patient: a short code alone", "dr-peeters", []string{"identifier", "000000", "requester", self}, 400, missing},
		{"short-code: not a short code", "dr-peeters", []string{"identifier", "ABC", "patient", "dubois"}, 400, "INVALID_SHORT_CODE"},
		{"search-count: too many", "dr-peeters", []string{"requester", self, "_count", "26"}, 400, "INVALID_COUNT"},
		{"search-count: no number", "dr-peeters", []string{"requester", self, "_count", "x"}, 400, "INVALID_COUNT"},
		{"search-offset: negative", "dr-peeters", []string{"requester", self, "_offset", "-1"}, 400, "INVALID_PARAMETER"},
		{"search-modifier: on a known filter", "dr-peeters", []string{"requester", self, "status:not", "active"}, 400, "INVALID_PARAMETER"},
		{"search-modifier: a chain", "dr-peeters", []string{"requester.practitioner", "x"}, 400, "INVALID_PARAMETER"},
		{"search-modifier: another _has", "dr-peeters", []string{"requester", self, "_has:Task:focus:code", "x"}, 400, "INVALID_PARAMETER"},
		{"search-sort: unknown", "dr-peeters", []string{"requester", self, "_sort", "status"}, 400, "INVALID_PARAMETER"},
		{"search-total: estimate", "dr-peeters", []string{"requester", self, "_total", "estimate"}, 400, "INVALID_PARAMETER"},
		{"search-summary: text", "dr-peeters", []string{"requester", self, "_summary", "text"}, 400, "INVALID_PARAMETER"},
		{"search-include: unknown", "dr-peeters", []string{"requester", self, "_include", "ServiceRequest:subject"}, 400, "INVALID_PARAMETER"},
		{"search-include: unknown reverse", "dr-peeters", []string{"requester", self, "_revinclude", "Provenance:target"}, 400, "INVALID_PARAMETER"},
		{"search-date: not a date", "dr-peeters", []string{"requester", self, "authored", "yesterday"}, 400, "INVALID_PARAMETER"},
		{"search-page: forged", "dr-peeters", []string{"_page", "AAAA"}, 400, "INVALID_PARAMETER"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for i := range tc.pairs {
				if tc.pairs[i] == "dubois" {
					tc.pairs[i] = b.patientIn("pat-dubois")
				}
			}
			a := b.call(tc.as, "POST", "/ServiceRequest/_search", form(tc.pairs...))
			if a.Code != tc.status || a.code() != tc.code {
				t.Errorf("got %d %s, want %d %s\n%s", a.Code, a.code(), tc.status, tc.code, a.Body)
			}
		})
	}
}

// The three codes of the public catalogue carry the platform's own system.
func TestPublishedCodesCarryThePlatformsSystem(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	system := func(a *answer) string {
		return tree.Text(tree.Objects(tree.Child(tree.Objects(a.tree, "issue")[0], "details"), "coding")[0], "system")
	}
	if got := system(b.call("dr-peeters", "POST", "/ServiceRequest/_search", "status=active")); got != "urn:uhmep:errors" {
		t.Errorf("published code: %s", got)
	}
	if got := system(b.call("dr-peeters", "GET", "/ServiceRequest/x", nil)); got != "urn:sandbox:uhmep:errors" {
		t.Errorf("code of the sandbox: %s", got)
	}
}

func TestPrescriptionsAreFoundByShortCode(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	code := identifier(b.call("dr-peeters", "GET", "/ServiceRequest/"+id, nil).tree, shortSystem)
	for _, as := range []string{"nurse-claes", "pat-dubois", "homecareservices"} {
		a := b.want(b.call(as, "POST", "/ServiceRequest/_search", form("patient", b.patientIn("pat-dubois"), "identifier", strings.ToLower(code))), 200)
		if e := a.entries(); len(e) != 1 || e[0]["id"] != id {
			t.Errorf("%s: %s", as, a.Body)
		}
	}
	a := b.want(b.call("nurse-claes", "POST", "/ServiceRequest/_search", form("patient", b.patientIn("pat-young"), "identifier", code)), 200)
	if len(a.entries()) != 0 {
		t.Errorf("found for another patient: %s", a.Body)
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	var ids []string
	for range 7 {
		ids = append(ids, b.create("hygienic-care", "dr-peeters"))
		b.t.Clock.Advance(time.Second)
	}
	seen := []string{}
	a := b.want(b.call("dr-peeters", "POST", "/ServiceRequest/_search", form("patient", b.patientIn("pat-dubois"), "_count", "3")), 200)
	for range 5 {
		if n := tree.Number(a.tree, "total"); n != "7" {
			t.Fatalf("total %s", n)
		}
		for _, e := range a.entries() {
			seen = append(seen, tree.Text(e, "id"))
		}
		next := ""
		for _, l := range tree.Objects(a.tree, "link") {
			if strings.Contains(tree.Text(l, "url"), "pseudo") {
				t.Errorf("a pseudonym in the link %v", l)
			}
			if tree.Text(l, "relation") == "next" {
				next = tree.Text(l, "url")
			}
		}
		if next == "" {
			break
		}
		a = b.want(b.call("dr-peeters", "GET", strings.TrimPrefix(next, "http://sandbox.test"), nil), 200)
	}
	if len(seen) != 7 {
		t.Fatalf("%d documents over all pages, want 7", len(seen))
	}
	for i, id := range seen {
		if id != ids[6-i] {
			t.Errorf("place %d: newest first is broken", i)
		}
	}
	for sort, first := range map[string]string{"authored": ids[0], "-authored": ids[6], "_lastUpdated": ids[0], "-_lastUpdated": ids[6]} {
		a := b.want(b.call("dr-peeters", "POST", "/ServiceRequest/_search", form("requester", b.role("dr-peeters"), "_sort", sort, "_count", "1")), 200)
		if a.entries()[0]["id"] != first {
			t.Errorf("_sort=%s: another document first", sort)
		}
	}
	count := b.want(b.call("dr-peeters", "POST", "/ServiceRequest/_search", form("requester", b.role("dr-peeters"), "_summary", "count")), 200)
	if tree.Number(count.tree, "total") != "7" || len(count.entries()) != 0 {
		t.Errorf("count only: %s", count.Body)
	}
	none := b.want(b.call("dr-peeters", "POST", "/ServiceRequest/_search", form("requester", b.role("dr-peeters"), "_total", "none", "_count", "2")), 200)
	if _, ok := none.tree["total"]; ok || len(none.entries()) != 2 || !strings.Contains(none.Body.String(), `"next"`) {
		t.Errorf("without total: %s", none.Body)
	}
}

func TestShapesOfResults(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	b.assign("nurse-claes", id, "nurse-claes")
	search := func(pairs ...string) *answer {
		return b.want(b.call("dr-peeters", "GET", "/ServiceRequest?"+form(append(pairs, "requester", b.role("dr-peeters"))...), nil), 200)
	}
	elements := search("_elements", "authoredOn").entries()[0]
	if elements["authoredOn"] == nil || elements["note"] != nil || elements["status"] == nil {
		t.Errorf("_elements: %v", elements)
	}
	summary := search("_summary", "true").entries()[0]
	if summary["code"] == nil || summary["note"] != nil || !strings.Contains(string(tree.Encode(summary)), "SUBSETTED") {
		t.Errorf("_summary=true: %v", summary)
	}
	with := search("_include", "ServiceRequest:requester", "_revinclude", "Task:focus")
	modes := map[string]int{}
	for _, e := range tree.Objects(with.tree, "entry") {
		modes[tree.Text(tree.Child(e, "search"), "mode")+" "+tree.Text(tree.Child(e, "resource"), "resourceType")]++
		if !strings.HasPrefix(tree.Text(e, "fullUrl"), "http://sandbox.test/uhmep/v1/") {
			t.Errorf("fullUrl %v", e["fullUrl"])
		}
	}
	if modes["match ServiceRequest"] != 1 || modes["include PractitionerRole"] != 1 || modes["include Task"] != 2 {
		t.Errorf("included: %v", modes)
	}
}

func TestTasksOfADocument(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	b.assign("nurse-claes", id, "nurse-claes")
	b.assign("nurse-claes", id, "groupofnurses")
	for query, want := range map[string]int{
		"focus=" + id:                3,
		"focus=ServiceRequest/" + id: 3,
		"focus=" + id + "&_profile=Profile/be-referral-task":     1,
		"focus=" + id + "&_profile=Profile/be-performer-task":    1,
		"focus=" + id + "&_profile=Profile/be-organization-task": 1,
		"focus=" + id + "&_profile=Profile/nonsense":             0,
		"focus=" + id + "&status=ready":                          3,
		"focus=" + id + "&status=completed":                      0,
		"focus=" + id + "&owner=Organization/NIHII-94099995940":  1,
		"focus=" + id + "&_count=2":                              2,
		"focus=" + id + "&_count=2&_offset=2":                    1,
		"focus=8c6f5d9e-5b8a-4a53-9c4b-0e5a7f0f0c11":             0,
	} {
		if a := b.want(b.call("nurse-claes", "GET", "/Task?"+query, nil), 200); len(a.entries()) != want {
			t.Errorf("%s: %d tasks, want %d", query, len(a.entries()), want)
		}
	}
	b.want(b.call("nurse-claes", "GET", "/Task?status=ready", nil), 400, "REQUIRED_SEARCH_CRITERIA_MISSING")
	b.want(b.call("nurse-claes", "GET", "/Task?focus="+id+"&_count=99", nil), 400, "INVALID_COUNT")
}

// A replaced number finds the documents of both, under either.
func TestMergedNumbers(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	old := b.create("hygienic-care", "dr-peeters")
	newer := b.create("sampling", "dr-peeters", func(o *sample.Options) { o.Patient = b.patientIn("pat-bis20") })
	b.alias("54022899886", "80322799896")
	for _, name := range []string{"pat-dubois", "pat-bis20"} {
		a := b.want(b.call("nurse-claes", "POST", "/ServiceRequest/_search", form("patient", b.patientIn(name))), 200)
		if len(a.entries()) != 2 {
			t.Errorf("by %s: %d documents, want 2", name, len(a.entries()))
		}
	}
	b.want(b.call("pat-bis20", "GET", "/ServiceRequest/"+old, nil), 200)
	b.want(b.call("pat-dubois", "GET", "/ServiceRequest/"+newer, nil), 200)
	b.consistent()
}
