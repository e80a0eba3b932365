package pss_test

import (
	"encoding/json"
	"testing"
)

// fuzzed posts anything and demands a proper answer: never a 500, always JSON.
func fuzzed(f *testing.F, path string, seeds ...string) {
	f.Helper()
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if body == "" {
			return
		}
		w := newWorld(t, nil)
		a := w.do(call{method: "POST", path: path, body: body})
		if a.status >= 500 || !json.Valid(a.body) {
			t.Errorf("status %d: %s", a.status, a.body)
		}
	})
}

func FuzzGetDiagnoses(f *testing.F) {
	fuzzed(f, door+"/PlanDefinition/GetDiagnoses/$apply", diagnosesBody(), bundle(patientB), bundle(patientB, conditionB), `{"resourceType":"Bundle"}`,
		`{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","extension":[1],"name":[2],"gender":3}}]}`)
}

func FuzzGetRecommendations(f *testing.F) {
	fuzzed(f, door+"/PlanDefinition/GetRecommendations/$apply", recommendBody(),
		bundle(patientB, diagnosed("PSS_INDICATION", "VAGINITIS"), answered(bacterial)), bundle(patientB, diagnosed("", ""), answered(infant)),
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Condition","category":[],"clinicalStatus":[[]],"code":{"coding":{}}}}]}`)
}

func FuzzFeedback(f *testing.F) {
	fuzzed(f, feedbackPath, report("d2b8f0d4", task("114055", "accepted", "")), `{"resourceType":"Parameters","parameter":[null,1,{"name":"feedback-resource"}]}`)
}

func FuzzControl(f *testing.F) {
	fuzzed(f, facade+"/radiology/control", controlBody, `{"age":1e9,"gender":{},"intention":[],"indications":[{},1,null]}`, `{"age":53,"gender":"M","indications":[{"value":"5000246","label":0}],"flags":[1,"x"]}`)
}

func FuzzSupport(f *testing.F) {
	fuzzed(f, "/pss/v1/domains/ANTIMICROBIALS/indications/VAGINITIS/support", `{"supportParameterValues":[{"identifier":{"code":"sp_excMand_knownPathogen_vag"},"value":"pv_candida_vag"}]}`, `{"supportParameterValues":[1,null,{"identifier":{}}],"age":"x"}`)
}
