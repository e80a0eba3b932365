package profile

// encryptionInvariants demand the marker be-ext-pseudonymization beside every text that may hold something about the patient.
// Whether the value then is an encrypted text at all is checked with the key, not here.
func encryptionInvariants() []Invariant {
	return []Invariant{
		{"ereferral-inv-subject-identifier-value-pseudonymized", "subject.identifier.value is pseudonymised", func(s Scope, fail Fail) {
			mustBeMarked(s.Resource.Member("subject", "identifier").Items("value"), fail)
		}},
		{"ereferral-inv-reason-code-text-pseudonymized", "reasonCode.text is encrypted", textsMarked("reasonCode")},
		{"ereferral-inv-note-text-pseudonymized", "note.text is encrypted", textsMarked("note")},
		{"ereferral-inv-order-detail-text-pseudonymized", "orderDetail.text is encrypted", textsMarked("orderDetail")},
		{"ereferral-inv-code-text-pseudonymized", "code.text is encrypted", textsMarked("code")},
		{"ereferral-inv-status-reason-text-pseudonymized", "the text of the status reason is encrypted", func(s Scope, fail Fail) {
			for _, ext := range s.Resource.Extensions(extReason) {
				mustBeMarked(ext.Member("valueCodeableConcept").Items("text"), fail)
			}
		}},
		{"ereferral-inv-urgency-justification-value-pseudonymized", "the urgency justification is encrypted", func(s Scope, fail Fail) {
			for _, ext := range s.Resource.Extensions(extUrgency) {
				mustBeMarked(ext.Items("valueString"), fail)
			}
		}},
	}
}

func textsMarked(element string) func(Scope, Fail) {
	return func(s Scope, fail Fail) {
		for _, n := range s.Resource.Items(element) {
			mustBeMarked(n.Items("text"), fail)
		}
	}
}

func mustBeMarked(texts []*Node, fail Fail) {
	for _, text := range texts {
		if !marked(text) {
			fail(text, "no be-ext-pseudonymization beside the value", "be-ext-pseudonymization")
		}
	}
}
