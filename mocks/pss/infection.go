package pss

import (
	"fmt"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// diagnosis reads the infection a Condition names and checks its fixed values.
func (s *Service) diagnosis(q consultation, c *resource) rules.Infection {
	q.fixed(c, "clinicalStatus", "active")
	q.fixed(c, "verificationStatus", "confirmed")
	q.fixed(c, "category", "encounter-diagnosis")
	q.date(c, "onsetDateTime")
	list := listAt(c.node, "code", "coding")
	if len(list) == 0 {
		q.wrong(codeUnknown, c.where+".code has no coding", "SNOMED CT, ICPC-2, ICD-10 or the internal code")
		return rules.Infection{}
	}
	var codings []rules.Coding
	for i, one := range list {
		system, code := bare(stringAt(one, "system")), stringAt(one, "code")
		switch system {
		case rules.SNOMED, rules.ICPC2, rules.ICD10, systemInfect, systemAnswers, "":
		case rules.ICD10CM:
			journal.Warn(q.r.Context(), "pss-system-alias", c.where+".code: "+rules.ICD10+" is the system of these codes")
		default:
			q.wrong(codeSystem, fmt.Sprintf("%s.code.coding[%d].system %s", c.where, i, shown(at(one, "system"))), "SNOMED CT, ICPC-2, ICD-10 or the internal code")
			continue
		}
		codings = append(codings, rules.Coding{System: system, Code: code})
	}
	if len(codings) == 0 {
		return rules.Infection{}
	}
	t := tenant.From(q.r.Context())
	var matches func(code, ecl string) bool
	if s.cfg.MatchesECL != nil {
		matches = func(code, ecl string) bool { return s.cfg.MatchesECL(t, code, ecl) }
	}
	found, ok := s.rules.FindInfection(codings, q.age, matches)
	if !ok {
		q.wrong(codeUnknown, c.where+".code "+shown(at(list[0], "code")), "a code that leads to an infection of the list")
	}
	return found
}

// record collects the codes of everything else that came with the diagnosis.
func (q *request) record(diagnosis *resource) []rules.Coding {
	var out []rules.Coding
	for _, res := range q.resources {
		if res == diagnosis {
			continue
		}
		element := "code"
		switch res.kind {
		case "Condition", "AllergyIntolerance", "Observation":
		case "MedicationRequest":
			q.fixed(res, "status", "active")
			q.fixed(res, "intent", "proposal")
			element = "medicationCodeableConcept"
		default:
			continue
		}
		for _, c := range listAt(res.node, element, "coding") {
			system := bare(stringAt(c, "system"))
			if system == rules.ICD10CM {
				system = rules.ICD10
			}
			out = append(out, rules.Coding{System: system, Code: stringAt(c, "code")})
		}
	}
	return out
}
