package scg

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of an expression.
const (
	MaxLength = 10000 // characters
	MaxDepth  = 64    // brackets within brackets
)

// Parse reads an expression. The error is an *Error.
func Parse(s string) (*Expression, error) {
	if !utf8.ValidString(s) {
		return nil, &Error{Column: 1, Text: "the text is not valid UTF-8"}
	}
	if utf8.RuneCountInString(s) > MaxLength {
		return nil, &Error{Column: MaxLength + 1, Text: fmt.Sprintf("the expression is longer than %d characters", MaxLength)}
	}
	p := &parser{s: s}
	p.space()
	subtype := false
	switch {
	case p.take("==="):
	case p.take("<<<"):
		subtype = true
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	e.Subtype = subtype
	if p.i < len(p.s) {
		return nil, p.trailing()
	}
	return e, nil
}

type parser struct {
	s     string
	i     int
	depth int
}

func (p *parser) column() int { return utf8.RuneCountInString(p.s[:p.i]) + 1 }

// fail reports what was found missing, with the character that stands there instead.
func (p *parser) fail(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if p.i >= len(p.s) {
		return &Error{Column: p.column(), Text: text + " (the expression ends here)"}
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.i:])
	return &Error{Column: p.column(), Text: fmt.Sprintf("%s (next char = %q, in %q)", text, string(r), p.near())}
}

// near quotes the text around the place.
func (p *parser) near() string {
	runes := []rune(p.s)
	at := p.column() - 1
	if len(runes) <= 60 {
		return p.s
	}
	from, to := max(0, at-30), min(len(runes), at+30)
	return string(runes[from:to])
}

func (p *parser) trailing() error {
	if p.s[p.i] == ':' {
		return p.fail("A refined value must stand in brackets")
	}
	return p.fail("Unexpected text after the expression")
}

// space skips white space; the grammar knows blank, tab, carriage return and line feed, and comments.
func (p *parser) space() {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			p.i++
		case strings.HasPrefix(p.s[p.i:], "/*"):
			end := strings.Index(p.s[p.i+2:], "*/")
			if end < 0 {
				return
			}
			p.i += end + 4
		default:
			return
		}
	}
}

// take reads a token and the white space after it.
func (p *parser) take(token string) bool {
	if !strings.HasPrefix(p.s[p.i:], token) {
		return false
	}
	p.i += len(token)
	p.space()
	return true
}

// expression reads focus concepts and an optional refinement.
func (p *parser) expression() (*Expression, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > MaxDepth {
		return nil, p.fail("The expression is nested deeper than %d levels", MaxDepth)
	}
	e := &Expression{}
	for {
		c, err := p.concept()
		if err != nil {
			return nil, err
		}
		e.Focus = append(e.Focus, c)
		if !p.take("+") {
			break
		}
	}
	if p.take(":") {
		return e, p.refinement(e)
	}
	return e, nil
}

// concept reads an identifier and the term between pipes.
func (p *parser) concept() (Concept, error) {
	c := Concept{Column: p.column()}
	n := p.digits()
	if n == 0 {
		return c, p.fail("Concept not found")
	}
	id := p.s[p.i : p.i+n]
	if n < 6 || n > 18 || id[0] == '0' {
		return c, p.fail("%s is no SNOMED CT identifier", id)
	}
	c.ID, _ = strconv.ParseUint(id, 10, 64) // 18 digits fit
	p.i += n
	p.space()
	if !strings.HasPrefix(p.s[p.i:], "|") {
		return c, nil
	}
	end := strings.IndexByte(p.s[p.i+1:], '|')
	if end < 0 {
		return c, p.fail("The term has no end")
	}
	c.Term = strings.TrimSpace(p.s[p.i+1 : p.i+1+end])
	if c.Term == "" {
		return c, p.fail("The term is empty")
	}
	p.i += end + 2
	p.space()
	return c, nil
}

func (p *parser) digits() int {
	n := 0
	for p.i+n < len(p.s) && p.s[p.i+n] >= '0' && p.s[p.i+n] <= '9' {
		n++
	}
	return n
}

// refinement reads attributes, then groups; the comma before a group may be left out.
func (p *parser) refinement(e *Expression) error {
	if !p.at('{') {
		list, err := p.attributes(true)
		if err != nil {
			return err
		}
		e.Attributes = list
	}
	for first := len(e.Attributes) == 0; ; first = false {
		comma := !first && p.take(",")
		if !p.at('{') {
			if comma {
				return p.fail("Attribute group not found")
			}
			return nil
		}
		p.take("{")
		list, err := p.attributes(false)
		if err != nil {
			return err
		}
		if !p.take("}") {
			if p.at(':') {
				return p.fail("A refined value must stand in brackets")
			}
			return p.fail("The end of the attribute group, or a comma, is missing")
		}
		e.Groups = append(e.Groups, list)
	}
}

func (p *parser) at(c byte) bool { return p.i < len(p.s) && p.s[p.i] == c }

// attributes reads attributes separated by commas. A comma before a group belongs to the group when groups may follow.
func (p *parser) attributes(groups bool) ([]Attribute, error) {
	var out []Attribute
	for {
		name, err := p.concept()
		if err != nil {
			return nil, err
		}
		if !p.take("=") {
			return nil, p.fail("The = after the attribute is missing")
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		out = append(out, Attribute{name, v})
		before := p.i
		if !p.take(",") {
			return out, nil
		}
		if groups && p.at('{') {
			p.i = before
			return out, nil
		}
	}
}

// value reads a concept, an expression in brackets or a literal.
func (p *parser) value() (Value, error) {
	v := Value{Column: p.column()}
	switch {
	case p.take("("):
		e, err := p.expression()
		if err != nil {
			return v, err
		}
		if !p.take(")") {
			return v, p.fail("The closing bracket is missing")
		}
		v.Expression = e
	case p.at('#'):
		return v, p.number(&v)
	case p.at('"'):
		return v, p.text(&v)
	case p.word("true"):
		v.Literal = "true"
	case p.word("false"):
		v.Literal = "false"
	default:
		c, err := p.concept()
		if err != nil {
			return v, err
		}
		v.Expression = &Expression{Focus: []Concept{c}}
	}
	return v, nil
}

// word reads a word in any case that no letter or digit follows.
func (p *parser) word(w string) bool {
	end := p.i + len(w)
	if end > len(p.s) || !strings.EqualFold(p.s[p.i:end], w) {
		return false
	}
	if end < len(p.s) && (p.s[end] >= '0' && p.s[end] <= '9' || p.s[end] >= 'A' && p.s[end] <= 'z') {
		return false
	}
	p.i = end
	p.space()
	return true
}

// number reads #, a sign, digits and a fraction.
func (p *parser) number(v *Value) error {
	from := p.i
	p.i++
	if p.at('-') || p.at('+') {
		p.i++
	}
	n := p.digits()
	if n == 0 {
		return p.fail("Number not found")
	}
	if n > 1 && p.s[p.i] == '0' {
		return p.fail("A number has no leading zero")
	}
	p.i += n
	if p.at('.') {
		p.i++
		n := p.digits()
		if n == 0 {
			return p.fail("The digits after the decimal point are missing")
		}
		p.i += n
	}
	v.Literal = p.s[from:p.i]
	p.space()
	return nil
}

// text reads a text in quotes; a backslash makes a quote or backslash part of it.
func (p *parser) text(v *Value) error {
	from := p.i
	for i := p.i + 1; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			if i+1 >= len(p.s) || p.s[i+1] != '"' && p.s[i+1] != '\\' {
				p.i = i
				return p.fail(`A backslash must be followed by " or \`)
			}
			i++
		case '"':
			p.i = i + 1
			v.Literal = p.s[from:p.i]
			p.space()
			return nil
		}
	}
	return p.fail("The text has no end")
}
