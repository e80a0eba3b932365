package tx

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// maxRegex bounds the length of regular expressions; RE2 bounds their time.
const maxRegex = 1000

func snomedSet(n int) Set { return snomed.NewSet(n) }

func filterProblem(format string, args ...any) *Problem {
	return problem(http.StatusUnprocessableEntity, "invalid", "vs-invalid", fmt.Sprintf(format, args...))
}

// CompileFilter compiles a regular expression that must match the whole value.
func compileFilter(value string) (*regexp.Regexp, *Problem) {
	if len(value) > maxRegex {
		return nil, filterProblem("the regular expression is longer than %d characters", maxRegex)
	}
	// Alone first: what is no expression must not become one within the anchors.
	if _, err := regexp.Compile(value); err != nil {
		return nil, filterProblem("the regular expression %q cannot be read: %v", value, err)
	}
	re, err := regexp.Compile("^(?:" + value + ")$")
	if err != nil {
		return nil, filterProblem("the regular expression %q cannot be read: %v", value, err)
	}
	return re, nil
}

// Filter implements System for CodeSystem resources.
func (s *resourceSystem) Filter(ctx context.Context, property, op, value string) (Set, *Problem) {
	set := snomedSet(len(s.concepts))
	if property == "concept" || property == "code" && (op == "is-a" || op == "descendent-of" || op == "is-not-a" || op == "generalizes" || op == "child-of" || op == "descendent-leaf" || op == "descendant-leaf") {
		return s.hierarchyFilter(op, value, set)
	}
	known := property == "code" || property == "display" || property == "definition" || property == "inactive" || property == "status" || property == "notSelectable" ||
		property == "parent" || property == "child" || slices.ContainsFunc(s.props, func(p propertyDef) bool { return p.code == property || s.meaning(p.code) == property })
	if !known {
		known = slices.ContainsFunc(s.concepts, func(c concept) bool {
			return slices.ContainsFunc(c.properties, func(p Property) bool { return p.Code == property })
		})
	}
	if !known {
		return nil, filterProblem("code system %s has no property %q to filter by", s.info.Canonical(), property)
	}
	match, p := valueMatcher(op, value)
	if p != nil {
		return nil, p
	}
	for i := range s.concepts {
		if i&1023 == 0 && ctx.Err() != nil {
			return nil, tooLate()
		}
		if match(s.values(i, property)) {
			set.Add(uint32(i))
		}
	}
	return set, nil
}

// valueMatcher judges the values of a property; nil means the concept does not have it.
func valueMatcher(op, value string) (func([]string) bool, *Problem) {
	list := strings.Split(value, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	switch op {
	case "=":
		return func(v []string) bool { return slices.Contains(v, value) }, nil
	case "in":
		return func(v []string) bool {
			return slices.ContainsFunc(v, func(x string) bool { return slices.Contains(list, x) })
		}, nil
	case "not-in":
		return func(v []string) bool {
			return !slices.ContainsFunc(v, func(x string) bool { return slices.Contains(list, x) })
		}, nil
	case "exists":
		if value != "true" && value != "false" {
			return nil, filterProblem("the filter operation exists takes true or false, not %q", value)
		}
		want := value == "true"
		return func(v []string) bool { return (len(v) > 0) == want }, nil
	case "regex":
		re, p := compileFilter(value)
		if p != nil {
			return nil, p
		}
		return func(v []string) bool { return slices.ContainsFunc(v, re.MatchString) }, nil
	}
	return nil, filterProblem("the filter operation %q is not known for property values", op)
}

// values gives what a concept has under a property name, as strings.
func (s *resourceSystem) values(i int, property string) []string {
	c := &s.concepts[i]
	var out []string
	for _, p := range c.properties {
		if p.Code == property || s.meaning(p.Code) == property {
			switch v := p.Value.(type) {
			case Object:
				out = append(out, str(v, "code"))
			default:
				out = append(out, text(v))
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	switch property {
	case "code":
		return []string{c.code}
	case "display":
		return []string{c.display}
	case "definition":
		if c.definition != "" {
			return []string{c.definition}
		}
	case "inactive":
		return []string{fmt.Sprint(s.Inactive(i))}
	case "parent":
		for _, p := range c.parents {
			out = append(out, s.concepts[p].code)
		}
	case "child":
		for _, p := range c.children {
			out = append(out, s.concepts[p].code)
		}
	}
	return out
}

func (s *resourceSystem) hierarchyFilter(op, value string, set Set) (Set, *Problem) {
	if op == "in" || op == "not-in" || op == "=" || op == "regex" || op == "exists" {
		return s.Filter(context.Background(), "code", op, value)
	}
	i, ok := s.Find(value)
	if !ok && op != "is-a" && op != "descendent-of" && op != "is-not-a" && op != "generalizes" && op != "child-of" && op != "descendent-leaf" && op != "descendant-leaf" {
		return nil, filterProblem("the filter operation %q is not known", op)
	}
	if !ok {
		return nil, filterProblem("the filter names the code %q, which code system %s does not have", value, s.info.Canonical())
	}
	switch op {
	case "is-a":
		s.below(i, set)
	case "descendent-of":
		s.below(i, set)
		set.Remove(uint32(i))
	case "is-not-a":
		s.below(i, set)
		all := s.All()
		all.Minus(set)
		return all, nil
	case "generalizes":
		s.above(i, set)
	case "child-of":
		for _, c := range s.concepts[i].children {
			set.Add(uint32(c))
		}
	case "descendent-leaf", "descendant-leaf":
		s.below(i, set)
		for c := range s.concepts {
			if len(s.concepts[c].children) > 0 {
				set.Remove(uint32(c))
			}
		}
	default:
		return nil, filterProblem("the filter operation %q is not known", op)
	}
	return set, nil
}

// Search implements System: the code or every word of a term begins with what was typed.
func (s *resourceSystem) Search(query string, within Set, l Languages, skip, limit int) ([]int, int) {
	folded := fold.String(query)
	words := fold.Words(nil, folded)
	if len(words) == 0 && strings.TrimSpace(folded) == "" {
		return nil, 0
	}
	type hit struct{ i, rank, size int }
	var hits []hit
	within.Each(func(n uint32) bool {
		c := &s.concepts[n]
		best := 1 << 30
		if code := fold.String(c.code); strings.HasPrefix(code, strings.TrimSpace(folded)) {
			best = len(code) - len(folded)
		}
		consider := func(term string) {
			f := fold.String(term)
			have := fold.Words(nil, f)
			if len(words) > 0 && wordsCover(have, words) {
				rank := 1000 + len(have)*1000 + len(f)
				if f == folded {
					rank = 0
				}
				best = min(best, rank)
			}
		}
		consider(c.display)
		for _, d := range c.designations {
			consider(d.Value)
		}
		if best < 1<<30 {
			hits = append(hits, hit{int(n), best, len(c.display)})
		}
		return true
	})
	slices.SortStableFunc(hits, func(a, b hit) int { return a.rank - b.rank })
	total := len(hits)
	hits = hits[min(skip, total):]
	if limit >= 0 && len(hits) > limit {
		hits = hits[:limit]
	}
	out := make([]int, len(hits))
	for i, h := range hits {
		out[i] = h.i
	}
	return out, total
}

func wordsCover(have, wanted []string) bool {
	for _, w := range wanted {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}
