package profile

import "github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"

func identifierInvariants() []Invariant {
	return []Invariant{
		{"be-inv-uhmep-short", "a short code is six of A-N, P-Z, 0-9", func(s Scope, fail Fail) {
			for _, n := range s.Resource.Items("identifier") {
				value := n.Member("value")
				if tree.Text(n.Object(), "system") == systemShort && value.Text() != "" && !marked(value) && !isShortCode(value.Text()) {
					fail(value, short(value.Text()), "six of A-N, P-Z, 0-9")
				}
			}
		}},
		{"be-inv-SSIN", "an SSIN that is not pseudonymised has 11 digits", func(s Scope, fail Fail) {
			s.Resource.Walk(func(n *Node) {
				if tree.Text(n.Object(), "system") != systemSSIN {
					return
				}
				if value := n.Member("value"); value.Text() != "" && !marked(value) && !isDigits(value.Text(), 11) {
					fail(value, short(value.Text()), "11 digits, or be-ext-pseudonymization beside the value")
				}
			})
		}},
	}
}

func isShortCode(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' && c != 'O') {
			return false
		}
	}
	return len(s) == 6
}

func isDigits(s string, n int) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == n
}
