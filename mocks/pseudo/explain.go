package pseudo

import (
	"encoding/base64"
	"net/http"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

type coordinates struct {
	X     string `json:"x"`
	Y     string `json:"y"`
	Short string `json:"sec1"`
}

func pointView(p client.Point) coordinates {
	return coordinates{base64.StdEncoding.EncodeToString(p.X()), base64.StdEncoding.EncodeToString(p.Y()), p.Short()}
}

// step is one step of a round, for reading from top to bottom.
type step struct {
	Who     string         `json:"who"` // client, service or owner
	What    string         `json:"what"`
	Formula string         `json:"formula"`
	Point   *coordinates   `json:"point,omitempty"`
	Numbers map[string]any `json:"numbers,omitempty"` // one-time and secret numbers, base64 of 66 bytes
	Text    string         `json:"text,omitempty"`
}

// explain walks one round of a value through a domain, with every point and
// every secret number, for teaching. The multiplier of the domain is shown too:
// it is the sandbox's and protects invented data.
func (s *Service) explain(r *http.Request) (any, error) {
	var in struct {
		Value  string `json:"value"`
		Domain string `json:"domain"`
	}
	if err := decodeStrict(r, &in); err != nil {
		return nil, err
	}
	if in.Domain == "" {
		in.Domain = "uhmep_v1"
	}
	t := tenant.From(r.Context())
	d, err := s.domain(t, in.Domain)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, controlNotFound("there is no domain " + clip(in.Domain))
	}
	v, counter, err := client.PointOfCounted([]byte(in.Value), d.row.BufferSize)
	if err != nil {
		return nil, controlBad("value", err.Error(), "at most 32 bytes")
	}
	w := walk{t: t, k: clientScalar(d.k)}
	out := w.run(v, counter, d)
	if w.err != nil {
		return nil, w.err
	}
	return map[string]any{"domain": d.row.Key, "value": in.Value, "steps": out,
		"note": "all numbers are modulo n, the order of P-521; only x counts as identity, y and -y are the same person"}, nil
}

// walk carries the first error of a round, so that it reads in one piece.
type walk struct {
	t   *tenant.Tenant
	k   client.Scalar
	err error
}

func (w *walk) draw() client.Scalar {
	s, err := client.RandomScalar(w.t.Chance)
	if err != nil && w.err == nil {
		w.err = err
	}
	return s
}

func (w *walk) mul(p client.Point, s client.Scalar) client.Point {
	if w.err != nil {
		return client.Point{}
	}
	q, err := multiply(w.t, p, s)
	w.err = err
	return q
}

func number66(s client.Scalar) string { return base64.StdEncoding.EncodeToString(s.Bytes()) }

func (w *walk) run(v client.Point, counter int, d *domain) []step {
	r, t, r2 := w.draw(), w.draw(), w.draw()
	if w.err != nil {
		return nil
	}
	scalar, err := ecgroup.NewScalar(t.Bytes())
	if err != nil {
		w.err = err
		return nil
	}
	var iv [12]byte
	_, _ = w.t.Chance.Read(iv[:]) // never fails
	info, err := d.seal(scalar, w.t.Clock.Now(), iv)
	if err != nil {
		w.err = err
		return nil
	}
	blinded := w.mul(v, r)
	answered := w.mul(blinded, t.Inverse().Mul(w.k))
	transit := w.mul(answered, r.Inverse())
	atRest := w.mul(transit, t)
	blinded2 := w.mul(transit, r2)
	identified := w.mul(blinded2, w.k.Inverse().Mul(t))
	back := w.mul(identified, r2.Inverse())
	if w.err != nil {
		return nil
	}
	value, err := back.Value(d.row.BufferSize)
	if err != nil {
		w.err = err
		return nil
	}
	at := func(p client.Point) *coordinates {
		c := pointView(p)
		return &c
	}
	return []step{
		{Who: "client", What: "maps the value to a point of the curve: value, its length, a counter", Formula: "V", Point: at(v), Numbers: map[string]any{"counter": counter}},
		{Who: "client", What: "blinds it with a one-time random r, and sends it to pseudonymize", Formula: "B = r·V", Point: at(blinded), Numbers: map[string]any{"r": number66(r)}},
		{Who: "service", What: "multiplies by the secret k of the domain and divides by a fresh t; it has seen neither V nor the pseudonym", Formula: "t⁻¹·k·B", Point: at(answered), Numbers: map[string]any{"k": number66(w.k), "t": number66(t)}},
		{Who: "service", What: "seals t in a box that only the owners of the domain and it can open", Formula: "transitInfo = box(t)", Text: info},
		{Who: "client", What: "unblinds: the pseudonym in transit, different every time", Formula: "T = r⁻¹·(t⁻¹·k·r·V) = t⁻¹·k·V", Point: at(transit), Text: transit.Short() + ":" + info},
		{Who: "owner", What: "opens the box and multiplies by t: the pseudonym at rest, the same for ever", Formula: "t·T = k·V", Point: at(atRest)},
		{Who: "client", What: "to read the value again, blinds the pseudonym in transit with another r and sends it to identify with the box", Formula: "B₂ = r₂·T", Point: at(blinded2), Numbers: map[string]any{"r2": number66(r2)}},
		{Who: "service", What: "opens the box and takes k away", Formula: "k⁻¹·t·B₂ = r₂·V", Point: at(identified)},
		{Who: "client", What: "unblinds and reads the value", Formula: "r₂⁻¹·(r₂·V) = V", Point: at(back), Text: string(value)},
	}
}
