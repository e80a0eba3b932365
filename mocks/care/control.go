package care

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// MountControl registers the control calls below /_sandbox.
func (s *Service) MountControl(m *respond.Mux) {
	m.Handle("care-list", http.MethodGet, "/care", s.list)
	m.Handle("care-between", http.MethodGet, "/care/between/{patient}/{professional}", s.between)
	m.Handle("care-consent-put", http.MethodPut, "/care/consents/{patient}", put(s, func(c *Consent, v map[string]string) (string, Period) {
		c.Patient = v["patient"]
		return consentPrefix + c.Patient, c.Period
	}))
	m.Handle("care-consent-delete", http.MethodDelete, "/care/consents/{patient}", drop(consentPrefix))
	m.Handle("care-relation-put", http.MethodPut, "/care/relations/{patient}/{professional}", put(s, func(c *Relation, v map[string]string) (string, Period) {
		c.Patient, c.Professional = v["patient"], v["professional"]
		return relationPrefix + c.Patient + "/" + c.Professional, c.Period
	}))
	m.Handle("care-relation-delete", http.MethodDelete, "/care/relations/{patient}/{professional}", drop(relationPrefix))
	m.Handle("care-exclusion-put", http.MethodPut, "/care/exclusions/{patient}/{professional}", put(s, func(c *Exclusion, v map[string]string) (string, Period) {
		c.Patient, c.Professional = v["patient"], v["professional"]
		return exclusionPrefix + c.Patient + "/" + c.Professional, c.Period
	}))
	m.Handle("care-exclusion-delete", http.MethodDelete, "/care/exclusions/{patient}/{professional}", drop(exclusionPrefix))
	m.Handle("care-suspension-put", http.MethodPut, "/care/suspensions/{professional}", s.suspend)
	m.Handle("care-suspension-delete", http.MethodDelete, "/care/suspensions/{professional}", s.reinstate)
}

func (s *Service) list(r *http.Request) (any, error) { return s.All(tenant.From(r.Context())) }

func (s *Service) between(r *http.Request) (any, error) {
	v := mux.Vars(r)
	return s.Between(tenant.From(r.Context()), v["patient"], v["professional"])
}

// decode reads a body strictly; an empty one is {}.
func decode(r *http.Request, into any) error {
	body := bytes.TrimSpace(respond.Body(r))
	if len(body) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return invalid(err)
	}
	return nil
}

func invalid(err error) *respond.Refusal {
	return &respond.Refusal{Status: http.StatusBadRequest, Code: "invalid", Message: err.Error(), Rule: "control-care"}
}

// put records what the body says for the people in the path.
func put[T any](s *Service, fill func(*T, map[string]string) (key string, p Period)) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		vars, v := mux.Vars(r), new(T)
		defaults(v)
		if err := decode(r, v); err != nil {
			return nil, err
		}
		key, period := fill(v, vars)
		if err := check(period, values(vars)...); err != nil {
			return nil, invalid(err)
		}
		err := tenant.From(r.Context()).Store.Update(func(w store.Writer) error { return store.PutJSON(w, key, v) })
		return v, err
	}
}

// defaults: recording a consent or relation without saying more gives it.
func defaults(v any) {
	switch x := v.(type) {
	case *Consent:
		x.Given = true
	case *Relation:
		x.Exists = true
	}
}

func values(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// drop removes a record; a seeded one is hidden.
func drop(prefix string) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		v := mux.Vars(r)
		key := prefix + v["patient"]
		if p, ok := v["professional"]; ok {
			key += "/" + p
		}
		err := tenant.From(r.Context()).Store.Update(func(w store.Writer) error { return store.PutJSON(w, key, nil) })
		return &respond.Response{Status: http.StatusNoContent}, err
	}
}

func (s *Service) suspend(r *http.Request) (any, error) {
	t, x := tenant.From(r.Context()), Suspension{}
	if err := decode(r, &x); err != nil {
		return nil, err
	}
	x.Professional = mux.Vars(r)["professional"]
	if x.From == "" {
		x.From = t.Clock.Now().Format("2006-01-02T15:04:05Z07:00")
	}
	if err := check(x.Period, x.Professional); err != nil {
		return nil, invalid(err)
	}
	err := t.Store.Update(func(w store.Writer) error { return store.PutJSON(w, suspensionPrefix+x.Professional, x) })
	if err == nil && s.Suspended != nil {
		err = s.Suspended(t, x.Professional, x.Begins())
	}
	return x, err
}

func (s *Service) reinstate(r *http.Request) (any, error) {
	t, number := tenant.From(r.Context()), mux.Vars(r)["professional"]
	err := t.Store.Update(func(w store.Writer) error { return store.PutJSON(w, suspensionPrefix+number, nil) })
	if err == nil && s.Reinstated != nil {
		err = s.Reinstated(t, number)
	}
	return &respond.Response{Status: http.StatusNoContent}, err
}
