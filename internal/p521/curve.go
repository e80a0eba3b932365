package p521

// curveB returns b of y² = x³ − 3x + b (SP 800-186 §3.2.1.5) in limbs.
func curveB() element {
	return element{
		0x3451fd46b503f00, 0x0f7e20f4b0d3c7b, 0x0bd3bb1bf07357, 0x147b1fa4dec594b, 0x18ef109e1561939,
		0x26cc57cee2d2264, 0x0540eea2da725b9, 0x2687e4a688682da, 0x051953eb9618e1c,
	}
}

// rightSide returns x³ − 3x + b, tight, for a tight x.
func rightSide(x *element) element {
	var t element
	square(&t, x)
	diff(&t, &t, &element{3})
	mul(&t, &t, x)
	b := curveB()
	sum(&t, &t, &b)
	t.carry()
	return t
}

// jacobian is a point in modified Jacobian coordinates on y² = x³ + a·x + …: affine x/z²,
// y/z³, and t = a·z⁴. The formulas do not use the curve's constants, so it may be any curve
// isomorphic to P-521, which is what multiply makes use of. x, z and t are tight, y is of
// size 3.
type jacobian struct{ x, y, z, t element }

// double sets p = 2p in 3M + 5S, or 2M + 5S without t. Cohen, Miyaji and Ono's modified
// coordinates with two changes. The product 2xy² comes from squares, which are cheaper
// here. And z becomes yz instead of 2yz: x, y and t are then 1/4, 1/8 and 1/16 of the usual,
// and instead of doublings all over there is one division by 4, which modulo p is a shift.
func (p *jacobian) double(withT bool) {
	var xx, c, cc element
	square(&xx, &p.x)
	square(&c, &p.y)
	square(&cc, &c)
	// b = 2xy² = (x + y²)² − x² − y⁴
	b := &c
	sum(b, &p.x, &c)
	square(b, b)
	diffBoth(b, b, &xx, &cc)
	// m = (3x² + a·z⁴)/4
	m := &xx
	slope(m, &xx, &p.t)
	mul(&p.z, &p.z, &p.y)
	// x = 4m² − b
	square(&p.x, m)
	doubledX(&p.x, &p.x, b)
	// y = m(b − 2x) − y⁴
	diffTwice(b, b, &p.x)
	mul(&p.y, b, m)
	diff(&p.y, &p.y, &cc)
	if withT {
		mul(&p.t, &p.t, &cc)
	}
}

// add sets p = p + q for an affine q of the same curve other than ±p, in 8M + 3S; t is
// not kept up.
func (p *jacobian) add(q *affine) {
	var zz, h, r, hh, hhh, v element
	square(&zz, &p.z)
	mul(&h, &q.x, &zz)
	mul(&zz, &zz, &p.z)
	mul(&r, &q.y, &zz)
	diff(&h, &h, &p.x)
	diff3(&r, &r, &p.y)
	mul(&p.z, &p.z, &h)
	square(&hh, &h)
	mul(&hhh, &hh, &h)
	mul(&v, &p.x, &hh)
	// x = r² − h³ − 2v
	square(&p.x, &r)
	addedX(&p.x, &p.x, &hhh, &v)
	// y = r(v − x) − h³y
	diff(&v, &v, &p.x)
	mul(&v, &v, &r)
	mul(&hhh, &hhh, &p.y)
	diff(&p.y, &v, &hhh)
}

// affine is a pair of tight coordinates.
type affine struct{ x, y element }
