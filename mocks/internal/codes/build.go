package codes

import (
	"fmt"
	"regexp"
	"sort"
)

// builder collects what the files say and joins it: SNOMED CT codes are spread over all of them.
type builder struct {
	reg    *Registry
	snomed map[string]*Concept
	tags   map[string]string // SNOMED code → semantic tag the public list gives
}

func newBuilder() *builder {
	return &builder{
		reg: &Registry{systemsByURL: map[string]*System{}, setsByURL: map[string]*ValueSet{}, members: map[string]map[Coding]bool{},
			memberPrefix: map[string]map[string]bool{}, openSystems: map[string][]*System{}, prefixSystems: map[string]map[string]bool{}},
		snomed: map[string]*Concept{},
		tags:   map[string]string{},
	}
}

func (b *builder) addFile(name string, f *file) error {
	for i := range f.CodeSystems {
		s, err := f.CodeSystems[i].system()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := b.addSystem(s); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for i := range f.ValueSets {
		if err := b.addSet(&f.ValueSets[i]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	b.reg.naming = append(b.reg.naming, f.NamingSystems...)
	for _, c := range f.SNOMED {
		got := b.snomedConcept(c.Code)
		if c.Display != "" {
			got.Display = c.Display
		}
		got.Parents = append(got.Parents, c.Parents...)
		for l, t := range c.Designations {
			got.Designations[l] = t
		}
	}
	return nil
}

// addSystem registers a code system; one that is already there (same URL) receives the concepts it lacks.
func (b *builder) addSystem(s *System) error {
	if s.URL == "" {
		return fmt.Errorf("a code system has no url")
	}
	if s.Name == "" {
		return fmt.Errorf("code system %s has no name", s.URL)
	}
	if old, ok := b.reg.systemsByURL[s.URL]; ok {
		have := map[string]bool{}
		for _, c := range old.Concepts {
			have[old.fold(c.Code)] = true
		}
		for _, c := range s.Concepts {
			if !have[old.fold(c.Code)] {
				old.Concepts = append(old.Concepts, c)
			}
		}
		for _, a := range s.Aliases {
			old.Aliases = append(old.Aliases, a)
			b.reg.systemsByURL[a] = old
		}
		return nil
	}
	b.reg.systems = append(b.reg.systems, s)
	b.reg.systemsByURL[s.URL] = s
	for _, a := range s.Aliases {
		b.reg.systemsByURL[a] = s
	}
	return nil
}

func (b *builder) addSet(f *fileSet) error {
	if f.URL == "" {
		return fmt.Errorf("a value set has no url")
	}
	if _, ok := b.reg.setsByURL[f.URL]; ok {
		return fmt.Errorf("value set %s is defined twice", f.URL)
	}
	v := &ValueSet{URL: f.URL, Aliases: f.Aliases, Name: f.Name, Status: f.Status, Note: f.Note, BoundAt: f.BoundAt, AlsoAccept: f.AlsoAccept}
	for _, in := range f.Include {
		inc := Include{System: in.System, All: in.AllCodes, ValueSet: in.ValueSet, Variant: in.Variant, SemanticTag: in.SemanticTag}
		for _, c := range in.Concepts {
			c.System = in.System
			inc.Concepts = append(inc.Concepts, c)
			b.noteSNOMED(c)
		}
		for _, code := range in.CodesOnly {
			c := Coding{System: in.System, Code: code}
			inc.Concepts = append(inc.Concepts, c)
			b.noteSNOMED(c)
			if in.System == SNOMED && in.SemanticTag != "" {
				b.tags[code] = in.SemanticTag
			}
		}
		if inc.ValueSet == "" && !inc.All && len(inc.Concepts) == 0 {
			return fmt.Errorf("value set %s: an include names neither codes nor a value set", f.URL)
		}
		v.Include = append(v.Include, inc)
	}
	b.reg.sets = append(b.reg.sets, v)
	b.reg.setsByURL[v.URL] = v
	for _, a := range v.Aliases {
		b.reg.setsByURL[a] = v
	}
	return nil
}

func (b *builder) noteSNOMED(c Coding) {
	if c.System != SNOMED {
		return
	}
	got := b.snomedConcept(c.Code)
	if got.Display == "" {
		got.Display = c.Display
	}
}

func (b *builder) snomedConcept(code string) *Concept {
	c, ok := b.snomed[code]
	if !ok {
		c = &Concept{Code: code, Designations: map[string]string{}, Properties: map[string]string{}}
		b.snomed[code] = c
	}
	return c
}

// finish joins the SNOMED CT fragment, checks references and builds the indexes.
func (b *builder) finish() (*Registry, error) {
	r := b.reg
	s := &System{URL: SNOMED, Name: "SNOMED_CT", Title: "SNOMED CT (sandbox fragment)", Status: "active", CaseSensitive: true,
		Content: ContentFragment, Pattern: regexp.MustCompile(`^[0-9]{6,18}$`),
		Note:      "only codes named by the public Belgian guides, with short labels of the sandbox and a small is-a skeleton for demonstrations",
		Copyright: "SNOMED CT® is © and ® SNOMED International; use needs an Affiliate Licence (Belgium: MLDS). Labels here are the sandbox's own."}
	for code, c := range b.snomed {
		if t := b.tags[code]; t != "" {
			c.Properties["semanticTag"] = t
		}
		if c.Display == "" {
			c.Display = code
			if t := b.tags[code]; t != "" {
				c.Display = t + " " + code
			}
		}
		s.Concepts = append(s.Concepts, c)
	}
	sort.Slice(s.Concepts, func(i, j int) bool { return lessID(s.Concepts[i].Code, s.Concepts[j].Code) })
	if err := b.addSystem(s); err != nil {
		return nil, err
	}
	for _, s := range r.systems {
		s.byCode = make(map[string]*Concept, len(s.Concepts))
		for _, c := range s.Concepts {
			k := s.fold(c.Code)
			if _, dup := s.byCode[k]; dup {
				return nil, fmt.Errorf("code system %s: code %s is listed twice", s.URL, c.Code)
			}
			s.byCode[k] = c
		}
		for _, c := range s.Concepts {
			if p, ok := prefix15(c.Code); ok && s.URL == SNOMED {
				put(r.prefixSystems, s.URL, p)
			}
			for _, p := range c.Parents {
				if _, ok := s.byCode[s.fold(p)]; !ok {
					return nil, fmt.Errorf("code system %s: parent %s of %s is not listed", s.URL, p, c.Code)
				}
			}
		}
	}
	for _, v := range r.sets {
		r.members[v.URL] = map[Coding]bool{}
		if err := b.collect(v, v, map[string]bool{}); err != nil {
			return nil, err
		}
	}
	for _, c := range internalSNOMED() {
		s.byCode[c.Code] = c
	}
	return r, nil
}

// collect adds the members of from to the index of into, following inclusion of other value sets.
func (b *builder) collect(into, from *ValueSet, seen map[string]bool) error {
	if seen[from.URL] {
		return fmt.Errorf("value set %s includes itself", from.URL)
	}
	seen[from.URL] = true
	defer delete(seen, from.URL)
	r := b.reg
	add := func(c Coding) {
		url, code := r.canonicalSystem(c.System), c.Code
		if s, ok := r.systemsByURL[url]; ok {
			code = s.fold(code)
		}
		r.members[into.URL][Coding{System: url, Code: code}] = true
		if p, ok := prefix15(code); ok && url == SNOMED {
			put(r.memberPrefix, into.URL, p)
		}
	}
	for _, in := range from.Include {
		switch {
		case in.ValueSet != "":
			other, ok := r.ValueSet(in.ValueSet)
			if !ok {
				return fmt.Errorf("value set %s includes %s, which is not here", from.URL, in.ValueSet)
			}
			if err := b.collect(into, other, seen); err != nil {
				return err
			}
		case in.All:
			s, ok := r.System(in.System)
			if !ok {
				return fmt.Errorf("value set %s includes all of %s, which is not here", from.URL, in.System)
			}
			r.openSystems[into.URL] = append(r.openSystems[into.URL], s)
		default:
			for _, c := range in.Concepts {
				add(c)
			}
		}
	}
	for _, c := range from.AlsoAccept {
		add(c)
	}
	return nil
}

func put(m map[string]map[string]bool, a, b string) {
	if m[a] == nil {
		m[a] = map[string]bool{}
	}
	m[a][b] = true
}

// lessID orders decimal ids by value.
func lessID(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
