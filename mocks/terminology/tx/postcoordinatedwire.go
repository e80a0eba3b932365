package tx

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/scg"
)

// editionName is what stands in brackets behind an unknown SNOMED CT code: the title of the edition without "SNOMED CT".
func editionName(info *Info) string {
	if info.URL != snomedURL || info.UnknownMayExist || info.Title == "" {
		return ""
	}
	return " (" + strings.TrimPrefix(info.Title, "SNOMED CT ") + ")"
}

// evaluated tells whether expressions of a code system are judged.
func evaluated(sys System) bool {
	_, ok := expressionsOf(sys)
	return ok
}

// notExpression tells why an unknown SNOMED CT code is no expression either.
func (v *validation) notExpression(n int, d *verdict) {
	if why := whyNot(d.sys, d.coding.Code); why != "" {
		v.issue(Issue{Severity: "information", Code: "code-invalid", Type: "invalid-code", Expression: v.path(n, "code"), Text: why})
	}
}

// writing remarks on the writing of a valid expression, and on what could not be judged.
func (v *validation) writing(n int, d *verdict) {
	x, ok := expressionsOf(d.sys)
	if !ok || !mayBeExpression(d.coding.Code) {
		return
	}
	e, expression := x.at(d.i)
	normal := d.sys.Code(d.i)
	if expression {
		normal = e.Text.String()
		if !x.judge.HasModel() {
			v.issue(Issue{Severity: "information", Code: "informational", Type: "process-note", Expression: v.path(n, "code"),
				Text: fmt.Sprintf("The expression '%s' was not judged by the concept model: the release carries no MRCM reference sets", d.coding.Code)})
		}
		// Terms and blanks are no part of an expression.
		if scg.Bare(d.coding.Code) == normal {
			return
		}
	}
	d.normalized = normal
	v.issue(Issue{Severity: "information", Code: "business-rule", Type: "code-rule", Expression: v.path(n, "code"), ID: "CODE_NOT_IN_NORMAL_FORM",
		Text: fmt.Sprintf("The code '%s' is valid, but it is not the normal form for the code system '%s'; the normal form is '%s'", d.coding.Code, d.sys.Info().Canonical(), normal)})
}

// compareExpressions answers $subsumes when one of the codes is an expression. Structure can prove a relation; that it proves none is
// no answer.
func compareExpressions(sys System, i, j int, a, b string) (outcome string, p *Problem) {
	x, ok := expressionsOf(sys)
	if !ok || i < x.base && j < x.base {
		return "", nil
	}
	switch down, up := x.Subsumes(i, j), x.Subsumes(j, i); {
	case i == j || down && up:
		return "equivalent", nil
	case down:
		return "subsumes", nil
	case up:
		return "subsumed-by", nil
	}
	return "", problem(http.StatusUnprocessableEntity, "not-supported", "cannot-determine",
		fmt.Sprintf("Whether one of the expressions '%s' and '%s' subsumes the other cannot be determined from their structure", a, b))
}
