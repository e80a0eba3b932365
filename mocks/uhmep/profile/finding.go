package profile

// Aspect says which part of a profile a finding comes from. The order of the API's checks follows from it.
type Aspect string

// The aspects.
const (
	Cardinality Aspect = "cardinality" // too few or too many, forbidden elements
	Types       Aspect = "type"        // type of a choice, target of a reference, definition of an extension
	Slices      Aspect = "slice"       // an item in no slice of a closed list
	Fixed       Aspect = "fixed"
	Invariants  Aspect = "invariant"
	Binding     Aspect = "binding"
)

// Severities of findings.
const (
	Error       = "error"
	Warning     = "warning"
	Information = "information"
)

// Finding is one departure from a profile. Path is a FHIRPath, Element the place as in JSON with slice names. Missing tells that
// the element is absent.
type Finding struct {
	Aspect                        Aspect
	Severity, Rule, Path, Element string
	Text, Got, Want               string
	Missing                       bool
}

func find(aspect Aspect, rule string, at *Node, text, got, want string) Finding {
	return Finding{Aspect: aspect, Severity: Error, Rule: rule, Path: at.Path(), Element: at.Element(), Text: text, Got: got, Want: want}
}
