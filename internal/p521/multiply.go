package p521

// multiply sets r = k·q for 0 < k < n, given in words, least significant first; r.t is
// not set. r.z is never 0.
//
// Of k and n−k one is odd; that one is taken, and the result negated if it was n−k. An
// odd number of 521 bits is Σ dᵢ·32ⁱ with dᵢ odd, |dᵢ| ≤ 31 and d₁₀₄ = 1, so there is an
// addition for every digit and no point at infinity. An addition of equal points can
// only be the last one (n−18 = 32·m − 9 with m = (n−9)/32, where 32m = −9 mod n): that
// one is done completely.
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
	for i := digits - 1; i > 0; i-- {
		r.timesWindow(&a)
		t.digit(&e, odd.digit(i))
		r.add(&e)
	}
	r.timesWindow(&a)
	t.digit(&e, odd.digit(0))
	r.addComplete(&e, &a)

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

// addComplete is add for any q but −p.
func (p *jacobian) addComplete(q *affine, a *element) {
	twice := jacobian{x: q.x, y: q.y, z: one, t: *a}
	twice.double(false)
	h := p.add(q)
	same := h.isZeroMask()
	p.x.choose(same, &twice.x)
	p.y.choose(same, &twice.y)
	p.z.choose(same, &twice.z)
}
