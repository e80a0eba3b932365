package tx

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
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
				Text: fmt.Sprintf("The System URI could not be determined for the code '%s' in the ValueSet '%s'", c.Code, v.vs.Canonical())}
			if len(several) > 1 {
				i.Text += fmt.Sprintf(": value set expansion has multiple matches: [%s]", strings.Join(several, ", "))
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
			Text: "Coding has no system or code - cannot validate"})
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
		if i, ok := x.sys.Find(d.coding.Code); ok && x.set.Has(uint32(i)) {
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

// show is the display in the languages asked for.
func (v *validation) show(sys System, i int) (string, string) {
	term, lang := sys.Display(i, v.langs)
	if term == "" {
		return sys.Display(i, Languages{})
	}
	return term, lang
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
		if d.sys, p = v.supplement(v.whole); p == nil {
			if i, ok := d.sys.Find(d.coding.Code); ok {
				d.found, d.i = true, i
				d.display, _ = v.show(d.sys, i)
				d.inactive, d.status = d.sys.Inactive(i), d.sys.Status(i)
			}
		}
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
	if info.Compositional && strings.ContainsAny(d.coding.Code, ":+") {
		v.issue(Issue{Severity: "information", Code: "not-supported", Type: "process-note", Expression: v.path(n, "code"),
			Text: fmt.Sprintf("The code '%s' is a post-coordinated expression; expressions are not evaluated", d.coding.Code)})
	}
	if info.UnknownMayExist && !(info.URL == snomedURL && v.FragmentReject) && plausible(info, d.coding.Code) {
		text := strings.Replace(unknownCode(info, d.coding.Code), "Unknown code", "Unknown Code", 1) + " - note that the code system is labeled as a fragment, so the code may be valid in some other fragment"
		v.issue(Issue{Severity: "warning", Code: "code-invalid", Type: "invalid-code", Expression: v.path(n, "code"), Text: text, ID: "UNKNOWN_CODE_IN_FRAGMENT"})
		d.ok = true
		return
	}
	v.issue(Issue{Severity: "error", Code: "code-invalid", Type: "invalid-code", Expression: v.path(n, "code"), Text: unknownCode(info, d.coding.Code), ID: "Unknown_Code_in_Version"})
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
	if d.normalized != "" {
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
		status := d.status
		if status == "" {
			status = "inactive"
		}
		v.issue(Issue{Severity: "warning", Code: "business-rule", Type: "code-comment", Expression: v.path(n, ""), ID: "INACTIVE_CONCEPT_FOUND",
			Text: fmt.Sprintf("The concept '%s' has a status of %s and its use should be reviewed", d.coding.Code, status)})
	case d.status == "deprecated" || d.status == "withdrawn":
		v.issue(Issue{Severity: "warning", Code: "business-rule", Type: "code-comment", Expression: v.path(n, ""), ID: "DEPRECATED_CONCEPT_FOUND",
			Text: fmt.Sprintf("The concept '%s' has a status of %s and its use should be reviewed", d.coding.Code, d.status)})
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
		Text: fmt.Sprintf("The provided code '%s' was not found in the value set '%s'", code, v.vs.Canonical())}
	if v.mode == "codeableConcept" {
		i.Severity, i.Type = "information", "this-code-not-in-vs"
	}
	v.issue(i)
}

// checkDisplay compares the display that came with the terms of the concept.
func (v *validation) checkDisplay(n int, d *verdict) {
	given := d.coding.Display
	if given == "" || !d.found {
		return
	}
	term, _ := d.sys.Display(d.i, Languages{})
	type option struct{ text, lang string }
	var fitting, all []option
	consider := func(text, lang string, inactive bool) {
		if text == "" || inactive {
			return
		}
		o := option{text, lang}
		if slices.Contains(all, o) {
			return
		}
		all = append(all, o)
		if v.langs.Empty() || lang == "" || v.langs.Wants(lang) || slices.Contains(v.langs.Tags, "*") {
			fitting = append(fitting, o)
		}
	}
	_, lang := d.sys.Display(d.i, Languages{})
	consider(term, lang, false)
	for _, x := range d.sys.Designations(d.i) {
		consider(x.Value, x.Language, x.Inactive)
	}
	if v.vs != nil {
		for _, in := range v.vs.Include {
			for _, r := range in.Concepts {
				if in.System == d.coding.System && r.Code == d.coding.Code {
					consider(r.Display, v.vs.Language, false)
					for _, x := range r.Designations {
						consider(x.Value, x.Language, x.Inactive)
					}
				}
			}
		}
	}
	if len(all) == 0 {
		return
	}
	same := func(a, b string) bool { return strings.EqualFold(a, b) }
	for _, o := range fitting {
		if same(o.text, given) {
			return
		}
	}
	spaced := false
	for _, o := range fitting {
		spaced = spaced || same(fold.Spaces(o.text), fold.Spaces(given))
	}
	severity := "error"
	if v.lenient {
		severity = "warning"
	}
	i := Issue{Severity: severity, Code: "invalid", Type: "invalid-display", Expression: v.path(n, "display"), ID: "Display_Name_for__should_be_one_of__instead_of"}
	what := "Wrong Display Name"
	if spaced {
		what = "Wrong whitespace in Display Name"
	}
	concept := fmt.Sprintf("%s#%s", d.coding.System, d.sys.Code(d.i))
	languages := "--"
	if v.langGiven != "" {
		languages = v.langs.Raw
	}
	matchesOther := false
	for _, o := range all {
		matchesOther = matchesOther || same(o.text, given)
	}
	switch {
	case len(fitting) == 0 && matchesOther:
		// Terms exist, but none in the language asked for: what was given is right in another one.
		i.Type, i.Severity = "display-comment", "information"
		i.Text = fmt.Sprintf("'%s' is the default display; the code system %s has no Display Names for the language %s", given, d.coding.System, languages)
		if v.speaks(d.sys) {
			i.Text = fmt.Sprintf("'%s' is the default display; no valid Display Names found for %s in the language %s", given, concept, languages)
		}
		i.ID = "NO_VALID_DISPLAY_FOUND_LANG_NONE_ONE"
	case len(fitting) == 0:
		i.Text = fmt.Sprintf("Wrong Display Name '%s' for %s. There are no valid display names found for language(s) '%s'. Default display is '%s'", given, concept, languages, term)
		i.ID = "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR"
	case len(fitting) == 1:
		i.Text = fmt.Sprintf("%s '%s' for %s. Valid display is %s (for the language(s) '%s')", what, given, concept, quoted(fitting[0].text, fitting[0].lang), languages)
	default:
		var list []string
		for _, o := range fitting {
			list = append(list, quoted(o.text, o.lang))
		}
		i.Text = fmt.Sprintf("%s '%s' for %s. Valid display is one of %d choices: %s (for the language(s) '%s')", what, given, concept, len(list), strings.Join(list, " or "), languages)
	}
	if i.Severity == "error" {
		d.ok = false
	}
	v.issue(i)
}

// speaks tells whether a code system has any term in a language asked for.
func (v *validation) speaks(sys System) bool {
	if isSCT(sys) {
		return true
	}
	for i := range sys.Len() {
		if slices.ContainsFunc(sys.Designations(i), func(d Designation) bool { return d.Language != "" && v.langs.Wants(d.Language) }) {
			return true
		}
	}
	return false
}

func quoted(text, lang string) string {
	if lang == "" {
		return fmt.Sprintf("'%s'", text)
	}
	return fmt.Sprintf("'%s' (%s)", text, lang)
}

// Answers of membership.
const (
	notMember = iota
	isMember
	undecided
)

// membership tells whether a coding is in the value set, and resolves its code system.
func (v *validation) membership(n int, d *verdict) (int, *Problem) {
	if i, bad := v.badSystem(n, d); bad {
		v.issue(i)
		if i.ID == "Terminology_TX_System_Relative" {
			p := v.unknownSystem(d.coding.System, "")
			return notMember, v.unknownSystemIssue(n, d, p)
		}
		return notMember, nil
	}
	if !v.mentioned(d.coding.System) {
		if p := v.resolve(n, d, d.coding.Version); p != nil {
			if p.Unknown != "" {
				p.Issues[0].Text = strings.Replace(p.Issues[0].Text, "'"+d.coding.System+"'", d.coding.System, 1)
			}
			if q := v.unknownSystemIssue(n, d, p); q != nil {
				return 0, q
			}
			if p.Unknown == "" {
				return undecided, nil
			}
			return notMember, nil
		}
	} else if ok, p := v.settleVersion(n, d); !ok || p != nil {
		return undecided, p
	}
	v.ev.use(d.sys.Info())
	parts, p := v.evaluate(v.vs, &v.ev)
	if p != nil {
		return v.cannotEvaluate(d, p)
	}
	known := false
	for _, x := range parts {
		if x.sys.Info().URL != d.coding.System {
			continue
		}
		known = true
		if i, ok := x.sys.Find(d.coding.Code); ok && x.set.Has(uint32(i)) {
			d.sys, d.i, d.found = x.sys, i, true
			d.display, _ = v.show(x.sys, i)
			return isMember, nil
		}
	}
	if known && !d.found && d.sys.Info().UnknownMayExist && v.openFor(d) {
		v.unknownCodeIssue(n, d)
		if d.ok {
			return isMember, nil
		}
	}
	return notMember, nil
}

// mentioned tells whether the value set, or one it includes, names the code system.
func (v *validation) mentioned(system string) bool {
	seen := map[string]bool{}
	var walk func(s *ValueSet) bool
	walk = func(s *ValueSet) bool {
		if s.mentions(system) {
			return true
		}
		for _, in := range s.Include {
			for _, u := range in.ValueSets {
				if seen[u] {
					continue
				}
				seen[u] = true
				if other, p := v.valueSet(u, ""); p == nil && walk(other) {
					return true
				}
			}
		}
		return false
	}
	return walk(v.vs)
}

// badSystem reports code systems that cannot be one.
func (v *validation) badSystem(n int, d *verdict) (Issue, bool) {
	i := Issue{Severity: "error", Code: "invalid", Type: "invalid-data", Expression: v.path(n, "system")}
	sys := d.coding.System
	if !strings.Contains(sys, ":") && !v.mentioned(sys) {
		if _, found := v.pick(sys, ""); !found {
			i.Text = "Coding.system must be an absolute reference, not a local reference"
			i.ID = "Terminology_TX_System_Relative"
			return i, true
		}
	}
	if len(v.versions(sys)) == 0 {
		for _, s := range v.shelves {
			if len(s.sets[sys]) > 0 {
				i.Text = fmt.Sprintf("The Coding references a value set, not a code system ('%s')", sys)
				i.ID = "Terminology_TX_System_ValueSet2"
				return i, true
			}
		}
	}
	for _, x := range v.versions(sys) {
		if x.Info().Content == "supplement" {
			i.Text = fmt.Sprintf("CodeSystem %s is a supplement, so can't be used as a value in Coding.system", canonical(sys, d.coding.Version))
			i.ID = "CODESYSTEM_CS_NO_SUPPLEMENT"
			return i, true
		}
	}
	return i, false
}

// settleVersion finds the version of the code system that the value set means, and compares it with the one of the coding.
func (v *validation) settleVersion(n int, d *verdict) (bool, *Problem) {
	url, given := d.coding.System, d.coding.Version
	asked, several := v.versionInSet(url)
	effective, _ := v.wanted(url, asked)
	changed := effective != asked
	if several {
		effective, changed = given, false
	}
	mismatch := func(severity, have, id string) {
		i := Issue{Severity: severity, Code: "invalid", Type: "vs-invalid", Expression: v.path(n, "version"), ID: id}
		switch {
		case changed:
			i.Text = fmt.Sprintf("The code system '%s' version '%s' resulting from the version '%s' in the ValueSet include is different to the one in the value ('%s')", url, effective, asked, given)
		case severity == "warning":
			i.Text = fmt.Sprintf("The code system '%s' version '%s' for the versionless include in the ValueSet include is different to the one in the value ('%s')", url, have, given)
		default:
			i.Text = fmt.Sprintf("The code system '%s' version '%s' in the ValueSet include is different to the one in the value ('%s')", url, have, given)
		}
		v.issue(i)
	}
	sys, _ := v.pick(url, effective)
	if given != "" && sys != nil && effective != given && (isWildcard(effective) && versionMatches(given, effective) || strings.HasPrefix(given, effective+"/version/") && effective != "") {
		if own, _ := v.pick(url, given); own != nil {
			sys = own
		}
	}
	own, _ := v.pick(url, given)
	if sys == nil {
		p := v.unknownSystem(url, effective)
		i := p.Issues[0]
		i.Expression = v.path(n, "system")
		v.issue(i)
		v.causedBy = append(v.causedBy, p.Unknown)
		if len(v.versions(url)) == 0 {
			v.issue(Issue{Severity: "warning", Code: "not-found", Type: "vs-invalid", ID: "UNABLE_TO_CHECK_IF_THE_PROVIDED_CODES_ARE_IN_THE_VALUE_SET_CS",
				Text: fmt.Sprintf("Unable to check whether the code is in the value set '%s' because the code system %s was not found", v.vs.Canonical(), p.Unknown)})
			return false, nil
		}
		if given != "" && given != effective {
			mismatch("error", effective, "VALUESET_VALUE_MISMATCH")
		}
		if own == nil {
			own, _ = v.pick(url, "")
		}
		v.adopt(d, own)
		return false, nil
	}
	if p := v.adopt(d, sys); p != nil {
		return false, p
	}
	have := sys.Info().Version
	ok := true
	if i := v.versionCheck(sys.Info()); i != nil {
		i.Expression = v.path(n, "version")
		v.issue(*i)
		ok = false
	}
	if given == "" || given == have || versionMatches(have, given) || strings.HasPrefix(have, given+"/version/") {
		return ok, nil
	}
	if own == nil {
		p := v.unknownSystem(url, given)
		i := p.Issues[0]
		i.Expression = v.path(n, "system")
		v.issue(i)
		v.causedBy = append(v.causedBy, p.Unknown)
		if asked == "" && !changed {
			mismatch("warning", have, "VALUESET_VALUE_MISMATCH_DEFAULT")
			return false, nil
		}
	}
	mismatch("error", have, "VALUESET_VALUE_MISMATCH")
	return false, nil
}

// adopt takes a code system as the one of the coding.
func (v *validation) adopt(d *verdict, sys System) *Problem {
	if sys == nil {
		return nil
	}
	s, p := v.supplement(sys)
	if p != nil {
		return p
	}
	d.sys = s
	if i, ok := s.Find(d.coding.Code); ok {
		d.found, d.i = true, i
		if code := s.Code(i); code != d.coding.Code {
			d.normalized = code
		}
		d.display, _ = v.show(s, i)
		d.inactive, d.status = s.Inactive(i), s.Status(i)
	}
	return nil
}

// openFor tells whether an unknown code of a fragment could be a member: the value set takes the system whole.
func (v *validation) openFor(d *verdict) bool {
	if info := d.sys.Info(); info.URL == snomedURL && v.FragmentReject {
		return false
	}
	return slices.ContainsFunc(v.vs.Include, func(in Include) bool {
		return in.System == d.coding.System && !in.enumerated && len(in.ValueSets) == 0
	})
}

// cannotEvaluate reports that the value set itself is at fault.
func (v *validation) cannotEvaluate(d *verdict, p *Problem) (int, *Problem) {
	if p.Status != http.StatusNotFound || len(p.Issues) == 0 {
		return 0, p
	}
	i := p.Issues[0]
	i.Text = strings.Replace(i.Text, "so the value set cannot be expanded", "so the code cannot be validated", 1)
	v.issue(i)
	missing := "value set " + missingSet(i.Text)
	if p.Unknown != "" {
		missing = "code system " + p.Unknown
		v.causedBy = append(v.causedBy, p.Unknown)
	}
	v.undecided = true
	v.issue(Issue{Severity: "warning", Code: "not-found", Type: "vs-invalid", ID: "UNABLE_TO_CHECK_IF_THE_PROVIDED_CODES_ARE_IN_THE_VALUE_SET_VS",
		Text: fmt.Sprintf("Unable to check whether the code is in the value set '%s' because the %s was not found", v.vs.Canonical(), missing)})
	return undecided, nil
}

func missingSet(text string) string {
	_, rest, _ := strings.Cut(text, "'")
	name, _, _ := strings.Cut(rest, "'")
	return name
}

// versionInSet is the version in which the value set includes a code system; several tells that it names more than one.
func (v *validation) versionInSet(system string) (version string, several bool) {
	n := 0
	for _, in := range v.vs.Include {
		if in.System == system {
			if n > 0 && in.Version != version {
				return "", true
			}
			n++
			version = in.Version
		}
	}
	return version, false
}
