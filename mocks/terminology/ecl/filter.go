package ecl

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// filter keeps the concepts that satisfy every condition; the conditions of a description filter must hold for one description.
func (v *evaluator) filter(set snomed.Set, f *Filter) (snomed.Set, error) {
	conds := make([]prepared, len(f.Conditions))
	for i := range f.Conditions {
		p, err := v.condition(&f.Conditions[i], f.Kind)
		if err != nil {
			return nil, err
		}
		conds[i] = p
	}
	out := set.Clone()
	n := 0
	out.Each(func(c uint32) bool {
		if n++; n%4096 == 0 && v.ctx.Err() != nil {
			return false
		}
		ok := true
		if f.Kind == "C" {
			for _, p := range conds {
				ok = ok && p.concept(c)
			}
		} else {
			ok = slices.ContainsFunc(v.e.Descriptions(c), func(d snomed.Description) bool {
				for _, p := range conds {
					if !p.description(d) {
						return false
					}
				}
				return true
			})
		}
		if !ok {
			out.Remove(c)
		}
		return true
	})
	return out, v.ctx.Err()
}

type prepared struct {
	concept     func(uint32) bool
	description func(snomed.Description) bool
}

func (v *evaluator) condition(c *Condition, kind string) (prepared, error) {
	var set snomed.Set
	if c.Set != nil {
		s, err := v.eval(c.Set)
		if err != nil {
			return prepared{}, err
		}
		set = s
	}
	inSet := func(id uint64) bool {
		x, ok := v.e.Concept(id)
		return ok && set.Has(x)
	}
	want := c.Compare != "!="
	e := v.e
	if kind == "C" {
		return v.conceptCondition(c, inSet, want)
	}
	var test func(d snomed.Description) bool
	switch c.Name {
	case "term":
		test = func(d snomed.Description) bool {
			return slices.ContainsFunc(c.Terms, func(t SearchTerm) bool { return t.matches(d.Term) })
		}
	case "language":
		test = func(d snomed.Description) bool {
			return slices.ContainsFunc(c.Words, func(w string) bool { return strings.EqualFold(w, d.Language) })
		}
	case "type":
		test = func(d snomed.Description) bool {
			return slices.ContainsFunc(c.Words, func(w string) bool { return typeOf(w) == d.Type })
		}
	case "typeid":
		test = func(d snomed.Description) bool { return inSet(d.Type) }
	case "dialectid":
		test = func(d snomed.Description) bool {
			return slices.ContainsFunc(e.Acceptability(d.Num), func(m snomed.LangMember) bool { return inSet(m.Refset) })
		}
	case "dialect":
		test = func(d snomed.Description) bool {
			return slices.ContainsFunc(c.Words, func(w string) bool { return dialectHolds(w, e.Acceptability(d.Num)) })
		}
	case "active":
		test = func(snomed.Description) bool {
			return slices.ContainsFunc(c.Words, func(w string) bool { return w == "1" || strings.EqualFold(w, "true") })
		}
	case "effectivetime":
		test = func(d snomed.Description) bool { return compareTime(d.Effective, c) }
		want = true
	default:
		return prepared{}, &Error{Column: c.Column, Text: "the description condition " + c.Name + " is not supported", Unsupported: true}
	}
	return prepared{description: func(d snomed.Description) bool { return test(d) == want }}, nil
}

func (v *evaluator) conceptCondition(c *Condition, inSet func(uint64) bool, want bool) (prepared, error) {
	e := v.e
	var test func(uint32) bool
	switch c.Name {
	case "active":
		test = func(x uint32) bool {
			return slices.ContainsFunc(c.Words, func(w string) bool { return (w == "1" || strings.EqualFold(w, "true")) == e.Active(x) })
		}
	case "moduleid":
		test = func(x uint32) bool { return inSet(e.ModuleOf(x)) }
	case "definitionstatusid":
		test = func(x uint32) bool {
			if e.Defined(x) {
				return inSet(snomed.FullyDefined)
			}
			return inSet(snomed.Primitive)
		}
	case "definitionstatus":
		test = func(x uint32) bool {
			return slices.ContainsFunc(c.Words, func(w string) bool { return strings.EqualFold(w, "defined") == e.Defined(x) })
		}
	case "effectivetime":
		test = func(x uint32) bool { return compareTime(e.EffectiveTime(x), c) }
		want = true
	default:
		return prepared{}, &Error{Column: c.Column, Text: "the concept condition " + c.Name + " is not supported", Unsupported: true}
	}
	return prepared{concept: func(x uint32) bool { return test(x) == want }}, nil
}

func compareTime(have uint32, c *Condition) bool {
	for _, w := range c.Words {
		n, err := strconv.ParseUint(w, 10, 32)
		if err != nil {
			continue
		}
		t := uint32(n)
		switch c.Compare {
		case "=":
			if have == t {
				return true
			}
		case "!=":
			if have != t {
				return true
			}
		case "<":
			return have < t
		case "<=":
			return have <= t
		case ">":
			return have > t
		default:
			return have >= t
		}
	}
	return false
}

func typeOf(w string) uint64 {
	switch strings.ToLower(w) {
	case "fsn":
		return snomed.FSN
	case "syn":
		return snomed.Synonym
	case "def":
		return snomed.Definition
	}
	return 0
}

// dialectHolds judges an alias such as nl-be or en-us(prefer).
func dialectHolds(word string, members []snomed.LangMember) bool {
	alias, accept, _ := strings.Cut(strings.TrimSuffix(word, ")"), "(")
	ids := map[string]uint64{"en-us": snomed.EnUS, "en-gb": snomed.EnGB, "nl-be": 31000172101, "fr-be": 21000172104, "de-be": 120961000172108}
	id, ok := ids[strings.ToLower(strings.TrimSpace(alias))]
	if !ok {
		return false
	}
	accept = strings.ToLower(accept)
	return slices.ContainsFunc(members, func(m snomed.LangMember) bool {
		return m.Refset == id && (accept == "" || strings.Contains(accept, "prefer") && m.Role == snomed.Preferred || strings.Contains(accept, "accept") && m.Role == snomed.Acceptable)
	})
}

// matches compares a term: every word begins some word, or the pattern fits, ignoring case and accents.
func (t SearchTerm) matches(term string) bool {
	if t.Exact {
		return term == t.Text
	}
	have := fold.String(term)
	if t.Wild {
		ok, err := path.Match(strings.NewReplacer("[", "\\[", "?", "\\?", "/", " ").Replace(fold.String(t.Text)), strings.ReplaceAll(have, "/", " "))
		return err == nil && ok
	}
	words := fold.Words(nil, have)
	for _, w := range fold.Words(nil, fold.String(t.Text)) {
		if !slices.ContainsFunc(words, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}

// String names a condition, for messages.
func (c *Condition) String() string { return fmt.Sprintf("%s %s", c.Name, c.Compare) }
