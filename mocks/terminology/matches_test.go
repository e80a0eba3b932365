package terminology

import "testing"

func TestACodeIsHeldAgainstAnExpression(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil).service
	for _, tc := range []struct {
		code, expression string
		want             bool
	}{
		{"370858005", "<< 385805005", true},
		{"385805005", "< 385805005", false},
		{"225964003", "<< 385805005", false},
		{"99999999", "*", false},
		{"no number", "*", false},
		{"385805005", "<< (", false},
	} {
		if got := s.MatchesECL(t.Context(), tc.code, tc.expression); got != tc.want {
			t.Errorf("%s in %s: %v, want %v", tc.code, tc.expression, got, tc.want)
		}
	}
}
