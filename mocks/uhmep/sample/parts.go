package sample

import (
	"encoding/json"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Canonical prefixes of the standards.
const (
	ehealth     = "https://www.ehealth.fgov.be/standards/fhir/"
	Referral    = ehealth + "referral/StructureDefinition/"
	Infsec      = ehealth + "infsec/StructureDefinition/"
	Core        = ehealth + "core/StructureDefinition/"
	Terminology = ehealth + "terminology/CodeSystem/"
	EReferral   = "https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/"
	SNOMED      = "http://snomed.info/sct"
	SSIN        = ehealth + "core/NamingSystem/ssin"
	UCUM        = "http://unitsofmeasure.org"
)

func number(digits string) json.Number { return json.Number(digits) }

func list(items ...any) []any { return items }

// Marker is be-ext-pseudonymization as it stands beside a value.
func Marker(format, version string) tree.Object {
	return tree.Object{"extension": list(tree.Object{"url": Infsec + "be-ext-pseudonymization", "extension": list(
		tree.Object{"url": "marker", "valueBoolean": true},
		tree.Object{"url": "format", "valueCode": format},
		tree.Object{"url": "version", "valuePositiveInt": number(version)},
	)})}
}

// SetText puts an encrypted text with its marker into a member.
func SetText(o tree.Object, member, text string) tree.Object {
	o[member] = text
	o["_"+member] = Marker("encrypted", "1")
	return o
}

// Content is be-ext-pseudonymized-content, which replaces a value.
func Content(text string) tree.Object {
	return tree.Object{"extension": list(tree.Object{"url": Infsec + "be-ext-pseudonymized-content", "extension": list(
		tree.Object{"url": "encryptedValue", "valueString": text},
		tree.Object{"url": "marker", "valueBoolean": true},
		tree.Object{"url": "format", "valueCode": "encrypted"},
		tree.Object{"url": "version", "valuePositiveInt": number("1")},
	)})}
}

// KeyMeta is a meta element with the key extension.
func KeyMeta(kid, key string) tree.Object {
	return tree.Object{"extension": list(tree.Object{"id": kid, "url": Infsec + "be-ext-key-pseudonymization", "extension": list(
		tree.Object{"url": "key", "valueString": key, "_valueString": Marker("direct", "2")},
	)})}
}

// Concept is a CodeableConcept with one coding.
func Concept(system, code string) tree.Object {
	return tree.Object{"coding": list(tree.Object{"system": system, "code": code})}
}

// Ext is a simple extension; member is the value's name (valueBoolean).
func Ext(url, member string, value any) tree.Object { return tree.Object{"url": url, member: value} }

// Note is an annotation of a type, its text encrypted.
func Note(kind, text string) tree.Object {
	return SetText(tree.Object{"extension": list(Ext(Core+"be-ext-codeableconcept", "valueCodeableConcept", Concept(Terminology+"be-cs-note-types", kind)))}, "text", text)
}

// Subject is the patient in form A.
func Subject(patient string) tree.Object {
	return tree.Object{"identifier": tree.Object{"use": "official", "system": SSIN, "value": patient, "_value": Marker("direct", "2")}}
}

func validity(o Options) tree.Object {
	period := tree.Object{"start": o.Start}
	if o.End != "" {
		period["end"] = o.End
	}
	return Ext(Referral+"be-ext-validity-period", "valuePeriod", period)
}

func feedback(wanted bool) tree.Object {
	return Ext(Referral+"be-ext-feedback-to-prescriber", "valueBoolean", wanted)
}

func educator(code string) tree.Object {
	return Ext(Referral+"be-ext-performer-type", "valueCodeableConcept", Concept(SNOMED, code))
}
