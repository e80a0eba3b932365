package pseudo

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// apiClient owns the roles of the operations in tokens.
const apiClient = "ehealth-pseudo-api"

// permit checks the role of the operation and the access rule of the domain.
func permit(c *call, action string) error {
	if aud := exchanged(c.token); aud != "" {
		return forbidden("pseudo-exchanged-token", "the access token was exchanged for "+aud, "audience "+aud,
			"the initial access token of I.AM Connect", "exchange is for UHMEP; keep the initial token for pseudonymisation (Integration Guide 8.2)")
	}
	if action == "" {
		return nil
	}
	if !c.token.HasRole(apiClient, action) {
		return forbidden("pseudo-role", "the access token lacks the role "+action+" of "+apiClient,
			"roles "+list(c.token.Roles[apiClient]), action+" in resource_access."+apiClient+".roles", scopeHint(action))
	}
	journal.Record(c.ctx, "pseudo-role", true, "role "+action+" of "+apiClient, "", "")
	for _, rule := range c.from.row.Access {
		if rule.Operation == action && len(rule.Claims) > 0 && !slices.ContainsFunc(rule.Claims, func(w claimRow) bool { return c.token.HasRole(w.Client, w.Role) }) {
			want := rule.Claims[0]
			return forbidden("pseudo-access-rule", "the access rule of "+c.from.row.Key+" lets in tokens with the role "+want.Role+" of "+want.Client,
				"roles "+list(c.token.Roles[want.Client]), want.Role+" in resource_access."+want.Client+".roles", "ask for the scope nihdi:uhmep:pseudo")
		}
	}
	return nil
}

// exchanged names the UHMEP audience of a token that went through the token
// exchange; such tokens are for UHMEP only.
func exchanged(t *bearer.Token) string {
	for _, a := range []string{"nihdi-uhmep-fhir-hcp", "nihdi-uhmep-fhir-patient"} {
		if t.HasAudience(a) {
			return a
		}
	}
	return ""
}

func scopeHint(action string) string {
	if action == opConvert {
		return "only the M2M client uhmep-backend has this role"
	}
	return "ask for the scope pseudo:api:" + action
}

func list(roles []string) string {
	if len(roles) == 0 {
		return "none"
	}
	return strings.Join(roles, ", ")
}

// unauthorized turns a token's problem into a 401.
func unauthorized(err error) error {
	var p *bearer.Problem
	if !errors.As(err, &p) {
		return err
	}
	f := &respond.Refusal{Status: http.StatusUnauthorized, Code: typeInvalidToken, Message: "the access token is not valid",
		Rule: "pseudo-token-" + p.Kind, Got: p.Got, Want: p.Want, Hint: p.Hint}
	challenge := `Bearer realm="eHealth", error="invalid_token"`
	switch p.Kind {
	case bearer.Missing, bearer.Scheme:
		f.Code, f.Message, challenge = typeNoToken, "no bearer token in the Authorization header", `Bearer realm="eHealth"`
	case bearer.Expired:
		f.Code, f.Message = typeExpiredToken, "the access token has expired"
		challenge += `, error_description="the access token expired"`
	}
	return f.With("WWW-Authenticate", challenge)
}
