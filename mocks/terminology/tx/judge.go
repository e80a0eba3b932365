package tx

import (
	"fmt"
	"slices"
	"strings"
)

// judge validates one coding.
func (v *validation) judge(n int, c Coding) (verdict, *Problem) {
	d := verdict{coding: c}
	if !v.complete(n, &d) {
		return d, nil
	}
	if d.coding.System == "" {
		if several, ok := v.infer(&d); !ok {
			i := Issue{Severity: "error", Code: "not-found", Type: "cannot-infer", Expression: "code", ID: "UNABLE_TO_INFER_CODESYSTEM",
				Text: fmt.Sprintf("The System URI could not be determined for the code '%s' in the ValueSet '%s'", c.Code, v.vs.Named())}
			if len(several) > 1 {
				i.Text += ": value set expansion has multiple matches: " + strings.Join(several, ",")
				i.ID = "Unable_to_resolve_system__value_set_has_multiple_matches"
			}
			v.issue(i)
			v.notInSet(n, d)
			return d, nil
		}
	}
	if v.vs == nil {
		return d, v.inSystem(n, &d)
	}
	return d, v.inSet(n, &d)
}

// complete reports codings that cannot be validated because a part is missing.
func (v *validation) complete(n int, d *verdict) bool {
	if v.mode == "code" {
		return true
	}
	if d.coding.System == "" && v.vs == nil && v.whole != nil {
		d.coding.System = v.whole.Info().URL
	}
	if d.coding.System == "" && v.vs == nil {
		if u := v.p.String("url", "system"); u != "" && v.mode == "coding" {
			d.coding.System, _ = splitCanonical(u)
		}
	}
	switch {
	case d.coding.Code == "" && d.coding.System == "":
		v.issue(Issue{Severity: "warning", Code: "invalid", Type: "invalid-data", Expression: v.path(n, ""), ID: "Coding_has_no_system_or_code__cannot_validate",
			Text: "Coding has neither a system nor a code, so it cannot be validated. A system and a code should be provided"})
		return false
	case d.coding.System == "":
		v.issue(Issue{Severity: "warning", Code: "invalid", Type: "invalid-data", Expression: v.path(n, ""), ID: "Coding_has_no_system__cannot_validate",
			Text: "Coding has no system. A code with no system has no defined meaning, and it cannot be validated. A system should be provided"})
		if v.vs != nil {
			v.notInSet(n, *d)
		}
		return false
	case d.coding.Code == "":
		v.issue(Issue{Severity: "warning", Code: "invalid", Type: "invalid-data", Expression: v.path(n, ""), ID: "Coding_has_no_code__cannot_validate",
			Text: "Coding has no code - cannot validate"})
		return false
	}
	return true
}

// infer finds the only code system of the value set that has the code; several lists those that have it.
func (v *validation) infer(d *verdict) (several []string, ok bool) {
	parts, p := v.evaluate(v.vs, &v.ev)
	if p != nil {
		return nil, false
	}
	for _, x := range parts {
		if i, ok := x.sys.Find(d.coding.Code); ok && x.set.Has(uint32(i)) && !slices.Contains(several, x.sys.Info().URL) {
			several = append(several, x.sys.Info().URL)
		}
	}
	if len(several) != 1 {
		return several, false
	}
	d.coding.System = several[0]
	return several, true
}

// resolve finds the code system of a coding and the code in it.
func (v *validation) resolve(_ int, d *verdict, version string) *Problem {
	sys, p := v.system(d.coding.System, version)
	if p != nil {
		return p
	}
	return v.adopt(d, sys)
}

// unknownSystemIssue reports a code system or version that is not here.
func (v *validation) unknownSystemIssue(n int, d *verdict, p *Problem) *Problem {
	if p.Unknown == "" {
		for _, i := range p.Issues {
			if i.Type != "version-error" {
				return p
			}
			if i.Expression == "" {
				i.Expression = v.path(n, "version")
			}
			v.issue(i)
		}
		return nil
	}
	i := p.Issues[0]
	i.Expression = v.path(n, "system")
	v.issue(i)
	if !slices.Contains(v.unknown, p.Unknown) {
		v.unknown = append(v.unknown, p.Unknown)
	}
	return nil
}

// inSystem validates against the code system alone.
func (v *validation) inSystem(n int, d *verdict) *Problem {
	var p *Problem
	if v.whole != nil && v.whole.Info().URL == d.coding.System {
		p = v.adopt(d, v.whole)
	} else {
		if i, bad := v.badSystem(n, d); bad {
			v.issue(i)
			return nil
		}
		p = v.resolve(n, d, d.coding.Version)
	}
	if p != nil {
		if q := v.unknownSystemIssue(n, d, p); q != nil {
			return q
		}
		v.causedBy = append(v.causedBy, v.unknown...)
		return nil
	}
	v.ev.use(d.sys.Info())
	if !d.found {
		v.unknownCodeIssue(n, d)
		return nil
	}
	d.ok = true
	v.facts(n, d)
	return nil
}

// unknownCodeIssue reports a code that does not exist; in a fragment that is no error.
func (v *validation) unknownCodeIssue(n int, d *verdict) {
	info := d.sys.Info()
	if info.Compositional && !evaluated(d.sys) && looksLikeExpression(d.coding.Code) {
		v.issue(Issue{Severity: "information", Code: "not-supported", Type: "process-note", Expression: v.path(n, "code"),
			Text: fmt.Sprintf("The code '%s' may be a post-coordinated expression. %s", d.coding.Code, notJudged(d.sys))})
	}
	if info.UnknownMayExist && (info.URL != snomedURL || !v.FragmentReject) && plausible(info, d.coding.Code) {
		text := strings.Replace(unknownCode(info, d.coding.Code), "Unknown code", "Unknown Code", 1) + " - note that the code system is labeled as a fragment, so the code may be valid in some other fragment"
		v.issue(Issue{Severity: "warning", Code: "code-invalid", Type: "invalid-code", Expression: v.path(n, "code"), Text: text, ID: "UNKNOWN_CODE_IN_FRAGMENT", Telling: byIssue})
		d.ok = true
		return
	}
	v.issue(Issue{Severity: "error", Code: "code-invalid", Type: "invalid-code", Expression: v.path(n, "code"), Text: unknownCode(info, d.coding.Code), ID: "Unknown_Code_in_Version"})
	v.notExpression(n, d)
}

func plausible(info *Info, code string) bool {
	if info.URL != snomedURL {
		return true
	}
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return false
		}
	}
	return len(code) >= 6 && len(code) <= 18
}

// facts checks display, case, activity and abstractness of a code that exists.
func (v *validation) facts(n int, d *verdict) {
	info := d.sys.Info()
	v.writing(n, d)
	if d.normalized != "" && !evaluated(d.sys) {
		v.issue(Issue{Severity: "information", Code: "business-rule", Type: "code-rule", Expression: v.path(n, "code"), ID: "CODE_CASE_DIFFERENCE",
			Text: fmt.Sprintf("The code '%s' differs from the correct code '%s' by case. Although the code system '%s' is case insensitive, implementers are strongly encouraged to use the correct case anyway",
				d.coding.Code, d.normalized, info.Canonical())})
	}
	if d.inactive && v.active && v.vs == nil {
		v.issue(inactiveRule(v.path(n, "code"), d.coding.Code))
		d.ok = false
	}
	if d.sys.Abstract(d.i) && v.noAbs {
		v.issue(Issue{Severity: "error", Code: "business-rule", Type: "code-rule", Expression: v.path(n, "code"), ID: "ABSTRACT_CODE_NOT_ALLOWED",
			Text: fmt.Sprintf("Code '%s#%s' is abstract, and not allowed in this context", d.coding.System, d.coding.Code)})
		d.ok = false
	}
	if d.ok {
		v.concernStatus(n, d)
	}
	v.checkDisplay(n, d)
}

func inactiveRule(path, code string) Issue {
	return Issue{Severity: "error", Code: "business-rule", Type: "code-rule", Expression: path, ID: "STATUS_CODE_WARNING_CODE",
		Text: fmt.Sprintf("The concept '%s' is valid but is not active", code)}
}

// concernStatus warns about codes that should not be used any more.
func (v *validation) concernStatus(n int, d *verdict) {
	switch {
	case d.inactive:
		status := "inactive"
		if d.status != "" && d.status != status {
			status = d.status + " and inactive"
		}
		v.issue(Issue{Severity: "warning", Code: "business-rule", Type: "code-comment", Expression: v.path(n, ""), ID: "INACTIVE_CONCEPT_FOUND",
			Text: fmt.Sprintf("The concept '%s' has a status of %s and its use should be reviewed", d.coding.Code, status)})
	case d.status == "deprecated" || d.status == "withdrawn":
		v.issue(Issue{Severity: "warning", Code: "business-rule", Type: "code-comment", Expression: v.path(n, "code"), ID: "DEPRECATED_CONCEPT_FOUND",
			Text: fmt.Sprintf("The concept '%s' is %s and its use should be reviewed", d.coding.Code, d.status)})
	}
}

// inSet validates membership in the value set.
func (v *validation) inSet(n int, d *verdict) *Problem {
	member, p := v.membership(n, d)
	if p != nil {
		return p
	}
	switch member {
	case isMember:
		d.ok, d.member = true, true
		if d.found && !v.onlyMem {
			v.facts(n, d)
			v.deprecatedHere(n, d)
		}
		if d.found && v.active && d.inactive {
			v.notActive(n, d)
		}
	case notMember:
		switch {
		case d.sys != nil && !d.found && !v.onlyMem:
			v.unknownCodeIssue(n, d)
			d.ok = false
			v.notInSet(n, *d)
		case d.found && d.inactive && v.activeSet() && v.wouldBeMember(d):
			v.notActive(n, d)
			v.concernStatus(n, d)
		default:
			if d.found && !v.onlyMem {
				v.checkDisplay(n, d)
			}
			v.notInSet(n, *d)
		}
	case undecided:
		d.member = d.found && v.mode == "codeableConcept" && !v.undecided
	}
	return nil
}

// deprecatedHere warns about a code whose presence in the value set is deprecated.
func (v *validation) deprecatedHere(n int, d *verdict) {
	for _, in := range v.vs.Include {
		if in.System != d.coding.System {
			continue
		}
		for _, r := range in.Concepts {
			if r.Code == d.coding.Code && r.deprecated() {
				v.issue(Issue{Severity: "warning", Code: "business-rule", Type: "code-comment", Expression: v.path(n, "code"), ID: "CONCEPT_DEPRECATED_IN_VALUESET", Telling: byIssue,
					Text: fmt.Sprintf("The presence of the concept '%s' in the system '%s' in the value set %s is marked with a status of deprecated and its use should be reviewed",
						d.coding.Code, d.coding.System, v.vs.Named())})
			}
		}
	}
}

// notActive reports a code that is no member only because it is inactive.
func (v *validation) notActive(n int, d *verdict) {
	v.issue(inactiveRule(v.path(n, "code"), d.coding.Code))
	v.notInSet(n, *d)
	d.ok, d.member = false, false
}

// activeSet tells whether the value set leaves inactive codes out.
func (v *validation) activeSet() bool { return v.vs.Inactive != nil && !*v.vs.Inactive }

// wouldBeMember tells whether a code would be a member if inactive codes were not left out.
func (v *validation) wouldBeMember(d *verdict) bool {
	all := *v.vs
	all.Inactive = nil
	parts, p := v.evaluate(&all, &evaluation{})
	return p == nil && slices.ContainsFunc(parts, func(x *part) bool {
		i, ok := x.sys.Find(d.coding.Code)
		return ok && x.sys.Info().URL == d.coding.System && x.set.Has(uint32(i))
	})
}

// notInSet reports that a coding is no member.
func (v *validation) notInSet(n int, d verdict) {
	code := fmt.Sprintf("%s#%s", canonical(d.coding.System, d.coding.Version), d.coding.Code)
	if d.coding.Display != "" {
		code += fmt.Sprintf(" ('%s')", d.coding.Display)
	}
	i := Issue{Severity: "error", Code: "code-invalid", Type: "not-in-vs", Expression: v.path(n, "code"), ID: "None_of_the_provided_codes_are_in_the_value_set_one",
		Text: fmt.Sprintf("The provided code '%s' was not found in the value set '%s'", code, v.vs.Named())}
	if v.mode == "codeableConcept" {
		i.Severity, i.Type = "information", "this-code-not-in-vs"
	}
	v.issue(i)
}

// Answers of membership.
const (
	notMember = iota
	isMember
	undecided
)
