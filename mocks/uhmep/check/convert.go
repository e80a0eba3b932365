package check

import (
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/basecheck"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
)

// Sandbox codes of the refusals this package makes. All are the sandbox's own.
const (
	BodyMalformed            = "BODY_MALFORMED"
	ProfileUnsupported       = "PROFILE_UNSUPPORTED"
	ProfileViolation         = "PROFILE_VIOLATION"
	TerminologyViolation     = "TERMINOLOGY_VIOLATION"
	TemplateUnknown          = "TEMPLATE_UNKNOWN"
	PatientPseudonymRequired = "PATIENT_PSEUDONYM_REQUIRED"
	PseudonymInvalid         = "PSEUDONYM_INVALID"
	TextNotEncrypted         = "TEXT_NOT_ENCRYPTED"
	KeyMissing               = "KEY_MISSING"
	KeyAmbiguous             = "KEY_AMBIGUOUS"
	KeyMismatch              = "KEY_MISMATCH"
	DateRule                 = "DATE_RULE"
	ValidityRule             = "VALIDITY_RULE"
	TemplateRule             = "TEMPLATE_RULE"
	IntentNotAllowed         = "INTENT_NOT_ALLOWED"
	StatusNotAllowed         = "STATUS_NOT_ALLOWED"
	ActorUnresolved          = "ACTOR_UNRESOLVED"
	PatchNotAllowed          = "PATCH_NOT_ALLOWED"
)

func malformed(path, element, rule, text, got, want string) Issue {
	return Issue{Severity: SeverityError, Code: "structure", Sandbox: BodyMalformed, System: SystemSandbox, Expression: path, Element: element,
		Rule: rule, Text: text, Got: clip(got), Want: want, Status: http.StatusBadRequest, Stage: StageParse}
}

func unprocessable(stage Stage, code, sandbox, rule string, at *profile.Node, text, got, want string) Issue {
	return Issue{Severity: SeverityError, Code: code, Sandbox: sandbox, System: SystemSandbox, Expression: at.Path(), Element: at.Element(),
		Rule: rule, Text: text, Got: clip(got), Want: want, Status: http.StatusUnprocessableEntity, Stage: stage}
}

// clip keeps what a client sent from filling a message.
func clip(s string) string {
	const keep = 160
	if len(s) <= keep {
		return s
	}
	return strings.ToValidUTF8(s[:keep], "") + "…"
}

// fromBase turns a problem of base R4 into an issue. What is not FHIR JSON at all is a malformed body; a value, code or element
// that base R4 refuses is a violation like that of a profile.
func fromBase(p basecheck.Problem) Issue {
	issue := malformed(p.Path, p.Element, string(p.Kind), p.Text, "", "")
	switch p.Kind {
	case basecheck.Value, basecheck.Reference:
		issue.Sandbox, issue.Status, issue.Stage = ProfileViolation, http.StatusUnprocessableEntity, StageStructure
	case basecheck.Required:
		issue.Code, issue.Sandbox, issue.Status, issue.Stage = "required", ProfileViolation, http.StatusUnprocessableEntity, StageStructure
	case basecheck.Code:
		issue.Code, issue.Sandbox, issue.Status, issue.Stage = "code-invalid", TerminologyViolation, http.StatusUnprocessableEntity, StageBinding
	default: // it is not FHIR: malformed, as set above
	}
	return issue
}

// fromProfile turns a finding of a profile into an issue.
func fromProfile(f profile.Finding) Issue {
	issue := Issue{Severity: f.Severity, Code: "structure", Sandbox: ProfileViolation, System: SystemSandbox, Expression: f.Path, Element: f.Element,
		Rule: f.Rule, Text: f.Text, Got: f.Got, Want: f.Want, Status: http.StatusUnprocessableEntity, Stage: StageStructure}
	if f.Missing {
		issue.Code = "required"
	}
	switch f.Aspect {
	case profile.Fixed:
		issue.Stage = StageFixed
	case profile.Invariants:
		issue.Code, issue.Stage = "invariant", StageInvariant
	case profile.Binding:
		issue.Code, issue.Sandbox, issue.Stage = "code-invalid", TerminologyViolation, StageBinding
	default: // structure, as set above
	}
	return issue
}
