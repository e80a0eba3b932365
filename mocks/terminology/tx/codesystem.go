package tx

import (
	"net/http"
	"slices"
	"strings"
)

// Concept properties the standard defines; code systems may use other codes and point at these by URI.
const (
	propURI          = "http://hl7.org/fhir/concept-properties#"
	designationUsage = "http://terminology.hl7.org/CodeSystem/designation-usage"
)

// resourceSystem is a CodeSystem resource.
type resourceSystem struct {
	info     Info
	concepts []concept
	byCode   map[string]int
	props    []propertyDef
}

type concept struct {
	code, display, definition string
	designations              []Designation
	properties                []Property
	parents, children         []int
	extra                     []any
}

type propertyDef struct{ code, uri, typ string }

// NewCodeSystem reads a CodeSystem resource.
func NewCodeSystem(raw Object) (System, *Problem) {
	s := &resourceSystem{byCode: map[string]int{}}
	s.info = Info{URL: str(raw, "url"), Version: str(raw, "version"), ID: str(raw, "id"), Name: str(raw, "name"), Title: str(raw, "title"),
		Status: str(raw, "status"), Content: str(raw, "content"), Language: str(raw, "language"), Supplements: str(raw, "supplements"),
		Copyright: str(raw, "copyright"), Raw: raw}
	if s.info.URL == "" {
		return nil, problem(http.StatusBadRequest, "required", "", "CodeSystem.url is missing")
	}
	s.info.Experimental, _ = boolean(raw, "experimental")
	s.info.CaseSensitive = true
	if v, present := boolean(raw, "caseSensitive"); present {
		s.info.CaseSensitive = v
	}
	s.info.Compositional, _ = boolean(raw, "compositional")
	s.info.Standards = text(first(extension(raw, standardsStatus)))
	s.info.UnknownMayExist = s.info.Content == "fragment" || s.info.Content == "example"
	for _, p := range objects(raw, "property") {
		s.props = append(s.props, propertyDef{str(p, "code"), str(p, "uri"), str(p, "type")})
	}
	if p := s.read(objects(raw, "concept"), -1, 0); p != nil {
		return nil, p
	}
	s.link()
	for _, c := range s.concepts {
		s.info.HasHierarchy = s.info.HasHierarchy || len(c.parents) > 0
	}
	return s, nil
}

func first(o Object) any {
	v, _ := valueOf(o)
	return v
}

func (s *resourceSystem) read(list []Object, parent, depth int) *Problem {
	if depth > 100 {
		return problem(http.StatusBadRequest, "invalid", "", "concepts are nested too deeply in "+s.info.URL)
	}
	for _, o := range list {
		c := concept{code: str(o, "code"), display: str(o, "display"), definition: str(o, "definition")}
		if c.code == "" {
			return problem(http.StatusBadRequest, "required", "", "a concept of "+s.info.URL+" has no code")
		}
		for _, d := range objects(o, "designation") {
			c.designations = append(c.designations, readDesignation(d))
		}
		for _, p := range objects(o, "property") {
			v, typ := valueOf(p)
			c.properties = append(c.properties, Property{Code: str(p, "code"), Type: typ, Value: v})
		}
		c.extra, _ = o["extension"].([]any)
		i := len(s.concepts)
		if parent >= 0 {
			c.parents = []int{parent}
		}
		s.concepts = append(s.concepts, c)
		if parent >= 0 {
			s.concepts[parent].children = append(s.concepts[parent].children, i)
		}
		if _, dup := s.byCode[s.fold(c.code)]; !dup {
			s.byCode[s.fold(c.code)] = i
		}
		if p := s.read(objects(o, "concept"), i, depth+1); p != nil {
			return p
		}
	}
	return nil
}

// link adds the hierarchy that is given by parent and child properties.
func (s *resourceSystem) link() {
	for i := range s.concepts {
		for _, p := range s.concepts[i].properties {
			code, _ := p.Value.(string)
			if o, ok := p.Value.(Object); ok && (str(o, "system") == "" || str(o, "system") == s.info.URL) {
				code = str(o, "code")
			}
			j, ok := s.byCode[s.fold(code)]
			if !ok || j == i {
				continue
			}
			switch s.meaning(p.Code) {
			case "parent":
				s.connect(j, i)
			case "child":
				s.connect(i, j)
			}
		}
	}
}

func (s *resourceSystem) connect(parent, child int) {
	if !slices.Contains(s.concepts[child].parents, parent) {
		s.concepts[child].parents = append(s.concepts[child].parents, parent)
		s.concepts[parent].children = append(s.concepts[parent].children, child)
	}
}

func readDesignation(d Object) Designation {
	out := Designation{Language: str(d, "language"), Value: str(d, "value")}
	if u := obj(d, "use"); u != nil {
		c := readCoding(u)
		out.Use = &c
	}
	out.Extra, _ = d["extension"].([]any)
	if x := extension(d, standardsStatus); x != nil {
		switch text(first(x)) {
		case "withdrawn", "retired", "deprecated":
			out.Inactive, out.Status = text(first(x)) != "deprecated", text(first(x))
		}
	}
	return out
}

// meaning gives the standard name of a property code: what its URI says, else the code itself.
func (s *resourceSystem) meaning(code string) string {
	for _, p := range s.props {
		if name, ok := strings.CutPrefix(p.uri, propURI); ok && p.code == code && standardProperty(name) {
			return name
		}
	}
	return code
}

func standardProperty(name string) bool {
	switch name {
	case "status", "inactive", "notSelectable", "parent", "child", "effectiveDate", "deprecationDate", "retirementDate", "partOf", "synonym", "comment", "itemWeight", "label", "order":
		return true
	}
	return false
}

func (s *resourceSystem) fold(code string) string {
	if s.info.CaseSensitive {
		return code
	}
	return strings.ToLower(code)
}

func (s *resourceSystem) Info() *Info             { return &s.info }
func (s *resourceSystem) Len() int                { return len(s.concepts) }
func (s *resourceSystem) Code(i int) string       { return s.concepts[i].code }
func (s *resourceSystem) Parents(i int) []int     { return s.concepts[i].parents }
func (s *resourceSystem) Children(i int) []int    { return s.concepts[i].children }
func (s *resourceSystem) Definition(i int) string { return s.concepts[i].definition }
func (s *resourceSystem) Extra(i int) []any       { return s.concepts[i].extra }

func (s *resourceSystem) Find(code string) (int, bool) {
	i, ok := s.byCode[s.fold(code)]
	return i, ok
}

// standard gives the value of a property by its standard name.
func (s *resourceSystem) standard(i int, name string) any {
	for _, p := range s.concepts[i].properties {
		if s.meaning(p.Code) == name {
			return p.Value
		}
	}
	return nil
}

func (s *resourceSystem) Inactive(i int) bool {
	switch text(s.standard(i, "status")) {
	case "retired", "inactive":
		return true
	}
	return text(s.standard(i, "inactive")) == "true" || s.concepts[i].standards() == "withdrawn"
}

func (s *resourceSystem) Abstract(i int) bool {
	return text(s.standard(i, "notSelectable")) == "true" || text(s.standard(i, "abstract")) == "true"
}

func (s *resourceSystem) Status(i int) string {
	if v := text(s.standard(i, "status")); v != "" {
		return v
	}
	if x := s.concepts[i].standards(); x != "" {
		return x
	}
	return ""
}

func (c *concept) standards() string {
	for _, e := range c.extra {
		if o, ok := e.(Object); ok && str(o, "url") == standardsStatus {
			return text(first(o))
		}
	}
	return ""
}

func (s *resourceSystem) Display(i int, l Languages) (string, string) {
	c := &s.concepts[i]
	return l.choose(c.display, s.info.Language, c.designations)
}

func (s *resourceSystem) Designations(i int) []Designation { return s.concepts[i].designations }

func (s *resourceSystem) Properties(i int) []Property { return s.concepts[i].properties }

func (s *resourceSystem) Subsumes(a, b int) bool {
	seen := map[int]bool{b: true}
	queue := []int{b}
	for len(queue) > 0 {
		for _, p := range s.concepts[queue[0]].parents {
			if p == a {
				return true
			}
			if !seen[p] {
				seen[p] = true
				queue = append(queue, p)
			}
		}
		queue = queue[1:]
	}
	return false
}

func (s *resourceSystem) All() Set {
	set := snomedSet(len(s.concepts))
	for i := range s.concepts {
		set.Add(uint32(i))
	}
	return set
}

// below adds i and its descendants.
func (s *resourceSystem) below(i int, into Set) {
	if into.Has(uint32(i)) {
		return
	}
	into.Add(uint32(i))
	for _, c := range s.concepts[i].children {
		s.below(c, into)
	}
}

func (s *resourceSystem) above(i int, into Set) {
	if into.Has(uint32(i)) {
		return
	}
	into.Add(uint32(i))
	for _, p := range s.concepts[i].parents {
		s.above(p, into)
	}
}

func (s *resourceSystem) Each(set Set, _ Languages, f func(int) bool) {
	set.Each(func(i uint32) bool { return f(int(i)) })
}
