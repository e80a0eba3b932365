package p521

import (
	"fmt"
	"io"
)

// Scalar is a number modulo the order n of the curve. The zero value is 0. Scalars are
// secrets: fmt and slog print "p521.Scalar(hidden)" for one.
type Scalar struct{ m words } // Montgomery form

// ParseScalar reads b as an unsigned big-endian number of any length, leading zeros or
// not, reduced mod n. Nil is 0. The time depends on len(b) only.
func ParseScalar(b []byte) Scalar {
	var s Scalar
	for len(b) > 0 {
		head := (len(b)-1)%64 + 1 // 64 bytes at a time, the odd rest first
		var chunk words
		chunk.setBytes(b[:head])
		chunk.montgomery(&chunk, montgomerySquare())
		s.m.montgomery(&s.m, shift512())
		s.m.addMod(&chunk)
		b = b[head:]
	}
	return s
}

// RandomScalar reads 82 bytes from r and returns them reduced mod n: a uniform scalar
// but for a bias below 2^−128. It reads again in the case of 0.
func RandomScalar(r io.Reader) (Scalar, error) {
	var b [82]byte
	for {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return Scalar{}, fmt.Errorf("read a random scalar: %w", err)
		}
		if s := ParseScalar(b[:]); !s.IsZero() {
			return s, nil
		}
	}
}

// shift512 returns 2^512 in Montgomery form.
func shift512() *words {
	return &words{
		0x1163115a61c64ca7, 0x18354a564374a642, 0x5d4dd6d30791d9dc, 0x4fb35b72d3402705,
		0xcff3d142b7756e3a, 0x5bcc6d61a8e567bc, 0x2d8e03d1492d0d45, 0x5b5a3afe8c44383d, 0x19a,
	}
}

// value returns s as a plain number below n.
func (s Scalar) value() (v words) {
	v.montgomery(&s.m, &words{1})
	return v
}

// Bytes returns s big-endian, padded with zeros to 66 bytes; the first byte is 0 or 1.
func (s Scalar) Bytes() [66]byte {
	v := s.value()
	return v.bytes()
}

// Mul returns s·t.
func (s Scalar) Mul(t Scalar) (r Scalar) {
	r.m.montgomery(&s.m, &t.m)
	return r
}

// Negate returns −s.
func (s Scalar) Negate() (r Scalar) {
	r = s
	r.m.negate()
	r.m.choose(^s.m.nonZeroMask(), &s.m)
	return r
}

// Inverse returns 1/s, and 0 if s is 0.
func (s Scalar) Inverse() (r Scalar) {
	v := s.m.signed()
	v = orderModulus().invert(&v)
	w := v.words()
	r.m.montgomery(&w, montgomeryCube())
	return r
}

// IsZero reports whether s is 0.
func (s Scalar) IsZero() bool { return s.m.nonZeroMask() == 0 }

// Equal reports whether s and t are the same number.
func (s Scalar) Equal(t Scalar) bool {
	var v uint64
	for i := range s.m {
		v |= s.m[i] ^ t.m[i]
	}
	return v == 0
}

// Format keeps the number out of logs, whatever the verb.
func (Scalar) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "p521.Scalar(hidden)") }
