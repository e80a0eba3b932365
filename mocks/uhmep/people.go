package uhmep

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// suspendedSince is the day since when a professional is suspended, "" when
// not: what the care relations say, else the persona.
func (s *Service) suspendedSince(t *tenant.Tenant, number string) workflow.Day {
	if since := s.Care.SuspendedSince(t, number); since != "" {
		return workflow.Day(since)
	}
	p, ok := s.World.Of(t).PersonaBySSIN(number)
	if !ok || !p.Suspended() {
		return ""
	}
	if p.SuspendedSince != "" {
		if day := workflow.Day(p.SuspendedSince); day <= workflow.DayOf(t.Clock.Now()) {
			return day
		}
		return ""
	}
	return "0001-01-01" // suspended, nobody says since when: always
}

// resolve looks a reference to a professional or an organisation up in the
// directory; unknown ones are refused.
func (s *Service) resolve(t *tenant.Tenant, a check.Actor) error {
	w := s.World.Of(t)
	unknown := func(got, want string) error {
		return refuse(codeActorUnresolved, "actor-directory", "the reference names nobody known", got, want,
			"the sandbox knows its personas and organisations: see GET /_sandbox/info")
	}
	if a.NIHII != "" {
		if o, ok := w.OrganisationByNIHII(a.NIHII); !ok || o.NIHII != a.NIHII {
			return unknown(a.Reference, "an organisation of the directory")
		}
	}
	if a.SSIN == "" {
		return nil
	}
	if !ssin.Valid(a.SSIN) {
		return unknown(a.Reference, "an SSIN with right check digits")
	}
	p, ok := w.PersonaBySSIN(a.SSIN)
	if !ok {
		return unknown(a.Reference, "a professional of the directory")
	}
	if _, ok := p.Discipline(strings.ToLower(a.Discipline)); !ok {
		return unknown(a.Reference, "a discipline of "+p.Name+": "+disciplines(p))
	}
	return nil
}

func disciplines(p world.Persona) string {
	var out []string
	for _, d := range p.Disciplines {
		out = append(out, strings.ToUpper(d.Key))
	}
	return strings.Join(out, " ")
}

// patientNumber is the SSIN behind a patient's token. The exchanged token
// names none; the persona behind the session does.
func (s *Service) patientNumber(t *tenant.Tenant, tok *bearer.Token) string {
	if tok.SSIN != "" {
		return tok.SSIN
	}
	if p, ok := s.World.Of(t).Persona(tok.Persona); ok {
		return p.SSIN
	}
	return ""
}

// organisationType is the type of the organisation in a token.
func (s *Service) organisationType(t *tenant.Tenant, o bearer.Organisation) string {
	if found, ok := s.World.Of(t).OrganisationByNIHII(o.NIHII); ok {
		return found.TargetGroup
	}
	for _, known := range s.World.Of(t).Organisations() {
		if known.TokenKey == o.Key {
			return known.TargetGroup
		}
	}
	return strings.ToUpper(o.Key)
}
