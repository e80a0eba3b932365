package pseudo

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-jose/go-jose/v4"
)

// Recipient is one owner key that a domain key is encrypted to.
type Recipient struct {
	KeyID string // kid of the entry in the owner's JWKS
	JKU   string // URL of that JWKS, as listed in the document
	Key   *rsa.PublicKey
}

// encodedKey is the general JSON JWE of the domain document (RFC 7516 §7.2.1).
type encodedKey struct {
	Protected  string             `json:"protected"`
	IV         string             `json:"iv"`
	Ciphertext string             `json:"ciphertext"`
	Tag        string             `json:"tag"`
	Recipients []encodedRecipient `json:"recipients"`
}

type encodedRecipient struct {
	EncryptedKey string        `json:"encrypted_key"`
	Header       encodedHeader `json:"header"`
}

type encodedHeader struct {
	Alg string `json:"alg"`
	KID string `json:"kid"`
	JKU string `json:"jku"`
}

// EncodeKey encrypts a domain key to its owners, as the domain document carries
// it: the protected header is {"enc":"A256GCM"} alone, the rest stands with each
// recipient. There is no aad member, because strict JOSE libraries and the
// published ones disagree about an empty one.
func EncodeKey(key Key, to []Recipient, random io.Reader) (json.RawMessage, error) {
	return encodeKey(key, to, random, nil)
}

func encodeKey(key Key, to []Recipient, random io.Reader, contentKey []byte) (json.RawMessage, error) {
	var iv [12]byte
	if contentKey == nil {
		contentKey = make([]byte, 32)
		if _, err := io.ReadFull(random, contentKey); err != nil {
			return nil, fmt.Errorf("draw a content key: %w", err)
		}
	}
	if _, err := io.ReadFull(random, iv[:]); err != nil {
		return nil, fmt.Errorf("draw an IV: %w", err)
	}
	content, err := NewKey("content", contentKey)
	if err != nil {
		return nil, err
	}
	gcm, err := content.gcm()
	if err != nil {
		return nil, err
	}
	enc := base64.RawURLEncoding.EncodeToString
	out := encodedKey{Protected: enc([]byte(`{"enc":"A256GCM"}`)), IV: enc(iv[:]), Recipients: []encodedRecipient{}}
	sealed := gcm.Seal(nil, iv[:], key.JWK(), []byte(out.Protected))
	out.Ciphertext, out.Tag = enc(sealed[:len(sealed)-16]), enc(sealed[len(sealed)-16:])
	for _, r := range to {
		wrapped, err := rsa.EncryptOAEP(sha256.New(), random, r.Key, contentKey, nil)
		if err != nil {
			return nil, fmt.Errorf("encrypt key %s to %s: %w", key.ID, r.JKU, err)
		}
		out.Recipients = append(out.Recipients, encodedRecipient{
			EncryptedKey: enc(wrapped), Header: encodedHeader{Alg: "RSA-OAEP-256", KID: r.KeyID, JKU: r.JKU},
		})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // an owner compares jku character by character
	if err := e.Encode(out); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// errNoRecipient says that a key is not encrypted to this owner.
var errNoRecipient = errors.New("no recipient with this owner's jku")

// openEncoded decrypts a domain key with the recipients of one jku. find gives
// the private key of a kid; broken recipients are passed over as long as one fits.
func openEncoded(id string, raw json.RawMessage, jku string, find func(kid string) (*rsa.PrivateKey, error)) (Key, error) {
	// The real service writes "aad":"" and yet authenticates the protected
	// header alone; go-jose would add the dot of RFC 7516, so it is taken out.
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		return Key{}, fmt.Errorf("key %s: not a JSON JWE: %w", id, err)
	}
	if string(bytes.TrimSpace(whole["aad"])) == `""` {
		delete(whole, "aad")
	}
	var recipients []encodedRecipient
	if err := json.Unmarshal(whole["recipients"], &recipients); err != nil {
		return Key{}, fmt.Errorf("key %s: no array of recipients: %w", id, err)
	}
	last := errNoRecipient
	for _, r := range recipients {
		if r.Header.JKU != jku {
			continue
		}
		private, err := find(r.Header.KID)
		if err != nil {
			last = err
			continue
		}
		one, err := json.Marshal([]encodedRecipient{r})
		if err != nil {
			return Key{}, err
		}
		whole["recipients"] = one
		plain, err := decryptGeneral(whole, private)
		if err != nil {
			last = err
			continue
		}
		return KeyFromJWK(id, plain)
	}
	return Key{}, fmt.Errorf("key %s: %w", id, last)
}

func decryptGeneral(whole map[string]json.RawMessage, private *rsa.PrivateKey) ([]byte, error) {
	text, err := json.Marshal(whole)
	if err != nil {
		return nil, err
	}
	jwe, err := jose.ParseEncryptedJSON(string(text), []jose.KeyAlgorithm{jose.RSA_OAEP_256}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return nil, err
	}
	_, _, plain, err := jwe.DecryptMulti(private)
	return plain, err
}

// cryptoRand is the source used where the caller gave none.
func cryptoRand(r io.Reader) io.Reader {
	if r == nil {
		return rand.Reader
	}
	return r
}
