package tree

import "fmt"

// Rules a document can break while it is read. They follow the JSON section of the FHIR specification.
const (
	RuleSyntax    = "json-syntax"           // not JSON (RFC 8259), or something after the end
	RuleUTF8      = "json-utf8"             // bytes that are not UTF-8
	RuleSurrogate = "json-lone-surrogate"   // \ud800…\udfff without its partner
	RuleObject    = "json-resource"         // the document is not an object with a resourceType
	RuleDuplicate = "json-duplicate-member" // a member name twice in one object
	RuleCapital   = "json-member-name"      // a member name that starts with a capital or is empty
	RuleEmpty     = "json-empty"            // an empty string, object or array
	RuleNull      = "json-null"             // null outside the arrays of primitives, or without a partner in _name
	RuleNested    = "json-nested-array"     // an array straight inside an array
	RuleDepth     = "json-depth"            // nested deeper than the limit
)

// Problem is one break of FHIR's JSON rules. Line and Column count from 1, Column in bytes. Path is the FHIRPath of the element.
type Problem struct {
	Rule, Path, Text string
	Line, Column     int
}

// Error gives rule, place and reason.
func (p *Problem) Error() string {
	where := p.Path
	if where == "" {
		where = "document"
	}
	return fmt.Sprintf("%s: %s at line %d, column %d (%s)", p.Rule, p.Text, p.Line, p.Column, where)
}

// Limits bound what Parse accepts. Zero values mean the defaults.
type Limits struct {
	Depth    int // nested objects and arrays, default 64
	Problems int // problems reported before Parse stops looking, default 50
}

func (l Limits) depth() int {
	if l.Depth > 0 {
		return l.Depth
	}
	return 64
}

func (l Limits) problems() int {
	if l.Problems > 0 {
		return l.Problems
	}
	return 50
}
