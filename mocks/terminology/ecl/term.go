package ecl

import (
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// SearchTerm is a text to look for. Without a kind every word of it begins some word of the text; wild compares the whole text with a
// pattern, both ignoring case and accents; exact compares the whole text as it is.
type SearchTerm struct {
	Text  string
	Kind  string   // MATCH, WILD, EXACT
	parts []string // folded: the words, or what stands between the *
}

func newTerm(kind, raw string) SearchTerm {
	t := SearchTerm{Text: unescape(raw), Kind: kind}
	switch kind {
	case "MATCH":
		t.parts = fold.Words(nil, fold.String(t.Text))
	case "WILD":
		for from, i := 0, 0; i <= len(raw); i++ {
			switch {
			case i == len(raw) || raw[i] == '*':
				t.parts = append(t.parts, fold.String(unescape(raw[from:i])))
				from = i + 1
			case raw[i] == '\\':
				i++
				if i == len(raw) { // cannot end like this: the quotation mark would be part of the text
					i--
				}
			}
		}
	}
	return t
}

func (t *SearchTerm) matches(text string) bool {
	switch t.Kind {
	case "EXACT":
		return text == t.Text
	case "WILD":
		return t.wild(fold.String(text))
	}
	words := fold.Words(nil, fold.String(text))
	for _, w := range t.parts {
		if !slices.ContainsFunc(words, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}

// wild compares a folded text with the parts between the stars.
func (t *SearchTerm) wild(text string) bool {
	first, last := t.parts[0], t.parts[len(t.parts)-1]
	if len(t.parts) == 1 {
		return text == first
	}
	if !strings.HasPrefix(text, first) {
		return false
	}
	text = text[len(first):]
	for _, p := range t.parts[1 : len(t.parts)-1] {
		at := strings.Index(text, p)
		if at < 0 {
			return false
		}
		text = text[at+len(p):]
	}
	return strings.HasSuffix(text, last)
}

// dialectAlias gives the language reference set of an alias (ECL, appendix C; the German one of Belgium and those of its general practitioners are ours), 0 when there is none.
func dialectAlias(alias string) uint64 {
	return map[string]uint64{
		"da-dk": 554461000005103, "en-au": 32570271000036106, "en-ca": 19491000087109, "en-gb": snomed.EnGB, "en-ie": 21000220103,
		"en-nz": 271000210107, "en-nz-x-pat": 281000210109, "en-us": snomed.EnUS, "en-x-gmdn": 608771002,
		"en-x-nhs-clinical": 999001261000000100, "en-x-nhs-dmd": 999000671000001103, "en-x-nhs-pharmacy": 999000691000001104,
		"en-gb-x-drug": 999000681000001101, "en-gb-x-ext": 999001251000000103, "es": 450828004, "es-uy": 5641000179103,
		"et-ee": 71000181105, "de": 722130004, "de-be": 120961000172108, "fr": 722131000, "fr-be": 21000172104, "fr-ca": 20581000087109,
		"fr-be-gp": 711000172101, "ja": 722129009, "mi": 291000210106, "nl-be": 31000172101, "nl-be-gp": 701000172104, "nl-nl": 31000146106, "nb-no": 61000202103, "nn-no": 91000202106,
		"sv-se": 46011000052107, "zh": 722128001,
	}[alias]
}
