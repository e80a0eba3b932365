package profile

import "strings"

// Invariant is a rule that data cannot state. Check looks at one resource, element or extension and calls fail for each break.
type Invariant struct {
	ID, Text string
	Check    func(s Scope, fail Fail)
}

// Fail reports one break: where, what came, what was wanted. The texts may be empty.
type Fail func(at *Node, got, want string)

// Scope is what an invariant sees: the node it stands on, the resource that is the whole document, and the terminology.
type Scope struct {
	Resource, Root *Node
	Codes          Codes
}

// Registered lists every invariant a profile or extension may name.
func Registered() []Invariant {
	var all []Invariant
	for _, family := range [][]Invariant{dateInvariants(), identifierInvariants(), encryptionInvariants(), annex81Invariants(), imagingInvariants(), checklistInvariants(), requestInvariants()} {
		all = append(all, family...)
	}
	return all
}

// Canonicals of the extensions the invariants ask for.
const (
	extMarker     = "https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/be-ext-pseudonymization"
	extContent    = "https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/be-ext-pseudonymized-content"
	extConcept    = "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-codeable-concept"
	extRole       = "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-radiology-supporting-info-role"
	extUrgency    = "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-ext-urgency-justification"
	extGender     = "https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-gender-at-birth"
	extReason     = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
	systemSSIN    = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"
	systemShort   = "https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep-short"
	systemSNOMED  = "http://snomed.info/sct"
	terminology   = "https://www.ehealth.fgov.be/standards/fhir/terminology/ValueSet/"
	encryptedText = "urn:be:fgov:pseudo-encrypted:v1:"
	checklistURL  = "https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/ereferral-imaging-attention-conditions-response"
)

// marked reports whether a primitive carries be-ext-pseudonymization.
func marked(n *Node) bool { return len(n.Extensions(extMarker)) > 0 }

// short keeps a text fit for a message; clear clinical text must not be repeated in full.
func short(s string) string {
	if r := []rune(s); len(r) > 24 {
		return string(r[:24]) + "…"
	}
	return s
}

// localID is the id of a reference to a contained resource.
func localID(n *Node) (string, bool) { return strings.CutPrefix(n.Member("reference").Text(), "#") }
