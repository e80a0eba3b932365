package iam

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

const (
	assertionLeeway  = 15   // seconds Keycloak allows for clocks
	assertionMaxAge  = 60   // seconds between iat, or now, and use
	assertionLenient = 3600 // what the lenient mode still takes
)

// assertionAlgs are the only algorithms of client assertions; HMAC is not
// among them, so a public key can never serve as a shared secret.
func assertionAlgs() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
}

// finding is the outcome of one row of the table of client authentication.
type finding struct {
	Rule    string `json:"rule"`
	OK      bool   `json:"ok"`
	Got     string `json:"got,omitempty"`
	Want    string `json:"want,omitempty"`
	Hint    string `json:"hint,omitempty"`
	Warning string `json:"warning,omitempty"`
	Error   string `json:"error_description,omitempty"` // what the token endpoint would say
}

// exam is one client assertion under examination.
type exam struct {
	s        *Service
	c        *call
	client   *Client
	all      bool // go on after a failure and change nothing
	raw      string
	header   joseHeader
	claims   assertionClaims
	findings []finding
	refusal  *respond.Refusal
}

type joseHeader struct {
	Alg  string          `json:"alg"`
	Kid  string          `json:"kid"`
	Jwk  json.RawMessage `json:"jwk"`
	Jku  string          `json:"jku"`
	X5c  json.RawMessage `json:"x5c"`
	X5u  string          `json:"x5u"`
	Crit json.RawMessage `json:"crit"`
}

type assertionClaims struct {
	Iss string     `json:"iss"`
	Sub string     `json:"sub"`
	Aud audience   `json:"aud"`
	Exp *seconds64 `json:"exp"`
	Iat *seconds64 `json:"iat"`
	Nbf *seconds64 `json:"nbf"`
	Jti string     `json:"jti"`
}

// seconds64 takes NumericDate with or without a fraction.
type seconds64 int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *seconds64) UnmarshalJSON(raw []byte) error {
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || f > 1e12 || f < -1e12 {
		return fmt.Errorf("%s is not a number of seconds", raw)
	}
	*n = seconds64(f)
	return nil
}

// examine runs the rows of the table. With all set it does not stop at the
// first failure and does not use up the jti.
func (s *Service) examine(c *call, raw, clientID string, all bool) *exam {
	x := &exam{s: s, c: c, raw: raw, all: all}
	steps := []func() bool{
		x.readable,
		func() bool { return x.subject(clientID) },
		x.algorithm, x.signature, x.audience, x.expiry, x.issued, x.unique,
	}
	for i, step := range steps {
		ok := step()
		if !ok && (!all || i == 0) {
			break
		}
	}
	return x
}

func (x *exam) pass(rule, got, want string) bool {
	x.findings = append(x.findings, finding{Rule: rule, OK: true, Got: got, Want: want})
	return true
}

func (x *exam) warn(rule, text string) {
	x.findings = append(x.findings, finding{Rule: rule, OK: true, Warning: text})
}

// fail notes a failed row; the first one is the answer of the token endpoint.
func (x *exam) fail(status int, rule, description, got, want, hint string) bool {
	x.findings = append(x.findings, finding{Rule: rule, Got: got, Want: want, Hint: hint, Error: description})
	if x.refusal == nil {
		x.refusal = because(refuse(status, "invalid_client", description, rule), got, want, hint)
	}
	return false
}

func (x *exam) bad(rule, description, got, want, hint string) bool {
	return x.fail(http.StatusBadRequest, rule, description, got, want, hint)
}

func (x *exam) readable() bool {
	const rule = "iam-6.4-jwt"
	parts := strings.Split(x.raw, ".")
	if len(x.raw) > maxToken || len(parts) != 3 {
		return x.bad(rule, "Client authentication with signed JWT failed: Failed to parse JWT", describeJWT(x.raw), "a JWT of three parts", "")
	}
	if err := json.Unmarshal(decodeSegment(parts[0]), &x.header); err != nil {
		return x.bad(rule, "Client authentication with signed JWT failed: Failed to parse JWT", "header: "+err.Error(), "a JSON object in base64url", "")
	}
	if err := json.Unmarshal(decodeSegment(parts[1]), &x.claims); err != nil {
		return x.bad(rule, "Client authentication with signed JWT failed: Failed to parse JWT", "payload: "+err.Error(), "a JSON object in base64url", "")
	}
	return x.pass(rule, "alg "+x.header.Alg+", kid "+quote(x.header.Kid), "a JWT of three parts")
}

func (x *exam) subject(clientID string) bool {
	sub := x.claims.Sub
	if sub == "" {
		return x.bad("iam-6.4-sub", "Token sub claim is required", "no sub", "sub = client_id", "")
	}
	if clientID != "" && clientID != sub {
		return x.bad("iam-6.4-client-id", "client_id parameter does not match sub claim", "client_id "+quote(clientID), "sub "+quote(sub), "")
	}
	client, err := x.s.lookup(x.c.t, x.c.realm, sub)
	if err != nil || client == nil || client.Flags.Disabled || client.resource() {
		f := x.s.unknownClient(x.c, client, sub)
		return x.fail(f.Status, f.Rule, f.Message, f.Got, f.Want, f.Hint)
	}
	x.client = client
	if x.claims.Iss != sub {
		return x.fail(http.StatusUnauthorized, "iam-6.4-iss", badCredentials, "iss "+quote(x.claims.Iss), "iss = sub = "+quote(sub),
			"iss and sub are both the client_id (RFC 7523 section 3)")
	}
	return x.pass("iam-6.4-client", "client "+sub, "a client registered in realm "+x.c.realm)
}

func (x *exam) algorithm() bool {
	const rule = "iam-6.4-alg"
	if !slices.Contains(assertionAlgs(), x.header.Alg) {
		return x.bad(rule, "Invalid signature algorithm", "alg "+quote(x.header.Alg), strings.Join(assertionAlgs(), " "),
			"sign with the private key of the registered certificate")
	}
	if len(x.header.Jwk) > 0 || x.header.Jku != "" || len(x.header.X5c) > 0 || x.header.X5u != "" {
		x.warn(rule, "keys in the header (jwk, jku, x5c, x5u) are ignored: only registered keys count")
	}
	return x.pass(rule, "alg "+x.header.Alg, strings.Join(assertionAlgs(), " "))
}

func (x *exam) signature() bool {
	if x.client == nil {
		return false
	}
	candidates, remark := x.candidates(false)
	if len(candidates) == 0 {
		candidates, remark = x.candidates(true)
	}
	if len(candidates) == 0 {
		return x.bad("iam-6.4-key", "Unable to load public key", remark, "a registered key with use sig for alg "+x.header.Alg, keyHint(x.client))
	}
	ok := verifiesWith(x.raw, x.header.Alg, candidates)
	if !ok && x.header.Kid == "" { // the client may have a new key pair
		candidates, remark = x.candidates(true)
		ok = verifiesWith(x.raw, x.header.Alg, candidates)
	}
	if !ok {
		return x.bad("iam-6.4-signature", "Client authentication with signed JWT failed: Signature on JWT token failed validation",
			fmt.Sprintf("a signature that fits none of %d key(s)", len(candidates)), "a signature by a registered key", keyHint(x.client))
	}
	if remark != "" {
		x.warn("iam-6.4-key", remark)
	}
	return x.pass("iam-6.4-signature", "kid "+quote(x.header.Kid), "a signature by a registered key")
}

// candidates are the keys that may have made the signature.
func (x *exam) candidates(again bool) (keys []jose.JSONWebKey, remark string) {
	all, problems := x.s.clientKeys(x.c, x.client, again)
	if len(all) == 0 {
		problems = append(problems, "no key registered")
	}
	keys, remarks := matching(all, x.header, x.c.opt.strictAssertions())
	if len(keys) == 0 {
		return nil, strings.Join(append(problems, remarks...), "; ")
	}
	for _, key := range keys {
		if _, remark = usable(key, x.header.Alg, false); remark != "" {
			break
		}
	}
	return keys, remark
}

func keyHint(c *Client) string {
	if ref := c.Credentials.Certificate; ref != nil {
		return fmt.Sprintf("the client's keys are those of %s=%s: GET /etee/v1/pubKeys/cacerts/jwks?type=%s&identifier=%s&use=sig; register yours with PUT /_sandbox/iam/jwks/%s/%s",
			ref.Type, ref.Identifier, ref.Type, ref.Identifier, ref.Type, ref.Identifier)
	}
	return "check the keys in the client's registration: GET /_sandbox/iam/clients/" + c.Realm + "/" + c.ClientID
}

// officialBases are the real environments, whose realm URLs are hard-coded in
// some clients.
func officialBases() []string {
	return []string{"https://api-int.ehealth.fgov.be", "https://api-acpt.ehealth.fgov.be", "https://api.ehealth.fgov.be"}
}

// audiencesAt are the accepted values of aud under one base URL.
func audiencesAt(base, realm string) []string {
	issuer := base + "/auth/realms/" + realm
	token := issuer + "/protocol/openid-connect/token"
	return []string{issuer, token, token + "/introspect"}
}

func (x *exam) audience() bool {
	const rule = "iam-6.4-aud"
	aud := x.claims.Aud
	own := append(audiencesAt(x.c.base, x.c.realm), audiencesAt(origin.Dynamic(x.c.r), x.c.realm)...)
	official := slices.ContainsFunc(officialBases(), func(base string) bool {
		return slices.ContainsFunc(audiencesAt(base, x.c.realm), func(a string) bool { return slices.Contains(aud, a) })
	})
	switch {
	case slices.ContainsFunc(own, func(a string) bool { return slices.Contains(aud, a) }):
	case official && !x.c.opt.strictAssertions():
		x.warn(rule, "aud is "+strings.Join(aud, " ")+", a real environment: accepted here, but it must follow the environment you call")
	default:
		return x.bad(rule, "Invalid token audience", "aud "+quote(strings.Join(aud, " ")), own[0]+" or its token URL",
			audienceHint(aud, x.c.realm))
	}
	if len(aud) > 1 {
		return x.bad("iam-6.4-aud-single", "Multiple audiences not allowed", fmt.Sprintf("%d audiences", len(aud)), "one", "")
	}
	return x.pass(rule, "aud "+aud[0], own[0]+" or its token URL")
}

func audienceHint(aud []string, realm string) string {
	for _, a := range aud {
		switch {
		case strings.HasSuffix(a, "/"):
			return "no slash at the end"
		case strings.Contains(a, "/realms/") && !strings.Contains(a, "/realms/"+realm):
			return "the audience names another realm than the one called"
		case strings.Contains(a, "/auth/realms/"+realm):
			return "the origin differs from the one called: use the issuer of the discovery document"
		}
	}
	return "use the issuer of the discovery document"
}

func (x *exam) expiry() bool {
	const rule = "iam-6.4-exp"
	now := x.c.now.Unix()
	if x.claims.Exp == nil {
		return x.bad(rule, "Token exp claim is required", "no exp", "exp", "")
	}
	exp := int64(*x.claims.Exp)
	drift := "the sandbox's clock says " + instant(now) + "; compare the Date header with your clock"
	if exp+assertionLeeway <= now {
		return x.bad(rule, "Token is not active", "exp "+instant(exp), "later than "+instant(now), drift)
	}
	if x.claims.Nbf != nil && int64(*x.claims.Nbf)-assertionLeeway > now {
		return x.bad("iam-6.4-nbf", "Token is not active", "nbf "+instant(int64(*x.claims.Nbf)), "not later than "+instant(now), drift)
	}
	if far := exp - now; far > assertionMaxAge && x.claims.Iat == nil {
		got := "exp in " + strconv.FormatInt(far, 10) + " s and no iat"
		if x.c.opt.strictAssertions() || far > assertionLenient+assertionLeeway {
			return x.bad("iam-6.4-exp-far", "Token expiration is too far in the future and iat claim not present in token",
				got, "at most 60 s, or an iat", "add iat, or let the assertion live at most 60 s")
		}
		x.warn("iam-6.4-exp-far", got+": the strict mode, and perhaps the real service, refuses this")
	}
	return x.pass(rule, "exp "+instant(exp), "later than "+instant(now))
}

func (x *exam) issued() bool {
	if x.claims.Iat == nil {
		if !x.c.opt.strictAssertions() {
			x.warn("iam-6.4-iat", "the assertion has no iat")
		}
		return true
	}
	now, iat := x.c.now.Unix(), int64(*x.claims.Iat)
	drift := "the sandbox's clock says " + instant(now) + "; compare the Date header with your clock"
	if iat-assertionLeeway > now {
		return x.bad("iam-6.4-iat-future", "Token was issued in the future", "iat "+instant(iat), "not later than "+instant(now), drift)
	}
	if age := now - iat; age > assertionMaxAge {
		got := "iat " + strconv.FormatInt(age, 10) + " s ago"
		if x.c.opt.strictAssertions() || age > assertionLenient+assertionLeeway {
			return x.bad("iam-6.4-iat-old", "Token was issued too far in the past to be used now", got, "at most 60 s ago",
				"make a new assertion for each call")
		}
		x.warn("iam-6.4-iat-old", got+": the strict mode refuses this; make a new assertion for each call")
	}
	return x.pass("iam-6.4-iat", "iat "+instant(iat), "not in the future, at most 60 s ago")
}

// unique uses up the jti; only assertions that passed everything else do.
func (x *exam) unique() bool {
	const rule = "iam-6.4-jti"
	if x.claims.Jti == "" {
		return x.bad(rule, "Token jti claim is required", "no jti", "a jti that was never used", "")
	}
	if x.client == nil || x.claims.Exp == nil {
		return false
	}
	key, seen := jtiKey(x.client.ClientID, x.claims.Jti), false
	var err error
	if x.all {
		err = x.c.t.Store.View(func(r store.Reader) error {
			_, seen = r.Get(key)
			return nil
		})
	} else {
		// No assertion is accepted later than an hour after it was issued,
		// whatever its exp says: its jti need not be kept longer.
		until := time.Unix(min(int64(*x.claims.Exp)+assertionLeeway, x.c.now.Unix()+2*assertionLenient), 0)
		err = x.c.t.Store.Update(func(w store.Writer) error {
			if _, seen = w.Get(key); seen {
				return nil
			}
			return putUntil(w, x.c.now, key, true, until)
		})
	}
	if err != nil {
		return x.fail(http.StatusInternalServerError, rule, "unknown_error", err.Error(), "a store that can be written", "")
	}
	if seen {
		return x.bad("iam-6.4-replay", "Token reuse detected", "jti "+quote(x.claims.Jti), "a jti that was never used",
			"make a new assertion, with a new jti, for each call")
	}
	return x.pass(rule, "jti "+quote(x.claims.Jti), "a jti that was never used")
}
