package basecheck

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Kind says what sort of base rule is broken.
type Kind string

// The kinds of problems.
const (
	Unknown   Kind = "r4-unknown-element" // a member that the type does not have
	Type      Kind = "r4-json-type"       // an object where a text belongs, an array where one value belongs …
	Choice    Kind = "r4-choice"          // two types of one choice element
	Resource  Kind = "r4-resource-type"   // no such resource type
	Value     Kind = "r4-value"           // a primitive that breaks its format or range
	Code      Kind = "r4-code"            // a code outside a closed set of the base specification
	Required  Kind = "r4-required"        // an element the base specification demands
	Reference Kind = "r4-reference-type"  // a literal reference to a type not allowed there
)

// Problem is one finding. Path is a FHIRPath (ServiceRequest.occurrence.repeat), Element the same place as written in JSON
// (ServiceRequest.occurrenceTiming.repeat). For an unknown or a missing element both name the element itself.
type Problem struct {
	Kind                Kind
	Path, Element, Text string
}

// Checker is safe for use by several goroutines.
type Checker struct {
	unmarshaller *jsonformat.Unmarshaller
}

// MaxDepth is how many levels of elements a resource may have.
const MaxDepth = 64

// New makes a Checker and warms it up: the first parse builds tables for some ten milliseconds.
func New() (*Checker, error) {
	u, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	if err != nil {
		return nil, fmt.Errorf("open the R4 checker: %w", err)
	}
	u.MaxNestingDepth = MaxDepth
	c := &Checker{unmarshaller: u}
	warm := tree.Object{"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": tree.Object{"display": "x"}}
	if problems := c.Check(warm); len(problems) > 0 {
		return nil, fmt.Errorf("warm up the R4 checker: %s: %s", problems[0].Path, problems[0].Text)
	}
	return c, nil
}

// maxProblems bounds the list of one resource: a body of many small mistakes must not cost more than a good one.
const maxProblems = 100

// Check returns the problems of a resource and of the resources inside it, ordered by path, at most maxProblems for each
// resource. The tree is not changed.
func (c *Checker) Check(doc tree.Object) []Problem {
	kind := tree.Text(doc, "resourceType")
	return ordered(c.check(doc, kind))
}

// check examines one resource whose place in the document is prefix, and those inside it.
func (c *Checker) check(doc tree.Object, prefix string) []Problem {
	alone, inner := detach(doc)
	found, complete := c.run(alone, prefix)
	problems := append(misplacedPrimitives(alone, prefix), found...)
	if !complete && len(found) < maxProblems {
		// jsonformat looks for missing elements, formats and reference types only in what it could read. Without what it could
		// not read it gets that far, and the client learns everything at once.
		again, _ := c.run(without(alone, prefix, found), prefix)
		problems = append(problems, notCausedBy(again, found)...)
	}
	problems = ordered(problems)
	for _, part := range inner {
		problems = append(problems, c.check(part.resource, prefix+part.path)...)
	}
	return problems
}

// run makes one pass. complete is false when the first phase found something, so that the second did not take place.
func (c *Checker) run(doc tree.Object, prefix string) (problems []Problem, complete bool) {
	collect := &collector{}
	_, err := c.unmarshaller.UnmarshalWithErrorReporter(tree.Encode(fillNulls(doc)), collect)
	collect.add("", err)
	for _, f := range collect.found {
		problems = append(problems, f.problem(doc, prefix))
	}
	return ordered(problems), err == nil
}

// ordered sorts problems by path, drops those of the same kind and place, and cuts the list.
func ordered(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.Element != b.Element {
			return comparePaths(a.Element, b.Element)
		}
		return strings.Compare(string(a.Kind)+a.Text, string(b.Kind)+b.Text)
	})
	problems = slices.CompactFunc(problems, func(a, b Problem) bool { return a.Kind == b.Kind && a.Element == b.Element })
	return problems[:min(len(problems), maxProblems)]
}

// comparePaths orders by segment, indexes as numbers, so that note[2] stands before note[10].
func comparePaths(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(as) && i < len(bs); i++ {
		if as[i] == bs[i] {
			continue
		}
		an, ai := splitIndex(as[i])
		bn, bi := splitIndex(bs[i])
		if an != bn {
			return strings.Compare(an, bn)
		}
		return ai - bi
	}
	return len(as) - len(bs)
}

// splitIndex takes "note[2]" apart; the index is -1 when there is none.
func splitIndex(segment string) (string, int) {
	name, rest, ok := strings.Cut(segment, "[")
	if !ok {
		return segment, -1
	}
	n, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	if err != nil {
		return segment, -1
	}
	return name, n
}
