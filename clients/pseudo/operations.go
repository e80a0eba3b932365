package pseudo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

// ErrAnswer says that an answer of the service makes no sense: another domain,
// no point, a point off the curve, a list of another length.
var ErrAnswer = errors.New("unusable answer of the pseudonymisation service")

type item struct {
	ID          string `json:"id"`
	Curve       string `json:"crv"`
	X           string `json:"x"`
	Y           string `json:"y"`
	TransitInfo string `json:"transitInfo,omitempty"`
}

type answer struct {
	Domain      string `json:"domain"`
	X           *string
	Y           *string
	TransitInfo string `json:"transitInfo"`
}

// Pseudonymize turns a value into a pseudonym in transit.
func (d *Domain) Pseudonymize(ctx context.Context, value []byte) (InTransit, error) {
	if p, ok := d.Cache.get(d.Key, value, d.client.now()); ok {
		return p, nil
	}
	job, err := d.valueJob(value)
	if err != nil {
		return InTransit{}, err
	}
	p, err := d.single(ctx, d.path("pseudonymize"), d.Key, job)
	if err == nil {
		d.Cache.put(d.Key, value, p)
	}
	return p, err
}

// Identify turns a pseudonym in transit back into its value.
func (d *Domain) Identify(ctx context.Context, p InTransit) ([]byte, error) {
	job, err := d.pointJob(p.Point, p.TransitInfo)
	if err != nil {
		return nil, err
	}
	q, err := d.single(ctx, d.path("identify"), d.Key, job)
	if err != nil {
		return nil, err
	}
	return d.value(q)
}

// Convert turns a pseudonym in transit of this domain into one of another.
func (d *Domain) Convert(ctx context.Context, to *Domain, p InTransit) (InTransit, error) {
	if p.TransitInfo == "" {
		return InTransit{}, fmt.Errorf("%w: transitInfo missing; stored pseudonyms go through ConvertAtRest", ErrTransit)
	}
	job, err := d.pointJob(p.Point, p.TransitInfo)
	if err != nil {
		return InTransit{}, err
	}
	return d.single(ctx, d.path("convertTo", to.Key), to.Key, job)
}

// ConvertAtRest turns a stored pseudonym of this domain into a pseudonym in
// transit of another.
func (d *Domain) ConvertAtRest(ctx context.Context, to *Domain, a AtRest) (InTransit, error) {
	p, err := a.Point()
	if err != nil {
		return InTransit{}, err
	}
	job, err := d.pointJob(p, "")
	if err != nil {
		return InTransit{}, err
	}
	return d.single(ctx, d.path("convertTo", to.Key), to.Key, job)
}

func (d *Domain) path(operation ...string) string {
	path := "/domains/" + url.PathEscape(d.Key) + "/" + operation[0]
	for _, o := range operation[1:] {
		path += "/" + url.PathEscape(o)
	}
	return path
}

// job is one item on its way, with the number that unblinds its answer.
type job struct {
	item     item
	blinding Blinding
}

func (d *Domain) valueJob(value []byte) (job, error) {
	p, err := PointOf(value, d.BufferSize)
	if err != nil {
		return job{}, err
	}
	return d.pointJob(p, "")
}

func (d *Domain) pointJob(p Point, info string) (job, error) {
	b, err := NewBlinding(cryptoRand(d.client.Rand))
	if err != nil {
		return job{}, err
	}
	q, err := b.Blind(p)
	if err != nil {
		return job{}, err
	}
	return job{blinding: b, item: item{
		ID: newID(), Curve: "P-521", TransitInfo: info,
		X: base64.StdEncoding.EncodeToString(q.X()), Y: base64.StdEncoding.EncodeToString(q.Y()),
	}}, nil
}

func (d *Domain) single(ctx context.Context, path, target string, j job) (InTransit, error) {
	raw, err := d.client.call(ctx, "POST", path, j.item)
	if err != nil {
		return InTransit{}, err
	}
	return j.read(raw, target)
}

// read turns one output into an unblinded point, or its problem into an error.
func (j job) read(raw json.RawMessage, target string) (InTransit, error) {
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		return InTransit{}, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	if a.X == nil || a.Y == nil {
		p := &Problem{}
		if parseProblem(raw, p) != nil || p.Title == "" {
			return InTransit{}, fmt.Errorf("%w: neither a point nor a problem", ErrAnswer)
		}
		return InTransit{}, p
	}
	if a.Domain != target {
		return InTransit{}, fmt.Errorf("%w: of domain %q, want %q", ErrAnswer, a.Domain, target)
	}
	p, err := pointFromBase64(*a.X, *a.Y)
	if err != nil {
		return InTransit{}, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	q, err := j.blinding.Unblind(p)
	return InTransit{Point: q, TransitInfo: a.TransitInfo}, err
}

func (d *Domain) value(p InTransit) ([]byte, error) {
	if !p.Point.Plausible(d.BufferSize) {
		return nil, ErrNoValue
	}
	return p.Point.Value(d.BufferSize)
}

// newID draws a UUID v4, as the official helpers send it.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
