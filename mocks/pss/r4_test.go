package pss_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"
)

// TestAnswersAreValidR4 lets google/fhir, which knows nothing of us, read every
// kind of answer door B gives.
func TestAnswersAreValidR4(t *testing.T) {
	t.Parallel()
	reader, err := jsonformat.NewUnmarshaller("Europe/Brussels", fhirversion.R4)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, nil)
	asking := newWorld(t, map[string]string{"pss-consent": "required"})
	byReference := newWorld(t, map[string]string{"pss-task-input": "reference"})
	id := text(w.controlled(controlBody), "exchangeId")
	w.json(call{path: feedbackPath, body: report(id, task("114054", "accepted", because("OtherReason", "x")))}, http.StatusOK)
	free := strings.Replace(observationB, `{"coding":[{"system":"http://snomed.info/sct","code":"20262006"}]}`, `{"text":"no such complaint"}`, 1)
	for _, tc := range []struct {
		name   string
		world  *world
		call   call
		status int
	}{
		{"GetDiagnoses", w, call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: diagnosesBody()}, 200},
		{"GetDiagnoses with nothing found", w, call{path: door + "/PlanDefinition/GetDiagnoses/$apply", body: bundle(patientB, free)}, 200},
		{"GetRecommendations, radiology", w, call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody(), lang: "fr"}, 200},
		{"GetDataToCollect", w, call{path: door + "/PlanDefinition/GetDataToCollect/$apply", body: bundle(patientB, diagnosed("PSS_INDICATION", "OTITIS_MEDIA_ACUTA"))}, 200},
		{"GetDataToCollect by reference", byReference, call{path: door + "/PlanDefinition/GetDataToCollect/$apply", body: bundle(patientB, diagnosed("PSS_INDICATION", "VAGINITIS"))}, 200},
		{"GetDataToCollect without questions", w, call{path: door + "/PlanDefinition/GetDataToCollect/$apply", body: bundle(patientB, diagnosed("PSS_INDICATION", "INFLUENZA"))}, 200},
		{"GetRecommendations, antimicrobial", w, call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: bundle(patientB, diagnosed("PSS_INDICATION", "VAGINITIS"), answered(bacterial))}, 200},
		{"GetRecommendations, combination", w, call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: bundle(patientB, diagnosed("PSS_INDICATION", "PID"))}, 200},
		{"no consent", asking, call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}, 200},
		{"consent", w, call{path: door + "/QuestionnaireResponse", body: accepted}, 201},
		{"prior results", w, call{path: door + "/Bundle?identifier=" + id}, 200},
		{"metadata", w, call{path: door + "/metadata"}, 200},
		{"refusal", w, call{path: door + "/PlanDefinition/GetRecommendations/$apply", body: bundle(patientB)}, 400},
		{"unknown path", w, call{path: door + "/Patient"}, 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := tc.world.do(tc.call)
			if a.status != tc.status || a.header.Get("Content-Type") != "application/fhir+json" {
				t.Errorf("status %d, %s", a.status, a.header.Get("Content-Type"))
			}
			if _, err := reader.Unmarshal(a.body); err != nil {
				t.Errorf("%v\n%s", err, a.body)
			}
		})
	}
}
