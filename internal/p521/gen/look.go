package main

import (
	"bytes"
	"fmt"
)

// The shape of the table of multiples; package p521 has the same numbers.
const entries = 16

// atOnce is the number of words gathered in one go through the table. Measured: 3 takes
// half the time of a loop over all 18 words, or of all at once.
const atOnce = 3

// writeLook writes the masked read of one entry, straight-line.
func writeLook(w *bytes.Buffer) {
	fmt.Fprintf(w, "// look sets r to the wanted entry, reading all of them.\n"+
		"func (t *table) look(r *affine, wanted uint64) {\n"+
		"var mask, r0, r1, r2 uint64\nvar e *affine\n")
	for at := 0; at < 2*limbs; at += atOnce {
		fmt.Fprintf(w, "r0, r1, r2 = 0, 0, 0\n")
		for j := range entries {
			fmt.Fprintf(w, "e, mask = &t.p[%d], equalMask(%d, wanted)\n", j, j)
			for k := range atOnce {
				fmt.Fprintf(w, "r%d |= e.%s & mask\n", k, word(at+k))
			}
		}
		for k := range atOnce {
			fmt.Fprintf(w, "r.%s = r%d\n", word(at+k), k)
		}
	}
	fmt.Fprintf(w, "}\n\n")
}

// word names word i of an affine point.
func word(i int) string {
	if i < limbs {
		return limb("x", i)
	}
	return limb("y", i-limbs)
}

// writeNegate writes the conditional negative. −z is the bias less z, see pass.limb.
func writeNegate(w *bytes.Buffer) {
	const bias = 2
	fmt.Fprintf(w, "// negateIf sets z = -z, of size 2, for a tight z if mask is all ones, and leaves it if mask is 0.\n"+
		"func (z *element) negateIf(mask uint64) {\n")
	for i := range limbs {
		give := bias
		if i == 0 {
			give *= 2
		}
		fmt.Fprintf(w, "z[%d] = (z[%d] ^ mask) - mask + (%d<<%d-%d)&mask\n", i, i, bias, limbBits, give)
	}
	fmt.Fprintf(w, "}\n\n")
}
