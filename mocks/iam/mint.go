package iam

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// MintRequest asks for tokens without any protocol: for tests and for trying
// things out. Members that are left out have the client's defaults.
type MintRequest struct {
	Realm      string         `json:"realm"`                 // healthcare when empty
	ClientID   string         `json:"client_id"`             // required
	Persona    string         `json:"persona,omitempty"`     // name, SSIN or NIHII; none: the client's own token
	Scope      string         `json:"scope,omitempty"`       // as in a token request
	ExchangeTo string         `json:"exchange_to,omitempty"` // target of an exchange
	Audience   string         `json:"audience,omitempty"`    // M2M: one resource client
	ExpiresIn  *int           `json:"expires_in,omitempty"`  // seconds, may be negative
	Claims     map[string]any `json:"claims,omitempty"`      // laid over access and ID token; null removes
}

// Minted is a token answer like that of the token endpoint.
type Minted struct {
	AccessToken      string `json:"access_token"`
	ExpiresIn        int64  `json:"expires_in"`
	RefreshExpiresIn int64  `json:"refresh_expires_in"`
	RefreshToken     string `json:"refresh_token,omitempty"`
	TokenType        string `json:"token_type"`
	IDToken          string `json:"id_token,omitempty"`
	SessionState     string `json:"session_state,omitempty"`
	Scope            string `json:"scope"`
}

// Mint makes a token set for a tenant. base is the absolute URL under which
// the sandbox is reached, with the tenant's prefix if any: the issuer follows
// from it. Its error is a *respond.Refusal when the request is at fault.
func (s *Service) Mint(ctx context.Context, t *tenant.Tenant, base string, q MintRequest) (*Minted, error) {
	c := &call{ctx: ctx, t: t, opt: options{t}, now: t.Clock.Now(), realm: q.Realm, base: base}
	return s.mint(c, q)
}

func (s *Service) mintCall(c *call) (any, error) {
	var q MintRequest
	if err := c.readJSON(&q); err != nil {
		return nil, err
	}
	c.realm = q.Realm
	return s.mint(c, q)
}

func (s *Service) mint(c *call, q MintRequest) (*Minted, error) {
	switch c.realm {
	case Healthcare, M2M:
	case "":
		c.realm = Healthcare
	default:
		return nil, notFound("realm", c.realm, Healthcare+" or "+M2M)
	}
	client, err := s.lookup(c.t, c.realm, q.ClientID)
	if err != nil {
		return nil, err
	}
	if client == nil || client.resource() {
		return nil, notFound("client", q.ClientID, s.nearMiss(c.t, c.realm, q.ClientID))
	}
	c.client = client
	g, err := s.mintGrant(c, client, q)
	if err != nil {
		return nil, err
	}
	if q.ExpiresIn != nil {
		if n := *q.ExpiresIn; n > maxLifetime || n < -maxLifetime {
			return nil, badBody("expires_in is out of range", strconv.Itoa(n), fmt.Sprintf("-%d to %d seconds", maxLifetime, maxLifetime))
		}
		g.expires = c.now.Add(time.Duration(*q.ExpiresIn) * time.Second)
	}
	var ses *session
	if g.persona != nil {
		if ses, err = s.openSession(c, client, g.persona.Name); err != nil {
			return nil, err
		}
		g.sid, g.authTime, g.refreshID = ses.ID, ses.AuthTime, c.t.Chance.UUID()
	}
	set, err := s.issue(c, g, ses, wish{refresh: g.persona != nil, id: true})
	if err != nil {
		return nil, err
	}
	return &Minted{AccessToken: set.access, ExpiresIn: set.expiresIn, RefreshExpiresIn: set.refreshExpiresIn, RefreshToken: set.refresh,
		TokenType: "Bearer", IDToken: set.id, SessionState: set.sid, Scope: set.scope}, nil
}

func (s *Service) mintGrant(c *call, client *Client, q MintRequest) (*grant, error) {
	g := &grant{client: client, acr: "1", extra: q.Claims, prefix: "trrtcc"}
	if q.Persona == "" {
		if client.public() {
			return nil, badBody("a public client has no token of its own: name a persona", "", "persona")
		}
		g.address = "127.0.0.1"
	} else {
		p, ok := s.world(c.t).Find(q.Persona)
		if !ok {
			return nil, notFound("persona", q.Persona, "a persona; see GET /_sandbox/iam/personas")
		}
		if c.realm == M2M {
			return nil, badBody("realm M2M has no personas", q.Persona, "no persona")
		}
		g.persona, g.prefix = &p, "onrtac"
	}
	owner := client
	if q.ExchangeTo != "" {
		target, err := s.mintTarget(c, g.persona, q.ExchangeTo)
		if err != nil {
			return nil, err
		}
		g.target, g.prefix, g.family, owner = target, "onrtte", familyExchange, target
	}
	var err error
	if g.scopes, err = s.scopesFor(c, owner, q.Scope, "iam-6.3-scope"); err != nil {
		return nil, err
	}
	if q.Audience != "" {
		if g.audience, err = s.knownAudience(c, q.Audience); err != nil || g.audience == "" {
			return nil, orNotFound(err, q.Audience)
		}
	}
	return g, nil
}

func orNotFound(err error, audience string) error {
	if err != nil {
		return err
	}
	return notFound("audience", audience, "a resource client of the realm")
}

// mintTarget is the target of a minted exchange; unlike a real exchange it
// does not ask whether the caller may.
func (s *Service) mintTarget(c *call, p *world.Persona, name string) (*Client, error) {
	target, err := s.lookup(c.t, c.realm, name)
	if err != nil {
		return nil, err
	}
	switch {
	case target == nil:
		return nil, notFound("client", name, s.nearMiss(c.t, c.realm, name))
	case p == nil:
		return nil, badBody("exchange_to needs a persona", "", "persona")
	case !targetFits(target, *p):
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "bad-request", Rule: "iam-7-persona",
			Message: fmt.Sprintf("%s takes no patients", name), Got: p.Name, Want: "nihdi-uhmep-fhir-patient"}
	}
	return target, nil
}
