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
// That nothing branches on secrets is checked on the source by a test, and by a timing test
// in the manner of dudect: P521_TIMING=1 go test -run Timing -v ./internal/p521.
//
// # How
//
// A field element is nine limbs of 58 bits; 9·58 = 522, so what overflows comes back
// doubled. generated.go, written by gen (go generate), has the multiplication: plain
// columns of products with the carry taken along. Karatsuba's method saves a third of the
// products and costs as much again in additions, given what the compiler makes of either.
//
// Points are affine outside a multiplication and in modified Jacobian coordinates during
// it: 3M + 5S to double, 8M + 3S to add. A digit is odd and has five bits, signed; the 16
// odd multiples are brought to one denominator without an inversion, so that each is
// affine on an isomorphic curve. Of k and n−k the odd one is taken, see multiply. The
// result is made affine by division steps (divstep.go), the scalars' inverse too; a
// square root is 519 squarings.
package p521

//go:generate go run ./gen -o generated.go
