package uhmep

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

func (s *Service) postRequest(r *http.Request, c *Caller) (any, error) {
	if err := contentType(r, "application/fhir+json", "application/json"); err != nil {
		return nil, err
	}
	cond, err := ifNoneExist(r)
	if err != nil {
		return nil, err
	}
	x, err := s.Create(r.Context(), c, respond.Body(r), Options{Base: base(r), IfNoneExist: cond})
	if err != nil {
		return nil, err
	}
	return s.written(r, x, http.StatusCreated)
}

// ifNoneExist reads the condition of a conditional create.
func ifNoneExist(r *http.Request) (*records.Conditional, error) {
	text := r.Header.Get("If-None-Exist")
	if text == "" {
		return nil, nil
	}
	bad := refuse(codeNotSupported, "if-none-exist", "this condition is not supported", "If-None-Exist: "+text, "identifier=system|value", "")
	if i := strings.IndexByte(text, '?'); i >= 0 {
		text = text[i+1:]
	}
	form, err := url.ParseQuery(text)
	if err != nil || len(form) != 1 || len(form["identifier"]) != 1 {
		return nil, bad
	}
	system, value, ok := strings.Cut(form.Get("identifier"), "|")
	if !ok || value == "" {
		return nil, bad
	}
	return &records.Conditional{System: system, Value: value, Server: system == uhmepSystem || system == shortSystem}, nil
}

func (s *Service) patchRequest(r *http.Request, c *Caller) (any, error) {
	if err := contentType(r, "application/fhir+json", "application/json"); err != nil {
		return nil, err
	}
	match, err := ifMatch(r)
	if err != nil {
		return nil, err
	}
	ctx, id := r.Context(), mux.Vars(r)["id"]
	cs, err := s.Document(ctx, c, id)
	if err != nil {
		return nil, err
	}
	p, found := s.Checker.Patch(respond.Body(r), kindOf(cs.Family), cs.Family == workflow.Imaging, s.checkContext(tenant.From(ctx), base(r)))
	if err := s.judge(ctx, found); err != nil {
		return nil, err
	}
	key, err := s.sealKey(ctx, p.Key)
	if err != nil {
		return nil, err
	}
	x, err := s.Cancel(ctx, c, id, match, p.Reason, key)
	if err != nil {
		return nil, err
	}
	return s.written(r, x, http.StatusOK)
}

func kindOf(f workflow.Family) check.Kind {
	switch f {
	case workflow.Annex81:
		return check.Annex81
	case workflow.Imaging:
		return check.Imaging
	default:
		return check.Nursing
	}
}

func (s *Service) evaluate(approve bool) func(r *http.Request, c *Caller) (any, error) {
	return func(r *http.Request, c *Caller) (any, error) {
		body := respond.Body(r)
		if len(strings.TrimSpace(string(body))) > 0 {
			if err := contentType(r, "application/fhir+json", "application/json"); err != nil {
				return nil, err
			}
		}
		id, err := s.EvaluateBody(r.Context(), c, mux.Vars(r)["id"], approve, body, base(r))
		if err != nil {
			return nil, err
		}
		return map[string]any{"resourceType": "Parameters", "parameter": []any{map[string]any{"name": "location", "valueId": id}}}, nil
	}
}

// graphCanonical is the GraphDefinition of $graph.
const graphCanonical = "https://www.ehealth.fgov.be/standards/fhir/referral/GraphDefinition/full-referral-prescription"

func (s *Service) graph(r *http.Request, c *Caller) (any, error) {
	asked, _, _ := strings.Cut(r.URL.Query().Get("graph"), "|")
	if strings.Replace(asked, "/drp/", "/referral/", 1) != graphCanonical {
		return nil, refuse(codeGraphUnknown, "graph", "this graph is not known", "graph="+r.URL.Query().Get("graph"), graphCanonical, "")
	}
	ctx, id := r.Context(), mux.Vars(r)["id"]
	cs, err := s.Document(ctx, c, id)
	if err != nil {
		return nil, err
	}
	b := s.newBundle(r, "collection")
	err = tenant.From(ctx).Store.View(func(rd store.Reader) error {
		for i, key := range append([]string{id}, taskIDs(&cs.Document)...) {
			typ := "Task"
			if i == 0 {
				typ = "ServiceRequest"
			}
			res, ok, err := records.Get(rd, typ, key)
			if err != nil {
				return err
			}
			if ok && !res.Deleted {
				b.stored(res, "")
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	b.actors(cs.Requester)
	for _, list := range [][]workflow.Task{cs.Tasks, cs.Orgs} {
		for _, t := range list {
			if t.Status != workflow.TaskDeleted {
				b.actors(t.Owner)
			}
		}
	}
	return b.response()
}
