package p521

import "math/bits"

// element is a number mod p = 2^521 − 1 as Σ e[i]·2^(58i).
//
// Limbs may be larger than 58 bits. "Tight" means every limb < 2^58 + 2^14: what mul,
// square, carry and setBytes give. The comments count limb sizes in units of 2^58, so a
// tight element is of size 1 and a sum of two has size 2. mul and square are right as
// long as the product of the sizes of their operands is at most 224:
// 2·9·224·2^116 < 2^128, with room for the 2^14.
type element [9]uint64

const (
	limbMask = 1<<58 - 1
	topMask  = 1<<57 - 1 // the ninth limb of a reduced element: 521 − 8·58 = 57 bits
	// size is the length of an encoded coordinate or scalar in bytes.
	size = 66
)

// one is the element 1.
var one = element{1}

// carry makes z tight.
func (z *element) carry() {
	c := z[8] >> 58 << 1
	for i := range z {
		next := z[i] >> 58
		z[i] = z[i]&limbMask + c
		c = next
	}
}

// reduced returns the one representation of z below p with limbs below 2^58.
func (z *element) reduced() element {
	r := *z
	r.carry()
	// Twice along the limbs: the first pass may leave one more carry out of the top.
	for range 2 {
		c := uint64(0)
		for i := range 8 {
			r[i] += c
			c = r[i] >> 58
			r[i] &= limbMask
		}
		r[8] += c
		c = r[8] >> 57
		r[8] &= topMask
		r[0] += c
	}
	// Now r < 2^521 except for a last +1 that can only have hit r[0] = 0 or small.
	// r = p is the one value left that is not reduced: all bits set.
	all := (r[0] ^ limbMask) | (r[8] ^ topMask)
	for i := 1; i < 8; i++ {
		all |= r[i] ^ limbMask
	}
	keep := nonZeroMask(all)
	for i := range r {
		r[i] &= keep
	}
	return r
}

// nonZeroMask returns all ones if v != 0, else 0.
func nonZeroMask(v uint64) uint64 { return -((v | -v) >> 63) }

// isZeroMask returns all ones if z = 0 mod p, else 0.
func (z *element) isZeroMask() uint64 {
	r := z.reduced()
	var v uint64
	for i := range r {
		v |= r[i]
	}
	return ^nonZeroMask(v)
}

// isZero reports whether z = 0 mod p.
func (z *element) isZero() bool { return z.isZeroMask() != 0 }

// equal reports whether x = y mod p; y must be tight.
func (x *element) equal(y *element) bool {
	var d element
	diff(&d, x, y)
	return d.isZero()
}

// isOdd reports whether the reduced z is odd.
func (z *element) isOdd() bool {
	r := z.reduced()
	return r[0]&1 == 1
}

// setWords sets z to the number in w and reports whether it is below p.
func (z *element) setWords(w *words) bool {
	z[0] = w[0] & limbMask
	for i := 1; i < len(z); i++ { // limb i begins at bit 64−6i of word i−1
		z[i] = (w[i-1]>>(64-6*i) | w[i]<<(6*i)) & limbMask
	}
	top := w[8] >> 10 // bits 522 and above
	var borrow uint64
	for i := range z[:8] {
		_, borrow = bits.Sub64(z[i], limbMask, borrow)
	}
	_, borrow = bits.Sub64(z[8], topMask, borrow)
	return borrow&^nonZeroMask(top) == 1
}

// words returns z reduced.
func (z *element) words() (w words) {
	r := z.reduced()
	for i := range w[:8] { // word i begins at bit 6i of limb i
		w[i] = r[i]>>(6*i) | r[i+1]<<(58-6*i)
	}
	w[8] = r[8] >> 48
	return w
}

// setBytes sets z to the big-endian number in b, of at most 66 bytes, and reports whether
// it is below p.
func (z *element) setBytes(b []byte) bool {
	var w words
	w.setBytes(b)
	return z.setWords(&w)
}

// bytes returns z reduced, big-endian.
func (z *element) bytes() [size]byte {
	w := z.words()
	return w.bytes()
}
