// Package fold makes text comparable the way a person types it: without case and without accents.
//
// Dutch, French, German and English terms are folded alike (terminology server rule 13): compatibility decomposition, marks dropped,
// lower case, and the ligatures œ, æ, ß, ø spelled out. Words are runs of letters and digits.
package fold

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// String folds s.
func String(s string) string {
	ascii := true
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || (c >= 'A' && c <= 'Z') {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	return string(Append(make([]byte, 0, len(s)+4), s))
}

// Append appends the folded form of s to dst.
func Append(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		dst = appendRune(dst, r, s[i:i+n])
		i += n
	}
	return dst
}

func appendRune(dst []byte, r rune, s string) []byte {
	switch r {
	case 'œ', 'Œ':
		return append(dst, "oe"...)
	case 'æ', 'Æ':
		return append(dst, "ae"...)
	case 'ß', 'ẞ':
		return append(dst, "ss"...)
	case 'ø', 'Ø':
		return append(dst, 'o')
	}
	if r == utf8.RuneError {
		return append(dst, ' ')
	}
	d := norm.NFKD.PropertiesString(s).Decomposition()
	if d == nil {
		if unicode.Is(unicode.Mn, r) {
			return dst
		}
		return utf8.AppendRune(dst, unicode.ToLower(r))
	}
	for len(d) > 0 {
		x, n := utf8.DecodeRune(d)
		d = d[n:]
		if !unicode.Is(unicode.Mn, x) {
			dst = utf8.AppendRune(dst, unicode.ToLower(x))
		}
	}
	return dst
}

// Words appends the words of folded text to dst; the words are parts of folded.
func Words(dst []string, folded string) []string {
	start := -1
	for i := 0; i < len(folded); {
		c := folded[i]
		n := 1
		word := (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
		if c >= utf8.RuneSelf {
			var r rune
			r, n = utf8.DecodeRuneInString(folded[i:])
			word = unicode.IsLetter(r) || unicode.IsDigit(r)
		}
		switch {
		case word && start < 0:
			start = i
		case !word && start >= 0:
			dst = append(dst, folded[start:i])
			start = -1
		}
		i += n
	}
	if start >= 0 {
		dst = append(dst, folded[start:])
	}
	return dst
}

// Spaces trims s and makes runs of white space one blank: the form in which displays are compared.
func Spaces(s string) string {
	var out []byte
	blank := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			blank = len(out) > 0
			continue
		}
		if blank {
			out = append(out, ' ')
			blank = false
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}
