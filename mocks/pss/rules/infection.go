package rules

import (
	"slices"
	"strings"
)

// Code systems an infection can be named in, besides its internal code.
const (
	SNOMED = "http://snomed.info/sct"
	ICPC2  = "http://hl7.org/fhir/sid/icpc-2"
	ICD10  = "http://hl7.org/fhir/sid/icd-10"
	// ICD10CM is how the guide's alias spells the system of the same codes.
	ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
)

// AdultFrom is the age in years from which the adult variant of an infection
// that exists twice is meant.
const AdultFrom = 16

// Coding is a code with the system it belongs to.
type Coding struct{ System, Code string }

// Infection is an indication of the antimicrobial domain.
type Infection struct {
	Code     string   `json:"code"`
	OwnLabel string   `json:"ownLabel"`
	NL       string   `json:"-"` // from the labels of antimicrobial.yaml
	FR       string   `json:"-"`
	ICPC2    []string `json:"icpc2"`
	ICD10    []string `json:"icd10"`
	SNOMED   []string `json:"snomed"`
	ECL      string   `json:"ecl"`
}

// Label is the label in lang (nl or fr); our English one otherwise.
func (i Infection) Label(lang string) string { return label(i.OwnLabel, i.NL, i.FR, "", lang) }

// Infection finds an infection by its internal code.
func (s *Set) Infection(code string) (Infection, bool) {
	for _, i := range s.Antimicrobial.Infections {
		if i.Code == code {
			return i, true
		}
	}
	return Infection{}, false
}

// FindInfection reads an infection from the codings of one diagnosis: its
// internal code, else membership in a code list, else an expression, judged by
// matches (nil when there is no terminology service). Of several hits age
// decides between child and adult variants; then the order of the file.
func (s *Set) FindInfection(codings []Coding, age int, matches func(snomed, ecl string) bool) (Infection, bool) {
	for _, c := range codings {
		if i, ok := s.Infection(c.Code); ok {
			return i, true
		}
	}
	hits := s.infections(func(i Infection) bool {
		return slices.ContainsFunc(codings, i.lists)
	})
	if len(hits) == 0 && matches != nil {
		hits = s.infections(func(i Infection) bool {
			return i.ECL != "" && slices.ContainsFunc(codings, func(c Coding) bool {
				return c.System == SNOMED && matches(c.Code, i.ECL)
			})
		})
	}
	if len(hits) == 0 {
		return Infection{}, false
	}
	wrong := "_VOLWASSENEN"
	if age >= AdultFrom {
		wrong = "_KIND"
	}
	for _, i := range hits {
		if len(hits) > 1 && strings.HasSuffix(i.Code, wrong) {
			continue
		}
		return i, true
	}
	return hits[0], true
}

func (s *Set) infections(is func(Infection) bool) []Infection {
	var out []Infection
	for _, i := range s.Antimicrobial.Infections {
		if is(i) {
			out = append(out, i)
		}
	}
	return out
}

// lists says whether a code list holds the coding. A three-character ICD-10
// code in the list stands for its whole category.
func (i Infection) lists(c Coding) bool {
	switch c.System {
	case SNOMED:
		return contains(i.SNOMED, c.Code)
	case ICPC2:
		return contains(i.ICPC2, c.Code)
	case ICD10, ICD10CM:
		if contains(i.ICD10, c.Code) {
			return true
		}
		category, _, sub := strings.Cut(c.Code, ".")
		return sub && len(category) == 3 && contains(i.ICD10, category)
	}
	return false
}
