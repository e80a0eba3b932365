package query

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// MaxCount is the default and the largest page (guide, search page).
const MaxCount = 25

// Token is system|code; an empty System matches any.
type Token struct{ System, Code string }

// AnyOf is a filter whose values are alternatives (comma); a repeated filter
// gives several that must all hold.
type AnyOf[T any] []T

// TaskStatus is _has:Task:focus:status with the profile of the Task meant.
type TaskStatus struct {
	Status  AnyOf[string]
	Profile string // referral, performer or organization; referral when _profile is absent
}

// Query is a parsed search on ServiceRequest.
type Query struct {
	Patients   []string // pseudonyms in transit
	Stable     []string // stable pseudonyms, out of a page link
	Status     []AnyOf[string]
	Reason     []AnyOf[Token]
	TaskStatus []TaskStatus
	Requester  []AnyOf[string]
	Owner      []AnyOf[string] // professionals and organisations
	Code       []AnyOf[Token]
	Category   []AnyOf[Token]
	Intent     []AnyOf[string]
	Identifier []AnyOf[Token]
	ID         []AnyOf[string]
	Authored   []Range
	Updated    []Range

	Count, Offset     int
	Sort              string // -authored, authored, _lastUpdated, -_lastUpdated
	NoTotal           bool
	Summary           string // "", count, true, data
	Elements          []string
	IncludeRequester  bool
	IncludeReplaces   bool
	RevIncludeTasks   bool
	Values            url.Values // the parameters as understood, for links
	Ignored           []string   // unknown parameters, ignored as the platform does
	ownerOrganisation string
}

// Bad is a search that cannot be done.
type Bad struct{ Code, Rule, Got, Want, Hint string }

// Error implements error.
func (b *Bad) Error() string { return b.Code + " (" + b.Rule + "): got " + b.Got + ", want " + b.Want }

// Codes of Bad.
const (
	Missing   = "REQUIRED_SEARCH_CRITERIA_MISSING"
	WrongRole = "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL"
	BadCount  = "INVALID_COUNT"
	BadParam  = "INVALID_PARAMETER"
)

func badParam(rule, got, want string) *Bad {
	return &Bad{Code: BadParam, Rule: "search-" + rule, Got: got, Want: want}
}

// known are the names that take no modifier and no chain.
func known() []string {
	return []string{"patient", "subject", "status", "statusReason", "requester", "code", "category", "intent", "identifier",
		"authored", "_id", "_lastUpdated", "_count", "_offset", "_sort", "_total", "_summary", "_elements", "_include",
		"_revinclude", "_profile", "_format", "_page", "_pretty"}
}

// Parse reads the parameters. Unknown ones are ignored; a modifier or a chain
// on a known one is an error.
func Parse(form url.Values) (*Query, *Bad) {
	q := &Query{Count: MaxCount, Sort: "-authored", Values: url.Values{}}
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range form[name] {
			if bad := q.take(name, value, form); bad != nil {
				return nil, bad
			}
		}
	}
	return q, nil
}

func (q *Query) take(name, value string, form url.Values) *Bad {
	const has = "_has:Task:focus:"
	base, _, _ := strings.Cut(name, ":")
	base, _, _ = strings.Cut(base, ".")
	if base != name && name != has+"status" && name != has+"owner" {
		if base == "_has" || slices.Contains(known(), base) {
			return badParam("modifier", name, "no modifier and no chain; of _has only "+has+"status and "+has+"owner")
		}
	}
	if strings.TrimSpace(value) == "" {
		return nil // an empty parameter says nothing
	}
	var bad *Bad
	switch name {
	case "patient":
		for v := range strings.SplitSeq(value, ",") {
			q.Patients = append(q.Patients, strings.TrimPrefix(v, "Patient/"))
		}
	case "status":
		q.Status = append(q.Status, list(value))
	case "statusReason":
		q.Reason = append(q.Reason, tokens(value))
	case has + "status":
		profile := strings.Join(form["_profile"], "")
		kind, ok := TaskKind(profile)
		if !ok {
			kind = "none"
		}
		q.TaskStatus = append(q.TaskStatus, TaskStatus{Status: list(value), Profile: kind})
	case has + "owner":
		q.Owner = append(q.Owner, list(value))
		if o := list(value)[0]; strings.HasPrefix(o, "Organization/") {
			q.ownerOrganisation = o
		}
	case "requester":
		q.Requester = append(q.Requester, list(value))
	case "code":
		q.Code = append(q.Code, tokens(value))
	case "category":
		q.Category = append(q.Category, tokens(value))
	case "intent":
		q.Intent = append(q.Intent, list(value))
	case "identifier":
		q.Identifier = append(q.Identifier, tokens(value))
	case "_id":
		q.ID = append(q.ID, list(value))
	case "authored":
		bad = q.date(&q.Authored, name, value)
	case "_lastUpdated":
		bad = q.date(&q.Updated, name, value)
	case "_profile", "_format", "_pretty":
	default:
		var mine bool
		if mine, bad = q.shape(name, value); !mine {
			q.Ignored = append(q.Ignored, name)
			return bad
		}
	}
	if bad == nil {
		q.Values.Add(name, value)
	}
	return bad
}

// shape takes the parameters that shape the answer; mine is false for unknown
// names.
func (q *Query) shape(name, value string) (mine bool, bad *Bad) {
	switch name {
	case "_count":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > MaxCount {
			return true, &Bad{Code: BadCount, Rule: "search-count", Got: value, Want: "0 to " + strconv.Itoa(MaxCount)}
		}
		q.Count = n
	case "_offset":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return true, badParam("offset", "_offset="+value, "a number from 0")
		}
		q.Offset = n
	case "_sort":
		if !slices.Contains([]string{"authored", "-authored", "_lastUpdated", "-_lastUpdated"}, value) {
			return true, badParam("sort", "_sort="+value, "authored, -authored, _lastUpdated or -_lastUpdated")
		}
		q.Sort = value
	case "_total":
		if value != "none" && value != "accurate" {
			return true, badParam("total", "_total="+value, "none or accurate")
		}
		q.NoTotal = value == "none"
	case "_summary":
		if !slices.Contains([]string{"count", "true", "data", "false"}, value) {
			return true, badParam("summary", "_summary="+value, "count, true, data or false")
		}
		if q.Summary = value; value == "false" {
			q.Summary = ""
		}
	case "_elements":
		q.Elements = append(q.Elements, list(value)...)
	case "_include":
		switch value {
		case "ServiceRequest:requester":
			q.IncludeRequester = true
		case "ServiceRequest:replaces":
			q.IncludeReplaces = true
		default:
			return true, badParam("include", "_include="+value, "ServiceRequest:requester or ServiceRequest:replaces")
		}
	case "_revinclude":
		if value != "Task:focus" {
			return true, badParam("include", "_revinclude="+value, "Task:focus")
		}
		q.RevIncludeTasks = true
	default:
		return false, nil
	}
	return true, nil
}

func list(value string) AnyOf[string] {
	var out AnyOf[string]
	for v := range strings.SplitSeq(value, ",") {
		out = append(out, strings.TrimSpace(v))
	}
	return out
}

func tokens(value string) AnyOf[Token] {
	var out AnyOf[Token]
	for v := range strings.SplitSeq(value, ",") {
		system, code, ok := strings.Cut(strings.TrimSpace(v), "|")
		if !ok {
			system, code = "", system
		}
		out = append(out, Token{System: system, Code: code})
	}
	return out
}

// TaskKind reads the profile of a Task: Profile/be-performer-task, or the full
// canonical. An absent profile means the referral Task (our choice).
func TaskKind(profile string) (kind string, ok bool) {
	profile, _, _ = strings.Cut(profile, "|")
	if profile == "" {
		return "referral", true
	}
	switch profile[strings.LastIndexByte(profile, '/')+1:] {
	case "be-referral-task":
		return "referral", true
	case "be-performer-task":
		return "performer", true
	case "be-organization-task":
		return "organization", true
	default:
		return "", false
	}
}
