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
	var t, three element
	square(&t, x)
	three[0] = 3
	t.sub(&t, &three)
	mul(&t, &t, x)
	b := curveB()
	t.add(&t, &b)
	t.carry()
	return t
}

// jacobian is a point in modified Jacobian coordinates on y² = x³ + a·x + b·…: affine
// x/z², y/z³, and t = a·z⁴. The formulas use neither a nor b, so it may be any curve
// isomorphic to P-521, which is what multiply makes use of. Between calls x and y are
// tight, z and t of size 2 at most.
type jacobian struct{ x, y, z, t element }

// double sets p = 2p in 3M + 5S, or 2M + 5S without t. Cohen, Miyaji and Ono's modified
// coordinates, with the product 4xy² taken from squares, which cost half a product here.
func (p *jacobian) double(withT bool) {
	var xx, c, cc, beta, m, d element
	square(&xx, &p.x)
	square(&c, &p.y)
	square(&cc, &c)
	// beta = 4·x·y² = 2((x + y²)² − x² − y⁴)
	beta.add(&p.x, &c)
	square(&beta, &beta)
	beta.sub(&beta, &xx)
	beta.sub(&beta, &cc)
	beta.shift(&beta, 1)
	beta.carry()
	// m = 3x² + a·z⁴
	m.add(&xx, &xx)
	m.add(&m, &xx)
	m.add(&m, &p.t)
	// z = 2yz
	mul(&p.z, &p.z, &p.y)
	p.z.shift(&p.z, 1)
	// x = m² − 2·beta
	square(&p.x, &m)
	p.x.sub(&p.x, &beta)
	p.x.sub(&p.x, &beta)
	p.x.carry()
	// y = m(beta − x) − 8y⁴
	d.sub(&beta, &p.x)
	mul(&p.y, &m, &d)
	cc.shift(&cc, 3)
	p.y.sub8(&p.y, &cc)
	p.y.carry()
	// t = 16·y⁴·t
	if withT {
		mul(&p.t, &p.t, &cc)
		p.t.shift(&p.t, 1)
	}
}

// add sets p = p + q for an affine q of the same curve, in 8M + 3S; t is not kept up. It
// returns the difference of the two x coordinates, times z²: if that is 0, then q = ±p,
// and the result is wrong for q = p.
func (p *jacobian) add(q *affine) (h element) {
	var zz, r, hh, hhh, v element
	square(&zz, &p.z)
	mul(&h, &q.x, &zz)
	mul(&zz, &zz, &p.z)
	mul(&r, &q.y, &zz)
	h.sub(&h, &p.x)
	r.sub(&r, &p.y)
	mul(&p.z, &p.z, &h)
	square(&hh, &h)
	mul(&hhh, &hh, &h)
	mul(&v, &p.x, &hh)
	square(&p.x, &r)
	p.x.sub(&p.x, &hhh)
	p.x.sub(&p.x, &v)
	p.x.sub(&p.x, &v)
	p.x.carry()
	v.sub(&v, &p.x)
	mul(&v, &v, &r)
	mul(&hhh, &hhh, &p.y)
	p.y.sub(&v, &hhh)
	p.y.carry()
	return h
}

// affine is a pair of tight coordinates.
type affine struct{ x, y element }
