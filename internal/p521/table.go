package p521

// window is the number of bits per digit, entries the number of odd multiples it needs.
const (
	window  = 5
	entries = 1 << (window - 1)
	digits  = 104 // below the leading 1: 1 + 104·5 = 521 bits
)

// table holds P, 3P, 5P … 31P as affine points of a curve isomorphic to P-521, the one
// on which x of P-521 is x·c² and y is y·c³. On it all of them are affine at once, with
// no inversion: c is the common denominator.
type table struct {
	p [entries]affine
	c element
}

// fill computes the multiples of q. Meloni's addition of points with equal z: the sum
// costs 4M + 2S, and a representation of the summand 2P with the z of the sum is free.
// No special case can occur: the order of q is n, far from any of these multiples.
func (t *table) fill(q *affine) {
	var h [entries]element // entry i has z = y·h[1]·…·h[i]
	two := t.first(q)
	for i := 1; i < entries; i++ {
		t.next(&two, i, &h[i])
	}
	// Bring all to the z of the last: entry i lacks h[i+1]·…·h[15].
	f := h[entries-1]
	for i := entries - 2; ; i-- {
		var ff element
		square(&ff, &f)
		mul(&t.p[i].x, &t.p[i].x, &ff)
		mul(&ff, &ff, &f)
		mul(&t.p[i].y, &t.p[i].y, &ff)
		if i == 0 {
			break
		}
		mul(&f, &f, &h[i])
	}
	mul(&t.c, &f, &q.y)
}

// first returns 2q with z = y, and sets entry 0 to q with the same z: (xy², y⁴).
func (t *table) first(q *affine) (two affine) {
	p := jacobian{x: q.x, y: q.y, z: one, t: minus3()}
	square(&t.p[0].y, &q.y)
	mul(&t.p[0].x, &q.x, &t.p[0].y)
	square(&t.p[0].y, &t.p[0].y)
	p.double(false)
	p.y.carry()
	return affine{p.x, p.y}
}

// next sets entry i to entry i−1 plus two, h to the factor by which z grew, and two to
// the same point with the new z.
func (t *table) next(two *affine, i int, h *element) {
	var c, d, w1, w2 element
	last, sum := &t.p[i-1], &t.p[i]
	diff(h, &two.x, &last.x)
	square(&c, h)
	mul(&w1, &two.x, &c)
	mul(&w2, &last.x, &c)
	diff(&d, &two.y, &last.y)
	square(&sum.x, &d)
	diffBoth(&sum.x, &sum.x, &w1, &w2)
	sum.x.carry()
	diff(&c, &w1, &w2)
	mul(&c, &c, &two.y)
	diff(&w2, &w1, &sum.x)
	mul(&sum.y, &w2, &d)
	diff(&sum.y, &sum.y, &c)
	sum.y.carry()
	two.x, two.y = w1, c
}

// equalMask returns all ones if i = j, else 0, for small numbers.
func equalMask(i, j uint64) uint64 { return -(((i ^ j) - 1) >> 63) }

// minus3 returns −3, tight.
func minus3() element {
	var m element
	diff(&m, &m, &element{3})
	m.carry()
	return m
}
