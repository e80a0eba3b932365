package iam

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"slices"
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

// matching are the keys that may have made a signature with this header, and
// why the others may not.
func matching(all []jose.JSONWebKey, header joseHeader, strict bool) (keys []jose.JSONWebKey, problems []string) {
	for _, key := range all {
		if header.Kid != "" && key.KeyID != header.Kid {
			problems = append(problems, "kid "+quote(key.KeyID)+" is not "+quote(header.Kid))
			continue
		}
		if ok, why := usable(key, header.Alg, strict); !ok {
			problems = append(problems, why)
			continue
		}
		keys = append(keys, key)
	}
	return keys, problems
}

// verifiesWith tells whether one of the keys made the signature, with exactly
// this algorithm.
func verifiesWith(raw, alg string, keys []jose.JSONWebKey) bool {
	sig, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		return false
	}
	return slices.ContainsFunc(keys, func(key jose.JSONWebKey) bool {
		_, err := sig.Verify(key.Key)
		return err == nil && saltFits(raw, alg, key.Key)
	})
}

// saltFits checks what go-jose leaves open: the salt of a PSS signature is as
// long as the hash (RFC 7518 section 3.5).
func saltFits(raw, alg string, key any) bool {
	public, ok := key.(*rsa.PublicKey)
	if !ok || !strings.HasPrefix(alg, "PS") {
		return true
	}
	cut := strings.LastIndexByte(raw, '.')
	hash := map[string]crypto.Hash{"PS256": crypto.SHA256, "PS384": crypto.SHA384, "PS512": crypto.SHA512}[alg]
	h := hash.New()
	h.Write([]byte(raw[:cut]))
	return rsa.VerifyPSS(public, hash, h.Sum(nil), decodeSegment(raw[cut+1:]), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
}

// minRSA is the least size of an RSA key in bits (RFC 7518 section 3.3).
const minRSA = 2048

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
	switch k := key.Key.(type) {
	case *rsa.PublicKey:
		ok = strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
		if bits := k.N.BitLen(); ok && bits < minRSA {
			return false, fmt.Sprintf("key %s has %d bits; RFC 7518 asks for %d", quote(key.KeyID), bits, minRSA)
		}
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
