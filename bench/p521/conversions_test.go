package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/internal/p521"
)

const scalarByte = 0x5a

func testScalar() []byte { return append([]byte{1}, bytes.Repeat([]byte{scalarByte}, 65)...) }

func TestAllImplementationsConvertAlike(t *testing.T) {
	t.Parallel()
	g := p521.Generator()
	start := coordinates{g.X(), g.Y()}
	want, err := own(testScalar())(start)
	if err != nil {
		t.Fatal(err)
	}
	for _, im := range implementations() {
		got, err := im.with(testScalar())(start)
		if err != nil || got != want {
			t.Errorf("%s: got %x, %v, want %x", im.name, got, err, want)
		}
		bad := start
		bad.y[65] ^= 1
		if _, err := im.with(testScalar())(bad); err == nil {
			t.Errorf("%s converts a point off the curve", im.name)
		}
	}
}

func TestTableHasARowForEach(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := compare(&out, time.Millisecond, 1); err != nil {
		t.Fatal(err)
	}
	for _, im := range implementations() {
		if !strings.Contains(out.String(), "| "+im.name+" |") {
			t.Errorf("no row for %s in\n%s", im.name, out.String())
		}
	}
}

// BenchmarkP521Conversion is the same comparison for go test -bench; see also go run.
func BenchmarkP521Conversion(b *testing.B) {
	for _, im := range implementations() {
		b.Run(im.name, func(b *testing.B) {
			g := p521.Generator()
			c := coordinates{g.X(), g.Y()}
			convert := im.with(testScalar())
			var err error
			for b.Loop() {
				if c, err = convert(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkP521BatchOf10(b *testing.B) {
	points, scalars := make([]*p521.Point, 10), make([]p521.Scalar, 10)
	for i := range points {
		points[i], scalars[i] = p521.Generator(), p521.ParseScalar(testScalar())
	}
	for b.Loop() {
		if _, err := p521.MultBatch(points, scalars); err != nil {
			b.Fatal(err)
		}
	}
}
