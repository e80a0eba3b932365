package p521

// multiply sets r = k·q for 0 < k < n, given in words, least significant first; r.t is
// not set, r.y is of size 3, and r.z is not 0.
//
// Of k and n−k one is odd; that one is taken, and the result negated if it was n−k. An
// odd number of 521 bits is Σ dᵢ·32ⁱ with dᵢ odd, |dᵢ| ≤ 31 and d₁₀₄ = 1, so there is an
// addition for every digit, and no point at infinity before the end.
//
// The additions are never of equal or opposite points, which add could not do. Before the
// digit d is added the sum is 32m, m odd and positive, so 32m > |d|. Above the last digit
// 32m + 31 < n, so 32m = ±d mod n is impossible. At the last one 32m + d = k:
//   - 32m = −d mod n would mean k = 0 or n;
//   - 32m = d mod n would mean 32m = n + d, so k = n + 2d. As m is odd, k = d + 32 mod 64,
//     and n = 9 mod 64: d = 23, and k > n.
//
// (With even digits allowed n−18 = 32m − 9 would be a case: m = (n−9)/32 is even.)
func multiply(r *jacobian, k *words, q *affine) {
	odd, flip := k.oddOfPair()

	var t table
	t.fill(q)
	var a element // a = −3c⁴ of the table's curve
	square(&a, &t.c)
	square(&a, &a)
	m3 := minus3()
	mul(&a, &a, &m3)

	*r = jacobian{x: t.p[0].x, y: t.p[0].y, z: one}
	var e affine
	for i := digits - 1; i >= 0; i-- {
		r.timesWindow(&a)
		t.digit(&e, odd.digit(i))
		r.add(&e)
	}

	// back to P-521
	mul(&r.z, &r.z, &t.c)
	r.y.carry()
	r.y.negateIf(flip)
}

// timesWindow sets p = 32p on the curve with the given a.
func (p *jacobian) timesWindow(a *element) {
	square(&p.t, &p.z)
	square(&p.t, &p.t)
	mul(&p.t, &p.t, a)
	for range window - 1 {
		p.double(true)
	}
	p.double(false)
}

// digit sets r to d·P for the digit d = 2b − 31 given as b = 0 … 31.
func (t *table) digit(r *affine, b uint64) {
	minus := (b >> (window - 1)) - 1 // all ones for the lower half
	t.look(r, (b^minus)&(entries-1))
	r.y.negateIf(minus)
}
