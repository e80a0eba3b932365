package p521

import "testing"

func BenchmarkField(b *testing.B) {
	p := Generator()
	x, y := p.x, p.y
	b.Run("mul", func(b *testing.B) {
		for b.Loop() {
			mul(&x, &x, &y)
		}
	})
	b.Run("square", func(b *testing.B) {
		for b.Loop() {
			square(&x, &x)
		}
	})
	b.Run("invert", func(b *testing.B) {
		for b.Loop() {
			x.invert(&x)
		}
	})
	b.Run("sqrt", func(b *testing.B) {
		for b.Loop() {
			x.sqrt(&x)
		}
	})
}

func BenchmarkPoint(b *testing.B) {
	g := Generator()
	a := minus3()
	j := jacobian{x: g.x, y: g.y, z: one, t: a}
	b.Run("double", func(b *testing.B) {
		for b.Loop() {
			j.double(true)
		}
	})
	b.Run("add", func(b *testing.B) {
		for b.Loop() {
			j.add(&g.affine)
		}
	})
	var t table
	b.Run("table", func(b *testing.B) {
		for b.Loop() {
			t.fill(&g.affine)
		}
	})
	b.Run("digit", func(b *testing.B) {
		var r affine
		for b.Loop() {
			t.digit(&r, 7)
		}
	})
	s := ParseScalar([]byte("a scalar long enough to look like one, sixty-six bytes of it in all"))
	b.Run("mult", func(b *testing.B) {
		for b.Loop() {
			_, _ = g.Mult(s)
		}
	})
	b.Run("conversion", func(b *testing.B) {
		x, y := g.X(), g.Y()
		for b.Loop() {
			p, err := NewPoint(x[:], y[:])
			if err != nil {
				b.Fatal(err)
			}
			q, err := p.Mult(s)
			if err != nil {
				b.Fatal(err)
			}
			x, y = q.X(), q.Y()
		}
	})
}

func BenchmarkScalar(b *testing.B) {
	s := ParseScalar([]byte("a scalar long enough to look like one, sixty-six bytes of it in all"))
	b.Run("mul", func(b *testing.B) {
		for b.Loop() {
			s = s.Mul(s)
		}
	})
	b.Run("inverse", func(b *testing.B) {
		for b.Loop() {
			s = s.Inverse()
		}
	})
}
