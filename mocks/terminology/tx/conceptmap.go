package tx

import "strings"

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
