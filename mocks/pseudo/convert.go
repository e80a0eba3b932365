package pseudo

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math/big"
	"time"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// conversion says what an operation does to a point.
type conversion int

const (
	pseudonymize conversion = iota // t⁻¹·k, box of t
	identify                       // k⁻¹·t, t out of the box
	convert                        // t₂⁻¹·k₂·k⁻¹·t, box of t₂; without a box in, t is 1
)

// output is one answer. Members stand in the order of the published examples.
type output struct {
	ID           string  `json:"id"`
	Domain       string  `json:"domain"`
	Curve        string  `json:"crv"`
	IssuedAt     int64   `json:"iat"`
	Expires      int64   `json:"exp"`
	X            string  `json:"x"`
	Y            string  `json:"y"`
	TransitInfo  *string `json:"transitInfo,omitempty"`
	InResponseTo *string `json:"inResponseTo,omitempty"`
}

// lot is what one output needs of chance. It is drawn before items are spread
// over the cores, so that a seeded sandbox repeats itself.
type lot struct {
	id string
	t  ecgroup.Scalar
	iv [12]byte
}

func (c *call) draw(op conversion) (lot, error) {
	l := lot{id: c.t.Chance.UUID()}
	if op == identify {
		return l, nil
	}
	var err error
	if l.t, err = ecgroup.RandomScalar(c.t.Chance); err != nil {
		return l, err
	}
	_, err = c.t.Chance.Read(l.iv[:])
	return l, err
}

// result is the outcome for one item: an output or a refusal.
type result struct {
	output  *output
	refusal *respond.Refusal
	box     *client.Header // of the box that came in
	bare    bool           // the point came unblinded: the value can be read
}

// convert answers one item. The only multiplication of a point is at the end.
func (c *call) convert(i *item, op conversion, l lot) (result, error) {
	var res result
	p, refusal := i.point(c.group)
	if refusal != nil {
		res.refusal = refusal
		return res, nil //nolint:nilerr // a refusal belongs to its item, not to the list
	}
	res.bare = op == pseudonymize && readable(p, c.from)
	factor := c.from.k
	if op != pseudonymize {
		factor = c.from.inverse
		if op == convert {
			factor = factor.Mul(c.to.k)
		}
		if i.badInfo != "" {
			res.refusal = i.refuse(badRequest("pseudo-transit-text", "transitInfo must be a text", i.badInfo, "the transitInfo that came with the pseudonym"))
			return res, nil
		}
		if i.transitInfo != nil || op == identify {
			info := ""
			if i.transitInfo != nil {
				info = *i.transitInfo
			}
			box, header, err := client.OpenBox(info, c.from.check(c.now))
			res.box = &header
			if err != nil {
				res.refusal, err = boxRefusal(i, err)
				return res, err
			}
			t, err := ecgroup.NewScalar(box.Scalar.Bytes())
			if err != nil {
				return res, err
			}
			factor = factor.Mul(t)
		}
	}
	out := &output{ID: l.id, Domain: c.to.row.Key, Curve: "P-521", IssuedAt: c.now.Unix(), Expires: c.now.Add(c.to.lifetime).Unix(), InResponseTo: i.id}
	if op != identify {
		// The point is divided by t, the box says t.
		factor = factor.Mul(l.t.Inverse())
		info, err := c.to.seal(l.t, c.now, l.iv)
		if err != nil {
			return res, err
		}
		out.TransitInfo = &info
	}
	q, err := c.group.Mul(p, factor)
	if err != nil {
		return res, err
	}
	if op == identify {
		res.bare = readable(q, c.from)
	}
	out.X, out.Y = base64.StdEncoding.EncodeToString(q.X()), base64.StdEncoding.EncodeToString(q.Y())
	res.output = out
	return res, nil
}

// readable tells whether a point shows its value. A blinded one does not: then
// the caller forgot to blind, and the service could read along. For one that is
// sent to identify this shows in the answer.
func readable(p ecgroup.Point, d *domain) bool {
	q, err := client.NewPoint(p.X(), p.Y())
	return err == nil && q.Plausible(d.row.BufferSize)
}

// seal makes the transit box of t under the active key.
func (d *domain) seal(t ecgroup.Scalar, now time.Time, iv [12]byte) (string, error) {
	s, err := client.NewScalar(t.Bytes())
	if err != nil {
		return "", err
	}
	return client.SealBox(d.active, d.audience, client.Box{IssuedAt: now, Expires: now.Add(d.lifetime), Scalar: s}, bytes.NewReader(iv[:]))
}

// boxRefusal turns what is wrong with a transit box into a problem.
func boxRefusal(i *item, err error) (*respond.Refusal, error) {
	var b *client.BoxError
	if !errors.As(err, &b) {
		return nil, err
	}
	f := badRequest("pseudo-transit-"+b.Kind, b.Error(), b.Got, b.Want)
	f.Hint = boxHint(b.Kind)
	return i.refuse(f), nil
}

func boxHint(kind string) string {
	switch kind {
	case "aud":
		return "the pseudonym belongs to another domain: use that domain's path, or convertTo"
	case "expired":
		return "a pseudonym in transit lives ten minutes; keep it only until 30 s before exp, then pseudonymise again"
	case "not-yet-valid":
		return "the clocks differ by more than 60 s"
	case "missing":
		return "send the transitInfo that came with the pseudonym, unchanged"
	case "parts":
		return "in the string <point>:<transitInfo> split at the first colon; the five parts carry no padding"
	case "kid":
		return "the box was sealed with a key that this domain never listed, for instance another sandbox's"
	}
	return ""
}

func bigText(b []byte) string { return new(big.Int).SetBytes(b).String() }
