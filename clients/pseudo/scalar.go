package pseudo

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
)

// Scalar is a secret number in 1…n-1. Printing or logging one shows that it is
// hidden, never its digits. The zero Scalar multiplies nothing.
type Scalar struct{ s ecgroup.Scalar }

// NewScalar reads big-endian bytes of any length as an unsigned number modulo n.
// A number that is 0 modulo n is an error.
func NewScalar(b []byte) (Scalar, error) {
	s, err := ecgroup.NewScalar(b)
	return Scalar{s}, err
}

// RandomScalar draws a scalar uniformly.
func RandomScalar(random io.Reader) (Scalar, error) {
	s, err := ecgroup.RandomScalar(random)
	return Scalar{s}, err
}

// Bytes returns the 66 bytes of the number: a secret, handle with care.
func (s Scalar) Bytes() []byte { return s.s.Bytes() }

// Inverse returns s⁻¹ modulo n.
func (s Scalar) Inverse() Scalar { return Scalar{s.s.Inverse()} }

// Mul returns s·o modulo n.
func (s Scalar) Mul(o Scalar) Scalar { return Scalar{s.s.Mul(o.s)} }

// IsZero reports whether s is the zero value.
func (s Scalar) IsZero() bool { return s.s.IsZero() }

// String hides the number.
func (s Scalar) String() string { return s.s.String() }

// GoString hides the number.
func (s Scalar) GoString() string { return s.s.String() }

// Format hides the number whatever the verb.
func (s Scalar) Format(f fmt.State, verb rune) { s.s.Format(f, verb) }

// LogValue hides the number from log/slog.
func (s Scalar) LogValue() slog.Value { return s.s.LogValue() }

// Blinding is the one-time random r of a caller. Use a fresh one for every
// point that leaves the program, within a list too.
type Blinding struct{ r, inverse Scalar }

// NewBlinding draws r.
func NewBlinding(random io.Reader) (Blinding, error) {
	r, err := RandomScalar(random)
	if err != nil {
		return Blinding{}, err
	}
	return BlindingWith(r), nil
}

// BlindingWith makes a blinding of a given r, for tests and teaching.
func BlindingWith(r Scalar) Blinding { return Blinding{r, r.Inverse()} }

// Blind returns r·p, which says nothing about p.
func (b Blinding) Blind(p Point) (Point, error) { return p.Mul(b.r) }

// Unblind returns r⁻¹·p.
func (b Blinding) Unblind(p Point) (Point, error) { return p.Mul(b.inverse) }

// Format hides the numbers; fmt does not ask the methods of unexported fields.
func (b Blinding) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "blinding(hidden)") }

// LogValue hides the numbers from log/slog.
func (b Blinding) LogValue() slog.Value { return slog.StringValue("blinding(hidden)") }
