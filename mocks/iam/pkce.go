package iam

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// unreserved tells whether s is a verifier or challenge of 43 to 128
// unreserved characters (RFC 7636 section 4).
func unreserved(s string) bool {
	if len(s) < 43 || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		switch b := s[i]; {
		case b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z', b >= '0' && b <= '9', b == '-', b == '.', b == '_', b == '~':
		default:
			return false
		}
	}
	return true
}

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// checkPKCE compares the verifier with the challenge of the authorization
// request. A verifier without a challenge is refused too, so that leaving the
// challenge out of a redirected request (downgrade) is noticed.
func checkPKCE(verifier, challenge, method string) *respond.Refusal {
	switch {
	case challenge == "" && verifier == "":
		return nil
	case challenge == "":
		return because(badGrant("iam-6.5-pkce-unexpected", "PKCE code verifier specified but challenge not present in authorization"),
			"a code_verifier", "no code_verifier, or a code_challenge in the authorization request", "")
	case verifier == "":
		return because(badGrant("iam-6.5-pkce-absent", "PKCE code verifier not specified"), "no code_verifier", "the verifier of the code_challenge", "")
	case !unreserved(verifier):
		return because(badGrant("iam-6.5-pkce-form", "PKCE verification failed: Invalid code verifier"),
			quote(verifier), "43 to 128 characters of A-Z a-z 0-9 - . _ ~", "")
	}
	computed := verifier
	if method == "S256" {
		computed = challengeOf(verifier)
	}
	if subtle.ConstantTimeCompare([]byte(computed), []byte(challenge)) != 1 {
		return because(badGrant("iam-6.5-pkce-mismatch", "PKCE verification failed: Code mismatch"),
			"challenge "+quote(computed)+" computed", quote(challenge)+" with method "+method,
			"S256 is base64url without padding of the SHA-256 of the verifier's ASCII bytes")
	}
	return nil
}
