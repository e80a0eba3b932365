package uhmep

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// Caller is who asks: the actor of the workflow, and the token it came from.
type Caller struct {
	workflow.Actor
	Token *bearer.Token
}

// describe is the caller in the journal.
func (c *Caller) describe() map[string]any {
	out := map[string]any{"role": string(c.Role), "who": c.Who()}
	if ref := c.Ref(); ref != "" {
		out["reference"] = ref
	}
	if c.Org != "" {
		out["organisation"] = c.Org
	}
	if c.Restricted {
		out["suspended_since"] = string(c.Since)
	}
	return out
}

const (
	rolesClient   = "nihdi-uhmep-api" // resource client that carries the UHMEP roles
	audiencePro   = "nihdi-uhmep-fhir-hcp"
	audiencePat   = "nihdi-uhmep-fhir-patient"
	scopePro      = "nihdi:uhmep:hcp"
	scopeOrg      = "nihdi:uhmep:organization"
	realmMachines = "M2M"
)

// authenticate verifies the bearer token of a request and finds out who calls.
func (s *Service) authenticate(r *http.Request) (*Caller, error) {
	tok, err := s.Tokens.Verify(r)
	if err != nil {
		return nil, tokenRefusal(err)
	}
	return s.CallerOf(r.Context(), tok)
}

// tokenRefusal is the 401 for a token that is no good.
func tokenRefusal(err error) error {
	p := new(bearer.Problem)
	if !errors.As(err, &p) {
		return err
	}
	code, text := codeTokenInvalid, "the access token is not valid"
	switch p.Kind {
	case bearer.Expired:
		code, text = codeTokenExpired, "the access token has expired"
	case bearer.Missing, bearer.Scheme:
		text = "an access token is needed"
	}
	f := refuse(code, "token-"+p.Kind, text, p.Got, p.Want, p.Hint)
	return f.With("WWW-Authenticate", "Bearer")
}

// CallerOf decides whether a verified token may reach the API at all
// (audience, no pseudonymisation rights, scope) and who its bearer is.
func (s *Service) CallerOf(ctx context.Context, tok *bearer.Token) (*Caller, error) {
	t := tenant.From(ctx)
	machine := tok.Realm == realmMachines
	audiences := []string{audiencePro, audiencePat}
	if machine {
		audiences = t.Settings.List("uhmep-m2m-audiences")
	}
	if !tok.HasAudience(audiences...) {
		if why := tok.PseudoRights(); why != "" {
			journal.Record(ctx, "guide-8.2-pseudo-token", false, why, "a token without pseudonymisation rights",
				"this is the token for the pseudonymisation service; it must never reach UHMEP")
		}
		f := refuse(codeAudience, "token-audience", "the token is not meant for this API", strings.Join(tok.Audience, " "),
			strings.Join(audiences, " or "), "exchange the login token for this audience first (token exchange); an organisation asks for a token with the UHMEP scope")
		return nil, f.With("WWW-Authenticate", "Bearer")
	}
	journal.Record(ctx, "token-audience", true, strings.Join(tok.Audience, " "), strings.Join(audiences, " or "), "")
	if why := tok.PseudoRights(); why != "" {
		return nil, refuse(codePseudoToken, "guide-8.2-pseudo-token", "a token with pseudonymisation rights must never reach UHMEP", why,
			"a token without pseudonymisation rights", "use the exchanged token here and the login token at the pseudonymisation service only")
	}
	patient := !machine && !tok.HasAudience(audiencePro)
	scope := scopePro
	switch {
	case machine:
		scope = scopeOrg
	case patient:
		scope = ""
	}
	if scope != "" && !tok.HasScope(scope) {
		return nil, refuse(codeScope, "token-scope", "the token lacks the scope of this API", strings.Join(tok.Scopes, " "), scope, "")
	}
	journal.Record(ctx, "token-scope", true, strings.Join(tok.Scopes, " "), scope, "")
	switch {
	case machine:
		return s.organisationCaller(ctx, tok)
	case patient:
		return s.patientCaller(ctx, tok)
	default:
		return s.professionalCaller(ctx, tok)
	}
}

func (s *Service) organisationCaller(ctx context.Context, tok *bearer.Token) (*Caller, error) {
	t := tenant.From(ctx)
	o, ok := tok.Organisation()
	if !ok || o.NIHII == "" || !tok.HasRole(rolesClient, "organization") {
		return nil, refuse(codeMatrix, "token-organisation", "the token names no organisation", "no organisation with a NIHII number and role organization",
			"userProfile.organizations and role organization of "+rolesClient, "")
	}
	c := &Caller{Token: tok, Actor: workflow.Actor{Role: workflow.Organisation, Org: "Organization/NIHII-" + o.NIHII, OrgType: s.organisationType(t, o)}}
	if !s.matrix.Any(c.OrgType) {
		return nil, refuse(codeMatrix, "token-organisation-type", "this type of organisation has no access", c.OrgType, "a type of the access matrix", "")
	}
	return c, nil
}

func (s *Service) patientCaller(ctx context.Context, tok *bearer.Token) (*Caller, error) {
	t := tenant.From(ctx)
	number := s.patientNumber(t, tok)
	if number == "" {
		return nil, refuse(codeMatrix, "token-patient", "the token does not lead to a patient", "subject "+tok.Subject, "a session of a patient", "")
	}
	atRest, err := s.Pseudonyms.AtRest(t, number)
	if err != nil {
		return nil, err
	}
	return &Caller{Token: tok, Actor: workflow.Actor{Role: workflow.Patient, Pseudonym: atRest}}, nil
}

func (s *Service) professionalCaller(ctx context.Context, tok *bearer.Token) (*Caller, error) {
	t := tenant.From(ctx)
	found := tok.Disciplines()
	if len(found) == 0 || tok.SSIN == "" {
		return nil, refuse(codeMatrix, "token-discipline", "the token names no discipline", "userProfile without discipline or SSIN",
			"a professional", "patients use audience "+audiencePat)
	}
	d := strings.ToUpper(found[0].Key)
	c := &Caller{Token: tok, Actor: workflow.Actor{Role: workflow.Caregiver, SSIN: tok.SSIN, Discipline: d}}
	has := func(role string) bool {
		return slices.ContainsFunc(tok.Roles[rolesClient], func(r string) bool { return strings.EqualFold(r, role) })
	}
	if has("prescriber") || (workflow.PrescriberDiscipline(d) && !has("caregiver")) {
		c.Role = workflow.Prescriber
	}
	if has("restricted") {
		c.Restricted = true
		c.Since = s.suspendedSince(t, tok.SSIN)
		if c.Since == "" {
			c.Since = workflow.DayOf(t.Clock.Now())
		}
	}
	if !s.matrix.Any(d) {
		return nil, refuse(codeMatrix, "token-discipline", "this discipline has no access", d, "a discipline of the access matrix", "")
	}
	return c, nil
}

// headers checks the headers every protected call needs.
func (s *Service) headers(r *http.Request) error {
	if err := acceptable(r); err != nil {
		return err
	}
	if !tenant.From(r.Context()).Settings.Bool("uhmep-tracing-headers") {
		return nil
	}
	agent, from := strings.TrimSpace(r.Header.Get("User-Agent")), strings.TrimSpace(r.Header.Get("From"))
	if agent == "" {
		return refuse(codeTracing, "header-user-agent", "the header User-Agent is missing", "no User-Agent", "product and technical stack, as Acme/care/1.2 eHealth/Technical/3.0", "")
	}
	if !strings.Contains(from, "@") {
		return refuse(codeTracing, "header-from", "the header From is missing", "From: "+from, "an operational e-mail address", "")
	}
	return nil
}

func acceptable(r *http.Request) error {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return nil
	}
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "application/fhir+json", "application/json", "application/*", "*/*":
			return nil
		}
	}
	return refuse(codeNotAcceptable, "header-accept", "this API answers FHIR JSON only", "Accept: "+accept, "application/fhir+json", "")
}

// pseudonymVersions checks Accept-Be-Pseudo.
func pseudonymVersions(r *http.Request) error {
	asked := r.Header.Values("Accept-Be-Pseudo")
	if len(asked) == 0 {
		return nil
	}
	for part := range strings.SplitSeq(strings.Join(asked, ","), ",") {
		switch strings.TrimSpace(part) {
		case pseudoVersion2, strings.TrimSuffix(pseudonymURN, ":"): // both spellings are about
			return nil
		}
	}
	return refuse(codePseudonymVersion, "header-accept-be-pseudo", "this API answers pseudonyms of version 2", strings.Join(asked, ","), pseudoVersion2, "")
}

const (
	pseudoVersion2    = "urn:be:fgov:ehealth:pseudo:v2"
	encryptedVersion1 = "urn:be:fgov:pseudo-encrypted:v1"
)

// contentType checks the media type of a body; an empty one counts as missing.
func contentType(r *http.Request, allowed ...string) error {
	ct, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	ct = strings.ToLower(strings.TrimSpace(ct))
	if slices.Contains(allowed, ct) {
		return nil
	}
	return refuse(codeMediaType, "header-content-type", "this media type is not accepted here", "Content-Type: "+ct, strings.Join(allowed, " or "), "")
}
