package p521

import (
	"encoding/binary"
	"math/bits"
)

// words is an unsigned number of 576 bits, least significant word first. As a Scalar's
// value it is below n and in Montgomery form: x·2^576 mod n.
type words [9]uint64

// order returns n.
func order() *words {
	return &words{
		0xbb6fb71e91386409, 0x3bb5c9b8899c47ae, 0x7fcc0148f709a5d0, 0x51868783bf2f966b,
		0xfffffffffffffffa, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x1ff,
	}
}

// orderInverse is −1/n mod 2^64.
const orderInverse = 0x1d2f5ccd79a995c7

// orderModulus returns n.
func orderModulus() *modulus {
	return &modulus{
		m: signed62{
			0x3b6fb71e91386409, 0x2ed726e226711eba, 0x3cc0148f709a5d03, 0x21a1e0efcbe59adf,
			0x3ffffffffffffa51, stepMask, stepMask, stepMask, 1<<25 - 1,
		},
		inverse: 0x22d0a33286566a39,
	}
}

// montgomerySquare returns 2^1152 mod n, which takes a number into Montgomery form.
func montgomerySquare() *words {
	return &words{
		0x137cd04dcf15dd04, 0xf707badce5547ea3, 0x12a78d38794573ff, 0xd3721ef557f75e06,
		0xdd6e23d82e49c7db, 0xcff3d142b7756e3e, 0x5bcc6d61a8e567bc, 0x2d8e03d1492d0d45, 0x3d,
	}
}

// montgomeryCube returns 2^1728 mod n: times this, the inverse of a Montgomery form is one.
func montgomeryCube() *words {
	return &words{
		0xd35f2816760f23e2, 0x2767143c8c3184c1, 0xb268ad5bac58d935, 0x3f3deb9609930765,
		0x6d4af6cb8e6b92ea, 0xdf0f66f966e917a0, 0xc99c43fc5f7321ce, 0xdb25b1117a1814fd, 0x97,
	}
}

// montgomery sets z = x·y/2^576 mod n for x < 2^576 and y < n, in constant time.
func (z *words) montgomery(x, y *words) {
	n := order()
	var t [10]uint64
	for i := range x {
		t[9] = addMul(&t, y, x[i])
		t[9] += addMul(&t, n, t[0]*orderInverse) // n < 2^521: no carry gets lost
		copy(t[:9], t[1:])
	}
	copy(z[:], t[:9])
	z.reduceOnce()
}

// addMul adds y·m to the lower nine words of t and returns what t[9] grows to.
func addMul(t *[10]uint64, y *words, m uint64) uint64 {
	var carry, c uint64
	for j := range y {
		h, l := bits.Mul64(y[j], m)
		l, c = bits.Add64(l, carry, 0)
		h += c
		t[j], c = bits.Add64(t[j], l, 0)
		carry = h + c
	}
	return carry
}

// reduceOnce subtracts n from z if z ≥ n.
func (z *words) reduceOnce() {
	d := *z
	borrow := d.sub(order())
	z.choose(borrow-1, &d)
}

// sub sets z = z − x mod 2^576 and returns the borrow.
func (z *words) sub(x *words) (borrow uint64) {
	for i := range z {
		z[i], borrow = bits.Sub64(z[i], x[i], borrow)
	}
	return borrow
}

// addMod sets z = z + x mod n for two numbers below n.
func (z *words) addMod(x *words) {
	var c uint64
	for i := range z {
		z[i], c = bits.Add64(z[i], x[i], c)
	}
	z.reduceOnce()
}

// negate sets z = n − z, also for 0 (n then).
func (z *words) negate() {
	d := *order()
	d.sub(z)
	*z = d
}

// choose sets z = x where mask is all ones and leaves it where mask is 0.
func (z *words) choose(mask uint64, x *words) {
	for i := range z {
		z[i] ^= (z[i] ^ x[i]) & mask
	}
}

// nonZeroMask is all ones if z != 0, else 0.
func (z *words) nonZeroMask() uint64 {
	var v uint64
	for i := range z {
		v |= z[i]
	}
	return nonZeroMask(v)
}

// oddOfPair returns the odd one of z and n − z, and all ones if it is the latter.
func (z *words) oddOfPair() (odd words, flip uint64) {
	odd, other := *z, *z
	other.negate()
	flip = odd[0]&1 - 1
	odd.choose(flip, &other)
	return odd, flip
}

// digit returns bits 5i+1 … 5i+5, which stand for the odd digit 2b − 31 of weight 32^i.
func (z *words) digit(i int) uint64 {
	at := window*i + 1
	v := z[at/64] >> (at % 64)
	if at%64 > 64-window && at/64 < 8 {
		v |= z[at/64+1] << (64 - at%64)
	}
	return v & (1<<window - 1)
}

// setBytes sets z to the big-endian number in b, of at most 72 bytes.
func (z *words) setBytes(b []byte) {
	var full [72]byte
	copy(full[72-len(b):], b)
	for i := range z {
		z[i] = binary.BigEndian.Uint64(full[64-8*i:])
	}
}

// bytes returns z < 2^528, big-endian.
func (z *words) bytes() (b [size]byte) {
	for i := range 8 {
		binary.BigEndian.PutUint64(b[size-8*(i+1):], z[i])
	}
	b[0], b[1] = byte(z[8]>>8), byte(z[8])
	return b
}
