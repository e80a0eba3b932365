package uhmep

import (
	"errors"
	"net/http"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// Error codes. Three are the platform's own; all others were coined by the
// sandbox, because the public catalogue could not be read, and carry their own
// code system so that nobody takes them for real ones.
const (
	codeSearchNotAllowed  = "SEARCH_CRITERIA_NOT_ALLOWED"
	codeSearchMissing     = "REQUIRED_SEARCH_CRITERIA_MISSING"
	codeWrongProfessional = "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL"
	codeTracing           = "TRACING_HEADER_MISSING"
	codeBodyMalformed     = "BODY_MALFORMED"
	codeInvalidCount      = "INVALID_COUNT"
	codeInvalidParameter  = "INVALID_PARAMETER"
	codeInvalidShortCode  = "INVALID_SHORT_CODE"
	codeGraphUnknown      = "GRAPH_UNKNOWN"
	codeTokenInvalid      = "TOKEN_INVALID"
	codeTokenExpired      = "TOKEN_EXPIRED"
	codeAudience          = "TOKEN_AUDIENCE_INVALID"
	codePseudoToken       = "PSEUDO_TOKEN_NOT_ALLOWED"
	codeScope             = "TOKEN_SCOPE_MISSING"
	codeMatrix            = "ACCESS_MATRIX_DENIED"
	codeSuspended         = "PROFESSIONAL_SUSPENDED"
	codePrivacy           = "PRIVACY_CHECK_FAILED"
	codeNotFound          = "RESOURCE_NOT_FOUND"
	codeInteraction       = "INTERACTION_NOT_SUPPORTED"
	codeNotSupported      = "NOT_SUPPORTED"
	codeDeleted           = "TASK_DELETED"
	codeVersion           = "VERSION_CONFLICT"
	codeNotAcceptable     = "NOT_ACCEPTABLE"
	codeMediaType         = "MEDIA_TYPE_NOT_SUPPORTED"
	codePseudonymVersion  = "PSEUDONYM_VERSION_NOT_ACCEPTED"
	codePseudonymInvalid  = "PSEUDONYM_INVALID"
	codeActorUnresolved   = "ACTOR_UNRESOLVED"
	codeReplaces          = "REPLACES_RULE"
	codeIntent            = "INTENT_NOT_ALLOWED"
	codeStatus            = "STATUS_NOT_ALLOWED"
	codeDuplicate         = "DUPLICATE_ASSIGNMENT"
	codeConditional       = "CONDITIONAL_CREATE_MATCH"
	codeProfileViolation  = "PROFILE_VIOLATION"
	codeTooLarge          = "BODY_TOO_LARGE"
	codeInternal          = "INTERNAL_ERROR"
	codePatientPseudonym  = "PATIENT_PSEUDONYM_REQUIRED"
)

// meaning is the HTTP status and the FHIR issue code of an error code.
func meaning(code string) (status int, issue string) {
	switch code {
	case codeSearchNotAllowed, codeSearchMissing, codeInvalidCount, codeInvalidParameter, codeInvalidShortCode, codeGraphUnknown:
		return http.StatusBadRequest, "value"
	case codeWrongProfessional:
		return http.StatusForbidden, "security"
	case codeTracing:
		return http.StatusBadRequest, "required"
	case codeBodyMalformed:
		return http.StatusBadRequest, "structure"
	case codeTokenInvalid:
		return http.StatusUnauthorized, "login"
	case codeTokenExpired:
		return http.StatusUnauthorized, "expired"
	case codeAudience:
		return http.StatusUnauthorized, "security"
	case codePseudoToken:
		return http.StatusForbidden, "security"
	case codeScope, codeMatrix, workflow.NotOwner, codeSuspended, codePrivacy:
		return http.StatusForbidden, "forbidden"
	case codeNotFound:
		return http.StatusNotFound, "not-found"
	case codeInteraction:
		return http.StatusMethodNotAllowed, "not-supported"
	case codeNotSupported:
		return http.StatusBadRequest, "not-supported"
	case codeNotAcceptable:
		return http.StatusNotAcceptable, "not-supported"
	case workflow.StateConflict, codeDuplicate, workflow.ExecutionInProgress, workflow.AlreadyEvaluated:
		return http.StatusConflict, "conflict"
	case codeDeleted:
		return http.StatusGone, "deleted"
	case codeVersion, codeConditional:
		return http.StatusPreconditionFailed, "conflict"
	case codeTooLarge:
		return http.StatusRequestEntityTooLarge, "too-long"
	case codeMediaType:
		return http.StatusUnsupportedMediaType, "not-supported"
	case codePseudonymVersion, codePseudonymInvalid, codePatientPseudonym:
		return http.StatusUnprocessableEntity, "value"
	case codeProfileViolation:
		return http.StatusUnprocessableEntity, "structure"
	case codeInternal:
		return http.StatusInternalServerError, "exception"
	default:
		return http.StatusUnprocessableEntity, "business-rule"
	}
}

// published tells whether the code is in the public part of the platform's
// catalogue.
func published(code string) bool {
	return code == codeSearchNotAllowed || code == codeSearchMissing || code == codeWrongProfessional
}

// refuse makes a refusal of a catalogue code. message is what the client reads.
func refuse(code, rule, message, got, want, hint string) *respond.Refusal {
	status, _ := meaning(code)
	return &respond.Refusal{Status: status, Code: code, Message: message, Rule: rule, Got: got, Want: want, Hint: hint}
}

// notFound hides what does not exist and what the caller may not see alike;
// why goes to the journal only.
func notFound(what, why string) *respond.Refusal {
	return refuse(codeNotFound, "visibility", what+" is not known", why, "an existing resource the caller may see", "")
}

// refused turns errors of the workflow into refusals; others pass.
func refused(err error) error {
	w := new(workflow.Refused)
	if !errors.As(err, &w) {
		return err
	}
	text := "the request does not fit the state of the document"
	if status, _ := meaning(w.Code); status == http.StatusForbidden {
		text = "the caller may not do this"
	} else if status == http.StatusUnprocessableEntity {
		text = "a business rule is broken"
	}
	return refuse(w.Code, w.Rule, text, w.Got, w.Want, w.Hint)
}

// issues makes a refusal of the errors a check found; nil when there are none.
func issues(found []check.Issue) error {
	errs := check.Errors(found)
	if len(errs) == 0 {
		return nil
	}
	first := errs[0]
	return &respond.Refusal{Status: check.Status(errs), Code: first.Sandbox, Message: first.Text, Rule: first.Rule,
		Got: first.Got, Want: first.Want, Hint: first.Element, Detail: errs}
}
