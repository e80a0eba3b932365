package mocks

import (
	"net/http"
	"slices"
	"strings"
	"time"

	clientpseudo "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
)

// sampleInstant is how authoredOn is written: 25 characters, no Z.
const sampleInstant = "2006-01-02T15:04:05-07:00"

// sample answers GET /_sandbox/uhmep/sample: a ServiceRequest ready to be
// posted to UHMEP by the requester, with fresh pseudonyms and an encrypted
// text. Query: template, patient and requester (persona names).
func (s *Sandbox) sample(r *http.Request) (any, error) {
	t, q := tenant.From(r.Context()), r.URL.Query()
	w := s.world.Of(t)
	template := or(q.Get("template"), "hygienic-care")
	if !slices.Contains(sample.Templates(), template) {
		return nil, sampleRefusal("template", template, strings.Join(sample.Templates(), ", "))
	}
	patient, ok := w.Find(or(q.Get("patient"), "pat-dubois"))
	if !ok {
		return nil, sampleRefusal("patient", q.Get("patient"), "a persona's name or SSIN, see /_sandbox/info")
	}
	fallback := "dr-peeters"
	if template == sample.Annex81 {
		fallback = "nurse-claes" // a proposal comes from a caregiver
	}
	requester, ok := w.Find(or(q.Get("requester"), fallback))
	if !ok || requester.Patient() {
		return nil, sampleRefusal("requester", q.Get("requester"), "a professional's persona name, SSIN or NIHII, see /_sandbox/info")
	}
	options, err := s.sampleOptions(t, patient, requester)
	if err != nil {
		return nil, err
	}
	return &respond.Response{Status: http.StatusOK, ContentType: "application/fhir+json", Body: sample.JSON(sample.Request(template, options))}, nil
}

// sampleOptions makes the parts that need keys and clock.
func (s *Sandbox) sampleOptions(t *tenant.Tenant, patient, requester world.Persona) (sample.Options, error) {
	own := s.parts.pseudo.Owned(uhmepDomain)
	transit, err := own.Transit(t, patient.SSIN)
	if err != nil {
		return sample.Options{}, err
	}
	key, err := clientpseudo.NewTextKey(t.Chance)
	if err != nil {
		return sample.Options{}, err
	}
	keyTransit, err := own.Transit(t, string(key.Value()))
	if err != nil {
		return sample.Options{}, err
	}
	now, kid := t.Clock.Now().In(clock.Brussels()), t.Chance.UUID()
	return sample.Options{
		Patient: clientpseudo.PrefixV2 + transit, Key: clientpseudo.PrefixV2 + keyTransit, KeyID: kid,
		Requester:  "PractitionerRole/" + requester.SSIN + "-" + strings.ToUpper(requester.Disciplines[0].Key),
		AuthoredOn: now.Format(sampleInstant), Start: now.Format(time.DateOnly),
		Encrypt: func(text string) string {
			jwe, err := key.Encrypt(text, t.Chance)
			if err != nil {
				panic(err) // a fresh key and a working random source cannot fail
			}
			return clientpseudo.Encrypted(kid, jwe)
		},
	}, nil
}

func sampleRefusal(what, got, want string) *respond.Refusal {
	return &respond.Refusal{Status: http.StatusBadRequest, Code: "bad-" + what, Message: "unknown " + what, Rule: "control-sample", Got: got, Want: want}
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
