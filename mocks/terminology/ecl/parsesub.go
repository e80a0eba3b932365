package ecl

import (
	"strconv"
	"strings"
)

// longOperator maps the words of the long form to the symbols.
func longOperator(w string) (string, bool) {
	switch w {
	case "DESCENDANTOF":
		return opDescendant, true
	case "DESCENDANTORSELFOF":
		return opDescendantOrSelf, true
	case "CHILDOF":
		return opChild, true
	case "CHILDORSELFOF":
		return opChildOrSelf, true
	case "ANCESTOROF":
		return opAncestor, true
	case "ANCESTORORSELFOF":
		return opAncestorOrSelf, true
	case "PARENTOF":
		return opParent, true
	case "PARENTORSELFOF":
		return opParentOrSelf, true
	case "TOP":
		return opTop, true
	case "BOTTOM":
		return opBottom, true
	}
	return "", false
}

func (p *parser) operator() string {
	for _, op := range []string{opTop, opBottom, opChildOrSelf, opParentOrSelf, opDescendantOrSelf, opAncestorOrSelf, opChild, opParent, opDescendant, opAncestor} {
		if p.take(op) {
			return op
		}
	}
	w := p.word()
	if op, ok := longOperator(w); ok && p.scheme() == "" {
		p.i += len(w)
		return op
	}
	return opSelf
}

// sub reads a sub-expression: operator, membership, focus, filters.
func (p *parser) sub() (Node, error) {
	if err := p.space(); err != nil {
		return nil, err
	}
	s := &Sub{Op: p.operator()}
	if err := p.space(); err != nil {
		return nil, err
	}
	if err := p.membership(s); err != nil {
		return nil, err
	}
	if err := p.space(); err != nil {
		return nil, err
	}
	s.Column = p.column(p.i)
	if err := p.focus(s); err != nil {
		return nil, err
	}
	return p.trailers(s)
}

func (p *parser) focus(s *Sub) error {
	switch {
	case p.take("("):
		inner, err := p.expression()
		if err != nil {
			return err
		}
		if err := p.space(); err != nil {
			return err
		}
		if !p.take(")") {
			return p.fail("expected ) but found %q; the bracket of column %d is open", p.ahead(), s.Column)
		}
		s.Inner = inner
		return nil
	case p.take("*"):
		s.Any = true
		return nil
	case p.scheme() != "":
		return p.alternate(s)
	case p.has(`"`):
		return p.quotedAlternate(s)
	case p.digit():
		return p.concept(s)
	case p.word() == "ANY":
		p.i += len("ANY")
		s.Any = true
		return nil
	}
	return p.fail("expected a concept identifier, * or ( but found %q", p.ahead())
}

func (p *parser) digit() bool { return p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' }

// membership reads ^, ^R and their long forms, and the field wanted of the members.
func (p *parser) membership(s *Sub) error {
	switch w := p.word(); {
	case p.take("^"):
		if p.word() == "R" && p.has("R") && p.scheme() == "" {
			p.i++
			s.Contains = true
			return nil
		}
	case w == "MEMBEROF":
		p.i += len(w)
	case w == "REFSETCONTAININGANY":
		p.i += len(w)
		s.Contains = true
		return nil
	default:
		return nil
	}
	s.MemberOf = true
	if err := p.space(); err != nil {
		return err
	}
	if !p.take("[") {
		return nil
	}
	for {
		if err := p.space(); err != nil {
			return err
		}
		at := p.i
		w := p.word()
		switch {
		case p.has("*"), s.Field != nil && w != "":
			return &Error{Column: p.column(at), Text: "several fields of a member make a row, and the answer must be concepts: select one field", Unsupported: true}
		case w == "":
			return p.fail("expected the name of a field but found %q", p.ahead())
		}
		p.i += len(w)
		s.Field = &MemberField{Name: p.s[at:p.i], Column: p.column(at)}
		if err := p.space(); err != nil {
			return err
		}
		if p.take("]") {
			return nil
		}
		if !p.take(",") {
			return p.fail("expected ] but found %q", p.ahead())
		}
	}
}

// concept reads an identifier and the term that may follow it.
func (p *parser) concept(s *Sub) error {
	id, err := p.identifier()
	if err != nil {
		return err
	}
	s.ID = id
	return p.term(s)
}

// identifier reads an SCTID.
func (p *parser) identifier() (uint64, error) {
	at := p.i
	for p.digit() {
		p.i++
	}
	digits := p.s[at:p.i]
	if len(digits) < 6 || len(digits) > 18 || digits[0] == '0' {
		if digits == "" {
			return 0, p.fail("expected an identifier but found %q", p.ahead())
		}
		return 0, p.failAt(at, "%q is no SNOMED CT identifier: 6 to 18 digits", digits)
	}
	return strconv.ParseUint(digits, 10, 64)
}

// term reads |term|, when there is one.
func (p *parser) term(s *Sub) error {
	back := p.i
	if err := p.space(); err != nil {
		return err
	}
	if !p.has("|") {
		p.i = back
		return nil
	}
	end := strings.IndexByte(p.s[p.i+1:], '|')
	if end < 0 {
		return p.fail("the term has no closing |")
	}
	s.Term = strings.TrimSpace(p.s[p.i+1 : p.i+1+end])
	p.i += end + 2
	return nil
}

// scheme peeks at what stands before the # of an alternate identifier: an alias, the SCTID of a scheme, or a URI.
func (p *parser) scheme() string {
	rest := p.s[p.i:]
	uri := false
	for _, begin := range []string{"http:", "https:", "urn:"} {
		uri = uri || len(rest) > len(begin) && strings.EqualFold(rest[:len(begin)], begin)
	}
	for i := range len(rest) {
		switch c := rest[i]; {
		case c == '#':
			return rest[:i]
		case letterOrDigit(c), c == '-' && i > 0, uri && strings.IndexByte(":/._~%+=?&", c) >= 0:
		default:
			return ""
		}
	}
	return ""
}

func letterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// alternate reads scheme#code or scheme#"code".
func (p *parser) alternate(s *Sub) error {
	s.Scheme = p.scheme()
	p.i += len(s.Scheme) + 1
	if p.has(`"`) {
		at := p.i
		code, err := p.quoted()
		if err != nil {
			return err
		}
		if code == "" {
			return p.failAt(at, "expected an identifier after %s#", s.Scheme)
		}
		s.Code = code
		return p.term(s)
	}
	at := p.i
	for p.i < len(p.s) && (letterOrDigit(p.s[p.i]) || strings.IndexByte("-._", p.s[p.i]) >= 0) {
		p.i++
	}
	if s.Code = p.s[at:p.i]; s.Code == "" {
		return p.fail("expected an identifier after %s# but found %q", s.Scheme, p.ahead())
	}
	return p.term(s)
}

// quotedAlternate reads "scheme#code".
func (p *parser) quotedAlternate(s *Sub) error {
	at := p.i
	text, err := p.quoted()
	if err != nil {
		return err
	}
	scheme, code, ok := strings.Cut(text, "#")
	if !ok || scheme == "" || code == "" {
		return p.failAt(at, "expected an alternate identifier (\"scheme#identifier\") but found %q", text)
	}
	s.Scheme, s.Code = scheme, code
	return p.term(s)
}

// trailers reads filters and history supplements.
func (p *parser) trailers(s *Sub) (Node, error) {
	for {
		back := p.i
		if err := p.space(); err != nil {
			return nil, err
		}
		if !p.has("{{") {
			p.i = back
			return s, nil
		}
		at := p.i
		if s.History != nil {
			return nil, p.fail("a history supplement comes last: write (… {{ + HISTORY }}) {{ … }} to filter what it adds")
		}
		p.i += 2
		if err := p.space(); err != nil {
			return nil, err
		}
		if p.take("+") {
			h, err := p.history()
			if err != nil {
				return nil, err
			}
			s.History = h
		} else {
			f, err := p.filter(s, at)
			if err != nil {
				return nil, err
			}
			s.Filters = append(s.Filters, f)
		}
		if err := p.space(); err != nil {
			return nil, err
		}
		if !p.take("}}") {
			return nil, p.fail("expected }} but found %q", p.ahead())
		}
	}
}
