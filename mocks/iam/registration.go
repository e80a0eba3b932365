package iam

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
)

// review is what eHealth would answer to a registration form. Errors refuse
// it; warnings say what would be corrected or asked; corrections were made.
type review struct {
	Errors      []string `json:"errors,omitempty"`
	Warnings    []string `json:"warnings,omitempty"`
	Corrections []string `json:"corrections,omitempty"`
}

func (r *review) errorf(format string, a ...any) {
	r.Errors = append(r.Errors, fmt.Sprintf(format, a...))
}
func (r *review) warnf(format string, a ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, a...))
}
func (r *review) fixedf(format string, a ...any) {
	r.Corrections = append(r.Corrections, fmt.Sprintf(format, a...))
}

// review checks a registration and completes it in place: misprinted scopes
// are mapped, defaults filled in.
func (s *Service) review(c *Client) *review {
	r := &review{}
	if c.Realm != Healthcare && c.Realm != M2M {
		r.errorf("realm is %q: give %s or %s", c.Realm, Healthcare, M2M)
		return r
	}
	if c.ClientID == "" || strings.ContainsAny(c.ClientID, " /\t\r\n") || len(c.ClientID) > 200 {
		r.errorf("client_id is %q: give a name of 1 to 200 characters without blanks and slashes", c.ClientID)
	}
	s.reviewAccess(c, r)
	s.reviewScopes(c, r)
	reviewURIs(c, r)
	reviewCredentials(c, r)
	reviewForm(c, r)
	return r
}

func (s *Service) reviewAccess(c *Client, r *review) {
	switch c.AccessType {
	case accessPublic, accessConfidential, accessResource:
	case "":
		c.AccessType = accessPublic
		if c.Realm == M2M {
			c.AccessType = accessConfidential
		} else {
			r.warnf("access_type is missing: the healthcare form asks for public or confidential; taken as public")
		}
	default:
		r.errorf("access_type is %q: give public or confidential (resource for a client that only owns roles)", c.AccessType)
	}
	if c.Realm == M2M && c.public() {
		r.errorf("access_type public: clients of realm %s are always confidential", M2M)
	}
	if c.Realm == M2M && c.confidential() {
		c.Flags.ServiceAccount = true
	}
	if c.Realm == Healthcare && !c.resource() && !c.Flags.ServiceAccount {
		c.Flags.StandardFlow = true
	}
	for name, n := range map[string]int{"access": c.Flags.Lifetimes.Access, "refresh": c.Flags.Lifetimes.Refresh, "code": c.Flags.Lifetimes.Code} {
		if n < 0 || n > maxLifetime {
			r.errorf("flags.lifetimes.%s is %d: give seconds, at most %d", name, n, maxLifetime)
		}
	}
	if c.Realm == M2M && len(c.Flags.ExchangeTargets) > 0 {
		r.errorf("exchange_targets: token exchange does not exist in realm %s; request two tokens instead", M2M)
	}
}

func (s *Service) reviewScopes(c *Client, r *review) {
	for _, list := range []*[]string{&c.ScopesDefault, &c.ScopesOptional} {
		var out []string
		for _, entry := range *list {
			for _, word := range strings.FieldsFunc(entry, func(x rune) bool { return x == ';' || x == ',' || x == ' ' }) {
				if right, ok := s.misprint(word); ok {
					r.fixedf("scope %q is a misprint of the form: registered as %s", word, right)
					word = right
				}
				d, known := s.scope(word)
				switch {
				case !known:
					r.warnf("scope %q is unknown to this sandbox: it grants nothing here; did you mean %s?", word, nearest(word, s.scopeNames(c.Realm)))
				case !slices.Contains(d.Realms, c.Realm):
					r.errorf("scope %s does not exist in realm %s", word, c.Realm)
				}
				if !slices.Contains(out, word) {
					out = append(out, word)
				}
			}
		}
		*list = out
	}
	if c.resource() {
		return
	}
	if c.Realm == Healthcare && len(c.ScopesOptional) > 0 {
		r.warnf("in realm %s eHealth makes every registered scope a default one; scopes_optional is kept as you gave it", Healthcare)
	}
	for _, must := range []string{"openid", "ssin", "profile"} {
		if c.Realm == M2M && !c.hasScope(must) {
			c.ScopesDefault = append(c.ScopesDefault, must)
		}
	}
	if c.Realm == Healthcare && c.hasScope("iam:connect:exchange") && c.hasScope("nihdi:uhmep:hcp") && len(c.Flags.ExchangeTargets) == 0 {
		c.Flags.ExchangeTargets = []string{"nihdi-uhmep-fhir-hcp"}
		r.fixedf("exchange_targets: nihdi-uhmep-fhir-hcp, because of iam:connect:exchange and nihdi:uhmep:hcp")
	}
}

func reviewURIs(c *Client, r *review) {
	if c.Realm == Healthcare && !c.resource() && len(c.RedirectURIs) == 0 {
		r.errorf("redirect_uris is empty: the healthcare form asks for at least one (a trailing * is allowed)")
	}
	for _, uri := range c.RedirectURIs {
		switch {
		case uri == "*":
			if c.ClientID != "" && !strings.HasPrefix(c.ClientID, "nihdi-") {
				r.warnf("redirect_uris: a lone * would not be accepted")
			}
		case strings.HasPrefix(uri, "/"):
			if c.RootURL == "" {
				r.errorf("redirect_uris: %s is relative and there is no root_url", uri)
			}
		case !safeRedirect(strings.TrimSuffix(uri, "*")):
			r.errorf("redirect_uris: %s is not an absolute URI that a browser may be sent to", uri)
		case strings.Contains(strings.TrimSuffix(uri, "*"), "*"):
			r.warnf("redirect_uris: %s has a star that is not at the end; it is taken literally", uri)
		case strings.Contains(uri, "#"):
			r.warnf("redirect_uris: %s has a fragment", uri)
		}
	}
	for name, value := range map[string]string{"root_url": c.RootURL, "base_url": c.BaseURL} {
		if value == "" {
			continue
		}
		if u, err := url.Parse(value); err != nil || (name == "root_url" && !u.IsAbs()) {
			r.errorf("%s: %q is not a URL", name, value)
		}
	}
	if len(c.WebOrigins) == 0 && !c.resource() {
		c.WebOrigins = []string{"+"}
	}
	for _, o := range c.WebOrigins {
		if origin, ok := originOf(strings.TrimSuffix(o, ":*")); o != "+" && o != "*" && (!ok || origin != strings.TrimSuffix(o, ":*")) {
			r.warnf("web_origins: %q is not an origin (scheme://host[:port], no path)", o)
		}
	}
}

func reviewCredentials(c *Client, r *review) {
	cr := c.Credentials
	if ref := cr.Certificate; ref != nil {
		reviewOwner(r, "ehealth_certificate", ref.Type, ref.Identifier)
		if ref.Use != "" && ref.Use != "sig" && ref.Use != "enc" {
			r.errorf("ehealth_certificate.use is %q: give sig or enc", ref.Use)
		}
		if ref.Use == "enc" {
			r.warnf("ehealth_certificate.use is enc: client assertions are checked with sig keys only")
		}
	}
	if ref := cr.KeyDepot; ref != nil {
		reviewOwner(r, "keydepot", ref.Type, ref.Value)
	}
	if cr.JWKSURL != "" {
		if u, err := url.Parse(cr.JWKSURL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			r.errorf("jwks_url: %q is not an http(s) URL", cr.JWKSURL)
		}
		r.warnf("jwks_url exists in the sandbox only: the real registration names a certificate")
	}
	if len(cr.JWKS) > 0 {
		var set jose.JSONWebKeySet
		if err := json.Unmarshal(cr.JWKS, &set); err != nil || len(set.Keys) == 0 {
			r.errorf("jwks: not a JWK set with at least one key (%v)", err)
		}
		for _, k := range set.Keys {
			if !k.IsPublic() {
				r.errorf("jwks: key %q holds a private key; register the public half only", k.KeyID)
			}
		}
	}
	if cr.ClientSecret != "" {
		r.warnf("client_secret is a local convenience: the real service takes signed JWTs only")
	}
	has := cr.Certificate != nil || cr.KeyDepot != nil || cr.JWKSURL != "" || len(cr.JWKS) > 0 || cr.ClientSecret != ""
	if c.confidential() && !has {
		r.errorf("credentials: a confidential client needs ehealth_certificate (type and identifier), keydepot, jwks_url, jwks or client_secret")
	}
	if c.public() && has {
		r.warnf("credentials: a public client has none; they are ignored")
	}
}

// reviewOwner checks type and identifier of a certificate; lengths and check
// digits only warn, because dummies with wrong ones are in circulation.
func reviewOwner(r *review, where, typ, identifier string) {
	ct, ok := certTypeByName(typ)
	if !ok {
		r.errorf("%s.type is %q: not one of the 26 types; did you mean %s?", where, typ, nearestCertType(typ))
	}
	if identifier == "" {
		r.errorf("%s: the identifier is missing", where)
		return
	}
	if ok && (len(identifier) != ct.Digits || !digitsOnly(identifier)) {
		r.warnf("%s: %s usually has an identifier of %d digits, not %q", where, typ, ct.Digits, identifier)
		if ct.Digits == 10 && len(identifier) == 9 {
			r.warnf("%s: leading zeros matter: did you mean 0%s?", where, identifier)
		}
		return
	}
	switch {
	case strings.HasPrefix(typ, "NIHII-") && !ssin.ValidNIHII(identifier+"000"):
		r.warnf("%s: the check digits of NIHII number %s are wrong", where, identifier)
	case strings.HasPrefix(typ, "CBE") && !ssin.ValidCBE(identifier):
		r.warnf("%s: the check digits of enterprise number %s are wrong", where, identifier)
	}
}

func reviewForm(c *Client, r *review) {
	if c.resource() {
		return
	}
	if c.Name == "" && c.Description == "" {
		r.warnf("name and description are empty: the forms ask for the purpose of the application")
	}
	if c.Contact != nil {
		for _, m := range c.Contact.Mails {
			if _, err := mail.ParseAddress(m); err != nil {
				r.warnf("contact: %q is not a mail address", m)
			}
		}
	}
	switch c.Environment {
	case "", "Integration", "Acceptation", "Production":
	default:
		r.warnf("environment is %q: the forms know Integration, Acceptation and Production", c.Environment)
	}
	if c.Realm != Healthcare {
		return
	}
	if c.RequestDate == "" || c.PartnerOrganisation == "" || c.Contact == nil {
		r.warnf("request_date, partner_organisation and contact are required on the healthcare form")
	}
}
