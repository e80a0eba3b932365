package pss

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// MountControl registers the tester's calls below /_sandbox.
func (s *Service) MountControl(m *respond.Mux) {
	m.Handle("pss-switches", http.MethodGet, "/pss/switches", s.readSwitches)
	m.Handle("pss-switches-set", http.MethodPut, "/pss/switches", s.setSwitches)
	m.Handle("pss-exchanges", http.MethodGet, "/pss/exchanges", s.listExchanges)
	m.Handle("pss-exchanges-delete", http.MethodDelete, "/pss/exchanges", s.deleteExchanges)
	m.Handle("pss-exchange", http.MethodGet, "/pss/exchanges/{id}", s.readExchange)
	m.Handle("pss-exchange-delete", http.MethodDelete, "/pss/exchanges/{id}", s.deleteExchange)
	m.Handle("pss-rules", http.MethodGet, "/pss/rules", s.listRules)
	m.Handle("pss-explain", http.MethodPost, "/pss/explain", s.explainCall)
}

func badControl(message, got, want string) error {
	return &respond.Refusal{Status: http.StatusBadRequest, Code: "bad-request", Message: message, Rule: "pss-control", Got: got, Want: want}
}

func (s *Service) readSwitches(r *http.Request) (any, error) {
	return inForce(tenant.From(r.Context()))
}

// setSwitches replaces the tenant's switches; an absent member goes back to
// the setting.
func (s *Service) setSwitches(r *http.Request) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(respond.Body(r)))
	dec.DisallowUnknownFields()
	var sw switches
	if err := dec.Decode(&sw); err != nil {
		return nil, badControl("the body must be {\"status\",\"consent\",\"latency\"}: "+err.Error(), "", "")
	}
	if !slices.Contains([]string{"", "on", "off"}, sw.Status) {
		return nil, badControl("status must be on or off", sw.Status, "on, off")
	}
	if !slices.Contains([]string{"", "off", "required"}, sw.Consent) {
		return nil, badControl("consent must be off or required", sw.Consent, "off, required")
	}
	if sw.Latency != "" {
		if d, err := time.ParseDuration(sw.Latency); err != nil || d < 0 || d > maxLatency {
			return nil, badControl("latency must be a duration from 0s to "+maxLatency.String(), sw.Latency, "0s to 30s")
		}
	}
	t := tenant.From(r.Context())
	if err := t.Store.Update(func(w store.Writer) error { return store.PutJSON(w, switchesKey, sw) }); err != nil {
		return nil, err
	}
	return inForce(t)
}

// listExchanges shows the stored consultations, newest first, without their
// answers.
func (s *Service) listExchanges(r *http.Request) (any, error) {
	t := tenant.From(r.Context())
	out := []exchange{}
	err := t.Store.View(func(v store.Reader) error {
		for _, raw := range v.Scan(exchangePrefix, "") {
			var x exchange
			if err := json.Unmarshal(raw, &x); err != nil {
				return err
			}
			if !expired(t, &x) {
				x.Answer, x.Bundle, x.Explain = nil, nil, nil
				out = append(out, x)
			}
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b exchange) int { return b.Created.Compare(a.Created) })
	return map[string]any{"exchanges": out}, err
}

func (s *Service) readExchange(r *http.Request) (any, error) {
	x, found, err := get(tenant.From(r.Context()), mux.Vars(r)["id"])
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, &respond.Refusal{Status: http.StatusNotFound, Code: "not-found", Message: "no such consultation", Rule: "pss-control", Got: mux.Vars(r)["id"]}
	}
	return x, nil
}

func (s *Service) deleteExchange(r *http.Request) (any, error) {
	t := tenant.From(r.Context())
	if _, err := s.readExchange(r); err != nil {
		return nil, err
	}
	id := mux.Vars(r)["id"]
	err := drop(t, func(have string) bool { return have == id })
	return &respond.Response{Status: http.StatusNoContent}, err
}

func (s *Service) deleteExchanges(r *http.Request) (any, error) {
	err := drop(tenant.From(r.Context()), func(string) bool { return true })
	return &respond.Response{Status: http.StatusNoContent}, err
}

// listRules shows which rule set is in force.
func (s *Service) listRules(*http.Request) (any, error) {
	return map[string]any{
		"checksum": s.rules.Checksum, "files": s.rules.Files, "rules": len(s.rules.Rules), "procedures": len(s.rules.Procedures),
		"indications": len(s.rules.Indications), "groups": s.rules.Groups(), "infections": len(s.rules.Antimicrobial.Infections),
		"warning": invented().en,
	}, nil
}

// explainCall answers a radiology question with every step and stores nothing.
func (s *Service) explainCall(r *http.Request) (any, error) {
	q, err := s.readControl(r)
	if err != nil {
		return nil, err
	}
	return s.explain(s.rules.Radiology(rules.Question{
		Age: q.Age, Sex: q.Sex, Indications: q.Indications, Intention: q.Intention, Flags: q.Flags,
		Consider: tenant.From(r.Context()).Settings.Bool("pss-consider-info") || len(q.Flags) > 0,
	})), nil
}
