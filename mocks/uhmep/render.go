package uhmep

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// URLs the server itself writes into resources.
const (
	referralStructure = "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/"
	uhmepSystem       = "https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep"
	shortSystem       = "https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/uhmep-short"
	ssinSystem        = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"
	validityURL       = referralStructure + "be-ext-validity-period"
	latestURL         = referralStructure + "be-ext-latest-end-date"
	statusReasonURL   = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
	pseudonymURL      = "https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/be-ext-pseudonymization"
	keyURL            = "https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/be-ext-key-pseudonymization"
	noteTypeURL       = "https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-ext-codeableconcept"
	noteTypeSystem    = "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-note-types"
	taskOutputSystem  = "https://www.ehealth.fgov.be/standards/fhir/terminology/ValueSet/be-vs-task-output-type" // a value set URL, used as a system by the guide
)

// Profiles of the three kinds of Task.
const (
	referralTaskProfile     = referralStructure + "be-referral-task"
	performerTaskProfile    = referralStructure + "be-performer-task"
	organizationTaskProfile = referralStructure + "be-organization-task"
)

// longDate writes a time as the profiles want authoredOn: 25 characters.
func longDate(at time.Time) string {
	return at.In(workflow.Zone()).Format("2006-01-02T15:04:05-07:00")
}

func instant(at time.Time) string {
	return at.In(workflow.Zone()).Format("2006-01-02T15:04:05.000-07:00")
}

// stamp sets id and version on a resource.
func stamp(o tree.Object, id string, version int, at time.Time) {
	o["id"] = id
	meta, _ := o["meta"].(tree.Object)
	if meta == nil {
		meta = tree.Object{}
		o["meta"] = meta
	}
	meta["versionId"] = strconv.Itoa(version)
	meta["lastUpdated"] = instant(at)
}

// readTree decodes stored JSON, numbers with all their digits.
func readTree(raw []byte) (tree.Object, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	o := tree.Object{}
	if err := dec.Decode(&o); err != nil {
		return nil, fmt.Errorf("stored resource: %w", err)
	}
	return o, nil
}

// setExtension puts one extension of a URL in place, or takes it away (nil).
func setExtension(o tree.Object, url string, ext tree.Object) {
	list, _ := o["extension"].([]any)
	kept := make([]any, 0, len(list)+1)
	for _, e := range list {
		if m, ok := e.(tree.Object); !ok || m["url"] != url {
			kept = append(kept, e)
		}
	}
	if ext != nil {
		ext["url"] = url
		kept = append(kept, ext)
	}
	if len(kept) == 0 {
		delete(o, "extension")
		return
	}
	o["extension"] = kept
}

// renderRequest writes the state of the document into the ServiceRequest.
func renderRequest(o tree.Object, c *records.Case) {
	o["status"] = c.RequestStatus()
	identifiers := []any{tree.Object{"system": uhmepSystem, "value": c.ID}}
	if c.Short != "" {
		identifiers = append(identifiers, tree.Object{"system": shortSystem, "value": c.Short})
	}
	for _, i := range tree.Objects(o, "identifier") {
		if system := tree.Text(i, "system"); system != uhmepSystem && system != shortSystem {
			identifiers = append(identifiers, i)
		}
	}
	o["identifier"] = identifiers
	if c.Latest != "" {
		setExtension(o, latestURL, tree.Object{"valueDateTime": string(c.Latest)})
	}
	if system, code := c.RequestReason(); code != "" {
		concept := tree.Object{}
		if old, _ := tree.Extension(o, statusReasonURL); old != nil {
			if text := tree.Child(old, "valueCodeableConcept"); text != nil {
				concept = tree.Clone(text)
			}
		}
		concept["coding"] = []any{tree.Object{"system": system, "code": code}}
		setExtension(o, statusReasonURL, tree.Object{"valueCodeableConcept": concept})
	}
}

// renderReferral makes the referral Task, which nobody but the server writes.
func renderReferral(c *records.Case, authoredOn string) tree.Object {
	o := tree.Object{
		"resourceType": "Task",
		"meta":         tree.Object{"profile": []any{referralTaskProfile}},
		"identifier":   []any{tree.Object{"system": uhmepSystem, "value": c.ID}},
		"status":       c.ReferralStatus(),
		"intent":       string(c.Intent),
		"focus":        tree.Object{"reference": "ServiceRequest/" + c.ID},
		"authoredOn":   authoredOn,
	}
	setPeriod(o, func() (string, string) { return c.ReferralPeriod() })
	return o
}

// renderTask writes the state of a performer or organisation Task into it.
func renderTask(o tree.Object, t workflow.Task) {
	o["status"] = string(t.Status)
	delete(o, "for") // the patient is never stored in a Task
	setPeriod(o, func() (string, string) { return t.Start, t.End })
}

func setPeriod(o tree.Object, of func() (start, end string)) {
	start, end := of()
	period, _ := o["executionPeriod"].(tree.Object)
	if start == "" && end == "" {
		delete(o, "executionPeriod")
		return
	}
	if period == nil {
		period = tree.Object{}
		o["executionPeriod"] = period
	}
	for name, value := range map[string]string{"start": start, "end": end} {
		if value == "" {
			delete(period, name)
		} else {
			period[name] = value
		}
	}
}

// newTask is the resource of a Task the server makes itself.
func newTask(sr string, t workflow.Task, intent workflow.Intent, authoredOn string) tree.Object {
	o := tree.Object{
		"resourceType": "Task",
		"meta":         tree.Object{"profile": []any{performerTaskProfile}},
		"status":       string(t.Status),
		"intent":       string(intent),
		"focus":        tree.Object{"reference": "ServiceRequest/" + sr},
		"partOf":       []any{tree.Object{"reference": "Task/" + sr}},
		"owner":        tree.Object{"reference": t.Owner},
		"authoredOn":   authoredOn,
	}
	if t.Under != "" {
		o["basedOn"] = []any{tree.Object{"reference": "Task/" + t.Under}}
	}
	return o
}
