package tx

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
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

// sctMap finds the implicit map that a URL names, http://snomed.info/sct[/module[/version/date]]?fhir_cm=<id>, and the edition in it.
func (q *request) sctMap(u string) (m SCTMap, edition string, ok bool) {
	base, query, _ := strings.Cut(u, "?")
	base, _ = strings.CutSuffix(base, "/")
	id, ok := snomed.ParseID(strings.TrimPrefix(query, "fhir_cm="))
	n := slices.IndexFunc(q.SCTMaps, func(m SCTMap) bool { return m.Refset == id })
	switch {
	case !ok || n < 0 || !strings.HasPrefix(query, "fhir_cm="):
		return m, "", false
	case base == snomedURL:
		return q.SCTMaps[n], "", true
	}
	return q.SCTMaps[n], base, strings.HasPrefix(base, snomedURL+"/") || strings.HasPrefix(base, "http://snomed.info/xsct/")
}

// implicitly translates with the reference set that a URL names; version is the edition of a ConceptMap that was read, may be empty.
func (t *translation) implicitly(u, version string) *Problem {
	m, edition, ok := t.sctMap(u)
	if !ok {
		return problem(http.StatusNotFound, "not-found", "not-found", fmt.Sprintf("A definition for the concept map '%s' could not be found", u))
	}
	for _, c := range t.codings {
		if p := t.withRefset(m, u, cmp.Or(edition, version), c); p != nil {
			return p
		}
	}
	return nil
}

// withImplicit adds what the reference sets say that fit a request which names no map.
func (t *translation) withImplicit(c Coding) {
	why := t.why
	defer func() { t.why = why }()
	for _, m := range t.SCTMaps {
		from, to := snomedURL, m.Target
		if t.reversed {
			from, to = to, from
		}
		if c.System == from && (t.wanted == "" || t.wanted == to) || c.System == m.Target && t.wanted == snomedURL && m.Target != snomedURL {
			if p := t.withRefset(m, fmt.Sprintf("%s?fhir_cm=%d", snomedURL, m.Refset), "", c); p != nil {
				t.note("concept-map-implicit", p.Error())
			}
		}
	}
}

// withRefset looks one coding up in a reference set. A code of the target system asks for the way back, as reverse does.
func (t *translation) withRefset(m SCTMap, u, version string, c Coding) *Problem {
	back := t.reversed || c.System == m.Target && m.Target != snomedURL
	from, to := snomedURL, m.Target
	if back {
		from, to = to, from
	}
	if c.System == "" {
		c.System = from
	}
	if c.System != from || t.wanted != "" && t.wanted != to {
		t.why = cmp.Or(t.why, fmt.Sprintf("The concept map '%s' translates from '%s' to '%s'", u, from, to))
		return nil
	}
	if version == "" && strings.HasPrefix(c.Version, snomedURL+"/") {
		version = c.Version
	}
	sys, p := t.system(snomedURL, version)
	if p != nil {
		return p
	}
	s, ok := sctOf(sys)
	if !ok {
		t.why = cmp.Or(t.why, fmt.Sprintf("'%s' has no reference sets: import a release (sandbox import-rf2, -rf2)", sys.Info().Canonical()))
		return nil
	}
	row, ok := s.Edition.Refset(m.Refset)
	if !ok {
		t.why = cmp.Or(t.why, fmt.Sprintf("The reference set %d (%s) has no members in '%s'", m.Refset, m.Name, sys.Info().Version))
		return nil
	}
	var list []match
	switch {
	case back:
		list = backInRefset(s, row, m, c)
	default:
		if i, ok := s.Find(c.Code); ok {
			list = forthInRefset(s, row, m, uint32(i))
		}
	}
	for _, x := range list {
		x.implicit, x.origin, x.from = true, u, Coding{System: c.System, Version: c.Version, Code: c.Code}
		t.found = append(t.found, x)
	}
	return nil
}

// backInRefset finds the concepts that a reference set leads to a code.
func backInRefset(s *SCT, row *snomed.RefsetRow, m SCTMap, c Coding) []match {
	var out []match
	for i := range s.Edition.Members(row) {
		x := s.Edition.MemberAt(row, i)
		r, ok := readMapRow(s, row, m, x)
		if !ok || r.target != c.Code {
			continue
		}
		source := Coding{System: snomedURL, Code: s.Code(int(x.Concept))}
		if !slices.ContainsFunc(out, func(o match) bool { return o.target == source }) {
			out = append(out, match{equivalence: turned(r.equivalence), target: source, advice: r.condition()})
		}
	}
	return out
}

// forthInRefset turns the rows of one concept into matches: of each map group the first row whose rule holds. A rule that needs facts about
// the patient cannot be decided, so all rows from there on are given, with their advice.
func forthInRefset(s *SCT, row *snomed.RefsetRow, m SCTMap, c uint32) []match {
	var rows []mapRow
	for _, x := range s.Edition.MembersOf(row, c) {
		if r, ok := readMapRow(s, row, m, x); ok {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b mapRow) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.priority, b.priority))
	})
	var out []match
	decided, undecided := 0, 0 // map groups
	for _, r := range rows {
		if r.group != 0 && decided == r.group {
			continue
		}
		switch {
		case !r.certain():
			undecided = r.group
		case undecided != r.group:
			decided = r.group
		}
		x := match{equivalence: r.equivalence, target: Coding{System: m.Target, Code: r.target}}
		if undecided == r.group && r.group != 0 {
			x.advice = r.advice
		}
		out = append(out, x)
	}
	return out
}

// mapRow is one member of a reference set that serves as a map. Group and priority are 0 and the rule is empty in sets without them.
type mapRow struct {
	group, priority      int
	rule, advice, target string
	equivalence          string
}

// certain tells whether the rule holds for every patient.
func (r mapRow) certain() bool { return r.rule == "" || r.rule == "TRUE" || r.rule == "OTHERWISE TRUE" }

// condition is the advice of a row that holds for some patients only.
func (r mapRow) condition() string {
	if r.certain() {
		return ""
	}
	return r.advice
}

// readMapRow reads a member by the names of its columns: an association, or a simple, complex or extended map.
func readMapRow(s *SCT, row *snomed.RefsetRow, m SCTMap, x snomed.Member) (mapRow, bool) {
	if m.Target == snomedURL {
		if x.Target == snomed.None {
			return mapRow{}, false
		}
		return mapRow{target: s.Code(int(x.Target)), equivalence: m.Equivalence}, true
	}
	fields := strings.Split(x.Text, "\t")
	column := func(name string) string {
		if i, ok := row.Field(name); ok && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	r := mapRow{rule: column("mapRule"), advice: column("mapAdvice"), target: column("mapTarget"), equivalence: correlation(column("correlationId"))}
	r.group, _ = strconv.Atoi(column("mapGroup"))
	r.priority, _ = strconv.Atoi(column("mapPriority"))
	return r, r.target != "" || r.equivalence == "unmatched"
}

func turned(equivalence string) string {
	switch equivalence {
	case "wider":
		return "narrower"
	case "narrower":
		return "wider"
	case "subsumes":
		return "specializes"
	case "specializes":
		return "subsumes"
	}
	return equivalence
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
