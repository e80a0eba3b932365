package records

import "github.com/ehealth-sandbox/sandbox/mocks/internal/store"

// Replacement of a patient's number (merged national numbers): a search with
// either pseudonym finds the documents of both.

// PutAlias notes that the patient old is now known as current.
func PutAlias(w store.Writer, old, current string) {
	w.Put(aliasPrefix+hash(old), []byte(current))
	w.Put(root+"aliased/"+hash(current)+"/"+hash(old), []byte(old))
}

// Current is the pseudonym that replaces atRest, or atRest itself.
func Current(r store.Reader, atRest string) string {
	for range 8 { // merged more than once
		raw, ok := r.Get(aliasPrefix + hash(atRest))
		if !ok {
			break
		}
		atRest = string(raw)
	}
	return atRest
}

// Same lists every pseudonym of the person, the current one first.
func Same(r store.Reader, atRest string) []string {
	all := []string{Current(r, atRest)}
	seen := map[string]bool{all[0]: true}
	for i := 0; i < len(all); i++ {
		for _, raw := range r.Scan(root+"aliased/"+hash(all[i])+"/", "") {
			if old := string(raw); !seen[old] {
				seen[old] = true
				all = append(all, old)
			}
		}
	}
	return all
}
