package pseudo

import (
	"bytes"
	"crypto/rsa"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

type encryptionKey struct {
	id  string
	key *rsa.PublicKey
}

// encryptionKeys are the keys of a set that a domain key can be encrypted to.
func encryptionKeys(set jose.JSONWebKeySet) ([]encryptionKey, error) {
	var out []encryptionKey
	for _, k := range set.Keys {
		if k.Use == "sig" {
			continue
		}
		public, ok := k.Key.(*rsa.PublicKey)
		switch {
		case !ok:
			return nil, fmt.Errorf("key %q is not a public RSA key", k.KeyID)
		case k.KeyID == "":
			return nil, fmt.Errorf("a key of the set has no kid")
		case public.N.BitLen() < 2048:
			return nil, fmt.Errorf("key %q has %d bits, want 2048 or more", k.KeyID, public.N.BitLen())
		}
		out = append(out, encryptionKey{k.KeyID, public})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the set has no RSA key for encryption")
	}
	return out, nil
}

// encode writes JSON without HTML escapes: owners compare jku byte by byte.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
