package scg

import "fmt"

// Error is a text that is no expression. Column counts characters from 1.
type Error struct {
	Column int
	Text   string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s at character %d", e.Text, e.Column) }

// Expression is a set of focus concepts and what refines them.
type Expression struct {
	// Subtype tells that the expression is only necessary, not sufficient (<<<); the usual meaning is equivalence (===).
	Subtype    bool
	Focus      []Concept
	Attributes []Attribute   // ungrouped
	Groups     [][]Attribute // none is empty
}

// Concept is a concept by its identifier, with the term that was written beside it.
type Concept struct {
	ID     uint64
	Term   string // "" when none was given
	Column int
}

// Attribute is one name and value.
type Attribute struct {
	Name  Concept
	Value Value
}

// Value is an expression, which is one concept in most cases, or a literal.
type Value struct {
	Expression *Expression
	Literal    string // #10, #-0.5, "text" (quotes and escapes as written), true, false; "" when it is an expression
	Column     int
}

// Plain gives the only concept of an expression that is nothing but a concept.
func (e *Expression) Plain() (Concept, bool) {
	if e.Subtype || len(e.Focus) != 1 || len(e.Attributes) > 0 || len(e.Groups) > 0 {
		return Concept{}, false
	}
	return e.Focus[0], true
}

// Refined tells whether the expression says more than its focus concepts.
func (e *Expression) Refined() bool { return len(e.Attributes) > 0 || len(e.Groups) > 0 }

// Walk calls f with every attribute of the expression and of the expressions within it.
func (e *Expression) Walk(f func(of *Expression, a *Attribute, grouped bool)) {
	one := func(list []Attribute, grouped bool) {
		for i := range list {
			f(e, &list[i], grouped)
			if v := list[i].Value.Expression; v != nil {
				v.Walk(f)
			}
		}
	}
	one(e.Attributes, false)
	for _, g := range e.Groups {
		one(g, true)
	}
}

// Concepts calls f with every concept the expression names, in the order in which they are written.
func (e *Expression) Concepts(f func(c Concept)) {
	for _, c := range e.Focus {
		f(c)
	}
	one := func(list []Attribute) {
		for _, a := range list {
			f(a.Name)
			if a.Value.Expression != nil {
				a.Value.Expression.Concepts(f)
			}
		}
	}
	one(e.Attributes)
	for _, g := range e.Groups {
		one(g)
	}
}
