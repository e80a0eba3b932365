package pss

import (
	"context"
	"net/http"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// switches is what a tester may change while the sandbox runs. Absent members
// leave the setting of the same name in force.
type switches struct {
	Status  string `json:"status,omitempty"`  // on, off
	Consent string `json:"consent,omitempty"` // off, required
	Latency string `json:"latency,omitempty"` // Go duration
}

// maxLatency bounds the delay a tester may ask for.
const maxLatency = 30 * time.Second

// inForce is the tenant's switches over its settings.
func inForce(t *tenant.Tenant) (switches, error) {
	set := switches{
		Status: t.Settings.String("pss-status"), Consent: t.Settings.String("pss-consent"), Latency: t.Settings.String("pss-latency"),
	}
	var own switches
	err := t.Store.View(func(r store.Reader) error {
		var err error
		own, _, err = store.GetJSON[switches](r, switchesKey)
		return err
	})
	if own.Status != "" {
		set.Status = own.Status
	}
	if own.Consent != "" {
		set.Consent = own.Consent
	}
	if own.Latency != "" {
		set.Latency = own.Latency
	}
	return set, err
}

// delay waits as long as the tester asked for, or until the client leaves.
func (s switches) delay(ctx context.Context) error {
	d, _ := time.ParseDuration(s.Latency) // checked when it was set
	if d <= 0 {
		return nil
	}
	return clock.Sleep(ctx, min(d, maxLatency))
}

// down is the answer of doors A and C while PSS is switched off.
func down(r *http.Request) error {
	return refuse(r, codeQSI, "pss.status is off", "pss.status on", "PUT /_sandbox/pss/switches {\"status\":\"on\"} brings it back")
}
