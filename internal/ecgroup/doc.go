// Package ecgroup is the one small door through which the blinded protocol
// reaches the curve NIST P-521.
//
// A [Group] checks points and multiplies them; everything else (base64, SEC 1
// strings, scalars modulo n) is shared by all groups. Two groups exist: [Fast],
// our own constant-time arithmetic of internal/p521, and [Reference], the P-521
// of cloudflare/circl, which is about six times slower and serves as the oracle.
// Both pass the same tests.
//
// Points and scalars are immutable values: a [Point] has passed the check that
// it lies on the curve and is not the point at infinity, a [Scalar] lies in
// 1…n-1. Code that holds one need not check again.
//
// What is constant-time: arithmetic modulo n, and the multiplication of a point
// by a secret scalar, as the package of the group says. What is not: whether a
// point was accepted, and the reference group's search for a point with a given
// x. None of these is a secret of the protocol.
package ecgroup
