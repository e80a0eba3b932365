package uhmep

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

func identifier(o tree.Object, system string) string {
	for _, i := range tree.Objects(o, "identifier") {
		if tree.Text(i, "system") == system {
			return tree.Text(i, "value")
		}
	}
	return ""
}

func TestEveryTemplateCanBeCreatedAndReadBack(t *testing.T) {
	t.Parallel()
	for _, template := range sample.Templates() {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			b := open(t, false)
			by := "dr-peeters"
			if template == sample.Annex81 {
				by = "nurse-claes"
			}
			id := b.create(template, by)
			read := b.want(b.call(by, "GET", "/ServiceRequest/"+id, nil), 200)
			if identifier(read.tree, uhmepSystem) != id {
				t.Errorf("UHMEP identifier: %v", read.tree["identifier"])
			}
			short := identifier(read.tree, shortSystem)
			if template == sample.Annex81 {
				if short != "" {
					t.Errorf("a proposal has the short code %s", short)
				}
			} else if !regexp.MustCompile(`^[0-9A-NP-Z]{4}[A-F0-9]{2}$`).MatchString(short) {
				t.Errorf("short code %q", short)
			}
			if ext, _ := tree.Extension(read.tree, validityURL); tree.Text(tree.Child(ext, "valuePeriod"), "end") == "" {
				t.Error("the server did not fill validity.end in")
			}
			if read.text("status") != "active" {
				t.Errorf("status %s", read.text("status"))
			}
		})
	}
}

func TestRequesterRules(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, as, by string
		status       int
		code         string
	}{
		{"access-requester: another professional", "dr-peeters", "dr-suspended", 403, "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL"},
		{"access-requester: an organisation without its scope in the role", "hospital", "dr-peeters", 403, "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL"},
		{"access-requester: an organisation for another one", "hospital", "dr-peeters@medicalhouse", 403, "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL"},
		{"an organisation for its own professional", "hospital", "dr-peeters@hospital", 201, ""},
		{"access-role: a nurse may not prescribe", "nurse-claes", "nurse-claes", 403, "ACCESS_MATRIX_DENIED"},
		{"access-role: a patient may not prescribe", "pat-dubois", "dr-peeters", 403, "ACCESS_MATRIX_DENIED"},
		{"access-matrix: a group of nurses may not prescribe", "groupofnurses", "nurse-claes@groupofnurses", 403, "ACCESS_MATRIX_DENIED"},
		{"access-suspended: a restricted physician", "dr-suspended", "dr-suspended", 403, "PROFESSIONAL_SUSPENDED"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := open(t, false)
			a := b.call(tc.as, "POST", "/ServiceRequest", b.request("hygienic-care", tc.by))
			if a.Code != tc.status || a.code() != tc.code {
				t.Errorf("got %d %s, want %d %s\n%s", a.Code, a.code(), tc.status, tc.code, a.Body)
			}
			b.consistent()
		})
	}
}

// Who is not in the directory cannot be named.
func TestUnknownOwnersAreRefused(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	for name, owner := range map[string]string{
		"unknown person":       "PractitionerRole/80122410269-NURSE",
		"another discipline":   "PractitionerRole/71011599751-NURSE",
		"not assignable":       "PractitionerRole/71011599751-PHYSICIAN",
		"unknown organisation": "PractitionerRole/85072299879-NURSE-NIHII-94099995999",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b.want(b.call("nurse-claes", "POST", "/Task", sample.PerformerTask(id, owner)), 422, "ACTOR_UNRESOLVED")
		})
	}
	b.want(b.call("pat-dubois", "POST", "/Task", sample.OrganizationTask(id, "Organization/NIHII-71099911710")), 422, "ACTOR_UNRESOLVED")
}

// D1: the token does not say yet that the prescriber is suspended.
func TestD1AnEarlierSuspensionBlacklistsAtOnce(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	b.care.suspended["71011599751"] = "2026-11-01"
	id := b.create("hygienic-care", "dr-peeters")
	b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+id, nil), 404)
	b.want(b.call("pat-dubois", "GET", "/ServiceRequest/"+id, nil), 404)
	b.consistent()
}

func TestD10AndD11ALaterSuspension(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	ready, running := b.create("hygienic-care", "dr-peeters"), b.create("hygienic-care", "dr-peeters")
	proposalOf := b.create("hygienic-care", "dr-peeters@hospital")
	b.assign("nurse-claes", ready, "nurse-claes")
	task := b.assign("nurse-claes", running, "nurse-claes")
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(longDate(b.t.Clock.Now())))), 200)
	if err := b.s.Suspended(b.t, "71011599751", b.t.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	b.want(b.call("nurse-claes", "GET", "/ServiceRequest/"+ready, nil), 404)
	if a := b.want(b.call("nurse-claes", "GET", "/ServiceRequest/"+running, nil), 200); a.text("status") != "entered-in-error" {
		t.Errorf("status: %s", a.text("status"))
	}
	if a := b.call("nurse-claes", "GET", "/Task/"+task, nil); a.text("status") != "on-hold" {
		t.Errorf("running task: %s", a.text("status"))
	}
	b.want(b.call("nurse-claes", "GET", "/ServiceRequest/"+proposalOf, nil), 200)
	b.consistent()
}

func TestASuspensionInTheFutureBeginsWithTheClock(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	since := b.t.Clock.Now().Add(48 * time.Hour)
	if err := b.s.Suspended(b.t, "71011599751", since); err != nil {
		t.Fatal(err)
	}
	if at, ok := b.s.NextTransition(b.t); !ok || !at.Equal(since) {
		t.Errorf("next transition: %v, want %v", at, since)
	}
	b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+id, nil), 200)
	b.t.Clock.Advance(49 * time.Hour)
	b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+id, nil), 404)
	b.consistent()
}

func TestPseudonymsThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	key := pseudonymURN + encodePoint("of another domain", 2) + ":" + sampleBox()
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", b.request("hygienic-care", "dr-peeters", func(o *sample.Options) { o.Key = key })), 422, "PSEUDONYM_INVALID")
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", b.request("hygienic-care", "dr-peeters", func(o *sample.Options) { o.Patient = key })), 422, "PSEUDONYM_INVALID")
	b.want(b.call("nurse-claes", "POST", "/ServiceRequest/_search", form("patient", key)), 422, "PSEUDONYM_INVALID")
	b.want(b.call("nurse-claes", "POST", "/ServiceRequest/_search", form("patient", "54022899886")), 422, "PSEUDONYM_INVALID")
}

func TestAStablePseudonymCannotBeSmuggledIn(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	body := b.request("hygienic-care", "dr-peeters")
	tree.Append(body, "extension", tree.Object{"url": "http://example.org/x", "valueString": "urn:sandbox:at-rest:rest-54022899886"})
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", body), 400, "BODY_MALFORMED")
}

func TestPrivacyChecks(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create("hygienic-care", "dr-peeters")
	task := b.assign("nurse-claes", id, "nurse-claes")
	now := longDate(b.t.Clock.Now())
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(now))), 200)
	b.care.mu.Lock()
	b.care.forbidden["rest-54022899886/85072299879"] = "no therapeutic relation"
	b.care.forbidden["rest-54022899886/71011599751"] = "no informed consent"
	b.care.mu.Unlock()
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", b.request("hygienic-care", "dr-peeters")), 403, "PRIVACY_CHECK_FAILED")
	b.want(b.call("nurse-claes", "GET", "/ServiceRequest/"+id, nil), 403, "PRIVACY_CHECK_FAILED")
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.FinishAt(now))), 403, "PRIVACY_CHECK_FAILED")
	b.want(b.call("pat-dubois", "GET", "/ServiceRequest/"+id, nil), 200)
	found := b.want(b.call("nurse-claes", "POST", "/ServiceRequest/_search", form("patient", b.patientIn("pat-dubois"))), 200)
	if n := tree.Number(found.tree, "total"); n != "0" {
		t.Errorf("search finds %s documents of a patient who is off limits", n)
	}
	// Interrupting applies no such checks.
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.SetStatus("Task", "on-hold"))), 200)
}

func TestAProlongation(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	first := b.create("bloodletting", "dr-peeters", func(o *sample.Options) { o.End = "2026-12-24" })
	prolong := func(template string, change ...func(*sample.Options)) tree.Object {
		change = append([]func(*sample.Options){func(o *sample.Options) { o.Start = "2026-12-25" }}, change...)
		body := b.request(template, "dr-peeters", change...)
		body["replaces"] = []any{tree.Object{"reference": "ServiceRequest/" + first}}
		return body
	}
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", prolong("hygienic-care")), 422, "REPLACES_RULE")
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", prolong("bloodletting", func(o *sample.Options) { o.Start = "2026-12-24" })), 422, "REPLACES_RULE")
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", prolong("bloodletting", func(o *sample.Options) { o.Patient = b.patientIn("pat-young") })), 422, "REPLACES_RULE")
	unknown := prolong("bloodletting")
	unknown["replaces"] = []any{tree.Object{"reference": "ServiceRequest/8c6f5d9e-5b8a-4a53-9c4b-0e5a7f0f0c11"}}
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", unknown), 422, "REPLACES_RULE")
	second := b.want(b.call("dr-peeters", "POST", "/ServiceRequest", prolong("bloodletting")), 201).id()
	found := b.want(b.call("dr-peeters", "POST", "/ServiceRequest/_search", form("patient", b.patientIn("pat-dubois"), "_id", second, "_include", "ServiceRequest:replaces")), 200)
	if e := found.entries(); len(e) != 2 || e[1]["id"] != first {
		t.Errorf("include replaces: %s", found.Body)
	}
}

func TestConditionalCreate(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	body := b.request("hygienic-care", "dr-peeters")
	a := b.want(b.call("dr-peeters", "POST", "/ServiceRequest", body, "If-None-Exist", "identifier="+uhmepSystem+"|nothing"), 201)
	again := b.request("hygienic-care", "dr-peeters")
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", again, "If-None-Exist", "identifier="+uhmepSystem+"|"+a.id()), 412)
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", again, "If-None-Exist", "status=active"), 400, "NOT_SUPPORTED")
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", again, "If-None-Exist", "identifier=http://example.org|1"), 201)
	own := b.request("hygienic-care", "dr-peeters")
	own["identifier"] = []any{tree.Object{"system": "http://example.org", "value": "o-1"}}
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", own, "If-None-Exist", "identifier=http://example.org|o-1"), 201)
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", own, "If-None-Exist", "identifier=http://example.org|o-1"), 412)
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", own, "If-None-Exist", "identifier=http://example.org|o-2"), 201)
}

func TestPrefer(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	minimal := b.call("dr-peeters", "POST", "/ServiceRequest", b.request("hygienic-care", "dr-peeters"), "Prefer", "return=minimal")
	if minimal.Code != 201 || minimal.Body.Len() != 0 || minimal.Header().Get("Location") == "" {
		t.Errorf("minimal: %d %s", minimal.Code, minimal.Body)
	}
	outcome := b.call("dr-peeters", "POST", "/ServiceRequest", b.request("hygienic-care", "dr-peeters"), "Prefer", "return=OperationOutcome")
	if outcome.Code != 201 || outcome.text("resourceType") != "OperationOutcome" {
		t.Errorf("outcome: %d %s", outcome.Code, outcome.Body)
	}
}

func TestShortCodes(t *testing.T) {
	t.Parallel()
	n := uint64(0)
	for range 500 {
		code := drawShortCode(func(limit uint64) uint64 { n = n*6364136223846793005 + 1442695040888963407; return (n >> 33) % limit })
		if got, ok := ParseShortCode(strings.ToLower(strings.ReplaceAll(code, "0", "o"))); !ok || got != code {
			t.Fatalf("%s: typed in small letters and with O for zero it is %q, %t", code, got, ok)
		}
		other := strings.Trim("AB", code[5:])[:1]
		if _, ok := ParseShortCode(code[:5] + other); ok {
			t.Errorf("%s: the check character %s is accepted too", code, other)
		}
	}
	for _, bad := range []string{"", "ABCDE", "ABCDEFG", "ABC-12", "ÀBCD12", "000001"} {
		if _, ok := ParseShortCode(bad); ok {
			t.Errorf("%q accepted", bad)
		}
	}
}
