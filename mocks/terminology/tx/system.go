package tx

import (
	"cmp"
	"context"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Set is a set of concepts of one code system, by their numbers.
type Set = snomed.Set

// Info describes one version of a code system.
type Info struct {
	URL, Version, ID  string
	Name, Title       string
	Status, Standards string // publication status; standards status (deprecated, withdrawn)
	Content           string // complete, fragment, example, not-present, supplement
	Language          string
	Experimental      bool
	CaseSensitive     bool
	Compositional     bool
	Supplements       string // canonical that a supplement supplements
	Copyright         string
	Raw               Object
	UnknownMayExist   bool // only a fragment is here: an unknown code is no error
	HasHierarchy      bool
}

// Canonical is url|version.
func (i *Info) Canonical() string { return canonical(i.URL, i.Version) }

func canonical(url, version string) string {
	if version == "" {
		return url
	}
	return url + "|" + version
}

func splitCanonical(c string) (url, version string) {
	url, version, _ = strings.Cut(c, "|")
	return url, version
}

// Coding is a code with its system.
type Coding struct{ System, Version, Code, Display string }

func readCoding(o Object) Coding {
	c := Coding{str(o, "system"), str(o, "version"), str(o, "code"), str(o, "display")}
	return c.split()
}

// split takes the version out of a system written as system|version.
func (c Coding) split() Coding {
	if u, v := splitCanonical(c.System); v != "" {
		c.System, c.Version = u, cmp.Or(c.Version, v)
	}
	return c
}

func (c Coding) object() Object {
	o := Object{}
	for k, v := range map[string]string{"system": c.System, "version": c.Version, "code": c.Code, "display": c.Display} {
		if v != "" {
			o[k] = v
		}
	}
	return o
}

// Designation is one term of a concept.
type Designation struct {
	Language string
	Use      *Coding
	Value    string
	Inactive bool
	Status   string // withdrawn, retired or deprecated, when it says so
	Extra    []any  // extensions
}

func (d Designation) object() Object {
	o := Object{"value": d.Value}
	if d.Language != "" {
		o["language"] = d.Language
	}
	if d.Use != nil {
		o["use"] = d.Use.object()
	}
	if len(d.Extra) > 0 {
		o["extension"] = d.Extra
	}
	return o
}

// hasUse tells whether the use of the term is this concept of SNOMED CT.
func (d Designation) hasUse(use uint64) bool {
	return d.Use != nil && d.Use.System == snomedURL && d.Use.Code == snomed.ID(use)
}

// isDisplay tells whether the term may stand as display in its language.
func (d Designation) isDisplay() bool {
	if d.Inactive {
		return false
	}
	if d.Use == nil {
		return true
	}
	switch d.Use.Code {
	case "display", "preferredForLanguage":
		return true
	case "900000000000013009":
		return d.Use.System == snomedURL
	}
	return false
}

// Property is one fact about a concept. Value is a string, bool, json.Number or Coding object.
type Property struct {
	Code, Type  string // Type is the suffix of value[x]
	Value       any
	Description string
	Sub         []Property
}

// System is one version of a code system. Concepts are numbered from 0; numbers are only meaningful within it.
type System interface {
	Info() *Info
	Len() int
	// Find gives the number of a code, ignoring case when the system does.
	Find(code string) (int, bool)
	Code(i int) string
	Inactive(i int) bool
	Abstract(i int) bool
	// Status is the value of the concept's status property, "" without one.
	Status(i int) string
	Definition(i int) string
	// Display is the term to show and its language; "" when the languages exclude every term.
	Display(i int, l Languages) (term, language string)
	// Designations are all terms but the default display.
	Designations(i int) []Designation
	Properties(i int) []Property
	Parents(i int) []int
	Children(i int) []int
	Subsumes(a, b int) bool
	All() Set
	// Filter selects concepts as a filter of ValueSet.compose does.
	Filter(ctx context.Context, property, op, value string) (Set, *Problem)
	// Search orders the concepts of a set whose terms match a text; total counts all matches.
	Search(text string, within Set, l Languages, skip, limit int) (hits []int, total int)
	// Each walks a set in the order in which it is shown.
	Each(s Set, l Languages, f func(i int) bool)
	// Extra are extensions of the concept that expansions repeat.
	Extra(i int) []any
}

// defaultUse marks the code system's own display among designations.
func defaultUse() *Coding {
	return &Coding{System: "http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra", Code: "preferredForLanguage"}
}
