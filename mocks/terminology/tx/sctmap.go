package tx

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// SCTMap describes a reference set that serves as a concept map.
type SCTMap struct {
	Refset      uint64
	Name        string
	Target      string // code system of the targets
	Equivalence string // "" = from the correlation of each row
}

// SCTMaps lists the implicit concept maps of SNOMED CT; icd10be is the code system of the Belgian map.
func SCTMaps(icd10be string) []SCTMap {
	return []SCTMap{
		{snomed.SameAs, "SAME AS association", snomedURL, "equal"},
		{snomed.ReplacedBy, "REPLACED BY association", snomedURL, "equivalent"},
		{snomed.PossiblyEquivalentTo, "POSSIBLY EQUIVALENT TO association", snomedURL, "inexact"},
		{snomed.Alternative, "ALTERNATIVE association", snomedURL, "inexact"},
		{snomed.PossiblyReplacedBy, "POSSIBLY REPLACED BY association", snomedURL, "inexact"},
		{snomed.PartiallyEquivalent, "PARTIALLY EQUIVALENT TO association", snomedURL, "inexact"},
		{snomed.ICD10ExtendedMap, "ICD-10 extended map", "http://hl7.org/fhir/sid/icd-10", ""},
		{snomed.ICDOMap, "ICD-O map", "http://hl7.org/fhir/sid/icd-o", ""},
		{snomed.BelgianICD10Map, "ICD-10-BE map", icd10be, ""},
	}
}

// implicitMap translates with a reference set named by http://snomed.info/sct[/module[/version/date]]?fhir_cm=<id>.
func (q *request) implicitMap(u string, codings []Coding, reverse bool) ([]match, *Problem) {
	base, query, _ := strings.Cut(u, "?")
	id, ok := snomed.ParseID(strings.TrimPrefix(query, "fhir_cm="))
	n := slices.IndexFunc(q.SCTMaps, func(m SCTMap) bool { return m.Refset == id })
	if !ok || n < 0 || base != snomedURL && !strings.HasPrefix(base, snomedURL+"/") {
		return nil, problem(http.StatusNotFound, "not-found", "not-found", fmt.Sprintf("A definition for the concept map '%s' could not be found", u))
	}
	m := q.SCTMaps[n]
	version := ""
	if base != snomedURL {
		version = base
	}
	sys, p := q.system(snomedURL, version)
	if p != nil {
		return nil, p
	}
	s, _ := sctOf(sys)
	row, ok := s.Edition.Refset(id)
	if !ok {
		return nil, nil
	}
	var out []match
	for _, c := range codings {
		switch {
		case m.Target != snomedURL && reverse:
			out = append(out, mapReverse(s, row, m, u, c)...)
		default:
			i, ok := s.Find(c.Code)
			if !ok {
				continue
			}
			if reverse {
				out = append(out, associationReverse(s, row, m, u, uint32(i))...)
				continue
			}
			for _, x := range s.Edition.MembersOf(row, uint32(i)) {
				if t, ok := mapRow(s, m, u, x); ok {
					out = append(out, t)
				}
			}
		}
	}
	return out, nil
}

func associationReverse(s *SCT, row *snomed.RefsetRow, m SCTMap, u string, target uint32) []match {
	var out []match
	for i := range s.Edition.Members(row) {
		if x := s.Edition.MemberAt(row, i); x.Target == target {
			out = append(out, match{equivalence: m.Equivalence, target: Coding{System: snomedURL, Code: s.Code(int(x.Concept))}, source: u})
		}
	}
	return out
}

func mapReverse(s *SCT, row *snomed.RefsetRow, m SCTMap, u string, c Coding) []match {
	var out []match
	for i := range s.Edition.Members(row) {
		x := s.Edition.MemberAt(row, i)
		if t, ok := mapRow(s, m, u, x); ok && t.target.Code == c.Code {
			out = append(out, match{equivalence: turned(t.equivalence), target: Coding{System: snomedURL, Code: s.Code(int(x.Concept))}, source: u})
		}
	}
	return out
}

// mapRow turns one member into a match. Map rows hold mapGroup, mapPriority, mapRule, mapAdvice, mapTarget, correlationId, mapCategoryId,
// or only mapTarget. A rule that needs facts about the patient cannot be decided: the row is given with its advice.
func mapRow(s *SCT, m SCTMap, u string, x snomed.Member) (match, bool) {
	if m.Target == snomedURL {
		if x.Target == snomed.None {
			return match{}, false
		}
		return match{equivalence: m.Equivalence, target: Coding{System: snomedURL, Code: s.Code(int(x.Target))}, source: u}, true
	}
	f := strings.Split(x.Text, "\t")
	if len(f) == 1 {
		return match{equivalence: "relatedto", target: Coding{System: m.Target, Code: f[0]}, source: u}, f[0] != ""
	}
	if len(f) < 6 {
		return match{}, false
	}
	out := match{equivalence: correlation(f[5]), source: u, comment: f[3], target: Coding{System: m.Target, Code: f[4]}}
	return out, f[4] != "" || out.equivalence == "unmatched"
}

// correlation gives the equivalence that a correlation concept stands for.
func correlation(id string) string {
	switch id {
	case "447557004", "1193548004":
		return "equal"
	case "447559001", "1193547009":
		return "narrower"
	case "447558009", "1193549007":
		return "wider"
	case "447560006", "1193550007":
		return "inexact"
	case "447556008", "1193551006":
		return "disjoint"
	case "447561005", "1193552004":
		return "unmatched"
	}
	return "relatedto"
}
