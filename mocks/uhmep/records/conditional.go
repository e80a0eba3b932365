package records

import "github.com/ehealth-sandbox/sandbox/mocks/internal/store"

// Conditional is the identifier of a conditional create. Only the server's own
// identifiers can match: a client's are kept in the document but not indexed.
type Conditional struct{ System, Value string }

// Identified lists the documents with that identifier: the UHMEP id, or a
// short code of the same patient.
func Identified(r store.Reader, c Conditional, patient string) []string {
	if _, ok := r.Get(caseKey(c.Value)); ok {
		return []string{c.Value}
	}
	if id, ok := ByShortCode(r, c.Value, patient); ok {
		return []string{id}
	}
	return nil
}
