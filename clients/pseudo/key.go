package pseudo

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Key is one AES-256 key of a domain, known to the service and to the domain's
// owners. Printing or logging one shows its id only.
type Key struct {
	ID     string
	secret [32]byte
}

// NewKey makes a key of its id and 32 bytes.
func NewKey(id string, secret []byte) (Key, error) {
	if len(secret) != 32 {
		return Key{}, fmt.Errorf("key %s has %d bytes, want 32", id, len(secret))
	}
	k := Key{ID: id}
	copy(k.secret[:], secret)
	return k, nil
}

// KeyFromJWK reads the opened content of a domain document's secret key,
// {"kty":"oct","k":…,"alg":"A256GCM"}.
func KeyFromJWK(id string, jwk []byte) (Key, error) {
	var v struct{ Kty, K, Alg string }
	if err := json.Unmarshal(jwk, &v); err != nil || v.Kty != "oct" {
		return Key{}, fmt.Errorf("key %s is no JWK of type oct", id)
	}
	if v.Alg != "A256GCM" {
		return Key{}, fmt.Errorf("key %s is for %q, want A256GCM", id, v.Alg)
	}
	raw, err := base64.RawURLEncoding.DecodeString(v.K)
	if err != nil {
		return Key{}, fmt.Errorf("key %s: k is not base64url", id)
	}
	return NewKey(id, raw)
}

// Secret returns the 32 bytes: handle with care.
func (k Key) Secret() []byte { return append([]byte{}, k.secret[:]...) }

// JWK returns the key in the form that owners find in the domain document.
func (k Key) JWK() []byte {
	return []byte(`{"kty":"oct","k":"` + base64.RawURLEncoding.EncodeToString(k.secret[:]) + `","alg":"A256GCM"}`)
}

func (k Key) gcm() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.secret[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// String shows the id only.
func (k Key) String() string { return "key(" + k.ID + ")" }

// GoString shows the id only.
func (k Key) GoString() string { return k.String() }

// Format shows the id only, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue shows the id only.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }
