package pss

import (
	"encoding/json"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// maxSuggestions is how many codes one search returns at most, in every door.
const maxSuggestions = 50

// mountFacade registers door A.
func (s *Service) mountFacade(root *mux.Router, prefix string) {
	svc := &respond.Service{Name: serviceName, Dialect: problem}
	m := svc.Mount(root, prefix)
	m.Handle("status", http.MethodGet, "/status", s.guarded(s.status))
	m.Handle("procedures", http.MethodGet, "/radiology/procedures", s.guarded(s.procedures))
	m.Handle("indications", http.MethodGet, "/radiology/indications", s.guarded(s.indications))
	m.Handle("control", http.MethodPost, "/radiology/control", s.guarded(s.control))
	m.Handle("control-read", http.MethodGet, "/radiology/control/{exchangeId}", s.guarded(s.controlRead))
}

// guarded lets in whatever token the referral back end lets in: PSS itself is
// behind it, so neither discipline nor consent is asked here.
func (s *Service) guarded(h func(*http.Request, *bearer.Token) (any, error)) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		tok, err := s.verify(r, "pss-facade-audience")
		if err != nil {
			return nil, err
		}
		return h(r, tok)
	}
}

func (s *Service) status(r *http.Request, _ *bearer.Token) (any, error) {
	sw, err := inForce(tenant.From(r.Context()))
	return sw.Status == "on", err
}

func (s *Service) procedures(r *http.Request, _ *bearer.Token) (any, error) {
	text, err := searchText(r, "intention")
	if err != nil {
		return nil, err
	}
	out := []autocompleteOption{}
	for _, t := range text {
		for _, p := range s.rules.SearchProcedures(t, language(r), maxSuggestions) {
			out = add(out, autocompleteOption{p.Code, labelsOf(p.Label)})
		}
	}
	return object{{"intentions", optionList(out)}}, nil
}

func (s *Service) indications(r *http.Request, _ *bearer.Token) (any, error) {
	text, err := searchText(r, "indications")
	if err != nil {
		return nil, err
	}
	out := []autocompleteOption{}
	for _, t := range text {
		for _, i := range s.rules.SearchIndications(t, language(r), maxSuggestions) {
			out = add(out, autocompleteOption{i.Code, labelsOf(i.Label)})
		}
	}
	return object{{"indications", optionList(out)}}, nil
}

// optionList is a list that is sent even when it is empty.
type optionList []autocompleteOption

func searchText(r *http.Request, name string) ([]string, error) {
	text, ok := r.URL.Query()[name]
	if !ok {
		return nil, refuse(r, codeParameter, name+" is missing", "?"+name+"=<text>", "")
	}
	return text, nil
}

// add appends an option no earlier text found, up to the limit.
func add(list []autocompleteOption, o autocompleteOption) []autocompleteOption {
	if len(list) >= maxSuggestions {
		return list
	}
	for _, have := range list {
		if have.Value == o.Value {
			return list
		}
	}
	return append(list, o)
}

func labelsOf(of func(string) string) translation {
	return translation{NL: of("nl"), FR: of("fr"), DE: of("de"), EN: of("en")}
}

func (s *Service) control(r *http.Request, tok *bearer.Token) (any, error) {
	t := tenant.From(r.Context())
	sw, err := inForce(t)
	if err != nil {
		return nil, err
	}
	if sw.Status == "off" {
		return nil, down(r)
	}
	q, err := s.readControl(r)
	if err != nil {
		return nil, err
	}
	if err := sw.delay(r.Context()); err != nil {
		return nil, down(r)
	}
	in := settingOf(r)
	x, err := s.facadeAdvice(in, facadeCaller(tok), q)
	if err != nil {
		return nil, err
	}
	noteAdvice(r, in, x)
	if err := put(t, x); err != nil {
		return nil, err
	}
	return x.Answer, nil
}

// facadeAdvice makes a whole consultation of door A. It can be read over FHIR
// as well, with ids derived from its number.
func (s *Service) facadeAdvice(in setting, who caller, q asked) (*exchange, error) {
	x, advice, err := s.radiology(in, "A", who, q)
	if err != nil {
		return nil, err
	}
	b := &answerBundle{id: x.ID, at: in.at, newID: derivedIDs(x.ID)}
	s.fillRadiology(in, b, x, advice, anonymous(x), nil)
	return x.seal(b)
}

// facadeCaller is who is behind a call of the referral back end, as far as the
// token says.
func facadeCaller(tok *bearer.Token) caller {
	for _, d := range tok.Disciplines() {
		if d.NIHII != "" {
			return caller{ID: d.NIHII, Discipline: d.Key}
		}
	}
	return caller{ID: tok.SSIN}
}

func (s *Service) controlRead(r *http.Request, _ *bearer.Token) (any, error) {
	id := mux.Vars(r)["exchangeId"]
	x, found, err := get(tenant.From(r.Context()), id)
	if err != nil {
		return nil, err
	}
	if !found || x.Domain != Radiology || x.Kind != kindAdvice {
		return nil, refuse(r, codeExchange, id, "an exchangeId of this tenant, at most 90 days old",
			"numbers do not survive a reset, and each tenant has its own")
	}
	if len(x.Feedback) == 0 {
		return x.Answer, nil
	}
	return concluded(x)
}

// concluded is the stored answer with the feedback that arrived since.
func concluded(x *exchange) (any, error) {
	var answer supportResponse
	if err := json.Unmarshal(x.Answer, &answer); err != nil {
		return nil, err
	}
	for _, f := range x.Feedback {
		if f.Status == "accepted" {
			answer.Conclusions = append(answer.Conclusions, conclusion{f.Option, f.Reason, f.ReasonText})
		}
	}
	return answer, nil
}

// support is the answer of door A.
func (s *Service) support(in setting, x *exchange, a rules.Advice) supportResponse {
	out := supportResponse{
		ExchangeID: x.ID, Request: supportRequest{ExchangeID: x.ID, Indications: []namedIndicator{}},
		SupportOptions: []supportOption{}, Conclusions: []conclusion{},
	}
	for _, code := range x.Asked.Indications {
		known, _ := s.rules.Indication(code)
		out.Request.Indications = append(out.Request.Indications, namedIndicator{code, known.Display})
	}
	for _, o := range a.Options {
		p, _ := s.rules.Procedure(o.Procedure)
		meta := map[string]any{"radiationLevel": o.Radiation, "relativeCost": p.RelativeCost, "isRequested": o.Requested}
		if len(o.Notes) > 0 {
			meta["modifiers"] = o.Notes
			meta["suggestedReasonOfDeviation"] = o.Reason
		}
		out.SupportOptions = append(out.SupportOptions, supportOption{
			ID: p.Code, Score: o.Score, Medications: []medication{}, Metadata: meta,
			Instruction: codedValue{ID: p.Code, System: systemQSI, Code: p.Display, Translations: bothLanguages(p.Label("nl"), p.Label("fr"))},
		})
	}
	if rule := a.Rule(); rule != "" {
		out.EvidenceURL = &codedValue{
			ID: rule, System: "SANDBOX", Code: rule,
			Translations: bothLanguages(in.evidence(rule, "nl"), in.evidence(rule, "fr")),
		}
	}
	return out
}
