package tx

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// ConceptMap is a map between code systems.
type ConceptMap struct {
	URL, Version, ID string
	Source, Target   string // value sets
	Raw              Object
	Groups           []MapGroup
}

// MapGroup maps one code system to another.
type MapGroup struct {
	Source, SourceVersion, Target, TargetVersion string
	Elements                                     []MapElement
	Unmapped                                     Object
}

// MapElement maps one code.
type MapElement struct {
	Code, Display string
	Comment       string
	Targets       []MapTarget
	NoMap         bool
}

// MapTarget is one counterpart.
type MapTarget struct {
	Code, Display, Equivalence, Comment string
	Product, DependsOn                  []Object
}

// NewConceptMap reads a ConceptMap resource, R4 or the few R5 differences.
func NewConceptMap(raw Object) (*ConceptMap, *Problem) {
	m := &ConceptMap{URL: str(raw, "url"), Version: str(raw, "version"), ID: str(raw, "id"), Raw: raw}
	_, src := prefixed(raw, "source")
	_, dst := prefixed(raw, "target")
	m.Source, m.Target = src, dst
	for _, g := range objects(raw, "group") {
		x := MapGroup{Source: str(g, "source"), SourceVersion: str(g, "sourceVersion"), Target: str(g, "target"), TargetVersion: str(g, "targetVersion"), Unmapped: obj(g, "unmapped")}
		if u, v := splitCanonical(x.Source); v != "" {
			x.Source, x.SourceVersion = u, v
		}
		if u, v := splitCanonical(x.Target); v != "" {
			x.Target, x.TargetVersion = u, v
		}
		for _, e := range objects(g, "element") {
			el := MapElement{Code: str(e, "code"), Display: str(e, "display")}
			el.NoMap, _ = boolean(e, "noMap")
			el.Comment = str(e, "comment")
			for _, n := range objects(e, "extension") {
				if strings.HasSuffix(str(n, "url"), "ConceptMap.group.element.comment") {
					el.Comment = text(first(n))
				}
			}
			for _, t := range objects(e, "target") {
				eq := str(t, "equivalence")
				if eq == "" {
					eq = r4Equivalence(str(t, "relationship"))
				}
				if str(t, "code") == "" && eq != "" {
					el.NoMap = true
					if el.Comment == "" {
						el.Comment = str(t, "comment")
					}
					continue
				}
				el.Targets = append(el.Targets, MapTarget{Code: str(t, "code"), Display: str(t, "display"), Equivalence: eq, Comment: str(t, "comment"),
					Product: objects(t, "product"), DependsOn: objects(t, "dependsOn")})
			}
			x.Elements = append(x.Elements, el)
		}
		m.Groups = append(m.Groups, x)
	}
	return m, nil
}

// prefixed reads sourceUri, sourceCanonical and the R5 names.
func prefixed(o Object, name string) (string, string) {
	for _, k := range []string{name + "Canonical", name + "Uri", name + "ScopeCanonical", name + "ScopeUri"} {
		if s := str(o, k); s != "" {
			return k, s
		}
	}
	return "", ""
}

func r4Equivalence(relationship string) string {
	switch relationship {
	case "related-to":
		return "relatedto"
	case "source-is-narrower-than-target":
		return "wider"
	case "source-is-broader-than-target":
		return "narrower"
	case "not-related-to":
		return "disjoint"
	}
	return relationship
}

// match is one answer of $translate.
type match struct {
	equivalence string
	target      Coding
	source      string
	origin      string // the map a chain of maps began with, when it is another one
	comment     string // about the target
	about       string // about the source code
	noMap       bool   // the map says that there is no target
	from        Coding
	product     []Object
	depends     []Object
}

// Translate answers ConceptMap/$translate.
func (e *Engine) Translate(c Call, own *ConceptMap) (Object, *Problem) {
	q, p := e.begin(c)
	if p != nil {
		return nil, p
	}
	codings, p := q.translateFrom()
	if p != nil {
		return nil, p
	}
	reverse, _, p := q.p.Bool("reverse")
	if p != nil {
		return nil, p
	}
	target := q.p.String("targetsystem", "targetSystem")
	u := q.p.String("url")
	if own == nil {
		if raw := q.p.Object("conceptMap"); raw != nil {
			if own, p = NewConceptMap(raw); p != nil {
				return nil, p
			}
		}
	}
	var found []match
	if strings.Contains(u, "?fhir_cm") {
		found, p = q.implicitMap(u, codings, reverse)
		if p != nil {
			return nil, p
		}
		return q.translated(found, codings), nil
	}
	maps, p := q.mapsFor(own, u)
	if p != nil {
		return nil, p
	}
	wantSource, wantTarget := q.p.String("source", "sourceScope"), q.p.String("target", "targetScope")
	for _, m := range maps {
		if wantSource != "" && m.Source != "" && m.Source != wantSource || wantTarget != "" && m.Target != "" && m.Target != wantTarget {
			continue
		}
		for _, coding := range codings {
			found = append(found, q.translateWith(m, coding, target, reverse, nil)...)
		}
	}
	return q.translated(found, codings), nil
}

// translateFrom reads what is to be translated.
func (q *request) translateFrom() ([]Coding, *Problem) {
	for _, n := range []string{"coding", "sourceCoding"} {
		if o := q.p.Object(n); o != nil {
			return []Coding{readCoding(o)}, nil
		}
	}
	for _, n := range []string{"codeableConcept", "sourceCodeableConcept"} {
		if o := q.p.Object(n); o != nil {
			var list []Coding
			for _, x := range objects(o, "coding") {
				list = append(list, readCoding(x))
			}
			return list, nil
		}
	}
	code := q.p.String("code", "sourceCode")
	if code == "" {
		return nil, problem(http.StatusBadRequest, "required", "", "nothing to translate is given: send code and system, coding or codeableConcept")
	}
	system := q.p.String("system", "sourceSystem")
	if system == "" && !strings.Contains(q.p.String("url"), "?fhir_cm") {
		return nil, problem(http.StatusBadRequest, "required", "", "the code has no system: send system")
	}
	return []Coding{{System: system, Version: q.p.String("version", "sourceVersion"), Code: code}}, nil
}

func (q *request) mapsFor(own *ConceptMap, u string) ([]*ConceptMap, *Problem) {
	if own != nil {
		return []*ConceptMap{own}, nil
	}
	var out []*ConceptMap
	seen := map[string]bool{}
	base, version := splitCanonical(u)
	if version == "" {
		version = q.p.String("conceptMapVersion")
	}
	for _, s := range q.shelves {
		for _, m := range s.maps {
			c := canonical(m.URL, m.Version)
			if seen[c] && m.URL != "" || u != "" && (m.URL != base || version != "" && m.Version != version) {
				continue
			}
			seen[c] = true
			out = append(out, m)
		}
	}
	if u != "" && len(out) == 0 {
		return nil, problem(http.StatusNotFound, "not-found", "not-found", fmt.Sprintf("A definition for the concept map '%s' could not be found", u))
	}
	return out, nil
}

// translateWith looks a code up in one map.
func (q *request) translateWith(m *ConceptMap, c Coding, target string, reverse bool, via []string) []match {
	var out []match
	for _, g := range m.Groups {
		from, to := g.Source, g.Target
		if reverse {
			from, to = to, from
		}
		if from != c.System || target != "" && to != target {
			continue
		}
		hit := false
		for _, el := range g.Elements {
			if !reverse && el.Code != c.Code {
				continue
			}
			if !reverse && el.NoMap {
				out = append(out, match{noMap: true, source: canonical(m.URL, m.Version), about: el.Comment, from: c})
				hit = true
			}
			for _, t := range el.Targets {
				switch {
				case !reverse:
					out = append(out, match{equivalence: t.Equivalence, target: Coding{System: g.Target, Version: g.TargetVersion, Code: t.Code, Display: t.Display}, source: canonical(m.URL, m.Version),
						comment: t.Comment, about: el.Comment, from: c, product: t.Product, depends: t.DependsOn})
					hit = true
				case t.Code == c.Code:
					out = append(out, match{equivalence: turned(t.Equivalence), target: Coding{System: g.Source, Version: g.SourceVersion, Code: el.Code, Display: el.Display}, source: canonical(m.URL, m.Version),
						comment: t.Comment, about: el.Comment, from: c})
					hit = true
				}
			}
		}
		if !hit && !reverse && g.Unmapped != nil {
			out = append(out, q.unmapped(m, g, c, target, via)...)
		}
	}
	return out
}

// unmapped applies what a group says about codes it does not list.
func (q *request) unmapped(m *ConceptMap, g MapGroup, c Coding, target string, via []string) []match {
	switch str(g.Unmapped, "mode") {
	case "provided", "use-source-code":
		return []match{{equivalence: "equal", target: Coding{System: g.Target, Version: g.TargetVersion, Code: c.Code}, source: canonical(m.URL, m.Version), from: c}}
	case "fixed":
		return []match{{equivalence: "inexact", target: Coding{System: g.Target, Version: g.TargetVersion, Code: str(g.Unmapped, "code"), Display: str(g.Unmapped, "display")}, source: canonical(m.URL, m.Version), from: c}}
	case "other-map":
		u := str(g.Unmapped, "url")
		if u == "" {
			u = str(g.Unmapped, "otherMap")
		}
		if slices.Contains(via, u) || len(via) > 20 {
			return nil
		}
		others, p := q.mapsFor(nil, u)
		if p != nil {
			return nil
		}
		var out []match
		for _, o := range others {
			out = append(out, q.translateWith(o, c, target, false, append(via, u))...)
		}
		for i := range out {
			out[i].origin = canonical(m.URL, m.Version)
		}
		return out
	}
	return nil
}

func turned(equivalence string) string {
	switch equivalence {
	case "wider":
		return "narrower"
	case "narrower":
		return "wider"
	case "subsumes":
		return "specializes"
	case "specializes":
		return "subsumes"
	}
	return equivalence
}

// translated writes the answer.
func (q *request) translated(found []match, from []Coding) Object {
	var o out
	good := false
	for _, m := range found {
		good = good || !m.noMap && m.equivalence != "unmatched" && m.equivalence != "disjoint"
	}
	o.add("result", "Boolean", good)
	if len(found) == 0 {
		text := "no code to translate"
		if len(from) > 0 {
			text = fmt.Sprintf("No translation found for %s#%s", from[0].System, from[0].Code)
		}
		o.add("message", "String", text)
	}
	for _, m := range found {
		var parts out
		if m.noMap {
			parts.add("noMap", "Boolean", true)
		} else {
			parts.add("equivalence", "Code", m.equivalence)
		}
		if m.target.Code != "" {
			parts.add("concept", "Coding", q.withDisplay(m.target).object())
		}
		for _, d := range m.product {
			parts = append(parts, mapAttribute("product", d))
		}
		for _, d := range m.depends {
			parts = append(parts, mapAttribute("dependsOn", d))
		}
		if m.comment != "" {
			parts.add("targetComment", "String", m.comment)
		}
		if m.about != "" {
			parts.add("sourceComment", "String", m.about)
		}
		if m.from.Code != "" {
			parts.add("sourceConcept", "Coding", Coding{System: m.from.System, Version: m.from.Version, Code: m.from.Code}.object())
		}
		if m.source != "" {
			parts.add("source", "Canonical", m.source)
			parts.add("originMap", "Canonical", cmp.Or(m.origin, m.source))
		}
		o.parts("match", parts)
	}
	return o.parameters()
}

func mapAttribute(name string, d Object) Object {
	var parts out
	parts.add("element", "Uri", str(d, "property"))
	parts.add("concept", "Coding", Coding{System: str(d, "system"), Code: str(d, "value"), Display: str(d, "display")}.object())
	return Object{"name": name, "part": []any(parts)}
}

// withDisplay fills in the display of a target when its code system is here.
func (q *request) withDisplay(c Coding) Coding {
	if c.Display != "" || c.System != snomedURL {
		return c
	}
	if sys, p := q.system(c.System, c.Version); p == nil {
		if i, ok := sys.Find(c.Code); ok {
			c.Display, _ = sys.Display(i, q.langs)
		}
	}
	return c
}
