package iam

import (
	"net/http"
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// Token types of RFC 8693.
const (
	typeAccess  = "urn:ietf:params:oauth:token-type:access_token"
	typeRefresh = "urn:ietf:params:oauth:token-type:refresh_token"
	typeIDToken = "urn:ietf:params:oauth:token-type:id_token"
)

func denied(rule, description string) *respond.Refusal {
	return refuse(http.StatusForbidden, "access_denied", description, rule)
}

// exchangeGrant is Keycloak's legacy token exchange: the caller keeps being
// azp, roles and claims follow the target's scopes, and the right to
// pseudonymise is gone, because no target has it.
func (s *Service) exchangeGrant(c *call) (object, error) {
	claims, ses, err := s.subjectToken(c)
	if err != nil {
		return nil, err
	}
	requested := c.form.Get("requested_token_type")
	if requested == "" {
		requested = typeRefresh // the default of the legacy exchange
	}
	if !slices.Contains([]string{typeAccess, typeRefresh, typeIDToken}, requested) {
		return nil, because(refuse(http.StatusBadRequest, "invalid_request", "requested_token_type unsupported", "iam-7-requested-type"),
			requested, typeAccess+", "+typeRefresh+" or "+typeIDToken, "")
	}
	target, err := s.exchangeTarget(c)
	if err != nil {
		return nil, err
	}
	if err := mayExchange(c, claims, target); err != nil {
		return nil, err
	}
	persona, ok := s.world(c.t).Persona(ses.Persona)
	if !ok || persona.Disabled {
		return nil, because(refuse(http.StatusBadRequest, "invalid_request", "Invalid token", "iam-7-subject"), "a disabled or removed persona", "an enabled persona", "")
	}
	if target != nil && !targetFits(target, persona) {
		return nil, because(denied("iam-7-persona", "Client not allowed to exchange"), "persona "+persona.Name+" ("+persona.Kind+")",
			"a professional for target "+target.ClientID, "patients exchange to nihdi-uhmep-fhir-patient")
	}
	owner := c.client
	if target != nil {
		owner = target
	}
	scopes, err := s.scopesFor(c, owner, c.form.Get("scope"), "iam-7-scope")
	if err != nil {
		return nil, err
	}
	g := &grant{client: c.client, target: target, persona: &persona, sid: ses.ID, scopes: scopes,
		authTime: ses.AuthTime, acr: claims.Acr, prefix: "onrtte", family: familyExchange}
	return s.exchanged(c, g, ses, claims, requested)
}

func (s *Service) exchanged(c *call, g *grant, ses *session, subject *tokenClaims, requested string) (object, error) {
	journal.Note(c.ctx, "subject_token", subject.all())
	answer, err := s.sessionTokens(c, g, ses, wish{refresh: requested == typeRefresh, id: true})
	if err != nil {
		return nil, err
	}
	if requested == typeRefresh && g.target != nil {
		c.warn("iam-14-exchange-refresh", "the refresh token of an exchange refreshes with the caller's own rights, like the initial token: exchange again after a refresh")
	}
	answer.set("issued_token_type", requested)
	return answer, nil
}

// subjectToken checks the token to be exchanged.
func (s *Service) subjectToken(c *call) (*tokenClaims, *session, error) {
	raw := c.form.Get("subject_token")
	if raw == "" {
		return nil, nil, because(refuse(http.StatusBadRequest, "invalid_request", "Parameter 'subject_token' required but missing", "iam-7-subject-absent"),
			"no subject_token", "the initial access token", "")
	}
	if c.client.public() && c.opt.exchangeV2() {
		return nil, nil, because(refuse(http.StatusBadRequest, "invalid_client", "Public client is not allowed to exchange token", "iam-7-v2"),
			"public client "+c.client.ClientID, "a confidential client", "exchange mode v2 is on (SANDBOX_IAM_EXCHANGE_MODE or the strict profile)")
	}
	typ := c.form.Get("subject_token_type")
	switch {
	case typ == typeAccess:
	case typ == "" && !c.opt.strict():
		c.warn("iam-7-subject-type", "subject_token_type is missing: send "+typeAccess)
	default:
		return nil, nil, because(refuse(http.StatusBadRequest, "invalid_request", "Invalid token type, must be access token", "iam-7-subject-type"),
			quote(typ), typeAccess, "")
	}
	invalid := func(got, want, hint string) error {
		return because(refuse(http.StatusBadRequest, "invalid_request", "Invalid token", "iam-7-subject"), got, want, hint)
	}
	claims, problem := s.verifyAccess(c.t, c.realm, raw, 0)
	if problem != nil {
		return nil, nil, invalid(problem.Got, problem.Want, problem.Hint)
	}
	ses, why, err := s.tokenSession(c, claims)
	if err != nil {
		return nil, nil, err
	}
	if ses == nil {
		return nil, nil, invalid(why, "a token of a live session", "log in again")
	}
	return claims, ses, nil
}

// tokenSession is the live session behind an access token, or why there is
// none.
func (s *Service) tokenSession(c *call, claims *tokenClaims) (ses *session, why string, err error) {
	err = c.t.Store.View(func(r store.Reader) error {
		var err error
		if ses, err = loadSession(r, claims.Sid, c.now); err != nil {
			return err
		}
		if ses == nil {
			why = "an ended session"
			return nil
		}
		cs, attached := ses.Clients[claims.Azp]
		stale, err := notBefore(r, c.realm)
		if err != nil {
			return err
		}
		_, revoked := r.Get(revokedKey(claims.Jti))
		switch {
		case !attached || claims.Iat < cs.Started:
			ses, why = nil, "a session that client "+claims.Azp+" has left"
		case claims.Iat < stale:
			ses, why = nil, "a token from before the realm's not-before"
		case revoked:
			ses, why = nil, "a revoked token"
		}
		return nil
	})
	return ses, why, err
}

// exchangeTarget is the client named in audience, nil without one. Only the
// first value counts.
func (s *Service) exchangeTarget(c *call) (*Client, error) {
	name := c.form.Get("audience")
	if len(c.form["audience"]) > 1 {
		c.warn("iam-7-audience", "several audiences: only the first counts")
	}
	if name == "" {
		c.warn("iam-7-no-audience", "exchange without audience: the result still has the pseudonymisation rights and is refused by eReferral; send audience=nihdi-uhmep-fhir-hcp")
		return nil, nil
	}
	target, err := s.lookup(c.t, c.realm, name)
	if err != nil {
		return nil, err
	}
	if target == nil {
		return nil, because(refuse(http.StatusBadRequest, "invalid_client", "Audience not found", "iam-7-audience"), quote(name),
			"a client of realm "+c.realm, s.nearMiss(c.t, c.realm, name))
	}
	if target.Flags.Disabled {
		return nil, because(refuse(http.StatusBadRequest, "invalid_client", "Client disabled", "iam-7-audience-disabled"), "client "+name+", disabled", "an enabled client", "")
	}
	return target, nil
}

// mayExchange asks whether this caller may exchange this token to the target.
func mayExchange(c *call, claims *tokenClaims, target *Client) error {
	id := c.client.ClientID
	if c.client.public() && claims.Azp != id {
		return because(denied("iam-7-holder", "Client is not the holder of the token"), "azp "+claims.Azp, "azp "+id,
			"a public client may only exchange tokens issued to itself")
	}
	if !c.client.public() && claims.Azp != id && !slices.Contains(claims.Aud, id) {
		return because(denied("iam-7-within", "Client is not within the token audience"), "aud "+quote(joinWords(claims.Aud)), "aud with "+id, "")
	}
	if !c.client.hasScope("iam:connect:exchange") {
		return because(denied("iam-7-right", "Client not allowed to exchange"), "client "+id+" without iam:connect:exchange",
			"the scope iam:connect:exchange in the registration", "")
	}
	if target == nil {
		return nil
	}
	if !slices.Contains(c.client.Flags.ExchangeTargets, target.ClientID) {
		return because(denied("iam-7-target", "Client not allowed to exchange"), "target "+target.ClientID,
			"one of "+quote(joinWords(c.client.Flags.ExchangeTargets)), "exchange targets follow from the registered scopes: nihdi:uhmep:hcp gives nihdi-uhmep-fhir-hcp")
	}
	if slices.Contains(claims.Aud, target.ClientID) {
		c.warn("iam-7-again", "the subject token was exchanged already; the guide exchanges the initial token")
	}
	return nil
}

// targetFits tells whether the target takes this kind of person.
func targetFits(target *Client, p world.Persona) bool {
	kinds := target.Flags.ExchangeTargetFor
	return len(kinds) == 0 || !p.Patient() || slices.Contains(kinds, "patient")
}
