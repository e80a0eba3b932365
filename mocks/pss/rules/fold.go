package rules

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// words cuts text at blanks and punctuation into folded words: lower case,
// accents gone, ligatures spelled out. Labels and queries go through the same
// function, so "poumon", "POUMON" and a decomposed "é" all meet.
func words(text string) []string {
	return strings.FieldsFunc(fold(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

func fold(text string) string {
	ascii := true
	for i := 0; i < len(text); i++ {
		if text[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(text) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		switch r = unicode.ToLower(r); r {
		case 'œ':
			b.WriteString("oe")
		case 'æ':
			b.WriteString("ae")
		case 'ß':
			b.WriteString("ss")
		case 'ø':
			b.WriteByte('o')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// dashed makes an identifier of a phrase: "head and neck" → "head-and-neck".
func dashed(text string) string { return strings.Join(words(text), "-") }
