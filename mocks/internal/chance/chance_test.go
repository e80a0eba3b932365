package chance_test

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/chance"
)

func TestASeededStreamRepeatsAndDependsOnItsName(t *testing.T) {
	t.Parallel()
	a, b, c := chance.Seeded(7, "t1"), chance.Seeded(7, "t1"), chance.Seeded(7, "t2")
	first := a.Bytes(64)
	if !bytes.Equal(first, b.Bytes(64)) {
		t.Error("two streams of one seed and name differ")
	}
	if bytes.Equal(first, c.Bytes(64)) {
		t.Error("streams of two tenants are the same")
	}
	a.Restart()
	if !bytes.Equal(first, a.Bytes(64)) {
		t.Error("a restarted stream does not begin anew")
	}
}

func TestUUIDsAreVersion4(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for _, s := range []*chance.Source{chance.System(), chance.Seeded(1, "x")} {
		seen := map[string]bool{}
		for range 1000 {
			u := s.UUID()
			if !shape.MatchString(u) || seen[u] {
				t.Fatalf("bad or repeated UUID %s", u)
			}
			seen[u] = true
		}
	}
}

func TestUint64nStaysBelowItsBound(t *testing.T) {
	t.Parallel()
	s, seen := chance.Seeded(1, "n"), map[uint64]int{}
	for range 3000 {
		seen[s.Uint64n(3)]++
	}
	for v := range uint64(3) {
		if seen[v] < 800 {
			t.Errorf("%d came up %d times of 3000", v, seen[v])
		}
	}
	if len(seen) != 3 {
		t.Errorf("values %v, want 0, 1, 2", seen)
	}
}
