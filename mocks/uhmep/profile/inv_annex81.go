package profile

import "github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"

func annex81Invariants() []Invariant {
	return []Invariant{
		{"be-inv-annex-81-based-on", "an annex 81 order is based on a proposal", func(s Scope, fail Fail) {
			if s.Resource.Member("intent").Text() == "order" && len(s.Resource.Items("basedOn")) == 0 {
				fail(s.Resource.Absent("basedOn"), "intent order without basedOn", "basedOn the proposal")
			}
		}},
		{"ereferral-inv-annex81-has-nursing-diagnosis", "at least one reasonCode is a nursing diagnosis", reasonFrom("be-vs-annex81-nursing-diagnosis")},
		{"ereferral-inv-annex81-has-medical-problem", "at least one reasonCode is a medical problem", reasonFrom("be-vs-annex81-medical-problem")},
	}
}

// reasonFrom demands a SNOMED coding of the value set among all reasons.
func reasonFrom(valueSet string) func(Scope, Fail) {
	return func(s Scope, fail Fail) {
		got := 0
		for _, reason := range s.Resource.Items("reasonCode") {
			for _, coding := range tree.Objects(reason.Object(), "coding") {
				got++
				member, known := s.Codes.Member(terminology+valueSet, tree.System(coding), tree.Text(coding, "code"))
				if tree.System(coding) == systemSNOMED && (member || !known) {
					return
				}
			}
		}
		fail(s.Resource.Absent("reasonCode"), "none of "+plural(got, "coding"), "a code of "+valueSet)
	}
}
