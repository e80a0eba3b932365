package ecgroup

import (
	"errors"
	"fmt"
)

// Size is the length in bytes of a coordinate and of a scalar, big-endian and
// zero-padded on the left.
const Size = 66

// Reasons why bytes are no point. Each is wrapped with what was seen.
var (
	// ErrLength says that a coordinate has no bytes or more than 66 significant ones.
	ErrLength = errors.New("a coordinate has 1 to 66 bytes")
	// ErrRange says that a coordinate is p or more.
	ErrRange = errors.New("a coordinate must be below p = 2^521-1")
	// ErrNotOnCurve says that the pair does not satisfy y² = x³ - 3x + b; the
	// point at infinity, often written (0,0), is such a pair.
	ErrNotOnCurve = errors.New("the point is not on the curve P-521")
	// ErrEncoding says that a SEC 1 string has another length or first byte than
	// a compressed (67 bytes, 02 or 03) or uncompressed (133 bytes, 04) point.
	ErrEncoding = errors.New("not a SEC 1 encoding of a P-521 point")
)

// Point is a point of P-521 other than infinity. Values come from a [Group];
// the zero Point is not a point. Points are comparable with ==, but note that
// in the blinded protocol identity is x alone.
type Point struct{ x, y [Size]byte }

// X returns the 66 bytes of x.
func (p Point) X() []byte { return p.x[:] }

// Y returns the 66 bytes of y.
func (p Point) Y() []byte { return p.y[:] }

// IsZero reports whether p is the zero value, which is no point.
func (p Point) IsZero() bool { return p == Point{} }

// SameIdentity reports whether p and q name the same value: x alone counts.
func (p Point) SameIdentity(q Point) bool { return p.x == q.x }

// Uncompressed returns the 133 bytes 04 ‖ x ‖ y.
func (p Point) Uncompressed() []byte {
	out := make([]byte, 0, 1+2*Size)
	out = append(out, 4)
	out = append(out, p.x[:]...)
	return append(out, p.y[:]...)
}

// Compressed returns the 67 bytes 02 or 03 (odd y) ‖ x.
func (p Point) Compressed() []byte {
	out := make([]byte, 0, 1+Size)
	out = append(out, 2|p.y[Size-1]&1)
	return append(out, p.x[:]...)
}

// Parse reads a SEC 1 encoding, compressed or not, and checks it.
func Parse(g Group, sec1 []byte) (Point, error) {
	switch {
	case len(sec1) == 1+2*Size && sec1[0] == 4:
		return g.Point(sec1[1:1+Size], sec1[1+Size:])
	case len(sec1) == 1+Size && (sec1[0] == 2 || sec1[0] == 3):
		p, err := g.FromX(sec1[1:])
		if err != nil {
			return Point{}, err
		}
		if p.y[Size-1]&1 != sec1[0]&1 {
			p = p.Negate()
		}
		return p, nil
	case len(sec1) == 0:
		return Point{}, fmt.Errorf("%w: empty", ErrEncoding)
	}
	return Point{}, fmt.Errorf("%w: %d bytes starting with %02x", ErrEncoding, len(sec1), sec1[0])
}

// Negate returns (x, p-y), which names the same value.
func (p Point) Negate() Point {
	out := p
	// p = 2^521-1 has only ones below bit 521, so that p-y flips y's bits.
	for i := range out.y {
		out.y[i] ^= 0xff
	}
	out.y[0] &= 1
	return out
}

// Coordinate pads big-endian bytes to 66, dropping further leading zeros, and
// checks that the number is below p.
func Coordinate(b []byte) ([Size]byte, error) {
	var out [Size]byte
	if len(b) == 0 {
		return out, fmt.Errorf("%w: none given", ErrLength)
	}
	seen := len(b)
	for len(b) > Size && b[0] == 0 {
		b = b[1:]
	}
	if len(b) > Size {
		return out, fmt.Errorf("%w: %d given", ErrLength, seen)
	}
	copy(out[Size-len(b):], b)
	if !belowP(&out) {
		return out, ErrRange
	}
	return out, nil
}

// belowP reports whether the number is below 2^521-1.
func belowP(b *[Size]byte) bool {
	if b[0] != 1 {
		return b[0] == 0
	}
	for _, c := range b[1:] {
		if c != 0xff {
			return true
		}
	}
	return false
}
