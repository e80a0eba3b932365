package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/ehealth-sandbox/sandbox/clients/pseudo"
)

// pseudonymise shows the blinded protocol: one value, several, and back.
func (j *journey) pseudonymise(ctx context.Context) error {
	d := j.domain(j.initial.Access)
	doc, err := d.Document(ctx)
	if err != nil {
		return err
	}
	j.say("domain %s, audience %s, pseudonyms live %s", doc.Domain, doc.Audience, doc.TimeToLiveInTransit)
	one, err := d.Pseudonymize(ctx, []byte(patientSSIN))
	if err != nil {
		return err
	}
	j.say("%s → %s", patientSSIN, shorten(one.String(), 60))
	values := [][]byte{[]byte(patientSSIN), []byte("04050699738"), []byte("80322799896")}
	several, err := d.PseudonymizeMultiple(ctx, values)
	if err != nil {
		return err
	}
	transit := []pseudo.InTransit{one}
	for _, r := range several {
		if r.Err != nil {
			return r.Err
		}
		transit = append(transit, r.Value)
	}
	back, err := d.IdentifyMultiple(ctx, transit)
	if err != nil {
		return err
	}
	want := append([][]byte{[]byte(patientSSIN)}, values...)
	for i, r := range back {
		if r.Err != nil {
			return r.Err
		}
		if string(r.Value) != string(want[i]) {
			return fmt.Errorf("value %d came back as %q, want %q", i, r.Value, want[i])
		}
	}
	j.say("identified again: %d of %d", len(back), len(want))
	return nil
}

// Canonical URLs of the profiles and extensions the journey uses.
const (
	referral      = "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/"
	infsec        = "https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/"
	nursing       = "https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/ereferral-servicerequest-nursing"
	ssinSystem    = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"
	templates     = "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type"
	noteTypes     = "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-note-types"
	noteType      = "https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-codeableconcept"
	shortCodes    = "https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep-short"
	snomed        = "http://snomed.info/sct"
	fhirJSON      = "application/fhir+json"
	textKeyID     = "5f1d6c1e-0a52-4e0a-8f5e-1c2b3d4e5f60" // any id; it ties texts to their key
	dateLayout    = time.DateOnly
	instantLayout = "2006-01-02T15:04:05-07:00"
)

type object = map[string]any
type list = []any

// marked says of a string that it is a pseudonym ("direct") or encrypted.
func marked(format string, version int) object {
	return object{"extension": list{object{"url": infsec + "be-ext-pseudonymization", "extension": list{
		object{"url": "marker", "valueBoolean": true}, object{"url": "format", "valueCode": format}, object{"url": "version", "valuePositiveInt": version}}}}}
}

// now is the sandbox's clock, which may have been moved; a real client uses
// its own.
func (j *journey) now(ctx context.Context) (time.Time, error) {
	a, err := j.do(ctx, request{method: http.MethodGet, path: "/_sandbox/live", want: http.StatusOK})
	if err != nil {
		return time.Time{}, err
	}
	return http.ParseTime(a.header.Get("Date"))
}

// nursingPrescription builds a prescription of hygienic care with a remark
// that only those who may identify its key can read.
func nursingPrescription(ctx context.Context, d *pseudo.Domain, requester string, now time.Time) (object, error) {
	patient, err := d.Pseudonymize(ctx, []byte(patientSSIN))
	if err != nil {
		return nil, err
	}
	key, err := pseudo.NewTextKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	keyTransit, err := d.Pseudonymize(ctx, key.Value())
	if err != nil {
		return nil, err
	}
	note, err := key.Encrypt("Please ring twice, the patient walks slowly.", rand.Reader)
	if err != nil {
		return nil, err
	}
	coded := func(system, code string) object {
		return object{"coding": list{object{"system": system, "code": code}}}
	}
	return object{
		"resourceType": "ServiceRequest",
		"meta": object{"profile": list{nursing}, "extension": list{object{"id": textKeyID, "url": infsec + "be-ext-key-pseudonymization",
			"extension": list{object{"url": "key", "valueString": keyTransit.FHIR(), "_valueString": marked("direct", 2)}}}}},
		"extension": list{
			object{"url": referral + "be-ext-validity-period", "valuePeriod": object{"start": now.Format(dateLayout)}},
			object{"url": referral + "be-ext-feedback-to-prescriber", "valueBoolean": true}},
		"status": "active", "intent": "order",
		"category": list{coded(snomed, "9632001"), coded(templates, "hygienic-care")},
		"code":     coded(snomed, "225964003"),
		"subject":  object{"identifier": object{"use": "official", "system": ssinSystem, "value": patient.FHIR(), "_value": marked("direct", 2)}},
		"occurrenceTiming": object{"repeat": object{"boundsDuration": object{"value": 2, "system": "http://unitsofmeasure.org", "code": "mo"},
			"count": 16, "frequency": 2, "period": 1, "periodUnit": "wk"}},
		"authoredOn": now.Format(instantLayout),
		"requester":  object{"reference": requester},
		"note": list{object{"extension": list{object{"url": noteType, "valueCodeableConcept": coded(noteTypes, "general-remarks")}},
			"text": pseudo.Encrypted(textKeyID, note), "_text": marked("encrypted", 1)}},
	}, nil
}

// stored is what the journey reads of a ServiceRequest.
type stored struct {
	ID         string `json:"id"`
	Identifier []struct{ System, Value string }
	Subject    struct{ Identifier struct{ Value string } }
}

func (s stored) shortCode() string {
	for _, id := range s.Identifier {
		if id.System == shortCodes {
			return id.Value
		}
	}
	return ""
}

// create posts a prescription and reads it back.
func (j *journey) create(ctx context.Context, d *pseudo.Domain, uhmep, requester string) (stored, error) {
	var s stored
	now, err := j.now(ctx)
	if err != nil {
		return s, err
	}
	body, err := nursingPrescription(ctx, d, requester, now)
	if err != nil {
		return s, err
	}
	a, err := j.do(ctx, request{method: http.MethodPost, path: "/uhmep/v1/ServiceRequest", bearer: uhmep, json: body, typ: fhirJSON, want: http.StatusCreated})
	if err != nil {
		return s, err
	}
	j.say("Location %s", a.header.Get("Location"))
	if err := a.into(&s); err != nil {
		return s, err
	}
	if a, err = j.do(ctx, request{method: http.MethodGet, path: "/uhmep/v1/ServiceRequest/" + s.ID, bearer: uhmep, want: http.StatusOK}); err != nil {
		return s, err
	}
	if err := a.into(&s); err != nil {
		return s, err
	}
	transit, err := pseudo.ParseInTransit(s.Subject.Identifier.Value)
	if err != nil {
		return s, err
	}
	ssin, err := d.Identify(ctx, transit)
	if err != nil {
		return s, err
	}
	j.say("short code %s, patient identified as %s", s.shortCode(), ssin)
	if string(ssin) != patientSSIN || s.shortCode() == "" {
		return s, fmt.Errorf("patient %s, short code %q", ssin, s.shortCode())
	}
	return s, nil
}

func (j *journey) prescribe(ctx context.Context) error {
	s, err := j.create(ctx, j.domain(j.initial.Access), j.exchanged.Access, doctorRole)
	j.prescription = s.ID
	return err
}

// bundle is what the journey reads of a search answer.
type bundle struct {
	Total int
	Entry []struct{ Resource struct{ ID string } }
}

// search posts a form to _search and reports whether the id is in the answer.
func (j *journey) search(ctx context.Context, token string, form url.Values, id string) error {
	a, err := j.do(ctx, request{method: http.MethodPost, path: "/uhmep/v1/ServiceRequest/_search", bearer: token, form: form, want: http.StatusOK})
	if err != nil {
		return err
	}
	var b bundle
	if err := a.into(&b); err != nil {
		return err
	}
	j.say("%d prescriptions", b.Total)
	for _, e := range b.Entry {
		if e.Resource.ID == id {
			return nil
		}
	}
	return fmt.Errorf("prescription %s is not among the %d found", id, b.Total)
}

func (j *journey) find(ctx context.Context) error {
	fresh, err := j.domain(j.initial.Access).Pseudonymize(ctx, []byte(patientSSIN))
	if err != nil {
		return err
	}
	return j.search(ctx, j.exchanged.Access, url.Values{"patient": {fresh.FHIR()}}, j.prescription)
}

// performerTask assigns a professional to a prescription.
func performerTask(prescription, owner string) object {
	return object{"resourceType": "Task", "meta": object{"profile": list{referral + "be-performer-task"}}, "status": "ready", "intent": "order",
		"focus": object{"reference": "ServiceRequest/" + prescription}, "partOf": list{object{"reference": "Task/" + prescription}},
		"owner": object{"reference": owner}}
}

// startPatch is the FHIRPath Patch that starts an execution.
func startPatch(at time.Time) object {
	part := func(name, typ string, value any) object { return object{"name": name, typ: value} }
	return object{"resourceType": "Parameters", "parameter": list{object{"name": "operation", "part": list{
		part("type", "valueCode", "add"), part("path", "valueString", "Task.executionPeriod"), part("name", "valueString", "start"),
		part("value", "valueDateTime", at.Format(instantLayout))}}}}
}

// start posts a task and patches it to started.
func (j *journey) start(ctx context.Context, token string, task object) error {
	a, err := j.do(ctx, request{method: http.MethodPost, path: "/uhmep/v1/Task", bearer: token, json: task, typ: fhirJSON, want: http.StatusCreated})
	if err != nil {
		return err
	}
	made := struct{ ID, Status string }{}
	if err := a.into(&made); err != nil {
		return err
	}
	now, err := j.now(ctx)
	if err != nil {
		return err
	}
	if a, err = j.do(ctx, request{method: http.MethodPatch, path: "/uhmep/v1/Task/" + made.ID, bearer: token, json: startPatch(now), typ: fhirJSON, want: http.StatusOK}); err != nil {
		return err
	}
	if err := json.Unmarshal(a.body, &made); err != nil {
		return err
	}
	j.say("task %s is %s", made.ID, made.Status)
	if made.Status != "in-progress" {
		return fmt.Errorf("task is %s, want in-progress", made.Status)
	}
	return nil
}

func (j *journey) execute(ctx context.Context) error {
	t, err := j.login(ctx, "nurse-claes")
	if err != nil {
		return err
	}
	if t, err = j.exchangeFor(ctx, t.Access); err != nil {
		return err
	}
	return j.start(ctx, t.Access, performerTask(j.prescription, nurseRole))
}
