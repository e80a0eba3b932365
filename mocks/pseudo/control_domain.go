package pseudo

import (
	"encoding/base64"
	"net/http"

	"github.com/go-jose/go-jose/v4"
	"github.com/gorilla/mux"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// newDomain is the body of PUT /_sandbox/pseudo/domains/{domain}.
type newDomain struct {
	Description string              `json:"description"`
	Audience    string              `json:"audience"`
	BufferSize  int                 `json:"buffer_size"`
	TimeToLive  string              `json:"time_to_live"`
	Owners      []string            `json:"owners"` // of the sandbox
	JKU         string              `json:"jku"`    // of an owner of one's own, with its
	JWKS        *jose.JSONWebKeySet `json:"jwks"`   // public keys
	Access      []accessRow         `json:"access"`
}

// putDomain adds a domain of the tenant's own, or changes one. The multiplier
// is drawn once and stays, or stored pseudonyms would die.
func (s *Service) putDomain(r *http.Request) (any, error) {
	t, key := tenant.From(r.Context()), mux.Vars(r)["domain"]
	var in newDomain
	if err := decodeStrict(r, &in); err != nil {
		return nil, err
	}
	if s.seeded[key] != nil {
		return nil, &respond.Refusal{Status: http.StatusConflict, Code: "seeded", Message: "the domain " + key + " belongs to the seed",
			Rule: "control-domain", Hint: "choose another key, or lay your own pseudo/domains.yaml over it with -fixtures"}
	}
	row := domainRow{Key: key, Description: in.Description, Audience: in.Audience, BufferSize: in.BufferSize, TimeToLive: in.TimeToLive,
		Owners: in.Owners, Access: in.Access}
	if row.BufferSize == 0 {
		row.BufferSize = client.DefaultBufferSize
	}
	if row.TimeToLive == "" {
		row.TimeToLive = "PT10M"
	}
	for _, name := range in.Owners {
		if s.ownerNamed(name) == nil {
			return nil, controlBad("owner", "there is no owner "+clip(name), "GET /_sandbox/pseudo/owners lists them")
		}
	}
	if in.JKU != "" || in.JWKS != nil {
		if in.JKU == "" || in.JWKS == nil {
			return nil, controlBad("owner", "an owner of one's own needs both jku and jwks", "the sandbox fetches nothing: send the set that stands behind jku")
		}
		if _, err := encryptionKeys(*in.JWKS); err != nil {
			return nil, controlBad("jwks", "jwks: "+err.Error(), "")
		}
		for i, k := range in.JWKS.Keys {
			in.JWKS.Keys[i] = k.Public()
		}
		row.Foreign = []foreignOwner{{JKU: in.JKU, JWKS: *in.JWKS}}
	}
	before, err := s.domain(t, key)
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if before != nil {
		row.Multiplier, row.SecretKeys = before.row.Multiplier, before.row.SecretKeys
	} else if status, err = s.drawSecrets(t, &row); err != nil {
		return nil, err
	}
	d, err := s.save(t, row)
	if err != nil {
		return nil, controlBad("domain", err.Error(), "")
	}
	v, err := s.view(d, false)
	return &respond.Response{Status: status, Body: v}, err
}

func (s *Service) deleteDomain(r *http.Request) (any, error) {
	t, d, err := s.named(r)
	if err != nil {
		return nil, err
	}
	if err := s.remove(t, d.row.Key); err != nil {
		return nil, err
	}
	return &respond.Response{Status: http.StatusNoContent}, nil
}

// drawSecrets gives a new domain its multiplier and its first key.
func (s *Service) drawSecrets(t *tenant.Tenant, row *domainRow) (int, error) {
	k, err := ecgroup.RandomScalar(t.Chance)
	if err != nil {
		return 0, err
	}
	row.Multiplier = base64.StdEncoding.EncodeToString(k.Bytes())
	row.SecretKeys = []secretRow{newSecret(t)}
	return http.StatusCreated, nil
}
