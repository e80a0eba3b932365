package ecl

import "strings"

// history reads what follows {{ +.
func (p *parser) history() (*History, error) {
	if err := p.space(); err != nil {
		return nil, err
	}
	if w := p.word(); w != "HISTORY" {
		return nil, p.fail("expected HISTORY but found %q", p.ahead())
	}
	p.i += len("HISTORY")
	h := &History{Profile: "MAX"}
	for _, sep := range []string{"-", "_"} {
		if p.take(sep) {
			switch w := p.word(); w {
			case "MIN", "MOD", "MAX":
				h.Profile = w
				p.i += 3
			default:
				return nil, p.fail("expected MIN, MOD or MAX but found %q", p.ahead())
			}
			return h, nil
		}
	}
	if err := p.space(); err != nil {
		return nil, err
	}
	if p.has("(") {
		set, err := p.sub()
		if err != nil {
			return nil, err
		}
		h.Sets = set
	}
	return h, nil
}

// filter reads a concept or description filter up to its closing braces.
func (p *parser) filter(open int) (Filter, error) {
	f := Filter{Kind: "D"}
	if w := p.word(); w == "C" || w == "D" || w == "M" {
		p.i++
		f.Kind = w
	}
	if f.Kind == "M" {
		return f, p.unsupported(open, "a member filter ({{ M … }})")
	}
	for {
		c, err := p.condition(f.Kind)
		if err != nil {
			return f, err
		}
		f.Conditions = append(f.Conditions, c)
		if err := p.space(); err != nil {
			return f, err
		}
		if !p.take(",") {
			return f, nil
		}
	}
}

func (p *parser) condition(kind string) (Condition, error) {
	if err := p.space(); err != nil {
		return Condition{}, err
	}
	c := Condition{Column: p.column(p.i), Name: strings.ToLower(p.word())}
	at := p.i
	p.i += len(c.Name)
	known := map[string]string{"term": "D", "language": "D", "type": "D", "typeid": "D", "dialect": "D", "dialectid": "D", "active": "CD", "moduleid": "CD",
		"effectivetime": "CD", "definitionstatus": "C", "definitionstatusid": "C", "semantictag": "D", "id": "D"}
	if !strings.Contains(known[c.Name], kind) || c.Name == "" {
		return c, p.failAt(at, "a filter {{ %s … }} has no condition %q", kind, p.s[at:p.i])
	}
	if err := p.space(); err != nil {
		return c, err
	}
	for _, op := range []string{"!=", "<=", ">=", "=", "<", ">"} {
		if p.take(op) {
			c.Compare = op
			break
		}
	}
	if c.Compare == "" {
		return c, p.fail("expected a comparison but found %q", p.ahead())
	}
	if c.Compare != "=" && c.Compare != "!=" && c.Name != "effectivetime" {
		return c, p.fail("%s only compares effectiveTime", c.Compare)
	}
	if err := p.space(); err != nil {
		return c, err
	}
	switch c.Name {
	case "term":
		return c, p.searchTerms(&c)
	case "typeid", "dialectid", "moduleid", "definitionstatusid":
		v, err := p.sub()
		c.Set = v
		return c, err
	}
	return c, p.words(&c)
}

// words reads literal values: one, or several in brackets.
func (p *parser) words(c *Condition) error {
	one := func() error {
		if p.has(`"`) {
			s, err := p.quoted()
			c.Words = append(c.Words, s)
			return err
		}
		j := p.i
		for p.i < len(p.s) && (p.s[p.i] >= '0' && p.s[p.i] <= '9' || p.s[p.i] >= 'a' && p.s[p.i] <= 'z' || p.s[p.i] >= 'A' && p.s[p.i] <= 'Z' || p.s[p.i] == '-' || p.s[p.i] == '_') {
			p.i++
		}
		if j == p.i {
			return p.fail("expected a value but found %q", p.ahead())
		}
		c.Words = append(c.Words, p.s[j:p.i])
		if err := p.space(); err != nil {
			return err
		}
		if c.Name == "dialect" && p.has("(") { // acceptability of the dialect
			end := strings.IndexByte(p.s[p.i:], ')')
			if end < 0 {
				return p.fail("the bracket has no end")
			}
			c.Words[len(c.Words)-1] += p.s[p.i : p.i+end+1]
			p.i += end + 1
		}
		return nil
	}
	if !p.take("(") {
		return one()
	}
	for {
		if err := p.space(); err != nil {
			return err
		}
		if p.take(")") {
			return nil
		}
		if err := one(); err != nil {
			return err
		}
	}
}

func (p *parser) searchTerms(c *Condition) error {
	one := func() error {
		t := SearchTerm{}
		switch w := p.word(); w {
		case "WILD", "MATCH", "EXACT":
			p.i += len(w)
			if err := p.space(); err != nil {
				return err
			}
			if !p.take(":") {
				return p.fail("expected : after %s", strings.ToLower(w))
			}
			if err := p.space(); err != nil {
				return err
			}
			t.Wild, t.Exact = w == "WILD", w == "EXACT"
		}
		if !p.has(`"`) {
			return p.fail("expected a quoted text but found %q", p.ahead())
		}
		s, err := p.quoted()
		t.Text = s
		c.Terms = append(c.Terms, t)
		return err
	}
	if !p.take("(") {
		return one()
	}
	for {
		if err := p.space(); err != nil {
			return err
		}
		if p.take(")") {
			return nil
		}
		if err := one(); err != nil {
			return err
		}
	}
}
