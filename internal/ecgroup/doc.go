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
// What is constant-time: the multiplication of a point by a secret scalar (see
// the package of the group) and the reduction-free comparisons. What is not:
// arithmetic modulo n, which uses math/big. The only long-lived scalars, the
// multipliers of the domains, are inverted once at start; the others are
// random, used once and thrown away, so that a timing tells nothing twice.
package ecgroup
