package pss_test

import (
	"os"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss"
)

// observed is an Observation with the content of its code.
func observed(code string) string {
	return `{"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation","status":"final","code":` + code + `}}`
}

// person is a Patient of an age and gender.
func person(age, gender string) string {
	return strings.NewReplacer(`{"value":53,"system":"http://unitsofmeasure.org","code":"y"}`, age, `"male"`, `"`+gender+`"`).Replace(patientB)
}

// proposed lists the indications an answer proposes, in order.
func proposed(b any) string {
	var codes []string
	for _, a := range list(b, "entry", 0, "resource", "action", 0, "action") {
		task := resourceAt(b, text(a, "resource", "reference"))
		codes = append(codes, text(resourceAt(b, text(task, "input", 0, "valueReference", "reference")), "code", "coding", 0, "code"))
	}
	return strings.Join(codes, " ")
}

func TestGetDiagnosesSearchesAndFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	const ataxia = `{"coding":[{"system":"http://snomed.info/sct","code":"20262006"}]}`
	for _, tc := range []struct{ name, body, want string }{
		{"display of an unmapped code", bundle(patientB, observed(`{"coding":[{"system":"http://snomed.info/sct","code":"1","display":"Carotid stenosis, known"}]}`)), "2333"},
		{"what two symptoms hit comes first", bundle(patientB, observed(`{"text":"head trauma ataxia"}`), observed(ataxia)), "5000246 3074222 3074220 3074221 3074219"},
		{"a rule for women is not offered to men", bundle(patientB, observed(`{"text":"PE suspected (pregnant"}`)), ""},
		{"but to women", bundle(person(`{"value":30,"code":"y"}`, "female"), observed(`{"text":"PE suspected (pregnant"}`)), "3080710"},
		{"and to persons of unknown sex", bundle(person(`{"value":30,"code":"y"}`, "unknown"), observed(`{"text":"PE suspected (pregnant"}`)), "3080710"},
		{"an infant's rule is not offered to adults", bundle(patientB, observed(`{"text":"hip dysplasia"}`)), ""},
		{"but to a child of 18 months", bundle(person(`{"value":18,"code":"mo"}`, "male"), observed(`{"text":"hip dysplasia"}`)), "3074042 3074039"},
		{"of 60 weeks", bundle(person(`{"value":60,"code":"wk"}`, "male"), observed(`{"text":"hip dysplasia"}`)), "3074042 3074039"},
		{"of 30 days", bundle(person(`{"value":30,"code":"d"}`, "male"), observed(`{"text":"hip dysplasia"}`)), "3074042 3074039"},
		{"not to one of 24 months", bundle(person(`{"value":24,"code":"mo"}`, "male"), observed(`{"text":"hip dysplasia"}`)), ""},
		{"an age without unit is in years", bundle(person(`{"value":1.5}`, "male"), observed(`{"text":"hip dysplasia"}`)), "3074042 3074039"},
		{"only indications linked to the intention", bundle(patientB, observed(`{"text":"carotid stenosis"}`), strings.Replace(intentionB, "114055", "114377", 1)), "5000327"},
		{"a Condition of the list instead of a symptom", bundle(patientB, conditionB), "5000246"},
		{"a Condition in SNOMED CT", bundle(patientB, strings.Replace(conditionB, `"https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSQSIConditions","code":"5000246"`, `"http://snomed.info/sct","code":"20262006"`, 1)), "3074220 3074221 5000246 3074219 3074222"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.json(call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: tc.body}, 200)
			if tc.want == "" {
				if exception(got) != "guidance-unavailable" {
					t.Errorf("got %s, want nothing", proposed(got))
				}
				return
			}
			if proposed(got) != tc.want {
				t.Errorf("got %s, want %s", proposed(got), tc.want)
			}
		})
	}
	many := w.json(call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: bundle(patientB, observed(`{"text":"suspected"}`), observed(`{"text":"initial"}`))}, 200)
	if n := len(strings.Fields(proposed(many))); n != 50 {
		t.Errorf("%d proposals, want 50", n)
	}
	for _, body := range []string{bundle(patientB, observed(`{}`)), bundle(patientB, strings.Replace(conditionB, "5000246", "1", 1))} {
		if got := w.json(call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: body}, 422); issueCode(got, 0) != "SBX-CODE-UNKNOWN" {
			t.Errorf("issues %v", got)
		}
	}
	loinc := strings.Replace(conditionB, "https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/PSSQSIConditions", "http://loinc.org", 1)
	if got := w.json(call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: bundle(patientB, loinc)}, 422); issueCode(got, 0) != "SBX-SYSTEM-UNKNOWN" {
		t.Errorf("issues %v", got)
	}
}

func TestTheTerminologyServiceHelpsWhenThereIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.use(pss.Config{
		PreferredTerm: func(_ *tenant.Tenant, code, lang string) string {
			return map[string]string{"25064002 en": "Headache thunderclap"}[code+" "+lang]
		},
		MatchesECL: func(_ *tenant.Tenant, code, ecl string) bool {
			return code == "123612005" && strings.HasPrefix(ecl, "36689008 OR")
		},
	})
	got := w.json(call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: bundle(patientB, observed(`{"coding":[{"system":"http://snomed.info/sct","code":"25064002"}]}`))}, 200)
	if proposed(got) != "3074254 3081593" {
		t.Errorf("by preferred term: %s", proposed(got))
	}
	w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: bundle(patientB, diagnosed("http://snomed.info/sct", "123612005"))}, 200)
	found := false
	for _, x := range list(w.json(call{path: "/_sandbox/pss/exchanges"}, 200), "exchanges") {
		found = found || text(x, "asked", "indications", 0) == "ACUTE_PYELONEPHRITIS"
	}
	if !found {
		t.Error("the expression did not lead to its infection")
	}
}

func TestWhatBaseR4HasAgainstARequestIsAWarning(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.use(pss.Config{CheckR4: func(resource []byte) []string {
		if strings.Contains(string(resource), `"Condition"`) {
			return []string{"no such element"}
		}
		return nil
	}})
	w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}, 200)
	for _, warning := range w.tenant.Journal.Entries(journalOf("get-recommendations"))[0].Warnings {
		if warning.Rule == "pss-r4" && warning.Text == "Bundle.entry[1].resource: no such element" {
			return
		}
	}
	t.Error("the finding is not in the journal")
}

func TestProfilesMayBeNamedByTheirPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	const page = "https://www.ehealth.fgov.be/standards/fhir/pss/StructureDefinition-"
	body := strings.NewReplacer(
		`{"resourceType":"Bundle",`, `{"resourceType":"Bundle","meta":{"profile":["`+page+`PSSRequestBundle.html"]},`,
		"https://www.ehealth.fgov.be/standards/fhir/pss/StructureDefinition/PSSRelevantAge", page+"PSSRelevantAge.html",
	).Replace(recommendBody())
	w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: body}, 200)
	warned := 0
	for _, warning := range w.tenant.Journal.Entries(journalOf("get-recommendations"))[0].Warnings {
		if strings.Contains(warning.Text, "page") {
			warned++
		}
	}
	if warned != 2 {
		t.Errorf("%d warnings about pages, want 2", warned)
	}
}

func TestTheLanguageAskedForIsTheLanguageAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, tc := range []struct{ header, label, error string }{
		{"", "CT, hoofd", "Er moet precies"}, {"NL", "CT, hoofd", "Er moet precies"}, {"FR", "TDM, tête", "Il faut exactement"},
		{"fr-BE", "TDM, tête", "Il faut exactement"}, {"nl-BE, fr;q=0.5", "CT, hoofd", "Er moet precies"}, {"nl;q=0.2, fr;q=0.5", "TDM, tête", "Il faut exactement"},
		{"es, fr;q=0.1", "TDM, tête", "Il faut exactement"}, {"es", "CT, hoofd", "Er moet precies"}, {"en", "CT, head", "There must be"},
		{"de", "CT, Kopf", "There must be"}, {"fr;q=x", "CT, hoofd", "Er moet precies"}, {";;,", "CT, hoofd", "Er moet precies"},
	} {
		t.Run(tc.header, func(t *testing.T) {
			got := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody(), lang: tc.header}, 200)
			if label := text(got, "entry", 0, "resource", "action", 0, "action", 0, "textEquivalent"); !strings.HasPrefix(label, tc.label) {
				t.Errorf("label %q, want %q…", label, tc.label)
			}
			wrong := w.json(call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: bundle(conditionB), lang: tc.header}, 400)
			if d := text(wrong, "issue", 0, "diagnostics"); !strings.HasPrefix(d, tc.error) {
				t.Errorf("diagnostics %q, want %q…", d, tc.error)
			}
		})
	}
}

func TestFormatParameterBeatsAccept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for format, status := range map[string]int{"json": 200, "application/fhir+json": 200, "application/fhir%2Bjson": 200, "xml": 406, "application/fhir%2Bxml": 406} {
		if a := w.do(call{path: door + "/metadata?_format=" + format, accept: "application/fhir+json"}); a.status != status {
			t.Errorf("_format=%s: %d, want %d", format, a.status, status)
		}
	}
}

func TestAServiceWithBadRulesDoesNotStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/rules.csv", []byte("rule,indications,age_min,age_max,sex,procedure,score,radiation\nA,5000246,,,,1,5,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for where, want := range map[string]string{dir: dir + "/rules.csv:2: rule A: procedure 1", dir + "/nowhere": "check -pss-rules or SANDBOX_PSS_RULES", dir + "/rules.csv": "no directory"} {
		values, err := settings.New(map[string]string{"pss-rules": where})
		if err != nil {
			t.Fatal(err)
		}
		_, err = pss.New(pss.Config{Fixtures: os.DirFS("../../fixtures"), Settings: values})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", where, err, want)
		}
	}
}
