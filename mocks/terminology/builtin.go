package terminology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/codes"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

const (
	fragmentDate   = "20260915"
	nlBE           = 31000172101
	frBE           = 21000172104
	deBE           = 120961000172108
	fragmentModule = snomed.BelgianModule
)

// registryShelf turns the registry into CodeSystem and ValueSet resources.
func registryShelf(reg *codes.Registry) (*tx.Shelf, error) {
	shelf := tx.NewShelf()
	for _, sys := range reg.Systems() {
		if sys.URL == codes.SNOMED {
			continue
		}
		for _, url := range append([]string{sys.URL}, sys.Aliases...) {
			if strings.Contains(url, "/ValueSet/") {
				continue
			}
			if p := shelf.Add(codeSystemOf(sys, url)); p != nil {
				return nil, fmt.Errorf("code system %s: %w", url, p)
			}
		}
	}
	for _, v := range reg.ValueSets() {
		for _, url := range append([]string{v.URL}, v.Aliases...) {
			if p := shelf.Add(valueSetOf(v, url)); p != nil {
				return nil, fmt.Errorf("value set %s: %w", url, p)
			}
		}
	}
	return shelf, nil
}

// idOf makes a resource id out of a canonical URL.
func idOf(url string) string {
	id := url[strings.LastIndexAny(url, "/:")+1:]
	id = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, id)
	if len(id) > 64 {
		id = id[:64]
	}
	return id
}

// versionOf is the version under which a list is served: FHIR's own lists carry the version of FHIR.
func versionOf(url string) string {
	if strings.HasPrefix(url, "http://hl7.org/fhir/") && !strings.HasPrefix(url, "http://hl7.org/fhir/sid/") {
		return "4.0.1"
	}
	return "1.0.0"
}

func codeSystemOf(s *codes.System, url string) tx.Object {
	content := s.Content
	if content == codes.ContentSandbox {
		content = "fragment"
	}
	status := s.Status
	title := s.Title
	if title == "" {
		title = s.Name
	}
	o := tx.Object{"resourceType": "CodeSystem", "id": idOf(url), "url": url, "version": versionOf(url), "name": s.Name, "title": title, "status": status,
		"experimental": false, "caseSensitive": s.CaseSensitive, "content": content, "language": "en", "count": len(s.Concepts)}
	if s.Note != "" {
		o["description"] = s.Note
	}
	if s.Copyright != "" {
		o["copyright"] = s.Copyright
	}
	props := map[string]bool{}
	var concepts []any
	for _, c := range s.Concepts {
		x := tx.Object{"code": c.Code, "display": c.Display}
		var d []any
		for _, lang := range []string{"nl", "fr", "de"} {
			if t := c.Designations[lang]; t != "" {
				d = append(d, tx.Object{"language": lang, "value": t})
			}
		}
		if len(d) > 0 {
			x["designation"] = d
		}
		var p []any
		for _, k := range sortedKeys(c.Properties) {
			props[k] = true
			p = append(p, tx.Object{"code": k, "valueString": c.Properties[k]})
		}
		if len(p) > 0 {
			x["property"] = p
		}
		concepts = append(concepts, x)
	}
	if len(concepts) > 0 {
		o["concept"] = concepts
	}
	var defs []any
	for _, k := range sortedKeys(props) {
		defs = append(defs, tx.Object{"code": k, "type": "string"})
	}
	if len(defs) > 0 {
		o["property"] = defs
	}
	return o
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func valueSetOf(v *codes.ValueSet, url string) tx.Object {
	o := tx.Object{"resourceType": "ValueSet", "id": idOf(url), "url": url, "version": versionOf(url), "name": v.Name, "title": v.Name, "status": v.Status, "experimental": false}
	if v.Note != "" {
		o["description"] = v.Note
	}
	var include []any
	for _, in := range v.Include {
		x := tx.Object{}
		if in.System != "" {
			x["system"] = in.System
		}
		if in.ValueSet != "" {
			x["valueSet"] = []any{in.ValueSet}
		}
		var list []any
		for _, c := range in.Concepts {
			ref := tx.Object{"code": c.Code}
			if c.Display != "" && in.System != codes.SNOMED {
				ref["display"] = c.Display
			}
			list = append(list, ref)
		}
		if len(list) > 0 {
			x["concept"] = list
		}
		include = append(include, x)
	}
	o["compose"] = tx.Object{"include": include}
	return o
}

// buildFragment makes an edition out of the SNOMED CT codes of the registry, with labels of our own.
func buildFragment(reg *codes.Registry) (*snomed.Edition, error) {
	sys, ok := reg.System(codes.SNOMED)
	if !ok {
		return nil, fmt.Errorf("the registry has no SNOMED CT codes")
	}
	b := snomed.NewBuilder()
	item := uint64(900000)
	describe := func(concept uint64, lang, term string, typ, refset uint64) error {
		item++
		id := snomed.WithCheckDigit(item*1000000000 + 999999911)
		if err := b.Description(id, concept, lang, typ, []byte(term), snomed.CaseInsensitive, 20260915); err != nil {
			return err
		}
		return b.LangMember(refset, id, true)
	}
	for _, c := range sys.Concepts {
		id, ok := snomed.ParseID(c.Code)
		if !ok {
			return nil, fmt.Errorf("%q is no SNOMED CT identifier", c.Code)
		}
		b.Concept(id, fragmentModule, 20260915, true, false)
		if err := describe(id, "en", c.Display, snomed.Synonym, snomed.EnUS); err != nil {
			return nil, err
		}
		for _, l := range []struct {
			lang   string
			refset uint64
		}{{"nl", nlBE}, {"fr", frBE}, {"de", deBE}} {
			if t := c.Designations[l.lang]; t != "" {
				if err := describe(id, l.lang, t, snomed.Synonym, l.refset); err != nil {
					return nil, err
				}
			}
		}
		for _, p := range parentsOf(sys, c) {
			b.Relation(id, p, snomed.IsA, 0)
		}
	}
	return b.Finish(snomed.Meta{Module: fragmentModule, Date: fragmentDate, Fragment: true,
		System: fmt.Sprintf("http://snomed.info/sct/%d/version/%s", uint64(fragmentModule), fragmentDate),
		Title:  "SNOMED CT BE edition (sandbox fragment)"})
}

// parentsOf gives the is-a parents of a code in the fragment: those of the skeleton, else clinical finding by the semantic tag, else the root.
func parentsOf(sys *codes.System, c *codes.Concept) []uint64 {
	const root, finding = "138875005", "404684003"
	list := c.Parents
	if _, ok := sys.Concept(root); !ok || c.Code == root {
		return nil
	}
	if len(list) == 0 {
		list = []string{root}
		switch c.Properties["semanticTag"] {
		case "disorder", "finding":
			if _, ok := sys.Concept(finding); ok && c.Code != finding {
				list = []string{finding}
			}
		}
	}
	var out []uint64
	for _, p := range list {
		if id, ok := snomed.ParseID(p); ok {
			out = append(out, id)
		}
	}
	return out
}
