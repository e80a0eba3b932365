package check

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

const systemSSIN = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"

// patient finds the patient's pseudonym: in subject.identifier (A), as the id of subject.reference (B, not in radiology) or as
// the SSIN of the contained Patient (C, radiology). Two are fine when they are the same person, which the caller finds out.
func (c *Checker) patient(root *profile.Node, kind Kind) ([]Pseudonym, []Issue) {
	var found []Pseudonym
	var issues []Issue
	take := func(n *profile.Node, form string) {
		p, wrong := pseudonym(n, "patient-pseudonym")
		if len(wrong) == 0 {
			p.Form = form
			found = append(found, p)
		}
		issues = append(issues, wrong...)
	}
	subject := root.Member("subject")
	if id := subject.Member("identifier"); tree.Text(id.Object(), "system") == systemSSIN && isURN(id.Member("value").Text()) {
		take(id.Member("value"), "A")
	}
	reference := subject.Member("reference")
	if value, ok := strings.CutPrefix(reference.Text(), "Patient/"); ok && isURN(value) && kind != Imaging {
		p, why := ParsePseudonym(value)
		if why != "" {
			issues = append(issues, unprocessable(StagePseudonym, "value", PseudonymInvalid, "patient-pseudonym", reference, why, shorten(value), "Patient/"+pseudonymPrefix+"{SEC1}:{transitInfo}"))
		} else {
			p.Form, p.Expression = "B", reference.Path()
			found = append(found, p)
		}
	}
	if kind == Imaging {
		for _, contained := range root.Items("contained") {
			if tree.Text(contained.Object(), "resourceType") != "Patient" {
				continue
			}
			for _, id := range contained.Items("identifier") {
				if tree.Text(id.Object(), "system") == systemSSIN && isURN(id.Member("value").Text()) {
					take(id.Member("value"), "C")
				} else if tree.Text(id.Object(), "system") == systemSSIN && id.Member("value") != nil {
					issues = append(issues, unprocessable(StagePseudonym, "value", PseudonymInvalid, "patient-pseudonym", id.Member("value"), "a patient's SSIN is sent as a pseudonym", "a clear value", pseudonymPrefix+"{SEC1}:{transitInfo}"))
				}
			}
		}
	}
	if len(found) == 0 && len(issues) == 0 {
		at := root.Member("subject")
		if at == nil {
			at = root.Absent("subject")
		}
		issues = append(issues, unprocessable(StagePseudonym, "value", PatientPseudonymRequired, "patient-present", at, "the patient is named by a pseudonym", "none", "subject.identifier with system "+systemSSIN+" and a value "+pseudonymPrefix+"…"))
	}
	return found, issues
}

func isURN(s string) bool { return strings.HasPrefix(s, "urn:") }
