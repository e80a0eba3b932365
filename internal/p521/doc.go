// Package p521 is point arithmetic on NIST P-521, made for the one operation the
// pseudonymisation service lives on: multiply an arbitrary point by a secret scalar.
//
//	y² = x³ − 3x + b   over p = 2⁵²¹ − 1, prime order n, cofactor 1
//
// A full conversion is NewPoint (or FromSEC1), one Mult and X, Y (or SEC1):
//
//	p, err := p521.NewPoint(x, y)       // ErrRange, ErrNotOnCurve
//	s := p521.ParseScalar(secret)       // any length, reduced mod n
//	q, err := p.Mult(s.Mul(t.Inverse())) // fold first, multiply once
//	out := q.X()                        // 66 bytes, big-endian
//
// Why not crypto/ecdh, nistec or circl: the first gives the x coordinate only, the other
// two need six to seven times as long (go run ./bench/p521 measures all in one run). They
// are the oracles of the tests.
//
// # Constant time
//
// Written without branches and memory indexes that depend on the value named:
//
//   - Point.Mult and MultBatch: scalar and point. The window table is read whole for every
//     digit; digits, signs and the choice between k and n−k are applied by masks.
//   - Scalar: ParseScalar, Mul, Inverse, Negate, IsZero, Equal and Bytes (the length of
//     ParseScalar's input is taken as public).
//   - All field arithmetic, inversion and encoding included.
//
// What does show in the time, on purpose: whether a point was accepted (NewPoint,
// FromSEC1, FromX), which encoding it had, whether a scalar was zero mod n (Mult returns
// ErrInfinity early), Point.Equal's and Point.Add's special cases, lengths and counts.
// None of these is a secret of the protocol. The claim is about the Go code: it relies on
// 64-bit multiplication taking the same time for all operands, as it does on the
// processors Go's own cryptography relies on, and nothing is erased from memory after use.
//
// # How
//
// A field element is nine limbs of 58 bits; 9·58 = 522, so what overflows comes back
// doubled. generated.go is written by gen (go generate). Points are in Jacobian coordinates
// during a multiplication and affine outside it.
package p521

//go:generate go run ./gen -o generated.go
