package tx

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Languages are the languages a client asked for, best first.
type Languages struct {
	Tags []string // as asked, "*" for any
	Hard bool     // "*;q=0": nothing else will do
	Raw  string   // as it came
}

var tagPattern = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,20})*$`)

// ParseLanguages reads a language tag or a list in the form of Accept-Language. ok is false when a part is no language tag.
func ParseLanguages(s string) (l Languages, ok bool) {
	l.Raw = s
	type item struct {
		tag string
		q   float64
	}
	var items []item
	for part := range strings.SplitSeq(s, ",") {
		tag, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		tag = strings.TrimSpace(tag)
		if tag == "" {
			continue
		}
		q := 1.0
		if v, found := strings.CutPrefix(strings.TrimSpace(rest), "q="); found {
			n, err := strconv.ParseFloat(v, 64)
			if err != nil || n < 0 || n > 1 {
				return l, false
			}
			q = n
		}
		if tag != "*" && !tagPattern.MatchString(tag) {
			return l, false
		}
		items = append(items, item{tag, q})
	}
	slices.SortStableFunc(items, func(a, b item) int {
		switch {
		case a.q > b.q:
			return -1
		case a.q < b.q:
			return 1
		}
		return 0
	})
	for _, i := range items {
		switch {
		case i.q > 0:
			l.Tags = append(l.Tags, i.tag)
		case i.tag == "*":
			l.Hard = true
		}
	}
	return l, true
}

// Empty tells whether no language was asked for.
func (l Languages) Empty() bool { return len(l.Tags) == 0 && !l.Hard }

// Matches tells whether a term in language tag satisfies the wish for want: the same, or one more special than the other.
func Matches(tag, want string) bool {
	tag, want = strings.ToLower(tag), strings.ToLower(want)
	if tag == "" {
		return false
	}
	return tag == want || strings.HasPrefix(tag, want+"-") || strings.HasPrefix(want, tag+"-")
}

// Wants tells whether a term in language tag is among the languages asked for.
func (l Languages) Wants(tag string) bool {
	for _, w := range l.Tags {
		if w == "*" || Matches(tag, w) {
			return true
		}
	}
	return false
}

// choose picks the display among a default term in a language and designations.
func (l Languages) choose(display, language string, all []Designation) (string, string) {
	for _, want := range l.Tags {
		if want == "*" {
			return display, language
		}
		if Matches(language, want) && display != "" {
			return display, language
		}
		for _, exact := range []bool{true, false} {
			for _, d := range all {
				if d.isDisplay() && (strings.EqualFold(d.Language, want) || !exact && Matches(d.Language, want)) {
					return d.Value, d.Language
				}
			}
		}
	}
	if l.Hard && len(l.Tags) > 0 {
		return "", ""
	}
	return display, language
}
