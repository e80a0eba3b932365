package tx

import (
	"slices"
	"strings"
)

// extensionProperties are concept extensions that an expansion shows as properties, and those of a value set that take their place.
func extensionProperties() map[string]propertyDef {
	return map[string]propertyDef{
		"http://hl7.org/fhir/StructureDefinition/codesystem-label":        {"label", propURI + "label", "string"},
		"http://hl7.org/fhir/StructureDefinition/valueset-label":          {"label", propURI + "label", "string"},
		"http://hl7.org/fhir/StructureDefinition/codesystem-conceptOrder": {"order", propURI + "order", "decimal"},
		"http://hl7.org/fhir/StructureDefinition/valueset-conceptOrder":   {"order", propURI + "order", "decimal"},
		"http://hl7.org/fhir/StructureDefinition/itemWeight":              {"weight", propURI + "itemWeight", "decimal"},
	}
}

// shownExtensions are repeated on the members of an expansion.
func shownExtensions() []string {
	return []string{
		"http://hl7.org/fhir/StructureDefinition/valueset-deprecated",
		"http://hl7.org/fhir/StructureDefinition/valueset-concept-definition",
		"http://hl7.org/fhir/StructureDefinition/codesystem-alternate",
		"http://hl7.org/fhir/StructureDefinition/rendering-style",
		"http://hl7.org/fhir/StructureDefinition/rendering-xhtml",
		"http://hl7.org/fhir/StructureDefinition/coding-sctdescid",
		standardsStatus,
	}
}

// item writes one member.
func (x *expansion) item(y *part, i int) Object {
	sys, ref := y.sys, y.refs[i]
	info := sys.Info()
	o := Object{"system": info.URL, "code": sys.Code(i)}
	if x.versions && info.Version != "" {
		o["version"] = info.Version
	}
	if sys.Abstract(i) {
		o["abstract"] = true
	}
	if sys.Inactive(i) {
		o["inactive"] = true
	}
	term, lang := sys.Display(i, x.langs)
	if ref != nil {
		term, lang = x.refDisplay(ref, term, lang)
	}
	if term != "" {
		o["display"] = term
	}
	if x.designations {
		if list := x.terms(sys, i, ref, term, lang); len(list) > 0 {
			o["designation"] = list
		}
	}
	x.facts(o, sys, i, ref)
	return o
}

// refDisplay lets the display of a definition take the place of the code system's, when its language does.
func (x *expansion) refDisplay(ref *ConceptRef, term, lang string) (string, string) {
	if x.langs.Empty() {
		if ref.Display != "" {
			return ref.Display, x.vs.Language
		}
		return term, lang
	}
	for _, want := range x.langs.Tags {
		if ref.Display != "" && (want == "*" || x.vs.Language != "" && Matches(x.vs.Language, want)) {
			return ref.Display, x.vs.Language
		}
		for _, d := range ref.Designations {
			if d.isDisplay() && Matches(d.Language, want) {
				return d.Value, d.Language
			}
		}
		if Matches(lang, want) {
			return term, lang
		}
	}
	if ref.Display != "" && !x.langs.Hard && (lang == "" || !x.langs.Wants(lang)) {
		return ref.Display, x.vs.Language
	}
	return term, lang
}

// terms lists the designations but the one that is shown.
func (x *expansion) terms(sys System, i int, ref *ConceptRef, term, lang string) []any {
	list := sys.Designations(i)
	if base, language := sys.Display(i, Languages{}); base != "" && (base != term || language != lang) && !isSCT(sys) {
		list = append([]Designation{{Language: language, Use: defaultUse(), Value: base}}, list...)
	}
	if ref != nil {
		list = slices.Clone(list)
		for _, d := range ref.Designations {
			d.Extra = shown(d.Extra)
			if n := slices.IndexFunc(list, func(o Designation) bool { return o.Value == d.Value && o.Language == d.Language }); n >= 0 {
				list[n] = d
				continue
			}
			list = append(list, d)
		}
	}
	var outList []any
	for _, d := range list {
		if d.Value == term && strings.EqualFold(d.Language, lang) && d.isDisplay() && !isSCT(sys) {
			continue
		}
		if !x.wantsDesignation(d) {
			continue
		}
		if !isSCT(sys) {
			d.Extra = shown(d.Extra)
		}
		outList = append(outList, d.object())
	}
	return outList
}

// shown keeps the extensions that an expansion repeats.
func shown(list []any) []any {
	var out []any
	for _, e := range list {
		if o, ok := e.(Object); ok && slices.Contains(shownExtensions(), str(o, "url")) {
			out = append(out, e)
		}
	}
	return out
}

func isSCT(s System) bool { _, ok := sctOf(s); return ok }

func (x *expansion) wantsDesignation(d Designation) bool {
	if len(x.wanted) == 0 {
		return true
	}
	for _, w := range x.wanted {
		if w == "*" {
			return true
		}
		if system, code, ok := strings.Cut(w, "|"); ok {
			if system == "urn:ietf:bcp:47" {
				if strings.EqualFold(d.Language, code) {
					return true
				}
				continue
			}
			if d.Use != nil && d.Use.System == system && d.Use.Code == code {
				return true
			}
			continue
		}
		if d.Language != "" && Matches(d.Language, w) {
			return true
		}
	}
	return false
}

// facts adds properties and extensions.
func (x *expansion) facts(o Object, sys System, i int, ref *ConceptRef) {
	var props []Property
	known := extensionProperties()
	var ext []any
	put := func(p Property, d propertyDef, replace bool) {
		x.define(d)
		if replace {
			if n := slices.IndexFunc(props, func(y Property) bool { return y.Code == p.Code }); n >= 0 {
				props[n] = p
				return
			}
		}
		props = append(props, p)
	}
	take := func(list []any, replace bool) {
		for _, e := range list {
			eo, ok := e.(Object)
			if !ok {
				continue
			}
			u := str(eo, "url")
			if d, ok := known[u]; ok {
				v, typ := valueOf(eo)
				if typ == "Integer" {
					typ = "Decimal"
				}
				put(Property{Code: d.code, Type: typ, Value: v}, d, replace)
				continue
			}
			if slices.Contains(shownExtensions(), u) && (replace || u != standardsStatus) {
				ext = append(ext, eo)
			}
		}
	}
	take(sys.Extra(i), false)
	if ref != nil {
		take(ref.Extra, true)
	}
	for _, want := range x.properties {
		if want == "definition" {
			if def := sys.Definition(i); def != "" {
				put(Property{Code: "definition", Type: "String", Value: def}, propertyDef{"definition", propURI + "definition", "string"}, false)
			}
			continue
		}
		for _, p := range x.allProperties(sys, i) {
			if p.Code == want || want == "*" {
				put(p, defOf(sys, p.Code), false)
			}
		}
	}
	if s := sys.Status(i); tellsStatus(s, sys.Inactive(i)) && !slices.ContainsFunc(props, func(p Property) bool { return p.Code == "status" }) {
		put(Property{Code: "status", Type: "Code", Value: s}, propertyDef{"status", propURI + "status", "code"}, false)
	}
	for _, p := range props {
		ext = append(ext, Object{"url": extContainsProperty, "extension": []any{
			Object{"url": "code", "valueCode": p.Code}, Object{"url": "value", "value" + p.Type: p.Value}}})
	}
	if len(ext) > 0 {
		o["extension"] = ext
	}
}

// tellsStatus tells whether an expansion names the status of a concept: why it is inactive, or that its use is discouraged.
func tellsStatus(status string, inactive bool) bool {
	switch status {
	case "":
		return false
	case "deprecated", "withdrawn", "retired":
		return true
	}
	return inactive
}

func (x *expansion) allProperties(sys System, i int) []Property {
	list := sys.Properties(i)
	if s, ok := sctOf(sys); ok {
		list = append(list, s.Attributes(i)...)
	}
	return list
}

func (x *expansion) define(d propertyDef) {
	if !slices.ContainsFunc(x.defs, func(o propertyDef) bool { return o.code == d.code }) {
		x.defs = append(x.defs, d)
	}
}

// defOf finds the declaration of a property.
func defOf(sys System, code string) propertyDef {
	switch s := sys.(type) {
	case *resourceSystem:
		for _, d := range s.props {
			if d.code == code {
				return d
			}
		}
	case *supplemented:
		if d := defOf(s.System, code); d.uri != "" {
			return d
		}
	}
	switch code {
	case "status", "inactive", "effectiveDate", "deprecationDate", "retirementDate", "notSelectable", "parent", "child", "partOf", "synonym", "comment", "itemWeight":
		return propertyDef{code, propURI + code, ""}
	}
	return propertyDef{code: code}
}
