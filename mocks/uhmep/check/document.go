package check

import (
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Kind tells the documents of this API apart. It follows from meta.profile.
type Kind string

// The kinds of documents.
const (
	Nursing          Kind = "nursing"
	Annex81          Kind = "annex-81"
	Imaging          Kind = "imaging"
	ReferralTask     Kind = "referral-task"
	PerformerTask    Kind = "performer-task"
	OrganizationTask Kind = "organization-task"
)

// Pseudonym is a value in transit (urn:be:fgov:pseudo:v2:SEC1:transitInfo) found in a document. Point is the decoded SEC1 part,
// TransitInfo the compact JWE after it; both are checked for form only.
type Pseudonym struct {
	Value, TransitInfo, Expression string
	Point                          []byte
	Form                           string // "A" subject.identifier, "B" subject.reference, "C" contained Patient; "" for a key
}

// Key is the pseudonymised encryption key of a document. ID is its kid.
type Key struct {
	ID string
	Pseudonym
}

// EncryptedText is one encrypted text of a document.
type EncryptedText struct{ Expression, Value, KeyID string }

// Actor is a reference to a professional or an organisation, in its relative form.
type Actor struct {
	Reference               string // PractitionerRole/72010100133-PHYSICIAN, Organization/NIHII-71000436000
	SSIN, Discipline, NIHII string // what the id says; SSIN and Discipline are empty for an organisation
	Expression              string
}

// Duration is a treatment period: Value in UCUM units d, wk, mo or a.
type Duration struct {
	Value float64
	Unit  string
}

// Validity holds the two dates of the validity period (YYYY-MM-DD), defaults filled in, and whether the client gave them.
type Validity struct {
	Start, End           string
	StartGiven, EndGiven bool
}

// ServiceRequest is a checked medical document. Tree is the client's resource made ready to store: profile rewritten, narrative,
// id and server identifiers gone, references relative, defaults filled in; pseudonyms still in transit.
type ServiceRequest struct {
	Tree       tree.Object
	Kind       Kind
	Profile    string // canonical, without version
	Template   string // code of be-cs-prescription-type
	Intent     string
	Status     string // as the client sent it: draft or active
	Track      string // radiology
	Priority   string
	Patients   []Pseudonym // one, or two that must be the same person
	Key        *Key        // nil when the document has none
	Texts      []EncryptedText
	Requester  Actor
	AuthoredOn time.Time
	Validity   Validity
	Bounds     *Duration // occurrenceTiming.repeat.boundsDuration
	Replaces   []string  // ids of ServiceRequests
	BasedOn    []string  // references
}

// TaskDoc is a checked performer or organisation task.
type TaskDoc struct {
	Tree       tree.Object
	Kind       Kind
	Status     string
	Intent     string
	Focus      string // id of the ServiceRequest
	PartOf     string // id of the referral task
	BasedOn    string // id of the organisation task, "" when none
	Owner      Actor
	Start, End string // executionPeriod, date or dateTime, "" when absent
	Reason     tree.Object
	Substitute tree.Object // CodeableConcept of the new exam, nil when there is no substitution
	Key        *Key
	Texts      []EncryptedText
}

// Action is what a PATCH asks for.
type Action string

// The actions of the closed list of patches.
const (
	CancelDocument   Action = "cancel-document"
	CompleteDocument Action = "complete-document"
	Start            Action = "start"
	Finish           Action = "finish"
	Interrupt        Action = "interrupt"
	CancelExecution  Action = "cancel-execution"
	Accept           Action = "accept"
	Refuse           Action = "refuse"
)

// Patch is a FHIRPath Patch recognised as one of the allowed operation sets.
type Patch struct {
	Action     Action
	At         string      // Start, Finish: the date or dateTime
	Reason     tree.Object // Refuse: Task.statusReason; CancelDocument: CodeableConcept of the status reason, nil when none
	Substitute tree.Object // Accept: CodeableConcept of the new exam, nil without substitution
	Key        *Key
	Texts      []EncryptedText
}

// Evaluation is the body of $approve or $reject. All members may be empty.
type Evaluation struct {
	Requester *Actor
	Note      tree.Object // CodeableConcept with encrypted text
	Key       *Key
	Texts     []EncryptedText
}

// Context is what a check needs to know of its request. Base is the absolute FHIR base of this sandbox ("" accepts relative
// references only). StrictTemplates makes every rule of the template table an error; without it the rows the guide leaves to
// the business are warnings.
type Context struct {
	Now             time.Time
	Base            string
	StrictTemplates bool
}
