package iam

import (
	"crypto/rsa"
	"sync"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// maxVerified bounds how many access tokens a tenant remembers as genuine.
const maxVerified = 4096

// verified remembers, per tenant, access tokens whose signature was checked: a
// resource server sees the same token many times, and the check costs more than
// all the rest of a request. Only the signature is remembered. Whether its key
// is still published, the times and the type are looked at on every use.
type verified struct {
	mu     sync.Mutex
	tokens map[string]verifiedToken
}

type verifiedToken struct {
	realm, key string
	by         *rsa.PrivateKey
	claims     *tokenClaims
	all        map[string]any // not to be changed
}

func (v *verified) get(raw string) (verifiedToken, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	k, ok := v.tokens[raw]
	return k, ok
}

func (v *verified) put(raw string, k verifiedToken) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tokens == nil || len(v.tokens) >= maxVerified {
		v.tokens = map[string]verifiedToken{}
	}
	v.tokens[raw] = k
}

// remembered returns what is known of a token that was found genuine before, if
// the key that signed it is still published.
func (s *Service) remembered(t *tenant.Tenant, raw string) (verifiedToken, bool) {
	k, ok := s.verified.Get(t).get(raw)
	if !ok {
		return k, false
	}
	state, err := s.realmKeys(t, k.realm)
	if err != nil {
		return k, false
	}
	key, ok := state.find(k.key)
	if !ok || key.Status == keyDisabled {
		return k, false
	}
	by, err := s.ring.private(key)
	return k, err == nil && by == k.by
}
