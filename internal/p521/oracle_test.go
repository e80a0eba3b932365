package p521

import (
	"bytes"
	"crypto/rand"
	"errors"
	"math/big"
	"strings"
	"testing"

	"filippo.io/nistec"
	"github.com/cloudflare/circl/group"
)

// The referees: filippo.io/nistec, cloudflare/circl and math/big.

// fieldPrime and groupOrder are p and n once more, for math/big.
func fieldPrime() *big.Int {
	p := new(big.Int).Lsh(big.NewInt(1), 521)
	return p.Sub(p, big.NewInt(1))
}

func groupOrder() *big.Int {
	n, _ := new(big.Int).SetString("1ff"+strings.Repeat("ffffffff", 7)+"fffffffa"+
		"51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409", 16)
	return n
}

// randomBelow returns 66 bytes of a number below m.
func randomBelow(tb testing.TB, m *big.Int) []byte {
	tb.Helper()
	v, err := rand.Int(rand.Reader, m)
	if err != nil {
		tb.Fatal(err)
	}
	return v.FillBytes(make([]byte, size))
}

// randomPoint returns a random point and its uncompressed encoding, made by nistec.
func randomPoint(tb testing.TB) (*Point, []byte) {
	tb.Helper()
	q, err := nistec.NewP521Point().ScalarBaseMult(randomBelow(tb, groupOrder()))
	if err != nil {
		tb.Fatal(err)
	}
	p, err := FromSEC1(q.Bytes())
	if err != nil {
		tb.Fatalf("point of nistec refused: %v", err)
	}
	return p, q.Bytes()
}

// checkMult compares k·point of all three implementations.
func checkMult(tb testing.TB, p *Point, encoded, k []byte) {
	tb.Helper()
	reduced := new(big.Int).Mod(new(big.Int).SetBytes(k), groupOrder())
	got, err := p.Mult(ParseScalar(k))
	if reduced.Sign() == 0 {
		if !errors.Is(err, ErrInfinity) {
			tb.Fatalf("k = 0: got %v, want ErrInfinity", err)
		}
		return
	}
	if err != nil {
		tb.Fatalf("k = %x: %v", k, err)
	}
	q, err := nistec.NewP521Point().SetBytes(encoded)
	if err != nil {
		tb.Fatal(err)
	}
	if q, err = q.ScalarMult(q, reduced.FillBytes(make([]byte, size))); err != nil {
		tb.Fatal(err)
	}
	if !bytes.Equal(got.SEC1(false), q.Bytes()) {
		tb.Fatalf("k = %x\ngot    %x\nnistec %x", k, got.SEC1(false), q.Bytes())
	}
	e := group.P521.NewElement()
	if err := e.UnmarshalBinary(encoded); err != nil {
		tb.Fatal(err)
	}
	e.Mul(e, group.P521.NewScalar().SetBigInt(reduced))
	if want, err := e.MarshalBinaryCompress(); err != nil || !bytes.Equal(got.SEC1(true), want) {
		tb.Fatalf("k = %x\ngot   %x\ncircl %x %v", k, got.SEC1(true), want, err)
	}
}

func TestMultAgreesWithNistecAndCircl(t *testing.T) {
	t.Parallel()
	t.Run("random points and scalars", func(t *testing.T) {
		t.Parallel()
		for range 50 {
			p, encoded := randomPoint(t)
			checkMult(t, p, encoded, randomBelow(t, groupOrder()))
		}
	})
	t.Run("0 to 40, around n and around n/2", func(t *testing.T) {
		t.Parallel()
		p, encoded := randomPoint(t)
		half := new(big.Int).Rsh(groupOrder(), 1)
		for i := int64(0); i <= 40; i++ {
			for _, k := range []*big.Int{
				big.NewInt(i),
				new(big.Int).Sub(groupOrder(), big.NewInt(i)),
				new(big.Int).Add(groupOrder(), big.NewInt(i)),
				new(big.Int).Sub(half, big.NewInt(i)),
				new(big.Int).Add(half, big.NewInt(i)),
			} {
				checkMult(t, p, encoded, k.Bytes())
			}
		}
	})
	t.Run("powers of 2 and 32, one off, and 18·32^i", func(t *testing.T) {
		t.Parallel()
		p, encoded := randomPoint(t)
		for i := range uint(525) {
			if i%15 != 0 && i%29 != 0 {
				continue
			}
			k := new(big.Int).Lsh(big.NewInt(1), i)
			checkMult(t, p, encoded, k.Bytes())
			checkMult(t, p, encoded, new(big.Int).Sub(k, big.NewInt(1)).Bytes())
			checkMult(t, p, encoded, new(big.Int).Sub(groupOrder(), k.Mul(k, big.NewInt(18))).Bytes())
		}
	})
}
