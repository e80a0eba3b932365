package iam

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// Values of the claim typ.
const (
	typBearer   = "Bearer"
	typID       = "ID"
	typRefresh  = "Refresh"
	typIdentity = "Serialized-ID" // the cookie KEYCLOAK_IDENTITY
)

// maxToken bounds what is parsed at all.
const maxToken = 64 << 10

// audience takes both JSON forms of aud.
type audience []string

func (a *audience) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*a = audience{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(raw, &many); err != nil {
		return errors.New("aud is neither a string nor a list of strings")
	}
	*a = many
	return nil
}

// tokenClaims are the claims this service itself looks at.
type tokenClaims struct {
	Exp      int64    `json:"exp"`
	Iat      int64    `json:"iat"`
	Nbf      int64    `json:"nbf"`
	AuthTime int64    `json:"auth_time"`
	Jti      string   `json:"jti"`
	Iss      string   `json:"iss"`
	Aud      audience `json:"aud"`
	Sub      string   `json:"sub"`
	Typ      string   `json:"typ"`
	Azp      string   `json:"azp"`
	Sid      string   `json:"sid"`
	Acr      string   `json:"acr"`
	Scope    string   `json:"scope"`
	Family   string   `json:"reuse_id"`

	ResourceAccess map[string]struct {
		Roles []string `json:"roles"`
	} `json:"resource_access"`

	raw []byte          // the payload as signed
	key string          // id of the realm key that signed it
	by  *rsa.PrivateKey // that key
}

// all decodes the whole payload.
func (c *tokenClaims) all() map[string]any {
	m := map[string]any{}
	_ = json.Unmarshal(c.raw, &m) // it was decoded once already
	return m
}

// sign makes a JWT of kind access or ID with the realm's active key.
func (s *Service) sign(t *tenant.Tenant, realm string, claims object) (string, error) {
	state, err := s.realmKeys(t, realm)
	if err != nil {
		return "", err
	}
	active := state.active()
	key, err := s.ring.private(active)
	if err != nil {
		return "", err
	}
	return compact(jose.RS256, key, kidOf(t.Name, active.ID), claims)
}

// signSecret makes a refresh token or an identity cookie (HS512).
func (s *Service) signSecret(t *tenant.Tenant, realm string, claims object) (string, error) {
	return compact(jose.HS512, s.ring.secret(t.Name, realm), kidOf(t.Name, realm+"-hs512"+s.ring.tag), claims)
}

func compact(alg jose.SignatureAlgorithm, key any, kid string, claims object) (string, error) {
	payload, err := claims.encode()
	if err != nil {
		return "", fmt.Errorf("encode claims: %w", err)
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: alg, Key: key},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", kid))
	if err != nil {
		return "", fmt.Errorf("make signer: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed.CompactSerialize()
}

// verifyAccess checks signature, realm and type of an access token, and its
// times with the given leeway. It does not look at sessions.
func (s *Service) verifyAccess(t *tenant.Tenant, realm, raw string, leeway time.Duration) (*tokenClaims, *bearer.Problem) {
	claims, problem := s.verifySigned(t, realm, raw)
	if problem != nil {
		return nil, problem
	}
	return s.checkAccess(t, claims, leeway)
}

func (s *Service) checkAccess(t *tenant.Tenant, claims *tokenClaims, leeway time.Duration) (*tokenClaims, *bearer.Problem) {
	if claims.Typ != typBearer {
		return nil, &bearer.Problem{Kind: bearer.TokenType, Got: "typ " + claims.Typ, Want: "typ " + typBearer,
			Hint: "this is not an access token; send access_token, not id_token"}
	}
	if p := checkTimes(claims, t.Clock.Now(), leeway); p != nil {
		return nil, p
	}
	return claims, nil
}

// verifySigned checks an RS256 token of the realm: algorithm, key, tenant,
// signature, issuer.
func (s *Service) verifySigned(t *tenant.Tenant, realm, raw string) (*tokenClaims, *bearer.Problem) {
	sig, problem := parseJWS(raw, jose.RS256)
	if problem != nil {
		return nil, problem
	}
	kid := sig.Signatures[0].Protected.KeyID
	state, err := s.realmKeys(t, realm)
	if err != nil {
		return nil, &bearer.Problem{Kind: bearer.Signature, Got: err.Error(), Want: "readable realm keys"}
	}
	owner, id, ok := splitKid(kid)
	switch {
	case !ok:
		return nil, &bearer.Problem{Kind: bearer.Signature, Got: "kid " + quote(kid), Want: "a key of this sandbox: kid " + kidOf(t.Name, state.active().ID),
			Hint: "the token was not issued by this sandbox; a token of a real environment is never valid here"}
	case owner != t.Name:
		return nil, &bearer.Problem{Kind: bearer.Tenant, Got: "a token of tenant " + owner, Want: "a token of tenant " + t.Name,
			Hint: "tenants do not share tokens: get the token with the same X-Sandbox-Tenant header or /t/ prefix"}
	}
	key, ok := state.find(id)
	if !ok || key.Status == keyDisabled {
		return nil, &bearer.Problem{Kind: bearer.Signature, Got: "kid " + quote(kid), Want: "a published key of realm " + realm,
			Hint: unknownKeyHint(ok, id, realm)}
	}
	private, err := s.ring.private(key)
	if err != nil {
		return nil, &bearer.Problem{Kind: bearer.Signature, Got: err.Error(), Want: "readable realm keys"}
	}
	payload, err := sig.Verify(&private.PublicKey)
	if err != nil {
		return nil, &bearer.Problem{Kind: bearer.Signature, Got: "a signature that does not fit kid " + quote(kid), Want: "the signature of realm " + realm,
			Hint: "header or payload were changed after signing, or the token was cut off"}
	}
	claims, problem := decodeClaims(payload, realm)
	if problem == nil {
		claims.key, claims.by = key.ID, private
	}
	return claims, problem
}

func unknownKeyHint(known bool, id, realm string) string {
	if known {
		return "the realm key was rotated away: get a new token and fetch the JWKS again"
	}
	for _, other := range []string{Healthcare, M2M} {
		if other != realm && strings.HasPrefix(id, other+"-") {
			return "the token belongs to realm " + other + ", not to " + realm
		}
	}
	return "the sandbox was restarted or reset with other keys: get a new token"
}

// verifySecret checks a refresh token or identity cookie.
func (s *Service) verifySecret(t *tenant.Tenant, realm, raw, typ string) (*tokenClaims, *bearer.Problem) {
	sig, problem := parseJWS(raw, jose.HS512)
	if problem != nil {
		return nil, problem
	}
	kid := sig.Signatures[0].Protected.KeyID
	if owner, _, ok := splitKid(kid); ok && owner != t.Name {
		return nil, &bearer.Problem{Kind: bearer.Tenant, Got: "a token of tenant " + owner, Want: "a token of tenant " + t.Name}
	}
	payload, err := sig.Verify(s.ring.secret(t.Name, realm))
	if err != nil {
		return nil, &bearer.Problem{Kind: bearer.Signature, Got: "a signature that does not fit", Want: "a token made by realm " + realm}
	}
	claims, problem := decodeClaims(payload, realm)
	if problem == nil && claims.Typ != typ {
		return nil, &bearer.Problem{Kind: bearer.TokenType, Got: "typ " + quote(claims.Typ), Want: "typ " + typ}
	}
	return claims, problem
}

// parseJWS reads a compact JWS with exactly the one algorithm.
func parseJWS(raw string, alg jose.SignatureAlgorithm) (*jose.JSONWebSignature, *bearer.Problem) {
	if len(raw) > maxToken {
		return nil, &bearer.Problem{Kind: bearer.Malformed, Got: fmt.Sprintf("%d bytes", len(raw)), Want: fmt.Sprintf("at most %d", maxToken)}
	}
	sig, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{alg})
	if err != nil || len(sig.Signatures) != 1 {
		return nil, &bearer.Problem{Kind: bearer.Malformed, Got: describeJWT(raw), Want: "a JWT signed with " + string(alg),
			Hint: "send the token as it was received: three parts, dots between, nothing around"}
	}
	if sig.Signatures[0].Protected.JSONWebKey != nil {
		return nil, &bearer.Problem{Kind: bearer.Malformed, Got: "a header with an embedded jwk", Want: "a header with a kid"}
	}
	return sig, nil
}

// decodeClaims reads the payload and checks that the issuer is the realm, under
// whatever origin this sandbox was reached when the token was made.
func decodeClaims(payload []byte, realm string) (*tokenClaims, *bearer.Problem) {
	claims := &tokenClaims{raw: payload}
	if err := json.Unmarshal(payload, claims); err != nil {
		return nil, &bearer.Problem{Kind: bearer.Malformed, Got: err.Error(), Want: "a JSON object of claims"}
	}
	if !strings.HasSuffix(claims.Iss, "/auth/realms/"+realm) {
		return nil, &bearer.Problem{Kind: bearer.Issuer, Got: claims.Iss, Want: "…/auth/realms/" + realm,
			Hint: "the token belongs to another realm"}
	}
	return claims, nil
}

func checkTimes(c *tokenClaims, now time.Time, leeway time.Duration) *bearer.Problem {
	at := now.Unix()
	slack := int64(leeway / time.Second)
	switch {
	case c.Exp+slack <= at:
		return &bearer.Problem{Kind: bearer.Expired, Got: "exp " + instant(c.Exp), Want: "later than " + instant(at),
			Hint: "refresh the token; the sandbox's clock is in the Date header"}
	case c.Nbf > at+slack:
		return &bearer.Problem{Kind: bearer.NotYet, Got: "nbf " + instant(c.Nbf), Want: "not later than " + instant(at)}
	}
	return nil
}

func instant(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

func quote(s string) string {
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return fmt.Sprintf("%q", s)
}

// describeJWT says in a few words what a text is that should be a JWT.
func describeJWT(raw string) string {
	parts := strings.Split(raw, ".")
	if raw == "" {
		return "nothing"
	}
	if len(parts) == 5 {
		return "an encrypted token (JWE)"
	}
	if len(parts) != 3 {
		return fmt.Sprintf("%d characters in %d part(s)", len(raw), len(parts))
	}
	var header struct {
		Alg string `json:"alg"`
	}
	if json.Unmarshal(decodeSegment(parts[0]), &header) != nil {
		return "a token whose header is not JSON in base64url"
	}
	return "a token with alg " + quote(header.Alg)
}

// unmarshalClaims decodes the payload into a caller's own shape.
func unmarshalClaims(c *tokenClaims, v any) error { return json.Unmarshal(c.raw, v) }
