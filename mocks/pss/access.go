package pss

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// caller is who consults PSS: the only facts it takes from the token.
type caller struct {
	ID         string `json:"id"` // NIHII number, else SSIN; for organisations their NIHII number
	Discipline string `json:"discipline,omitempty"`
}

// authorize checks a caller of doors B and C: token, no pseudonymisation
// rights, audience, identity, discipline, in this order.
func (s *Service) authorize(r *http.Request) (caller, error) {
	tok, err := s.verify(r, "pss-audience")
	if err != nil {
		return caller{}, err
	}
	set := tenant.From(r.Context()).Settings
	if scope := set.String("pss-scope"); scope != "" {
		ok := tok.HasScope(scope)
		journal.Record(r.Context(), codeScope, ok, strings.Join(tok.Scopes, " "), scope, "")
		if !ok {
			return caller{}, refuse(r, codeScope, strings.Join(tok.Scopes, " "), scope, "ask for the scope when the token is requested")
		}
	}
	if tok.Realm == "M2M" {
		return s.organisation(r, tok)
	}
	return s.professional(r, tok)
}

// verify makes the checks that all doors share.
func (s *Service) verify(r *http.Request, audiences string) (*bearer.Token, error) {
	tok, err := s.cfg.Verify.Verify(r)
	if err != nil {
		p := new(bearer.Problem)
		if !errors.As(err, &p) {
			return nil, err
		}
		f := refuse(r, codeToken, strings.TrimSpace(p.Kind+" "+p.Got), p.Want, p.Hint)
		return nil, f.With("WWW-Authenticate", `Bearer realm="healthcare"`)
	}
	journal.Record(r.Context(), codeToken, true, "", "", "")
	rights := tok.PseudoRights()
	journal.Record(r.Context(), codePseudoToken, rights == "", rights, "no pseudonymisation rights", "")
	if rights != "" {
		return nil, refuse(r, codePseudoToken, rights, "an exchanged token without pseudonymisation rights",
			"exchange the initial token for the audience of this service")
	}
	accepted := tenant.From(r.Context()).Settings.List(audiences)
	ok := tok.Realm == "M2M" || slices.Contains(accepted, "*") || tok.HasAudience(accepted...)
	journal.Record(r.Context(), codeToken, ok, "aud "+strings.Join(tok.Audience, " "), "one of "+strings.Join(accepted, ", "), "")
	if !ok {
		return nil, refuse(r, codeToken, "aud "+strings.Join(tok.Audience, " "), "aud with one of "+strings.Join(accepted, ", "),
			"exchange the token for the audience of PSS; -"+audiences+" changes the list")
	}
	return tok, nil
}

func (s *Service) organisation(r *http.Request, tok *bearer.Token) (caller, error) {
	org, _ := tok.Organisation()
	allowed := tenant.From(r.Context()).Settings.Bool("pss-allow-m2m")
	if !allowed || org.NIHII == "" {
		return caller{}, refuse(r, codeIdentity, "a token of the M2M realm", "a token of a person",
			"PSS knows people only; SANDBOX_PSS_ALLOW_M2M=true lets organisations in")
	}
	return caller{ID: org.NIHII, Discipline: org.Key}, nil
}

func (s *Service) professional(r *http.Request, tok *bearer.Token) (caller, error) {
	disciplines := tok.Disciplines()
	who := caller{ID: tok.SSIN}
	for _, d := range disciplines {
		if d.NIHII != "" {
			who.ID = d.NIHII
			break
		}
	}
	journal.Record(r.Context(), codeIdentity, who.ID != "", "", "NIHII number or SSIN", "")
	if who.ID == "" {
		return caller{}, refuse(r, codeIdentity, "neither NIHII number nor SSIN", "userProfile of a professional",
			"ask for the scope that delivers userProfile")
	}
	accepted := tenant.From(r.Context()).Settings.List("pss-disciplines")
	var has []string
	for _, d := range disciplines {
		if slices.Contains(accepted, d.Key) || slices.Contains(accepted, "*") {
			who.Discipline = d.Key
			if d.NIHII != "" {
				who.ID = d.NIHII
			}
			journal.Record(r.Context(), codeDiscipline, true, d.Key, strings.Join(accepted, ", "), "")
			return who, nil
		}
		has = append(has, d.Key)
	}
	if slices.Contains(accepted, "*") {
		return who, nil
	}
	return caller{}, refuse(r, codeDiscipline, "discipline "+strings.Join(has, ", "), strings.Join(accepted, ", "),
		"-pss-disciplines changes the list")
}
