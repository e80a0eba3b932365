package query

import (
	"slices"
	"strings"
)

// Asker is what Demand needs to know of the caller.
type Asker struct {
	Role         string                // patient, organization, else a professional
	Is           func(ref string) bool // professionals: is this role theirs
	Organisation string                // Organization/NIHII-…
	Ref          string                // for messages
}

// Demand checks the filters that are mandatory for the caller's role, and the
// ones that must name the caller.
func (q *Query) Demand(a Asker) *Bad {
	missing := func(rule, want string) *Bad {
		return &Bad{Code: Missing, Rule: "search-" + rule, Got: "filters " + strings.Join(q.filters(), " "), Want: want}
	}
	if len(q.Identifier) > 0 && !q.hasPatient() {
		return missing("identifier-with-patient", "patient beside identifier")
	}
	switch a.Role {
	case "patient":
		if !q.hasPatient() {
			return missing("patient-mandatory", "patient")
		}
		return nil
	case "organization":
		if len(q.Identifier) > 0 && q.ownerOrganisation == "" {
			return nil // a prescription handed over by its short code
		}
		if q.ownerOrganisation == "" {
			return missing("owner-mandatory", "_has:Task:focus:owner="+a.Organisation)
		}
		for _, alternatives := range q.Owner {
			if !slices.ContainsFunc(alternatives, func(ref string) bool { return ref != a.Organisation }) {
				return nil
			}
		}
		return &Bad{Code: WrongRole, Rule: "search-owner-organisation", Got: q.ownerOrganisation, Want: a.Organisation}
	}
	roles := slices.Concat(q.Requester, q.professionals())
	if q.hasPatient() {
		return nil
	}
	if len(roles) == 0 {
		return missing("one-of", "patient, requester or _has:Task:focus:owner")
	}
	for _, alternatives := range roles {
		if !slices.ContainsFunc(alternatives, func(ref string) bool { return !a.Is(ref) }) {
			return nil
		}
	}
	return &Bad{Code: WrongRole, Rule: "search-token", Got: strings.Join(roles[0], ","), Want: a.Ref,
		Hint: "without patient, requester or owner must be the caller"}
}

func (q *Query) hasPatient() bool { return len(q.Patients)+len(q.Stable) > 0 }

// professionals are the owner filters that name professionals.
func (q *Query) professionals() []AnyOf[string] {
	var out []AnyOf[string]
	for _, o := range q.Owner {
		if strings.HasPrefix(o[0], "PractitionerRole/") {
			out = append(out, o)
		}
	}
	return out
}

func (q *Query) filters() []string {
	var out []string
	for name := range q.Values {
		if !strings.HasPrefix(name, "_") || strings.HasPrefix(name, "_has") {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return []string{"none"}
	}
	slices.Sort(out)
	return out
}
