package pss

import "time"

// isDate says whether s is a FHIR date or dateTime: a year, a month, a day, or
// an instant with its offset. Days that do not exist are refused.
func isDate(s string) bool {
	for _, layout := range []string{"2006", "2006-01", time.DateOnly, time.RFC3339Nano} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}
