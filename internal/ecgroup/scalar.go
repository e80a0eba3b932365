package ecgroup

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"

	"github.com/ehealth-sandbox/sandbox/internal/p521"
)

// ErrScalar says that a number is 0 modulo n and so cannot multiply.
var ErrScalar = errors.New("the scalar is 0 modulo the order of P-521")

// orderHex is n, the prime order of P-521 (FIPS 186-4, D.1.2.5).
const orderHex = "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa" +
	"51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"

// Order returns n, a fresh copy.
func Order() *big.Int {
	n, _ := new(big.Int).SetString(orderHex, 16)
	return n
}

// Scalar is a secret number in 1…n-1. Its printed form hides it; the zero value
// is no scalar. All groups share this arithmetic, which is constant-time.
type Scalar struct{ s p521.Scalar }

// NewScalar reads big-endian bytes of any length as an unsigned number and
// reduces it modulo n.
func NewScalar(b []byte) (Scalar, error) {
	s := Scalar{p521.ParseScalar(b)}
	if s.IsZero() {
		return Scalar{}, ErrScalar
	}
	return s, nil
}

// RandomScalar draws a scalar from 1…n-1, uniform but for a bias below 2^-128.
func RandomScalar(random io.Reader) (Scalar, error) {
	s, err := p521.RandomScalar(random)
	return Scalar{s}, err
}

// Bytes returns the 66 bytes of s. The first is 00 or 01, so that readers that
// take them for a signed number see a positive one.
func (s Scalar) Bytes() []byte {
	b := s.s.Bytes()
	return b[:]
}

// IsZero reports whether s is the zero value, which is no scalar.
func (s Scalar) IsZero() bool { return s.s.IsZero() }

// Mul returns s·o modulo n.
func (s Scalar) Mul(o Scalar) Scalar { return Scalar{s.s.Mul(o.s)} }

// Inverse returns s⁻¹ modulo n (never modulo p).
func (s Scalar) Inverse() Scalar { return Scalar{s.s.Inverse()} }

// String hides the number.
func (s Scalar) String() string { return "scalar(hidden)" }

// GoString hides the number.
func (s Scalar) GoString() string { return s.String() }

// Format hides the number whatever the verb.
func (s Scalar) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue hides the number from log/slog.
func (s Scalar) LogValue() slog.Value { return slog.StringValue(s.String()) }
