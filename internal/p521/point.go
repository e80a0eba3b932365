package p521

import (
	"errors"
	"fmt"
)

// Errors of the functions that make a point.
var (
	// ErrRange: a coordinate is not below p.
	ErrRange = errors.New("p521: coordinate is not below 2^521 − 1")
	// ErrNotOnCurve: the coordinates do not satisfy y² = x³ − 3x + b, or there is no y
	// for this x.
	ErrNotOnCurve = errors.New("p521: point is not on the curve")
	// ErrEncoding: a SEC 1 string of another length or first byte than those of a
	// compressed (67, 02 or 03) or uncompressed (133, 04) point. Infinity is one byte 00.
	ErrEncoding = errors.New("p521: not a compressed or uncompressed SEC 1 point")
	// ErrInfinity: the result would be the point at infinity, which Point cannot be.
	ErrInfinity = errors.New("p521: the result is the point at infinity")
)

// Point is a point of the curve other than infinity. It does not change once made and
// may be shared by goroutines. Make one with NewPoint, FromSEC1, FromX or Generator.
type Point struct{ affine }

// NewPoint makes the point with these coordinates, unsigned big-endian, of any length
// with leading zeros or without. The error is ErrRange or ErrNotOnCurve, perhaps wrapped.
func NewPoint(x, y []byte) (*Point, error) {
	p := new(Point)
	if err := setCoordinate(&p.x, x); err != nil {
		return nil, fmt.Errorf("x: %w", err)
	}
	if err := setCoordinate(&p.y, y); err != nil {
		return nil, fmt.Errorf("y: %w", err)
	}
	var yy element
	square(&yy, &p.y)
	right := rightSide(&p.x)
	if !yy.equal(&right) {
		return nil, ErrNotOnCurve
	}
	return p, nil
}

// setCoordinate sets z to the number in b if it is below p.
func setCoordinate(z *element, b []byte) error {
	for len(b) > size {
		if b[0] != 0 {
			return ErrRange
		}
		b = b[1:]
	}
	if !z.setBytes(b) {
		return ErrRange
	}
	return nil
}

// FromX makes a point with this x coordinate, unsigned big-endian, and the odd or even
// y of the two possible. The error is ErrRange or ErrNotOnCurve.
func FromX(x []byte, odd bool) (*Point, error) {
	p, err := FromXRoot(x)
	if err == nil && p.y.isOdd() != odd {
		p.y.negateIf(^uint64(0))
		p.y.carry()
	}
	return p, err
}

// FromXRoot makes the point with this x coordinate whose y is (x³ − 3x + b)^(2^519), the
// root that exponentiation gives. That is the one all libraries of the blinded
// pseudonymisation protocol use for a value. The error is ErrRange or ErrNotOnCurve.
func FromXRoot(x []byte) (*Point, error) {
	p := new(Point)
	if err := setCoordinate(&p.x, x); err != nil {
		return nil, fmt.Errorf("x: %w", err)
	}
	right := rightSide(&p.x)
	if !p.y.sqrt(&right) {
		return nil, ErrNotOnCurve
	}
	return p, nil
}

// Generator returns the base point G of SP 800-186.
func Generator() *Point {
	return &Point{affine{
		x: element{
			0x17e7e31c2e5bd66, 0x22cf0615a90a6fe, 0x0127a2ffa8de334, 0x1dfbf9d64a3f877, 0x06b4d3dbaa14b5e,
			0x14fed487e0a2bd8, 0x15b4429c6481390, 0x3a73678fb2d988e, 0x0c6858e06b70404,
		},
		y: element{
			0x0be94769fd16650, 0x31c21a89cb09022, 0x39013fad0761353, 0x2657bd099031542, 0x3273e662c97ee72,
			0x1e6d11a05ebef45, 0x3d1bd998f544495, 0x3001172297ed0b1, 0x11839296a789a3b,
		},
	}}
}

// Equal reports whether p and q are the same point.
func (p *Point) Equal(q *Point) bool { return p.x.equal(&q.x) && p.y.equal(&q.y) }

// X returns the x coordinate, big-endian, padded with zeros to 66 bytes.
func (p *Point) X() [66]byte { return p.x.bytes() }

// Y returns the y coordinate, big-endian, padded with zeros to 66 bytes.
func (p *Point) Y() [66]byte { return p.y.bytes() }

// Negate returns −p.
func (p *Point) Negate() *Point {
	q := *p
	q.y.negateIf(^uint64(0))
	q.y.carry()
	return &q
}

// Add returns p + q, or ErrInfinity if q = −p. Not in constant time.
func (p *Point) Add(q *Point) (*Point, error) {
	var j jacobian
	switch same := p.x.equal(&q.x); {
	case same && !p.y.equal(&q.y):
		return nil, ErrInfinity
	case same:
		j = jacobian{x: p.x, y: p.y, z: one, t: minus3()}
		j.double(false)
	default:
		j = jacobian{x: p.x, y: p.y, z: one}
		j.add(&q.affine)
	}
	var inverse element
	inverse.invert(&j.z)
	return j.point(&inverse), nil
}

// Mult returns s·p, or ErrInfinity if s is 0.
func (p *Point) Mult(s Scalar) (*Point, error) {
	if s.IsZero() {
		return nil, ErrInfinity
	}
	var j jacobian
	k := s.value()
	multiply(&j, &k, &p.affine)
	var inverse element
	inverse.invert(&j.z)
	return j.point(&inverse), nil
}

// point returns j as an affine point, given 1/z.
func (j *jacobian) point(inverse *element) *Point {
	q := new(Point)
	var t element
	square(&t, inverse)
	mul(&q.x, &j.x, &t)
	mul(&t, &t, inverse)
	mul(&q.y, &j.y, &t)
	return q
}
