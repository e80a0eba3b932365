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
		set := &Sub{Column: p.column(p.i)}
		if err := p.focus(set); err != nil {
			return nil, err
		}
		if n, ok := set.Inner.(*Sub); !ok || !n.Any || n.Op != opSelf || n.MemberOf || n.Contains || len(n.Filters) > 0 || n.History != nil {
			h.Sets = set // (*) is the same as nothing: all historical associations
		}
	}
	return h, nil
}

// conditionKinds tells which conditions the filters have; those of members may also be any of their fields.
func conditionKinds(name string) string {
	switch name {
	case "term", "language", "type", "typeid", "dialect", "dialectid", "id":
		return "D"
	case "definitionstatus", "definitionstatusid":
		return "C"
	case "active", "moduleid", "effectivetime":
		return "CDM"
	}
	return ""
}

// filter reads a filter up to its closing braces.
func (p *parser) filter(s *Sub, open int) (Filter, error) {
	f := Filter{Kind: "D"}
	if w := p.word(); w == "C" || w == "D" || w == "M" {
		p.i++
		f.Kind = w
	}
	if f.Kind == "M" {
		switch {
		case s.Contains:
			return f, &Error{Column: p.column(open), Text: "a member filter behind ^R is not supported", Unsupported: true}
		case !s.MemberOf:
			return f, p.failAt(open, "a member filter {{ M … }} needs ^ before the reference set")
		case len(s.Filters) > 0 && s.Filters[len(s.Filters)-1].Kind != "M":
			return f, p.failAt(open, "a member filter {{ M … }} stands before the filters of concepts and descriptions")
		}
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

// comparison reads a comparison operator, or nothing.
func (p *parser) comparison() (string, error) {
	for _, op := range []string{"!=", "<>", "<=", ">=", "=", "<", ">"} {
		if p.take(op) {
			if op == "<>" {
				return "!=", nil
			}
			return op, nil
		}
	}
	if p.word() == "NOT" {
		back := p.i
		p.i += len("NOT")
		if err := p.space(); err != nil {
			return "", err
		}
		if p.take("=") {
			return "!=", nil
		}
		p.i = back
	}
	return "", nil
}

func (p *parser) condition(kind string) (Condition, error) {
	if err := p.space(); err != nil {
		return Condition{}, err
	}
	at := p.i
	p.i += len(p.word())
	c := Condition{Column: p.column(at), Name: p.s[at:p.i]}
	field := false
	switch lower := strings.ToLower(c.Name); {
	case c.Name == "":
		return c, p.fail("expected the name of a condition but found %q", p.ahead())
	case strings.Contains(conditionKinds(lower), kind):
		c.Name = lower
	case kind == "M":
		field = true
	default:
		return c, p.failAt(at, "a filter {{ %s … }} has no condition %q", kind, c.Name)
	}
	if err := p.space(); err != nil {
		return c, err
	}
	op := p.i
	var err error
	if c.Compare, err = p.comparison(); err != nil {
		return c, err
	}
	if c.Compare == "" {
		return c, p.fail("expected a comparison but found %q", p.ahead())
	}
	if c.ordered() && c.Name != "effectivetime" && !field {
		return c, p.failAt(op, "%s compares numbers and times, not %s", c.Compare, c.Name)
	}
	if err := p.space(); err != nil {
		return c, err
	}
	c.Value = p.column(p.i)
	if field {
		return c, p.fieldValue(&c)
	}
	switch c.Name {
	case "term":
		return c, p.searchTerms(&c)
	case "typeid", "moduleid", "definitionstatusid":
		c.Set, err = p.conceptSet()
		return c, err
	case "dialect", "dialectid":
		return c, p.dialects(&c)
	case "effectivetime":
		return c, p.times(&c)
	case "id":
		return c, p.list(func() error {
			id, err := p.identifier()
			c.IDs = append(c.IDs, id)
			return err
		})
	case "active":
		return c, p.activeValue(&c)
	}
	return c, p.list(func() error { return p.token(&c) })
}

// ordered tells whether the comparison asks for less or more.
func (c *Condition) ordered() bool { return c.Compare != "=" && c.Compare != "!=" }

// fieldValue reads what a field of a member is compared with; the type of the field is known only when the reference set is.
func (p *parser) fieldValue(c *Condition) error {
	back := p.i
	text := p.has(`"`)
	if p.take("(") {
		if err := p.space(); err != nil {
			return err
		}
		text = p.has(`"`) || p.typedTerm()
		p.i = back
	}
	switch w := p.word(); {
	case p.has("#"):
		n, err := p.number()
		c.Number = &n
		return err
	case text && c.ordered():
		return p.times(c)
	case !c.ordered() && (text || p.typedTerm()):
		return p.searchTerms(c)
	case c.ordered():
		return p.fail("%s compares numbers (#5) and times (\"20240131\")", c.Compare)
	case w == "TRUE" || w == "FALSE":
		p.i += len(w)
		c.Words = []string{strings.ToLower(w)}
	case p.digit() && len(p.name()) < 6:
		return p.fail("a number is written with # (#%s)", p.name())
	default:
		set, err := p.conceptSet()
		c.Set = set
		return err
	}
	return nil
}
