package p521

import "math/bits"

// Inversion modulo p and modulo n by division steps: D. J. Bernstein and B.-Y. Yang, "Fast
// constant-time gcd computation and modular inversion" (2019), in batches of 62 steps
// whose effect on the long numbers is a 2×2 matrix (the arrangement is P. Wuille's). The
// number of steps is fixed, by theorem 11.2 of the paper: for 521 bits, (49·521+57)/17 = 1505.
const (
	stepBits = 62
	batches  = 25 // 25·62 = 1550 ≥ 1505
	stepMask = 1<<stepBits - 1
)

// signed62 is a signed number Σ v[i]·2^(62i): 0 ≤ v[i] < 2^62 but for v[8], which has the sign.
type signed62 [9]int64

// modulus is an odd number of up to 521 bits for inverse.
type modulus struct {
	m signed62
	// inverse is 1/m mod 2^62.
	inverse uint64
}

// matrix is what a batch of steps does: (f, g) becomes (uf + vg, qf + rg)/2^62. The sums
// |u| + |v| and |q| + |r| are at most 2^62.
type matrix struct{ u, v, q, r int64 }

// invert returns 1/x mod m for 0 ≤ x < m, and 0 if x is 0; m must be prime. The time
// depends on neither.
func (m *modulus) invert(x *signed62) signed62 {
	f, g, d, e := m.m, *x, signed62{}, signed62{1}
	var t matrix
	delta := int64(1)
	for range batches {
		delta = t.steps(delta, uint64(f[0]), uint64(g[0])) // #nosec G115 -- bit patterns
		t.apply(&f, &g)
		t.applyMod(&d, &e, m)
	}
	// Now g = 0, f = ±1 (±m for x = 0), and d·x = f mod m with −2m < d < m.
	d.addIf(d[8]>>63, &m.m)
	d.negateIf(f[8] >> 63)
	d.addIf(d[8]>>63, &m.m)
	return d
}

// steps sets t to the matrix of 62 division steps from delta and the low bits of f and
// g, and returns the new delta. One step: if delta > 0 and g is odd, (delta, f, g)
// becomes (1−delta, g, (g−f)/2), else (1+delta, f, (g + (g mod 2)f)/2).
func (t *matrix) steps(delta int64, f, g uint64) int64 {
	var u, v, q, r uint64 = 1, 0, 0, 1
	eta := uint64(-delta) // #nosec G115 -- two's complement throughout
	for range stepBits {
		c := -(eta >> 63) // all ones for delta > 0
		odd := -(g & 1)
		g += ((f ^ c) - c) & odd
		q += ((u ^ c) - c) & odd
		r += ((v ^ c) - c) & odd
		c &= odd
		eta = (eta ^ c) - 1 - c
		f += g & c
		u += q & c
		v += r & c
		g >>= 1
		u <<= 1
		v <<= 1
	}
	t.u, t.v, t.q, t.r = int64(u), int64(v), int64(q), int64(r) // #nosec G115 -- two's complement
	return -int64(eta)                                          // #nosec G115 -- two's complement
}

// apply sets (f, g) = t·(f, g)/2^62, which is exact.
func (t *matrix) apply(f, g *signed62) {
	var fh, fl, gh, gl uint64
	for i := range f {
		fi, gi := f[i], g[i]
		fh, fl = mulAdd(fh, fl, t.u, fi)
		fh, fl = mulAdd(fh, fl, t.v, gi)
		gh, gl = mulAdd(gh, gl, t.q, fi)
		gh, gl = mulAdd(gh, gl, t.r, gi)
		if i > 0 {
			f[i-1], g[i-1] = int64(fl&stepMask), int64(gl&stepMask) // #nosec G115 -- 62 bits
		}
		fh, fl = shift62(fh, fl)
		gh, gl = shift62(gh, gl)
	}
	f[8], g[8] = int64(fl), int64(gl) // #nosec G115 -- two's complement
}

// applyMod sets (d, e) = t·(d, e)/2^62 mod m, both kept in −2m … m.
func (t *matrix) applyMod(d, e *signed62, m *modulus) {
	// Multiples of m that make the sums divisible by 2^62, and that bring up d and e
	// where they are negative.
	md := t.u&(d[8]>>63) + t.v&(e[8]>>63)
	me := t.q&(d[8]>>63) + t.r&(e[8]>>63)
	// #nosec G115 -- two's complement, modulo 2^62
	{
		d0, e0 := uint64(t.u*d[0]+t.v*e[0]), uint64(t.q*d[0]+t.r*e[0])
		md -= int64((m.inverse*d0 + uint64(md)) & stepMask)
		me -= int64((m.inverse*e0 + uint64(me)) & stepMask)
	}
	var dh, dl, eh, el uint64
	for i := range d {
		di, ei := d[i], e[i]
		dh, dl = mulAdd(dh, dl, t.u, di)
		dh, dl = mulAdd(dh, dl, t.v, ei)
		dh, dl = mulAdd(dh, dl, md, m.m[i])
		eh, el = mulAdd(eh, el, t.q, di)
		eh, el = mulAdd(eh, el, t.r, ei)
		eh, el = mulAdd(eh, el, me, m.m[i])
		if i > 0 {
			d[i-1], e[i-1] = int64(dl&stepMask), int64(el&stepMask) // #nosec G115 -- 62 bits
		}
		dh, dl = shift62(dh, dl)
		eh, el = shift62(eh, el)
	}
	d[8], e[8] = int64(dl), int64(el) // #nosec G115 -- two's complement
}

// mulAdd returns the signed 128-bit sum h,l + a·b.
func mulAdd(h, l uint64, a, b int64) (uint64, uint64) {
	ph, pl := bits.Mul64(uint64(a), uint64(b)) // #nosec G115 -- corrected in the next line
	ph -= uint64(a>>63&b) + uint64(b>>63&a)    // #nosec G115 -- two's complement
	l, c := bits.Add64(l, pl, 0)
	return h + ph + c, l
}

// shift62 returns the signed number h,l divided by 2^62, rounded down.
func shift62(h, l uint64) (uint64, uint64) {
	return uint64(int64(h) >> stepBits), h<<2 | l>>stepBits // #nosec G115 -- two's complement
}

// addIf sets x = x + y if mask is all ones, and leaves it if mask is 0.
func (x *signed62) addIf(mask int64, y *signed62) {
	for i := range x {
		x[i] += y[i] & mask
	}
	x.carry()
}

// negateIf sets x = −x if mask is all ones, and leaves it if mask is 0.
func (x *signed62) negateIf(mask int64) {
	for i := range x {
		x[i] = (x[i] ^ mask) - mask
	}
	x.carry()
}

// carry brings all limbs but the last to 0 … 2^62 − 1.
func (x *signed62) carry() {
	for i := range x[:8] {
		x[i+1] += x[i] >> stepBits
		x[i] &= stepMask
	}
}

// signed returns z < 2^521 in limbs of 62 bits.
func (z *words) signed() (x signed62) {
	x[0] = int64(z[0] & stepMask) // #nosec G115 -- 62 bits
	for i := 1; i < len(x); i++ {
		// bits 62i … 62i+61 begin at bit 64−2i of word i−1
		x[i] = int64((z[i-1]>>(64-2*i) | z[i]<<(2*i)) & stepMask) // #nosec G115 -- 62 bits
	}
	return x
}

// words returns x ≥ 0 in words of 64 bits.
func (x *signed62) words() (z words) {
	for i := range z[:8] {
		z[i] = uint64(x[i])>>(2*i) | uint64(x[i+1])<<(62-2*i) // #nosec G115 -- not negative
	}
	z[8] = uint64(x[8]) >> 16 // #nosec G115 -- not negative
	return z
}
