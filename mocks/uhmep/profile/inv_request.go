package profile

func requestInvariants() []Invariant {
	return []Invariant{
		{"prr-1", "orderDetail is only there when code is", func(s Scope, fail Fail) {
			if len(s.Resource.Items("orderDetail")) > 0 && s.Resource.Member("code") == nil {
				fail(s.Resource.Absent("code"), "orderDetail without code", "code")
			}
		}},
	}
}
