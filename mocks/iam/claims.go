package iam

import (
	"net"
	"slices"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// grant is everything that decides what a token contains.
type grant struct {
	client  *Client        // the caller: azp
	target  *Client        // of an exchange, or nil
	persona *world.Persona // nil for service accounts
	sid     string
	scopes  scopeSet // of the client or, after an exchange, of the target
	// audience narrows aud of a service account to one resource client.
	audience string
	authTime int64
	acr      string
	nonce    string
	prefix   string // of jti: onrtac, onrtrt, onrtte, trrtcc
	family   string // of the refresh token: "" or familyExchange
	// refreshID is the jti of the refresh token to be made.
	refreshID string
	address   string // of the caller, for service accounts
	extra     map[string]any
	expires   time.Time
}

// subject is the sub of all tokens of the grant.
func (g *grant) subject() string {
	if g.persona != nil {
		return SubjectOf(g.persona.Name)
	}
	return g.client.serviceAccount()
}

// asPatient tells whether the person acts as a patient in this grant.
func (g *grant) asPatient() bool {
	return g.persona != nil && (g.persona.Patient() || g.target != nil && g.scopes.has("nihdi:uhmep:patient"))
}

// access builds the claims of the access token.
func (s *Service) access(c *call, g *grant) object {
	roles := s.roles(c.t, g)
	o := object{{"exp", g.expires.Unix()}, {"iat", c.now.Unix()}}
	if g.authTime != 0 {
		o.set("auth_time", g.authTime)
	}
	o.set("jti", g.prefix+":"+c.t.Chance.UUID())
	o.set("iss", c.issuer())
	if aud := accessAudience(c.opt, g, roles); aud != nil {
		o.set("aud", aud)
	}
	o.set("sub", g.subject())
	o.set("typ", typBearer)
	o.set("azp", g.client.ClientID)
	if g.sid != "" {
		o.set("sid", g.sid)
	}
	o.set("acr", g.acr)
	if s.brings(g.scopes, claimsOrigins) && g.target == nil {
		if origins := g.client.origins(); len(origins) > 0 {
			o.set("allowed-origins", origins)
		}
	}
	if access := resourceAccess(roles); len(access) > 0 {
		o.set("resource_access", access)
	}
	o.set("scope", s.shown(g.scopes, g.target != nil))
	o = append(o, s.identity(c, g, g.target == nil)...)
	return merge(o, g.extra)
}

// idToken builds the claims of the ID token.
func (s *Service) idToken(c *call, g *grant, atHash string) object {
	o := object{{"exp", g.expires.Unix()}, {"iat", c.now.Unix()}}
	if g.authTime != 0 {
		o.set("auth_time", g.authTime)
	}
	o.set("jti", c.t.Chance.UUID())
	o.set("iss", c.issuer())
	o.set("aud", g.client.ClientID)
	o.set("sub", g.subject())
	o.set("typ", typID)
	o.set("azp", g.client.ClientID)
	if g.nonce != "" {
		o.set("nonce", g.nonce)
	}
	if g.sid != "" {
		o.set("sid", g.sid)
	}
	o.set("at_hash", atHash)
	o.set("acr", g.acr)
	o = append(o, s.identity(c, g, false)...)
	if g.asPatient() && !c.opt.patientIDTokenProfile() {
		o.drop("userProfile")
	}
	return merge(o, g.extra)
}

// identity are the claims about the person or organisation. They follow from
// the scopes; a patient's exchanged token has none.
func (s *Service) identity(c *call, g *grant, withGender bool) object {
	var o object
	if g.persona == nil {
		return s.serviceIdentity(c, g)
	}
	p := *g.persona
	withSSIN := !p.Patient() || c.opt.patientInitialSSIN() || g.target != nil
	if withSSIN && s.brings(g.scopes, claimsSSIN) {
		o.set("ssin", p.SSIN)
	}
	if s.brings(g.scopes, claimsProfile) {
		o.set("name", p.FullName())
		o.set("given_name", p.FirstName)
		o.set("family_name", p.LastName)
		if withSSIN {
			o.set("preferred_username", p.SSIN)
		} else {
			o.set("preferred_username", p.Name)
		}
		o.set("locale", p.Language)
	}
	if s.brings(g.scopes, claimsProfile) || s.brings(g.scopes, claimsUserProfile) {
		o.set("userProfile", userProfile(p, withSSIN, withGender && !p.Patient()))
	}
	if len(p.MayAct) > 0 && p.Patient() && withSSIN && g.target == nil {
		o.set("may_act", p.MayAct)
	}
	if len(p.Children) > 0 && p.Patient() && withSSIN && g.target == nil {
		o.set("children", p.Children)
	}
	return o
}

func (s *Service) serviceIdentity(c *call, g *grant) object {
	var o object
	if g.address != "" {
		o = object{{"client_id", g.client.ClientID}, {"clientHost", g.address}, {"clientAddress", g.address}}
	}
	if s.brings(g.scopes, claimsProfile) {
		o.set("preferred_username", "service-account-"+strings.ToLower(g.client.ClientID))
	}
	if s.brings(g.scopes, claimsProfile) || s.brings(g.scopes, claimsUserProfile) {
		if profile := s.organisationProfile(c.t, g.client); profile != nil {
			o.set("userProfile", profile)
		}
	}
	return o
}

// clientRoles are the roles in one resource client.
type clientRoles struct {
	client string
	roles  []string
}

// resourceOrder is the order of resource clients in tokens.
func resourceOrder() []string { return []string{"nihdi-uhmep-api", "ehealth-pseudo-api"} }

// roles are what the scopes grant, by resource client. For a target that
// decides by the person's role the entry is there even when it is empty,
// because official components read it without a guard.
func (s *Service) roles(t *tenant.Tenant, g *grant) []clientRoles {
	if !g.scopes.has("roles") {
		return nil
	}
	byClient := map[string][]string{}
	add := func(client string, roles ...string) {
		have := byClient[client]
		if have == nil {
			have = []string{}
		}
		for _, role := range roles {
			if !slices.Contains(have, role) {
				have = append(have, role)
			}
		}
		byClient[client] = have
	}
	for _, name := range g.scopes {
		d, ok := s.scope(name)
		if !ok {
			continue
		}
		for _, r := range d.Roles {
			if r.Role == "organization" && s.organisationProfile(t, g.client) == nil {
				continue // the certificate's type is outside the target groups
			}
			add(r.Client, r.Role)
		}
		if d.RoleOf != "" && g.target != nil && g.persona != nil {
			add(d.RoleOf, rolesOf(*g.persona, d.Name == "nihdi:uhmep:patient")...)
		}
	}
	var out []clientRoles
	for _, client := range resourceOrder() {
		if roles, ok := byClient[client]; ok {
			out = append(out, clientRoles{client, roles})
			delete(byClient, client)
		}
	}
	var rest []string
	for client := range byClient {
		rest = append(rest, client)
	}
	slices.Sort(rest)
	for _, client := range rest {
		out = append(out, clientRoles{client, byClient[client]})
	}
	return out
}

func resourceAccess(roles []clientRoles) object {
	var o object
	for _, r := range roles {
		o.set(r.client, object{{"roles", r.roles}})
	}
	return o
}

// accessAudience is aud of an access token: always with the client itself, or in
// plain Keycloak's style without it and as a bare string when single.
func accessAudience(opt options, g *grant, roles []clientRoles) any {
	var aud []string
	add := func(id string) {
		if id != "" && !slices.Contains(aud, id) {
			aud = append(aud, id)
		}
	}
	switch {
	case g.target != nil:
		add(g.target.ClientID)
		add(g.client.ClientID) // official components look for the caller here
	default:
		if !opt.keycloakAud() {
			add(g.client.ClientID)
		}
		for _, r := range roles {
			if g.audience == "" || g.audience == r.client {
				add(r.client)
			}
		}
		add(g.audience)
	}
	if opt.keycloakAud() {
		switch len(aud) {
		case 0:
			return nil
		case 1:
			return aud[0]
		}
	}
	return aud
}

// merge lays claims of the control API over the computed ones.
func merge(o object, extra map[string]any) object {
	var names []string
	for name := range extra {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if extra[name] == nil {
			o.drop(name)
			continue
		}
		o.set(name, extra[name])
	}
	return o
}

// addressOf is the caller's address without the port.
func addressOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}
