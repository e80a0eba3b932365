package p521

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
)

func TestScalarArithmeticAgreesWithMathBig(t *testing.T) {
	t.Parallel()
	n := groupOrder()
	values := [][]byte{nil, {0}, {1}, {2}, n.Bytes(), bytes.Repeat([]byte{0xff}, 66), make([]byte, 200)}
	for i := int64(1); i < 5; i++ {
		values = append(values, new(big.Int).Sub(n, big.NewInt(i)).Bytes(), new(big.Int).Add(n, big.NewInt(i)).Bytes())
	}
	for _, length := range []int{1, 8, 63, 64, 65, 66, 67, 72, 82, 127, 128, 129, 1000} {
		b := make([]byte, length)
		_, _ = rand.Read(b)
		values = append(values, b, append(make([]byte, 9), b...))
	}
	mod := func(v *big.Int) []byte { return v.Mod(v, n).FillBytes(make([]byte, size)) }
	for i, b := range values {
		s, v := ParseScalar(b), new(big.Int).SetBytes(b)
		check := func(what string, got Scalar, want *big.Int) {
			t.Helper()
			if g, w := got.Bytes(), mod(want); !bytes.Equal(g[:], w) {
				t.Fatalf("%s of %x\ngot  %x\nwant %x", what, b, g, w)
			}
		}
		check("value", s, v)
		check("negative", s.Negate(), new(big.Int).Neg(v))
		if inverse := new(big.Int).ModInverse(v, n); inverse != nil {
			check("inverse", s.Inverse(), inverse)
		} else {
			check("inverse", s.Inverse(), new(big.Int))
		}
		other := values[(i+7)%len(values)]
		check("product", s.Mul(ParseScalar(other)), new(big.Int).Mul(v, new(big.Int).SetBytes(other)))
		if got, want := s.IsZero(), new(big.Int).Mod(v, n).Sign() == 0; got != want {
			t.Errorf("IsZero of %x: got %v, want %v", b, got, want)
		}
		if !s.Equal(ParseScalar(append([]byte{0, 0}, b...))) || s.Equal(s.Negate()) != s.IsZero() {
			t.Errorf("Equal of %x is wrong", b)
		}
	}
}

func TestScalarIsNeverPrinted(t *testing.T) {
	t.Parallel()
	s := ParseScalar([]byte{0x12, 0x34})
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%d", "%s"} {
		for _, v := range []any{s, &s, []Scalar{s}, struct{ S Scalar }{s}} {
			if got := fmt.Sprintf(verb, v); !strings.Contains(got, "p521.Scalar(hidden)") {
				t.Errorf("%s of %T: got %q", verb, v, got)
			}
		}
	}
}

func TestRandomScalar(t *testing.T) {
	t.Parallel()
	t.Run("skips zero", func(t *testing.T) {
		t.Parallel()
		s, err := RandomScalar(io.MultiReader(bytes.NewReader(make([]byte, 82)), bytes.NewReader(bytes.Repeat([]byte{7}, 82))))
		if err != nil || !s.Equal(ParseScalar(bytes.Repeat([]byte{7}, 82))) {
			t.Errorf("got %x %v", s.Bytes(), err)
		}
	})
	t.Run("reports a short source", func(t *testing.T) {
		t.Parallel()
		if _, err := RandomScalar(bytes.NewReader(make([]byte, 81))); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v", err)
		}
	})
}
