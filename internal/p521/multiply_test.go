package p521

import (
	"math/big"
	"testing"
)

// TestDigitsAddUpAndNeverMeet follows the sums that multiply forms, as numbers: the digits
// give k, and no addition is of equal or opposite multiples of the point.
func TestDigitsAddUpAndNeverMeet(t *testing.T) {
	t.Parallel()
	n := groupOrder()
	if rest := new(big.Int).Mod(n, big.NewInt(64)).Int64(); rest != 9 {
		t.Fatalf("n mod 64: got %d, and the proof at multiply wants 9", rest)
	}
	check := func(k *big.Int) {
		t.Helper()
		var w words
		w.setBytes(k.Bytes())
		sum := big.NewInt(1)
		for i := digits - 1; i >= 0; i-- {
			sum.Lsh(sum, window)
			d := big.NewInt(2*int64(w.digit(i)) - 31) // #nosec G115 -- five bits
			for _, meet := range []*big.Int{new(big.Int).Sub(sum, d), new(big.Int).Add(sum, d)} {
				if meet.Mod(meet, n).Sign() == 0 {
					t.Fatalf("k = %x: digit %d is %d and meets the sum %x", k, i, d, sum)
				}
			}
			sum.Add(sum, d)
		}
		if sum.Cmp(k) != 0 {
			t.Fatalf("the digits of %x add up to %x", k, sum)
		}
	}
	for i := int64(1); i < 400; i += 2 {
		check(big.NewInt(i))
		check(new(big.Int).Sub(n, big.NewInt(i+1)))
	}
	for range 200 {
		k := new(big.Int).SetBytes(randomBelow(t, n))
		check(k.SetBit(k, 0, 1))
	}
}

func TestOddOfPair(t *testing.T) {
	t.Parallel()
	n := groupOrder()
	for _, v := range []*big.Int{big.NewInt(1), big.NewInt(2), new(big.Int).Sub(n, big.NewInt(1)), new(big.Int).Sub(n, big.NewInt(2))} {
		var w words
		w.setBytes(v.Bytes())
		odd, flip := w.oddOfPair()
		want, wantFlip := v, uint64(0)
		if v.Bit(0) == 0 {
			want, wantFlip = new(big.Int).Sub(n, v), ^uint64(0)
		}
		if b := odd.bytes(); new(big.Int).SetBytes(b[:]).Cmp(want) != 0 || flip != wantFlip {
			t.Errorf("%x: got %x, %x", v, b, flip)
		}
	}
}
