package ecl

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of an expression.
const (
	maxLength   = 10000
	maxDepth    = 64
	maxOperands = 100
)

// Parse reads an expression constraint. The error is an *Error.
func Parse(s string) (Node, error) {
	p := &parser{s: s}
	if utf8.RuneCountInString(s) > maxLength {
		return nil, &Error{Column: maxLength + 1, Text: fmt.Sprintf("the expression is longer than %d characters", maxLength)}
	}
	if !utf8.ValidString(s) {
		return nil, &Error{Column: 1, Text: "the expression is not valid UTF-8"}
	}
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	if err := p.space(); err != nil {
		return nil, err
	}
	if p.i < len(p.s) {
		if p.s[p.i] == ')' || p.s[p.i] == '}' || p.s[p.i] == ']' {
			return nil, p.fail("%q closes nothing", p.s[p.i:p.i+1])
		}
		return nil, p.fail("unexpected %q after the end of the expression", p.ahead())
	}
	return n, nil
}

type parser struct {
	s        string
	i        int
	depth    int
	operands int
}

func (p *parser) column(at int) int { return utf8.RuneCountInString(p.s[:min(at, len(p.s))]) + 1 }

func (p *parser) fail(format string, args ...any) *Error { return p.failAt(p.i, format, args...) }

func (p *parser) failAt(at int, format string, args ...any) *Error {
	return &Error{Column: p.column(at), Text: fmt.Sprintf(format, args...)}
}

// ahead shows what comes next, for messages.
func (p *parser) ahead() string {
	rest := p.s[p.i:]
	if rest == "" {
		return "end of the expression"
	}
	n := 0
	for i := range rest {
		if n == 12 {
			return rest[:i] + "…"
		}
		n++
	}
	return rest
}

func (p *parser) deeper() error {
	p.depth++
	if p.depth > maxDepth {
		return p.fail("the expression is nested deeper than %d levels", maxDepth)
	}
	return nil
}

// space skips white space and comments.
func (p *parser) space() error {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			p.i++
		case strings.HasPrefix(p.s[p.i:], "/*"):
			end := strings.Index(p.s[p.i+2:], "*/")
			if end < 0 {
				return p.fail("the comment has no end")
			}
			p.i += end + 4
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(p.s[p.i:])
			if !unicode.IsSpace(r) {
				return nil
			}
			p.i += n
		default:
			return nil
		}
	}
	return nil
}

func (p *parser) has(tok string) bool { return strings.HasPrefix(p.s[p.i:], tok) }

func (p *parser) take(tok string) bool {
	if p.has(tok) {
		p.i += len(tok)
		return true
	}
	return false
}

// word peeks at a run of letters, upper case.
func (p *parser) word() string {
	j := p.i
	for j < len(p.s) && (p.s[j] >= 'a' && p.s[j] <= 'z' || p.s[j] >= 'A' && p.s[j] <= 'Z') {
		j++
	}
	return strings.ToUpper(p.s[p.i:j])
}

// connective reads AND, OR, MINUS or a comma; "" when something else follows.
func (p *parser) connective(minus bool) (string, error) {
	if err := p.space(); err != nil {
		return "", err
	}
	if p.take(",") {
		return "AND", nil
	}
	switch w := p.word(); {
	case w == "AND" || w == "OR" || minus && w == "MINUS":
		p.i += len(w)
		return w, nil
	}
	return "", nil
}

func (p *parser) expression() (Node, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	first, err := p.sub()
	if err != nil {
		return nil, err
	}
	if err := p.space(); err != nil {
		return nil, err
	}
	switch {
	case p.take(":"):
		r, err := p.refinement()
		if err != nil {
			return nil, err
		}
		return &Refined{Base: first, Refinement: r}, nil
	case p.has(".") && !p.has(".."):
		return p.dotted(first)
	}
	return p.compound(first)
}

func (p *parser) dotted(base Node) (Node, error) {
	d := &Dotted{Base: base}
	for {
		if err := p.space(); err != nil {
			return nil, err
		}
		if !p.take(".") {
			return d, nil
		}
		a, err := p.sub()
		if err != nil {
			return nil, err
		}
		d.Attrs = append(d.Attrs, a)
	}
}

func (p *parser) compound(first Node) (Node, error) {
	c := &Compound{Operands: []Node{first}}
	for {
		if err := p.space(); err != nil {
			return nil, err
		}
		at := p.i
		op, err := p.connective(true)
		if err != nil {
			return nil, err
		}
		if op == "" {
			break
		}
		switch {
		case c.Op != "" && c.Op != op:
			return nil, p.failAt(at, "%s and %s may not be mixed without brackets", c.Op, op)
		case c.Op == "MINUS":
			return nil, p.failAt(at, "MINUS takes exactly two operands: use brackets")
		}
		if c.Op == "" {
			p.operand(first)
		}
		c.Op = op
		n, err := p.sub()
		if err != nil {
			return nil, err
		}
		c.Operands = append(c.Operands, n)
		if p.operand(n); p.operands > maxOperands {
			return nil, p.failAt(at, "more than %d operands", maxOperands)
		}
		if err := p.space(); err != nil {
			return nil, err
		}
		if p.has(":") {
			return nil, p.fail("a refinement in a compound needs brackets around its expression")
		}
		if p.has(".") {
			return nil, p.fail("a dotted expression in a compound needs brackets")
		}
	}
	if c.Op == "" {
		return first, nil
	}
	return c, nil
}

// operand counts what AND, OR or MINUS joins, in the expression as a whole. Brackets around operands that were counted are not one more.
func (p *parser) operand(n any) {
	switch n := n.(type) {
	case *Sub:
		if _, counted := n.Inner.(*Compound); counted {
			return
		}
	case *RefCompound:
		return
	case *Group:
		if _, counted := n.Inner.(*RefCompound); counted {
			return
		}
	}
	p.operands++
}
