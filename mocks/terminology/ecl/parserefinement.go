package ecl

import (
	"errors"
	"strconv"
	"strings"
)

func (p *parser) refinement() (Refinement, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	first, err := p.refItem()
	if err != nil {
		return nil, err
	}
	c := &RefCompound{Items: []Refinement{first}}
	for {
		if err := p.space(); err != nil {
			return nil, err
		}
		at := p.i
		op, err := p.connective(false)
		if err != nil {
			return nil, err
		}
		if op == "" {
			break
		}
		if c.Op != "" && c.Op != op {
			return nil, p.failAt(at, "AND and OR may not be mixed without brackets")
		}
		if c.Op == "" {
			p.operand(first)
		}
		c.Op = op
		item, err := p.refItem()
		if err != nil {
			return nil, err
		}
		c.Items = append(c.Items, item)
		if p.operand(item); p.operands > maxOperands {
			return nil, p.failAt(at, "more than %d operands", maxOperands)
		}
	}
	if c.Op == "" {
		return first, nil
	}
	return c, nil
}

// refItem reads one attribute, group, or refinement in brackets.
func (p *parser) refItem() (Refinement, error) {
	if err := p.space(); err != nil {
		return nil, err
	}
	lo, hi, given, err := p.cardinality()
	if err != nil {
		return nil, err
	}
	if err := p.space(); err != nil {
		return nil, err
	}
	if p.has("{") && !p.has("{{") {
		open := p.i
		p.i++
		inner, err := p.refinement()
		if err != nil {
			return nil, err
		}
		if err := p.space(); err != nil {
			return nil, err
		}
		if !p.take("}") {
			return nil, p.fail("expected } but found %q; the group of column %d is open", p.ahead(), p.column(open))
		}
		return &Group{Min: lo, Max: hi, Inner: inner}, nil
	}
	if p.has("(") && !given && !p.bracketedName() {
		open := p.i
		p.i++
		inner, err := p.refinement()
		if err != nil {
			return nil, err
		}
		if err := p.space(); err != nil {
			return nil, err
		}
		if !p.take(")") {
			return nil, p.fail("expected ) but found %q; the bracket of column %d is open", p.ahead(), p.column(open))
		}
		return inner, nil
	}
	return p.attribute(lo, hi)
}

// bracketedName tells whether the bracket ahead holds the name of an attribute, and no refinement: then a comparison follows it. To look
// ahead costs the length of the bracket; to try both would double the work with every level.
func (p *parser) bracketedName() bool {
	back := p.i
	defer func() { p.i = back }()
	for open := 0; p.i < len(p.s); {
		switch c := p.s[p.i]; {
		case c == '"':
			if _, err := p.rawQuoted(); err != nil {
				return false
			}
			continue
		case c == '|':
			end := strings.IndexByte(p.s[p.i+1:], '|')
			if end < 0 {
				return false
			}
			p.i += end + 1
		case p.has("/*"):
			if p.space() != nil {
				return false
			}
			continue
		case c == '(':
			open++
		case c == ')':
			open--
		}
		p.i++
		if open == 0 {
			break
		}
	}
	if p.space() != nil {
		return false
	}
	op, err := p.comparison()
	return err == nil && op != ""
}

// further chooses of two errors the one that was met later in the text: it tells more about what was meant.
func further(err, other error) error {
	var a, b *Error
	if errors.As(err, &a) && errors.As(other, &b) && b.Column > a.Column {
		return other
	}
	return err
}

func (p *parser) cardinality() (lo, hi int, given bool, err error) {
	if !p.has("[") {
		return 1, -1, false, nil
	}
	at := p.i
	p.i++
	read := func() (int, bool) {
		j := p.i
		for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
			p.i++
		}
		n, e := strconv.Atoi(p.s[j:p.i])
		return n, e == nil
	}
	bad := func() (int, int, bool, error) {
		return 0, 0, false, p.failAt(at, "a cardinality has the form [n..m] or [n..*]")
	}
	_ = p.space()
	lo, ok := read()
	if !ok {
		return bad()
	}
	_ = p.space()
	if p.word() == "TO" {
		p.i += len("TO")
	} else if !p.take("..") {
		return bad()
	}
	_ = p.space()
	if p.take("*") {
		hi = -1
	} else if p.word() == "MANY" {
		p.i += len("MANY")
		hi = -1
	} else if hi, ok = read(); !ok {
		return bad()
	}
	_ = p.space()
	if !p.take("]") {
		return bad()
	}
	if hi >= 0 && hi < lo {
		return 0, 0, false, p.failAt(at, "the cardinality [%d..%d] can never hold", lo, hi)
	}
	return lo, hi, true, nil
}

func (p *parser) attribute(lo, hi int) (Refinement, error) {
	a := &Attribute{Min: lo, Max: hi}
	if w := p.word(); (w == "R" || w == "REVERSEOF") && p.scheme() == "" {
		p.i += len(w)
		a.Reverse = true
	}
	name, err := p.sub()
	if err != nil {
		return nil, err
	}
	a.Name = name
	if err := p.space(); err != nil {
		return nil, err
	}
	a.Column = p.column(p.i)
	if a.Compare, err = p.comparison(); err != nil {
		return nil, err
	}
	if a.Compare == "" {
		return nil, p.fail("expected a comparison (=, !=, …) but found %q", p.ahead())
	}
	if err := p.space(); err != nil {
		return nil, err
	}
	return a, p.value(a)
}

func (p *parser) value(a *Attribute) error {
	switch {
	case p.has("#"):
		n, err := p.number()
		if err != nil {
			return err
		}
		a.Number = &n
		return nil
	case p.has(`"`):
		s, err := p.quoted()
		if err != nil {
			return err
		}
		a.Text = []string{s}
	case p.has("("):
		back := p.i
		p.i++
		if err := p.space(); err != nil {
			return err
		}
		if p.has(`"`) {
			list, err := p.quotedList()
			if err != nil {
				return err
			}
			a.Text = list
			break
		}
		p.i = back
		return p.conceptValue(a)
	case p.word() == "TRUE" || p.word() == "FALSE":
		b := p.word() == "TRUE"
		p.i += len(p.word())
		a.Bool = &b
	default:
		return p.conceptValue(a)
	}
	if a.Compare != "=" && a.Compare != "!=" {
		return p.fail("only = and != compare texts and truth values")
	}
	return nil
}

func (p *parser) conceptValue(a *Attribute) error {
	if a.Compare != "=" && a.Compare != "!=" {
		return p.fail("%s compares numbers: write #5", a.Compare)
	}
	v, err := p.sub()
	a.Value = v
	return err
}

// quoted reads a text in double quotes; \" and \\ stand for themselves.
func (p *parser) quoted() (string, error) {
	raw, err := p.rawQuoted()
	return unescape(raw), err
}

// rawQuoted reads a text in double quotes as it is written.
func (p *parser) rawQuoted() (string, error) {
	at := p.i
	for p.i++; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '\\':
			p.i++
		case '"':
			p.i++
			return p.s[at+1 : p.i-1], nil
		}
	}
	p.i = len(p.s)
	return "", p.failAt(at, "the text has no closing quotation mark")
}

func unescape(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' && i+1 < len(raw) {
			i++
		}
		b.WriteByte(raw[i])
	}
	return b.String()
}

// quotedList reads texts up to the closing bracket.
func (p *parser) quotedList() ([]string, error) {
	var out []string
	for {
		if err := p.space(); err != nil {
			return nil, err
		}
		if p.take(")") {
			return out, nil
		}
		if !p.has(`"`) {
			return nil, p.fail("expected a quoted text or ) but found %q", p.ahead())
		}
		s, err := p.quoted()
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
}
