package tx

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
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
	parts, p := v.pinned(d).evaluate(v.vs, &v.ev)
	if p != nil {
		return v.cannotEvaluate(d, p)
	}
	parts = slices.DeleteFunc(parts, func(x *part) bool { return x.sys.Info().URL != d.coding.System })
	if v.choose(d, parts) {
		return isMember, nil
	}
	if len(parts) > 0 && !d.found && d.sys.Info().UnknownMayExist && v.openFor(d) {
		v.unknownCodeIssue(n, d)
		if d.ok {
			return isMember, nil
		}
	}
	return notMember, nil
}

// pinned is the request under which the members are computed. When the coding settled which of several fitting versions is meant,
// it is that version's members that count.
func (v *validation) pinned(d *verdict) *request {
	if d.pin == "" {
		return v.request
	}
	q := *v.request
	q.forced = maps.Clone(v.forced)
	q.forced[d.coding.System] = []string{d.pin}
	return &q
}

// choose finds the coding among the members. A value set may hold its code in several versions of the code system: the one named by the
// coding, else the newest of which the display is right, else the newest.
func (v *validation) choose(d *verdict, parts []*part) bool {
	var best *part
	at := 0
	for _, x := range parts {
		i, ok := x.sys.Find(d.coding.Code)
		if !ok || !x.set.Has(uint32(i)) {
			continue
		}
		if have, given := x.sys.Info().Version, d.coding.Version; d.several && given != "" && have != d.sys.Info().Version && !versionMatches(have, given) {
			continue
		}
		if best == nil || !v.rightDisplay(d, best.sys, at) && v.rightDisplay(d, x.sys, i) {
			best, at = x, i
		}
	}
	if best == nil {
		return false
	}
	d.sys, d.i, d.found = best.sys, at, true
	d.display, _ = v.show(best.sys, at)
	d.inactive, d.status = best.sys.Inactive(at), best.sys.Status(at)
	return true
}

// rightDisplay tells whether a version of the code system has the display of the coding among its terms, or there is none to compare.
func (v *validation) rightDisplay(d *verdict, sys System, i int) bool {
	return d.coding.Display == "" || v.terms(d, sys, i).holds(d.coding.Display)
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
	return v.vs != nil && walk(v.vs)
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
		if _, other := v.pick(sys, ""); !other && isSupplement(x) {
			i.Text = fmt.Sprintf("CodeSystem %s is a supplement, so can't be used as a value in Coding.system", x.Info().Canonical())
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
	own, _ := v.pick(url, given)
	effective := asked
	switch {
	case several:
		effective, d.several = given, true
	case len(v.forced[url]) > 0:
		effective = v.forced[url][0]
	case asked == "" && (given == "" || own == nil || url == snomedURL):
		// Where nobody names a version that is here, the parameters do. Editions of SNOMED CT do not follow each other: a coding in one
		// of them has no newest version to be compared with.
		effective = firstOf(v.defaults[url], v.checks[url])
	}
	changed := effective != asked && !several
	mismatch := func(severity, have, id string) {
		i := Issue{Severity: severity, Code: "invalid", Type: "vs-invalid", Expression: v.path(n, "version"), ID: id}
		if severity == "warning" {
			i.Telling = byIssue // that a version was chosen for want of one
		}
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
	if given != "" && sys != nil && effective != given && versionMatches(given, effective) {
		if own != nil {
			sys, d.pin = own, own.Info().Version
		}
	}
	if sys == nil {
		p := v.unknownSystem(url, effective)
		i := p.Issues[0]
		i.Expression = v.path(n, "system")
		v.issue(i)
		v.causedBy = append(v.causedBy, p.Unknown)
		if len(v.versions(url)) > 0 && given != "" && given != effective {
			mismatch("error", effective, "VALUESET_VALUE_MISMATCH")
		}
		return false, nil
	}
	if asked == "" && given != "" && !several {
		d.pin = sys.Info().Version
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
	if given == "" || versionMatches(have, given) {
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
		if code := s.Code(i); code != d.coding.Code && !evaluated(s) {
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
	if p.Unknown != "" {
		v.causedBy = append(v.causedBy, p.Unknown)
	}
	v.undecided = true
	return undecided, nil
}

// firstOf is the first text of the first list that has one.
func firstOf(lists ...[]string) string {
	for _, l := range lists {
		if len(l) > 0 {
			return l[0]
		}
	}
	return ""
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
