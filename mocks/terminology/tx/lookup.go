package tx

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Lookup answers CodeSystem/$lookup.
func (e *Engine) Lookup(c Call) (Object, *Problem) {
	q, p := e.begin(c)
	if p != nil {
		return nil, p
	}
	coding, p := q.codingParam("coding", "code")
	if p != nil {
		return nil, p
	}
	if coding.Code == "" {
		return nil, problem(http.StatusBadRequest, "required", "", "no code is given: send code and system, or coding")
	}
	if p := q.checkSupplements(); p != nil {
		return nil, p
	}
	sys, p := q.systemOf(c, coding)
	if p != nil {
		return nil, p
	}
	i, ok := sys.Find(coding.Code)
	if !ok {
		return nil, q.noCode(sys, coding.Code)
	}
	return q.describe(sys, i, coding.Code), nil
}

// codingParam reads a coding, or code, system and version.
func (q *request) codingParam(coding, code string) (Coding, *Problem) {
	if o := q.p.Object(coding); o != nil {
		c := readCoding(o)
		c.Version = cmp.Or(c.Version, q.p.String("version"))
		return c, nil
	}
	if q.p.String(coding) != "" {
		return Coding{}, problem(http.StatusBadRequest, "invalid", "", fmt.Sprintf("parameter %s is no Coding; in a query write system|code", coding))
	}
	return Coding{System: q.p.String("system", "url"), Version: q.p.String("version"), Code: q.p.String(code)}, nil
}

// systemOf finds the code system a call on type or instance level is about.
func (q *request) systemOf(c Call, coding Coding) (System, *Problem) {
	if c.System != nil {
		return q.supplement(c.System)
	}
	if raw := q.p.Object("codeSystem"); raw != nil && coding.System == "" {
		coding.System, coding.Version = str(raw, "url"), str(raw, "version")
	}
	if coding.System == "" {
		return nil, problem(http.StatusBadRequest, "required", "", "no code system is named: send system")
	}
	return q.system(coding.System, coding.Version)
}

func (q *request) noCode(sys System, code string) *Problem {
	info := sys.Info()
	if info.Compositional && !evaluated(sys) && looksLikeExpression(code) {
		return problem(http.StatusUnprocessableEntity, "not-supported", "", fmt.Sprintf("The code '%s' may be a post-coordinated expression. %s", code, notJudged(sys)))
	}
	p := problem(http.StatusNotFound, "not-found", "invalid-code", unknownCode(info, code))
	p.Issues[0].ID = "Unknown_Code_in_Version"
	if why := whyNot(sys, code); why != "" {
		p.Issues[0].Text += ": " + why
	}
	if info.UnknownMayExist && info.URL == snomedURL {
		p.Issues[0].Text += "; only a fragment of SNOMED CT is loaded: import a release (sandbox import-rf2, -rf2) to look up every code"
	}
	return p
}

// noCodeIn is noCode about the parameter that holds the code.
func (q *request) noCodeIn(sys System, code, parameter string) *Problem {
	p := q.noCode(sys, code)
	if i := &p.Issues[0]; i.Type == "invalid-code" {
		i.Code, i.Expression = "code-invalid", parameter
	}
	return p
}

// which tells which of two parameters was sent.
func (q *request) which(coding, code string) string {
	if q.p.Object(coding) != nil {
		return coding
	}
	return code
}

func unknownCode(info *Info, code string) string {
	if info.Version == "" {
		return fmt.Sprintf("Unknown code '%s' in the CodeSystem '%s'", code, info.URL)
	}
	return fmt.Sprintf("Unknown code '%s' in the CodeSystem '%s' version '%s'%s", code, info.URL, info.Version, editionName(info))
}

// describe writes everything about a concept that was asked for. The code is repeated as it was sent; where the code system writes it
// in another way, that is a property.
func (q *request) describe(sys System, i int, code string) Object {
	info := sys.Info()
	wanted := q.p.Strings("property")
	asks := func(name string) bool {
		return len(wanted) == 0 || slices.Contains(wanted, name) || slices.Contains(wanted, "*")
	}
	var o out
	name := cmp.Or(info.Name, info.Title, info.URL)
	sct, isSCT := sctOf(sys)
	if isSCT {
		name = info.Title
	}
	o.add("name", "String", name)
	o.add("code", "Code", code)
	o.add("system", "Uri", info.URL)
	if info.Version != "" {
		o.add("version", "String", info.Version)
	}
	term, _ := sys.Display(i, q.langs)
	if term == "" {
		term, _ = sys.Display(i, Languages{})
	}
	if term == "" {
		term = sys.Code(i)
	}
	o.add("display", "String", term)
	if d := sys.Definition(i); d != "" {
		o.add("definition", "String", d)
	}
	o.add("abstract", "Boolean", sys.Abstract(i))
	if asks("designation") || asks("lang.*") || len(wanted) > 0 && isSCT {
		q.lookupTerms(&o, sys, i, isSCT)
	}
	if sys.Code(i) != code && !isSCT && asks("code") {
		var parts out
		parts.add("code", "Code", "code")
		parts.add("value", "Code", sys.Code(i))
		o.parts("property", parts)
	}
	q.lookupProperties(&o, sys, sct, i, wanted, asks)
	return o.parameters()
}

func (q *request) lookupTerms(o *out, sys System, i int, isSCT bool) {
	list := sys.Designations(i)
	if base, language := sys.Display(i, Languages{}); !isSCT && base != "" && !slices.ContainsFunc(list, func(d Designation) bool { return d.Value == base && strings.EqualFold(d.Language, language) }) {
		list = append([]Designation{{Language: language, Use: defaultUse(), Value: base}}, list...)
	}
	for _, d := range list {
		var parts out
		if d.Language != "" {
			parts.add("language", "Code", d.Language)
		}
		if d.Use != nil {
			parts.add("use", "Coding", d.Use.object())
		}
		parts.add("value", "String", d.Value)
		x := Object{"name": "designation", "part": []any(parts)}
		if isSCT && len(d.Extra) > 0 { // which dialect prefers the term; extensions of other code systems belong to their resources
			x["extension"] = d.Extra
		}
		*o = append(*o, x)
	}
}

func (q *request) lookupProperties(o *out, sys System, sct *SCT, i int, wanted []string, asks func(string) bool) {
	var list []Property
	stated := false
	for _, p := range sys.Properties(i) {
		stated = stated || p.Code == "inactive"
		list = append(list, p)
	}
	if sct == nil {
		if !stated {
			list = append(list, Property{Code: "inactive", Type: "Boolean", Value: sys.Inactive(i)})
		}
		relatives := func(code string, of []int) {
			for _, r := range of {
				if slices.ContainsFunc(list, func(p Property) bool { return p.Code == code && text(p.Value) == sys.Code(r) }) {
					continue
				}
				term, _ := sys.Display(r, q.langs)
				list = append(list, Property{Code: code, Type: "Code", Value: sys.Code(r), Description: term})
			}
		}
		relatives("parent", sys.Parents(i))
		relatives("child", sys.Children(i))
	} else {
		list = q.localised(sct, list)
		if len(wanted) > 0 {
			list = append(list, q.localised(sct, attributesOf(sys, sct, i))...)
			for _, terse := range []bool{false, true} {
				code := "normalForm"
				if terse {
					code = "normalFormTerse"
				}
				list = append(list, Property{Code: code, Type: "String", Value: normalFormOf(sys, sct, i, terse)})
			}
		}
	}
	for _, p := range list {
		if !asks(p.Code) {
			continue
		}
		var parts out
		parts.add("code", "Code", p.Code)
		parts.add("value", p.Type, p.Value)
		if p.Description != "" {
			parts.add("description", "String", p.Description)
		}
		o.parts("property", parts)
	}
}

// localised puts descriptions of SNOMED CT values into the language asked for.
func (q *request) localised(s *SCT, list []Property) []Property {
	refsets, _ := s.Refsets(q.langs)
	if len(refsets) == 0 {
		return list
	}
	for n := range list {
		code, _ := list[n].Value.(string)
		if id, ok := snomed.ParseID(code); ok && list[n].Description != "" {
			if c, ok := s.Edition.Concept(id); ok {
				list[n].Description, _ = s.Edition.Display(c, refsets)
			}
		}
	}
	return list
}

// Subsumes answers CodeSystem/$subsumes.
func (e *Engine) Subsumes(c Call) (Object, *Problem) {
	q, p := e.begin(c)
	if p != nil {
		return nil, p
	}
	a, p := q.codingParam("codingA", "codeA")
	if p != nil {
		return nil, p
	}
	b, p := q.codingParam("codingB", "codeB")
	if p != nil {
		return nil, p
	}
	if a.Code == "" || b.Code == "" {
		return nil, problem(http.StatusBadRequest, "required", "", "two codes are needed: codeA and codeB with system, or codingA and codingB")
	}
	if c.System == nil {
		if a.System == "" && b.System == "" {
			return nil, problem(http.StatusBadRequest, "invalid", "invalid-data", "no code system is named: send system")
		}
		if a.System != b.System {
			return nil, problem(http.StatusBadRequest, "invalid", "", fmt.Sprintf("the codes belong to different code systems: %q and %q", a.System, b.System))
		}
		if a.Version != "" && b.Version != "" && a.Version != b.Version {
			return nil, problem(http.StatusBadRequest, "invalid", "", fmt.Sprintf("the codes belong to different versions of %s: %q and %q", a.System, a.Version, b.Version))
		}
		a.Version = cmp.Or(a.Version, b.Version)
	}
	sys, p := q.systemOf(c, a)
	if p != nil {
		return nil, p
	}
	i, ok := sys.Find(a.Code)
	if !ok {
		return nil, q.noCodeIn(sys, a.Code, q.which("codingA", "codeA"))
	}
	j, ok := sys.Find(b.Code)
	if !ok {
		return nil, q.noCodeIn(sys, b.Code, q.which("codingB", "codeB"))
	}
	outcome, p := compareExpressions(sys, i, j, a.Code, b.Code)
	if p != nil {
		return nil, p
	}
	switch {
	case outcome != "":
	case i == j:
		outcome = "equivalent"
	case sys.Subsumes(i, j):
		outcome = "subsumes"
	case sys.Subsumes(j, i):
		outcome = "subsumed-by"
	default:
		outcome = "not-subsumed"
	}
	var o out
	o.add("outcome", "Code", outcome)
	return o.parameters(), nil
}
