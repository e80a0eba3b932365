package iam

import "strings"

// certType is one of the 26 values for the type of an eHealth certificate in
// the registration forms; the spelling is theirs, irregularities included.
type certType struct {
	Name   string
	Digits int // usual length of the identifier; a deviation is only warned about
	// Key is the member of userProfile.organizations[] in tokens, empty when
	// the type stands for no organisation that may use eReferral.
	Key         string
	TargetGroup string
}

func certTypes() []certType {
	return []certType{
		{Name: "EHP", Digits: 10},
		{Name: "EHP-CTRL_ORGANISM", Digits: 10},
		{Name: "CBE", Digits: 10},
		{Name: "CBE-CONSORTIUM", Digits: 10},
		{Name: "CBE-TREAT_CENTER", Digits: 10},
		{Name: "NIHII-AMBU_SERVICE", Digits: 8},
		{Name: "NIHII-END-CAREER", Digits: 8},
		{Name: "NIHII-GROUP_DOCTORS", Digits: 8, Key: "groupofdoctors", TargetGroup: "GROUPOFDOCTORS"},
		{Name: "NIHII-GROUP", Digits: 8, Key: "groupofnurses", TargetGroup: "GROUPOFNURSES"},
		{Name: "NIHII-GUARD_POST", Digits: 8, Key: "guardpost", TargetGroup: "GUARD_POST"},
		{Name: "NIHII-HOME_SERVICES", Digits: 8, Key: "homecareservices", TargetGroup: "HOME_SERVICES"},
		{Name: "NIHII-HOSPITAL", Digits: 8, Key: "hospital", TargetGroup: "HOSPITAL"},
		{Name: "NIHII-ICP", Digits: 8},
		{Name: "NIHII-LABO", Digits: 8},
		{Name: "NIHII-LEGAL_PSY", Digits: 8},
		{Name: "NIHII-MEDICAL_HOUSE", Digits: 8, Key: "medicalhouse", TargetGroup: "MEDICAL_HOUSE"},
		{Name: "NIHII-OF_BAND", Digits: 8},
		{Name: "NIHII-OFFICE_DOCTORS", Digits: 8, Key: "officedoctors", TargetGroup: "OFFICE_DOCTORS"},
		{Name: "NIHII-PALLIATIVE_CARE", Digits: 8},
		{Name: "NIHII-PHARMACY", Digits: 8},
		{Name: "NIHII-OTD_PHARMACY", Digits: 8, Key: "otdpharmacy", TargetGroup: "OTD_PHARMACY"},
		{Name: "NIHII-PROT_ACC", Digits: 8},
		{Name: "NIHII-PSYCH_HOUSE", Digits: 8},
		{Name: "NIHII-REEDUCATION", Digits: 8, Key: "reeducation", TargetGroup: "REEDUCATION"},
		{Name: "NIHII-RETIREMENT", Digits: 8},
		{Name: "NIHII-SORTING_CENTER", Digits: 8},
	}
}

// certTypeByName compares exactly, as the real registry does.
func certTypeByName(name string) (certType, bool) {
	for _, c := range certTypes() {
		if c.Name == name {
			return c, true
		}
	}
	return certType{}, false
}

// nearestCertType is the suggestion for a misspelt type.
func nearestCertType(name string) string {
	names := make([]string, 0, 26)
	for _, c := range certTypes() {
		names = append(names, c.Name)
	}
	return nearest(strings.ToUpper(name), names)
}

// nearest is the candidate with the smallest edit distance to s.
func nearest(s string, candidates []string) string {
	best, bestDistance := "", 1<<30
	for _, c := range candidates {
		if d := editDistance(s, c); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// editDistance is Levenshtein's, on at most 100 bytes of each side.
func editDistance(a, b string) int {
	if len(a) > 100 {
		a = a[:100]
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
