package tx

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// translation is one $translate call.
type translation struct {
	*request
	codings        []Coding // what is translated: source concepts, or target concepts when reversed
	reversed       bool     // the codings are target concepts; their sources are wanted
	wanted         string   // code system of the answers, may be empty
	source, target string   // value sets that the map must name, may be empty
	depends        []Param  // dependency parameters
	found          []match
	used           []string // maps that contributed and are not where the search began
	why            string   // the reason why no map applies
}

// match is one answer of $translate.
type match struct {
	equivalence string
	target      Coding
	origin      string // the map with which the search began
	comment     string // about the target
	about       string // about the source code
	advice      string // what a map tells a person to look at
	noMap       bool   // the map says that there is no target
	implicit    bool   // the map is a SNOMED CT reference set
	from        Coding
	product     []Object
	depends     []Object
}

// Translate answers ConceptMap/$translate; own is the map of an instance call, else nil.
func (e *Engine) Translate(c Call, own *ConceptMap) (Object, *Problem) {
	q, p := e.begin(c)
	if p != nil {
		return nil, p
	}
	t := &translation{request: q}
	if p := t.read(); p != nil {
		return nil, p
	}
	u := q.p.String("url")
	if own == nil {
		if raw := q.p.Object("conceptMap"); raw != nil {
			if own, p = NewConceptMap(raw); p != nil {
				return nil, p
			}
		}
	}
	version := ""
	if own != nil {
		u, version = own.URL, own.Version
	} else if strings.Contains(u, "?fhir_cm") {
		version = q.p.String("conceptMapVersion")
	}
	if strings.Contains(u, "?fhir_cm") {
		if p := t.implicitly(u, version); p != nil {
			return nil, p
		}
		return t.answer(), nil
	}
	var named *ConceptMap
	switch {
	case own != nil:
		named = own
	case u != "":
		if named = q.conceptMap(u, q.p.String("conceptMapVersion")); named == nil {
			return nil, problem(http.StatusNotFound, "not-found", "not-found", fmt.Sprintf("A definition for the concept map '%s' could not be found", u))
		}
	}
	for _, coding := range t.codings {
		if p := t.translate(coding, named); p != nil {
			return nil, p
		}
	}
	return t.answer(), nil
}

// read takes the parameters in their R4 and R5 names. R4 turns the question around with reverse, which swaps source and target;
// R5 does it by naming the target concept.
func (t *translation) read() *Problem {
	p := t.p
	reverse, _, err := p.Bool("reverse")
	if err != nil {
		return err
	}
	t.codings = t.concepts("coding", "codeableConcept", "sourceCoding", "sourceCodeableConcept")
	t.source, t.target = p.String("source", "sourceScope"), p.String("target", "targetScope")
	t.wanted = p.String("targetsystem", "targetSystem")
	for _, x := range p {
		if x.Name == "dependency" {
			t.depends = append(t.depends, x)
		}
	}
	code := p.String("code", "sourceCode")
	if len(t.codings) == 0 && code != "" {
		system := p.String("system", "sourceSystem")
		if system == "" && !strings.Contains(p.String("url"), "?fhir_cm") {
			return problem(http.StatusBadRequest, "required", "", "the code has no system: send system")
		}
		t.codings = []Coding{{System: system, Version: p.String("version", "sourceVersion"), Code: code}}
	}
	byTarget := false
	if len(t.codings) == 0 {
		t.codings = t.concepts("targetCoding", "targetCodeableConcept")
		if code := p.String("targetcode", "targetCode"); len(t.codings) == 0 && code != "" {
			if t.wanted == "" {
				return problem(http.StatusBadRequest, "required", "", "the target code has no system: send targetsystem")
			}
			t.codings = []Coding{{System: t.wanted, Version: p.String("targetVersion"), Code: code}}
		}
		byTarget = len(t.codings) > 0
	}
	for i := range t.codings {
		if u, v := splitCanonical(t.codings[i].System); v != "" {
			t.codings[i].System, t.codings[i].Version = u, cmp.Or(t.codings[i].Version, v)
		}
	}
	switch {
	case len(t.codings) == 0:
		return problem(http.StatusBadRequest, "required", "", "nothing to translate is given: send code and system, coding or codeableConcept")
	case byTarget && reverse:
		return problem(http.StatusBadRequest, "invalid", "", "reverse does not go together with a target concept: each of them turns the question around")
	case byTarget:
		t.reversed, t.wanted = true, p.String("system", "sourceSystem")
	case reverse:
		t.reversed, t.source, t.target = true, t.target, t.source
	}
	return nil
}

// concepts gives the codings of the first of the parameters that is there.
func (t *translation) concepts(names ...string) []Coding {
	var out []Coding
	for _, n := range names {
		o := t.p.Object(n)
		switch {
		case o == nil:
			continue
		case strings.HasSuffix(strings.ToLower(n), "codeableconcept"):
			for _, x := range objects(o, "coding") {
				out = append(out, readCoding(x))
			}
		default:
			out = []Coding{readCoding(o)}
		}
		return out
	}
	return nil
}

// conceptMap finds a map by its URL, which may carry a version; the newest when none is asked for.
func (q *request) conceptMap(u, version string) *ConceptMap {
	base, v := splitCanonical(u)
	if v != "" {
		version = v
	}
	var best *ConceptMap
	for _, s := range q.shelves {
		for _, m := range s.maps {
			if m.URL == base && (version == "" || m.Version == version) && (best == nil || CompareVersions(m.Version, best.Version) > 0) {
				best = m
			}
		}
	}
	return best
}

// candidates are the maps that a request may use which names none: the newest version of each, a map that refers to another before that other.
func (t *translation) candidates(c Coding) []*ConceptMap {
	var list []*ConceptMap
	seen := map[string]bool{}
	for _, s := range t.shelves {
		for _, m := range s.maps {
			if m.URL != "" {
				if seen[m.URL] {
					continue
				}
				seen[m.URL] = true
				m = t.conceptMap(m.URL, "")
			}
			if t.fits(m, c) {
				list = append(list, m)
			}
		}
	}
	var out []*ConceptMap
	for len(list) > 0 {
		i := slices.IndexFunc(list, func(m *ConceptMap) bool {
			return !slices.ContainsFunc(list, func(o *ConceptMap) bool { return o != m && o.refersTo(m) })
		})
		i = max(i, 0)
		out, list = append(out, list[i]), slices.Delete(list, i, i+1)
	}
	return out
}

// fits tells whether a map goes between the systems and value sets of the request.
func (t *translation) fits(m *ConceptMap, c Coding) bool {
	differ := func(a, b string) bool {
		a, _ = splitCanonical(a)
		b, _ = splitCanonical(b)
		return a != "" && b != "" && a != b
	}
	return !differ(t.source, m.Source) && !differ(t.target, m.Target) && slices.ContainsFunc(m.Groups, func(g MapGroup) bool { return t.between(g, c) })
}

// between tells whether a group goes from the system of a coding to the one that is wanted, or back when the question is turned around.
func (t *translation) between(g MapGroup, c Coding) bool {
	from, to := g.Source, g.Target
	if t.reversed {
		from, to = to, from
	}
	return from == c.System && (t.wanted == "" || to == t.wanted)
}

// unavailable says that no map goes between the two systems.
func (t *translation) unavailable(c Coding) string {
	from, to := c.System, t.wanted
	if t.reversed {
		from, to = to, from
	}
	text := "No ConceptMap is available to translate"
	if from != "" {
		text += fmt.Sprintf(" from '%s'", from)
	}
	if to != "" {
		text += fmt.Sprintf(" to '%s'", to)
	}
	return text
}

// inScope tells whether the source value set of a map holds a code. What cannot be told, since the value set or its code systems are not here,
// does not keep the map from being used.
func (t *translation) inScope(m *ConceptMap, c Coding) bool {
	if m.Source == "" {
		return true
	}
	v, p := t.valueSet(m.Source, "")
	if p != nil {
		return true
	}
	parts, p := t.evaluate(v, &evaluation{})
	if p != nil {
		t.note("concept-map-scope", m.Source+": "+p.Error())
		return true
	}
	for _, x := range parts {
		if x.sys.Info().URL == c.System {
			if i, ok := x.sys.Find(c.Code); ok && x.set.Has(uint32(i)) {
				return true
			}
		}
	}
	return false
}
