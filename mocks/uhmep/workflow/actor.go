package workflow

import "strings"

// Role is what a caller is to the platform; exactly one per token.
type Role string

// The roles.
const (
	Patient      Role = "patient"
	Prescriber   Role = "prescriber"
	Caregiver    Role = "caregiver"
	Organisation Role = "organization"
)

// Actor is who asks.
type Actor struct {
	Role       Role
	Restricted bool   // a suspended professional; Role then says what they were
	SSIN       string // individual professionals
	Discipline string // PHYSICIAN, NURSE, …
	Org        string // organisations: Organization/NIHII-{n}
	OrgType    string // HOSPITAL, GROUPOFNURSES, …
	Pseudonym  string // patients: the stable pseudonym
	Since      Day    // restricted professionals: suspended since
}

// Ref is the PractitionerRole of an individual professional, else "".
func (a Actor) Ref() string {
	if a.SSIN == "" || a.Discipline == "" {
		return ""
	}
	return "PractitionerRole/" + a.SSIN + "-" + a.Discipline
}

// Is tells whether ref names this professional: same SSIN and same
// discipline, whatever the organisation.
func (a Actor) Is(ref string) bool { return a.Ref() != "" && sameProfessional(a.Ref(), ref) }

// Inside tells whether ref is a role within the actor's organisation.
func (a Actor) Inside(ref string) bool {
	n, ok := strings.CutPrefix(a.Org, "Organization/")
	return ok && strings.HasSuffix(ref, "-"+n)
}

// Professional cuts the organisation off a role reference:
// PractitionerRole/{ssin}-{DISCIPLINE}.
func Professional(ref string) string {
	p, _, _ := strings.Cut(ref, "-NIHII-")
	return p
}

// Discipline is the discipline in a role reference, or "".
func Discipline(ref string) string {
	_, d, _ := strings.Cut(Professional(ref), "-")
	return d
}

// SSIN is the number in a role reference, or "".
func SSIN(ref string) string {
	s, ok := strings.CutPrefix(ref, "PractitionerRole/")
	if !ok {
		return ""
	}
	s, _, _ = strings.Cut(s, "-")
	return s
}

func sameProfessional(a, b string) bool { return a != "" && Professional(a) == Professional(b) }

// PrescriberDiscipline tells whether a discipline prescribes (our choice from
// the front end: physician and dentist); all others are caregivers.
func PrescriberDiscipline(d string) bool { return d == "PHYSICIAN" || d == "DENTIST" }
