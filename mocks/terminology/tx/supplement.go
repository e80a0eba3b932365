package tx

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// supplement lays the supplements in use over a code system.
func (q *request) supplement(sys System) (System, *Problem) {
	info := sys.Info()
	key := info.Canonical()
	if s, ok := q.wrapped[key]; ok {
		return s, nil
	}
	sys = q.postcoordinated(sys)
	var layers []*resourceSystem
	for _, name := range q.useSupp {
		url, version := splitCanonical(name)
		found := false
		for _, s := range slices.Backward(q.versions(url)) {
			r, ok := s.(*resourceSystem)
			if !ok || version != "" && r.info.Version != version {
				continue
			}
			if r.info.Content != "supplement" {
				continue
			}
			found = true
			base, baseVersion := splitCanonical(r.info.Supplements)
			if base == info.URL && (baseVersion == "" || baseVersion == info.Version || strings.HasPrefix(info.Version, baseVersion)) {
				layers = append(layers, r)
				if c := r.info.Canonical(); !slices.Contains(q.usedSupp, c) {
					q.usedSupp = append(q.usedSupp, c)
				}
			}
			break
		}
		if !found {
			p := problem(http.StatusNotFound, "not-found", "not-found", "Required supplement not found: "+name)
			p.Issues[0].ID = "VALUESET_SUPPLEMENT_MISSING"
			p.Unknown = name
			return nil, p
		}
	}
	if len(layers) == 0 {
		q.wrapped[key] = sys
		return sys, nil
	}
	w := &supplemented{System: sys, layers: layers}
	q.wrapped[key] = w
	return w, nil
}

// checkSupplements refuses a call that names a supplement that is not here, also when no code system asks for it.
func (q *request) checkSupplements() *Problem {
	var missing []string
	for _, name := range q.useSupp {
		url, version := splitCanonical(name)
		if !slices.ContainsFunc(q.versions(url), func(s System) bool {
			return s.Info().Content == "supplement" && (version == "" || s.Info().Version == version)
		}) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	p := problem(http.StatusNotFound, "not-found", "not-found", "Required supplement not found: "+strings.Join(missing, ", "))
	p.Issues[0].ID = "VALUESET_SUPPLEMENT_MISSING"
	p.Unknown = missing[0]
	return p
}

// supplemented is a code system with supplements laid over it.
type supplemented struct {
	System
	layers []*resourceSystem
}

func (s *supplemented) each(i int, f func(l *resourceSystem, c *concept)) {
	code := s.Code(i)
	for _, l := range s.layers {
		if j, ok := l.Find(code); ok {
			f(l, &l.concepts[j])
		}
	}
}

func (s *supplemented) Designations(i int) []Designation {
	out := slices.Clone(s.System.Designations(i))
	s.each(i, func(l *resourceSystem, c *concept) {
		for _, d := range c.designations {
			if d.Language == "" {
				d.Language = l.info.Language
			}
			out = append(out, d)
		}
		if c.display != "" {
			out = append(out, Designation{Language: l.info.Language, Value: c.display, Use: &Coding{System: designationUsage, Code: "display"}})
		}
	})
	return out
}

func (s *supplemented) Display(i int, l Languages) (string, string) {
	term, lang := s.System.Display(i, l)
	if l.Empty() || l.Wants(lang) && term != "" {
		return term, lang
	}
	return l.choose(term, lang, s.Designations(i))
}

func (s *supplemented) Properties(i int) []Property {
	out := slices.Clone(s.System.Properties(i))
	s.each(i, func(_ *resourceSystem, c *concept) { out = append(out, c.properties...) })
	return out
}

// added are the properties that supplements give a concept.
func (s *supplemented) added(i int) []Property {
	var out []Property
	s.each(i, func(_ *resourceSystem, c *concept) { out = append(out, c.properties...) })
	return out
}

// Status is that of the code system, else the one a supplement gives.
func (s *supplemented) Status(i int) string {
	if v := s.System.Status(i); v != "" {
		return v
	}
	for _, p := range s.added(i) {
		if p.Code == "status" {
			return text(p.Value)
		}
	}
	return ""
}

func (s *supplemented) Extra(i int) []any {
	out := slices.Clone(s.System.Extra(i))
	s.each(i, func(_ *resourceSystem, c *concept) { out = append(out, c.extra...) })
	return out
}

func (s *supplemented) Filter(ctx context.Context, property, op, value string) (Set, *Problem) {
	set, p := s.System.Filter(ctx, property, op, value)
	if p == nil {
		return set, nil
	}
	match, bad := valueMatcher(op, value)
	if bad != nil {
		return nil, p
	}
	known := false
	out := snomedSet(s.Len())
	for i := range s.Len() {
		var values []string
		s.each(i, func(_ *resourceSystem, c *concept) {
			for _, x := range c.properties {
				if x.Code == property {
					known = true
					values = append(values, text(x.Value))
				}
			}
		})
		if match(values) {
			out.Add(uint32(i))
		}
	}
	if !known {
		return nil, p
	}
	return out, nil
}
