package ecgroup

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
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
// is no scalar.
type Scalar struct{ b [Size]byte }

// NewScalar reads big-endian bytes of any length as an unsigned number and
// reduces it modulo n.
func NewScalar(b []byte) (Scalar, error) {
	return scalarOf(new(big.Int).SetBytes(b))
}

func scalarOf(v *big.Int) (Scalar, error) {
	var s Scalar
	v.Mod(v, Order())
	if v.Sign() == 0 {
		return s, ErrScalar
	}
	v.FillBytes(s.b[:])
	return s, nil
}

// RandomScalar draws a scalar uniformly from 1…n-1.
func RandomScalar(random io.Reader) (Scalar, error) {
	n := Order()
	v := new(big.Int)
	var s Scalar
	for {
		if _, err := io.ReadFull(random, s.b[:]); err != nil {
			return Scalar{}, fmt.Errorf("draw a scalar: %w", err)
		}
		s.b[0] &= 1
		if v.SetBytes(s.b[:]); v.Sign() != 0 && v.Cmp(n) < 0 {
			return s, nil
		}
	}
}

// Bytes returns the 66 bytes of s. The first is 00 or 01, so that readers that
// take them for a signed number see a positive one.
func (s Scalar) Bytes() []byte { return s.b[:] }

// IsZero reports whether s is the zero value, which is no scalar.
func (s Scalar) IsZero() bool { return s == Scalar{} }

// Mul returns s·o modulo n.
func (s Scalar) Mul(o Scalar) Scalar {
	v := new(big.Int).SetBytes(s.b[:])
	v.Mul(v, new(big.Int).SetBytes(o.b[:])).Mod(v, Order())
	var out Scalar
	v.FillBytes(out.b[:]) // never 0: n is prime and neither factor is 0
	return out
}

// Inverse returns s⁻¹ modulo n (never modulo p).
func (s Scalar) Inverse() Scalar {
	v := new(big.Int).SetBytes(s.b[:])
	v.ModInverse(v, Order())
	var out Scalar
	v.FillBytes(out.b[:])
	return out
}

// String hides the number.
func (s Scalar) String() string { return "scalar(hidden)" }

// GoString hides the number.
func (s Scalar) GoString() string { return s.String() }

// Format hides the number whatever the verb.
func (s Scalar) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue hides the number from log/slog.
func (s Scalar) LogValue() slog.Value { return slog.StringValue(s.String()) }
