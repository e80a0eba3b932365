package tx

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Shelf is a set of terminology resources, found by URL. It is filled first and read afterwards.
type Shelf struct {
	systems map[string][]System
	sets    map[string][]*ValueSet
	maps    []*ConceptMap
	byValue map[string]*Info // CodeSystem.valueSet → code system
}

// NewShelf makes an empty shelf.
func NewShelf() *Shelf {
	return &Shelf{systems: map[string][]System{}, sets: map[string][]*ValueSet{}, byValue: map[string]*Info{}}
}

// AddSystem adds a code system; one of the same version is replaced.
func (s *Shelf) AddSystem(sys System) {
	i := sys.Info()
	s.systems[i.URL] = append(slices.DeleteFunc(s.systems[i.URL], func(o System) bool { return o.Info().Version == i.Version }), sys)
	if v := str(i.Raw, "valueSet"); v != "" && i.Supplements == "" {
		s.byValue[v] = i
	}
}

// AddValueSet adds a value set; one of the same version is replaced.
func (s *Shelf) AddValueSet(v *ValueSet) {
	s.sets[v.URL] = append(slices.DeleteFunc(s.sets[v.URL], func(o *ValueSet) bool { return o.Version == v.Version }), v)
}

// AddMap adds a concept map.
func (s *Shelf) AddMap(m *ConceptMap) { s.maps = append(s.maps, m) }

// Add reads a resource of any kind the operations use; others are ignored.
func (s *Shelf) Add(raw Object) *Problem {
	switch str(raw, "resourceType") {
	case "CodeSystem":
		sys, p := NewCodeSystem(raw)
		if p != nil {
			return p
		}
		s.AddSystem(sys)
	case "ValueSet":
		v := NewValueSet(raw)
		if v.Fault != nil {
			return v.Fault
		}
		s.AddValueSet(v)
	case "ConceptMap":
		m, p := NewConceptMap(raw)
		if p != nil {
			return p
		}
		s.AddMap(m)
	case "":
		return problem(http.StatusBadRequest, "required", "", "a resource has no resourceType")
	}
	return nil
}

// Each walks all code systems in the order of their URLs and versions.
func (s *Shelf) Each(f func(System)) {
	urls := make([]string, 0, len(s.systems))
	for u := range s.systems {
		urls = append(urls, u)
	}
	slices.Sort(urls)
	for _, u := range urls {
		list := slices.Clone(s.systems[u])
		slices.SortFunc(list, func(a, b System) int { return CompareVersions(a.Info().Version, b.Info().Version) })
		for _, sys := range list {
			f(sys)
		}
	}
}

// CompareVersions orders versions by their numbers, part by part, and otherwise as text.
func CompareVersions(a, b string) int {
	as, bs := splitVersion(a), splitVersion(b)
	for i := range min(len(as), len(bs)) {
		x, e1 := strconv.Atoi(as[i])
		y, e2 := strconv.Atoi(bs[i])
		if e1 == nil && e2 == nil {
			if c := cmp.Compare(x, y); c != 0 {
				return c
			}
			continue
		}
		if c := strings.Compare(as[i], bs[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(as), len(bs))
}

func splitVersion(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == '.' || r == '-' || r == '/' || r == '+' })
}

// versionMatches tells whether a version satisfies a wish, which may hold x or * for a part, or name an edition of SNOMED CT without its release.
func versionMatches(have, want string) bool {
	if have == want || want != "" && strings.HasPrefix(have, want+"/version/") {
		return true
	}
	if !isWildcard(want) {
		return false
	}
	hs, ws := strings.Split(have, "."), strings.Split(want, ".")
	for i, w := range ws {
		if w == "*" && i == len(ws)-1 {
			return len(hs) >= i
		}
		if i >= len(hs) || w != "x" && w != "X" && w != "*" && w != hs[i] {
			return false
		}
	}
	return len(hs) == len(ws)
}

func isWildcard(v string) bool {
	if strings.HasPrefix(v, "http:") {
		return false
	}
	return slices.ContainsFunc(strings.Split(v, "."), func(p string) bool { return p == "x" || p == "X" || p == "*" })
}

// ValueSets lists all value sets in the order of their URLs and versions.
func (s *Shelf) ValueSets() []*ValueSet {
	var out []*ValueSet
	for _, list := range s.sets {
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b *ValueSet) int {
		return cmp.Or(strings.Compare(a.URL, b.URL), CompareVersions(a.Version, b.Version))
	})
	return out
}

// Maps lists all concept maps in the order in which they were added.
func (s *Shelf) Maps() []*ConceptMap { return s.maps }
