package pseudo

import (
	"encoding/json"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// accessRule is the domain's access rule as the document shows it.
type accessRule struct {
	Domain  string         `json:"domain"`
	Type    string         `json:"type"`
	Details []accessDetail `json:"details"`
}

type accessDetail struct {
	Operation  string      `json:"operation"`
	UserGroups []userGroup `json:"userGroups"`
}

type userGroup struct {
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Claims      []userClaim `json:"claims"`
}

type userClaim struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

// document answers GET /domains/{domain}. The keys in it are encrypted to the
// owners once and kept, so that it reads the same until it changes.
func (s *Service) document(c *call) (any, error) {
	s.countDomain(c)
	cache := s.cache.Get(c.t)
	cache.mu.Lock()
	defer cache.mu.Unlock()
	key := c.from.row.Key
	if raw, ok := cache.documents[key]; ok {
		return &respond.Response{Status: 200, Body: raw}, nil
	}
	d, err := s.lookUp(c.t, cache, key) // it may have changed since the checks
	if err != nil {
		return nil, err
	}
	if d == nil {
		d = c.from
	}
	doc, err := s.makeDocument(d, c)
	if err != nil {
		return nil, err
	}
	raw, err := encode(doc)
	if err != nil {
		return nil, err
	}
	cache.documents[key] = raw
	return &respond.Response{Status: 200, Body: raw}, nil
}

func (s *Service) makeDocument(d *domain, c *call) (*client.Document, error) {
	doc := &client.Document{
		Domain: d.row.Key, Description: d.row.Description, Curve: "P-521", Audience: d.audience, BufferSize: d.row.BufferSize,
		TimeToLiveInTransit: d.row.TimeToLive, JKU: []string{}, SecretKeys: []client.SecretKey{},
	}
	recipients, err := s.recipients(d)
	if err != nil {
		return nil, err
	}
	for _, r := range recipients {
		if n := len(doc.JKU); n == 0 || doc.JKU[n-1] != r.JKU { // an owner may have several keys
			doc.JKU = append(doc.JKU, r.JKU)
		}
	}
	for _, row := range d.row.SecretKeys {
		encoded, err := client.EncodeKey(d.keys[row.KID], recipients, c.t.Chance)
		if err != nil {
			return nil, err
		}
		doc.SecretKeys = append(doc.SecretKeys, client.SecretKey{KID: row.KID, Active: row.Active, Encoded: encoded})
	}
	rule := accessRule{Domain: d.row.Key, Type: "custom", Details: []accessDetail{}}
	for _, a := range d.row.Access {
		g := userGroup{Name: a.Group, Description: a.Description, Claims: []userClaim{}}
		for _, w := range a.Claims {
			g.Claims = append(g.Claims, userClaim{Path: "$.resource_access." + w.Client + ".roles[*]", Value: w.Role})
		}
		rule.Details = append(rule.Details, accessDetail{Operation: a.Operation, UserGroups: []userGroup{g}})
	}
	doc.AccessRule, err = json.Marshal(rule)
	return doc, err
}

// recipients lists the keys of every owner, the sandbox's own and foreign ones.
func (s *Service) recipients(d *domain) ([]client.Recipient, error) {
	var out []client.Recipient
	for _, name := range d.row.Owners {
		if o := s.ownerNamed(name); o != nil {
			out = append(out, client.Recipient{KeyID: o.row.KID, JKU: s.jku(o.row), Key: &o.private.PublicKey})
		}
	}
	for _, f := range d.row.Foreign {
		keys, err := encryptionKeys(f.JWKS)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			out = append(out, client.Recipient{KeyID: k.id, JKU: f.JKU, Key: k.key})
		}
	}
	return out, nil
}

func (s *Service) ownerNamed(name string) *owner {
	for _, o := range s.owners {
		if o.row.Name == name || o.row.ApplicationID == name {
			return o
		}
	}
	return nil
}
