package pseudo_test

import (
	"crypto/rand"
	"encoding/base64"
	"testing"
	"time"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
)

// One conversion without HTTP, JSON and journal: base64 to point, check, a
// fresh t, its inverse, one multiplication, the box, point to base64.
func BenchmarkBareConversion(b *testing.B) {
	p := value(b, "85042101234")
	x, y := b64(p.X()), b64(p.Y())
	k, err := ecgroup.RandomScalar(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	key, err := client.NewKey("a", make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	g, now := ecgroup.Fast(), time.Unix(1750000000, 0)
	from := cpu(b)
	defer func() { b.ReportMetric(float64(cpu(b)-from)/float64(b.N)/1e3, "cpu-µs/op") }()
	for b.Loop() {
		xb, _ := base64.StdEncoding.DecodeString(x)
		yb, _ := base64.StdEncoding.DecodeString(y)
		q, err := g.Point(xb, yb)
		if err != nil {
			b.Fatal(err)
		}
		t, err := ecgroup.RandomScalar(rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		s, err := client.NewScalar(t.Bytes())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := client.SealBox(key, "https://api-acpt.ehealth.fgov.be/pseudo/v1/domains/uhmep_v1", client.Box{IssuedAt: now, Expires: now, Scalar: s}, rand.Reader); err != nil {
			b.Fatal(err)
		}
		if q, err = g.Mul(q, k.Mul(t.Inverse())); err != nil {
			b.Fatal(err)
		}
		x, y = b64(q.X()), b64(q.Y())
	}
}
