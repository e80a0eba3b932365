package sample

type coding struct{ system, code string }

// plan is what a nursing template asks for beyond the common part.
type plan struct {
	code, unit, bounds, when, volume string
	details                          []coding
	numbers                          map[string]string // of occurrenceTiming.repeat
	educators, notes                 []string
	diagnosis                        bool
}

func plans() map[string]plan {
	const (
		education = Terminology + "be-cs-diabetic-education-type"
		session   = Terminology + "be-cs-session-types"
	)
	return map[string]plan{
		"hygienic-care": {code: "225964003", numbers: map[string]string{"count": "16", "frequency": "2", "period": "1"}, unit: "wk", bounds: "mo", notes: []string{"general-remarks"}},
		"bloodletting":  {code: "127606004", numbers: map[string]string{"count": "3", "frequency": "3", "period": "1"}, unit: "wk", bounds: "wk", volume: "300", diagnosis: true},
		"chronic-dialysis": {code: "225230008", numbers: map[string]string{"count": "24", "frequency": "3", "period": "1"}, unit: "wk", bounds: "mo", diagnosis: true,
			notes: []string{"contraindication"}},
		"diabetic-education-within-care-trajectory": {code: "385805005", numbers: map[string]string{"count": "5"}, educators: []string{"106292003", "224543004"},
			details: []coding{{SNOMED, "370858005"}, {education, "diabetic-education-additional-hba1c"}, {session, "combination-session"}}},
		"diabetic-education-within-start-trajectory": {code: "385805005", numbers: map[string]string{"count": "4"}, educators: []string{"224543004"},
			details: []coding{{SNOMED, "211151000172106"}, {session, "group-session"}}},
		"diabetic-education-without-care-trajectory": {code: "385805005", numbers: map[string]string{"count": "21", "frequency": "1", "period": "1"}, unit: "d", bounds: "wk",
			details: []coding{{SNOMED, "211161000172108"}, {education, "diabetic-education-self-care"}}, notes: []string{"general-remarks"}},
		"diabetic-education-convention-center": {code: "385805005", numbers: map[string]string{"count": "8", "frequency": "1", "period": "1"}, unit: "wk", bounds: "mo",
			details: []coding{{SNOMED, "211141000172109"}}},
		"glycemic-test": {code: "166900001", numbers: map[string]string{"count": "60", "frequency": "1", "period": "1"}, unit: "d", bounds: "mo", diagnosis: true,
			details: []coding{{Terminology + "be-cs-glycemia-measurement-timing", "fasting"}}},
		"medication-prefill-preparation-not-refunded": {code: "385796006", numbers: map[string]string{"frequency": "3", "period": "1"}, unit: "wk", diagnosis: true,
			notes: []string{"contraindication", "general-remarks"}},
		"parameters": {code: "61746007", numbers: map[string]string{"count": "180", "frequency": "3", "period": "1"}, unit: "d", bounds: "mo", when: "C", diagnosis: true,
			details: []coding{{SNOMED, "431314004"}}, notes: []string{"medical-reason"}},
		"sampling": {code: "17636008", numbers: map[string]string{"count": "1"}, diagnosis: true, details: []coding{{SNOMED, "78014005"}}},
		"generic-nursing": {code: "9632001", numbers: map[string]string{"count": "60", "frequency": "1", "period": "1"}, unit: "d", bounds: "mo", diagnosis: true,
			details: []coding{{Terminology + "be-cs-generic-care-types", "wound-care"}}},
	}
}
