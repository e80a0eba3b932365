package tx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// retiredDisplay tells of a display that no active term says, but an inactive SNOMED CT description does: it was right once, so the
// client's list is old rather than wrong.
func (v *validation) retiredDisplay(n int, d *verdict, severity string) bool {
	sct, ok := sctOf(d.sys)
	if !ok {
		return false
	}
	given := d.coding.Display
	says := func(term string) bool { return strings.EqualFold(fold.Spaces(term), fold.Spaces(given)) }
	if !slices.ContainsFunc(sct.Edition.RetiredDescriptions(uint32(d.i)), func(x snomed.Description) bool { return says(x.Term) }) {
		return false
	}
	terms, others := v.correctTerms(d)
	if slices.ContainsFunc(terms, says) || slices.ContainsFunc(others, says) {
		return false // it is still right in another language
	}
	correct := "one of " + strings.Join(terms, ",")
	if len(terms) == 1 {
		correct = "'" + terms[0] + "'"
	}
	v.issue(Issue{Severity: severity, Code: "invalid", Type: "display-comment", Expression: v.path(n, "display"), ID: "INACTIVE_DISPLAY_FOUND", Quiet: severity != "error",
		Text: fmt.Sprintf("'%s' is no longer considered a correct display for code '%s' (status = inactive). The correct display is %s", given, d.sys.Code(d.i), correct)})
	d.ok = d.ok && severity != "error"
	return true
}

// correctTerms lists what may stand as display in the languages asked for: the term shown first, then fully specified names, then
// synonyms; and apart the terms in other languages.
func (v *validation) correctTerms(d *verdict) (terms, others []string) {
	shown, _ := v.show(d.sys, d.i)
	terms = []string{shown}
	list := d.sys.Designations(d.i)
	for _, names := range []bool{true, false} {
		for _, x := range list {
			isName := x.Use != nil && x.Use.Code == snomed.ID(snomed.FSN)
			isDefinition := x.Use != nil && x.Use.Code == snomed.ID(snomed.Definition)
			switch {
			case x.Inactive || x.Status != "" || isDefinition || isName != names || slices.Contains(terms, x.Value):
			case v.langs.Empty() || x.Language == "" || v.langs.Wants(x.Language) || slices.Contains(v.langs.Tags, "*"):
				terms = append(terms, x.Value)
			default:
				others = append(others, x.Value)
			}
		}
	}
	return terms, others
}
