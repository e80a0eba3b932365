package ssin

import (
	"encoding/base64"
	"strings"
)

// FindReal returns the first number in the texts that may be real, as eleven
// digits, or "".
func FindReal(texts ...string) string {
	for _, text := range texts {
		found := ""
		each(text, func(start, end int) bool {
			found = compact(text[start:end])
			return false
		})
		if found != "" {
			return found
		}
	}
	return ""
}

// Mask replaces every number in text that may be real, also inside the payload
// of JSON Web Tokens (which then no longer verify).
func Mask(text string) string { return maskTokens(maskPlain(text)) }

func maskPlain(text string) string {
	var b strings.Builder
	last := 0
	each(text, func(start, end int) bool {
		b.WriteString(text[last:start])
		b.WriteString(Masked)
		last = end
		return true
	})
	if last == 0 {
		return text
	}
	b.WriteString(text[last:])
	return b.String()
}

// each calls fn with every number that may be real and stands alone (not
// inside a longer word, as in base64): eleven digits, or written with marks as
// on an identity card (85.07.30-033.28).
func each(text string, fn func(start, end int) bool) {
	for i := 0; i < len(text); {
		if !isDigit(text[i]) {
			i++
			continue
		}
		start := i
		if escaped(text, start) { // %7C82…: the digits of the escape are not the number's
			start = min(i+escapeRest(text, i), len(text))
		}
		end := start
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		if n := marked(text[start:]); n > 0 && end == start+2 {
			end = start + n
		}
		i = max(end, i+1)
		if alone(text, start, end) && MayBeReal(compact(text[start:end])) && !fn(start, end) {
			return
		}
	}
}

// escaped tells whether the digit at i is inside a percent escape, of which it
// is the first or second character.
func escaped(text string, i int) bool { return i > 0 && text[i-1] == '%' }

// escapeRest is how many characters of the escape lie at and after i.
func escapeRest(text string, i int) int {
	if i+1 < len(text) && isHex(text[i+1]) {
		return 2
	}
	return 1
}

// marked is the length of the number at the start of text when it is written
// with marks, else 0.
func marked(text string) int {
	const form = "00.00.00-000.00"
	if len(text) < len(form) {
		return 0
	}
	for i := range len(form) {
		switch c := text[i]; form[i] {
		case '0':
			if !isDigit(c) {
				return 0
			}
		default:
			if c != '.' && c != '-' && c != ' ' && c != '/' {
				return 0
			}
		}
	}
	return len(form)
}

// alone tells whether text[start:end] is no part of a longer word.
func alone(text string, start, end int) bool {
	afterEscape := start > 2 && text[start-3] == '%' && isHex(text[start-2]) && isHex(text[start-1])
	if start > 0 && wordByte(text[start-1]) && !afterEscape {
		return false
	}
	if end == len(text) || !wordByte(text[end]) {
		return end == len(text) || !isDigit(text[end])
	}
	return text[end] == '.' && (end+1 == len(text) || !isDigit(text[end+1]) && !wordByte(text[end+1]))
}

// compact leaves the digits only.
func compact(s string) string {
	if len(s) == 11 {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if isDigit(s[i]) {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// maskTokens masks the payloads of the JWTs in text.
func maskTokens(text string) string {
	const begin = "eyJ" // base64url of {"
	var b strings.Builder
	last := 0
	for i := 0; i < len(text); {
		at := strings.Index(text[i:], begin)
		if at < 0 {
			break
		}
		at += i
		end := at
		for end < len(text) && isBase64URL(text[end]) {
			end++
		}
		i = max(end, at+1)
		raw, err := base64.RawURLEncoding.DecodeString(text[at:end])
		if err != nil {
			continue
		}
		if masked := maskPlain(string(raw)); masked != string(raw) {
			b.WriteString(text[last:at])
			b.WriteString(base64.RawURLEncoding.EncodeToString([]byte(masked)))
			last = end
		}
	}
	if last == 0 {
		return text
	}
	b.WriteString(text[last:])
	return b.String()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isBase64URL(c byte) bool { return isDigit(c) || isLetter(c) || c == '-' || c == '_' }

func wordByte(c byte) bool { return isLetter(c) || c == '_' || c == '+' || c == '.' }
