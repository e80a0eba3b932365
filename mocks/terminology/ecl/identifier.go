package ecl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// LOINC as the core module and the LOINC extension name it.
const (
	loincCodeSystem = 705114005
	loincScheme     = 30051010000102
)

// alternate finds the concept of an alternate identifier.
func (v *evaluator) alternate(x *Sub) (uint32, error) {
	if len(v.e.Schemes) == 0 {
		return 0, &Error{Column: x.Column, Text: fmt.Sprintf("%s has no alternate identifiers, so %s#%s is not known", v.e.System, x.Scheme, x.Code), UnknownID: true}
	}
	schemes := v.schemes(x.Scheme)
	if len(schemes) == 0 {
		var known []string
		for _, s := range v.e.Schemes {
			known = append(known, v.schemeName(s))
		}
		return 0, &Error{Column: x.Column, UnknownID: true,
			Text: fmt.Sprintf("the identifier scheme %q is not known; there is %s", x.Scheme, strings.Join(known, ", "))}
	}
	var found []uint32
	for _, s := range schemes {
		for _, c := range v.e.ByIdentifier(s, x.Code) {
			if !slices.Contains(found, c) {
				found = append(found, c)
			}
		}
	}
	switch len(found) {
	case 0:
		return 0, &Error{Column: x.Column, Text: fmt.Sprintf("the identifier %s#%s does not exist in %s", x.Scheme, x.Code, v.e.System), UnknownID: true}
	case 1:
		return found[0], nil
	}
	return 0, &Error{Column: x.Column, Text: fmt.Sprintf("the identifier %s#%s stands for %d concepts: use their SCTIDs", x.Scheme, x.Code, len(found))}
}

// schemes finds schemes by SCTID, by a term, or as LOINC.
func (v *evaluator) schemes(alias string) []snomed.SchemeRow {
	loinc := strings.EqualFold(alias, "LOINC") || strings.TrimSuffix(strings.ToLower(alias), "/") == "http://loinc.org"
	var out []snomed.SchemeRow
	for _, s := range v.e.Schemes {
		if snomed.ID(s.ID) == alias || v.called(s, alias) || loinc && (s.ID == loincCodeSystem || s.ID == loincScheme || v.called(s, "LOINC")) {
			out = append(out, s)
		}
	}
	return out
}

// called tells whether a term of the scheme, without its semantic tag, is the one given.
func (v *evaluator) called(s snomed.SchemeRow, term string) bool {
	c, ok := v.e.Concept(s.ID)
	if !ok {
		return false
	}
	term = fold.String(term)
	return slices.ContainsFunc(v.e.Descriptions(c), func(d snomed.Description) bool {
		text := d.Term
		if d.Type == snomed.FSN {
			text, _ = snomed.FSNTag(text)
		}
		return fold.String(text) == term
	})
}

func (v *evaluator) schemeName(s snomed.SchemeRow) string {
	if c, ok := v.e.Concept(s.ID); ok {
		term, _ := v.e.Display(c, nil)
		return fmt.Sprintf("%d |%s|", s.ID, term)
	}
	return snomed.ID(s.ID)
}
