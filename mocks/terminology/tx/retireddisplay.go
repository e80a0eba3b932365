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
func (v *validation) retiredDisplay(n int, d *verdict, all terms, severity string) bool {
	sct, ok := sctOf(d.sys)
	if !ok {
		return false
	}
	given := d.coding.Display
	says := func(text string) bool { return strings.EqualFold(fold.Spaces(text), fold.Spaces(given)) }
	if !slices.ContainsFunc(sct.Edition.RetiredDescriptions(uint32(d.i)), func(x snomed.Description) bool { return says(x.Term) }) {
		return false
	}
	if slices.ContainsFunc(all, func(x term) bool { return says(x.text) }) {
		return false // it is still right in another language
	}
	shown, _ := v.show(d.sys, d.i)
	list := all.correct(shown)
	correct := "one of " + strings.Join(list, ",")
	if len(list) == 1 {
		correct = "'" + list[0] + "'"
	}
	i := Issue{Severity: severity, Code: "invalid", Type: "display-comment", Expression: v.path(n, "display"), ID: "INACTIVE_DISPLAY_FOUND",
		Text: fmt.Sprintf("'%s' is no longer considered a correct display for code '%s' (status = inactive). The correct display is %s", given, d.sys.Code(d.i), correct)}
	if severity != "error" {
		i.Telling = byIssue
	}
	v.issue(i)
	d.ok = d.ok && severity != "error"
	return true
}

// correct lists the terms in the languages asked for: the one that is shown, then fully specified names, then synonyms.
func (t terms) correct(shown string) []string {
	list := []string{shown}
	for _, full := range []bool{true, false} {
		for _, x := range t {
			if x.wanted && x.full == full && !slices.Contains(list, x.text) {
				list = append(list, x.text)
			}
		}
	}
	return list
}
