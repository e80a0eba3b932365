package check

import "sort"

// Stage orders the checks of one request as the API makes them. Issues of an earlier stage decide the status of the answer.
type Stage int

// The stages, in the order of the checks. StageAccess is the caller's own: role, matrix, requester, directory, suspension
// and privacy stand between the stages before it, which need only the document, and the rules after it.
const (
	StageParse     Stage = iota // JSON and the base FHIR types: 400
	StageProfile                // which profile is meant
	StageStructure              // cardinality, allowed types, forbidden elements
	StageFixed                  // fixed values and slices
	StageInvariant
	StageBinding
	StageTemplate // template known and fitting profile and intent
	StagePseudonym
	StageActor // form of requester and owner references
	StageAccess
	StageDate
	StageTemplateRule
)

// Severities of an issue.
const (
	SeverityError       = "error"
	SeverityWarning     = "warning"
	SeverityInformation = "information"
)

// Code systems of the sandbox codes. Codes made up by the sandbox carry their own system, so that nobody takes them for real ones.
const (
	SystemUHMEP   = "urn:uhmep:errors"
	SystemSandbox = "urn:sandbox:uhmep:errors"
)

// Issue is one finding, ready to become an OperationOutcome.issue.
//
// Severity is error, warning or information. Code is the FHIR issue type (structure, required, invariant, code-invalid, value,
// business-rule …). Sandbox is the code for issue.details.coding with its System. Expression is a FHIRPath without choice
// suffixes (ServiceRequest.occurrence.repeat.count); Element is the same place as written in JSON, with slice names
// (ServiceRequest.extension[validity].valuePeriod.start). Rule is the id of the invariant or of the row broken. Text says what
// is wrong in one sentence; Got and Want are for the journal and diagnostics. Status is the HTTP status this issue asks for.
type Issue struct {
	Severity, Code, Sandbox, System string
	Expression, Element, Rule       string
	Text, Got, Want                 string
	Status                          int
	Stage                           Stage
}

// Diagnostics is the human text of the issue: the rule, what is wrong, what came and what was wanted.
func (i Issue) Diagnostics() string {
	text := i.Rule + ": " + i.Text
	if i.Element != "" && i.Element != i.Expression {
		text += " (at " + i.Element + ")"
	}
	if i.Got != "" {
		text += "; got " + i.Got
	}
	if i.Want != "" {
		text += "; want " + i.Want
	}
	return text
}

// MaxIssues is how many issues one answer lists at most.
const MaxIssues = 50

// Errors returns the issues that refuse the document, in the order given.
func Errors(issues []Issue) []Issue {
	var out []Issue
	for _, issue := range issues {
		if issue.Severity == SeverityError {
			out = append(out, issue)
		}
	}
	return out
}

// Until returns the issues of the stages before the given one; From those of it and later. A caller puts its own access checks
// between Until(issues, StageAccess) and From(issues, StageAccess).
func Until(issues []Issue, stage Stage) []Issue {
	var out []Issue
	for _, issue := range issues {
		if issue.Stage < stage {
			out = append(out, issue)
		}
	}
	return out
}

// From returns the issues of the given stage and the later ones.
func From(issues []Issue, stage Stage) []Issue {
	var out []Issue
	for _, issue := range issues {
		if issue.Stage >= stage {
			out = append(out, issue)
		}
	}
	return out
}

// Status is the HTTP status of an answer with these issues: that of the first error, 0 when nothing refuses.
func Status(issues []Issue) int {
	for _, issue := range issues {
		if issue.Severity == SeverityError {
			return issue.Status
		}
	}
	return 0
}

// arrange puts the issues into their stable order, errors of one stage before its warnings, drops repetitions and cuts after
// MaxIssues.
func arrange(issues []Issue) []Issue {
	weight := map[string]int{SeverityError: 0, SeverityWarning: 1, SeverityInformation: 2}
	sort.SliceStable(issues, func(a, b int) bool {
		x, y := issues[a], issues[b]
		switch {
		case (x.Severity == SeverityError) != (y.Severity == SeverityError):
			return x.Severity == SeverityError
		case x.Stage != y.Stage:
			return x.Stage < y.Stage
		case weight[x.Severity] != weight[y.Severity]:
			return weight[x.Severity] < weight[y.Severity]
		case x.Expression != y.Expression:
			return pathBefore(x.Expression, y.Expression)
		case x.Element != y.Element:
			return x.Element < y.Element
		}
		return x.Rule < y.Rule
	})
	out := issues[:0]
	seen := map[string]bool{}
	for _, issue := range issues {
		key := issue.Severity + "\x00" + issue.Element + "\x00" + issue.Rule + "\x00" + issue.Got
		if seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, issue)
	}
	if len(out) > MaxIssues {
		out = out[:MaxIssues]
	}
	return out
}

// pathBefore orders paths with their indexes as numbers: note[2] stands before note[10].
func pathBefore(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	digits := func(s string) int {
		n := 0
		for i+n < len(s) && s[i+n] >= '0' && s[i+n] <= '9' {
			n++
		}
		return n
	}
	if x, y := digits(a), digits(b); x != y && x > 0 && y > 0 {
		return x < y
	}
	return a[i:] < b[i:]
}
