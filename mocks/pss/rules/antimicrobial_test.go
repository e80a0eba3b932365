package rules_test

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

func TestAnInfectionIsFoundByAnyOfItsCodes(t *testing.T) {
	t.Parallel()
	set := builtin(t)
	matches := func(code, ecl string) bool {
		return code == "838353009" && ecl == "36689008 OR 45816000 OR 838353009 OR 123611003 OR 123754002 OR 16271000119108"
	}
	for _, tc := range []struct {
		name, system, code string
		age                int
		want               string
	}{
		{"internal code", "PSS_INDICATION", "VAGINITIS", 30, "VAGINITIS"},
		{"SNOMED CT", rules.SNOMED, "3110003", 5, "OTITIS_MEDIA_ACUTA"},
		{"ICPC-2", rules.ICPC2, "H71", 5, "OTITIS_MEDIA_ACUTA"},
		{"ICD-10", rules.ICD10, "H65.1", 5, "OTITIS_MEDIA_ACUTA"},
		{"ICD-10 by category", rules.ICD10, "J21.9", 1, "BRONCHIOLITIS"},
		{"ICD-10 not by category when only sub-codes are listed", rules.ICD10, "N30.1", 30, ""},
		{"ICD-10-CM as the alias spells it", rules.ICD10CM, "H66", 5, "OTITIS_MEDIA_ACUTA"},
		{"a child of 15", rules.ICPC2, "R81", 15, "PNEUMONIE_KIND"},
		{"an adult of 16", rules.ICPC2, "R81", 16, "PNEUMONIE_VOLWASSENEN"},
		{"only the adult variant lists the code", rules.ICPC2, "R78", 5, "ACUTE_BRONCHITIS_VOLWASSENEN"},
		{"several hits: the first of the file", rules.ICPC2, "R74", 30, "ACUTE_KEELPIJN"},
		{"an expression", rules.SNOMED, "838353009", 30, "ACUTE_PYELONEPHRITIS"},
		{"a literal code whose check digit fails", rules.SNOMED, "92100017210", 30, "ACUTE_KEELPIJN"},
		{"a code nobody lists", rules.SNOMED, "20262006", 30, ""},
		{"a code in another system", "http://loinc.org", "H71", 5, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := set.FindInfection([]rules.Coding{{System: tc.system, Code: tc.code}}, tc.age, matches)
			if got.Code != tc.want || ok != (tc.want != "") {
				t.Errorf("got %q, want %q", got.Code, tc.want)
			}
		})
	}
}

func TestTheFirstRowThatHoldsAnswers(t *testing.T) {
	t.Parallel()
	set := builtin(t)
	for _, tc := range []struct {
		name, infection string
		answers         map[string]string
		record          []rules.Coding
		want            string
	}{
		{"the published row", "OTITIS_MEDIA_ACUTA", map[string]string{"pv_isInfant_aom": "true"}, nil, "AB25"},
		{"the parameter itself", "OTITIS_MEDIA_ACUTA", map[string]string{"sp_riskOnComplications_aom": "true"}, nil, "AB25"},
		{"an override beats the variables", "OTITIS_MEDIA_ACUTA", map[string]string{"sp_riskOnComplications_aom": "false", "pv_isInfant_aom": "true"}, nil, "SBX-OMA-0"},
		{"a code of the record", "OTITIS_MEDIA_ACUTA", nil, []rules.Coding{{System: rules.ICD10, Code: "D70"}}, "AB25"},
		{"an answer beats the record", "OTITIS_MEDIA_ACUTA", map[string]string{"pv_compromisedImmuneSystem": "false"}, []rules.Coding{{System: rules.ICD10, Code: "D70"}}, "SBX-OMA-0"},
		{"nothing said", "OTITIS_MEDIA_ACUTA", nil, nil, "SBX-OMA-0"},
		{"an exclusive parameter", "OTITIS_MEDIA_ACUTA", map[string]string{"sp_isChildSeverelyIll_aom": "true", "sp_exc_penicillinAllergy": "pv_igEMediatedPeniAllergy"}, nil, "SBX-OMA-1"},
		{"no row holds: the row for every indication", "OTITIS_MEDIA_ACUTA", map[string]string{"sp_isChildSeverelyIll_aom": "true"}, nil, "SBX-DEFAULT"},
		{"a mandatory choice", "VAGINITIS", map[string]string{"sp_excMand_knownPathogen_vag": "pv_bacterial_vag"}, nil, "SBX-VAG-BACT"},
		{"a choice read from the record", "VAGINITIS", nil, []rules.Coding{{System: rules.SNOMED, Code: "419760006"}}, "SBX-VAG-BACT"},
		{"an infection without questions", "INFLUENZA", nil, nil, "SBX-INFL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := set.Decide(rules.Situation{Infection: tc.infection, Answers: tc.answers, Record: tc.record, AgeMonths: 30})
			if !ok || got.Row.ID != tc.want {
				t.Errorf("row %q, want %q", got.Row.ID, tc.want)
			}
			last := got.Decisions[len(got.Decisions)-1]
			if last.Conclusion != (rules.Named{Name: "responseId", Value: tc.want}) || last.Inputs[0] != (rules.Named{Name: "ageMonths", Value: "30"}) {
				t.Errorf("trace ends with %+v", last)
			}
		})
	}
}

func TestTheTraceSaysWhatWasTested(t *testing.T) {
	t.Parallel()
	set := builtin(t)
	got, _ := set.Decide(rules.Situation{Infection: "OTITIS_MEDIA_ACUTA", Answers: map[string]string{"pv_isInfant_aom": "true"}})
	risk := got.Decisions[1]
	if risk.Conclusion != (rules.Named{Name: "sp_riskOnComplications_aom", Value: "true"}) {
		t.Errorf("conclusion %+v", risk.Conclusion)
	}
	if risk.Inputs[0] != (rules.Named{Name: "pv_isInfant_aomOverride", Value: "true"}) || risk.Conditions[0] != "true" ||
		risk.Inputs[1] != (rules.Named{Name: "pv_isInfant_aomAuthorizedCodes", Value: "false"}) || risk.Conditions[1] != rules.Any {
		t.Errorf("inputs %v, conditions %v", risk.Inputs, risk.Conditions)
	}
	if len(got.Decisions[5].Conditions) != 6 || got.Decisions[5].Conditions[5] != rules.None {
		t.Errorf("last decision %+v", got.Decisions[5])
	}
}
