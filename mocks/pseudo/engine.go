package pseudo

import (
	"fmt"
	"time"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// Owned is the owner's half of one domain: for services of the sandbox that
// store data under pseudonyms. A pseudonym at rest is the base64url of the 66
// bytes of x, the same for the same value for ever.
type Owned struct {
	s   *Service
	key string
}

// Owned returns the owner's half of a domain.
func (s *Service) Owned(domain string) *Owned { return &Owned{s, domain} }

// Info is what the box of a pseudonym in transit says.
type Info struct {
	Domain, KeyID, Audience string
	IssuedAt, Expires       time.Time
}

func (o *Owned) domain(t *tenant.Tenant) (*domain, error) {
	d, err := o.s.domain(t, o.key)
	if err == nil && d == nil {
		err = fmt.Errorf("there is no domain %s", o.key)
	}
	return d, err
}

// Open turns a pseudonym in transit, in any of its string forms, into the
// pseudonym at rest. The error says why it cannot be opened: unreadable, of
// another domain, changed, expired, not yet valid.
func (o *Owned) Open(t *tenant.Tenant, transit string) (string, error) {
	atRest, _, err := o.OpenInfo(t, transit)
	return atRest, err
}

// OpenInfo is [Owned.Open] and also returns what the box says.
func (o *Owned) OpenInfo(t *tenant.Tenant, transit string) (string, Info, error) {
	d, err := o.domain(t)
	if err != nil {
		return "", Info{}, err
	}
	p, err := client.ParseInTransit(transit)
	if err != nil {
		return "", Info{}, err
	}
	box, header, err := client.OpenBox(p.TransitInfo, d.check(t.Clock.Now().Truncate(time.Second)))
	info := Info{Domain: o.key, KeyID: header.KeyID, Audience: header.Audience, IssuedAt: box.IssuedAt, Expires: box.Expires}
	if err != nil {
		return "", info, err
	}
	q, err := multiply(t, p.Point, box.Scalar)
	if err != nil {
		return "", info, err
	}
	atRest := client.AtRestOf(q).String()
	o.s.opened(t, p.TransitInfo, atRest, box.Expires)
	return atRest, info, nil
}

// Mint makes a fresh pseudonym in transit of one at rest, in the short form
// <SEC 1>:<transitInfo>, different on every call.
func (o *Owned) Mint(t *tenant.Tenant, atRest string) (string, error) {
	d, err := o.domain(t)
	if err != nil {
		return "", err
	}
	a, err := client.ParseAtRest(atRest)
	if err != nil {
		return "", err
	}
	p, err := a.Point()
	if err != nil {
		return "", err
	}
	return o.transit(t, d, p)
}

func (o *Owned) transit(t *tenant.Tenant, d *domain, p client.Point) (string, error) {
	scalar, err := ecgroup.RandomScalar(t.Chance)
	if err != nil {
		return "", err
	}
	var iv [12]byte
	if _, err := t.Chance.Read(iv[:]); err != nil {
		return "", err
	}
	q, err := multiply(t, p, clientScalar(scalar.Inverse()))
	if err != nil {
		return "", err
	}
	info, err := d.seal(scalar, t.Clock.Now().Truncate(time.Second), iv)
	return client.InTransit{Point: q, TransitInfo: info}.String(), err
}

// AtRest is the pseudonym at rest of a value, such as an SSIN: what no single
// party of the real system can calculate.
func (o *Owned) AtRest(t *tenant.Tenant, value string) (string, error) {
	d, err := o.domain(t)
	if err != nil {
		return "", err
	}
	p, err := client.PointOf([]byte(value), d.row.BufferSize)
	if err != nil {
		return "", err
	}
	q, err := multiply(t, p, clientScalar(d.k))
	return client.AtRestOf(q).String(), err
}

// Transit is a fresh pseudonym in transit of a value.
func (o *Owned) Transit(t *tenant.Tenant, value string) (string, error) {
	atRest, err := o.AtRest(t, value)
	if err != nil {
		return "", err
	}
	return o.Mint(t, atRest)
}

// Value is the value behind a pseudonym at rest, as only the service's secret
// multiplier reveals it.
func (o *Owned) Value(t *tenant.Tenant, atRest string) ([]byte, error) {
	d, err := o.domain(t)
	if err != nil {
		return nil, err
	}
	a, err := client.ParseAtRest(atRest)
	if err != nil {
		return nil, err
	}
	p, err := a.Point()
	if err != nil {
		return nil, err
	}
	q, err := multiply(t, p, clientScalar(d.inverse))
	if err != nil {
		return nil, err
	}
	if !q.Plausible(d.row.BufferSize) {
		return nil, client.ErrNoValue
	}
	return q.Value(d.row.BufferSize)
}

func clientScalar(s ecgroup.Scalar) client.Scalar {
	out, _ := client.NewScalar(s.Bytes()) // a Scalar is never 0
	return out
}

// multiply uses the group that the tenant chose.
func multiply(t *tenant.Tenant, p client.Point, s client.Scalar) (client.Point, error) {
	g := group(t)
	if g.Name() == ecgroup.Fast().Name() {
		return p.Mul(s)
	}
	q, err := g.Point(p.X(), p.Y())
	if err != nil {
		return client.Point{}, err
	}
	scalar, err := ecgroup.NewScalar(s.Bytes())
	if err != nil {
		return client.Point{}, err
	}
	if q, err = g.Mul(q, scalar); err != nil {
		return client.Point{}, err
	}
	return client.NewPoint(q.X(), q.Y())
}
