package codes

import "regexp"

// SNOMED is the code system URI of SNOMED CT.
const SNOMED = "http://snomed.info/sct"

// How much of a code system the registry carries.
const (
	ContentComplete = "complete"        // every code is here: what is absent is wrong
	ContentFragment = "fragment"        // some codes are here: what is absent cannot be judged
	ContentSandbox  = "sandbox-defined" // the URL is public, the codes are not: ours are examples
)

// System is a code system. It is shared and must not be changed by its readers.
type System struct {
	URL           string
	Aliases       []string
	Name          string
	Title         string
	Status        string // draft, active, retired, unknown
	CaseSensitive bool
	Content       string         // ContentComplete, ContentFragment or ContentSandbox
	Pattern       *regexp.Regexp // shape of a code that is not listed; nil = anything
	Note          string
	Copyright     string
	Concepts      []*Concept // in the order of the source

	byCode map[string]*Concept // keys folded when CaseSensitive is false
}

// Concept is one code with its labels.
type Concept struct {
	Code         string
	Display      string            // English or the code itself when no label is public
	Designations map[string]string // language (nl, fr, de) to label
	Properties   map[string]string // further facts of the source, such as group or modality
	Parents      []string          // codes of direct is-a parents
	Internal     bool              // accepted on input, but no published code of the system: never listed
}

// ValueSet is a set of codes by enumeration or by inclusion of others.
type ValueSet struct {
	URL     string
	Aliases []string
	Name    string
	Status  string
	Note    string
	BoundAt []Binding
	Include []Include
	// AlsoAccept holds codes that are no members of the published list but are taken for one, such as a misprinted id in its right form.
	AlsoAccept []Coding
}

// Binding tells which element of which profile uses a value set.
type Binding struct {
	Profile  string `json:"profile"`
	Path     string `json:"path"`
	Strength string `json:"strength"`
}

// Include is one part of a value set: a whole system, listed concepts of it, or another value set.
type Include struct {
	System   string
	All      bool
	Concepts []Coding // Display may be empty
	ValueSet string
	// Variant names the published variant of the guide that adds this part; empty for the main one.
	Variant string
	// SemanticTag is the tag the public list groups its codes by; may be empty.
	SemanticTag string
}

// Coding is a code with its system; Display may be empty.
type Coding struct{ System, Code, Display string }

// NamingSystem is an identifier namespace.
type NamingSystem struct {
	System string `json:"system"`
	What   string `json:"what"`
}
