package tx

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ValueSet is a value set resource, or an implicit one.
type ValueSet struct {
	URL, Version, ID, Name, Title string
	Status, Standards, Language   string
	Experimental                  bool
	Raw                           Object
	Include, Exclude              []Include
	Inactive                      *bool    // compose.inactive
	Supplements                   []string // extension valueset-supplement
	Contained                     []Object
	Expansion                     Object // used when there is no compose
	ExpansionParams               []Object
	Properties                    []string // members of an expansion show them
	Implicit                      bool     // SNOMED CT URL: too large a result is cut, not refused
	Fault                         *Problem // what makes the definition unusable
	hasCompose                    bool
}

// Include is one include or exclude of a definition.
type Include struct {
	System, Version string
	Concepts        []ConceptRef
	Filters         []Filter
	ValueSets       []string
	enumerated      bool
}

// ConceptRef is an enumerated code.
type ConceptRef struct {
	Code, Display string
	Designations  []Designation
	Extra         []any
}

// deprecated tells whether the value set discourages the use of the code.
func (c *ConceptRef) deprecated() bool {
	for _, x := range c.Extra {
		if o, ok := x.(Object); ok {
			switch v := text(first(o)); str(o, "url") {
			case "http://hl7.org/fhir/StructureDefinition/valueset-deprecated":
				return v == "true"
			case standardsStatus:
				return v == "deprecated" || v == "withdrawn"
			}
		}
	}
	return false
}

// Filter is one condition of an include.
type Filter struct{ Property, Op, Value string }

const extSupplement = "http://hl7.org/fhir/StructureDefinition/valueset-supplement"

// NewValueSet reads a ValueSet resource. A definition that cannot be used says so in Fault: whoever does not use it is not hindered.
func NewValueSet(raw Object) *ValueSet {
	v := &ValueSet{URL: str(raw, "url"), Version: str(raw, "version"), ID: str(raw, "id"), Name: str(raw, "name"), Title: str(raw, "title"),
		Status: str(raw, "status"), Language: str(raw, "language"), Raw: raw, Expansion: obj(raw, "expansion"), Contained: objects(raw, "contained")}
	v.Experimental, _ = boolean(raw, "experimental")
	v.Standards = text(first(extension(raw, standardsStatus)))
	compose := obj(raw, "compose")
	v.hasCompose = compose != nil
	if b, present := boolean(compose, "inactive"); present {
		v.Inactive = &b
	}
	for _, x := range append(objects(raw, "extension"), objects(compose, "extension")...) {
		switch str(x, "url") {
		case extSupplement:
			v.Supplements = append(v.Supplements, text(first(x)))
		default:
			if strings.HasSuffix(str(x, "url"), "/valueset-expansion-param") || strings.HasSuffix(str(x, "url"), "/valueset-expansion-parameter") {
				v.ExpansionParams = append(v.ExpansionParams, x)
			}
		}
	}
	v.Properties = strs(compose, "property")
	for _, x := range objects(compose, "extension") {
		if strings.HasSuffix(str(x, "url"), "/extension-ValueSet.compose.property") {
			v.Properties = append(v.Properties, text(first(x)))
		}
	}
	v.Include = readIncludes(v, compose, "include")
	v.Exclude = readIncludes(v, compose, "exclude")
	return v
}

// fail keeps the first thing that is wrong with a definition.
func (v *ValueSet) fail(p *Problem) {
	if v.Fault == nil {
		v.Fault = p
	}
}

// wantList makes a member that is there but no list of objects a fault: it would be overlooked otherwise.
func (v *ValueSet) wantList(o Object, key, where string) {
	raw, present := o[key]
	if !present {
		return
	}
	list, ok := raw.([]any)
	if !ok || len(list) == 0 || slices.ContainsFunc(list, func(x any) bool { _, is := x.(Object); return !is }) {
		v.fail(faultAt(where, "a list of objects is wanted here"))
	}
}

// faultAt is the problem of a definition that is wrong at one place.
func faultAt(where, what string) *Problem {
	p := filterProblem("%s: %s", where, what)
	p.Issues[0].Expression = where
	return p
}

// extFilterOp carries in R4 the operators that came with R5.
const extFilterOp = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.compose.include.filter.op"

func readIncludes(v *ValueSet, compose Object, key string) []Include {
	var out []Include
	v.wantList(compose, key, "ValueSet.compose."+key)
	for n, o := range objects(compose, key) {
		here := fmt.Sprintf("ValueSet.compose.%s[%d]", key, n)
		v.wantList(o, "concept", here+".concept")
		v.wantList(o, "filter", here+".filter")
		in := Include{System: str(o, "system"), Version: str(o, "version"), ValueSets: strs(o, "valueSet")}
		if in.Version == "" {
			in.System, in.Version = splitCanonical(in.System)
		}
		_, in.enumerated = o["concept"]
		if _, filtered := o["filter"]; filtered && in.enumerated {
			v.fail(faultAt(here, "an include has either concept or filter, not both"))
		}
		for _, c := range objects(o, "concept") {
			ref := ConceptRef{Code: str(c, "code"), Display: str(c, "display")}
			for _, d := range objects(c, "designation") {
				ref.Designations = append(ref.Designations, readDesignation(d))
			}
			ref.Extra, _ = c["extension"].([]any)
			if ref.Code == "" {
				v.fail(faultAt(here+".concept", "a concept has no code"))
			}
			in.Concepts = append(in.Concepts, ref)
		}
		for m, f := range objects(o, "filter") {
			x := Filter{str(f, "property"), str(f, "op"), text(f["value"])}
			if x.Op == "" {
				x.Op = text(first(extension(obj(f, "_op"), extFilterOp)))
			}
			if x.Property == "" || x.Op == "" || x.Value == "" {
				v.fail(&Problem{Status: http.StatusUnprocessableEntity, Issues: []Issue{{Severity: "error", Code: "invalid", Type: "vs-invalid",
					Text:       fmt.Sprintf("The system %s filter with property = %s, op = %s has no value", in.System, x.Property, x.Op),
					Expression: fmt.Sprintf("%s.filter[%d].value", here, m), ID: "UNABLE_TO_HANDLE_SYSTEM_FILTER_WITH_NO_VALUE"}}})
			}
			in.Filters = append(in.Filters, x)
		}
		if in.System == "" && len(in.ValueSets) == 0 {
			v.fail(filterProblem("value set %s: %s %d names neither a system nor a value set", canonical(v.URL, v.Version), key, n))
		}
		out = append(out, in)
	}
	return out
}

// Canonical is url|version.
func (v *ValueSet) Canonical() string { return canonical(v.URL, v.Version) }

// Named is Canonical for messages: value sets sent along may have no URL.
func (v *ValueSet) Named() string {
	if v.URL == "" {
		return "(unidentified)"
	}
	return v.Canonical()
}

// implicit makes a value set out of a SNOMED CT URL or of <code system>?fhir_vs; nil when the URL is neither.
func (q *request) implicit(raw string) (*ValueSet, *Problem) {
	base, query, ok := strings.Cut(raw, "?")
	if !ok || !strings.HasPrefix(query, "fhir_vs") {
		return nil, nil
	}
	v := &ValueSet{URL: raw, Status: "active", Implicit: true, hasCompose: true}
	in := Include{System: base}
	if base == snomedURL || strings.HasPrefix(base, snomedURL+"/") || strings.HasPrefix(base, "http://snomed.info/xsct") {
		in.System = snomedURL
		if base != snomedURL {
			in.Version = base
		}
	} else if query != "fhir_vs" {
		return nil, nil
	}
	sys, p := q.system(in.System, in.Version)
	if p != nil {
		return nil, p
	}
	v.Name, v.Title = sys.Info().Name, sys.Info().Title
	v.Raw = Object{"resourceType": "ValueSet", "url": raw, "status": "active"}
	_, what, _ := strings.Cut(query, "=")
	what, err := url.QueryUnescape(strings.ReplaceAll(what, "+", "%20"))
	if err != nil {
		return nil, filterProblem("the value set URL %q is badly encoded", raw)
	}
	switch {
	case query == "fhir_vs" || query == "fhir_vs=":
	case !strings.HasPrefix(query, "fhir_vs="):
		return nil, q.noSuchSet(raw, "?fhir_vs takes no version: name the edition in front of it, http://snomed.info/sct/<module>[/version/<date>]?fhir_vs")
	case strings.HasPrefix(what, "isa/"):
		id := strings.TrimPrefix(what, "isa/")
		if _, ok := sys.Find(id); !ok {
			return nil, q.noSuchSet(raw, fmt.Sprintf("the concept %s does not exist in %s", id, sys.Info().Canonical()))
		}
		in.Filters = []Filter{{"concept", "is-a", id}, {"inactive", "=", "false"}}
	case what == "refset":
		in.Filters = []Filter{{"concept", "=", "refset"}}
	case strings.HasPrefix(what, "refset/"):
		id := strings.TrimPrefix(what, "refset/")
		if _, ok := sys.Find(id); !ok {
			return nil, q.noSuchSet(raw, fmt.Sprintf("the reference set %s does not exist in %s", id, sys.Info().Canonical()))
		}
		in.Filters = []Filter{{"concept", "in", id}}
	case strings.HasPrefix(what, "ecl/"):
		in.Filters = []Filter{{"constraint", "=", strings.TrimPrefix(what, "ecl/")}}
	default:
		return nil, q.noSuchSet(raw, "?fhir_vs knows isa/, refset, refset/ and ecl/")
	}
	v.Include = []Include{in}
	return v, nil
}

// wholeSystem is the value set of all codes that a CodeSystem resource names in CodeSystem.valueSet.
func wholeSystem(info *Info, vsURL string) *ValueSet {
	return &ValueSet{URL: vsURL, Version: info.Version, Name: info.Name, Title: info.Title, Status: info.Status, hasCompose: true,
		Raw:     Object{"resourceType": "ValueSet", "url": vsURL, "status": "active"},
		Include: []Include{{System: info.URL, Version: info.Version}}}
}

// mentions tells whether a definition names a code system directly.
func (v *ValueSet) mentions(system string) bool {
	return slices.ContainsFunc(v.Include, func(i Include) bool { return i.System == system })
}

// noSuchSet is the problem of an implicit value set that cannot be, with the reason.
func (q *request) noSuchSet(url, why string) *Problem {
	p := q.unknownSet(url, "")
	p.Issues[0].Diagnostics = why
	return p
}
