package check

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
)

// Forms of references to professionals and organisations. The underscore is outside the alphabet of FHIR ids; the platform uses it.
var (
	roleForm         = regexp.MustCompile(`^PractitionerRole/(\d{11})-([A-Z_]{2,40})(?:-NIHII-(\d{11}))?$`)
	organisationForm = regexp.MustCompile(`^Organization/NIHII-(\d{11})$`)
)

// ParseActor reads a reference in relative form. why is empty when it is right; nobody is looked up.
func ParseActor(reference string) (a Actor, why string) {
	if m := organisationForm.FindStringSubmatch(reference); m != nil {
		return Actor{Reference: reference, NIHII: m[1]}, ""
	}
	m := roleForm.FindStringSubmatch(reference)
	if m == nil {
		return a, "the reference is not PractitionerRole/{SSIN}-{DISCIPLINE}[-NIHII-{nihii11}] or Organization/NIHII-{nihii11}"
	}
	if !ValidSSIN(m[1]) {
		return a, "the check digits of the SSIN are wrong"
	}
	return Actor{Reference: reference, SSIN: m[1], Discipline: m[2], NIHII: m[3]}, ""
}

// ValidSSIN checks the last two of eleven digits: 97 less the remainder of the first nine, with a 2 in front for people born
// from 2000 on.
func ValidSSIN(ssin string) bool {
	if len(ssin) != 11 {
		return false
	}
	first, err1 := strconv.ParseUint(ssin[:9], 10, 64)
	digits, err2 := strconv.ParseUint(ssin[9:], 10, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	return 97-first%97 == digits || 97-(2_000_000_000+first)%97 == digits
}

// relative takes the base of this sandbox off an absolute reference.
func relative(reference, base string) string {
	if base == "" {
		return reference
	}
	if rest, ok := strings.CutPrefix(reference, strings.TrimSuffix(base, "/")+"/"); ok {
		return rest
	}
	return reference
}

// actor reads the reference at element of the document; kinds are the resource types allowed there.
func actor(element *profile.Node, base string, kinds ...string) (Actor, []Issue) {
	ref := element.Member("reference")
	if element == nil {
		return Actor{}, nil // its cardinality has been reported
	}
	if ref == nil {
		return Actor{}, []Issue{unprocessable(StageActor, "business-rule", ActorUnresolved, "actor-reference", element.Absent("reference"), "a literal reference is needed", "none", strings.Join(kinds, " or ")+"/…")}
	}
	text := relative(ref.Text(), base)
	a, why := ParseActor(text)
	if why == "" {
		kind, _, _ := strings.Cut(text, "/")
		for _, allowed := range kinds {
			if kind == allowed {
				a.Expression = ref.Path()
				return a, nil
			}
		}
		why = "the reference is to a " + kind
	}
	rule := "actor-form"
	if strings.Contains(why, "check digits") {
		rule = "actor-ssin"
	}
	return Actor{}, []Issue{unprocessable(StageActor, "business-rule", ActorUnresolved, rule, ref, why, text, actorWant(kinds))}
}

func actorWant(kinds []string) string {
	var forms []string
	for _, kind := range kinds {
		if kind == "Organization" {
			forms = append(forms, organisationForm.String())
		} else {
			forms = append(forms, roleForm.String())
		}
	}
	return strings.Join(forms, " or ")
}
