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
	MemberOf bool
	Any      bool   // *
	ID       uint64 // a concept, when not Any and Inner is nil
	Term     string
	Column   int
	Inner    Node
	Filters  []Filter
	History  *History
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
	Kind       string // C or D
	Conditions []Condition
}

// Condition compares one property of a concept or description.
type Condition struct {
	Name    string // lower case
	Compare string
	Words   []string // literal values: true, dialect names, language codes, effective times, type tokens
	Terms   []SearchTerm
	Set     Node // concept values
	Column  int
}

// SearchTerm is a text to look for; Wild compares it as a pattern with *.
type SearchTerm struct {
	Text  string
	Wild  bool
	Exact bool
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
