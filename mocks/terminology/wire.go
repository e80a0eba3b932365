package terminology

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

const fhirJSON = "application/fhir+json; charset=utf-8"

// call is one request: what came with it, and what answers it.
type call struct {
	r      *http.Request
	ctx    context.Context
	engine *tx.Engine
	params tx.Params
	query  url.Values
	body   tx.Object // nil without one
	id     string
	typ    string
	path   string // below the base
}

// handle reads a request, calls h and turns problems into refusals.
func (s *Service) handle(h func(*call) (any, error)) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		if err := s.access(r); err != nil {
			return nil, err
		}
		if err := acceptable(r); err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(r.Context(), tenant.From(r.Context()).Settings.Duration("tx-timeout"))
		defer cancel()
		c := &call{r: r, ctx: ctx, engine: s.engine(r), query: parseQuery(r.URL.RawQuery), id: mux.Vars(r)["id"]}
		for _, p := range Prefixes() {
			if rest, ok := strings.CutPrefix(r.URL.Path, p); ok {
				c.path = rest
				break
			}
		}
		c.typ, _, _ = strings.Cut(strings.TrimPrefix(c.path, "/"), "/")
		if err := c.readBody(); err != nil {
			return nil, err
		}
		v, err := h(c)
		if err != nil {
			return nil, refuse(err)
		}
		if res, ok := v.(*respond.Response); ok {
			return res, nil
		}
		return s.answer(c, v)
	}
}

// answer adds what lets a client keep an answer: the ETag follows the content of the code systems.
func (s *Service) answer(c *call, v any) (any, error) {
	s.mu.RLock()
	h := fnv.New64a()
	for _, e := range s.editions {
		_, _ = h.Write([]byte(e.System + e.Fingerprint))
	}
	s.mu.RUnlock()
	_, _ = fmt.Fprintf(h, "%d", s.slot.Get(tenant.From(c.r.Context())).revision())
	res := &respond.Response{Status: http.StatusOK, Body: v, Header: http.Header{"Etag": {fmt.Sprintf(`W/"%x"`, h.Sum64())}, "Cache-Control": {"no-cache"}}}
	return res, nil
}

// readBody reads the parameters of query and body; the body wins, the query fills gaps.
func (c *call) readBody() error {
	c.params = tx.FromQuery(c.query)
	raw := respond.Body(c.r)
	if c.r.Method != http.MethodPost && c.r.Method != http.MethodPut || len(raw) == 0 {
		return nil
	}
	typ, _, _ := strings.Cut(strings.ToLower(c.r.Header.Get("Content-Type")), ";")
	switch strings.TrimSpace(typ) {
	case "application/fhir+json", "application/json", "text/json", "":
	case "application/x-www-form-urlencoded":
		form := parseQuery(string(raw))
		for k, v := range form {
			c.query[k] = append(c.query[k], v...)
		}
		c.params = tx.FromQuery(form).Merge(c.params)
		return nil
	default:
		return &respond.Refusal{Status: http.StatusUnsupportedMediaType, Code: "not-supported", Message: "the body must be application/fhir+json",
			Rule: "tx-media-type", Got: typ, Want: "application/fhir+json"}
	}
	o, err := tx.DecodeObject(raw)
	if err != nil {
		return &respond.Refusal{Status: http.StatusBadRequest, Code: "structure", Message: "the body is no JSON object: " + err.Error(), Rule: "tx-json"}
	}
	c.body = o
	if last := c.r.URL.Path[strings.LastIndexByte(c.r.URL.Path, '/')+1:]; strings.HasPrefix(last, "$") || o["resourceType"] == "Parameters" {
		p, problem := tx.ReadParameters(o)
		if problem != nil {
			return refuse(problem)
		}
		c.params = p.Merge(c.params)
	}
	return nil
}

// operation is the call as the engine wants it.
func (c *call) operation() tx.Call {
	c.noteUnknown()
	return tx.Call{Context: c.ctx, Params: c.params, AcceptLanguage: c.r.Header.Get("Accept-Language")}
}

// parseQuery reads a query string. Unlike net/url it takes everything up to an ampersand as value, semicolons and raw ECL included.
func parseQuery(raw string) url.Values {
	out := url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		out.Add(unescape(k), unescape(v))
	}
	return out
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return strings.ReplaceAll(s, "+", " ")
}

// access asks for a token when the sandbox is told to.
func (s *Service) access(r *http.Request) error {
	if !tenant.From(r.Context()).Settings.Bool("tx-require-token") || strings.HasSuffix(r.URL.Path, "/metadata") {
		return nil
	}
	var err error
	if s.cfg.Verify == nil {
		err = errors.New("no verifier")
	} else {
		err = s.cfg.Verify(r)
	}
	if err == nil {
		return nil
	}
	f := &respond.Refusal{Status: http.StatusUnauthorized, Code: "login", Message: "a valid access token is needed", Rule: "tx-token", Got: err.Error(),
		Hint: "tx-require-token is set: send any access token of this sandbox"}
	return f.With("WWW-Authenticate", "Bearer")
}

// acceptable refuses formats that are not offered.
func acceptable(r *http.Request) error {
	format := parseQuery(r.URL.RawQuery).Get("_format")
	accept := r.Header.Get("Accept")
	if format != "" {
		accept = format
	}
	if accept == "" {
		return nil
	}
	for part := range strings.SplitSeq(accept, ",") {
		typ, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(part)), ";")
		switch strings.TrimSpace(typ) {
		case "application/fhir+json", "application/json", "text/json", "json", "*/*", "application/*", "text/*", "application/fhir json":
			return nil
		}
	}
	if strings.Contains(accept, "text/html") && format == "" {
		return nil // a browser
	}
	return &respond.Refusal{Status: http.StatusNotAcceptable, Code: "not-supported", Message: "only application/fhir+json is offered", Rule: "tx-format", Got: accept, Want: "application/fhir+json"}
}

// refuse turns the engine's problems into refusals.
func refuse(err error) error {
	var p *tx.Problem
	if !errors.As(err, &p) {
		return err
	}
	code, hint := "processing", ""
	if len(p.Issues) > 0 {
		code, hint = p.Issues[0].Code, p.Issues[0].Diagnostics
	}
	return &respond.Refusal{Status: p.Status, Code: code, Message: err.Error(), Rule: "tx-" + code, Hint: hint, Detail: p.Issues}
}

// dialect writes refusals as OperationOutcome.
func dialect(_ *http.Request, f *respond.Refusal) *respond.Response {
	issues, ok := f.Detail.([]tx.Issue)
	if !ok {
		issues = []tx.Issue{{Severity: "error", Code: issueCode(f), Text: f.Message}}
		if f.Message == "" {
			issues[0].Text = http.StatusText(f.Status)
		}
	}
	res := &respond.Response{Status: f.Status, Body: tx.Outcome(issues)}
	if f.Status == http.StatusServiceUnavailable {
		res.Header = http.Header{"Retry-After": {"5"}}
	}
	return res
}

// issueCode maps the router's own refusals to FHIR issue types.
func issueCode(f *respond.Refusal) string {
	switch f.Code {
	case respond.CodeNotFound:
		return "not-found"
	case respond.CodeMethodNotAllowed:
		return "not-supported"
	case respond.CodeTooLarge:
		return "too-long"
	case respond.CodeInternal:
		return "exception"
	case respond.CodeRealSSIN:
		return "business-rule"
	case "required", "invalid", "structure", "not-supported", "too-costly", "login", "forbidden", "timeout", "conflict", "processing", "exception", "transient", "throttled":
		return f.Code
	}
	switch {
	case f.Status == http.StatusServiceUnavailable:
		return "timeout"
	case f.Status >= 500:
		return "exception"
	}
	return "processing"
}

// decorate adds what every answer carries.
func decorate(_ *http.Request, h http.Header) { h.Set("Vary", "Accept, Accept-Language, Origin") }

// noteIn writes remarks of the engine into the journal.
func noteIn(r *http.Request) func(string, any) {
	ctx := r.Context()
	return func(key string, v any) { journal.Note(ctx, key, v) }
}
