package pseudo

import (
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// ErrNotOwner says that the domain document does not list the owner's URL.
var ErrNotOwner = errors.New("the domain does not list this jku: an owner is recognised by the exact URL")

// OwnerConfig is how an owner opens a domain document.
type OwnerConfig struct {
	// JKU is the owner's own URL, exactly as the document lists it.
	JKU string
	// JWKS is what stands behind that URL.
	JWKS jose.JSONWebKeySet
	// PrivateKey finds the private key of a certificate by its x5t#S256, the
	// base64url SHA-256 of the DER certificate.
	PrivateKey func(x5tS256 string) (*rsa.PrivateKey, error)
	// Now is the clock, time.Now if nil. Rand is the source, crypto/rand if nil.
	Now  func() time.Time
	Rand io.Reader
}

// Owner is the owner's half of a domain: it opens pseudonyms in transit and
// makes new ones, without calling the service. Reload it every six hours.
type Owner struct {
	Domain     string
	Audience   string
	BufferSize int
	Lifetime   time.Duration

	keys   map[string]Key
	active Key
	now    func() time.Time
	rand   io.Reader
}

// OpenDomain decrypts every key of a domain document. A key that is not
// encrypted to this owner is an error, as it is in the Java helper.
func OpenDomain(d *Document, cfg OwnerConfig) (*Owner, error) {
	if !contains(d.JKU, cfg.JKU) {
		return nil, fmt.Errorf("%w: got %s, listed %q", ErrNotOwner, cfg.JKU, d.JKU)
	}
	lifetime, err := d.Lifetime()
	if err != nil {
		return nil, err
	}
	find := func(kid string) (*rsa.PrivateKey, error) {
		found := cfg.JWKS.Key(kid)
		if len(found) == 0 {
			return nil, fmt.Errorf("the JWKS behind %s has no kid %s", cfg.JKU, kid)
		}
		if len(found[0].CertificateThumbprintSHA256) == 0 {
			return nil, fmt.Errorf("the JWKS entry %s has no x5t#S256", kid)
		}
		return cfg.PrivateKey(base64.RawURLEncoding.EncodeToString(found[0].CertificateThumbprintSHA256))
	}
	o := NewOwner(d.Domain, d.Audience, d.BufferSize, lifetime)
	o.now, o.rand = cfg.Now, cfg.Rand
	for _, s := range d.SecretKeys {
		k, err := openEncoded(s.KID, s.Encoded, cfg.JKU, find)
		if err != nil {
			return nil, fmt.Errorf("open domain %s: %w", d.Domain, err)
		}
		o.AddKey(k, s.Active)
	}
	return o, nil
}

// NewOwner makes an owner without keys, for programs that hold the opened keys
// already. Add them with [Owner.AddKey] before use.
func NewOwner(domain, audience string, bufferSize int, lifetime time.Duration) *Owner {
	return &Owner{Domain: domain, Audience: audience, BufferSize: bufferSize, Lifetime: lifetime, keys: map[string]Key{}}
}

// AddKey adds an opened key; the active one seals.
func (o *Owner) AddKey(k Key, active bool) {
	o.keys[k.ID] = k
	if active {
		o.active = k
	}
}

// Format shows the domain only; the keys stay hidden.
func (o *Owner) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "owner("+o.Domain+")") }

// LogValue shows the domain only.
func (o *Owner) LogValue() slog.Value { return slog.StringValue("owner(" + o.Domain + ")") }

func (o *Owner) clock() time.Time {
	if o.now == nil {
		return time.Now()
	}
	return o.now()
}

// AtRest opens a pseudonym in transit and returns what to store, with the box.
// A box that is expired, tampered with or of another domain gives a *[BoxError].
func (o *Owner) AtRest(p InTransit) (AtRest, Box, error) {
	box, _, err := OpenBox(p.TransitInfo, BoxCheck{Audience: o.Audience, Now: o.clock(), Key: func(kid string) (Key, bool) {
		k, ok := o.keys[kid]
		return k, ok
	}})
	if err != nil {
		return AtRest{}, Box{}, err
	}
	q, err := p.Point.Mul(box.Scalar)
	if err != nil {
		return AtRest{}, Box{}, err
	}
	return AtRestOf(q), box, nil
}

// InTransit makes a fresh pseudonym in transit of a stored one. It may be used
// again until [Fresh] says no.
func (o *Owner) InTransit(a AtRest) (InTransit, error) {
	if o.active.ID == "" {
		return InTransit{}, fmt.Errorf("domain %s has no active key", o.Domain)
	}
	p, err := a.Point()
	if err != nil {
		return InTransit{}, err
	}
	random := cryptoRand(o.rand)
	s, err := RandomScalar(random)
	if err != nil {
		return InTransit{}, err
	}
	// The point is divided by s, the box says s.
	q, err := p.Mul(s.Inverse())
	if err != nil {
		return InTransit{}, err
	}
	now := o.clock().Truncate(time.Second)
	info, err := SealBox(o.active, o.Audience, Box{IssuedAt: now, Expires: now.Add(o.Lifetime), Scalar: s}, random)
	return InTransit{Point: q, TransitInfo: info}, err
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
