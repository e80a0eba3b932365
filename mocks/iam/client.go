package iam

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Realm names; they are case-sensitive.
const (
	Healthcare = "healthcare"
	M2M        = "M2M"
)

// Access types of a Client.
const (
	accessPublic       = "public"
	accessConfidential = "confidential"
	accessResource     = "resource" // owns roles or is an exchange target; takes part in no flow
)

// Client is one registration. Its members are those of the two paper forms
// (healthcare and M2M), plus what the sandbox needs to act on them.
type Client struct {
	Realm       string `json:"realm" yaml:"realm"`
	ClientID    string `json:"client_id" yaml:"client_id"`
	Name        string `json:"name,omitempty" yaml:"name"`
	Description string `json:"description,omitempty" yaml:"description"`

	// Administrative members of the healthcare form; nothing depends on them.
	RequestDate         string   `json:"request_date,omitempty" yaml:"request_date"`
	PartnerOrganisation string   `json:"partner_organisation,omitempty" yaml:"partner_organisation"`
	Contact             *Contact `json:"contact,omitempty" yaml:"contact"`
	Environment         string   `json:"environment,omitempty" yaml:"environment"`

	AccessType             string      `json:"access_type,omitempty" yaml:"access_type"`
	ScopesDefault          []string    `json:"scopes_default,omitempty" yaml:"scopes_default"`
	ScopesOptional         []string    `json:"scopes_optional,omitempty" yaml:"scopes_optional"`
	RedirectURIs           []string    `json:"redirect_uris,omitempty" yaml:"redirect_uris"`
	PostLogoutRedirectURIs []string    `json:"post_logout_redirect_uris,omitempty" yaml:"post_logout_redirect_uris"`
	RootURL                string      `json:"root_url,omitempty" yaml:"root_url"`
	BaseURL                string      `json:"base_url,omitempty" yaml:"base_url"`
	WebOrigins             []string    `json:"web_origins,omitempty" yaml:"web_origins"`
	Credentials            Credentials `json:"credentials,omitzero" yaml:"credentials"`
	Flags                  Flags       `json:"flags,omitzero" yaml:"flags"`
}

// Contact is the person eHealth writes to about a registration.
type Contact struct {
	Name  string   `json:"name,omitempty" yaml:"name"`
	Mails []string `json:"mails,omitempty" yaml:"mails"`
	Phone string   `json:"phone,omitempty" yaml:"phone"`
}

// Credentials say how a confidential client proves who it is. Several may
// stand side by side.
type Credentials struct {
	Certificate *CertificateRef `json:"ehealth_certificate,omitempty" yaml:"ehealth_certificate"`
	KeyDepot    *KeyDepotRef    `json:"keydepot,omitempty" yaml:"keydepot"`
	// JWKSURL and JWKS are the integrator's own test keys, ClientSecret a local
	// convenience; the real service knows neither.
	JWKSURL      string          `json:"jwks_url,omitempty" yaml:"jwks_url"`
	JWKS         json.RawMessage `json:"jwks,omitempty" yaml:"-"`
	ClientSecret string          `json:"client_secret,omitempty" yaml:"client_secret"`
}

// CertificateRef names an eHealth certificate: whose it is, not its content.
type CertificateRef struct {
	Type          string `json:"type" yaml:"type"`
	Identifier    string `json:"identifier" yaml:"identifier"`
	ApplicationID string `json:"application_id,omitempty" yaml:"application_id"`
	Use           string `json:"use,omitempty" yaml:"use"`
}

// KeyDepotRef names a key in the KeyDepot.
type KeyDepotRef struct {
	Type  string `json:"type" yaml:"type"`
	Value string `json:"value" yaml:"value"`
	Use   string `json:"use,omitempty" yaml:"use"`
}

// Flags are what the forms leave implicit.
type Flags struct {
	Disabled       bool  `json:"disabled,omitempty" yaml:"disabled"`
	StandardFlow   bool  `json:"standard_flow,omitempty" yaml:"standard_flow"`
	ServiceAccount bool  `json:"service_account,omitempty" yaml:"service_account"`
	PKCERequired   *bool `json:"pkce_required,omitempty" yaml:"pkce_required"`
	RotateRefresh  *bool `json:"rotate_refresh,omitempty" yaml:"rotate_refresh"`
	SignedUserinfo bool  `json:"signed_userinfo,omitempty" yaml:"signed_userinfo"`
	// ExchangeTargets are the clients that may be named in audience.
	ExchangeTargets []string `json:"exchange_targets,omitempty" yaml:"exchange_targets"`
	// ExchangeTargetFor says, on a target, whose tokens it is for:
	// professional, patient or both. Empty: this client is no target.
	ExchangeTargetFor []string  `json:"exchange_target_for,omitempty" yaml:"exchange_target_for"`
	Lifetimes         Lifetimes `json:"lifetimes,omitzero" yaml:"lifetimes"`
}

// maxLifetime bounds what can be asked for, in seconds: ten years.
const maxLifetime = 10 * 365 * 24 * 3600

// Lifetimes override the realm's, in seconds; 0 keeps the realm's value.
type Lifetimes struct {
	Access  int `json:"access,omitempty" yaml:"access"`
	Refresh int `json:"refresh,omitempty" yaml:"refresh"`
	Code    int `json:"code,omitempty" yaml:"code"`
}

func (c *Client) public() bool       { return c.AccessType == accessPublic }
func (c *Client) confidential() bool { return c.AccessType == accessConfidential }
func (c *Client) resource() bool     { return c.AccessType == accessResource }

// clientUUID is a client's internal identifier, seen at the end of codes.
func clientUUID(realm, id string) string { return stableUUID("client/" + realm + "/" + id) }

// serviceAccount is the sub of the client's own tokens.
func (c *Client) serviceAccount() string {
	return stableUUID("service-account/" + c.Realm + "/" + c.ClientID)
}

func (c *Client) hasScope(name string) bool {
	return slices.Contains(c.ScopesDefault, name) || slices.Contains(c.ScopesOptional, name)
}

// matchesRedirect tells whether uri is registered.
func (c *Client) matchesRedirect(uri string) bool {
	return matchRedirect(c.RedirectURIs, c.RootURL, uri)
}

// matchesPostLogout tells whether the browser may be sent to uri after
// logout: no list, or "+", means the redirect URIs; "-" means none.
func (c *Client) matchesPostLogout(uri string) bool {
	list := c.PostLogoutRedirectURIs
	if len(list) == 0 {
		return c.matchesRedirect(uri)
	}
	if slices.Contains(list, "-") {
		return false
	}
	if slices.Contains(list, "+") && c.matchesRedirect(uri) {
		return true
	}
	return matchRedirect(list, c.RootURL, uri)
}

// origins are the concrete web origins, as in the claim allowed-origins.
func (c *Client) origins() []string {
	var out []string
	add := func(o string) {
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	for _, o := range c.WebOrigins {
		switch {
		case o == "+":
			for _, uri := range c.RedirectURIs {
				if uri == "*" {
					add("*")
					continue
				}
				if strings.HasPrefix(uri, "/") {
					uri = c.RootURL
				}
				if origin, ok := originOf(uri); ok {
					add(origin)
				}
			}
		case strings.HasSuffix(o, ":*"): // any port: not a concrete origin
		default:
			add(o)
		}
	}
	return out
}

// allowsOrigin tells whether a browser page of that origin may read answers.
func (c *Client) allowsOrigin(origin string) bool {
	if origin == "" || origin == "null" {
		return false
	}
	for _, o := range c.WebOrigins {
		if base, ok := strings.CutSuffix(o, ":*"); ok {
			if origin == base || (strings.HasPrefix(origin, base+":") && digitsOnly(origin[len(base)+1:])) {
				return true
			}
		}
	}
	for _, o := range c.origins() {
		if o == "*" || o == origin {
			return true
		}
		if isPortlessLoopback(o) { // registered without a port: any port
			if bare, ok := dropLoopbackPort(origin); ok && bare == o {
				return true
			}
		}
	}
	return false
}

func digitsOnly(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

func seconds(n int, otherwise time.Duration) time.Duration {
	if n > 0 {
		return time.Duration(n) * time.Second
	}
	return otherwise
}
