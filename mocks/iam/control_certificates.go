package iam

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// pfxAlias is the alias of the key in eHealth's certificate files.
const pfxAlias = "authentication"

// certificateRequest asks for a key pair with a sandbox certificate.
type certificateRequest struct {
	Type          string `json:"type"`
	Identifier    string `json:"identifier"`
	ApplicationID string `json:"application_id,omitempty"`
	Name          string `json:"name,omitempty"`     // O of the subject
	Password      string `json:"password,omitempty"` // of the PKCS #12, "sandbox" when empty
	Use           string `json:"use,omitempty"`      // sig (default) or enc
}

// newCertificate makes a key pair, registers the public half as the owner's
// key, and hands out the rest as PKCS #12 and PEM. The private key is not kept.
func (s *Service) newCertificate(c *call) (any, error) {
	var q certificateRequest
	if err := c.readJSON(&q); err != nil {
		return nil, err
	}
	r := &review{}
	reviewOwner(r, "certificate", q.Type, q.Identifier)
	if q.Use == "" {
		q.Use = "sig"
	}
	if q.Use != "sig" && q.Use != "enc" {
		r.errorf("use is %q: give sig or enc", q.Use)
	}
	if len(r.Errors) > 0 {
		return nil, badBody(strings.Join(r.Errors, "; "), "", "type (one of the 26 certificate types) and identifier")
	}
	if s.cfg.Depot == nil {
		return nil, &respond.Refusal{Status: http.StatusConflict, Code: "no-depot", Message: "this sandbox has no registry of certificates", Rule: "iam-11-certificates"}
	}
	if q.Password == "" {
		q.Password = "sandbox"
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return s.issueCertificate(c, q, key, r.Warnings)
}

func (s *Service) issueCertificate(c *call, q certificateRequest, key *rsa.PrivateKey, warnings []string) (any, error) {
	kid := "sandbox-" + fmt.Sprintf("%010d", c.t.Chance.Uint64n(10_000_000_000))
	subject := ownerSubject(q.Type, q.Identifier, q.ApplicationID)
	if q.Name != "" {
		subject.Organization = append(subject.Organization, q.Name)
	}
	cert, err := selfSigned(subject, kid, key, c.now.AddDate(0, 0, -1), c.now.AddDate(3, 0, 0))
	if err != nil {
		return nil, err
	}
	alg := "RS256"
	if q.Use == "enc" {
		alg = "RSA-OAEP-256"
	}
	jwk := certifiedJWK(kid, q.Use, alg, cert)
	if err := s.cfg.Depot.Register(c.ctx, q.Type, q.Identifier, q.ApplicationID, []jose.JSONWebKey{jwk}); err != nil {
		return nil, fmt.Errorf("register certificate: %w", err)
	}
	store, err := encodePKCS12(c.t.Chance, pfxAlias, q.Password, key, cert)
	if err != nil {
		return nil, err
	}
	fileName := fmt.Sprintf("%s=%s %s.sandbox-p12", q.Type, q.Identifier, c.now.Format("20060102-150405"))
	if strings.Contains(c.r.Header.Get("Accept"), "application/x-pkcs12") {
		return &respond.Response{Status: http.StatusCreated, ContentType: "application/x-pkcs12", Body: store,
			Header: http.Header{"Content-Disposition": {`attachment; filename="` + fileName + `"`}, "X-Key-Id": {kid}}}, nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	answer := object{
		{"kid", kid}, {"alias", pfxAlias}, {"password", q.Password}, {"file_name", fileName},
		{"pkcs12", base64.StdEncoding.EncodeToString(store)},
		{"private_key_pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))},
		{"certificate_pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))},
		{"jwks_uri", fmt.Sprintf("%s/etee/v1/pubKeys/cacerts/jwks?type=%s&identifier=%s&use=%s", c.base, q.Type, q.Identifier, q.Use)},
	}
	if len(warnings) > 0 {
		answer.set("warnings", warnings)
	}
	return &respond.Response{Status: http.StatusCreated, Body: answer}, nil
}

// putJWKS registers an integrator's own public keys for an owner.
func (s *Service) putJWKS(c *call) (any, error) {
	typ, identifier := c.pathVar("type"), c.pathVar("identifier")
	r := &review{}
	reviewOwner(r, "owner", typ, identifier)
	if len(r.Errors) > 0 {
		return nil, badBody(strings.Join(r.Errors, "; "), "", "one of the 26 certificate types")
	}
	if s.cfg.Depot == nil {
		return nil, &respond.Refusal{Status: http.StatusConflict, Code: "no-depot", Message: "this sandbox has no registry of certificates", Rule: "iam-11-jwks"}
	}
	keys, err := publicJWKS(respond.Body(c.r))
	if err != nil {
		return nil, err
	}
	for i, k := range keys {
		if k.KeyID == "" {
			keys[i].KeyID = thumbprint(k)
			r.warnf("a key has no kid: %s was given to it", keys[i].KeyID)
		}
		if k.Use == "" {
			r.warnf("key %s has no use: Keycloak skips such keys for signatures", keys[i].KeyID)
		}
	}
	if err := s.cfg.Depot.Register(c.ctx, typ, identifier, c.r.URL.Query().Get("applicationIdentifier"), keys); err != nil {
		return nil, badBody(err.Error(), "", "public keys with use sig or enc")
	}
	return map[string]any{"type": typ, "identifier": identifier, "keys": jose.JSONWebKeySet{Keys: keys}.Keys, "warnings": r.Warnings}, nil
}

// publicJWKS reads a key set without private halves.
func publicJWKS(raw []byte) ([]jose.JSONWebKey, error) {
	keys, err := parseJWKS(raw)
	if err != nil || len(keys) == 0 {
		return nil, badBody("the body is no JWK set with a usable key", "", `{"keys":[{"kty":"RSA","use":"sig",…}]}`)
	}
	for _, k := range keys {
		if !k.IsPublic() {
			return nil, badBody("key "+quote(k.KeyID)+" holds a private or secret key", "a private key", "the public half only")
		}
	}
	return keys, nil
}
