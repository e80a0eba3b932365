package iam

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// Status of a realm key.
const (
	keyActive   = "active"   // signs
	keyPassive  = "passive"  // published, verifies, no longer signs
	keyDisabled = "disabled" // neither published nor trusted
)

// realmKey is one key of a realm. Its material is a file of the fixtures or,
// after more rotations than there are spare files, a PEM block of its own.
type realmKey struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	File   string `json:"file,omitempty"`
	PEM    string `json:"pem,omitempty"`
}

// keyState is what a realm signs and verifies with. The zero value does not
// occur: without stored state the seeded one holds.
type keyState struct {
	Keys      []realmKey `json:"keys"`      // signing keys, newest first
	Rotations int        `json:"rotations"` // how often the realm was rotated
}

// keyRing holds the material shared by all tenants of one sandbox.
type keyRing struct {
	files  fs.FS
	loaded sync.Map // file name or PEM digest → *rsa.PrivateKey
	certs  sync.Map // key id → []byte, DER
	master []byte   // secret behind refresh tokens and cookies
	// ephemeral, when set, replaces the files by keys made at start.
	ephemeral bool
	tag       string
}

const masterFile = "iam/keys/hmac.txt"

func newKeyRing(files fs.FS, ephemeral bool) (*keyRing, error) {
	ring := &keyRing{files: files, ephemeral: ephemeral}
	if ephemeral {
		ring.master = make([]byte, 64)
		if _, err := rand.Read(ring.master); err != nil {
			return nil, fmt.Errorf("make master secret: %w", err)
		}
		sum := sha256.Sum256(ring.master)
		ring.tag = "-" + base64.RawURLEncoding.EncodeToString(sum[:6])
		return ring, nil
	}
	raw, err := fs.ReadFile(files, masterFile)
	if err != nil {
		return nil, fmt.Errorf("read master secret: %w", err)
	}
	ring.master = raw
	for _, name := range []string{"healthcare-sig", "healthcare-enc", "m2m-sig", "m2m-enc"} {
		if _, err := ring.private(realmKey{File: keyFile(name)}); err != nil {
			return nil, err
		}
	}
	return ring, nil
}

func keyFile(name string) string { return "iam/keys/" + name + ".pem" }

// seeded is the state of a realm that was never rotated.
func (ring *keyRing) seeded(realm string) keyState {
	return keyState{Keys: []realmKey{{
		ID: realm + "-sig-1" + ring.tag, Status: keyActive, File: keyFile(strings.ToLower(realm) + "-sig"),
	}}}
}

// encryption is the realm's second key; nothing is ever encrypted with it.
func (ring *keyRing) encryption(realm string) realmKey {
	return realmKey{ID: realm + "-enc-1" + ring.tag, Status: keyActive, File: keyFile(strings.ToLower(realm) + "-enc")}
}

// private returns the key's material.
func (ring *keyRing) private(k realmKey) (*rsa.PrivateKey, error) {
	cacheKey := k.File
	if k.PEM != "" {
		cacheKey = digest(k.PEM)
	}
	if v, ok := ring.loaded.Load(cacheKey); ok {
		return v.(*rsa.PrivateKey), nil
	}
	var key *rsa.PrivateKey
	var err error
	switch {
	case k.PEM != "":
		key, err = parsePrivateKey([]byte(k.PEM))
	case ring.ephemeral:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		return ring.file(k.File)
	}
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", k.File, err)
	}
	v, _ := ring.loaded.LoadOrStore(cacheKey, key)
	return v.(*rsa.PrivateKey), nil
}

// file reads a key of the fixtures, once.
func (ring *keyRing) file(name string) (*rsa.PrivateKey, error) {
	if v, ok := ring.loaded.Load("file:" + name); ok {
		return v.(*rsa.PrivateKey), nil
	}
	raw, err := fs.ReadFile(ring.files, name)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := parsePrivateKey(raw)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	v, _ := ring.loaded.LoadOrStore("file:"+name, key)
	return v.(*rsa.PrivateKey), nil
}

// parsePrivateKey reads an RSA key in PKCS#8 PEM.
func parsePrivateKey(raw []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, errors.New("no PEM block")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("a %T, want an RSA key", key)
	}
	return rsaKey, nil
}

// secret is the HMAC key of one tenant and realm.
func (ring *keyRing) secret(tenantName, realm string) []byte {
	mac := hmac.New(sha512.New, ring.master)
	mac.Write([]byte(tenantName + "/" + realm))
	return mac.Sum(nil)
}

// kidOf names a key in JOSE headers. It says that it is the sandbox's and,
// apart from the default tenant, whose.
func kidOf(tenantName, keyID string) string {
	kid := "sandbox-" + keyID
	if tenantName != tenant.Default {
		kid += "@" + tenantName
	}
	return kid
}

// splitKid is the inverse of kidOf; ok is false for foreign kids.
func splitKid(kid string) (tenantName, keyID string, ok bool) {
	rest, ok := strings.CutPrefix(kid, "sandbox-")
	if !ok {
		return "", "", false
	}
	keyID, tenantName, named := strings.Cut(rest, "@")
	if !named {
		tenantName = tenant.Default
	}
	return tenantName, keyID, true
}

// keysOf reads the realm's keys in a tenant.
func (s *Service) keysOf(r store.Reader, realm string) (keyState, error) {
	state, ok, err := store.GetJSON[keyState](r, keysKey(realm))
	if err != nil || ok {
		return state, err
	}
	return s.ring.seeded(realm), nil
}

func (s *Service) realmKeys(t *tenant.Tenant, realm string) (state keyState, err error) {
	err = t.Store.View(func(r store.Reader) error {
		state, err = s.keysOf(r, realm)
		return err
	})
	return state, err
}

// active is the key that signs.
func (k keyState) active() realmKey {
	for _, key := range k.Keys {
		if key.Status == keyActive {
			return key
		}
	}
	return realmKey{}
}

// find returns the key with that id.
func (k keyState) find(id string) (realmKey, bool) {
	for _, key := range k.Keys {
		if key.ID == id {
			return key, true
		}
	}
	return realmKey{}, false
}

// spareFiles are the prepared keys for the first rotations.
func spareFiles() []string {
	return []string{keyFile("spare-1"), keyFile("spare-2"), keyFile("spare-3")}
}

// maxRealmKeys bounds the keys that are remembered; tokens of older ones have
// long expired.
const maxRealmKeys = 20

// rotate makes a new signing key. The previous ones stay published when
// keepPrevious is set; otherwise tokens signed with them are dead at once.
func (s *Service) rotate(t *tenant.Tenant, realm string, keepPrevious bool) (keyState, error) {
	state, err := s.realmKeys(t, realm)
	if err != nil {
		return keyState{}, err
	}
	fresh := realmKey{Status: keyActive, ID: fmt.Sprintf("%s-sig-%d%s", realm, state.Rotations+2, s.ring.tag)}
	if spares := spareFiles(); state.Rotations < len(spares) && !s.ring.ephemeral {
		fresh.File = spares[state.Rotations]
	} else {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return keyState{}, fmt.Errorf("make key: %w", err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return keyState{}, fmt.Errorf("encode key: %w", err)
		}
		fresh.PEM = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	var after keyState
	err = t.Store.Update(func(w store.Writer) error {
		now, err := s.keysOf(w, realm)
		if err != nil {
			return err
		}
		if now.Rotations != state.Rotations {
			return errors.New("the realm was rotated by somebody else at the same moment")
		}
		after = keyState{Rotations: now.Rotations + 1, Keys: []realmKey{fresh}}
		for _, old := range now.Keys {
			switch {
			case !keepPrevious:
				old.Status = keyDisabled
			case old.Status == keyActive:
				old.Status = keyPassive
			}
			after.Keys = append(after.Keys, old)
		}
		after.Keys = after.Keys[:min(len(after.Keys), maxRealmKeys)]
		return store.PutJSON(w, keysKey(realm), after)
	})
	return after, err
}

// publicJWK is the key as published in the realm's JWKS.
func (s *Service) publicJWK(t *tenant.Tenant, realm string, k realmKey, use, alg string) (jose.JSONWebKey, error) {
	private, err := s.ring.private(k)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	cert, err := s.ring.certificate(k, realm, private)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	return certifiedJWK(kidOf(t.Name, k.ID), use, alg, cert), nil
}

// certificate is the self-signed certificate of a realm key: same key, same
// bytes, because PKCS#1 v1.5 signatures and all contents are fixed.
func (ring *keyRing) certificate(k realmKey, realm string, key *rsa.PrivateKey) (*x509.Certificate, error) {
	id := realm + "/" + k.ID
	if v, ok := ring.certs.Load(id); ok {
		return v.(*x509.Certificate), nil
	}
	cert, err := selfSigned(realmSubject(realm), k.ID, key, certNotBefore(), certNotBefore().AddDate(10, 0, 0))
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", k.ID, err)
	}
	v, _ := ring.certs.LoadOrStore(id, cert)
	return v.(*x509.Certificate), nil
}

func certNotBefore() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
