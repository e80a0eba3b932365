package iam

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// assertionType is the only value of client_assertion_type (RFC 7523).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

const badCredentials = "Invalid client or Invalid client credentials"

// authenticate finds out which client calls and whether it is that client. A
// public client only names itself; a confidential one signs or, by local
// convenience, sends a secret.
func (s *Service) authenticate(c *call) (*Client, error) {
	hasType, hasAssertion := c.form.Has("client_assertion_type"), c.form.Has("client_assertion")
	switch typ := c.form.Get("client_assertion_type"); {
	case hasAssertion && !hasType:
		return nil, because(refuse(http.StatusBadRequest, "invalid_client", "Parameter client_assertion_type is missing", "iam-6.4-type"),
			"no client_assertion_type", assertionType, "")
	case hasType && typ != assertionType:
		return nil, because(refuse(http.StatusBadRequest, "invalid_client",
			"Parameter client_assertion_type has value '"+typ+"' but expected is '"+assertionType+"'", "iam-6.4-type"), typ, assertionType, "")
	case hasType && !hasAssertion:
		return nil, because(refuse(http.StatusBadRequest, "invalid_client", "client_assertion parameter missing", "iam-6.4-assertion"),
			"no client_assertion", "a signed JWT", "")
	case hasAssertion:
		return s.authenticateJWT(c)
	}
	id, secret, basic := basicCredentials(c.r)
	if !basic {
		id, secret = c.form.Get("client_id"), c.form.Get("client_secret")
	}
	client, err := s.lookup(c.t, c.realm, id)
	if err != nil {
		return nil, err
	}
	if client == nil || client.Flags.Disabled || client.resource() {
		return nil, s.unknownClient(c, client, id)
	}
	c.identify(client)
	if client.public() {
		c.check("iam-6.4-client", "public client "+id, "a registered client")
		return client, nil
	}
	want := client.Credentials.ClientSecret
	if secret == "" || subtle.ConstantTimeCompare([]byte(secret), []byte(want)) != 1 {
		f := refuse(http.StatusUnauthorized, "unauthorized_client", badCredentials, "iam-6.4-secret")
		f.Want = "a client_assertion signed with the client's key"
		switch {
		case secret == "":
			f.Got, f.Hint = "no client_assertion and no secret", "client "+id+" is confidential: send client_assertion_type and client_assertion"
		case want == "":
			f.Got, f.Hint = "a client secret", "client "+id+" has no secret: it is registered with keys"
		default:
			f.Got = "a wrong client secret"
		}
		return nil, f
	}
	c.warn("iam-6.4-secret", "a client secret was accepted: the real service takes signed JWTs only")
	return client, nil
}

// unknownClient is the answer for clients that are absent, unknown, disabled
// or take part in no flow.
func (s *Service) unknownClient(c *call, client *Client, id string) *respond.Refusal {
	f := refuse(http.StatusUnauthorized, "invalid_client", badCredentials, "iam-6.4-client")
	f.Want = "a client registered in realm " + c.realm
	switch {
	case client == nil:
		f.Got, f.Hint = "client_id "+quote(id), s.nearMiss(c.t, c.realm, id)
	case client.Flags.Disabled:
		f.Got = "client " + id + ", which is disabled"
	default:
		f.Got = "client " + id + ", which only owns roles"
	}
	return f
}

// basicCredentials reads client_secret_basic; both halves are form-encoded
// (RFC 6749 section 2.3.1).
func basicCredentials(r *http.Request) (id, secret string, ok bool) {
	user, pass, ok := r.BasicAuth()
	if !ok {
		return "", "", false
	}
	if u, err := url.QueryUnescape(user); err == nil {
		user = u
	}
	if p, err := url.QueryUnescape(pass); err == nil {
		pass = p
	}
	return user, pass, true
}

func (s *Service) authenticateJWT(c *call) (*Client, error) {
	x := s.examine(c, c.form.Get("client_assertion"), c.form.Get("client_id"), false)
	if x.client != nil && !x.client.Flags.Disabled {
		c.identify(x.client)
	}
	for _, f := range x.findings {
		switch {
		case f.Warning != "":
			c.warn(f.Rule, f.Warning)
		case f.OK:
			c.check(f.Rule, f.Got, f.Want)
		}
	}
	if x.refusal != nil {
		return nil, x.refusal
	}
	return x.client, nil
}

// firstWord is the part before the first blank.
func firstWord(s string) string {
	w, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return w
}
