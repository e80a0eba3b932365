package iam

import (
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// SubjectOf is the sub of a persona's tokens: it depends on the name only, so
// it survives resets and restarts.
func SubjectOf(persona string) string { return stableUUID("persona/" + persona) }

func (s *Service) world(t *tenant.Tenant) world.World { return s.cfg.World.Of(t) }

// rolesOf are the roles a person has at eReferral: what the persona says, or
// what follows from the discipline. A suspended professional has only
// Restricted, with its capital.
func rolesOf(p world.Persona, asPatient bool) []string {
	if asPatient {
		return []string{"patient"}
	}
	if len(p.Roles) > 0 {
		return slices.Clone(p.Roles)
	}
	if p.Suspended() {
		return []string{"Restricted"}
	}
	roles := []string{}
	for _, d := range p.Disciplines {
		if role := roleOfDiscipline(d.Key); role != "" && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return roles
}

func roleOfDiscipline(key string) string {
	switch key {
	case "physician", "dentist":
		return "prescriber"
	case "nurse", "midwife", "physiotherapist":
		return "caregiver"
	case "pharmacist", "administrative", "head":
		return key
	}
	return ""
}

// userProfile is the claim of that name for a person.
func userProfile(p world.Persona, withSSIN, withGender bool) object {
	o := object{{"lastName", p.LastName}, {"firstName", p.FirstName}}
	if withSSIN {
		o.set("ssin", p.SSIN)
	}
	if withGender {
		o.set("gender", p.Gender)
	}
	for _, d := range p.Disciplines {
		if len(p.Keys) > 0 && !slices.Contains(p.Keys, d.Key) {
			continue
		}
		v := object{{"recognised", d.IsRecognised() && p.SuspendedSince == ""}}
		if d.NIHII != "" {
			v.set("nihii11", d.NIHII)
		}
		o.set(d.Key, v)
	}
	return o
}

// organisationProfile is userProfile of a client of realm M2M, nil when its
// certificate is not that of an organisation that may use eReferral.
func (s *Service) organisationProfile(t *tenant.Tenant, c *Client) object {
	ref := c.Credentials.Certificate
	if ref == nil {
		return nil
	}
	ct, ok := certTypeByName(ref.Type)
	if !ok || ct.Key == "" {
		return nil
	}
	nihii, name := ref.Identifier, c.Name
	if o, known := s.world(t).OrganisationByNIHII(ref.Identifier); known && o.CertificateType == ref.Type {
		nihii, name = o.NIHII, o.Name
	}
	return object{{"organizations", []object{{{ct.Key, object{{"nihii", nihii}, {"name", name}}}}}}}
}
