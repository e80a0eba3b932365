package iam

import (
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// options read a tenant's settings. The profile "strict" wins over the
// single switches.
type options struct{ t *tenant.Tenant }

func (o options) strict() bool { return o.t.Settings.String("iam-profile") == "strict" }

func (o options) severe(name, severe string) bool {
	return o.strict() || o.t.Settings.String(name) == severe
}

func (o options) strictAssertions() bool { return o.severe("iam-assertion-mode", "strict") }
func (o options) exchangeV2() bool       { return o.severe("iam-exchange-mode", "v2") }
func (o options) keycloakAud() bool      { return o.severe("iam-aud-style", "keycloak") }

func (o options) pkceRequired(c *Client) bool {
	switch {
	case o.strict():
		return true
	case c.Flags.PKCERequired != nil:
		return *c.Flags.PKCERequired
	}
	return c.public() && o.t.Settings.String("iam-pkce") == "required"
}

func (o options) rotateRefresh(c *Client) bool {
	switch {
	case o.strict():
		return true
	case c.Flags.RotateRefresh != nil:
		return *c.Flags.RotateRefresh
	}
	return o.t.Settings.Bool("iam-rotate-refresh")
}

func (o options) passwordGrant() bool {
	return !o.strict() && o.t.Settings.Bool("iam-enable-password-grant")
}

func (o options) accessLife(c *Client) time.Duration {
	return seconds(c.Flags.Lifetimes.Access, o.t.Settings.Duration("iam-access-lifetime"))
}

func (o options) refreshLife(c *Client) time.Duration {
	return seconds(c.Flags.Lifetimes.Refresh, o.t.Settings.Duration("iam-refresh-lifetime"))
}

func (o options) codeLife(c *Client) time.Duration {
	return seconds(c.Flags.Lifetimes.Code, o.t.Settings.Duration("iam-code-lifetime"))
}

func (o options) sessionIdle() time.Duration { return o.t.Settings.Duration("iam-refresh-lifetime") }
func (o options) sessionMax() time.Duration  { return o.t.Settings.Duration("iam-session-lifetime") }
func (o options) loginLife() time.Duration   { return o.t.Settings.Duration("iam-login-lifetime") }
func (o options) cookiePrefix() string       { return o.t.Settings.String("iam-cookie-prefix") }
func (o options) encFirst() bool             { return o.t.Settings.Bool("iam-jwks-enc-first") }
func (o options) backchannelDynamic() bool   { return o.t.Settings.Bool("backchannel-dynamic") }

func (o options) passwordAccepted(p string) bool {
	want := o.t.Settings.String("iam-password")
	return want == "*" || want == p
}

func (o options) patientInitialSSIN() bool { return o.t.Settings.Bool("iam-patient-initial-ssin") }
func (o options) pseudonymClaim() string   { return o.t.Settings.String("iam-patient-pseudonym-claim") }

func (o options) pseudonymIn(carrier string) bool {
	in := o.t.Settings.String("iam-patient-pseudonym-in")
	return in == "both" || in == carrier
}

func (o options) patientIDTokenProfile() bool {
	return o.t.Settings.String("iam-patient-id-token-profile") == "full"
}
