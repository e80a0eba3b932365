package ecgroup

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"filippo.io/nistec"
)

func groups() []Group { return []Group{Fast(), Reference()} }

func randomPoint(tb testing.TB) Point {
	tb.Helper()
	s, err := RandomScalar(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	raw, err := nistec.NewP521Point().ScalarBaseMult(s.Bytes())
	if err != nil {
		tb.Fatal(err)
	}
	p, err := Parse(Reference(), raw.Bytes())
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestGroupsAgreeWithNistec(t *testing.T) {
	t.Parallel()
	n := Order()
	edges := []*big.Int{}
	for i := int64(1); i <= 20; i++ {
		edges = append(edges, big.NewInt(i), new(big.Int).Sub(n, big.NewInt(i)))
	}
	half := new(big.Int).Rsh(n, 1)
	edges = append(edges, half, new(big.Int).Add(half, big.NewInt(1)), new(big.Int).Lsh(big.NewInt(1), 520))
	for range 10 {
		s, err := RandomScalar(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		edges = append(edges, new(big.Int).SetBytes(s.Bytes()))
	}
	p := randomPoint(t)
	for _, e := range edges {
		s, err := NewScalar(e.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		base, err := nistec.NewP521Point().SetBytes(p.Uncompressed())
		if err != nil {
			t.Fatal(err)
		}
		want, err := nistec.NewP521Point().ScalarMult(base, s.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups() {
			got, err := g.Mul(p, s)
			if err != nil || !bytes.Equal(got.Uncompressed(), want.Bytes()) {
				t.Errorf("%s: %x·P: got x %x…, %v, want %x…", g.Name(), e, got.X()[:8], err, want.Bytes()[1:9])
			}
		}
	}
}

func TestGroupsFindTheSamePoints(t *testing.T) {
	t.Parallel()
	misses := 0
	for i := range 60 {
		x := big.NewInt(int64(i * 7919)).Bytes()
		if i == 0 {
			x = []byte{0}
		}
		a, errA := Fast().FromX(x)
		b, errB := Reference().FromX(x)
		if a != b || errors.Is(errA, ErrNotOnCurve) != errors.Is(errB, ErrNotOnCurve) {
			t.Errorf("x = %x: got %x, %v and %x, %v", x, a.Y(), errA, b.Y(), errB)
		}
		if errA != nil {
			misses++
		}
	}
	if misses < 10 || misses > 50 {
		t.Errorf("%d of 60 x have no point, want about half", misses)
	}
}

func TestBadCoordinatesAreRefused(t *testing.T) {
	t.Parallel()
	good := randomPoint(t)
	p := bytes.Repeat([]byte{0xff}, Size)
	p[0] = 1
	off := bytes.Clone(good.Y())
	off[40] ^= 1
	for _, tc := range []struct {
		name string
		x, y []byte
		want error
	}{
		{"no bytes", nil, good.Y(), ErrLength},
		{"67 significant bytes", append([]byte{1}, good.X()...), good.Y(), ErrLength},
		{"x = p", p, good.Y(), ErrRange},
		{"y = p", good.X(), p, ErrRange},
		{"x = 2^528-1", bytes.Repeat([]byte{0xff}, Size), good.Y(), ErrRange},
		{"off the curve", good.X(), off, ErrNotOnCurve},
		{"infinity as (0,0)", []byte{0}, []byte{0}, ErrNotOnCurve},
		{"x and y exchanged", good.Y(), good.X(), ErrNotOnCurve},
	} {
		for _, g := range groups() {
			t.Run(g.Name()+" "+tc.name, func(t *testing.T) {
				t.Parallel()
				if got, err := g.Point(tc.x, tc.y); !errors.Is(err, tc.want) || !got.IsZero() {
					t.Errorf("got %x, %v, want %v", got, err, tc.want)
				}
			})
		}
	}
}

func TestLeadingZerosAreDropped(t *testing.T) {
	t.Parallel()
	p := randomPoint(t)
	for _, g := range groups() {
		got, err := g.Point(append(make([]byte, 20), p.X()...), bytes.TrimLeft(p.Y(), "\x00"))
		if err != nil || got != p {
			t.Errorf("%s: got %v, %v, want the point", g.Name(), got, err)
		}
	}
}

func TestSEC1EncodingsAreChecked(t *testing.T) {
	t.Parallel()
	p := randomPoint(t)
	for _, g := range groups() {
		for _, enc := range [][]byte{p.Compressed(), p.Uncompressed()} {
			if q, err := Parse(g, enc); err != nil || q != p {
				t.Errorf("%s: got %v, %v for %x", g.Name(), q, err, enc)
			}
		}
		hybrid := p.Uncompressed()
		hybrid[0] = 6
		for name, enc := range map[string][]byte{
			"empty": {}, "infinity": {0}, "hybrid": hybrid, "cut": p.Uncompressed()[:132],
			"compressed with 04": append([]byte{4}, p.X()...), "uncompressed with 02": append([]byte{2}, p.Uncompressed()[1:]...),
		} {
			if _, err := Parse(g, enc); !errors.Is(err, ErrEncoding) {
				t.Errorf("%s: %s: got %v, want %v", g.Name(), name, err, ErrEncoding)
			}
		}
	}
}

func TestNegateKeepsIdentity(t *testing.T) {
	t.Parallel()
	p := randomPoint(t)
	q, err := Reference().Point(p.Negate().X(), p.Negate().Y())
	if err != nil || q == p || !q.SameIdentity(p) || q.Negate() != p {
		t.Errorf("got %v, %v", q, err)
	}
}

func TestScalarArithmeticIsModuloN(t *testing.T) {
	t.Parallel()
	a, err := RandomScalar(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := NewScalar([]byte{1})
	if a.Mul(a.Inverse()) != one {
		t.Error("a·a⁻¹ is not 1")
	}
	more := new(big.Int).Add(Order(), new(big.Int).SetBytes(a.Bytes()))
	if b, err := NewScalar(more.Bytes()); err != nil || b != a {
		t.Error("a + n is not a")
	}
	for _, zero := range [][]byte{nil, {0}, Order().Bytes(), make([]byte, 100)} {
		if _, err := NewScalar(zero); !errors.Is(err, ErrScalar) {
			t.Errorf("%x: got %v, want %v", zero, err, ErrScalar)
		}
	}
}

func TestZeroValuesAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := NewScalar([]byte{2})
	for _, g := range groups() {
		if _, err := g.Mul(Point{}, s); err == nil {
			t.Errorf("%s multiplies the zero point", g.Name())
		}
		if _, err := g.Mul(randomPoint(t), Scalar{}); err == nil {
			t.Errorf("%s multiplies by the zero scalar", g.Name())
		}
	}
}

func TestScalarsHideTheirDigits(t *testing.T) {
	t.Parallel()
	s, _ := NewScalar([]byte{0xab, 0xcd})
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s)
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%x %#v %+v %d", s, s, s, s), fmt.Sprintf("%v", struct{ S Scalar }{s}), log.String()} {
		if strings.Contains(strings.ToLower(shown), "abcd") || strings.Contains(shown, "171") || !strings.Contains(shown, "hidden") {
			t.Errorf("shows %q", shown)
		}
	}
}

func TestByNameNamesTheChoices(t *testing.T) {
	t.Parallel()
	for _, n := range Names() {
		if g, err := ByName(n); err != nil || g.Name() != n {
			t.Errorf("got %v, %v for %s", g, err, n)
		}
	}
	if _, err := ByName("p256"); err == nil || !strings.Contains(err.Error(), "p521 or circl") {
		t.Errorf("got %v, want the names of the groups", err)
	}
}

func BenchmarkScalarInverse(b *testing.B) {
	s, _ := RandomScalar(rand.Reader)
	for b.Loop() {
		s = s.Inverse()
	}
}

func BenchmarkMul(b *testing.B) {
	for _, g := range groups() {
		p := randomPoint(b)
		s, _ := RandomScalar(rand.Reader)
		b.Run(g.Name(), func(b *testing.B) {
			for b.Loop() {
				p, _ = g.Mul(p, s)
			}
		})
	}
}

func FuzzScalarArithmeticAgreesWithMathBig(f *testing.F) {
	n := Order()
	f.Add([]byte{1}, []byte{2})
	f.Add(new(big.Int).Sub(n, big.NewInt(1)).Bytes(), n.Bytes())
	f.Add(bytes.Repeat([]byte{0xff}, 66), bytes.Repeat([]byte{0xff}, 70))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, y := new(big.Int).Mod(new(big.Int).SetBytes(a), n), new(big.Int).Mod(new(big.Int).SetBytes(b), n)
		s, serr := NewScalar(a)
		u, uerr := NewScalar(b)
		if (serr != nil) != (x.Sign() == 0) || (uerr != nil) != (y.Sign() == 0) {
			t.Fatalf("zero: got %v, %v for %x, %x", serr, uerr, x, y)
		}
		if serr != nil || uerr != nil {
			return
		}
		for what, got := range map[string]Scalar{"s": s, "s·u": s.Mul(u), "u⁻¹": u.Inverse()} {
			want := map[string]*big.Int{"s": x, "s·u": new(big.Int).Mod(new(big.Int).Mul(x, y), n), "u⁻¹": new(big.Int).ModInverse(y, n)}[what]
			if new(big.Int).SetBytes(got.Bytes()).Cmp(want) != 0 {
				t.Errorf("%s: got %x, want %x", what, got.Bytes(), want)
			}
		}
	})
}
