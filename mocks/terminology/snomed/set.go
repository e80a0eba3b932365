package snomed

import "math/bits"

// Set is a set of dense concept numbers of one edition, one bit each.
type Set []uint64

// NewSet makes an empty set for n concepts.
func NewSet(n int) Set { return make(Set, (n+63)/64) }

// Add puts i into the set.
func (s Set) Add(i uint32) { s[i>>6] |= 1 << (i & 63) }

// Remove takes i out of the set.
func (s Set) Remove(i uint32) { s[i>>6] &^= 1 << (i & 63) }

// Has tells whether i is in the set.
func (s Set) Has(i uint32) bool { return int(i>>6) < len(s) && s[i>>6]&(1<<(i&63)) != 0 }

// AddAll puts every number of the list into the set.
func (s Set) AddAll(list []uint32) {
	for _, i := range list {
		s[i>>6] |= 1 << (i & 63)
	}
}

// And keeps what is in both.
func (s Set) And(o Set) {
	n := min(len(s), len(o))
	for i := range n {
		s[i] &= o[i]
	}
	clear(s[n:])
}

// Or adds what is in o and has room in s.
func (s Set) Or(o Set) {
	for i := range min(len(s), len(o)) {
		s[i] |= o[i]
	}
}

// Minus drops what is in o.
func (s Set) Minus(o Set) {
	for i := range min(len(s), len(o)) {
		s[i] &^= o[i]
	}
}

// Clone copies the set.
func (s Set) Clone() Set { return append(Set(nil), s...) }

// Count tells how many numbers are in the set.
func (s Set) Count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// Each calls f with every number in ascending order until f says false.
func (s Set) Each(f func(uint32) bool) {
	for i, w := range s {
		for w != 0 {
			if !f(uint32(i<<6 + bits.TrailingZeros64(w))) {
				return
			}
			w &= w - 1
		}
	}
}

// List gives the numbers in ascending order.
func (s Set) List() []uint32 {
	out := make([]uint32, 0, s.Count())
	s.Each(func(i uint32) bool { out = append(out, i); return true })
	return out
}
