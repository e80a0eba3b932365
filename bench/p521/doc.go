// Command p521 measures the one operation the pseudonymisation service lives on, a
// conversion, side by side in one run: parse an affine point, check that it is on the
// curve, multiply it by a secret scalar, encode the result. It compares internal/p521 with
// circl, nistec, crypto/elliptic and, where the openssl program is installed, with its
// P-521 ECDH rate.
//
//	go run ./bench/p521 [-seconds 2] [-rounds 3]
//
// All take turns, so that a machine that is busy or changes its clock is so for all; the
// best turn of each counts. Rates are per second of processor time, as openssl counts them. crypto/elliptic and openssl do less than the others: the former
// is not constant-time in its conversions, the latter does not check or encode in its loop.
package main
