package iam

import (
	"slices"
	"strings"
)

// scopeDef is one row of iam/scopes.yaml.
type scopeDef struct {
	Name      string    `yaml:"name"`
	Shown     bool      `yaml:"shown"`
	Exchanged bool      `yaml:"exchanged"`
	Realms    []string  `yaml:"realms"`
	Roles     []roleDef `yaml:"roles"`
	Claims    []string  `yaml:"claims"`
	RoleOf    string    `yaml:"role_of"`
}

type roleDef struct {
	Client string `yaml:"client"`
	Role   string `yaml:"role"`
}

// Groups of claims that a scope may bring.
const (
	claimsProfile     = "profile"
	claimsUserProfile = "userProfile"
	claimsSSIN        = "ssin"
	claimsOrigins     = "origins"
)

func claimGroups() []string {
	return []string{claimsProfile, claimsUserProfile, claimsSSIN, claimsOrigins}
}

func (s *Service) scope(name string) (scopeDef, bool) {
	for _, d := range s.scopes {
		if d.Name == name {
			return d, true
		}
	}
	return scopeDef{}, false
}

// scopeNames lists the scopes of a realm, for discovery.
func (s *Service) scopeNames(realm string) []string {
	var out []string
	for _, d := range s.scopes {
		if slices.Contains(d.Realms, realm) {
			out = append(out, d.Name)
		}
	}
	return out
}

// silentScopes apply to every client that takes part in a flow.
func silentScopes(realm string) []string {
	if realm == M2M {
		return []string{"roles"}
	}
	return []string{"roles", "web-origins"}
}

// scopeSet is the set of scopes in force for one grant.
type scopeSet []string

func (set scopeSet) has(name string) bool { return slices.Contains(set, name) }

// resolve works out the scopes of a request: the defaults, and of the
// optional ones those asked for. bad lists the words that may not be asked.
func (s *Service) resolve(c *Client, requested string) (set scopeSet, bad []string) {
	for _, name := range c.ScopesDefault {
		set = append(set, name)
	}
	if !c.resource() {
		for _, name := range silentScopes(c.Realm) {
			if !set.has(name) {
				set = append(set, name)
			}
		}
	}
	for _, word := range strings.Fields(requested) {
		switch {
		case set.has(word):
		case word == "openid" || slices.Contains(c.ScopesOptional, word):
			set = append(set, word)
		default:
			bad = append(bad, word)
		}
	}
	return s.ordered(set), bad
}

// ordered sorts a set into the order of the table; scopes that the table does
// not know come last.
func (s *Service) ordered(set scopeSet) scopeSet {
	out := make(scopeSet, 0, len(set))
	for _, d := range s.scopes {
		if set.has(d.Name) {
			out = append(out, d.Name)
		}
	}
	for _, name := range set {
		if !out.has(name) {
			out = append(out, name)
		}
	}
	return out
}

// shown is the scope string of a token.
func (s *Service) shown(set scopeSet, exchanged bool) string {
	var out []string
	for _, name := range set {
		d, known := s.scope(name)
		if !known || d.Shown && (exchanged || !d.Exchanged) {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

// claimsOf tells whether the set brings a group of claims.
func (s *Service) brings(set scopeSet, group string) bool {
	return slices.ContainsFunc(set, func(name string) bool {
		d, ok := s.scope(name)
		return ok && slices.Contains(d.Claims, group)
	})
}

// misprint gives the right spelling of scopes that the registration forms
// print with automatic capitals or with an l for a capital i.
func (s *Service) misprint(word string) (string, bool) {
	lower := strings.ToLower(word)
	if rest, ok := strings.CutPrefix(lower, "lam:"); ok {
		lower = "iam:" + rest
	}
	if _, ok := s.scope(lower); ok && lower != word {
		return lower, true
	}
	return "", false
}

// scopeHint explains which words of a scope parameter are wrong, and why.
func (s *Service) scopeHint(c *Client, bad []string) string {
	var parts []string
	for _, word := range bad {
		switch right, misprinted := s.misprint(word); {
		case misprinted:
			parts = append(parts, quote(word)+" is a misprint of the form: write "+right)
		case c.Realm == M2M && word == "iam:connect:exchange":
			parts = append(parts, "iam:connect:exchange does not exist in "+M2M+": request two tokens instead")
		default:
			if d, known := s.scope(word); known && slices.Contains(d.Realms, c.Realm) {
				parts = append(parts, quote(word)+" is not registered for client "+c.ClientID)
			} else if known {
				parts = append(parts, quote(word)+" exists only in realm "+strings.Join(d.Realms, ", "))
			} else {
				parts = append(parts, quote(word)+" is unknown; did you mean "+nearest(word, s.scopeNames(c.Realm))+"?")
			}
		}
	}
	return strings.Join(parts, "; ")
}
