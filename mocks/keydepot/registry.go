package keydepot

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// keydepot/key/<type>/<identifier>/<application id>/<kid>   JWK, registered by the tenant
//
// Every part is percent-encoded, so that a slash inside one does not split it.
func keyOf(q Query, kid string) string {
	return ownerPrefix(q.Type, q.Identifier) + url.PathEscape(q.ApplicationID) + "/" + url.PathEscape(kid)
}

func ownerPrefix(typ, identifier string) string {
	return "keydepot/key/" + url.PathEscape(typ) + "/" + url.PathEscape(identifier) + "/"
}

// ErrKey says that a key cannot be registered; it is wrapped with the reason.
var ErrKey = errors.New("the key cannot be registered")

// Keys returns the public keys that match the query, seeded ones first and
// each kid once: a registered key takes the place of a seeded one.
func (s *Service) Keys(t *tenant.Tenant, q Query) ([]jose.JSONWebKey, error) {
	registered, err := s.registered(t, q)
	if err != nil {
		return nil, err
	}
	var out []jose.JSONWebKey
	add := func(k jose.JSONWebKey) {
		if !q.accepts(k) {
			return
		}
		for _, have := range out {
			if have.KeyID == k.KeyID {
				return
			}
		}
		for _, have := range registered {
			if have.KeyID == k.KeyID {
				return
			}
		}
		out = append(out, k)
	}
	for _, e := range s.cfg.Static {
		if e.Type == q.Type && e.Identifier == q.Identifier && (q.ApplicationID == "" || q.ApplicationID == e.ApplicationID) {
			add(e.Key)
		}
	}
	for _, source := range s.cfg.Sources {
		for _, k := range source(t, q) {
			add(k)
		}
	}
	for _, k := range registered {
		if q.accepts(k) {
			out = append(out, k)
		}
	}
	return out, nil
}

func (q Query) accepts(k jose.JSONWebKey) bool { return q.Use == "" || k.Use == "" || k.Use == q.Use }

func (s *Service) registered(t *tenant.Tenant, q Query) ([]jose.JSONWebKey, error) {
	prefix := ownerPrefix(q.Type, q.Identifier)
	if q.ApplicationID != "" {
		prefix += url.PathEscape(q.ApplicationID) + "/"
	}
	var out []jose.JSONWebKey
	err := t.Store.View(func(r store.Reader) error {
		for key, raw := range r.Scan(prefix, "") {
			var k jose.JSONWebKey
			if err := k.UnmarshalJSON(raw); err != nil {
				return fmt.Errorf("decode %s: %w", key, err)
			}
			out = append(out, k)
		}
		return nil
	})
	return out, err
}

// Register adds the public half of a key, or replaces the one with its kid.
// q.Use counts if the key itself names no use.
func (s *Service) Register(t *tenant.Tenant, q Query, k jose.JSONWebKey) error {
	raw, err := prepare(q, &k)
	if err != nil {
		return err
	}
	return t.Store.Update(func(w store.Writer) error {
		w.Put(keyOf(q, k.KeyID), raw)
		return nil
	})
}

// Remove forgets a registered key; one that does not exist is no error.
func (s *Service) Remove(t *tenant.Tenant, q Query, kid string) error {
	return t.Store.Update(func(w store.Writer) error {
		w.Delete(keyOf(q, kid))
		return nil
	})
}

func prepare(q Query, k *jose.JSONWebKey) ([]byte, error) {
	if q.Type == "" || q.Identifier == "" {
		return nil, fmt.Errorf("%w: type and identifier are needed", ErrKey)
	}
	if !k.Valid() {
		return nil, fmt.Errorf("%w: it is no valid key", ErrKey)
	}
	if _, symmetric := k.Key.([]byte); symmetric {
		return nil, fmt.Errorf("%w: it is symmetric, want a public key", ErrKey)
	}
	if !k.IsPublic() {
		*k = k.Public()
	}
	if k.Use == "" {
		k.Use = q.Use
	}
	if k.Use != "" && k.Use != "sig" && k.Use != "enc" {
		return nil, fmt.Errorf("%w: use is %q, want sig or enc", ErrKey, k.Use)
	}
	if len(k.Certificates) > 0 && len(k.CertificateThumbprintSHA256) == 0 {
		sum := sha256.Sum256(k.Certificates[0].Raw) // Java and .NET do not derive it themselves
		k.CertificateThumbprintSHA256 = sum[:]
	}
	if k.KeyID == "" {
		return nil, fmt.Errorf("%w: it has no kid", ErrKey)
	}
	raw, err := k.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return raw, nil
}

// ByContext is the registry for callers that carry the tenant in the context.
type ByContext struct{ Service *Service }

// Keys is [Service.Keys] for the context's tenant.
func (b ByContext) Keys(ctx context.Context, typ, identifier, applicationID, use string) ([]jose.JSONWebKey, error) {
	return b.Service.Keys(tenant.From(ctx), Query{typ, identifier, applicationID, use})
}

// Register adds all keys for the context's tenant, or none if one is bad.
func (b ByContext) Register(ctx context.Context, typ, identifier, applicationID string, keys []jose.JSONWebKey) error {
	q := Query{Type: typ, Identifier: identifier, ApplicationID: applicationID}
	raws := make([][]byte, len(keys))
	for i := range keys {
		var err error
		if raws[i], err = prepare(q, &keys[i]); err != nil {
			return fmt.Errorf("key %d: %w", i, err)
		}
	}
	return tenant.From(ctx).Store.Update(func(w store.Writer) error {
		for i, k := range keys {
			w.Put(keyOf(q, k.KeyID), raws[i])
		}
		return nil
	})
}

// nearby looks for the mistake that numbers with leading zeros invite, and for
// keys of the other use or of another application.
func (s *Service) nearby(t *tenant.Tenant, q Query) string {
	has := func(q Query) bool {
		keys, err := s.Keys(t, q)
		return err == nil && len(keys) > 0
	}
	for _, other := range []string{"0" + q.Identifier, "00" + q.Identifier, strings.TrimLeft(q.Identifier, "0")} {
		if other != q.Identifier && has(Query{Type: q.Type, Identifier: other}) {
			return "leading zeros matter: there are keys for " + q.Type + "=" + other
		}
	}
	if q.Use != "" && has(Query{q.Type, q.Identifier, q.ApplicationID, ""}) {
		return "there are keys of another use than " + q.Use
	}
	if q.ApplicationID != "" && has(Query{q.Type, q.Identifier, "", q.Use}) {
		return "there are keys of another applicationIdentifier than " + q.ApplicationID
	}
	return "register one with POST /_sandbox/iam/certificates or PUT /_sandbox/iam/jwks/{type}/{identifier}"
}
