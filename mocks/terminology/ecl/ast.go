package ecl

import "fmt"

// Error is an expression that cannot be read or evaluated. Column counts characters from 1.
type Error struct {
	Column      int
	Text        string
	Unsupported bool // the construct is part of the language, but not of this implementation
	UnknownID   bool // the expression is well formed but names a concept that does not exist
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("ECL: %s (column %d)", e.Text, e.Column) }

// Operators of a sub-expression.
const (
	opSelf             = ""
	opDescendant       = "<"
	opDescendantOrSelf = "<<"
	opChild            = "<!"
	opChildOrSelf      = "<<!"
	opAncestor         = ">"
	opAncestorOrSelf   = ">>"
	opParent           = ">!"
	opParentOrSelf     = ">>!"
	opTop              = "!!>"
	opBottom           = "!!<"
)

// Node is a part of an expression.
type Node interface{ node() }

// Compound joins operands by AND, OR or MINUS.
type Compound struct {
	Op       string
	Operands []Node
}

// Sub is a focus with its operator, membership and filters.
type Sub struct {
	Op       string
	MemberOf bool         // ^
	Field    *MemberField // ^ [field]: what of the members is wanted instead of referencedComponentId
	Contains bool         // ^R: the reference sets that hold the focus
	Any      bool         // *
	ID       uint64       // a concept, when not Any and Inner is nil and there is no Scheme
	Scheme   string       // alternate identifier: what stands before #
	Code     string       // and behind it
	Term     string
	Column   int
	Inner    Node
	Filters  []Filter
	History  *History
}

// MemberField is a column of a reference set, as written.
type MemberField struct {
	Name   string
	Column int
}

// Refined is an expression with a refinement.
type Refined struct {
	Base       Node
	Refinement Refinement
}

// Dotted follows attributes from the base to their values.
type Dotted struct {
	Base  Node
	Attrs []Node
}

func (*Compound) node() {}
func (*Sub) node()      {}
func (*Refined) node()  {}
func (*Dotted) node()   {}

// Refinement is a condition on attributes.
type Refinement interface{ refinement() }

// RefCompound joins refinements by AND or OR.
type RefCompound struct {
	Op    string
	Items []Refinement
}

// Group asks for attributes within one role group.
type Group struct {
	Min, Max int // Max < 0 = any number
	Inner    Refinement
}

// Attribute asks for attribute values.
type Attribute struct {
	Min, Max int
	Reverse  bool
	Name     Node
	Compare  string // = != < <= > >=
	Value    Node   // concept values
	Number   *float64
	Text     []string
	Bool     *bool
	Column   int
}

func (*RefCompound) refinement() {}
func (*Group) refinement()       {}
func (*Attribute) refinement()   {}

// Filter is one {{ }} with its conditions.
type Filter struct {
	Kind       string // C, D or M
	Conditions []Condition
}

// Condition compares one property of a concept, description or member with one of the values given.
type Condition struct {
	Name     string // keywords in lower case, fields of members as written
	Compare  string // = != < <= > >=
	Words    []string
	Terms    []SearchTerm
	Set      Node // concept values
	IDs      []uint64
	Times    []uint32 // YYYYMMDD, or unpublished
	Number   *float64
	Dialects []Dialect
	Column   int
	Value    int // column of the value
}

// Dialect is a language reference set, or several, with the acceptability asked for.
type Dialect struct {
	Refset uint64 // of an alias; 0 when there is a Set
	Set    Node
	Accept []uint64 // Preferred, Acceptable; empty = any
}

// History asks for inactive concepts that point at the result.
type History struct {
	Profile string // MIN, MOD, MAX
	Sets    Node   // or these reference sets
}

// Walk calls f with every sub-expression of a tree.
func Walk(n Node, f func(*Sub)) {
	switch x := n.(type) {
	case *Compound:
		for _, o := range x.Operands {
			Walk(o, f)
		}
	case *Sub:
		f(x)
		if x.Inner != nil {
			Walk(x.Inner, f)
		}
		for i := range x.Filters {
			for _, c := range x.Filters[i].Conditions {
				if c.Set != nil {
					Walk(c.Set, f)
				}
				for _, d := range c.Dialects {
					if d.Set != nil {
						Walk(d.Set, f)
					}
				}
			}
		}
		if x.History != nil && x.History.Sets != nil {
			Walk(x.History.Sets, f)
		}
	case *Refined:
		Walk(x.Base, f)
		walkRefinement(x.Refinement, f)
	case *Dotted:
		Walk(x.Base, f)
		for _, a := range x.Attrs {
			Walk(a, f)
		}
	}
}

func walkRefinement(r Refinement, f func(*Sub)) {
	switch x := r.(type) {
	case *RefCompound:
		for _, i := range x.Items {
			walkRefinement(i, f)
		}
	case *Group:
		walkRefinement(x.Inner, f)
	case *Attribute:
		Walk(x.Name, f)
		if x.Value != nil {
			Walk(x.Value, f)
		}
	}
}
