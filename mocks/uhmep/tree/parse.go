package tree

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads one FHIR resource. Problems come in document order; with any of them the document must be refused, but the
// Object holds what could be read (nil after a syntax error), so that later checks can report their findings as well.
func Parse(data []byte, limits Limits) (Object, []*Problem) {
	p := &parser{data: data, limits: limits}
	p.space()
	if p.pos < len(p.data) && p.data[p.pos] != '{' && strings.IndexByte(`["tfn-0123456789`, p.data[p.pos]) >= 0 {
		p.report(p.pos, RuleObject, "a FHIR resource is a JSON object")
		return nil, p.done("")
	}
	value, ok := p.value(1)
	if !ok {
		return nil, p.done("")
	}
	p.space()
	if p.pos < len(p.data) {
		p.report(p.pos, RuleSyntax, "nothing may follow the resource")
		return nil, p.done("")
	}
	root, _ := value.(Object)
	kind := Text(root, "resourceType")
	if kind == "" {
		p.report(0, RuleObject, "resourceType is missing")
	}
	return root, p.done(kind)
}

type parser struct {
	data     []byte
	pos      int
	limits   Limits
	path     []step
	problems []*Problem
	full     bool
}

// maxName is how much of a member name a path shows.
const maxName = 80

// step is a member name, or an array index when name is empty.
type step struct {
	name  string
	index int
}

func (p *parser) report(at int, rule, text string) {
	if p.full {
		return
	}
	before := p.data[:at]
	line := 1 + bytes.Count(before, []byte{'\n'})
	column := at - bytes.LastIndexByte(before, '\n')
	p.problems = append(p.problems, &Problem{Rule: rule, Path: p.where(), Text: text, Line: line, Column: column})
	p.full = len(p.problems) >= p.limits.problems()
}

func (p *parser) where() string {
	var b strings.Builder
	for _, s := range p.path {
		if s.name == "" {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
			continue
		}
		name := s.name
		if len(name) > maxName {
			name = strings.ToValidUTF8(name[:maxName], "") + "…"
		}
		b.WriteString("." + name)
	}
	return b.String()
}

// done completes the paths with the resource type, which may stand anywhere in the document.
func (p *parser) done(kind string) []*Problem {
	if kind == "" {
		kind = "Resource"
	}
	for _, problem := range p.problems {
		problem.Path = kind + problem.Path
	}
	return p.problems
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) syntax(text string) (any, bool) {
	at := min(p.pos, len(p.data))
	p.report(at, RuleSyntax, text)
	return nil, false
}

// value reads one JSON value. False means the text is not JSON and reading stops.
func (p *parser) value(depth int) (any, bool) {
	if p.pos >= len(p.data) {
		return p.syntax("the document ends too early")
	}
	switch c := p.data[p.pos]; {
	case c == '{' || c == '[':
		if depth > p.limits.depth() {
			p.report(p.pos, RuleDepth, "nested deeper than "+strconv.Itoa(p.limits.depth())+" levels")
			return nil, false
		}
		if c == '{' {
			return p.object(depth)
		}
		return p.array(depth)
	case c == '"':
		at := p.pos
		s, ok := p.text()
		if ok && s == "" {
			p.report(at, RuleEmpty, "an empty string is not allowed, leave the member out")
		}
		return s, ok
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for word, v := range map[string]any{"true": true, "false": false, "null": nil} {
		if bytes.HasPrefix(p.data[p.pos:], []byte(word)) {
			p.pos += len(word)
			return v, true
		}
	}
	return p.syntax("unexpected character " + strconv.QuoteRune(rune(p.data[p.pos])))
}

func (p *parser) object(depth int) (any, bool) {
	start := p.pos
	p.pos++
	out := Object{}
	p.space()
	if p.pos < len(p.data) && p.data[p.pos] == '}' {
		p.pos++
		p.report(start, RuleEmpty, "an empty object is not allowed, leave the member out")
		return out, true
	}
	for {
		p.space()
		at := p.pos
		if p.pos >= len(p.data) || p.data[p.pos] != '"' {
			return p.syntax("a member name is expected")
		}
		name, ok := p.text()
		if !ok {
			return nil, false
		}
		p.path = append(p.path, step{name: name})
		p.checkName(at, name, out)
		p.space()
		if p.pos >= len(p.data) || p.data[p.pos] != ':' {
			return p.syntax("a colon is expected")
		}
		p.pos++
		p.space()
		valueAt := p.pos
		v, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		if v == nil {
			p.report(valueAt, RuleNull, "null is not allowed here, leave the member out")
		} else if _, twice := out[name]; !twice {
			out[name] = v
		}
		p.path = p.path[:len(p.path)-1]
		p.space()
		switch {
		case p.pos < len(p.data) && p.data[p.pos] == ',':
			p.pos++
		case p.pos < len(p.data) && p.data[p.pos] == '}':
			p.pos++
			p.checkNulls(start, out)
			return out, true
		default:
			return p.syntax("a comma or } is expected")
		}
	}
}

func (p *parser) checkName(at int, name string, seen Object) {
	if _, twice := seen[name]; twice {
		p.report(at, RuleDuplicate, "a member stands twice in one object")
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimPrefix(name, "_"))
	if first < 'a' || first > 'z' {
		p.report(at, RuleCapital, "member names start with a small letter")
	}
}

func (p *parser) array(depth int) (any, bool) {
	start := p.pos
	p.pos++
	out := []any{}
	p.space()
	if p.pos < len(p.data) && p.data[p.pos] == ']' {
		p.pos++
		p.report(start, RuleEmpty, "an empty array is not allowed, leave the member out")
		return out, true
	}
	for {
		p.space()
		p.path = append(p.path, step{index: len(out)})
		if p.pos < len(p.data) && p.data[p.pos] == '[' {
			p.report(p.pos, RuleNested, "FHIR has no arrays inside arrays")
		}
		v, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		out = append(out, v)
		p.path = p.path[:len(p.path)-1]
		p.space()
		switch {
		case p.pos < len(p.data) && p.data[p.pos] == ',':
			p.pos++
		case p.pos < len(p.data) && p.data[p.pos] == ']':
			p.pos++
			return out, true
		default:
			return p.syntax("a comma or ] is expected")
		}
	}
}

// checkNulls applies the rule for primitive arrays: null keeps the place of a value whose extensions stand at the same index
// of the _name array, and the other way round.
func (p *parser) checkNulls(at int, o Object) {
	for _, name := range sortedNames(o) {
		list, isList := o[name].([]any)
		if !isList {
			continue
		}
		partnerName := "_" + name
		if strings.HasPrefix(name, "_") {
			partnerName = name[1:]
		}
		partner, _ := o[partnerName].([]any)
		ofObjects := !strings.HasPrefix(name, "_") && holdsObjects(list)
		for i, v := range list {
			if v != nil {
				continue
			}
			text := ""
			switch {
			case ofObjects:
				text = "null is only allowed in the arrays of primitives"
			case i >= len(partner) || partner[i] == nil:
				text = "null needs its partner in " + strconv.Quote(partnerName) + " at the same index"
			}
			if text != "" {
				p.path = append(p.path, step{name: name}, step{index: i})
				p.report(at, RuleNull, text)
				p.path = p.path[:len(p.path)-2]
			}
		}
	}
}

func holdsObjects(list []any) bool {
	for _, v := range list {
		if _, ok := v.(Object); ok {
			return true
		}
	}
	return false
}

// number keeps the digits as they came: 1.50 stays 1.50.
func (p *parser) number() (any, bool) {
	start := p.pos
	digits := func() bool {
		from := p.pos
		for p.pos < len(p.data) && p.data[p.pos] >= '0' && p.data[p.pos] <= '9' {
			p.pos++
		}
		return p.pos > from
	}
	at := func(chars string) bool {
		if p.pos < len(p.data) && strings.IndexByte(chars, p.data[p.pos]) >= 0 {
			p.pos++
			return true
		}
		return false
	}
	at("-")
	if !at("0") && !digits() {
		return p.syntax("a digit is expected")
	}
	if at(".") && !digits() {
		return p.syntax("a digit is expected after the decimal point")
	}
	if at("eE") {
		at("+-")
		if !digits() {
			return p.syntax("a digit is expected in the exponent")
		}
	}
	if p.pos < len(p.data) && (p.data[p.pos] >= '0' && p.data[p.pos] <= '9') {
		return p.syntax("a number has no leading zero")
	}
	return json.Number(p.data[start:p.pos]), true
}
