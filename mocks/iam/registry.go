package iam

import (
	"maps"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// storedClient is a registration made at run time, or the mark that a seeded
// one was removed.
type storedClient struct {
	Client  *Client `json:"client,omitempty"`
	Deleted bool    `json:"deleted,omitempty"`
}

// clientIn looks a client up; nil when it does not exist.
func (s *Service) clientIn(r store.Reader, realm, id string) (*Client, error) {
	if id == "" {
		return nil, nil
	}
	stored, ok, err := store.GetJSON[storedClient](r, clientKey(realm, id))
	if err != nil {
		return nil, err
	}
	if ok {
		if stored.Deleted {
			return nil, nil
		}
		return stored.Client, nil
	}
	return s.seeds[realm+"/"+id], nil
}

// lookup is clientIn outside a transaction.
func (s *Service) lookup(t *tenant.Tenant, realm, id string) (c *Client, err error) {
	err = t.Store.View(func(r store.Reader) error {
		c, err = s.clientIn(r, realm, id)
		return err
	})
	return c, err
}

// Clients lists a tenant's registrations, by realm and client_id; an empty
// realm means both.
func (s *Service) Clients(t *tenant.Tenant, realm string) ([]*Client, error) {
	all := maps.Clone(s.seeds)
	err := t.Store.View(func(r store.Reader) error {
		prefix := statePrefix + "client/"
		for k := range r.Scan(prefix, "") {
			stored, _, err := store.GetJSON[storedClient](r, k)
			if err != nil {
				return err
			}
			id := strings.TrimPrefix(k, prefix)
			if stored.Deleted {
				delete(all, id)
			} else {
				all[id] = stored.Client
			}
		}
		return nil
	})
	var out []*Client
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if c := all[id]; realm == "" || c.Realm == realm {
			out = append(out, c)
		}
	}
	return out, err
}

// nearMiss is a hint for an unknown client_id.
func (s *Service) nearMiss(t *tenant.Tenant, realm, id string) string {
	if id == "" {
		return "send client_id"
	}
	for _, other := range []string{Healthcare, M2M} {
		if other == realm {
			continue
		}
		if c, err := s.lookup(t, other, id); err == nil && c != nil {
			return "client " + id + " is registered in realm " + other + ", not in " + realm
		}
	}
	clients, err := s.Clients(t, realm)
	if err != nil || len(clients) == 0 {
		return ""
	}
	names := make([]string, len(clients))
	for i, c := range clients {
		names[i] = c.ClientID
	}
	return "did you mean " + nearest(id, names) + "? Register it with PUT /_sandbox/iam/clients/" + realm + "/" + id
}
