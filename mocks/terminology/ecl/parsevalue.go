package ecl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// list reads one value, or several in brackets.
func (p *parser) list(one func() error) error {
	at := p.i
	if !p.take("(") {
		return one()
	}
	for n := 0; ; n++ {
		if err := p.space(); err != nil {
			return err
		}
		if p.take(")") {
			if n == 0 {
				return p.failAt(at, "the brackets are empty")
			}
			return nil
		}
		if p.i == len(p.s) {
			return p.failAt(at, "the bracket has no end")
		}
		if err := one(); err != nil {
			return err
		}
	}
}

// name peeks at a run of letters, digits and dashes.
func (p *parser) name() string {
	j := p.i
	for j < len(p.s) && (letterOrDigit(p.s[j]) || p.s[j] == '-' || p.s[j] == '_') {
		j++
	}
	return p.s[p.i:j]
}

// token reads a language code, a description type or a definition status.
func (p *parser) token(c *Condition) error {
	w := strings.ToLower(p.name())
	known := map[string]string{"type/fsn": "fsn", "type/fullyspecifiedname": "fsn", "type/syn": "syn", "type/synonym": "syn", "type/def": "def",
		"type/definition": "def", "definitionstatus/primitive": "primitive", "definitionstatus/defined": "defined"}[c.Name+"/"+w]
	switch {
	case c.Name == "language" && len(w) >= 2:
		known = w
	case known != "":
	case c.Name == "type":
		return p.fail("expected fsn, syn or def but found %q", p.ahead())
	case c.Name == "definitionstatus":
		return p.fail("expected primitive or defined but found %q", p.ahead())
	default:
		return p.fail("expected a language code but found %q", p.ahead())
	}
	p.i += len(w)
	c.Words = append(c.Words, known)
	return nil
}

// activeValue reads 1, 0, true, false or *, with or without quotation marks.
func (p *parser) activeValue(c *Condition) error {
	at := p.i
	w := p.name()
	switch {
	case p.has("*"):
		w = "*"
		p.i++
	case p.has(`"`):
		s, err := p.quoted()
		if err != nil {
			return err
		}
		w = s
	default:
		p.i += len(w)
	}
	switch strings.ToLower(w) {
	case "1", "true":
		w = "1"
	case "0", "false":
		w = "0"
	case "*":
	default:
		p.i = at
		return p.fail("expected 1, 0, true, false or * but found %q", p.ahead())
	}
	c.Words = []string{w}
	return nil
}

// unpublished is the effective time of rows that have none yet.
const unpublished = 99991231

// times reads effective times: "YYYYMMDD", or "" for what is not published.
func (p *parser) times(c *Condition) error {
	return p.list(func() error {
		at := p.i
		if !p.has(`"`) {
			return p.fail("expected a time in quotation marks (\"20240131\") but found %q", p.ahead())
		}
		s, err := p.quoted()
		if err != nil {
			return err
		}
		t := uint64(unpublished)
		if s != "" {
			if t, err = strconv.ParseUint(s, 10, 32); err != nil || len(s) != 8 || s[0] == '0' || t/100%100 < 1 || t/100%100 > 12 || t%100 < 1 || t%100 > 31 {
				return p.failAt(at, "%q has not the form YYYYMMDD", s)
			}
		}
		c.Times = append(c.Times, uint32(t))
		return nil
	})
}

// typedTerm tells whether a search term with its kind comes next.
func (p *parser) typedTerm() bool {
	w := p.word()
	return slices.Contains([]string{"MATCH", "WILD", "EXACT"}, w) && strings.HasPrefix(strings.TrimLeft(p.s[p.i+len(w):], " \t\r\n"), ":")
}

func (p *parser) searchTerms(c *Condition) error {
	return p.list(func() error {
		kind := "MATCH"
		if p.typedTerm() {
			kind = p.word()
			p.i += len(kind)
			if err := p.space(); err != nil {
				return err
			}
			p.i++ // the colon
			if err := p.space(); err != nil {
				return err
			}
		}
		if !p.has(`"`) {
			return p.fail("expected a quoted text but found %q", p.ahead())
		}
		at := p.i
		raw, err := p.rawQuoted()
		if err != nil {
			return err
		}
		if strings.TrimSpace(raw) == "" {
			return p.failAt(at, "the text to search for is empty")
		}
		c.Terms = append(c.Terms, newTerm(kind, raw))
		return nil
	})
}

// conceptSet reads an expression, or several concepts in brackets.
func (p *parser) conceptSet() (Node, error) {
	back := p.i
	var operands []Node
	err := p.list(func() error {
		s := &Sub{Column: p.column(p.i)}
		if !p.digit() {
			return p.fail("expected a concept identifier but found %q", p.ahead())
		}
		operands = append(operands, s)
		return p.concept(s)
	})
	if err == nil && len(operands) > 1 {
		return &Compound{Op: "OR", Operands: operands}, nil
	}
	p.i = back
	set, second := p.sub()
	return set, further(second, err)
}

// number reads #5, #-0.5.
func (p *parser) number() (float64, error) {
	at := p.i
	p.i++
	for p.i < len(p.s) && strings.IndexByte("+-.0123456789", p.s[p.i]) >= 0 {
		p.i++
	}
	n, err := strconv.ParseFloat(p.s[at+1:p.i], 64)
	if err != nil {
		return 0, p.failAt(at, "%q is no number", p.s[at:p.i])
	}
	return n, nil
}

// dialects reads language reference sets, by alias or identifier, with the acceptability that may follow each or all of them.
func (p *parser) dialects(c *Condition) error {
	back := p.i
	one := func() error {
		var d Dialect
		if c.Name == "dialectid" {
			s := &Sub{Column: p.column(p.i)}
			if !p.digit() {
				return p.fail("expected a concept identifier but found %q", p.ahead())
			}
			if err := p.concept(s); err != nil {
				return err
			}
			d.Set = s
		} else {
			alias := strings.ToLower(p.name())
			if alias == "" {
				return p.fail("expected the name of a dialect but found %q", p.ahead())
			}
			if d.Refset = dialectAlias(alias); d.Refset == 0 {
				return p.fail("the dialect %q is not known: name its reference set with dialectId", alias)
			}
			p.i += len(alias)
		}
		accept, err := p.acceptability()
		d.Accept = accept
		c.Dialects = append(c.Dialects, d)
		return err
	}
	if first := p.list(one); first != nil {
		if c.Name == "dialect" {
			return first
		}
		p.i = back
		set, err := p.sub()
		if err != nil {
			return further(err, first)
		}
		c.Dialects = []Dialect{{Set: set}}
	}
	accept, err := p.acceptability()
	for i := range c.Dialects {
		if len(c.Dialects[i].Accept) == 0 {
			c.Dialects[i].Accept = accept
		}
	}
	return err
}

// acceptability reads (prefer accept), or the concepts for them; nothing when no bracket follows.
func (p *parser) acceptability() ([]uint64, error) {
	back := p.i
	if err := p.space(); err != nil {
		return nil, err
	}
	if !p.has("(") {
		p.i = back
		return nil, nil
	}
	var out []uint64
	err := p.list(func() error {
		at := p.i
		if p.digit() {
			s := &Sub{}
			if err := p.concept(s); err != nil {
				return err
			}
			if s.ID != snomed.Preferred && s.ID != snomed.Acceptable {
				return p.failAt(at, "%d is no acceptability", s.ID)
			}
			out = append(out, s.ID)
			return nil
		}
		w := p.word()
		switch w {
		case "PREFER", "PREFERRED":
			out = append(out, snomed.Preferred)
		case "ACCEPT", "ACCEPTABLE":
			out = append(out, snomed.Acceptable)
		default:
			return p.fail("expected prefer or accept but found %q", p.ahead())
		}
		p.i += len(w)
		return nil
	})
	return out, err
}
