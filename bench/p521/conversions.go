package main

import (
	"crypto/elliptic"
	"errors"
	"math/big"

	"filippo.io/nistec"
	"github.com/cloudflare/circl/group"

	"github.com/ehealth-sandbox/sandbox/internal/p521"
)

// coordinates is an affine point, 66 bytes each, big-endian.
type coordinates struct{ x, y [66]byte }

// conversion multiplies a point by the scalar it was made for.
type conversion func(coordinates) (coordinates, error)

// implementation makes a conversion for a scalar of 66 bytes.
type implementation struct {
	name string
	with func(scalar []byte) conversion
}

func implementations() []implementation {
	return []implementation{
		{"internal/p521", own},
		{"circl", circl},
		{"nistec", nist},
		{"crypto/elliptic", stdlib},
	}
}

func own(scalar []byte) conversion {
	s := p521.ParseScalar(scalar)
	return func(c coordinates) (out coordinates, err error) {
		p, err := p521.NewPoint(c.x[:], c.y[:])
		if err != nil {
			return out, err
		}
		if p, err = p.Mult(s); err != nil {
			return out, err
		}
		return coordinates{p.X(), p.Y()}, nil
	}
}

func circl(scalar []byte) conversion {
	s := group.P521.NewScalar()
	err := s.UnmarshalBinary(scalar)
	return func(c coordinates) (coordinates, error) {
		if err != nil {
			return coordinates{}, err
		}
		e := group.P521.NewElement()
		if err := e.UnmarshalBinary(uncompressed(c)); err != nil {
			return coordinates{}, err
		}
		b, err := e.Mul(e, s).MarshalBinary()
		return split(b), err
	}
}

func nist(scalar []byte) conversion {
	return func(c coordinates) (coordinates, error) {
		p, err := nistec.NewP521Point().SetBytes(uncompressed(c))
		if err != nil {
			return coordinates{}, err
		}
		if p, err = p.ScalarMult(p, scalar); err != nil {
			return coordinates{}, err
		}
		return split(p.Bytes()), nil
	}
}

func stdlib(scalar []byte) conversion {
	curve := elliptic.P521()
	return func(c coordinates) (out coordinates, err error) {
		x, y := new(big.Int).SetBytes(c.x[:]), new(big.Int).SetBytes(c.y[:])
		//nolint:staticcheck // the deprecated functions are what is compared
		if !curve.IsOnCurve(x, y) {
			return out, errors.New("not on the curve")
		}
		//nolint:staticcheck // as above
		x, y = curve.ScalarMult(x, y, scalar)
		x.FillBytes(out.x[:])
		y.FillBytes(out.y[:])
		return out, nil
	}
}

func uncompressed(c coordinates) []byte {
	b := append(make([]byte, 0, 133), 4)
	return append(append(b, c.x[:]...), c.y[:]...)
}

func split(b []byte) (c coordinates) {
	if len(b) == 133 {
		copy(c.x[:], b[1:67])
		copy(c.y[:], b[67:])
	}
	return c
}
