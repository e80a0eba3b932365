package profile

import "strconv"

func dateInvariants() []Invariant {
	return []Invariant{
		{"be-inv-long-date", "authoredOn is exactly YYYY-MM-DDThh:mm:ss+zz:zz", func(s Scope, fail Fail) {
			if n := s.Resource.Member("authoredOn"); n.Text() != "" && !isLongDate(n.Text()) {
				fail(n, n.Text(), "25 characters, no fraction of a second, no Z")
			}
		}},
		{"be-inv-validityPeriod-granularity", "the validity period has whole days", func(s Scope, fail Fail) {
			for _, name := range []string{"start", "end"} {
				if n := s.Resource.Member("valuePeriod", name); n.Text() != "" && len(n.Text()) != 10 {
					fail(n, n.Text(), "YYYY-MM-DD")
				}
			}
		}},
		{"be-inv-latestEndDate-granularity", "the latest end date is a whole day", func(s Scope, fail Fail) {
			if n := s.Resource.Member("valueDateTime"); n.Text() != "" && len(n.Text()) != 10 {
				fail(n, n.Text(), "YYYY-MM-DD")
			}
		}},
	}
}

// isLongDate is the form ####-##-##T##:##:##±##:##; whether it is a real date is the base check's business.
func isLongDate(s string) bool {
	const form = "0000-00-00T00:00:00+00:00"
	if len(s) != len(form) {
		return false
	}
	for i := range len(form) {
		switch {
		case form[i] == '0':
			if s[i] < '0' || s[i] > '9' {
				return false
			}
		case form[i] == '+':
			if s[i] != '+' && s[i] != '-' {
				return false
			}
		case s[i] != form[i]:
			return false
		}
	}
	return true
}

// later reports whether date a is surely after date b. Dates of different precision are compared as far as both go.
func later(a, b string) bool {
	if x, y, ok := instants(a, b); ok {
		return x.After(y)
	}
	n := min(len(a), len(b), 10)
	return a[:n] > b[:n]
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}
