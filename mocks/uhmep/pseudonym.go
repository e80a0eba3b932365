package uhmep

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// pseudonymURN stands before every pseudonym in transit on the wire.
const pseudonymURN = "urn:be:fgov:pseudo:v2:"

// pseudonymURNOther is how the infsec code system and some real documents spell
// it; it is read, never written.
const pseudonymURNOther = "urn:be:fgov:ehealth:pseudo:v2:"

// transitOf is the pseudonym in transit of a urn in either spelling.
func transitOf(value string) (string, bool) {
	if transit, ok := strings.CutPrefix(value, pseudonymURN); ok {
		return transit, true
	}
	return strings.CutPrefix(value, pseudonymURNOther)
}

// open resolves one pseudonym in transit to the stable one.
func (s *Service) open(ctx context.Context, value, where string) (string, error) {
	transit, ok := transitOf(value)
	if !ok {
		hint := ""
		if ssin.Valid(value) {
			hint = "this is a number in clear: pseudonymise it first (POST /pseudo/v1/domains/uhmep_v1/pseudonymize)"
		}
		return "", refuse(codePseudonymInvalid, "pseudonym-urn", "the pseudonym cannot be opened", where+": "+clip(value), pseudonymURN+"{SEC1}:{transitInfo}", hint)
	}
	atRest, err := s.Pseudonyms.Open(tenant.From(ctx), transit)
	if err != nil {
		return "", refuse(codePseudonymInvalid, "pseudonym-open", "the pseudonym cannot be opened", where+": "+err.Error(),
			"a pseudonym in transit of domain uhmep_v1 that has not expired", "")
	}
	journal.Record(ctx, "pseudonym-open", true, where+" opened", "", "")
	return atRest, nil
}

func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// patient resolves the pseudonyms of the patient in a document; two of them
// must be the same person.
func (s *Service) patient(ctx context.Context, found []check.Pseudonym) (string, error) {
	if len(found) == 0 {
		return "", refuse(codePatientPseudonym, "patient-one", "the document names no patient", "no pseudonym", "exactly one pseudonym of the patient", "")
	}
	one := ""
	for _, p := range found {
		atRest, err := s.open(ctx, p.Value, p.Expression)
		if err != nil {
			return "", err
		}
		if one != "" && atRest != one {
			return "", refuse(codePatientPseudonym, "patient-same-person", "the document names two patients", p.Expression+" is another person", "one person", "")
		}
		one = atRest
	}
	t := tenant.From(ctx)
	err := t.Store.View(func(r store.Reader) error {
		one = records.Current(r, one)
		return nil
	})
	return one, err
}

// settle puts the stable pseudonyms in the place of those in transit: subject
// in form A (our choice for storage and output), a contained patient's number,
// and the key.
func settle(o tree.Object, patient string, imaging bool, keys map[string]string) {
	marked := tree.Object{"extension": []any{pseudonymMark("direct", "2")}}
	identifier := tree.Object{"use": "official", "system": ssinSystem, "value": records.Marker + patient, "_value": marked}
	subject, _ := o["subject"].(tree.Object)
	if subject == nil {
		subject = tree.Object{}
		o["subject"] = subject
	}
	if !imaging {
		delete(subject, "reference")
	}
	delete(subject, "_reference")
	subject["identifier"] = identifier
	for _, c := range tree.Objects(o, "contained") {
		for _, i := range tree.Objects(c, "identifier") {
			if _, ok := transitOf(tree.Text(i, "value")); ok {
				i["value"] = records.Marker + patient
			}
		}
	}
	for _, ext := range tree.Objects(tree.Child(o, "meta"), "extension") {
		if tree.Text(ext, "url") != keyURL {
			continue
		}
		for _, sub := range tree.Objects(ext, "extension") {
			if atRest, ok := keys[tree.Text(sub, "valueString")]; ok {
				sub["valueString"] = records.Marker + atRest
			}
		}
	}
}

// keyExtension is the extension of meta that carries a key.
func keyExtension(kid, atRest string) tree.Object {
	return tree.Object{"id": kid, "url": keyURL, "extension": []any{tree.Object{"url": "key", "valueString": records.Marker + atRest,
		"_valueString": tree.Object{"extension": []any{pseudonymMark("direct", "2")}}}}}
}

func pseudonymMark(format, version string) tree.Object {
	return tree.Object{"url": pseudonymURL, "extension": []any{
		tree.Object{"url": "marker", "valueBoolean": true},
		tree.Object{"url": "format", "valueCode": format},
		tree.Object{"url": "version", "valuePositiveInt": number(version)},
	}}
}

// reserved refuses a document that holds the marker of stable pseudonyms where
// the server did not put it.
func reserved(o tree.Object) error {
	if bytes.Contains(tree.Encode(o), []byte(records.Marker)) {
		return refuse(codeBodyMalformed, "pseudonym-reserved", "the document holds a reserved value", records.Marker, "no value that starts with it", "")
	}
	return nil
}

// Mint writes stored JSON with fresh pseudonyms in transit. A page of results
// has many, each a scalar multiplication, so they are spread over the cores;
// not with -seed, where the order of draws must repeat.
func (s *Service) Mint(t *tenant.Tenant, stored []byte) ([]byte, error) {
	all := records.Pseudonyms(stored)
	values, errs := make([]string, len(all)), make([]error, len(all))
	one := func(i int) { values[i], errs[i] = s.Pseudonyms.Mint(t, all[i]) }
	if workers := min(runtime.GOMAXPROCS(0), len(all)/2); workers > 1 && !t.Chance.IsSeeded() {
		var next atomic.Int64
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for i := int(next.Add(1)) - 1; i < len(all); i = int(next.Add(1)) - 1 {
					one(i)
				}
			})
		}
		wg.Wait()
	} else {
		for i := range all {
			one(i)
		}
	}
	transit := make(map[string]string, len(all))
	for i, atRest := range all {
		if errs[i] != nil {
			return nil, errs[i]
		}
		transit[atRest] = pseudonymURN + values[i]
	}
	return records.Replace(stored, transit), nil
}
