package iam

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

// notForProduction stands in every certificate the sandbox makes.
const notForProduction = "sandbox, not-for-production"

func realmSubject(realm string) pkix.Name { return pkix.Name{CommonName: realm} }

// selfSigned certifies key with itself. The serial number follows from id, so
// that equal input gives equal bytes.
func selfSigned(subject pkix.Name, id string, key *rsa.PrivateKey, from, until time.Time) (*x509.Certificate, error) {
	sum := sha256.Sum256([]byte(id))
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(sum[:15]),
		Subject:      subject, Issuer: subject,
		NotBefore: from, NotAfter: until,
		KeyUsage:           x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		SignatureAlgorithm: x509.SHA256WithRSA,
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("create certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// certifiedJWK is the public half of a certificate's key with both thumbprints.
func certifiedJWK(kid, use, alg string, cert *x509.Certificate) jose.JSONWebKey {
	one := sha1.Sum(cert.Raw)
	two := sha256.Sum256(cert.Raw)
	return jose.JSONWebKey{
		Key: cert.PublicKey, KeyID: kid, Use: use, Algorithm: alg,
		Certificates:                []*x509.Certificate{cert},
		CertificateThumbprintSHA1:   one[:],
		CertificateThumbprintSHA256: two[:],
	}
}
