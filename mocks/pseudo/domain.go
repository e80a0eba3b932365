package pseudo

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// Layout of the store:
//
//	pseudo/domain/<key>              JSON of a domainRow: a domain added, or a seeded one with rotated keys
//	pseudo/count/<client>            JSON of Counters (chapter 8.3 of the Integration Guide)
const domainPrefix = "pseudo/domain/"

// domain is a domain ready for use. It does not change once made.
type domain struct {
	row      domainRow
	audience string
	k        ecgroup.Scalar
	inverse  ecgroup.Scalar // k⁻¹ mod n
	lifetime time.Duration
	keys     map[string]client.Key
	active   client.Key
	added    bool // by the tenant, not from the fixtures
}

// key finds a listed key, active or retired.
func (d *domain) key(kid string) (client.Key, bool) {
	k, ok := d.keys[kid]
	return k, ok
}

func (d *domain) check(now time.Time) client.BoxCheck {
	return client.BoxCheck{Audience: d.audience, Now: now, Key: d.key}
}

// tenantDomains caches one tenant's domains; the store is read once per domain.
type tenantDomains struct {
	mu        sync.Mutex
	domains   map[string]*domain
	documents map[string][]byte
}

// domain returns a domain of the tenant, nil if there is none.
func (s *Service) domain(t *tenant.Tenant, key string) (*domain, error) {
	c := s.cache.Get(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	return s.lookUp(t, c, key)
}

func (s *Service) lookUp(t *tenant.Tenant, c *tenantDomains, key string) (*domain, error) {
	if d, ok := c.domains[key]; ok {
		return d, nil
	}
	if !domainKey.MatchString(key) {
		return nil, nil
	}
	var row domainRow
	var changed bool
	err := t.Store.View(func(r store.Reader) error {
		var err error
		row, changed, err = store.GetJSON[domainRow](r, domainPrefix+key)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !changed {
		if d := s.seeded[key]; d != nil {
			c.domains[key] = d
		}
		return s.seeded[key], nil
	}
	d, err := parseDomain(row)
	if err != nil {
		return nil, fmt.Errorf("stored domain %s: %w", key, err)
	}
	d.audience, d.added = s.audienceOf(row), s.seeded[key] == nil
	c.domains[key] = d
	return d, nil
}

// keys lists the tenant's domains, seeded ones first.
func (s *Service) keys(t *tenant.Tenant) ([]string, error) {
	out := slices.Clone(s.order)
	err := t.Store.View(func(r store.Reader) error {
		for k := range r.Scan(domainPrefix, "") {
			if key := strings.TrimPrefix(k, domainPrefix); !slices.Contains(out, key) {
				out = append(out, key)
			}
		}
		return nil
	})
	return out, err
}

// save stores a changed domain and drops what was derived from the old one.
func (s *Service) save(t *tenant.Tenant, row domainRow) (*domain, error) {
	c := s.cache.Get(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := parseDomain(row); err != nil {
		return nil, err
	}
	err := t.Store.Update(func(w store.Writer) error { return store.PutJSON(w, domainPrefix+row.Key, row) })
	if err != nil {
		return nil, err
	}
	c.drop(row.Key)
	return s.lookUp(t, c, row.Key)
}

// remove takes a domain back: an added one is gone, a seeded one is as seeded.
func (s *Service) remove(t *tenant.Tenant, key string) error {
	c := s.cache.Get(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	err := t.Store.Update(func(w store.Writer) error {
		w.Delete(domainPrefix + key)
		return nil
	})
	c.drop(key)
	return err
}

func (c *tenantDomains) drop(key string) {
	delete(c.domains, key)
	delete(c.documents, key)
}

// audienceOf is the identifier of the domain: fixed by configuration, never by
// the request, or stored strings would die with a change of port.
func (s *Service) audienceOf(row domainRow) string {
	if row.Audience != "" {
		return row.Audience
	}
	return strings.TrimSuffix(s.cfg.AudienceBase, "/") + "/domains/" + row.Key
}

// jku is the URL under which an owner knows itself, to the character: order of
// the members and escaping count.
func (s *Service) jku(o ownerRow) string {
	return strings.TrimSuffix(s.cfg.JKUBase, "/") + "/etee/v1/pubKeys/cacerts/jwks?identifier=" + url.QueryEscape(o.Identifier) +
		"&type=" + url.QueryEscape(o.Type) + "&applicationIdentifier=" + url.QueryEscape(o.ApplicationID) + "&use=enc"
}
