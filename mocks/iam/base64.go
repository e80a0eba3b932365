package iam

import "encoding/base64"

// decodeSegment reads one part of a compact JWS, nil when it is not base64url.
func decodeSegment(s string) []byte {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return raw
}
