package p521

import (
	"bytes"
	"math/big"
	"testing"
)

// value returns the number in z, whatever the size of its limbs, not reduced.
func (z *element) value() *big.Int {
	v := new(big.Int)
	for i := len(z) - 1; i >= 0; i-- {
		v.Lsh(v, 58)
		v.Add(v, new(big.Int).SetUint64(z[i]))
	}
	return v
}

// edgeElements are numbers where carries and reductions are at their limits: around 0, p,
// 2^522, powers of two at the limbs' borders, and limbs as large as mul allows.
func edgeElements() []element {
	all := func(v uint64) (e element) {
		for i := range e {
			e[i] = v
		}
		return e
	}
	p := all(limbMask)
	p[8] = topMask
	list := []element{{}, one, {2}, {limbMask}, {1 << 58}, p, all(limbMask), all(1 << 58), all(1<<58 + 1<<14 - 1),
		all(14 << 58), all(14<<58 + 1<<14), {8: topMask}, {8: topMask + 1}, {8: limbMask}, {8: 14 << 58}, {0: 14 << 58}}
	for i := range p {
		below, above := p, element{}
		below[i]--
		above[i] = 1
		list = append(list, below, above)
	}
	for _, d := range []uint64{2, 3, 4} {
		e := p
		e[0] -= d
		list = append(list, e)
		e = p
		e[0] += d // limb 0 over its 58 bits: p + d
		list = append(list, e)
	}
	return list
}

func TestElementReduction(t *testing.T) {
	t.Parallel()
	p := fieldPrime()
	for _, e := range edgeElements() {
		want := new(big.Int).Mod(e.value(), p)
		r := e.reduced()
		if r.value().Cmp(want) != 0 {
			t.Errorf("reduced %x: got %x, want %x", e, r.value(), want)
		}
		b := e.bytes()
		if !bytes.Equal(b[:], want.FillBytes(make([]byte, size))) {
			t.Errorf("bytes of %x: got %x, want %x", e, b, want)
		}
		var again element
		if !again.setBytes(b[:]) || again != r {
			t.Errorf("bytes of %x do not come back: %x", e, again)
		}
		tight := e
		tight.carry()
		if new(big.Int).Mod(tight.value(), p).Cmp(want) != 0 {
			t.Errorf("carry of %x: got %x", e, tight)
		}
		for _, limb := range tight {
			if limb >= 1<<58+1<<14 {
				t.Errorf("carry of %x is not tight: %x", e, tight)
			}
		}
		if got := e.isZero(); got != (want.Sign() == 0) {
			t.Errorf("isZero of %x: got %v", e, got)
		}
		if got := e.isOdd(); got != (want.Bit(0) == 1) {
			t.Errorf("isOdd of %x: got %v", e, got)
		}
		negative := tight
		negative.negateIf(^uint64(0))
		if new(big.Int).Mod(negative.value(), p).Cmp(new(big.Int).Mod(new(big.Int).Neg(want), p)) != 0 {
			t.Errorf("negative of %x: got %x", e, negative)
		}
	}
}

// checkField compares every operation on x and y with math/big. x and y may be as large
// as the operation allows.
func checkField(tb testing.TB, x, y element) {
	tb.Helper()
	p, vx, vy := fieldPrime(), x.value(), y.value()
	check := func(what string, got *element, want *big.Int, tight bool) {
		tb.Helper()
		if new(big.Int).Mod(got.value(), p).Cmp(new(big.Int).Mod(want, p)) != 0 {
			tb.Fatalf("%s of %x and %x: got %x, want %x", what, x, y, got.value(), want)
		}
		for _, limb := range got {
			if tight && limb >= 1<<58+1<<14 {
				tb.Fatalf("%s of %x and %x is not tight: %x", what, x, y, *got)
			}
		}
	}
	mulBig := func(k int64, v *big.Int) *big.Int { return new(big.Int).Mul(big.NewInt(k), v) }
	var z element
	mul(&z, &x, &y)
	check("mul", &z, new(big.Int).Mul(vx, vy), true)
	square(&z, &x)
	check("square", &z, new(big.Int).Mul(vx, vx), true)
	z = x
	mul(&z, &z, &y)
	check("mul onto x", &z, new(big.Int).Mul(vx, vy), true)
	z = y
	mul(&z, &x, &z)
	check("mul onto y", &z, new(big.Int).Mul(vx, vy), true)

	tx, ty := x, y
	tx.carry()
	ty.carry()
	var loose element // size 3, congruent to y
	sum(&loose, &ty, &ty)
	sum(&loose, &loose, &ty)
	vl := loose.value()
	vx, vy = tx.value(), ty.value()
	sum(&z, &tx, &ty)
	check("sum", &z, new(big.Int).Add(vx, vy), false)
	diff(&z, &tx, &ty)
	check("diff", &z, new(big.Int).Sub(vx, vy), false)
	diff3(&z, &tx, &loose)
	check("diff3", &z, new(big.Int).Sub(vx, vl), false)
	diffTwice(&z, &tx, &ty)
	check("diffTwice", &z, new(big.Int).Sub(vx, mulBig(2, vy)), false)
	diffBoth(&z, &tx, &ty, &tx)
	check("diffBoth", &z, mulBig(-1, vy), false)
	addedX(&z, &tx, &ty, &ty)
	check("addedX", &z, new(big.Int).Sub(vx, mulBig(3, vy)), true)
	doubledX(&z, &tx, &loose)
	check("doubledX", &z, new(big.Int).Sub(mulBig(4, vx), vl), true)
	slope(&z, &tx, &ty)
	check("slope", &z, new(big.Int).Mul(new(big.Int).Add(mulBig(3, vx), vy), new(big.Int).ModInverse(big.NewInt(4), p)), false)

	z.invert(&x)
	want := new(big.Int).ModInverse(new(big.Int).Mod(x.value(), p), p)
	if want == nil {
		want = new(big.Int)
	}
	check("inverse", &z, want, true)
}

func TestFieldArithmeticAtTheLimits(t *testing.T) {
	t.Parallel()
	list := edgeElements()
	for _, x := range list {
		for _, y := range list {
			checkField(t, x, y)
		}
	}
}

func TestSquareRoot(t *testing.T) {
	t.Parallel()
	p := fieldPrime()
	for i := range 40 {
		var x, r element
		if !x.setBytes(randomBelow(t, p)) {
			t.Fatal("number below p refused")
		}
		if i < 10 {
			x = element{uint64(i)}
		}
		got, want := r.sqrt(&x), big.Jacobi(x.value(), p) >= 0
		if got != want {
			t.Errorf("%x has a root: got %v, want %v", x, got, want)
		}
		square(&r, &r)
		if got && !r.equal(&x) {
			t.Errorf("root of %x is wrong", x)
		}
	}
}
