package tx

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
)

const (
	extProperty         = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.property"
	extContainsProperty = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property"
	extUnclosed         = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed"
	extUnclosedReason   = extUnclosed + "-reason"
)

// expansion is one $expand under way.
type expansion struct {
	*request
	ev            evaluation
	vs            *ValueSet
	params        out
	designations  bool
	wanted        []string // designation parameters
	properties    []string
	defs          []propertyDef // properties that occurred
	activeOnly    bool
	notForUI      bool
	noExpressions bool // excludePostCoordinated
	nested        bool
	filter        string
	offset        int
	count         int // -1 = no limit
	paged         bool
	versions      bool
}

// Expand answers ValueSet/$expand.
func (e *Engine) Expand(c Call) (Object, *Problem) {
	q, p := e.begin(c)
	if p != nil {
		return nil, p
	}
	v, p := q.target(c)
	if p != nil {
		return nil, p
	}
	x := &expansion{request: q, vs: v, count: -1}
	q.useSupp = append(q.useSupp, v.Supplements...)
	if p := q.checkSupplements(); p != nil {
		return nil, p
	}
	if p := x.read(); p != nil {
		return nil, p
	}
	parts, p := q.evaluate(v, &x.ev)
	if p != nil {
		return nil, p
	}
	return x.answer(parts)
}

// target finds the value set a call is about.
func (q *request) target(c Call) (*ValueSet, *Problem) {
	if c.ValueSet != nil {
		return c.ValueSet, nil
	}
	if raw := q.p.Object("valueSet"); raw != nil {
		if str(raw, "resourceType") != "ValueSet" {
			return nil, problem(http.StatusBadRequest, "invalid", "", "parameter valueSet must hold a ValueSet")
		}
		return NewValueSet(raw), nil
	}
	u := q.p.String("url")
	if u == "" {
		return nil, problem(http.StatusBadRequest, "required", "", "no value set is named: send url or valueSet")
	}
	return q.valueSet(u, q.p.String("valueSetVersion"))
}

// read takes the parameters in and echoes those that have an effect.
func (x *expansion) read() *Problem {
	q := x.request
	flag := func(name string, into *bool) *Problem {
		v, told, p := q.flag(x.vs, name)
		if p != nil {
			return p
		}
		if told {
			*into = v
			x.params.add(name, "Boolean", v)
		}
		return nil
	}
	var exclude bool
	for _, f := range []struct {
		name string
		into *bool
	}{{"excludeNested", &exclude}, {"includeDesignations", &x.designations},
		{"activeOnly", &x.activeOnly}, {"excludeNotForUI", &x.notForUI}, {"excludePostCoordinated", &x.noExpressions}} {
		if p := flag(f.name, f.into); p != nil {
			return p
		}
	}
	x.nested = !exclude
	x.filter = strings.TrimSpace(q.p.String("filter"))
	if x.filter != "" {
		if utf8.RuneCountInString(x.filter) > 250 {
			return problem(http.StatusBadRequest, "invalid", "", "parameter filter is longer than 250 characters")
		}
		x.params.add("filter", "String", x.filter)
	}
	count, hasCount, p := q.p.Int("count")
	if p != nil {
		return p
	}
	offset, hasOffset, p := q.p.Int("offset")
	if p != nil {
		return p
	}
	if hasCount {
		x.count = count
		x.params.add("count", "Integer", count)
	}
	if hasOffset {
		x.offset = offset
		x.params.add("offset", "Integer", offset)
	}
	x.paged = hasOffset || hasCount
	if q.SnowstormPage && hasCount && count > 0 && offset%count != 0 {
		return problem(http.StatusBadRequest, "invalid", "", fmt.Sprintf("offset %d is no multiple of count %d", offset, count))
	}
	x.wanted = q.p.Strings("designation")
	for _, d := range x.wanted {
		x.designations = true
		x.params.add("designation", "String", d)
	}
	x.properties = q.p.Strings("property")
	for _, name := range x.vs.Properties {
		if !slices.Contains(x.properties, name) {
			x.properties = append(x.properties, name)
		}
	}
	return x.language()
}

// language settles which language displays are in: the parameter, the header, the value set.
func (x *expansion) language() *Problem {
	q := x.request
	q.languagesOf(x.vs)
	if q.langGiven != "" {
		x.params.add("displayLanguage", "Code", q.langs.Raw)
	}
	return nil
}

// languagesOf falls back to the languages that the value set asks for.
func (q *request) languagesOf(v *ValueSet) {
	if q.langGiven != "" {
		return
	}
	if val, ok := v.parameter("displayLanguage"); ok {
		if l, ok := ParseLanguages(val); ok {
			q.langs, q.langGiven = l, "valueset"
			return
		}
	}
	if v.Language != "" {
		if l, ok := ParseLanguages(v.Language); ok {
			q.langs, q.langGiven = l, "valueset"
		}
	}
}

// answer orders, pages and writes the members.
func (x *expansion) answer(parts []*part) (Object, *Problem) {
	for _, y := range parts {
		if x.activeOnly {
			dropInactive(y)
		}
		if x.noExpressions {
			dropExpressions(y)
		}
		if x.notForUI {
			y.set.Each(func(i uint32) bool {
				if y.sys.Abstract(int(i)) {
					y.set.Remove(i)
				}
				return true
			})
		}
	}
	total := 0
	limit := x.count
	if limit < 0 {
		limit = x.MaxExpansion
	}
	var contains []any
	skip := x.offset
	x.versions = severalVersions(parts) || x.vs.severalVersions()
	for _, y := range parts {
		var hits []int
		var n int
		if x.filter != "" {
			hits, n = x.search(y, skip, limit-len(contains))
		} else {
			n = y.set.Count()
			room := limit - len(contains)
			if room > 0 && skip < n {
				at := 0
				y.each(x.langs, func(i int) bool {
					if at >= skip {
						hits = append(hits, i)
					}
					at++
					return len(hits) < room
				})
			}
		}
		total += n
		skip = max(0, skip-n)
		if x.hierarchical(parts, y, total) {
			contains = append(contains, x.tree(y, hits)...)
			continue
		}
		for _, i := range hits {
			contains = append(contains, x.item(y, i))
		}
	}
	if p := x.tooMany(total); p != nil {
		return nil, p
	}
	return x.write(contains, total), nil
}

func severalVersions(parts []*part) bool {
	seen := map[string]string{}
	for _, y := range parts {
		i := y.sys.Info()
		if v, ok := seen[i.URL]; ok && v != i.Version {
			return true
		}
		seen[i.URL] = i.Version
	}
	return false
}

// hierarchical tells whether the members of a part are shown as a tree.
func (x *expansion) hierarchical(parts []*part, y *part, total int) bool {
	_, sct := sctOf(y.sys)
	return x.nested && y.nest && !x.paged && len(parts) == 1 && !sct && y.sys.Info().HasHierarchy && total <= x.MaxExpansion
}

// search finds the members of a part that match the text.
func (x *expansion) search(y *part, skip, limit int) ([]int, int) {
	own := false
	for _, r := range y.refs {
		own = own || r.Display != "" || len(r.Designations) > 0
	}
	if !own {
		return y.sys.Search(x.filter, y.set, x.langs, skip, max(0, limit))
	}
	all, _ := y.sys.Search(x.filter, y.set, x.langs, 0, -1)
	words := fold.Words(nil, fold.String(x.filter))
	y.each(x.langs, func(i int) bool {
		r := y.refs[i]
		if r == nil || slices.Contains(all, i) || len(words) == 0 {
			return true
		}
		terms := []string{r.Display}
		for _, d := range r.Designations {
			terms = append(terms, d.Value)
		}
		for _, t := range terms {
			if wordsCover(fold.Words(nil, fold.String(t)), words) {
				all = append(all, i)
				break
			}
		}
		return true
	})
	n := len(all)
	all = all[min(skip, n):]
	return all[:min(len(all), max(0, limit))], n
}

// tree nests each member below its nearest ancestor that is a member too.
func (x *expansion) tree(y *part, members []int) []any {
	in := map[int]bool{}
	for _, i := range members {
		in[i] = true
	}
	placed := map[int]bool{}
	var build func(i int) Object
	build = func(i int) Object {
		placed[i] = true
		o := x.item(y, i)
		var below []any
		var visit func(list []int)
		visit = func(list []int) {
			for _, c := range list {
				switch {
				case in[c] && !placed[c]:
					below = append(below, build(c))
				case !in[c]:
					visit(y.sys.Children(c))
				}
			}
		}
		visit(y.sys.Children(i))
		if len(below) > 0 {
			o["contains"] = below
		}
		return o
	}
	var above func(i int, seen map[int]bool) bool
	above = func(i int, seen map[int]bool) bool {
		for _, p := range y.sys.Parents(i) {
			if seen[p] {
				continue
			}
			seen[p] = true
			if in[p] || above(p, seen) {
				return true
			}
		}
		return false
	}
	var outList []any
	for _, i := range members {
		if !placed[i] && !above(i, map[int]bool{}) {
			outList = append(outList, build(i))
		}
	}
	for _, i := range members { // members of a circle have no top
		if !placed[i] {
			outList = append(outList, build(i))
		}
	}
	return outList
}
