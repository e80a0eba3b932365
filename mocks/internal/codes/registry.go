package codes

import "strings"

// Registry answers questions about the code systems and value sets of the sandbox. It is immutable and safe for all goroutines.
type Registry struct {
	systems       []*System
	sets          []*ValueSet
	naming        []NamingSystem
	systemsByURL  map[string]*System
	setsByURL     map[string]*ValueSet
	members       map[string]map[Coding]bool // value set URL → members (Display empty, codes folded as their system asks)
	memberPrefix  map[string]map[string]bool // value set URL → first 15 digits of members with 16 or more
	openSystems   map[string][]*System       // value set URL → systems included whole
	prefixSystems map[string]map[string]bool // system URL → first 15 digits of codes with 16 or more
}

// Systems lists all code systems in the order of their sources.
func (r *Registry) Systems() []*System { return r.systems }

// ValueSets lists all value sets in the order of their sources.
func (r *Registry) ValueSets() []*ValueSet { return r.sets }

// NamingSystems lists the identifier namespaces.
func (r *Registry) NamingSystems() []NamingSystem { return r.naming }

// System finds a code system by URL or alias; a "|version" is ignored.
func (r *Registry) System(url string) (*System, bool) {
	s, ok := r.systemsByURL[bare(url)]
	return s, ok
}

// ValueSet finds a value set by URL or alias; a "|version" is ignored.
func (r *Registry) ValueSet(url string) (*ValueSet, bool) {
	v, ok := r.setsByURL[bare(url)]
	return v, ok
}

// Member tells whether a code belongs to a value set. known is false when that cannot be said: the value set is not here, or the
// code is not listed in a system of which only a fragment is carried. Aliases count as their system. SNOMED CT ids of 16 digits or
// more also match on their first 15 digits, because the public lists went through a spreadsheet that rounds there.
func (r *Registry) Member(valueSet, system, code string) (member, known bool) {
	vs, ok := r.ValueSet(valueSet)
	if !ok {
		return false, false
	}
	sysURL := r.canonicalSystem(system)
	folded := code
	if s, ok := r.systemsByURL[sysURL]; ok {
		folded = s.fold(code)
	}
	if r.members[vs.URL][Coding{System: sysURL, Code: folded}] {
		return true, true
	}
	if sysURL == SNOMED {
		if p, ok := prefix15(code); ok && r.memberPrefix[vs.URL][p] {
			return true, true
		}
	}
	for _, s := range r.openSystems[vs.URL] {
		if s.URL != sysURL {
			continue
		}
		has, known := s.Has(code)
		if !known {
			return false, false
		}
		if has {
			return true, true
		}
	}
	return false, true
}

// CodeSystemHas tells whether a code system has a code. known is false when the system is not here or only a fragment of it is and
// the code, though well formed, is not in it.
func (r *Registry) CodeSystemHas(system, code string) (has, known bool) {
	s, ok := r.System(system)
	if !ok {
		return false, false
	}
	if has, known = s.Has(code); has || known {
		return has, known
	}
	if p, ok := prefix15(code); ok && r.prefixSystems[s.URL][p] {
		return true, true
	}
	return false, false
}

// Display gives the label of a code in a language ("nl", "nl-BE", "fr"…), else the default label, else "".
func (r *Registry) Display(system, code, lang string) string {
	s, ok := r.System(system)
	if !ok {
		return ""
	}
	c, ok := s.Concept(code)
	if !ok {
		return ""
	}
	return c.Label(lang)
}

// Has tells whether the system has the code, and whether that can be known.
func (s *System) Has(code string) (has, known bool) {
	if _, ok := s.byCode[s.fold(code)]; ok {
		return true, true
	}
	if code == "" || s.Content == ContentComplete {
		return false, true
	}
	if s.Pattern != nil && !s.Pattern.MatchString(code) {
		return false, true
	}
	return false, false
}

// Concept finds a code of the system.
func (s *System) Concept(code string) (*Concept, bool) {
	c, ok := s.byCode[s.fold(code)]
	return c, ok
}

// Label gives the concept's label in a language, by the primary subtag, else the default one.
func (c *Concept) Label(lang string) string {
	primary, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if l, ok := c.Designations[primary]; ok && l != "" {
		return l
	}
	return c.Display
}

func (s *System) fold(code string) string {
	if s.CaseSensitive {
		return code
	}
	return strings.ToLower(code)
}

func (r *Registry) canonicalSystem(url string) string {
	if s, ok := r.System(url); ok {
		return s.URL
	}
	return bare(url)
}

func bare(url string) string {
	u, _, _ := strings.Cut(url, "|")
	return u
}

// prefix15 gives the digits a rounded SNOMED CT id keeps.
func prefix15(code string) (string, bool) {
	if len(code) < 16 || len(code) > 18 {
		return "", false
	}
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return "", false
		}
	}
	return code[:15], true
}
