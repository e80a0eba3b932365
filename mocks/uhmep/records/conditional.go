package records

import "github.com/ehealth-sandbox/sandbox/mocks/internal/store"

// Conditional is the identifier of a conditional create: one of the server's
// own, or one that a client gave its document to make a retry safe.
type Conditional struct {
	System, Value string
	Server        bool // the system is the server's: UHMEP id or short code
}

// Identified lists the documents with that identifier: the UHMEP id, a short
// code of the same patient, or a client's identifier.
func Identified(r store.Reader, c Conditional, patient string) []string {
	if c.Server {
		if _, ok := r.Get(caseKey(c.Value)); ok {
			return []string{c.Value}
		}
		if id, ok := ByShortCode(r, c.Value, patient); ok {
			return []string{id}
		}
		return nil
	}
	var ids []string
	for key := range r.Scan(identifierIndex(c.System+"|"+c.Value), "") {
		ids = append(ids, last(key))
	}
	return ids
}
