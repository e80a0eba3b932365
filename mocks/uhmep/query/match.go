package query

import (
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// Systems of category and code filters.
const (
	snomed   = "http://snomed.info/sct"
	template = "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type"
	uhmepID  = "https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep"
	shortID  = "https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep-short"
)

// Match tells whether a document satisfies every filter but patient, which the
// caller resolves.
func (q *Query) Match(s *records.Summary) bool {
	return every(q.Status, func(v string) bool { return v == s.RequestStatus() }) &&
		every(q.Reason, func(v Token) bool { return reason(v, s) }) &&
		every(q.Requester, func(v string) bool { return v == s.Requester }) &&
		every(q.Owner, func(v string) bool { return owned(v, s) }) &&
		every(q.Code, func(v Token) bool { return v.is(s.Code) || category(v, s) }) &&
		every(q.Category, func(v Token) bool { return category(v, s) }) &&
		every(q.Intent, func(v string) bool { return v == string(s.Intent) }) &&
		every(q.ID, func(v string) bool { return v == s.ID }) &&
		every(q.Identifier, func(v Token) bool { return identified(v, s) }) &&
		!slices.ContainsFunc(q.Authored, func(r Range) bool { return !r.Holds(s.Authored) }) &&
		!slices.ContainsFunc(q.Updated, func(r Range) bool { return !r.Holds(s.Updated) }) &&
		!slices.ContainsFunc(q.TaskStatus, func(t TaskStatus) bool { return !t.holds(s) })
}

func every[T any](filters []AnyOf[T], holds func(T) bool) bool {
	for _, f := range filters {
		if !slices.ContainsFunc(f, holds) {
			return false
		}
	}
	return true
}

// is compares with a stored system|code.
func (t Token) is(stored string) bool {
	if t.System != "" {
		return stored == t.System+"|"+t.Code
	}
	n := len(stored) - len(t.Code)
	return n > 0 && stored[n:] == t.Code && stored[n-1] == '|'
}

func reason(t Token, s *records.Summary) bool {
	system, code := s.RequestReason()
	return code != "" && t.is(system+"|"+code)
}

func category(t Token, s *records.Summary) bool {
	discipline := "9632001"
	if s.Family == workflow.Imaging {
		discipline = "363679005"
	}
	return t.is(template+"|"+s.Template) || t.is(snomed+"|"+discipline)
}

// identified: short codes belong to prescriptions; proposals have none.
func identified(t Token, s *records.Summary) bool {
	return (t.System != uhmepID && s.Short != "" && t.Code == s.Short) || (t.System != shortID && t.Code == s.ID)
}

func owned(ref string, s *records.Summary) bool {
	is := func(t workflow.Task) bool { return t.Owner == ref }
	return slices.ContainsFunc(s.Tasks, is) || slices.ContainsFunc(s.Orgs, is)
}

func (t TaskStatus) holds(s *records.Summary) bool {
	is := func(x workflow.Task) bool { return slices.Contains(t.Status, string(x.Status)) }
	switch t.Profile {
	case "referral":
		return slices.Contains(t.Status, s.Referral)
	case "performer":
		return slices.ContainsFunc(s.Tasks, is)
	case "organization":
		return slices.ContainsFunc(s.Orgs, is)
	default:
		return false
	}
}
