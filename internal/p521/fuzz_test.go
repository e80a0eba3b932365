package p521

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/big"
	"testing"

	"filippo.io/nistec"
)

// FuzzMult multiplies a point that nistec derives from the first input by the second.
func FuzzMult(f *testing.F) {
	n := groupOrder()
	for _, d := range []int64{0, 1, 2, 18, 31, 32, 33} {
		f.Add([]byte{1}, new(big.Int).Sub(n, big.NewInt(d)).Bytes())
		f.Add([]byte{2}, big.NewInt(d).Bytes())
	}
	f.Fuzz(func(t *testing.T, seed, k []byte) {
		s := new(big.Int).SetBytes(seed)
		if s.Mod(s, n).Sign() == 0 {
			t.Skip("no point: the seed is a multiple of n")
		}
		q, err := nistec.NewP521Point().ScalarBaseMult(s.FillBytes(make([]byte, size)))
		if err != nil {
			t.Fatal(err)
		}
		p, err := FromSEC1(q.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		checkMult(t, p, q.Bytes(), k)
	})
}

// FuzzFieldMul compares all field operations with math/big; the inputs are raw limbs, up
// to the size that mul and square allow.
func FuzzFieldMul(f *testing.F) {
	for i, e := range edgeElements() {
		b := make([]byte, 0, 72)
		for _, limb := range e {
			b = binary.LittleEndian.AppendUint64(b, limb)
		}
		f.Add(b, bytes.Repeat([]byte{byte(37 * i)}, 72))
	}
	f.Fuzz(func(t *testing.T, x, y []byte) {
		checkField(t, rawElement(x), rawElement(y))
	})
}

// rawElement reads limbs from b, missing bytes being 0, and keeps them at 14·2^58 at most.
func rawElement(b []byte) (e element) {
	var full [72]byte
	copy(full[:], b)
	for i := range e {
		e[i] = min(binary.LittleEndian.Uint64(full[8*i:]), 14<<58+1<<14)
	}
	return e
}

// FuzzDecode: FromSEC1 takes what nistec takes, but for infinity, and gives it back; so
// does NewPoint with the same coordinates.
func FuzzDecode(f *testing.F) {
	g := Generator()
	for _, b := range [][]byte{nil, {0}, g.SEC1(true), g.SEC1(false), g.Negate().SEC1(true), make([]byte, 133),
		append([]byte{4}, make([]byte, 132)...), append([]byte{2}, fieldPrime().Bytes()...)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		q, refused := nistec.NewP521Point().SetBytes(b)
		p, err := FromSEC1(b)
		if len(b) == 1 && refused == nil {
			if !errors.Is(err, ErrEncoding) {
				t.Fatalf("infinity: got %v", err)
			}
			return
		}
		if (err == nil) != (refused == nil) {
			t.Fatalf("%x: got %v, nistec %v", b, err, refused)
		}
		if err != nil {
			if !errors.Is(err, ErrEncoding) && !errors.Is(err, ErrRange) && !errors.Is(err, ErrNotOnCurve) {
				t.Fatalf("%x: unexpected error %v", b, err)
			}
			return
		}
		if got := p.SEC1(len(b) == 67); !bytes.Equal(got, b) {
			t.Fatalf("%x comes back as %x", b, got)
		}
		if got, want := p.SEC1(false), q.Bytes(); !bytes.Equal(got, want) {
			t.Fatalf("%x: got %x, nistec %x", b, got, want)
		}
		x, y := p.X(), p.Y()
		if again, err := NewPoint(x[:], y[:]); err != nil || !again.Equal(p) {
			t.Fatalf("%x: NewPoint %v", b, err)
		}
	})
}

// FuzzScalar compares reduction, product, inverse and negative with math/big.
func FuzzScalar(f *testing.F) {
	n := groupOrder()
	f.Add([]byte{}, []byte{1})
	f.Add(n.Bytes(), new(big.Int).Sub(n, big.NewInt(1)).Bytes())
	f.Add(bytes.Repeat([]byte{0xff}, 66), bytes.Repeat([]byte{0x80}, 200))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		s, u := ParseScalar(a), ParseScalar(b)
		va, vb := new(big.Int).SetBytes(a), new(big.Int).SetBytes(b)
		check := func(what string, got Scalar, want *big.Int) {
			t.Helper()
			if g := got.Bytes(); !bytes.Equal(g[:], want.Mod(want, n).FillBytes(make([]byte, size))) {
				t.Fatalf("%s of %x and %x: got %x, want %x", what, a, b, g, want)
			}
		}
		inverse := new(big.Int).ModInverse(new(big.Int).Mod(va, n), n)
		if inverse == nil {
			inverse = new(big.Int)
		}
		check("inverse", s.Inverse(), inverse)
		check("product", s.Mul(u), new(big.Int).Mul(va, vb))
		check("negative", s.Negate(), new(big.Int).Neg(va))
		check("value", s, va)
	})
}
