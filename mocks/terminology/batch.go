package terminology

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

const maxBatch = 1000

// batch answers a Bundle of requests, in order; entries run side by side.
func (s *Service) batch(c *call) (any, error) {
	if c.body == nil || c.body["resourceType"] != "Bundle" {
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "invalid", Message: "the body must be a Bundle", Rule: "tx-batch"}
	}
	if typ := text(c.body["type"]); typ != "batch" {
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "not-supported", Message: fmt.Sprintf("a Bundle of type %q is not supported, only batch", typ), Rule: "tx-batch", Got: typ, Want: "batch"}
	}
	entries, isList := c.body["entry"].([]any)
	if _, given := c.body["entry"]; given && !isList {
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "invalid", Message: "Bundle.entry must be a list", Rule: "tx-batch"}
	}
	if len(entries) > maxBatch {
		return nil, &respond.Refusal{Status: http.StatusRequestEntityTooLarge, Code: "too-costly", Message: fmt.Sprintf("a batch may have at most %d entries", maxBatch), Rule: "tx-batch", Got: fmt.Sprint(len(entries))}
	}
	out := make([]any, len(entries))
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, e := range entries {
		wait.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; wait.Done() }()
			entry, _ := e.(tx.Object)
			out[i] = s.entry(c, entry)
		}()
	}
	wait.Wait()
	return tx.Object{"resourceType": "Bundle", "type": "batch-response", "entry": out}, nil
}

// entry runs one request of a batch. A panic in it is answered like a bug of that entry alone.
func (s *Service) entry(c *call, e tx.Object) (out tx.Object) {
	defer func() {
		if v := recover(); v != nil {
			out = failure(&respond.Refusal{Status: http.StatusInternalServerError, Code: respond.CodeInternal, Message: "internal error of the sandbox"})
		}
	}()
	req, _ := e["request"].(tx.Object)
	method, target := strings.ToUpper(text(req["method"])), text(req["url"])
	h, sub, err := s.route(c, method, target, e["resource"])
	if err == nil {
		var v any
		if v, err = h(sub); err == nil {
			if res, ok := v.(*respond.Response); ok {
				o := tx.Object{"response": tx.Object{"status": fmt.Sprint(res.Status)}}
				if res.Body != nil {
					o["resource"] = res.Body
				}
				return o
			}
			return tx.Object{"resource": v, "response": tx.Object{"status": "200"}}
		}
	}
	return failure(err)
}

func failure(err error) tx.Object {
	var f *respond.Refusal
	if !errors.As(refuse(err), &f) {
		f = &respond.Refusal{Status: http.StatusInternalServerError, Code: respond.CodeInternal, Message: "internal error of the sandbox"}
	}
	o := dialect(nil, f).Body
	return tx.Object{"resource": o, "response": tx.Object{"status": fmt.Sprint(f.Status), "outcome": o}}
}

// route finds the handler of a batch entry and makes its call.
func (s *Service) route(c *call, method, target string, resource any) (func(*call) (any, error), *call, error) {
	bad := func(format string, args ...any) (func(*call) (any, error), *call, error) {
		return nil, nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "not-supported", Message: fmt.Sprintf(format, args...), Rule: "tx-batch", Got: method + " " + target}
	}
	if method != http.MethodGet && method != http.MethodPost {
		return bad("a batch entry must be GET or POST, not %q", method)
	}
	path, query, _ := strings.Cut(target, "?")
	if i := strings.Index(path, "/fhir/"); i >= 0 {
		path = path[i+len("/fhir"):]
	}
	if p, err := url.PathUnescape(path); err == nil {
		path = p
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	sub := &call{r: c.r, ctx: c.ctx, engine: c.engine, query: parseQuery(query), typ: parts[0], path: "/" + strings.Join(parts, "/")}
	sub.params = tx.FromQuery(sub.query)
	if o, ok := resource.(tx.Object); ok && method == http.MethodPost {
		sub.body = o
		if o["resourceType"] == "Parameters" {
			p, problem := tx.ReadParameters(o)
			if problem != nil {
				return nil, nil, problem
			}
			sub.params = p.Merge(sub.params)
		}
	}
	op := ""
	switch {
	case len(parts) == 3:
		sub.id, op = parts[1], parts[2]
	case len(parts) == 2 && strings.HasPrefix(parts[1], "$"):
		op = parts[1]
	case len(parts) == 2:
		sub.id = parts[1]
	}
	type handler = func(*call) (any, error)
	table := map[string]handler{
		"CodeSystem/$lookup": s.lookup, "CodeSystem/$validate-code": s.validateInSystem, "CodeSystem/$subsumes": s.subsumes, "ValueSet/$expand": s.expand,
		"ValueSet/$validate-code": s.validateCode, "ConceptMap/$translate": s.translate,
	}
	if h, ok := table[parts[0]+"/"+op]; ok {
		return h, sub, nil
	}
	known := false
	for _, t := range resourceTypes() {
		known = known || t == parts[0]
	}
	switch {
	case parts[0] == "metadata":
		return s.metadata, sub, nil
	case known && op == "" && sub.id != "" && method == http.MethodGet:
		return s.read, sub, nil
	case known && op == "" && sub.id == "" && method == http.MethodGet:
		return s.search, sub, nil
	}
	return bad("the batch entry %s %s is no operation of this server", method, target)
}

// batchValidate answers $batch-validate-code: several validations that share parameters. Each gets an answer, in order.
func (s *Service) batchValidate(c *call) (any, error) {
	var shared tx.Params
	var each []tx.Object
	for _, p := range c.params {
		if p.Name == "validation" {
			each = append(each, p.Resource) // nil without one
			continue
		}
		shared = append(shared, p)
	}
	if len(each) == 0 {
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "required", Message: "no parameter validation is given", Rule: "tx-batch-validate"}
	}
	if len(each) > maxBatch {
		return nil, &respond.Refusal{Status: http.StatusRequestEntityTooLarge, Code: "too-costly", Message: fmt.Sprintf("at most %d validations at once", maxBatch), Rule: "tx-batch-validate"}
	}
	var out []any
	for i, o := range each {
		var res tx.Object
		p, problem := tx.ReadParameters(o)
		switch {
		case o["resourceType"] != "Parameters":
			problem = &tx.Problem{Issues: []tx.Issue{{Severity: "error", Code: "invalid", Text: fmt.Sprintf("validation %d holds no Parameters resource", i+1)}}}
		case problem == nil:
			sub := *c
			sub.params = p.Merge(shared)
			op := sub.operation()
			if c.typ == "CodeSystem" || !sub.params.Has("url") && !sub.params.Has("valueSet") {
				res, problem = c.engine.ValidateInSystem(op)
			} else {
				res, problem = c.engine.ValidateCode(op)
			}
		}
		if problem != nil {
			res = tx.Outcome(problem.Issues)
		}
		out = append(out, tx.Object{"name": "validation", "resource": res})
	}
	return tx.Object{"resourceType": "Parameters", "parameter": out}, nil
}
