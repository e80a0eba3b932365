package uhmep

import (
	"context"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

const (
	coreStructure  = "https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/"
	nihdiSystem    = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/nihdi"
	cbeSystem      = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/cbe"
	hcpartySystem  = "https://www.ehealth.fgov.be/standards/fhir/core/CodeSystem/cd-hcparty"
	practitionerRe = "PractitionerRole/"
)

// Actor returns a Practitioner, PractitionerRole or Organization, when the
// caller is it or may see a document that names it.
func (s *Service) Actor(ctx context.Context, c *Caller, typ, id string) (tree.Object, error) {
	t := tenant.From(ctx)
	if err := s.CatchUp(t); err != nil {
		return nil, err
	}
	unknown := func(why string) error { return notFound(typ+"/"+id, why) }
	var o tree.Object
	switch typ {
	case "Practitioner":
		o = s.practitioner(t, id)
	case "PractitionerRole":
		o = s.role(t, practitionerRe+id)
	case "Organization":
		o = s.organization(t, "Organization/"+id)
	}
	if o == nil {
		return nil, unknown("not in the directory")
	}
	if s.isCaller(c, typ, id) {
		return o, nil
	}
	seen, allowed := false, s.relations(ctx, c)
	err := t.Store.View(func(r store.Reader) error {
		for _, prefix := range actorPrefixes(typ, id) {
			for _, raw := range r.Scan(prefix, "") {
				sum, err := records.DecodeSummary(raw)
				if err != nil {
					return err
				}
				if s.visible(r, c, &sum.Document, "") != nil {
					continue
				}
				if seen, _ = allowed(sum.Patient); seen {
					return nil
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !seen {
		return nil, unknown("no document the caller may see names it")
	}
	return o, nil
}

func (s *Service) isCaller(c *Caller, typ, id string) bool {
	switch typ {
	case "Practitioner":
		return c.SSIN != "" && id == c.SSIN
	case "PractitionerRole":
		return c.Is(practitionerRe+id) || c.Inside(practitionerRe+id)
	default:
		return c.Org == "Organization/"+id
	}
}

func actorPrefixes(typ, id string) []string {
	switch typ {
	case "Practitioner":
		return records.PersonIndexes(id)
	case "PractitionerRole":
		return records.RoleIndexes(practitionerRe + id)
	default:
		return records.RoleIndexes("Organization/" + id)
	}
}

func (s *Service) practitioner(t *tenant.Tenant, number string) tree.Object {
	p, ok := s.World.Of(t).PersonaBySSIN(number)
	if !ok || p.Patient() {
		return nil
	}
	ids := []any{tree.Object{"use": "official", "system": ssinSystem, "value": number}}
	for _, d := range p.Disciplines {
		if d.NIHII != "" {
			ids = append(ids, tree.Object{"use": "official", "system": nihdiSystem, "value": d.NIHII})
		}
	}
	return tree.Object{"resourceType": "Practitioner", "id": number,
		"meta":       tree.Object{"profile": []any{coreStructure + "be-practitioner"}},
		"identifier": ids,
		"name":       []any{tree.Object{"use": "official", "family": p.LastName, "given": []any{p.FirstName}}},
	}
}

// role builds a PractitionerRole from its reference; nil when the person does
// not have the discipline or the organisation is unknown.
func (s *Service) role(t *tenant.Tenant, ref string) tree.Object {
	number, discipline := workflow.SSIN(ref), workflow.Discipline(ref)
	p, ok := s.World.Of(t).PersonaBySSIN(number)
	if !ok || !ssin.Valid(number) {
		return nil
	}
	if _, ok := p.Discipline(strings.ToLower(discipline)); !ok || discipline != strings.ToUpper(discipline) {
		return nil
	}
	o := tree.Object{"resourceType": "PractitionerRole", "id": strings.TrimPrefix(ref, practitionerRe),
		"meta":         tree.Object{"profile": []any{coreStructure + "be-practitionerrole"}},
		"active":       !p.Suspended(),
		"practitioner": tree.Object{"reference": "Practitioner/" + number, "display": p.FullName()},
	}
	if code := hcparty(discipline); code != "" {
		o["code"] = []any{tree.Object{"coding": []any{tree.Object{"system": hcpartySystem, "code": code}}}}
	}
	if _, n, scoped := strings.Cut(ref, "-NIHII-"); scoped {
		org, ok := s.World.Of(t).OrganisationByNIHII(n)
		if !ok || org.NIHII != n {
			return nil
		}
		o["organization"] = tree.Object{"reference": "Organization/NIHII-" + n, "display": org.Name}
	}
	return o
}

// hcparty is the cd-hcparty code of a discipline (KMEHR table CD-HCPARTY).
func hcparty(discipline string) string {
	switch discipline {
	case "PHYSICIAN", "NURSE", "MIDWIFE", "DENTIST", "PHARMACIST", "PHYSIOTHERAPIST":
		return "pers" + strings.ToLower(discipline)
	case "ADMINISTRATIVE":
		return "persadministrative"
	default:
		return ""
	}
}

func (s *Service) organization(t *tenant.Tenant, ref string) tree.Object {
	n := strings.TrimPrefix(ref, "Organization/NIHII-")
	org, ok := s.World.Of(t).OrganisationByNIHII(n)
	if !ok || org.NIHII != n {
		return nil
	}
	ids := []any{tree.Object{"use": "official", "system": nihdiSystem, "value": org.NIHII}}
	if org.CBE != "" {
		ids = append(ids, tree.Object{"use": "official", "system": cbeSystem, "value": org.CBE})
	}
	o := tree.Object{"resourceType": "Organization", "id": "NIHII-" + n,
		"meta":       tree.Object{"profile": []any{coreStructure + "be-organization"}},
		"identifier": ids, "active": true, "name": org.Name,
	}
	if code := orgHcparty(org.TargetGroup); code != "" {
		o["type"] = []any{tree.Object{"coding": []any{tree.Object{"system": hcpartySystem, "code": code}}}}
	}
	return o
}

func orgHcparty(kind string) string {
	switch kind {
	case "HOSPITAL":
		return "orghospital"
	case "OTD_PHARMACY":
		return "orgpharmacy"
	case "GUARD_POST":
		return "guardpost"
	case "MEDICAL_HOUSE":
		return "medicalhouse"
	case "HOME_SERVICES", "GROUPOFNURSES":
		return "groupofnurses"
	case "OFFICE_DOCTORS", "GROUPOFDOCTORS":
		return "groupofdoctors"
	default:
		return ""
	}
}
