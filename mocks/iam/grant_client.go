package iam

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// credentialsGrant gives an organisation a token in its own name.
func (s *Service) credentialsGrant(c *call) (object, error) {
	switch {
	case c.client.public():
		return nil, because(refuse(http.StatusUnauthorized, "unauthorized_client", "Public client not allowed to retrieve service account", "iam-6.1-credentials-public"),
			"public client "+c.client.ClientID, "a confidential client of realm "+M2M, "people's software uses authorization_code")
	case !c.client.Flags.ServiceAccount:
		return nil, because(refuse(http.StatusUnauthorized, "unauthorized_client", "Client not enabled to retrieve service account", "iam-6.1-credentials"),
			"client "+c.client.ClientID+" without service account", "a client of realm "+M2M, "organisations get their tokens in realm "+M2M)
	}
	scopes, err := s.scopesFor(c, c.client, c.form.Get("scope"), "iam-6.3-scope")
	if err != nil {
		return nil, err
	}
	g := &grant{client: c.client, scopes: scopes, acr: "1", prefix: "trrtcc", address: addressOf(c.r.RemoteAddr)}
	if g.audience, err = s.knownAudience(c, c.form.Get("audience")); err != nil {
		return nil, err
	}
	s.warnM2M(c, g)
	set, err := s.issue(c, g, nil, wish{id: true})
	if err != nil {
		return nil, err
	}
	var stale int64
	err = c.t.Store.View(func(r store.Reader) error {
		stale, err = notBefore(r, c.realm)
		return err
	})
	if err != nil {
		return nil, err
	}
	return set.answer(stale, true), nil
}

// knownAudience takes the sandbox's own parameter audience: the name of a
// resource client. Anything else is ignored, as plain Keycloak does.
func (s *Service) knownAudience(c *call, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	client, err := s.lookup(c.t, c.realm, name)
	if err != nil {
		return "", err
	}
	if client == nil || !client.resource() || client.Flags.Disabled {
		c.warn("iam-6.7-audience", "audience "+quote(name)+" names no resource client of realm "+c.realm+" and is ignored")
		return "", nil
	}
	return name, nil
}

// warnM2M points at tokens that are issued but will not be of use.
func (s *Service) warnM2M(c *call, g *grant) {
	if c.realm != M2M {
		return
	}
	pseudo := g.scopes.has("pseudo:api:pseudonymize") || g.scopes.has("pseudo:api:identify")
	organization := g.scopes.has("nihdi:uhmep:organization")
	switch {
	case pseudo && organization:
		c.warn("iam-6.7-two-tokens", "the guide wants two tokens: one with the pseudo scopes for pseudonymisation, one with nihdi:uhmep:organization for eReferral; eReferral refuses this one")
	case !pseudo && !organization && !g.scopes.has("nihdi:uhmep:pseudo"):
		c.warn("iam-6.7-no-business-scope", "the token has no business scope: in "+M2M+" scopes are optional, ask for them in scope")
	}
	if organization && s.organisationProfile(c.t, c.client) == nil {
		typ := "no certificate"
		if ref := c.client.Credentials.Certificate; ref != nil {
			typ = ref.Type
		}
		c.warn("iam-3.3-target-group", "no role organization: the certificate type ("+typ+") is outside the target groups "+strings.Join(targetGroups(), ", "))
	}
}

func targetGroups() []string {
	var out []string
	for _, ct := range certTypes() {
		if ct.TargetGroup != "" {
			out = append(out, ct.TargetGroup)
		}
	}
	slices.Sort(out)
	return out
}
