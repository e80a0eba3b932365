package profile

import (
	"fmt"
	"strconv"
	"strings"
)

// File is a profile as written in fixtures/uhmep/profiles. Its rules add to those of its parents; a rule for the same path and
// aspect replaces the parent's.
type File struct {
	ID         string    `yaml:"id"`
	URL        string    `yaml:"url"`     // canonical, "" for a fragment that only other files build on
	Aliases    []string  `yaml:"aliases"` // other canonicals that are accepted
	Resource   string    `yaml:"resource"`
	Title      string    `yaml:"title"`
	Source     string    `yaml:"source"` // where the facts come from
	Parents    []string  `yaml:"parents"`
	Slicing    []Slicing `yaml:"slicing"`
	Elements   []Element `yaml:"elements"`
	Forbidden  []string  `yaml:"forbidden"` // short for elements with card 0..0
	Invariants []string  `yaml:"invariants"`
}

// Slicing says how the items of an array are told apart.
type Slicing struct {
	Path   string            `yaml:"path"` // path of the array, without slice names
	By     string            `yaml:"by"`   // url, system, coding.system, resourceType, extension-code
	URL    string            `yaml:"url"`  // extension-code: URL of the extension whose valueCode decides
	Closed bool              `yaml:"closed"`
	Slices map[string]string `yaml:"slices"`
}

// Element is a row: the rules for one path.
type Element struct {
	Path    string   `yaml:"path"` // category[discipline].coding, occurrence[x]
	Card    string   `yaml:"card"`
	Types   []string `yaml:"types"`   // allowed types of a choice
	Targets []string `yaml:"targets"` // allowed resource types of a reference
	Fixed   string   `yaml:"fixed"`
	Accept  []string `yaml:"accept"` // other values taken with an information issue
	Codes   []string `yaml:"codes"`  // allowed values of a primitive
	Bind    *Bind    `yaml:"bind"`
	Profile string   `yaml:"profile"` // the element must meet this profile
	Note    string   `yaml:"note"`

	steps    []step
	min, max int // max -1 is unbounded
	from     string
}

// Bind ties an element to a value set.
type Bind struct {
	ValueSet string   `yaml:"valueSet"`
	Strength string   `yaml:"strength"` // required, extensible, preferred, example
	System   string   `yaml:"system"`   // for an element of type code: the system its codes are of
	Or       []string `yaml:"or"`       // systems whose codes are taken as well
}

type step struct {
	name, slice string
	choice      bool
}

// parsePath reads "category[discipline].coding" and "occurrence[x]".
func parsePath(path string) ([]step, error) {
	if path == "" {
		return nil, fmt.Errorf("an element has no path")
	}
	var steps []step
	for _, segment := range strings.Split(path, ".") {
		name, rest, sliced := strings.Cut(segment, "[")
		slice, ok := strings.CutSuffix(rest, "]")
		if name == "" || sliced && (!ok || slice == "") {
			return nil, fmt.Errorf("path %q is not understood", path)
		}
		s := step{name: name, slice: slice}
		if slice == "x" {
			s.slice, s.choice = "", true
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func (e *Element) prepare(from string) error {
	var err error
	e.from = from
	if e.steps, err = parsePath(e.Path); err != nil {
		return err
	}
	e.min, e.max, err = parseCard(e.Card)
	if err != nil {
		return fmt.Errorf("element %s: %w", e.Path, err)
	}
	if e.Bind != nil && e.Bind.Strength == "" {
		return fmt.Errorf("element %s: the binding has no strength", e.Path)
	}
	return nil
}

func parseCard(card string) (low, high int, err error) {
	if card == "" {
		return 0, -1, nil
	}
	from, to, ok := strings.Cut(card, "..")
	if !ok {
		return 0, 0, fmt.Errorf("cardinality %q is not min..max", card)
	}
	if low, err = strconv.Atoi(from); err != nil {
		return 0, 0, fmt.Errorf("cardinality %q is not min..max", card)
	}
	if to == "*" {
		return low, -1, nil
	}
	if high, err = strconv.Atoi(to); err != nil || high < low {
		return 0, 0, fmt.Errorf("cardinality %q is not min..max", card)
	}
	return low, high, nil
}

// rule is the id of one aspect of the row.
func (e *Element) rule(aspect Aspect) string { return e.from + "/" + e.Path + ":" + string(aspect) }

// arrayPath is the path without slice names, as the slicing rows give it.
func arrayPath(steps []step) string {
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = s.name
	}
	return strings.Join(names, ".")
}
