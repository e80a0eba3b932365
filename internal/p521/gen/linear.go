package main

import (
	"bytes"
	"fmt"
	"strings"
)

// term is a multiple of an operand.
type term struct {
	factor int
	name   string
}

// pass is a function that computes a linear combination limb by limb. They are written
// out because half of what a loop over nine limbs costs is the loop.
type pass struct {
	name, doc string
	terms     []term
	bias      int  // in units of 2^58: more than the sizes of what is subtracted
	carry     bool // makes the result tight
	quarter   bool // divides by 4
}

// passes are the linear parts of the point formulas in curve.go. b is the bias that keeps
// a limb from going below zero: a multiple of p whose limbs are about b·2^58.
func passes() []pass {
	return []pass{
		{name: "sum", doc: "z = x + y; sizes add up", terms: []term{{1, "x"}, {1, "y"}}},
		{name: "diff", doc: "z = x - y for a tight y; the size is that of x plus 2",
			terms: []term{{1, "x"}, {-1, "y"}}, bias: 2},
		{name: "diff3", doc: "z = x - y for a y of size 3; the size is that of x plus 4",
			terms: []term{{1, "x"}, {-1, "y"}}, bias: 4},
		{name: "diffTwice", doc: "z = x - 2*y for a tight y; the size is that of x plus 3",
			terms: []term{{1, "x"}, {-2, "y"}}, bias: 3},
		{name: "diffBoth", doc: "z = x - y - w for tight y and w; the size is that of x plus 3",
			terms: []term{{1, "x"}, {-1, "y"}, {-1, "w"}}, bias: 3},
		{name: "addedX", doc: "z = x - y - 2*w, tight, for tight operands",
			terms: []term{{1, "x"}, {-1, "y"}, {-2, "w"}}, bias: 4, carry: true},
		{name: "doubledX", doc: "z = 4*x - y, tight, for a tight x and a y of size 4",
			terms: []term{{4, "x"}, {-1, "y"}}, bias: 5, carry: true},
		{name: "slope", doc: "z = (3*x + y)/4, of size 2, for a tight x and y",
			terms: []term{{3, "x"}, {1, "y"}}, quarter: true},
	}
}

// writePass writes one function.
func writePass(w *bytes.Buffer, p pass) {
	names := make([]string, len(p.terms))
	for i, t := range p.terms {
		names[i] = t.name
	}
	fmt.Fprintf(w, "// %s sets %s.\nfunc %s(z, %s *element) {\n", p.name, p.doc, p.name, strings.Join(names, ", "))
	defer fmt.Fprintf(w, "}\n\n")
	if !p.carry && !p.quarter {
		for i := range limbs {
			fmt.Fprintf(w, "z[%d] = %s\n", i, p.limb(i))
		}
		return
	}
	for i := range limbs {
		fmt.Fprintf(w, "v%d := %s\n", i, p.limb(i))
	}
	for i := range limbs {
		switch before := (i + limbs - 1) % limbs; {
		case p.carry && i == 0: // from above 2^522: twice
			fmt.Fprintf(w, "z[%d] = v%d&limbMask + v%d>>%d<<1\n", i, i, before, limbBits)
		case p.carry:
			fmt.Fprintf(w, "z[%d] = v%d&limbMask + v%d>>%d\n", i, i, before, limbBits)
		case i < limbs-1: // the two bits shifted out go to the limb below
			fmt.Fprintf(w, "z[%d] = v%d>>2 + v%d&3<<%d\n", i, i, i+1, limbBits-2)
		default: // and those of limb 0 round to the top: 1/4 = 2^519
			fmt.Fprintf(w, "z[%d] = v%d>>2 + v0&3<<%d\n", i, i, 521-2-limbBits*(limbs-1))
		}
	}
}

// limb writes the combination for one limb. The bias is b*(2^522 - 1) - b: every limb
// gives b to its right neighbour, limb 0 another b as 2^522 = 2.
func (p pass) limb(i int) string {
	var s strings.Builder
	for n, t := range p.terms {
		name := fmt.Sprintf("%s[%d]", t.name, i)
		switch t.factor {
		case 1:
			fmt.Fprintf(&s, "+%s", name)
		case -1:
			fmt.Fprintf(&s, "-%s", name)
		case -2:
			fmt.Fprintf(&s, "-%s<<1", name)
		default:
			fmt.Fprintf(&s, "+%d*%s", t.factor, name)
		}
		if n == 0 && p.bias > 0 {
			give := p.bias
			if i == 0 {
				give *= 2
			}
			fmt.Fprintf(&s, "+(%d<<%d-%d)", p.bias, limbBits, give)
		}
	}
	return strings.TrimPrefix(s.String(), "+")
}
