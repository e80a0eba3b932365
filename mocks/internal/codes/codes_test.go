package codes

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func load(t *testing.T) *Registry {
	t.Helper()
	r, err := Load(os.DirFS("../../../fixtures"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const vs = "https://www.ehealth.fgov.be/standards/fhir/terminology/ValueSet/"
const cs = "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/"

func TestMember(t *testing.T) {
	t.Parallel()
	r := load(t)
	for _, tc := range []struct {
		name, set, system, code string
		member, known           bool
	}{
		{"a listed code is a member", vs + "be-vs-request-track", cs + "be-cs-request-track", "urgency", true, true},
		{"a version on the set is ignored", vs + "be-vs-request-track|1.0", cs + "be-cs-request-track|2", "urgency", true, true},
		{"an absent code of a complete list is none", vs + "be-vs-request-track", cs + "be-cs-request-track", "soon", false, true},
		{"case counts where the system says so", vs + "be-vs-prescription-type", cs + "be-cs-prescription-type", "Hygienic-care", false, true},
		{"case is ignored where the system says so", vs + "be-vs-request-track", cs + "be-cs-request-track", "URGENCY", true, true},
		{"the same code of another system is none", vs + "be-vs-request-track", "http://example.org", "urgency", false, true},
		{"an alias names the same set", vs + "be-vs-laterality", SNOMED, "7771000", true, true},
		{"an unknown set is not known", vs + "no-such", SNOMED, "7771000", false, false},
		{"a well-formed code of a fragment cannot be judged", vs + "be-vs-pss-qsi-indication", cs + "be-cs-pss-qsi-indications", "99999999", false, false},
		{"a malformed code of a fragment is none", vs + "be-vs-pss-qsi-indication", cs + "be-cs-pss-qsi-indications", "abc", false, true},
		{"a rounded id matches on 15 digits", vs + "be-vs-diagnostic-imaging-condition", SNOMED, "1098981000119101", true, true},
		{"a rounded id matches exactly", vs + "be-vs-diagnostic-imaging-condition", SNOMED, "1098981000119100", true, true},
		{"a short id does not match on its beginning", vs + "be-vs-diagnostic-imaging-condition", SNOMED, "225300009", false, true},
		{"the misprinted procedure is taken in its right form", vs + "be-vs-diagnostic-imaging-procedure", SNOMED, "303671000", true, true},
		{"an included set brings its members", vs + "ereferral-vs-imaging-patient-condition-indication", SNOMED, "22253000", true, true},
		{"a narrative sample is no member", vs + "be-vs-diagnostic-imaging-procedure", SNOMED, "77477000", false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m, k := r.Member(tc.set, tc.system, tc.code)
			if m != tc.member || k != tc.known {
				t.Errorf("got member=%v known=%v, want %v %v", m, k, tc.member, tc.known)
			}
		})
	}
}

func TestCodeSystemHas(t *testing.T) {
	t.Parallel()
	r := load(t)
	for _, tc := range []struct {
		name, system, code string
		has, known         bool
	}{
		{"a listed code", cs + "be-cs-note-types", "medical-reason", true, true},
		{"an absent code of a complete system", cs + "be-cs-note-types", "x", false, true},
		{"SNOMED CT is a fragment", SNOMED, "123456789", false, false},
		{"SNOMED CT ids are digits", SNOMED, "abc", false, true},
		{"the form's own modality code passes", SNOMED, "tmp-img-ct", true, true},
		{"an unknown system is not known", "http://example.org", "x", false, false},
		{"the PSS guide's URL has the same codes", PSSProcedures, "114055", true, true},
		{"an empty code never exists", PSSProcedures, "", false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h, k := r.CodeSystemHas(tc.system, tc.code)
			if h != tc.has || k != tc.known {
				t.Errorf("got has=%v known=%v, want %v %v", h, k, tc.has, tc.known)
			}
		})
	}
}

func TestDisplayFollowsTheLanguage(t *testing.T) {
	t.Parallel()
	r := load(t)
	for _, tc := range []struct{ system, code, lang, want string }{
		{cs + "be-cs-prescription-type", "hygienic-care", "nl-BE", "Hygiënische zorg"},
		{cs + "be-cs-prescription-type", "hygienic-care", "fr", "Soins d'hygiène"},
		{cs + "be-cs-prescription-type", "hygienic-care", "en", "Hygienic care"},
		{ReferralProcedures, "114055", "de", "CT, Kopf, ohne i.v.-Kontrastmittel"},
		{cs + "be-cs-prescription-type", "none", "en", ""},
	} {
		if got := r.Display(tc.system, tc.code, tc.lang); got != tc.want {
			t.Errorf("%s in %s: got %q, want %q", tc.code, tc.lang, got, tc.want)
		}
	}
}

func TestEveryCodeSystemOfAValueSetIsNamed(t *testing.T) {
	t.Parallel()
	r := load(t)
	for _, v := range r.ValueSets() {
		for _, in := range v.Include {
			if in.System == "" && in.ValueSet == "" {
				t.Errorf("%s has an include without system", v.URL)
			}
		}
	}
	if n := len(r.ValueSets()); n < 36 {
		t.Errorf("got %d value sets, want at least 36", n)
	}
}

func TestBrokenFixturesNameFileAndLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, data, want string }{
		{"syntax", "{\n\"codeSystems\": [\n}", "terminology/x.json:3"},
		{"unknown member", "{\n\"codeSystem\": []}", "unknown field"},
		{"wrong type", "{\n\"codeSystems\": [{\"url\": 3}]}", "terminology/x.json:2"},
		{"unknown inclusion", `{"valueSets":[{"url":"a","name":"a","include":[{"valueSet":"b"}]}]}`, "which is not here"},
		{"circle", `{"valueSets":[{"url":"a","include":[{"valueSet":"a"}]}]}`, "includes itself"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(fstest.MapFS{"terminology/x.json": {Data: []byte(tc.data)}})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
}
