// Package bearer is what resource servers know of a verified access token. The
// IAM emulation verifies; pseudonymisation, UHMEP, PSS and terminology decide
// by audience, scope and role.
package bearer

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Token is an access token whose signature, issuer and life were checked.
type Token struct {
	Raw      string // as sent
	Realm    string // "healthcare" or "M2M"
	Issuer   string
	Subject  string
	Client   string // azp: the client the token was issued to
	ID       string // jti
	Session  string // sid, "" for service accounts
	Audience []string
	Scopes   []string
	Roles    map[string][]string // resource_access: client → roles
	SSIN     string              // "" for organisations and exchanged patient tokens
	Persona  string              // name of the persona, "" for service accounts
	Profile  map[string]any      // userProfile
	Expires  time.Time
	Claims   map[string]any
}

// HasRole tells whether the token has a role of a resource client.
func (t *Token) HasRole(client, role string) bool { return slices.Contains(t.Roles[client], role) }

// HasAnyRole tells whether the token has one of the roles of a resource client.
func (t *Token) HasAnyRole(client string, roles ...string) bool {
	return slices.ContainsFunc(roles, func(role string) bool { return t.HasRole(client, role) })
}

// HasScope tells whether the scope string names the scope.
func (t *Token) HasScope(scope string) bool { return slices.Contains(t.Scopes, scope) }

// HasAudience tells whether aud names one of the audiences.
func (t *Token) HasAudience(any ...string) bool {
	return slices.ContainsFunc(any, func(a string) bool { return slices.Contains(t.Audience, a) })
}

// PseudoRights says by which scope or role the token may pseudonymise, or "":
// such a token must never reach UHMEP or PSS (Integration Guide 8.2).
func (t *Token) PseudoRights() string {
	for _, s := range []string{"pseudo:api:pseudonymize", "pseudo:api:identify", "nihdi:uhmep:pseudo"} {
		if t.HasScope(s) {
			return "scope " + s
		}
	}
	for _, r := range []string{"pseudonymize", "identify", "convert"} {
		if t.HasRole("ehealth-pseudo-api", r) {
			return "role " + r + " of ehealth-pseudo-api"
		}
	}
	if t.HasRole("nihdi-uhmep-api", "pseudo") {
		return "role pseudo of nihdi-uhmep-api"
	}
	return ""
}

// Discipline is one discipline of the professional in userProfile.
type Discipline struct {
	Key        string // lower case: physician, nurse, midwife, …
	NIHII      string // 11 digits, "" for those without a number
	Recognised bool
}

// disciplineKeys in the order in which official components look for them.
var disciplineKeys = [...]string{"physician", "pharmacist", "dentist", "nurse", "midwife", "head", "administrative", "physiotherapist"}

// Disciplines reads the disciplines of userProfile in that order.
func (t *Token) Disciplines() []Discipline {
	var out []Discipline
	for _, key := range disciplineKeys {
		d, ok := t.Profile[key].(map[string]any)
		if !ok {
			continue
		}
		n, _ := d["nihii11"].(string)
		rec, isBool := d["recognised"].(bool)
		out = append(out, Discipline{Key: key, NIHII: n, Recognised: rec || !isBool})
	}
	return out
}

// Organisation is the organisation of an M2M token, from
// userProfile.organizations.
type Organisation struct {
	Key   string // token key: hospital, groupofnurses, …
	NIHII string // 11 digits
	Name  string
}

// Organisation returns the token's organisation; false for people.
func (t *Token) Organisation() (Organisation, bool) {
	list, _ := t.Profile["organizations"].([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		for key, v := range m {
			d, _ := v.(map[string]any)
			n, _ := d["nihii"].(string)
			name, _ := d["name"].(string)
			return Organisation{Key: key, NIHII: n, Name: name}, true
		}
	}
	return Organisation{}, false
}

// Kinds of Problem.
const (
	Missing   = "missing"   // no Authorization header, or an empty token
	Scheme    = "scheme"    // another scheme than Bearer
	Malformed = "malformed" // not a JWT of ours
	Signature = "signature" // wrong key, wrong algorithm, changed content
	Issuer    = "issuer"    // not a realm of this sandbox
	Expired   = "expired"
	NotYet    = "not-yet"  // nbf or iat in the future
	Tenant    = "tenant"   // made by another tenant of this sandbox
	Inactive  = "inactive" // session ended, persona or client disabled
	TokenType = "type"     // an ID or refresh token
)

// Problem says why a token was not accepted.
type Problem struct {
	Kind      string
	Got, Want string
	Hint      string
}

// Error implements error.
func (p *Problem) Error() string {
	return fmt.Sprintf("access token %s: got %q, want %q", p.Kind, p.Got, p.Want)
}

// Verifier checks the bearer token of a request for the request's tenant. Its
// error is a *Problem when the client is to blame. It notes the decoded token,
// the client and the persona in the journal.
type Verifier interface {
	Verify(r *http.Request) (*Token, error)
}

// FromHeader takes the token out of the Authorization header.
func FromHeader(r *http.Request) (string, *Problem) {
	h := r.Header.Get("Authorization")
	if h == "" {
		return "", &Problem{Kind: Missing, Want: "Authorization: Bearer <access token>", Hint: "send the access token in the Authorization header"}
	}
	scheme, token, _ := strings.Cut(h, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", &Problem{Kind: Scheme, Got: scheme, Want: "Bearer"}
	}
	if token = strings.TrimSpace(token); token == "" {
		return "", &Problem{Kind: Missing, Got: "Bearer without a token", Want: "Bearer <access token>"}
	}
	return token, nil
}
