package pss

import (
	"encoding/json"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// Keys in the tenant's store:
//
//	pss/exchange/<id>                exchange, JSON
//	pss/age/<created>/<id>           empty; oldest first, to drop what is no longer kept
//	pss/consent/<version>/<caller>   consent, JSON
//	pss/switches                     what the tester set, JSON
const (
	exchangePrefix = "pss/exchange/"
	agePrefix      = "pss/age/"
	consentPrefix  = "pss/consent/"
	switchesKey    = "pss/switches"
)

func exchangeKey(id string) string { return exchangePrefix + id }

// ageLayout sorts as time does.
const ageLayout = "20060102T150405"

func ageKey(x *exchange) string { return agePrefix + x.Created.UTC().Format(ageLayout) + "/" + x.ID }

// sweepLimit bounds how many outdated exchanges one new one clears away.
const sweepLimit = 8

// maxID bounds a PSS number, which is otherwise opaque.
const maxID = 64

// Domains of advice.
const (
	Radiology     = "radiology"
	Antimicrobial = "antimicrobial"
)

// Kinds of exchange.
const (
	kindAdvice    = "recommendation"
	kindDiagnoses = "diagnoses"
	kindCollect   = "data-to-collect"
)

// exchange is one stored consultation.
type exchange struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Domain   string    `json:"domain"`
	Door     string    `json:"door"` // A, B or C
	Created  time.Time `json:"created"`
	Caller   caller    `json:"caller"`
	Asked    asked     `json:"asked"`
	RuleIDs  []string  `json:"ruleIds"`
	Checksum string    `json:"ruleSetChecksum"`
	Options  []option  `json:"options"`
	// Answer is the JSON of doors A and C, Bundle that of door B; an advice has
	// the first whichever door it was given at.
	Answer   json.RawMessage `json:"answer,omitempty"`
	Bundle   json.RawMessage `json:"bundle,omitempty"`
	Feedback []feedback      `json:"feedback,omitempty"`
	Explain  json.RawMessage `json:"explain,omitempty"` // why the answer is as it is
}

// asked is the question, without anything that identifies a person.
type asked struct {
	Age         int      `json:"age"`
	AgeMonths   int      `json:"ageMonths,omitempty"`
	Sex         string   `json:"sex"`
	Indications []string `json:"indications,omitempty"`
	Symptoms    []string `json:"symptoms,omitempty"`
	Intention   string   `json:"intention,omitempty"`
	Flags       []string `json:"flags,omitempty"`
}

// option is one line of the advice.
type option struct {
	ID        string   `json:"id"` // procedure code; for antimicrobials the ATC code or the number of the line
	Label     string   `json:"label"`
	Score     int      `json:"score"`
	Radiation int      `json:"radiation,omitempty"`
	Requested bool     `json:"requested,omitempty"`
	Resources []string `json:"resources,omitempty"` // full URLs of the option in the bundle
	Codes     []string `json:"codes,omitempty"`     // codes feedback may name it by
}

// feedback is what became of one option.
type feedback struct {
	Option     string          `json:"option"` // option id, or the code of something else
	Listed     bool            `json:"listed"` // whether the advice named it
	Status     string          `json:"status"` // accepted or rejected
	Reason     string          `json:"reason,omitempty"`
	ReasonText string          `json:"reasonText,omitempty"`
	Received   time.Time       `json:"received"`
	Resource   json.RawMessage `json:"resource"`
}

// put stores a new exchange and drops a few that are no longer kept.
func put(t *tenant.Tenant, x *exchange) error {
	oldest := agePrefix + x.Created.Add(-t.Settings.Duration("pss-retention")).UTC().Format(ageLayout)
	return t.Store.Update(func(w store.Writer) error {
		var old []string
		for key := range w.Scan(agePrefix, "") {
			if key >= oldest || len(old) == sweepLimit {
				break
			}
			old = append(old, key)
		}
		for _, key := range old {
			w.Delete(key)
			w.Delete(exchangeKey(key[len(agePrefix)+len(ageLayout)+1:]))
		}
		w.Put(ageKey(x), nil)
		return store.PutJSON(w, exchangeKey(x.ID), x)
	})
}

// drop removes exchanges.
func drop(t *tenant.Tenant, which func(id string) bool) error {
	return t.Store.Update(func(w store.Writer) error {
		var keys []string
		for key := range w.Scan(agePrefix, "") {
			if id := key[len(agePrefix)+len(ageLayout)+1:]; which(id) {
				keys = append(keys, key, exchangeKey(id))
			}
		}
		for _, key := range keys {
			w.Delete(key)
		}
		return nil
	})
}

// get reads an exchange that is still kept; false when there is none.
func get(t *tenant.Tenant, id string) (*exchange, bool, error) {
	if id == "" || len(id) > maxID {
		return nil, false, nil
	}
	var x exchange
	found := false
	err := t.Store.View(func(r store.Reader) error {
		var err error
		x, found, err = store.GetJSON[exchange](r, exchangeKey(id))
		return err
	})
	if err != nil || !found || expired(t, &x) {
		return nil, false, err
	}
	return &x, true, nil
}

func expired(t *tenant.Tenant, x *exchange) bool {
	return t.Clock.Now().Sub(x.Created) > t.Settings.Duration("pss-retention")
}

// Advice is what another service may know of a consultation that a
// prescription quotes.
type Advice struct {
	ID      string
	Domain  string // radiology or antimicrobial
	Created time.Time
	Options []AdviceOption
	// Answer is the JSON for the web components: of door A in the radiology
	// domain, of door C in the antimicrobial one, whichever door was used.
	Answer json.RawMessage
}

// AdviceOption is one line of the advice, best first.
type AdviceOption struct {
	Code      string
	Label     string
	Score     int // 9 to 1, 10 without a score; antimicrobial 3 to 1
	Radiation int // 0 to 5
	Requested bool
}

// Advice returns the consultation with that number; false when this tenant
// never gave it, or no longer keeps it.
func (s *Service) Advice(t *tenant.Tenant, exchangeID string) (Advice, bool, error) {
	x, found, err := get(t, exchangeID)
	if err != nil || !found || x.Kind != kindAdvice {
		return Advice{}, false, err
	}
	out := Advice{ID: x.ID, Domain: x.Domain, Created: x.Created, Answer: x.Answer}
	for _, o := range x.Options {
		out.Options = append(out.Options, AdviceOption{Code: o.ID, Label: o.Label, Score: o.Score, Radiation: o.Radiation, Requested: o.Requested})
	}
	return out, true, nil
}
