package sample

import "github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"

const roleURL = Referral + "be-ext-radiology-supporting-info-role"

// Info is an entry of supportingInfo with its role. Reference and concept may be empty.
func Info(role, reference string, concept tree.Object) tree.Object {
	entry := tree.Object{"extension": list(Ext(roleURL, "valueCode", role))}
	if reference != "" {
		entry["reference"] = reference
	}
	if concept != nil {
		tree.Append(entry, "extension", Ext(Referral+"be-ext-codeable-concept", "valueCodeableConcept", concept))
	}
	return entry
}

// imaging is a routine CT of the abdomen with a checklist and two patient conditions, one coded and one in words.
func imaging(o Options) tree.Object {
	doc := request("ereferral-servicerequest-diagnosticimaging", "order", "363679005", Imaging, o)
	tree.Append(doc, "category", Concept(Terminology+"be-cs-request-track", "ambulatory"))
	doc["code"] = Concept(SNOMED, "32962002")
	doc["contained"] = list(patient(o), Checklist(o.Encrypt("other")))
	subject := Subject(o.Patient)
	subject["reference"] = "#patient"
	doc["subject"] = subject
	doc["reasonCode"] = list(SetText(tree.Object{}, "text", o.Encrypt("hypothesis")))
	doc["supportingInfo"] = list(
		Info("safety-checklist", "#checklist", nil),
		Info("patient-condition", "", Concept(Terminology+"be-cs-pss-qsi-indications", "2506")),
		Info("patient-condition", "", SetText(tree.Object{}, "text", o.Encrypt("condition"))),
		Info("prior-request", "", Concept(Terminology+"be-cs-imaging-modality", "ct")),
	)
	tree.Append(doc, "extension", Ext(Referral+"be-ext-pss-info", "valueIdentifier",
		tree.Object{"system": ehealth + "pss/NamingSystem/pss-id", "value": "d2b8f0d4-6a39-4a31-9d1e-0c6f0e6f7a11"}))
	return doc
}

func patient(o Options) tree.Object {
	gender := Concept("http://hl7.org/fhir/administrative-gender", "other")
	gender["extension"] = Content(o.Encrypt("female"))["extension"]
	return tree.Object{
		"resourceType": "Patient", "id": "patient",
		"meta":       tree.Object{"profile": list(Core + "be-patient")},
		"extension":  list(Ext(Core+"be-ext-gender-at-birth", "valueCodeableConcept", gender)),
		"_birthDate": Content(o.Encrypt("1951-04-03")),
	}
}

// Checklist is an answered safety checklist; other is the encrypted answer to the last question.
func Checklist(other string) tree.Object {
	item := func(id string, answers ...any) tree.Object {
		return tree.Object{"linkId": id, "answer": list(answers...)}
	}
	no := func() tree.Object { return tree.Object{"valueBoolean": false} }
	return tree.Object{
		"resourceType": "QuestionnaireResponse", "id": "checklist",
		"meta":          tree.Object{"profile": list(EReferral + "ereferral-imaging-attention-conditions-response")},
		"questionnaire": ehealth + "referral/Questionnaire/be-questionnaire-imaging-attention-conditions",
		"status":        "completed",
		"item": list(
			item("implants", tree.Object{"valueCoding": tree.Object{"system": SNOMED, "code": "14789005"}}),
			item("pregnancy", no()), item("diabetes", no()), item("allergy-contrast-agent", tree.Object{"valueBoolean": true}),
			item("metallic-debris", no()), item("renal-dysfunction", no()),
			item("other", SetText(tree.Object{}, "valueString", other)), item("none", no()),
		),
	}
}
