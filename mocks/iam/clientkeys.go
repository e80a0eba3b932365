package iam

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"strings"

	jose "github.com/go-jose/go-jose/v4"
)

// clientKeys collects the public keys that may have signed an assertion of
// the client. again asks external documents to be downloaded anew; keys
// registered with the sandbox itself are always current.
func (s *Service) clientKeys(c *call, client *Client, again bool) (keys []jose.JSONWebKey, problems []string) {
	cr := client.Credentials
	if len(cr.JWKS) > 0 {
		inline, err := parseJWKS(cr.JWKS)
		if err != nil {
			problems = append(problems, err.Error())
		}
		keys = append(keys, inline...)
	}
	if cr.JWKSURL != "" {
		remote, err := s.remotes.Get(c.t).get(c.ctx, s.cfg.HTTP, cr.JWKSURL, c.now, again)
		if err != nil {
			problems = append(problems, err.Error())
		}
		keys = append(keys, remote...)
	}
	if ref := cr.Certificate; ref != nil {
		found, err := s.ownerKeys(c, ref.Type, ref.Identifier, ref.ApplicationID, ref.Use)
		if err != nil {
			problems = append(problems, err.Error())
		}
		keys = append(keys, found...)
	}
	if ref := cr.KeyDepot; ref != nil {
		found, err := s.ownerKeys(c, ref.Type, ref.Value, "", ref.Use)
		if err != nil {
			problems = append(problems, err.Error())
		}
		keys = append(keys, found...)
	}
	return keys, problems
}

// ownerKeys are the seeded and registered keys of one certificate owner.
func (s *Service) ownerKeys(c *call, typ, identifier, applicationID, use string) ([]jose.JSONWebKey, error) {
	if use == "" {
		use = "sig"
	}
	keys := s.SeedKeys(typ, identifier, applicationID, use)
	if s.cfg.Depot != nil {
		registered, err := s.cfg.Depot.Keys(c.ctx, typ, identifier, applicationID, use)
		if err != nil {
			return keys, fmt.Errorf("read keys of %s=%s: %w", typ, identifier, err)
		}
		keys = append(keys, registered...)
	}
	return keys, nil
}

// SeedKeys are the public keys of the seeded certificates of one owner, for
// the JWKS of eHealth certificates. applicationID and use filter when given.
func (s *Service) SeedKeys(typ, identifier, applicationID, use string) []jose.JSONWebKey {
	var out []jose.JSONWebKey
	for _, cert := range s.certs {
		if cert.Type != typ || cert.Identifier != identifier ||
			(applicationID != "" && cert.ApplicationID != applicationID) || (use != "" && cert.Use != use) {
			continue
		}
		if key, err := s.seedKey(cert); err == nil { // the files were read at start
			out = append(out, key)
		}
	}
	return out
}

func (s *Service) seedKey(cert SeedCertificate) (jose.JSONWebKey, error) {
	private, err := s.ring.file("iam/" + cert.Key)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	id := cert.Kid
	if v, ok := s.ring.certs.Load(id); ok {
		return v.(jose.JSONWebKey), nil
	}
	x509Cert, err := selfSigned(ownerSubject(cert.Type, cert.Identifier, cert.ApplicationID), id, private,
		certNotBefore(), certNotBefore().AddDate(10, 0, 0))
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	alg := "RS256"
	if cert.Use == "enc" {
		alg = "RSA-OAEP-256"
	}
	key := certifiedJWK(cert.Kid, cert.Use, alg, x509Cert)
	s.ring.certs.Store(id, key)
	return key, nil
}

// usable tells whether a key may check a signature made with alg, and why not.
func usable(key jose.JSONWebKey, alg string, strict bool) (ok bool, remark string) {
	switch {
	case key.Use == "enc":
		return false, "key " + quote(key.KeyID) + " has use enc"
	case key.Use == "" && strict:
		return false, "key " + quote(key.KeyID) + " has no use; Keycloak skips it"
	case key.Algorithm != "" && key.Algorithm != alg:
		return false, "key " + quote(key.KeyID) + " is for alg " + key.Algorithm
	}
	switch key.Key.(type) {
	case *rsa.PublicKey:
		ok = strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		ok = strings.HasPrefix(alg, "ES")
	}
	if !ok {
		return false, "key " + quote(key.KeyID) + " does not fit alg " + alg
	}
	if key.Use == "" {
		return true, "key " + quote(key.KeyID) + " has no use: Keycloak skips such keys"
	}
	return true, ""
}
