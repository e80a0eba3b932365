package uhmep

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
)

// MountControl registers the control calls below /_sandbox.
func (s *Service) MountControl(m *respond.Mux) {
	m.Handle("uhmep-check", http.MethodGet, "/uhmep/check", s.checkStore)
	m.Handle("uhmep-matrix", http.MethodGet, "/uhmep/matrix", s.showMatrix)
	m.Handle("uhmep-alias", http.MethodPost, "/uhmep/aliases", s.putAlias)
}

// Verify compares the tenant's documents, versions and indexes.
func (s *Service) Verify(t *tenant.Tenant) (report records.Report, err error) {
	err = t.Store.View(func(r store.Reader) error {
		report = records.Verify(r)
		return nil
	})
	return report, err
}

func (s *Service) checkStore(r *http.Request) (any, error) {
	report, err := s.Verify(tenant.From(r.Context()))
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if len(report.Problems) > 0 {
		status = http.StatusInternalServerError
	}
	return &respond.Response{Status: status, Body: report}, nil
}

// showMatrix lists the access matrix in force.
func (s *Service) showMatrix(*http.Request) (any, error) {
	out := map[string]map[string][]string{}
	for _, who := range s.matrix.Who() {
		out[who] = map[string][]string{}
		for _, template := range s.matrix.Templates() {
			if flags := s.matrix.Granted(who, template); len(flags) > 0 {
				out[who][template] = flags
			}
		}
	}
	return out, nil
}

// putAlias records that a patient's number was replaced by another: UHMEP then
// finds the documents of both under either.
func (s *Service) putAlias(r *http.Request) (any, error) {
	var in struct {
		Old string `json:"old"` // SSIN
		New string `json:"new"`
	}
	dec := json.NewDecoder(bytes.NewReader(respond.Body(r)))
	dec.DisallowUnknownFields()
	bad := func(text string) error {
		return &respond.Refusal{Status: http.StatusBadRequest, Code: "invalid", Message: text, Rule: "control-uhmep-alias", Want: `{"old":"<ssin>","new":"<ssin>"}`}
	}
	if err := dec.Decode(&in); err != nil {
		return nil, bad(err.Error())
	}
	if !ssin.Valid(in.Old) || !ssin.Valid(in.New) || in.Old == in.New {
		return nil, bad("old and new must be two different national numbers")
	}
	t := tenant.From(r.Context())
	old, err := s.Pseudonyms.AtRest(t, in.Old)
	if err != nil {
		return nil, err
	}
	current, err := s.Pseudonyms.AtRest(t, in.New)
	if err != nil {
		return nil, err
	}
	if err := t.Store.Update(func(w store.Writer) error {
		if records.Current(w, current) == old {
			return bad("the numbers replace each other already, the other way round")
		}
		records.PutAlias(w, old, current)
		return nil
	}); err != nil {
		return nil, err
	}
	return in, nil
}
