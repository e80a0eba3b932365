package sample

import "github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"

// Codes of the two templates that are not nursing care.
const (
	Annex81 = "medication-prefill-preparation-appendix-81"
	Imaging = "diagnostic-imaging-appendix-82"
)

// NursingTemplates lists the twelve templates of nursing care.
func NursingTemplates() []string {
	return []string{
		"hygienic-care", "bloodletting", "chronic-dialysis", "diabetic-education-within-care-trajectory",
		"diabetic-education-within-start-trajectory", "diabetic-education-without-care-trajectory",
		"diabetic-education-convention-center", "glycemic-test", "medication-prefill-preparation-not-refunded",
		"parameters", "sampling", "generic-nursing",
	}
}

// Templates lists every template that can be created.
func Templates() []string { return append(NursingTemplates(), Annex81, Imaging) }

// Request is a ServiceRequest for a template, as sent to create it. An unknown template gives nil.
func Request(template string, options Options) tree.Object {
	o := options.filled()
	switch template {
	case Annex81:
		return annex81(options, o)
	case Imaging:
		return imaging(o)
	}
	return nursing(template, o)
}

// request is what all have in common.
func request(profile, intent, discipline, template string, o Options) tree.Object {
	meta := KeyMeta(o.KeyID, o.Key)
	meta["profile"] = list(EReferral + profile)
	return tree.Object{
		"resourceType": "ServiceRequest",
		"meta":         meta,
		"extension":    list(validity(o)),
		"status":       "active",
		"intent":       intent,
		"priority":     "routine",
		"category":     list(Concept(SNOMED, discipline), Concept(Terminology+"be-cs-prescription-type", template)),
		"subject":      Subject(o.Patient),
		"authoredOn":   o.AuthoredOn,
		"requester":    tree.Object{"reference": o.Requester},
	}
}

func nursing(template string, o Options) tree.Object {
	plan, ok := plans()[template]
	if !ok {
		return nil
	}
	doc := request("ereferral-servicerequest-nursing", "order", "9632001", template, o)
	doc["code"] = Concept(SNOMED, plan.code)
	if template != "medication-prefill-preparation-not-refunded" {
		tree.Append(doc, "extension", feedback(true))
	}
	for _, code := range plan.educators {
		tree.Append(doc, "extension", educator(code))
	}
	for _, detail := range plan.details {
		tree.Append(doc, "orderDetail", Concept(detail.system, detail.code))
	}
	repeat := tree.Object{}
	for name, digits := range plan.numbers {
		repeat[name] = number(digits)
	}
	if plan.unit != "" {
		repeat["periodUnit"] = plan.unit
	}
	if plan.bounds != "" {
		repeat["boundsDuration"] = tree.Object{"value": number("2"), "system": UCUM, "code": plan.bounds}
	}
	if plan.when != "" {
		repeat["when"] = list(plan.when)
	}
	if len(repeat) > 0 {
		doc["occurrenceTiming"] = tree.Object{"repeat": repeat}
	}
	if plan.volume != "" {
		doc["quantityQuantity"] = tree.Object{"value": number(plan.volume), "unit": "milliliter", "system": UCUM, "code": "mL"}
	}
	if plan.diagnosis {
		doc["reasonCode"] = list(SetText(tree.Object{}, "text", o.Encrypt("diagnosis")))
	}
	for _, kind := range plan.notes {
		tree.Append(doc, "note", Note(kind, o.Encrypt(kind)))
	}
	return doc
}

func annex81(given, o Options) tree.Object {
	if given.Requester == "" {
		o.Requester = DefaultNurse
	}
	doc := request("ereferral-annex-81", "proposal", "9632001", Annex81, o)
	delete(doc, "priority")
	doc["code"] = Concept(SNOMED, "385796006")
	doc["reasonCode"] = list(Concept(SNOMED, "275928001"), Concept(SNOMED, "52448006"))
	return doc
}
