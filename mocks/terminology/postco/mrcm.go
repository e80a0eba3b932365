package postco

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/ecl"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/scg"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// The machine readable concept model (MRCM) of a release: reference sets whose members say to which concepts an attribute may be
// applied, and with which values. They are told by their columns, for national editions have sets of their own.
const (
	mandatoryRule    = "723597001"
	allContent       = "723596005"
	postcoordContent = "723595009"
)

// rules holds the concept model of an edition, read when it is first asked for.
type rules struct {
	once sync.Once
	m    model
}

// model is a concept model.
type model struct {
	loaded  bool
	domains map[uint64][]domain // by attribute
	ranges  map[uint64][]valueRange
}

// domain is where an attribute may be used and how.
type domain struct {
	concept uint32
	set     bool // a reference set: its members are the domain
	grouped bool
	free    bool // nothing is said about groups
	most    int  // per concept; -1 = any number
	inGroup int  // per group
}

func (d domain) holds(e *snomed.Edition, focus uint32) bool {
	if !d.set {
		return d.concept == focus || e.Subsumes(d.concept, focus)
	}
	r, ok := e.Refset(e.IDOf(d.concept))
	if !ok {
		return false
	}
	_, found := slices.BinarySearch(e.Members(r), focus)
	return found
}

// HasModel tells whether the edition carries a concept model.
func (j *Judge) HasModel() bool { return j.rules.of(j.e).loaded }

func (r *rules) of(e *snomed.Edition) *model {
	r.once.Do(func() {
		r.m = model{domains: map[uint64][]domain{}, ranges: map[uint64][]valueRange{}}
		for i := range e.Refsets {
			set := &e.Refsets[i]
			if _, ok := set.Field("attributeInGroupCardinality"); ok {
				r.m.readDomains(e, set)
			} else if _, ok := set.Field("attributeRule"); ok {
				r.m.readRanges(e, set)
			}
		}
	})
	return &r.m
}

// row reads a member by the names of its columns; ok is false when the rule is no rule for post-coordinated content.
func row(e *snomed.Edition, r *snomed.RefsetRow, m *snomed.MemberReader, i int) (attribute uint64, get func(string) string, ok bool) {
	get = func(name string) string {
		k, ok := r.Field(name)
		if !ok {
			return ""
		}
		return strings.TrimSpace(string(m.Text(r, i, k)))
	}
	strength, content := get("ruleStrengthId"), get("contentTypeId")
	return e.IDOf(m.Concept(i)), get, strength == mandatoryRule && (content == allContent || content == postcoordContent)
}

func (m *model) readDomains(e *snomed.Edition, r *snomed.RefsetRow) {
	in := e.MemberReader()
	for i := r.From; i < r.To; i++ {
		a, get, ok := row(e, r, in, i)
		id, valid := snomed.ParseID(get("domainId"))
		c, known := e.Concept(id)
		if !ok || !valid || !known {
			continue
		}
		m.loaded = true
		root, there := e.Concept(snomed.RefsetRoot)
		_, members := e.Refset(id)
		m.domains[a] = append(m.domains[a], domain{concept: c, set: members || there && e.Subsumes(root, c), grouped: get("grouped") == "1",
			most: atMost(get("attributeCardinality")), inGroup: atMost(get("attributeInGroupCardinality"))})
	}
}

// atMost reads the upper bound of 0..1 or 0..*.
func atMost(s string) int {
	_, hi, _ := strings.Cut(s, "..")
	if n, err := strconv.Atoi(hi); err == nil && n >= 0 {
		return n
	}
	return -1
}

func (m *model) readRanges(e *snomed.Edition, r *snomed.RefsetRow) {
	in := e.MemberReader()
	for i := r.From; i < r.To; i++ {
		a, get, ok := row(e, r, in, i)
		if text := get("rangeConstraint"); ok && text != "" {
			m.loaded = true
			m.ranges[a] = append(m.ranges[a], readRange(text))
		}
	}
}

// valueRange is what values an attribute may have: concepts, or literals.
type valueRange struct {
	text    string
	node    ecl.Node // concepts; nil when the text is none
	literal *literalRange
}

func readRange(text string) valueRange {
	g := valueRange{text: text}
	for _, kind := range []string{"int", "dec", "str", "bool"} {
		if inner, ok := strings.CutPrefix(text, kind+"("); ok && strings.HasSuffix(inner, ")") {
			g.literal = &literalRange{kind: kind, inner: strings.TrimSpace(strings.TrimSuffix(inner, ")"))}
			return g
		}
	}
	g.node, _ = ecl.Parse(text)
	return g
}

// holds tells whether a value is in the range. A range that cannot be read allows everything.
func (g valueRange) holds(ctx context.Context, j *Judge, v scg.Value) (bool, error) {
	switch {
	case g.literal != nil:
		return v.Expression == nil && g.literal.holds(v.Literal), nil
	case g.node == nil:
		return true, nil
	case v.Expression == nil:
		return false, nil
	}
	return j.resolve(v.Expression.Canonical()).Satisfies(ctx, g.node)
}

// literalRange is int(…), dec(…), str(…) or bool(…): a bounded range (>#0..#5) or a list of values.
type literalRange struct{ kind, inner string }

func (r *literalRange) holds(literal string) bool {
	n, numeric := number(literal)
	switch r.kind {
	case "int":
		if !numeric || n != float64(int64(n)) {
			return false
		}
	case "dec":
		if !numeric {
			return false
		}
	case "str":
		return strings.HasPrefix(literal, `"`) && (r.inner == "" || slices.Contains(texts(r.inner), literal))
	default:
		return (literal == "true" || literal == "false") && (r.inner == "" || slices.Contains(strings.Fields(strings.ToLower(r.inner)), literal))
	}
	if r.inner == "" {
		return true
	}
	low, high, bounded := strings.Cut(r.inner, "..")
	if !bounded {
		return slices.ContainsFunc(strings.Fields(r.inner), func(s string) bool { x, ok := number(s); return ok && x == n })
	}
	low, above := strings.CutPrefix(strings.TrimSpace(low), ">")
	high, below := strings.CutPrefix(strings.TrimSpace(high), "<")
	if x, ok := number(low); ok && (n < x || above && n == x) {
		return false
	}
	x, ok := number(high)
	return !ok || n < x || !below && n == x
}

// texts splits a list of texts in quotes.
func texts(s string) []string {
	var out []string
	for {
		from := strings.IndexByte(s, '"')
		if from < 0 {
			return out
		}
		to := from + 1
		for to < len(s) && s[to] != '"' {
			if s[to] == '\\' {
				to++
			}
			to++
		}
		if to >= len(s) {
			return out
		}
		out = append(out, s[from:to+1])
		s = s[to+1:]
	}
}
