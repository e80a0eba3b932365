package p521

// squareN sets z = x^(2^n), n > 0.
func (z *element) squareN(x *element, n int) {
	square(z, x)
	for range n - 1 {
		square(z, z)
	}
}

// invert sets z = 1/x = x^(p−2), and 0 if x = 0. p − 2 = 2^521 − 3 = 4·(2^519 − 1) + 1.
func (z *element) invert(x *element) {
	var t1, t2, t3, t7, t8, t element
	t1 = *x
	square(&t2, &t1)
	mul(&t2, &t2, &t1) // 2^2 − 1
	square(&t3, &t2)
	mul(&t3, &t3, &t1) // 2^3 − 1
	t.squareN(&t3, 3)
	mul(&t, &t, &t3) // 2^6 − 1
	square(&t7, &t)
	mul(&t7, &t7, &t1) // 2^7 − 1
	square(&t8, &t7)
	mul(&t8, &t8, &t1) // 2^8 − 1
	acc := t8
	for n := 8; n < 512; n *= 2 { // 2^(2n) − 1 from 2^n − 1
		t.squareN(&acc, n)
		mul(&acc, &t, &acc)
	}
	acc.squareN(&acc, 7)
	mul(&acc, &acc, &t7) // 2^519 − 1
	acc.squareN(&acc, 2)
	mul(z, &acc, &t1)
}

// sqrt sets z = x^(2^519), the square root of x that is itself a square, and reports
// whether x has one. (p+1)/4 = 2^519.
func (z *element) sqrt(x *element) bool {
	var r, check element
	in := *x
	in.carry()
	r.squareN(&in, 519)
	square(&check, &r)
	*z = r
	return check.equal(&in)
}
