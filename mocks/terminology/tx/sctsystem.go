package tx

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/postco"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

const snomedURL = "http://snomed.info/sct"

// Dialect pairs a language tag with the language reference sets that hold its terms, best first.
type Dialect struct {
	Tag     string
	Refsets []uint64
}

// SCT is a release of SNOMED CT as a code system.
type SCT struct {
	Edition  *snomed.Edition
	Dialects []Dialect
	// Evaluate answers an expression constraint; problems carry the position.
	Evaluate func(ctx context.Context, e *snomed.Edition, ecl string) (Set, *Problem)

	info  Info
	judge *postco.Judge
}

// NewSCT prepares a release.
func NewSCT(e *snomed.Edition, dialects []Dialect, evaluate func(context.Context, *snomed.Edition, string) (Set, *Problem)) *SCT {
	s := &SCT{Edition: e, Dialects: dialects, Evaluate: evaluate}
	s.judge = postco.New(e)
	content := "not-present"
	if e.Fragment {
		content = "fragment"
	}
	s.info = Info{URL: snomedURL, Version: e.System, ID: fmt.Sprintf("sct_%d_%s", e.Module, e.Date), Name: "SNOMED_CT", Title: e.Title, Status: "active",
		Content: content, Language: "en", CaseSensitive: true, Compositional: true, UnknownMayExist: e.Fragment, HasHierarchy: true,
		Copyright: "SNOMED CT® is © and ® SNOMED International. Use needs an Affiliate Licence; in Belgium it is free of charge through MLDS."}
	s.info.Raw = Object{"resourceType": "CodeSystem", "id": s.info.ID, "url": snomedURL, "version": e.System, "name": "SNOMED_CT", "title": e.Title,
		"status": "active", "experimental": false, "publisher": "SNOMED International", "copyright": s.info.Copyright, "caseSensitive": true,
		"hierarchyMeaning": "is-a", "compositional": true, "versionNeeded": false, "content": content, "count": e.ConceptCount, "language": "en",
		"valueSet": snomedURL + "?fhir_vs"}
	return s
}

// Refsets gives the language reference sets for the languages asked for, best first, and the languages themselves.
func (s *SCT) Refsets(l Languages) (refsets []uint64, codes []string) {
	for _, tag := range l.Tags {
		low := strings.ToLower(tag)
		if lang, id, ok := strings.Cut(low, "-x-"); ok {
			if n, ok := snomed.ParseID(strings.ReplaceAll(id, "-", "")); ok {
				refsets, codes = append(refsets, n), append(codes, lang)
				continue
			}
		}
		found := false
		for _, d := range s.Dialects {
			if strings.EqualFold(d.Tag, tag) {
				refsets, found = append(refsets, d.Refsets...), true
			}
		}
		primary, _, _ := strings.Cut(low, "-")
		if !found && primary != "*" {
			for _, d := range s.Dialects {
				if p, _, _ := strings.Cut(strings.ToLower(d.Tag), "-"); p == primary {
					refsets = append(refsets, d.Refsets...)
				}
			}
		}
		if primary == "*" {
			break
		}
		codes = append(codes, primary)
	}
	return refsets, codes
}

// Info implements System.
func (s *SCT) Info() *Info { return &s.info }

// Len implements System.
func (s *SCT) Len() int { return s.Edition.Len() }

// Find implements System.
func (s *SCT) Find(code string) (int, bool) {
	id, ok := snomed.ParseID(code)
	if !ok {
		return 0, false
	}
	c, ok := s.Edition.Concept(id)
	return int(c), ok
}

// Code implements System.
func (s *SCT) Code(i int) string { return snomed.ID(s.Edition.IDOf(uint32(i))) }

// Inactive implements System.
func (s *SCT) Inactive(i int) bool { return !s.Edition.Active(uint32(i)) }

// Abstract implements System; SNOMED CT has no abstract concepts.
func (s *SCT) Abstract(int) bool { return false }

// Status implements System.
func (s *SCT) Status(i int) string {
	if s.Inactive(i) {
		return "inactive"
	}
	return ""
}

// Definition implements System.
func (s *SCT) Definition(int) string { return "" }

// Extra implements System.
func (s *SCT) Extra(int) []any { return nil }

// Display implements System.
func (s *SCT) Display(i int, l Languages) (string, string) {
	refsets, _ := s.Refsets(l)
	term, d := s.Edition.Display(uint32(i), refsets)
	if d == snomed.None {
		return term, "en"
	}
	return term, s.Edition.Description(d).Language
}

const useContext = "http://snomed.info/fhir/StructureDefinition/designation-use-context"

// Designations implements System: every active description, with its place in each language reference set.
func (s *SCT) Designations(i int) []Designation {
	list := s.Edition.Descriptions(uint32(i))
	out := make([]Designation, 0, len(list))
	for _, d := range list {
		use := Coding{System: snomedURL, Code: snomed.ID(d.Type)}
		switch d.Type {
		case snomed.FSN:
			use.Display = "Fully specified name"
		case snomed.Definition:
			use.Display = "Definition"
		default:
			use.Display = "Synonym"
		}
		x := Designation{Language: d.Language, Use: &use, Value: d.Term}
		members := s.Edition.Acceptability(d.Num)
		x.Language = s.dialectOf(d.Language, members)
		for _, m := range members {
			role := Coding{System: snomedURL, Code: snomed.ID(m.Role), Display: "PREFERRED"}
			if m.Role == snomed.Acceptable {
				role.Display = "ACCEPTABLE"
			}
			ctx := Coding{System: snomedURL, Code: snomed.ID(m.Refset)}
			if c, ok := s.Edition.Concept(m.Refset); ok {
				ctx.Display, _ = s.Edition.Display(c, nil)
			}
			x.Extra = append(x.Extra, Object{"url": useContext, "extension": []any{
				Object{"url": "context", "valueCoding": ctx.object()}, Object{"url": "role", "valueCoding": role.object()}, Object{"url": "type", "valueCoding": use.object()},
			}})
		}
		out = append(out, x)
	}
	return out
}

// dialectOf names the dialect when a term belongs to exactly one Belgian language reference set.
func (s *SCT) dialectOf(lang string, members []snomed.LangMember) string {
	tag, n := lang, 0
	for _, m := range members {
		for _, d := range s.Dialects {
			if strings.HasSuffix(d.Tag, "-BE") && strings.HasPrefix(d.Tag, lang+"-") && slices.Contains(d.Refsets, m.Refset) {
				tag = d.Tag
				n++
			}
		}
	}
	if n == 1 {
		return tag
	}
	return lang
}

// Properties implements System.
func (s *SCT) Properties(i int) []Property {
	e, c := s.Edition, uint32(i)
	var out []Property
	out = append(out, Property{Code: "inactive", Type: "Boolean", Value: !e.Active(c)},
		Property{Code: "sufficientlyDefined", Type: "Boolean", Value: e.Defined(c)},
		Property{Code: "effectiveTime", Type: "String", Value: fmt.Sprintf("%08d", e.EffectiveTime(c))},
		Property{Code: "moduleId", Type: "Code", Value: snomed.ID(e.ModuleOf(c))})
	relatives := func(code string, list []uint32) {
		for _, r := range list {
			term, _ := e.Display(r, nil)
			out = append(out, Property{Code: code, Type: "Code", Value: snomed.ID(e.IDOf(r)), Description: term})
		}
	}
	relatives("parent", e.Parents(c))
	relatives("child", e.Children(c))
	return out
}

// Attributes gives the role values of a concept, those of a role group as sub-properties.
func (s *SCT) Attributes(i int) []Property {
	e, c := s.Edition, uint32(i)
	var out []Property
	for _, r := range e.Roles(c) {
		term, _ := e.Display(r.Target, nil)
		out = append(out, Property{Code: snomed.ID(e.IDOf(r.Type)), Type: "Code", Value: snomed.ID(e.IDOf(r.Target)), Description: term})
	}
	for _, v := range e.Concretes(c) {
		p := Property{Code: snomed.ID(e.IDOf(v.Type)), Type: "String", Value: strings.Trim(v.Value, `"`)}
		if strings.HasPrefix(v.Value, "#") {
			p.Type, p.Value = "Decimal", jsonNumber(v.Value[1:])
		}
		out = append(out, p)
	}
	return out
}

// Parents implements System.
func (s *SCT) Parents(i int) []int { return ints(s.Edition.Parents(uint32(i))) }

// Children implements System.
func (s *SCT) Children(i int) []int { return ints(s.Edition.Children(uint32(i))) }

func ints(list []uint32) []int {
	out := make([]int, len(list))
	for i, v := range list {
		out[i] = int(v)
	}
	return out
}

// Subsumes implements System.
func (s *SCT) Subsumes(a, b int) bool { return s.Edition.Subsumes(uint32(a), uint32(b)) }

// All implements System: active and inactive concepts.
func (s *SCT) All() Set {
	set := snomed.NewSet(s.Edition.Len())
	for i := range uint32(s.Edition.Len()) {
		set.Add(i)
	}
	return set
}

// Each implements System.
func (s *SCT) Each(set Set, l Languages, f func(int) bool) {
	refsets, _ := s.Refsets(l)
	s.Edition.ByDisplay(set, refsets, func(c uint32) bool { return f(int(c)) })
}

// Search implements System.
func (s *SCT) Search(query string, within Set, l Languages, skip, limit int) ([]int, int) {
	refsets, codes := s.Refsets(l)
	if len(codes) == 0 {
		codes, refsets = []string{"en"}, []uint64{snomed.EnUS}
	}
	hits, total := s.Edition.Search(snomed.Query{Text: query, Languages: codes, Refsets: refsets, Within: within, Skip: skip, Limit: limit})
	out := make([]int, len(hits))
	for i, h := range hits {
		out[i] = int(h.Concept)
	}
	return out, total
}
