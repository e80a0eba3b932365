package tx

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// extUnmappedRelation carries in R4 what R5 says about the codes a group does not list.
const extUnmappedRelation = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ConceptMap.group.unmapped.relationship"

// refersTo tells whether some group hands the codes it does not list on to the other map.
func (m *ConceptMap) refersTo(other *ConceptMap) bool {
	return slices.ContainsFunc(m.Groups, func(g MapGroup) bool {
		u, _ := splitCanonical(g.otherMap())
		return u != "" && u == other.URL
	})
}

// otherMap is the map that takes over the codes which the group does not list.
func (g *MapGroup) otherMap() string {
	return cmp.Or(str(g.Unmapped, "url"), str(g.Unmapped, "otherMap"))
}

// translate looks a coding up in the map that the request names, or in all that fit.
func (t *translation) translate(c Coding, named *ConceptMap) *Problem {
	maps := []*ConceptMap{named}
	if named == nil {
		if maps = t.candidates(c); len(maps) == 0 {
			t.why = cmp.Or(t.why, t.unavailable(c))
		}
	}
	var swallowed []string // reached through another map: they do not speak for themselves as well
	for _, m := range maps {
		id := canonical(m.URL, m.Version)
		if named == nil && m.URL != "" && slices.Contains(swallowed, id) {
			continue
		}
		if !t.reversed && !t.inScope(m, c) {
			t.why = cmp.Or(t.why, fmt.Sprintf("The concept map '%s' does not apply to the code '%s' of '%s': it is not in the map's source value set '%s'", id, c.Code, c.System, m.Source))
			continue
		}
		if t.reversed {
			t.keep(t.backwards(m, c))
			continue
		}
		got, via, p := t.forwards(m, c, []string{id})
		if p != nil {
			return p
		}
		for i := range got {
			got[i].origin = id
		}
		swallowed = append(swallowed, via...)
		if len(got) > 0 {
			for _, u := range via {
				if !slices.Contains(t.used, u) {
					t.used = append(t.used, u)
				}
			}
		}
		t.keep(got)
	}
	if named == nil {
		t.withImplicit(c)
	}
	return nil
}

// keep adds the matches of one map; what an earlier map said already is left out.
func (t *translation) keep(list []match) {
	before := t.found
	for _, m := range list {
		if !slices.ContainsFunc(before, func(o match) bool {
			return o.from == m.from && o.noMap == m.noMap && o.equivalence == m.equivalence && o.target.System == m.target.System && o.target.Code == m.target.Code
		}) {
			t.found = append(t.found, m)
		}
	}
}

// forwards looks a source code up in one map; chain are the maps on the way to it, used those that it went on to.
func (t *translation) forwards(m *ConceptMap, c Coding, chain []string) (found []match, used []string, p *Problem) {
	for _, g := range m.Groups {
		if !t.between(g, c) {
			continue
		}
		listed := false
		for _, el := range g.Elements {
			if el.Code != c.Code {
				continue
			}
			if el.NoMap {
				found, listed = append(found, match{noMap: true, about: el.Comment, from: c}), true
			}
			for _, x := range el.Targets {
				if listed = true; t.holds(x.DependsOn) {
					found = append(found, match{equivalence: x.Equivalence, target: Coding{System: g.Target, Version: g.TargetVersion, Code: x.Code, Display: x.Display},
						comment: x.Comment, about: el.Comment, from: c, product: x.Product, depends: x.DependsOn})
				}
			}
		}
		if listed || g.Unmapped == nil {
			continue
		}
		more, via, p := t.unmapped(m, g, c, chain)
		if p != nil {
			return nil, nil, p
		}
		found, used = append(found, more...), append(used, via...)
	}
	return found, used, nil
}

// holds tells whether what a target depends on agrees with the dependency parameters; what the request does not tell is left open.
func (t *translation) holds(conditions []Object) bool {
	for _, d := range conditions {
		told, agrees := false, false
		for _, x := range t.depends {
			part := Params(x.Part)
			if part.String("element", "attribute") != cmp.Or(str(d, "property"), str(d, "attribute")) {
				continue
			}
			told = true
			codings := objects(part.Object("concept"), "coding")
			if v := part.Object("value"); v != nil {
				codings = append(append(codings, v), objects(v, "coding")...)
			}
			agrees = agrees || slices.ContainsFunc(codings, func(o Object) bool {
				return str(o, "code") == str(d, "value") && (str(d, "system") == "" || str(o, "system") == str(d, "system"))
			})
		}
		if told && !agrees {
			return false
		}
	}
	return true
}

// unmapped applies what a group says about codes it does not list.
func (t *translation) unmapped(m *ConceptMap, g MapGroup, c Coding, chain []string) (found []match, used []string, p *Problem) {
	id := canonical(m.URL, m.Version)
	if str(g.Unmapped, "valueSet") != "" {
		return nil, nil, problem(http.StatusUnprocessableEntity, "not-supported", "", fmt.Sprintf("The concept map '%s' maps codes it does not list to a whole value set, which is not supported", id))
	}
	target := Coding{System: g.Target, Version: g.TargetVersion}
	relation := r4Equivalence(cmp.Or(str(g.Unmapped, "relationship"), text(first(extension(g.Unmapped, extUnmappedRelation)))))
	switch str(g.Unmapped, "mode") {
	case "provided", "use-source-code":
		target.Code = c.Code
		return []match{{equivalence: cmp.Or(relation, "equal"), target: target, from: c}}, nil, nil
	case "fixed":
		if target.Code, target.Display = str(g.Unmapped, "code"), str(g.Unmapped, "display"); target.Code == "" {
			return nil, nil, nil
		}
		return []match{{equivalence: cmp.Or(relation, "relatedto"), target: target, from: c}}, nil, nil
	case "other-map":
		other := t.conceptMap(g.otherMap(), "")
		if other == nil {
			return nil, nil, problem(http.StatusUnprocessableEntity, "not-found", "not-found",
				fmt.Sprintf("The concept map '%s' refers to the concept map '%s', which could not be found", id, g.otherMap()))
		}
		next := canonical(other.URL, other.Version)
		if slices.Contains(chain, next) {
			return nil, nil, problem(http.StatusUnprocessableEntity, "business-rule", "",
				fmt.Sprintf("The concept maps refer to each other in a circle: %s", strings.Join(append(slices.Clone(chain), next), " → ")))
		}
		if !t.inScope(other, c) {
			return nil, nil, nil
		}
		found, used, p = t.forwards(other, c, append(slices.Clone(chain), next))
		return found, append([]string{next}, used...), p
	}
	return nil, nil, nil
}

// backwards finds the source codes that a map leads to a target code. A match reads like the one of a forward translation: concept is the target,
// sourceConcept what was found.
func (t *translation) backwards(m *ConceptMap, c Coding) []match {
	var out []match
	for _, g := range m.Groups {
		if !t.between(g, c) {
			continue
		}
		for _, el := range g.Elements {
			from := Coding{System: g.Source, Version: g.SourceVersion, Code: el.Code, Display: el.Display}
			for _, x := range el.Targets {
				if x.Code == c.Code && t.holds(x.DependsOn) && t.inScope(m, from) {
					out = append(out, match{equivalence: x.Equivalence, target: Coding{System: g.Target, Version: g.TargetVersion, Code: x.Code, Display: x.Display},
						origin: canonical(m.URL, m.Version), comment: x.Comment, about: el.Comment, from: from, product: x.Product, depends: x.DependsOn})
				}
			}
		}
	}
	return out
}
