package respond

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

type bodyKey struct{}

// Body returns the whole request body, which the router has read already.
func Body(r *http.Request) []byte {
	b, _ := r.Context().Value(bodyKey{}).([]byte)
	return b
}

// serve runs one operation from the request to the journal entry.
func (s *Service) serve(w http.ResponseWriter, r *http.Request, op string, h HandlerFunc) {
	t, start := tenant.From(r.Context()), clock.Wall()
	entry := journal.Entry{ID: w.Header().Get(TraceHeader), Time: t.Clock.Now(), Tenant: t.Name, Service: s.Name, Op: op,
		Method: r.Method, URL: origin.Of(r) + r.URL.RequestURI(), Remote: r.RemoteAddr}
	ctx, rec := journal.With(r.Context(), entry)
	limit := s.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	body, bad := readBody(r, limit)
	r = r.WithContext(context.WithValue(ctx, bodyKey{}, body))
	r.Body = io.NopCloser(bytes.NewReader(body))

	client := ClientOf(r, body)
	rec.Edit(func(e *journal.Entry) {
		e.Client = client
		e.Request.Header = r.Header
		e.Request.SetBody(body)
	})
	f, hit := fault.Fault{}, false
	if op != "" && !s.Unjournaled { // who injects faults must be able to take them back
		f, hit = t.Faults.Take(s.Name, op, client)
	}
	if hit {
		rec.Edit(func(e *journal.Entry) { e.Fault = f.ID })
		_ = clock.Sleep(r.Context(), f.Delay())
	}

	value, err := s.outcome(r, op, h, bad, f, hit)
	if stream, ok := value.(Stream); ok && err == nil {
		s.cors(r, w.Header(), false)
		if err := stream(w, r); err != nil && r.Context().Err() == nil {
			t.Log.Info("stream ended", "service", s.Name, "op", op, "err", err)
		}
		return
	}
	res, out := s.encoded(r, value, err)
	if hit && f.Cut {
		s.record(t, rec, start, res, nil)
		panic(http.ErrAbortHandler)
	}
	if hit && f.Garble {
		out = out[:len(out)/2]
	}
	s.record(t, rec, start, res, out)
	s.write(w, r, res, out)
}

// encoded makes the answer and its bytes; a value that cannot be encoded is
// our bug, answered as one.
func (s *Service) encoded(r *http.Request, value any, err error) (*Response, []byte) {
	res := s.response(r, value, err)
	out, err := res.bytes()
	if err != nil {
		res = s.response(r, nil, err)
		out, _ = res.bytes() // dialects answer with plain data
	}
	return res, out
}

// outcome is the handler's result, or the refusal that comes before it.
func (s *Service) outcome(r *http.Request, op string, h HandlerFunc, bad *Refusal, f fault.Fault, hit bool) (any, error) {
	t := tenant.From(r.Context())
	if hit && f.Answers() {
		status := f.Status
		if status == 0 {
			status = http.StatusServiceUnavailable
		}
		return nil, &Refusal{Status: status, Code: f.Error, Message: f.Message, Rule: "fault", Hint: "injected fault " + f.ID}
	}
	if bad != nil {
		return nil, bad
	}
	if n := ssin.FindReal(r.URL.RequestURI(), string(Body(r))); n != "" && op != "" {
		if t.Settings.String("real-ssin") == "refuse" {
			return nil, &Refusal{Status: http.StatusBadRequest, Code: CodeRealSSIN, Message: "the request holds a national number that may belong to a living person",
				Rule: "real-ssin", Got: ssin.Masked, Hint: "use the sandbox's personas, or a number whose serial is 990 or more"}
		}
		journal.Warn(r.Context(), "real-ssin", "the request holds a national number that may belong to a living person; it is masked here")
	}
	return s.call(r, op, h)
}

// call runs the handler and turns a panic into an error that names the place.
func (s *Service) call(r *http.Request, op string, h HandlerFunc) (value any, err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if e, ok := v.(error); ok && errors.Is(e, http.ErrAbortHandler) {
			panic(v)
		}
		tenant.From(r.Context()).Log.Error("panic", "service", s.Name, "op", op, "trace", journal.TraceID(r.Context()),
			"panic", v, "stack", string(debug.Stack()))
		value, err = nil, errPanic
	}()
	return h(r)
}

// errPanic stands for a panic that was already logged.
var errPanic = errors.New("panic")

// response makes the answer out of a handler's result.
func (s *Service) response(r *http.Request, value any, err error) *Response {
	if err == nil {
		if res, ok := value.(*Response); ok {
			return res
		}
		return &Response{Status: http.StatusOK, Body: value}
	}
	f := new(Refusal)
	if !errors.As(err, &f) && r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		f = &Refusal{Status: http.StatusServiceUnavailable, Code: CodeStopping, Message: "the sandbox is stopping, or the client went away", Rule: "stopping"}
	}
	if f.Status == 0 {
		if !errors.Is(err, errPanic) {
			tenant.From(r.Context()).Log.Error("internal error", "service", s.Name, "trace", journal.TraceID(r.Context()), "err", err)
		}
		f = &Refusal{Status: http.StatusInternalServerError, Code: CodeInternal, Message: "internal error of the sandbox",
			Rule: "internal", Hint: "this is a bug of the sandbox: report it with the trace id"}
	}
	journal.From(r.Context()).Edit(func(e *journal.Entry) {
		e.Refusal = &journal.Refusal{Status: f.Status, Code: f.Code, Message: f.Message, Rule: f.Rule, Got: f.Got, Want: f.Want, Hint: f.Hint}
	})
	res := s.Dialect(r, f)
	if len(f.Header) > 0 {
		h := http.Header{}
		maps.Copy(h, res.Header)
		maps.Copy(h, f.Header)
		res.Header = h
	}
	return res
}

// write sends the answer.
func (s *Service) write(w http.ResponseWriter, r *http.Request, res *Response, out []byte) {
	h := w.Header()
	s.cors(r, h, false)
	if s.Decorate != nil {
		s.Decorate(r, h)
	}
	for k, vs := range res.Header {
		h[k] = slices.Clone(vs)
	}
	if ct := s.contentType(res); ct != "" && res.Body != nil {
		h.Set("Content-Type", ct)
	} else if res.Body == nil && h.Get("Content-Type") == "" {
		h["Content-Type"] = nil // keep net/http from guessing
	}
	if res.Status != http.StatusNoContent && res.Status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(len(out)))
	}
	w.WriteHeader(res.Status)
	if _, err := w.Write(out); err != nil && r.Context().Err() == nil && !errors.Is(err, http.ErrBodyNotAllowed) { //nolint:gosec // the dialects encode and name the media type
		tenant.From(r.Context()).Log.Info("client went away", "service", s.Name, "err", err)
	}
}

func (s *Service) contentType(res *Response) string {
	switch {
	case res.ContentType != "":
		return res.ContentType
	case res.Header.Get("Content-Type") != "":
		return res.Header.Get("Content-Type")
	case s.ContentType != "":
		return s.ContentType
	default:
		return "application/json"
	}
}

// record closes the journal entry.
func (s *Service) record(t *tenant.Tenant, rec *journal.Recorder, start time.Time, res *Response, out []byte) {
	if s.Unjournaled {
		return
	}
	e := rec.Close()
	e.Duration = clock.Since(start)
	e.Status = res.Status
	e.Response.Header = res.Header
	e.Response.SetBody(out)
	mask(e)
	t.Journal.Append(e)
}

// readBody reads the whole body. One that is too large, or that ends before it
// should, is refused: acting on half a request would be worse than either.
func readBody(r *http.Request, limit int64) ([]byte, *Refusal) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if int64(len(body)) > limit {
		return body[:limit], &Refusal{Status: http.StatusRequestEntityTooLarge, Code: CodeTooLarge, Message: "the request body is too large",
			Rule: "http-body-limit", Want: "at most " + strconv.FormatInt(limit, 10) + " bytes"}
	}
	if err != nil {
		return body, &Refusal{Status: http.StatusBadRequest, Code: CodeBrokenBody, Message: "the request body is broken or ends too early",
			Rule: "http-body", Got: err.Error(), Want: "as many bytes as Content-Length says, or well-formed chunks, within the time-out"}
	}
	return body, nil
}

func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
