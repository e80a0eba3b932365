package tx

import "slices"

// A value set may name several versions of one code system. Each version has members of its own then, newest first; whether equal
// codes of two versions count as one is told by versionsMatch, a parameter of the request or of the definition
// (extension valueset-expansion-parameter). Untold, includes keep the versions apart, and an exclude of a version that is not
// included works on the codes of all versions: it could have no effect otherwise.

// versionsMatch tells whether equal codes of different versions count as one; told is false when nobody says.
func (q *request) versionsMatch(v *ValueSet) (match, told bool, _ *Problem) {
	return q.flag(v, "versionsMatch")
}

// flag reads a truth value: the parameter of the request, else the one that the definition carries; told is false when neither does.
func (q *request) flag(v *ValueSet, name string) (value, told bool, _ *Problem) {
	value, told, p := q.p.Bool(name)
	if told || p != nil {
		return value, told, p
	}
	s, told := v.parameter(name)
	return s == "true", told, nil
}

// parameter reads an expansion parameter that the definition carries.
func (v *ValueSet) parameter(name string) (value string, present bool) {
	for _, e := range v.ExpansionParams {
		n, val := "", ""
		for _, s := range objects(e, "extension") {
			x, _ := valueOf(s)
			switch str(s, "url") {
			case "name":
				n = text(x)
			case "value":
				val = text(x)
			}
		}
		if n == name {
			return val, true
		}
	}
	return "", false
}

// newestFirst orders the includes of a code system that is named in several versions: the newest first, the one without a version last.
// Other includes keep their places.
func newestFirst(list []Include) []Include {
	out := slices.Clone(list)
	for i := range out {
		for j := i + 1; j < len(out); j++ {
			if out[i].System != "" && out[i].System == out[j].System && newer(out[j].Version, out[i].Version) {
				out[i], out[j] = out[j], out[i]
			}
		}
	}
	return out
}

func newer(a, b string) bool {
	if a == "" || b == "" {
		return a != "" && b == ""
	}
	return CompareVersions(a, b) > 0
}

// includesVersion tells whether the version that an exclude names is included, too.
func (v *ValueSet) includesVersion(ex *Include) bool {
	return slices.ContainsFunc(v.Include, func(in Include) bool { return in.System == ex.System && in.Version == ex.Version })
}

// severalVersions tells whether the definition names a code system in more than one version: members carry theirs then.
func (v *ValueSet) severalVersions() bool {
	seen := map[string]string{}
	for _, list := range [][]Include{v.Include, v.Exclude} {
		for _, in := range list {
			if in.System == "" {
				continue
			}
			if other, ok := seen[in.System]; ok && other != in.Version {
				return true
			}
			seen[in.System] = in.Version
		}
	}
	return false
}

// withoutCodesOf takes codes out of a part that other versions of its code system have in the given parts. It tells whether there was one to compare with.
func withoutCodesOf(x *part, others []*part) bool {
	compared := false
	for _, o := range others {
		if sameSystem(x.sys, o.sys) || x.sys.Info().URL != o.sys.Info().URL {
			continue
		}
		compared = true
		x.set.Each(func(i uint32) bool {
			if n, ok := o.sys.Find(x.sys.Code(int(i))); ok && o.set.Has(uint32(n)) {
				x.set.Remove(i)
			}
			return true
		})
	}
	return compared
}
