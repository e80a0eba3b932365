package p521

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math/big"
	"testing"

	"filippo.io/nistec"
)

func TestNewPointRefuses(t *testing.T) {
	t.Parallel()
	g := Generator()
	gx, gy := g.X(), g.Y()
	p := fieldPrime()
	plus := func(v *big.Int, d int64) []byte { return new(big.Int).Add(v, big.NewInt(d)).Bytes() }
	long := append([]byte{1}, make([]byte, 66)...)
	for _, tc := range []struct {
		name string
		x, y []byte
		want error
	}{
		{"the origin", []byte{0}, []byte{0}, ErrNotOnCurve},
		{"no coordinates", nil, nil, ErrNotOnCurve},
		{"y off by one", gx[:], plus(new(big.Int).SetBytes(gy[:]), 1), ErrNotOnCurve},
		{"x and y swapped", gy[:], gx[:], ErrNotOnCurve},
		{"x = p", p.Bytes(), gy[:], ErrRange},
		{"y = p", gx[:], p.Bytes(), ErrRange},
		{"x = p + 1", plus(p, 1), gy[:], ErrRange},
		{"x = 2^528 − 1", bytes.Repeat([]byte{0xff}, 66), gy[:], ErrRange},
		{"x of 67 significant bytes", long, gy[:], ErrRange},
		{"y + p where it fits in 66 bytes", gx[:], new(big.Int).Add(p, new(big.Int).SetBytes(gy[:])).Bytes(), ErrRange},
		{"x = p − 1 with a y of another point", plus(p, -1), gy[:], ErrNotOnCurve},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got, err := NewPoint(tc.x, tc.y); got != nil || !errors.Is(err, tc.want) {
				t.Errorf("got %v, %v, want %v", got, err, tc.want)
			}
		})
	}
}

func TestNewPointTakesAnyLength(t *testing.T) {
	t.Parallel()
	g := Generator()
	gx, gy := g.X(), g.Y()
	for _, zeros := range []int{0, 1, 2, 1000} {
		p, err := NewPoint(append(make([]byte, zeros), bytes.TrimLeft(gx[:], "\x00")...), append(make([]byte, zeros), gy[:]...))
		if err != nil || !p.Equal(g) {
			t.Errorf("%d zeros more: got %v", zeros, err)
		}
	}
	short, err := FromX([]byte{1}, false)
	for x := byte(2); err != nil; x++ {
		short, err = FromX([]byte{x}, false)
	}
	x, y := short.X(), short.Y()
	if again, err := NewPoint(bytes.TrimLeft(x[:], "\x00"), y[:]); err != nil || !again.Equal(short) {
		t.Errorf("one-byte x: %v", err)
	}
}

func TestSEC1(t *testing.T) {
	t.Parallel()
	t.Run("round trips and agrees with nistec", func(t *testing.T) {
		t.Parallel()
		for range 50 {
			p, encoded := randomPoint(t)
			q, err := nistec.NewP521Point().SetBytes(encoded)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.SEC1(false); !bytes.Equal(got, q.Bytes()) {
				t.Fatalf("got %x, want %x", got, q.Bytes())
			}
			if got := p.SEC1(true); !bytes.Equal(got, q.BytesCompressed()) {
				t.Fatalf("got %x, want %x", got, q.BytesCompressed())
			}
			for _, compressed := range []bool{true, false} {
				if again, err := FromSEC1(p.SEC1(compressed)); err != nil || !again.Equal(p) {
					t.Fatalf("compressed %v of %x: %v", compressed, encoded, err)
				}
			}
		}
	})
	g := Generator()
	full, short := g.SEC1(false), g.SEC1(true)
	with := func(b []byte, first byte) []byte { return append([]byte{first}, b[1:]...) }
	var noRoot []byte
	for x := byte(1); ; x++ {
		noRoot = append(make([]byte, 65), x)
		if _, err := FromX(noRoot, false); err != nil {
			break
		}
	}
	for _, tc := range []struct {
		name string
		b    []byte
		want error
	}{
		{"nothing", nil, ErrEncoding},
		{"infinity", []byte{0}, ErrEncoding},
		{"infinity padded to 67", make([]byte, 67), ErrEncoding},
		{"infinity padded to 133", make([]byte, 133), ErrEncoding},
		{"compressed marker, long form", with(full, 2), ErrEncoding},
		{"uncompressed marker, short form", with(short, 4), ErrEncoding},
		{"hybrid form", with(full, 6), ErrEncoding},
		{"hybrid form, odd", with(full, 7), ErrEncoding},
		{"one byte missing", full[:132], ErrEncoding},
		{"one byte more", append(bytes.Clone(full), 0), ErrEncoding},
		{"short form, one byte more", append(bytes.Clone(short), 0), ErrEncoding},
		{"zero coordinates", append([]byte{4}, make([]byte, 132)...), ErrNotOnCurve},
		{"x without a y", append([]byte{2}, noRoot...), ErrNotOnCurve},
		{"x = p", append([]byte{3}, fieldPrime().Bytes()...), ErrRange},
		{"x too large", append([]byte{3}, bytes.Repeat([]byte{0xff}, 66)...), ErrRange},
		{"y = p", append(bytes.Clone(full[:67]), fieldPrime().Bytes()...), ErrRange},
	} {
		t.Run("refuses "+tc.name, func(t *testing.T) {
			t.Parallel()
			if got, err := FromSEC1(tc.b); got != nil || !errors.Is(err, tc.want) {
				t.Errorf("got %v, %v, want %v", got, err, tc.want)
			}
		})
	}
}

func TestRootOfAValue(t *testing.T) {
	t.Parallel()
	// Published by Smals in the tests of its pseudonymisation helpers (JavaScript, Java,
	// .NET; PseudonymFactory): value 012345678910, counter 1.
	x, _ := base64.StdEncoding.DecodeString("MDEyMzQ1Njc4OTEwDAAAAAAAAAAB")
	want, _ := base64.StdEncoding.DecodeString("ABxCeSYmGgumIwOuFyKmK1l8bilTjL+NKElpegi8mcsn3QB6grG5PHpgD8XCTPTGhDrT6HsGuEkEOVwZ23maSliV")
	p, err := FromXRoot(x)
	if err != nil {
		t.Fatal(err)
	}
	if y := p.Y(); !bytes.Equal(y[:], want) {
		t.Errorf("y: got %x, want %x", y, want)
	}
	for _, odd := range []bool{true, false} {
		q, err := FromX(x, odd)
		if err != nil {
			t.Fatal(err)
		}
		if y := q.Y(); y[65]&1 == 1 != odd {
			t.Errorf("FromX odd=%v: y ends in %x", odd, y[65])
		}
		if !q.Equal(p) && !q.Equal(p.Negate()) {
			t.Errorf("FromX odd=%v is neither of the two points", odd)
		}
	}
}

func TestGroupLaws(t *testing.T) {
	t.Parallel()
	p, _ := randomPoint(t)
	q, _ := randomPoint(t)
	must := func(r *Point, err error) *Point {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	k, l := ParseScalar(randomBelow(t, groupOrder())), ParseScalar(randomBelow(t, groupOrder()))
	two := ParseScalar([]byte{2})
	for _, tc := range []struct {
		name      string
		got, want *Point
	}{
		{"p + q = q + p", must(p.Add(q)), must(q.Add(p))},
		{"p + p = 2p", must(p.Add(p)), must(p.Mult(two))},
		{"k(p + q) = kp + kq", must(must(p.Add(q)).Mult(k)), must(must(p.Mult(k)).Add(must(q.Mult(k))))},
		{"(kl)p = k(lp)", must(p.Mult(k.Mul(l))), must(must(p.Mult(l)).Mult(k))},
		{"k⁻¹(kp) = p", must(must(p.Mult(k)).Mult(k.Inverse())), p},
		{"(−k)p = −(kp)", must(p.Mult(k.Negate())), must(p.Mult(k)).Negate()},
		{"(n−1)p = −p", must(p.Mult(ParseScalar([]byte{1}).Negate())), p.Negate()},
		{"−(−p) = p", p.Negate().Negate(), p},
	} {
		if !tc.got.Equal(tc.want) {
			t.Errorf("%s: got %x, want %x", tc.name, tc.got.SEC1(true), tc.want.SEC1(true))
		}
	}
	if _, err := p.Add(p.Negate()); !errors.Is(err, ErrInfinity) {
		t.Errorf("p + (−p): got %v", err)
	}
	if p.Equal(p.Negate()) || p.Equal(q) {
		t.Error("different points are equal")
	}
}

func TestMultBatch(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 10} {
		points, scalars := make([]*Point, n), make([]Scalar, n)
		for i := range points {
			points[i], _ = randomPoint(t)
			scalars[i] = ParseScalar(randomBelow(t, groupOrder()))
		}
		got, err := MultBatch(points, scalars)
		if err != nil || len(got) != n {
			t.Fatalf("%d points: got %d, %v", n, len(got), err)
		}
		for i := range got {
			if want, err := points[i].Mult(scalars[i]); err != nil || !got[i].Equal(want) {
				t.Errorf("item %d of %d differs from Mult: %v", i, n, err)
			}
		}
	}
	p := []*Point{Generator(), Generator()}
	if got, err := MultBatch(p, []Scalar{ParseScalar([]byte{1}), {}}); got != nil || !errors.Is(err, ErrInfinity) {
		t.Errorf("zero scalar: got %v, %v", got, err)
	}
	if got, err := MultBatch(p, make([]Scalar, 1)); got != nil || err == nil {
		t.Errorf("lengths differ: got %v, %v", got, err)
	}
}
