package iam

import (
	"crypto"
	"encoding/base64"

	jose "github.com/go-jose/go-jose/v4"
)

// decodeSegment reads one part of a compact JWS, nil when it is not base64url.
func decodeSegment(s string) []byte {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return raw
}

// thumbprint is the RFC 7638 name of a key.
func thumbprint(k jose.JSONWebKey) string {
	sum, err := k.Thumbprint(crypto.SHA256)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(sum)
}
