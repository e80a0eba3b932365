package tree

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a JSON string; p.pos is at its opening quote.
func (p *parser) text() (string, bool) {
	p.pos++
	start := p.pos
	for p.pos < len(p.data) { // the common case: no escapes, nothing to copy twice
		c := p.data[p.pos]
		if c == '"' {
			s := string(p.data[start:p.pos])
			if !utf8.ValidString(s) {
				p.report(start-1, RuleUTF8, "the text is not UTF-8")
			}
			p.pos++
			return s, true
		}
		if c == '\\' || c < 0x20 {
			break
		}
		p.pos++
	}
	return p.escapedText(start)
}

func (p *parser) escapedText(start int) (string, bool) {
	out := append([]byte(nil), p.data[start:p.pos]...)
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case c == '"':
			p.pos++
			if !utf8.Valid(out) {
				p.report(start-1, RuleUTF8, "the text is not UTF-8")
			}
			return string(out), true
		case c < 0x20:
			p.syntax("control characters must be escaped")
			return "", false
		case c == '\\':
			var ok bool
			if out, ok = p.escape(out); !ok {
				return "", false
			}
		default:
			out = append(out, c)
			p.pos++
		}
	}
	p.syntax("the text has no closing quote")
	return "", false
}

func (p *parser) escape(out []byte) ([]byte, bool) {
	at := p.pos
	p.pos++
	if p.pos >= len(p.data) {
		p.syntax("the document ends inside an escape")
		return out, false
	}
	simple := map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}
	c := p.data[p.pos]
	p.pos++
	if plain, ok := simple[c]; ok {
		return append(out, plain), true
	}
	if c != 'u' {
		p.pos--
		p.syntax("unknown escape")
		return out, false
	}
	first, ok := p.hex()
	if !ok {
		return out, false
	}
	if !utf16.IsSurrogate(first) {
		return utf8.AppendRune(out, first), true
	}
	if p.pos+1 < len(p.data) && p.data[p.pos] == '\\' && p.data[p.pos+1] == 'u' {
		back := p.pos
		p.pos += 2
		second, ok := p.hex()
		if !ok {
			return out, false
		}
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			return utf8.AppendRune(out, r), true
		}
		p.pos = back
	}
	p.report(at, RuleSurrogate, "a surrogate without its partner")
	return utf8.AppendRune(out, utf8.RuneError), true
}

func (p *parser) hex() (rune, bool) {
	if p.pos+4 > len(p.data) {
		p.syntax("four hexadecimal digits are expected")
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.data[p.pos:p.pos+4]), 16, 16)
	if err != nil {
		p.syntax("four hexadecimal digits are expected")
		return 0, false
	}
	p.pos += 4
	return rune(n), true
}
