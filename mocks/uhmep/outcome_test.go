package uhmep

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

func TestRefusalsOfTheRouterAndFaultsSpeakTheDialect(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, code string
		status     int
		issue      string
		coded      string
	}{
		{"unknown path", respond.CodeNotFound, 404, "not-found", "RESOURCE_NOT_FOUND"},
		{"method", respond.CodeMethodNotAllowed, 405, "not-supported", "INTERACTION_NOT_SUPPORTED"},
		{"too large", respond.CodeTooLarge, 413, "too-long", "BODY_TOO_LARGE"},
		{"our bug", respond.CodeInternal, 500, "exception", "INTERNAL_ERROR"},
		{"a fault without code", "", 503, "transient", ""},
		{"a fault with a code", "SOMETHING", 503, "transient", "SOMETHING"},
		{"a throttle", "", 429, "throttled", ""},
		{"a real number refused", respond.CodeRealSSIN, 400, "processing", respond.CodeRealSSIN},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := Outcome(httptest.NewRequest(http.MethodGet, "/", nil), &respond.Refusal{Status: tc.status, Code: tc.code, Message: "m", Rule: "r", Got: "g", Want: "w"})
			out, ok := res.Body.(outcome)
			if !ok || res.Status != tc.status || len(out.Issue) != 1 {
				t.Fatalf("%+v", res)
			}
			i := out.Issue[0]
			if i.Code != tc.issue || i.Severity != "error" {
				t.Errorf("issue %+v, want code %s", i, tc.issue)
			}
			if (i.Details == nil) != (tc.coded == "") || (i.Details != nil && i.Details.Coding[0].Code != tc.coded) {
				t.Errorf("details %+v, want %q", i.Details, tc.coded)
			}
		})
	}
}

// Every code has the status its row says; one that is forgotten would be 422.
func TestTheCatalogue(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{
		"TRACING_HEADER_MISSING": 400, "BODY_MALFORMED": 400, "INVALID_COUNT": 400, "INVALID_PARAMETER": 400, "INVALID_SHORT_CODE": 400, "GRAPH_UNKNOWN": 400,
		"REQUIRED_SEARCH_CRITERIA_MISSING": 400, "SEARCH_CRITERIA_NOT_ALLOWED": 400, "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL": 403,
		"TOKEN_AUDIENCE_INVALID": 401, "PSEUDO_TOKEN_NOT_ALLOWED": 403, "TOKEN_SCOPE_MISSING": 403, "ACCESS_MATRIX_DENIED": 403, "NOT_OWNER": 403,
		"PROFESSIONAL_SUSPENDED": 403, "PRIVACY_CHECK_FAILED": 403, "RESOURCE_NOT_FOUND": 404, "INTERACTION_NOT_SUPPORTED": 405,
		"STATE_CONFLICT": 409, "DUPLICATE_ASSIGNMENT": 409, "EXECUTION_IN_PROGRESS": 409, "PROPOSAL_ALREADY_EVALUATED": 409, "TASK_DELETED": 410, "VERSION_CONFLICT": 412,
		"PATIENT_PSEUDONYM_REQUIRED": 422, "PSEUDONYM_INVALID": 422, "EXECUTION_PERIOD_RULE": 422, "ACTOR_UNRESOLVED": 422, "PATCH_NOT_ALLOWED": 422, "REPLACES_RULE": 422,
		"INTENT_NOT_ALLOWED": 422, "STATUS_NOT_ALLOWED": 422,
	} {
		if got, _ := meaning(code); got != want {
			t.Errorf("%s: got %d, want %d", code, got, want)
		}
	}
}
