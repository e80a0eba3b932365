package profile

import (
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

func imagingInvariants() []Invariant {
	return []Invariant{
		{"ereferral-inv-subject-contained", "the subject is the contained patient", func(s Scope, fail Fail) {
			subject := s.Resource.Member("subject")
			if _, local := localID(subject); !local {
				at := subject.Member("reference")
				if at == nil {
					at = s.Resource.Absent("subject").absent("reference", "")
				}
				fail(at, subject.Member("reference").Text(), "a reference that starts with #")
			}
		}},
		{"ereferral-inv-supportingInfo-safetyChecklist-contained", "supportingInfo points to the contained safety checklist", checklistContained},
		{"ereferral-inv-urgent-requires-urgency-justification", "an urgent request carries its justification", func(s Scope, fail Fail) {
			if s.Resource.Member("priority").Text() == "urgent" && len(s.Resource.Extensions(extUrgency)) == 0 {
				fail(s.Resource.absent("extension", "urgencyJustification"), "priority urgent alone", "be-ext-urgency-justification")
			}
		}},
		{"ereferral-inv-patient-condition-code-or-text", "a coded entry of supportingInfo has a coding or a text", func(s Scope, fail Fail) {
			eachConcept(s.Resource, func(_, concept *Node) {
				if len(concept.Items("coding")) == 0 && len(concept.Items("text")) == 0 {
					fail(concept, "neither", "coding or text")
				}
			})
		}},
		{"ereferral-inv-patient-condition-concept-text-pseudonymized", "the text of a coded entry of supportingInfo is encrypted", func(s Scope, fail Fail) {
			eachConcept(s.Resource, func(_, concept *Node) { mustBeMarked(concept.Items("text"), fail) })
		}},
		{"ereferral-inv-patient-condition-strict", "a patient condition is text alone, or exactly one coding of the value set", patientConditionStrict},
		{"ereferral-inv-contained-patient-birthdate-encrypted", "the birth date of the contained patient is encrypted", birthDateEncrypted},
		{"ereferral-inv-contained-patient-gender-at-birth-encrypted", "the gender at birth of the contained patient is 'other' beside its encrypted value", genderEncrypted},
	}
}

func checklistContained(s Scope, fail Fail) {
	var checklists []string
	for _, contained := range s.Root.Items("contained") {
		for _, profile := range tree.Texts(tree.Child(contained.Object(), "meta"), "profile") {
			if bare, _, _ := strings.Cut(profile, "|"); bare == checklistURL {
				checklists = append(checklists, tree.Text(contained.Object(), "id"))
			}
		}
	}
	for _, info := range s.Resource.Items("supportingInfo") {
		ref := info.Member("reference")
		id, local := localID(info)
		isChecklist := slices.ContainsFunc(info.Extensions(extRole), func(r *Node) bool { return tree.Text(r.Object(), "valueCode") == "safety-checklist" })
		switch {
		case local && !slices.Contains(checklists, id):
			fail(ref, ref.Text(), "the id of a contained resource whose meta.profile names the eReferral checklist")
		case isChecklist && ref.Text() != "" && !local:
			fail(ref, ref.Text(), "a reference that starts with #")
		}
	}
}

// eachConcept visits the coded values of be-ext-codeable-concept under supportingInfo, with the role code of their entry.
func eachConcept(resource *Node, visit func(role, concept *Node)) {
	for _, info := range resource.Items("supportingInfo") {
		var role *Node
		if roles := info.Extensions(extRole); len(roles) > 0 {
			role = roles[0].Member("valueCode")
		}
		for _, ext := range info.Extensions(extConcept) {
			if concept := ext.Member("valueCodeableConcept"); concept != nil {
				visit(role, concept)
			}
		}
	}
}

func patientConditionStrict(s Scope, fail Fail) {
	eachConcept(s.Resource, func(role, concept *Node) {
		if role.Text() != "patient-condition" {
			return
		}
		codings := concept.Items("coding")
		switch {
		case len(codings) == 0 && len(concept.Items("text")) > 0:
		case len(codings) != 1:
			fail(concept, plural(len(codings), "coding"), "text alone, or one coding")
		default:
			coding := codings[0].Object()
			member, known := s.Codes.Member(terminology+"ereferral-vs-imaging-patient-condition-indication", tree.System(coding), tree.Text(coding, "code"))
			if known && !member {
				fail(codings[0], tree.System(coding)+"|"+tree.Text(coding, "code"), "a member of ereferral-vs-imaging-patient-condition-indication")
			}
		}
	})
}

func birthDateEncrypted(s Scope, fail Fail) {
	for _, patient := range patients(s.Root) {
		date := patient.Member("birthDate")
		switch {
		case date == nil:
			fail(patient.Absent("birthDate"), "absent", "_birthDate with be-ext-pseudonymized-content")
		case date.Value() != nil:
			fail(date, "a clear birth date", "only _birthDate with be-ext-pseudonymized-content")
		default:
			encryptedContent(date, fail)
		}
	}
}

func genderEncrypted(s Scope, fail Fail) {
	for _, patient := range patients(s.Root) {
		found := patient.Extensions(extGender)
		if len(found) == 0 {
			fail(patient.absent("extension", "genderAtBirth"), "absent", "be-ext-gender-at-birth")
		}
		for _, ext := range found {
			concept := ext.Member("valueCodeableConcept")
			if !tree.HasCoding(concept.Object(), "http://hl7.org/fhir/administrative-gender", "other") {
				fail(ext.absent("valueCodeableConcept", ""), "another visible coding", "http://hl7.org/fhir/administrative-gender|other")
			}
			if concept != nil {
				encryptedContent(concept, fail)
			}
		}
	}
}

// encryptedContent demands be-ext-pseudonymized-content with all four parts on an element.
func encryptedContent(n *Node, fail Fail) {
	found := n.Extensions(extContent)
	if len(found) == 0 {
		fail(n, "no be-ext-pseudonymized-content", "be-ext-pseudonymized-content")
		return
	}
	content := found[0]
	switch value := content.Part("encryptedValue").Member("valueString"); {
	case !strings.HasPrefix(value.Text(), encryptedText) || len(value.Text()) == len(encryptedText):
		fail(content, short(value.Text()), encryptedText+"…")
	case content.Part("marker").Member("valueBoolean").Value() != true:
		fail(content, "marker is not true", "marker true")
	case content.Part("format").Member("valueCode").Text() != "encrypted":
		fail(content, "format "+content.Part("format").Member("valueCode").Text(), "format encrypted")
	case content.Part("version").ExtensionValue() == nil:
		fail(content, "no version", "version")
	}
}

func patients(root *Node) []*Node {
	var out []*Node
	for _, contained := range root.Items("contained") {
		if tree.Text(contained.Object(), "resourceType") == "Patient" {
			out = append(out, contained)
		}
	}
	return out
}
