package uhmep

import (
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
)

// fhirJSON is the media type of every answer.
const fhirJSON = "application/fhir+json; charset=utf-8"

type outcome struct {
	ResourceType string         `json:"resourceType"`
	Issue        []outcomeIssue `json:"issue"`
}

type outcomeIssue struct {
	Severity    string       `json:"severity"`
	Code        string       `json:"code"`
	Details     *issueDetail `json:"details,omitempty"`
	Diagnostics string       `json:"diagnostics,omitempty"`
	Expression  []string     `json:"expression,omitempty"`
}

type issueDetail struct {
	Coding []issueCoding `json:"coding"`
}

type issueCoding struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

// Outcome writes a refusal as an OperationOutcome; the dialect of the API. The
// error id in diagnostics is the trace id, under which the journal has the
// rest.
func Outcome(r *http.Request, f *respond.Refusal) *respond.Response {
	id := " - error id " + journal.TraceID(r.Context())
	out := outcome{ResourceType: "OperationOutcome"}
	if found, ok := f.Detail.([]check.Issue); ok && len(found) > 0 {
		for _, i := range found {
			out.Issue = append(out.Issue, fromIssue(i, id))
		}
		return &respond.Response{Status: f.Status, Body: out, ContentType: fhirJSON}
	}
	f = translate(f)
	status, issue := meaning(f.Code)
	if status != f.Status {
		issue = byStatus(f.Status)
	}
	one := outcomeIssue{Severity: "error", Code: issue, Diagnostics: diagnostics(f) + id}
	if f.Code != "" {
		one.Details = detail(f.Code)
	}
	out.Issue = []outcomeIssue{one}
	return &respond.Response{Status: f.Status, Body: out, ContentType: fhirJSON}
}

func fromIssue(i check.Issue, id string) outcomeIssue {
	one := outcomeIssue{Severity: i.Severity, Code: i.Code, Diagnostics: i.Diagnostics() + id}
	if i.Sandbox != "" {
		one.Details = &issueDetail{Coding: []issueCoding{{System: i.System, Code: i.Sandbox}}}
	}
	if i.Expression != "" {
		one.Expression = []string{i.Expression}
	}
	return one
}

func detail(code string) *issueDetail {
	system := check.SystemSandbox
	if published(code) {
		system = check.SystemUHMEP
	}
	return &issueDetail{Coding: []issueCoding{{System: system, Code: code}}}
}

// diagnostics names the rule and what would have been right, but for unknown
// resources, where that would leak whether they exist.
func diagnostics(f *respond.Refusal) string {
	if f.Code == codeNotFound {
		return f.Message
	}
	parts := []string{}
	if f.Rule != "" && f.Rule != "internal" {
		parts = append(parts, f.Rule+": "+f.Message)
	} else {
		parts = append(parts, f.Message)
	}
	if f.Got != "" {
		parts = append(parts, "got "+f.Got)
	}
	if f.Want != "" {
		parts = append(parts, "want "+f.Want)
	}
	return strings.Join(parts, "; ")
}

// translate gives the router's own refusals a code of the catalogue.
func translate(f *respond.Refusal) *respond.Refusal {
	n := *f
	switch f.Code {
	case respond.CodeNotFound:
		n.Code, n.Message = codeNotFound, "the API has no such path"
	case respond.CodeMethodNotAllowed:
		n.Code, n.Message = codeInteraction, "this interaction is not offered"
	case respond.CodeTooLarge:
		n.Code = codeTooLarge
	case respond.CodeInternal:
		n.Code = codeInternal
	}
	return &n
}

// byStatus is the issue code for statuses of injected faults.
func byStatus(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "throttled"
	case status == http.StatusServiceUnavailable || status == http.StatusBadGateway || status == http.StatusGatewayTimeout:
		return "transient"
	case status >= http.StatusInternalServerError:
		return "exception"
	case status == http.StatusUnauthorized:
		return "login"
	case status == http.StatusForbidden:
		return "forbidden"
	default:
		return "processing"
	}
}
