package p521

// squareN sets z = x^(2^n), n > 0.
func (z *element) squareN(x *element, n int) {
	square(z, x)
	for range n - 1 {
		square(z, z)
	}
}

// fieldModulus returns p.
func fieldModulus() *modulus {
	return &modulus{
		m: signed62{
			stepMask, stepMask, stepMask, stepMask, stepMask, stepMask, stepMask, stepMask, 1<<25 - 1,
		},
		inverse: stepMask, // p = −1 mod 2^62
	}
}

// invert sets z = 1/x, and 0 if x = 0.
func (z *element) invert(x *element) {
	w := x.words()
	v := w.signed()
	v = fieldModulus().invert(&v)
	w = v.words()
	z.setWords(&w)
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
