package uhmep

import (
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// withReason is a cancel with an encrypted reason under a key.
func (b *bench) withReason(kid, key string) tree.Object {
	b.Helper()
	rest, _ := b.ps.AtRest(b.t, key)
	transit, _ := b.ps.Mint(b.t, rest)
	concept := sample.SetText(tree.Object{}, "text", sample.Encrypted(kid))
	body := sample.Patch(sample.SetStatus("ServiceRequest", "revoked"), sample.Operation("add", "ServiceRequest", "extension", "valueCodeableConcept", concept))
	body["meta"] = sample.KeyMeta(kid, pseudonymURN+transit)
	return body
}

func keysOf(o tree.Object) []string {
	var out []string
	for _, e := range tree.Objects(tree.Child(o, "meta"), "extension") {
		out = append(out, tree.Text(e, "id"))
	}
	return out
}

func TestACancelCarriesItsReason(t *testing.T) {
	t.Parallel()
	const other = "22222222-2222-4222-8222-222222222222"
	for _, tc := range []struct {
		name, kid, key string
		status         int
		code           string
		keys           int
	}{
		{"under the key of the document", sample.DefaultKeyID, "key", 200, "", 1},
		{"under a key of its own", other, "another", 200, "", 2},
		{"key-reused: another key under the same id", sample.DefaultKeyID, "another", 422, "KEY_MISMATCH", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := open(t, false)
			id := b.create("hygienic-care", "dr-peeters")
			a := b.call("dr-peeters", "PATCH", "/ServiceRequest/"+id, b.withReason(tc.kid, tc.key))
			if a.Code != tc.status || a.code() != tc.code {
				t.Fatalf("got %d %s\n%s", a.Code, a.code(), a.Body)
			}
			sr := b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+id, nil), 200)
			if keys := keysOf(sr.tree); len(keys) != tc.keys {
				t.Errorf("keys %v, want %d", keys, tc.keys)
			}
			if strings.Contains(sr.Body.String(), "at-rest") {
				t.Error("a stable pseudonym leaks")
			}
			if tc.status != 200 {
				return
			}
			ext, _ := tree.Extension(sr.tree, statusReasonURL)
			concept := tree.Child(ext, "valueCodeableConcept")
			if !tree.HasCoding(concept, "https://www.ehealth.fgov.be/standards/fhir/referral/CodeSystem/be-prescription-status-reason", "cancelingReason") ||
				!strings.HasPrefix(tree.Text(concept, "text"), encryptedVersion1) || concept["_text"] == nil {
				t.Errorf("status reason: %s", tree.Encode(concept))
			}
		})
	}
}

func TestAnApprovalCarriesItsNoteIntoThePrescription(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	id := b.create(sample.Annex81, "nurse-claes")
	rest, _ := b.ps.AtRest(b.t, "note")
	key, _ := b.ps.Mint(b.t, rest)
	const kid = "33333333-3333-4333-8333-333333333333"
	a := b.want(b.call("dr-peeters", "POST", "/ServiceRequest/"+id+"/$approve", sample.Evaluation("", sample.Options{KeyID: kid, Key: pseudonymURN + key})), 200)
	order := b.want(b.call("dr-peeters", "GET", "/ServiceRequest/"+tree.Text(tree.Objects(a.tree, "parameter")[0], "valueId"), nil), 200)
	if keys := keysOf(order.tree); len(keys) != 2 || keys[1] != kid {
		t.Errorf("keys: %v", keys)
	}
	notes := tree.Objects(order.tree, "note")
	last := notes[len(notes)-1]
	ext, _ := tree.Extension(last, noteTypeURL)
	if !tree.HasCoding(tree.Child(ext, "valueCodeableConcept"), noteTypeSystem, "comment-prescriber") || !strings.Contains(tree.Text(last, "text"), kid) || last["_text"] == nil {
		t.Errorf("note: %s", tree.Encode(last))
	}
}
