package uhmep

import (
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
)

// Pseudonyms is the owner's half of the pseudonymisation service for domain
// uhmep_v1. A pseudonym in transit is written SEC1:transitInfo, without the
// urn:be:fgov:pseudo:v2: in front.
type Pseudonyms interface {
	// Open turns a pseudonym in transit into the stable one. The error says
	// why it cannot be opened: broken, another domain, expired.
	Open(t *tenant.Tenant, transit string) (atRest string, err error)
	// Mint makes a fresh pseudonym in transit, different on every call.
	Mint(t *tenant.Tenant, atRest string) (transit string, err error)
	// AtRest is the stable pseudonym of a value, as an SSIN.
	AtRest(t *tenant.Tenant, value string) (string, error)
}

// Care knows the relations between patients and professionals.
type Care interface {
	// Relations returns a function that tells whether the professional may
	// deal with a patient, given by stable pseudonym: informed consent,
	// therapeutic relation, exclusion. When not, reason says which of them is
	// missing. The function reads nothing any more, so that it can be called
	// while the store is being read.
	Relations(t *tenant.Tenant, ssin, discipline string) func(patient string) (ok bool, reason string)
	// SuspendedSince is the day (YYYY-MM-DD) since when the professional is
	// suspended now, "" when not.
	SuspendedSince(t *tenant.Tenant, ssin string) string
}

// Checker judges bodies; *check.Checker is the real one.
type Checker interface {
	ServiceRequest(body []byte, c check.Context) (*check.ServiceRequest, []check.Issue)
	Task(body []byte, c check.Context) (*check.TaskDoc, []check.Issue)
	Patch(body []byte, target check.Kind, imaging bool, c check.Context) (*check.Patch, []check.Issue)
	Evaluation(body []byte, c check.Context) (*check.Evaluation, []check.Issue)
}
