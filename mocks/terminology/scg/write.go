package scg

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Canonical brings an expression into its normal writing: focus concepts, attributes and groups in ascending order and without
// repetition, numbers without needless digits, no terms. Two expressions with the same canonical text say the same.
func (e *Expression) Canonical() *Expression {
	out := &Expression{Subtype: e.Subtype, Attributes: canonicalSet(e.Attributes)}
	for _, c := range e.Focus {
		out.Focus = append(out.Focus, Concept{ID: c.ID})
	}
	slices.SortFunc(out.Focus, func(a, b Concept) int { return cmp.Compare(a.ID, b.ID) })
	out.Focus = slices.CompactFunc(out.Focus, func(a, b Concept) bool { return a.ID == b.ID })
	for _, g := range e.Groups {
		out.Groups = append(out.Groups, canonicalSet(g))
	}
	slices.SortFunc(out.Groups, func(a, b []Attribute) int { return slices.CompareFunc(a, b, compareAttribute) })
	out.Groups = slices.CompactFunc(out.Groups, func(a, b []Attribute) bool { return slices.CompareFunc(a, b, compareAttribute) == 0 })
	return out
}

func canonicalSet(list []Attribute) []Attribute {
	var out []Attribute
	for _, a := range list {
		v := Value{Literal: canonicalLiteral(a.Value.Literal)}
		if a.Value.Expression != nil {
			v.Expression = a.Value.Expression.Canonical()
		}
		out = append(out, Attribute{Name: Concept{ID: a.Name.ID}, Value: v})
	}
	slices.SortFunc(out, compareAttribute)
	return slices.CompactFunc(out, func(a, b Attribute) bool { return compareAttribute(a, b) == 0 })
}

// canonicalLiteral drops the plus sign and the zeros that end a fraction.
func canonicalLiteral(s string) string {
	n, ok := strings.CutPrefix(s, "#")
	if !ok {
		return s
	}
	n = strings.TrimPrefix(n, "+")
	if strings.Contains(n, ".") {
		n = strings.TrimRight(strings.TrimRight(n, "0"), ".")
	}
	if n == "-0" {
		n = "0"
	}
	return "#" + n
}

func compareAttribute(a, b Attribute) int {
	return cmp.Or(cmp.Compare(a.Name.ID, b.Name.ID), compareValue(a.Value, b.Value))
}

func compareValue(a, b Value) int {
	switch {
	case a.Expression == nil && b.Expression == nil:
		return cmp.Compare(a.Literal, b.Literal)
	case a.Expression == nil:
		return 1
	case b.Expression == nil:
		return -1
	}
	x, y := a.Expression, b.Expression
	byID := func(a, b Concept) int { return cmp.Compare(a.ID, b.ID) }
	return cmp.Or(slices.CompareFunc(x.Focus, y.Focus, byID), slices.CompareFunc(x.Attributes, y.Attributes, compareAttribute),
		slices.CompareFunc(x.Groups, y.Groups, func(a, b []Attribute) int { return slices.CompareFunc(a, b, compareAttribute) }))
}

// String writes the expression in its order, without terms and blanks.
func (e *Expression) String() string { return e.Write(nil) }

// Write writes the expression in its order and without blanks: id|term|:{id|term|=id|term|}. term gives the term of a concept; nil
// leaves the terms out.
func (e *Expression) Write(term func(id uint64) string) string {
	w := &writer{term: term}
	if e.Subtype {
		w.WriteString("<<<")
	}
	w.expression(e)
	return w.String()
}

type writer struct {
	strings.Builder
	term func(uint64) string
}

func (w *writer) expression(e *Expression) {
	for n, c := range e.Focus {
		if n > 0 {
			w.WriteByte('+')
		}
		w.concept(c.ID)
	}
	if !e.Refined() {
		return
	}
	w.WriteByte(':')
	w.attributes(e.Attributes)
	for n, g := range e.Groups {
		if n > 0 || len(e.Attributes) > 0 {
			w.WriteByte(',')
		}
		w.WriteByte('{')
		w.attributes(g)
		w.WriteByte('}')
	}
}

func (w *writer) attributes(list []Attribute) {
	for n, a := range list {
		if n > 0 {
			w.WriteByte(',')
		}
		w.concept(a.Name.ID)
		w.WriteByte('=')
		switch v := a.Value; {
		case v.Expression == nil:
			w.WriteString(v.Literal)
		case len(v.Expression.Focus) == 1 && !v.Expression.Refined():
			w.concept(v.Expression.Focus[0].ID)
		default:
			w.WriteByte('(')
			w.expression(v.Expression)
			w.WriteByte(')')
		}
	}
}

func (w *writer) concept(id uint64) {
	w.WriteString(strconv.FormatUint(id, 10))
	if w.term == nil {
		return
	}
	// A pipe would end the term.
	if t := strings.ReplaceAll(w.term(id), "|", "/"); t != "" {
		w.WriteString("|" + t + "|")
	}
}

// Bare drops terms, comments and white space from the text of an expression and keeps everything else as it is written.
func Bare(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		case strings.HasPrefix(s[i:], "/*"):
			if end := strings.Index(s[i+2:], "*/"); end >= 0 {
				i += end + 3
			}
		case c == '|':
			if end := strings.IndexByte(s[i+1:], '|'); end >= 0 {
				i += end + 1
			}
		case c == '"':
			from := i
			for i++; i < len(s) && s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
			b.WriteString(s[from:min(i+1, len(s))])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
