package iam

import (
	"net/http"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// personaView is a persona with what follows from it.
type personaView struct {
	world.Persona
	Sub      string   `json:"sub"`
	Roles    []string `json:"roles"`
	Warnings []string `json:"warnings,omitempty"`
}

func view(p world.Persona) personaView {
	return personaView{Persona: p, Sub: SubjectOf(p.Name), Roles: rolesOf(p, p.Patient()), Warnings: p.Warnings()}
}

func (s *Service) listPersonas(c *call) (any, error) {
	out := []personaView{}
	for _, p := range s.world(c.t).Personas() {
		out = append(out, view(p))
	}
	return out, nil
}

func (s *Service) persona(c *call) (world.Persona, error) {
	name := c.pathVar("name")
	p, ok := s.world(c.t).Find(name)
	if !ok {
		return p, notFound("persona", name, "a name, SSIN or NIHII number; see GET /_sandbox/iam/personas")
	}
	return p, nil
}

func (s *Service) getPersona(c *call) (any, error) {
	p, err := s.persona(c)
	if err != nil {
		return nil, err
	}
	return view(p), nil
}

// putPersona adds or replaces a persona. Wrong check digits only warn.
func (s *Service) putPersona(c *call) (any, error) {
	var p world.Persona
	if err := c.readJSON(&p); err != nil {
		return nil, err
	}
	name := c.pathVar("name")
	if p.Name == "" {
		p.Name = name
	}
	if p.Name != name {
		return nil, badBody("name in the body and in the path differ", p.Name, name)
	}
	if err := p.Check(); err != nil {
		return nil, badBody(err.Error(), "", "a persona like those of GET /_sandbox/iam/personas")
	}
	status := http.StatusCreated
	if _, exists := s.world(c.t).Persona(name); exists {
		status = http.StatusOK
	}
	if err := s.world(c.t).PutPersona(p); err != nil {
		return nil, err
	}
	return &respond.Response{Status: status, Body: view(p)}, nil
}

func (s *Service) deletePersona(c *call) (any, error) {
	p, err := s.persona(c)
	if err != nil {
		return nil, err
	}
	return &respond.Response{Status: http.StatusNoContent}, s.world(c.t).DeletePersona(p.Name)
}

func (s *Service) disablePersona(c *call) (any, error) { return s.switchPersona(c, true) }
func (s *Service) enablePersona(c *call) (any, error)  { return s.switchPersona(c, false) }

// switchPersona provokes "User disabled" at refresh and userinfo, or ends that.
func (s *Service) switchPersona(c *call, disabled bool) (any, error) {
	p, err := s.persona(c)
	if err != nil {
		return nil, err
	}
	p.Disabled = disabled
	return view(p), s.world(c.t).PutPersona(p)
}
