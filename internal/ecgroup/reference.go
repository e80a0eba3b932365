package ecgroup

import (
	"fmt"
	"math/big"

	"github.com/cloudflare/circl/group"
)

// Reference returns the group of cloudflare/circl. It is selected by the name
// "circl".
func Reference() Group { return circl{} }

type circl struct{}

func (circl) Name() string { return "circl" }

func (circl) Point(x, y []byte) (Point, error) {
	var p Point
	var err error
	if p.x, err = Coordinate(x); err != nil {
		return Point{}, fmt.Errorf("x: %w", err)
	}
	if p.y, err = Coordinate(y); err != nil {
		return Point{}, fmt.Errorf("y: %w", err)
	}
	// The first byte 04 makes circl check the equation; it never reads the
	// one-byte form of infinity, because the length is always 133.
	if err := group.P521.NewElement().UnmarshalBinary(p.Uncompressed()); err != nil {
		return Point{}, ErrNotOnCurve
	}
	return p, nil
}

func (circl) FromX(x []byte) (Point, error) {
	var p Point
	var err error
	if p.x, err = Coordinate(x); err != nil {
		return Point{}, fmt.Errorf("x: %w", err)
	}
	prime := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 521), big.NewInt(1))
	b, _ := new(big.Int).SetString(curveB, 16)
	v := new(big.Int).SetBytes(p.x[:])
	z := new(big.Int).Mul(v, v)
	z.Sub(z, big.NewInt(3)).Mul(z, v).Add(z, b).Mod(z, prime)
	// p ≡ 3 (mod 4): ModSqrt raises to (p+1)/4 = 2^519.
	y := new(big.Int).ModSqrt(z, prime)
	if y == nil {
		return Point{}, ErrNotOnCurve
	}
	y.FillBytes(p.y[:])
	return p, nil
}

func (circl) Mul(p Point, s Scalar) (Point, error) {
	if p.IsZero() || s.IsZero() {
		return Point{}, ErrScalar
	}
	e := group.P521.NewElement()
	if err := e.UnmarshalBinary(p.Uncompressed()); err != nil {
		return Point{}, ErrNotOnCurve
	}
	k := group.P521.NewScalar()
	if err := k.UnmarshalBinary(s.Bytes()); err != nil {
		return Point{}, fmt.Errorf("load the scalar: %w", err)
	}
	out, err := e.Mul(e, k).MarshalBinary()
	if err != nil || len(out) != 1+2*Size {
		return Point{}, ErrNotOnCurve
	}
	var q Point
	copy(q.x[:], out[1:1+Size])
	copy(q.y[:], out[1+Size:])
	return q, nil
}

// curveB is the b of P-521 (FIPS 186-4, D.1.2.5).
const curveB = "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1" +
	"56193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00"
