package ecgroup

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"
)

// The public vectors of the protocol, on every group; clients/pseudo reads the
// rest of the file.
func TestCookbookVectorsOnEveryGroup(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../clients/pseudo/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Blinding string
		Cookbook []struct{ Name, X, Y, BX, BY string }
	}
	if err := json.Unmarshal(raw, &v); err != nil || len(v.Cookbook) != 14 {
		t.Fatal(err, len(v.Cookbook))
	}
	decode := func(s string) []byte {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	s, err := NewScalar(decode(v.Blinding))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups() {
		for _, c := range v.Cookbook {
			p, err := g.Point(decode(c.X), decode(c.Y))
			if err != nil {
				t.Fatal(err)
			}
			if root, err := g.FromX(decode(c.X)); err != nil || root != p {
				t.Errorf("%s: %s: root: got %x, %v, want %x", g.Name(), c.Name, root.Y(), err, p.Y())
			}
			want, err := g.Point(decode(c.BX), decode(c.BY))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := g.Mul(p, s); err != nil || got != want {
				t.Errorf("%s: %s: blinded: got %x, %v, want %x", g.Name(), c.Name, got.X(), err, want.X())
			}
			if got, err := g.Mul(want, s.Inverse()); err != nil || got != p {
				t.Errorf("%s: %s: unblinded: got %x, %v, want %x", g.Name(), c.Name, got.X(), err, p.X())
			}
		}
	}
}
