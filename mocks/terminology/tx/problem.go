package tx

import (
	"slices"
	"strings"
)

// Systems of codes the answers carry.
const (
	IssueTypes      = "http://hl7.org/fhir/tools/CodeSystem/tx-issue-type"
	standardsStatus = "http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status"
)

// Issue is one finding of an OperationOutcome.
type Issue struct {
	Severity   string // error, warning, information
	Code       string // FHIR issue type
	Type       string // tx-issue-type, may be empty
	Text       string
	Expression string // element or parameter it is about, may be empty
	ID         string // name of the message, for logs; not sent
	Telling    telling
	// Diagnostics is the reason behind the text, may be empty.
	Diagnostics string
}

// telling says whether the parameter message of a validation repeats an issue.
type telling int

const (
	bySeverity telling = iota // errors and warnings are repeated
	byIssue                   // the issue alone tells
	always                    // repeated, although it is only information
)

// Problem is a request that cannot be answered. It is an error.
type Problem struct {
	Status int
	Issues []Issue
	// Unknown names the code system or supplement that is missing, when that is the reason.
	Unknown string
}

// Error joins the texts.
func (p *Problem) Error() string { return message(p.Issues) }

func problem(status int, code, typ, text string) *Problem {
	return &Problem{Status: status, Issues: []Issue{{Severity: "error", Code: code, Type: typ, Text: text}}}
}

// Outcome writes issues as an OperationOutcome.
func Outcome(issues []Issue) Object {
	list := make([]any, 0, len(issues))
	for _, i := range issues {
		o := Object{"severity": i.Severity, "code": i.Code}
		details := Object{"text": i.Text}
		if i.Type != "" {
			details["coding"] = []any{Object{"system": IssueTypes, "code": i.Type}}
		}
		o["details"] = details
		if i.Expression != "" {
			o["expression"] = []any{i.Expression}
		}
		if i.Diagnostics != "" {
			o["diagnostics"] = i.Diagnostics
		}
		list = append(list, o)
	}
	return Object{"resourceType": "OperationOutcome", "issue": list}
}

// message joins the texts of errors, or of warnings when there is no error, sorted and without repetition.
func message(issues []Issue) string {
	var out []string
	for _, severity := range []string{"error", "warning"} {
		for _, i := range issues {
			if i.Severity == severity && !slices.Contains(out, i.Text) {
				out = append(out, i.Text)
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}
