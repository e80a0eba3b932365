package respond_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
)

// rig is one service on a router, with its tenant and its log.
type rig struct {
	tenant *tenant.Tenant
	mux    *respond.Mux
	root   *mux.Router
	log    bytes.Buffer
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{tenant: tenanttest.New(t, time.Time{}, nil), root: mux.NewRouter().SkipClean(true)}
	r.tenant.Log = slog.New(slog.NewTextHandler(&r.log, nil))
	s := &respond.Service{Name: "svc", Limit: 100, Dialect: func(_ *http.Request, f *respond.Refusal) *respond.Response {
		return &respond.Response{Status: f.Status, ContentType: "application/problem+json", Body: map[string]string{"code": f.Code}}
	}}
	r.mux = s.Mount(r.root, "/svc", "/alias")
	return r
}

func (r *rig) do(method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	w.Header().Set(respond.TraceHeader, "trace-1")
	q := httptest.NewRequest(method, path, strings.NewReader(body))
	r.root.ServeHTTP(w, q.WithContext(tenant.With(q.Context(), r.tenant)))
	return w
}

func (r *rig) last(t *testing.T) *journal.Entry {
	t.Helper()
	entries := r.tenant.Journal.Entries(journal.Filter{})
	if len(entries) == 0 {
		t.Fatal("the journal is empty")
	}
	return entries[len(entries)-1]
}

func TestHandlersReturnAndOneFunctionWrites(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.mux.Handle("value", "GET", "/value", func(*http.Request) (any, error) { return map[string]string{"url": "a&b"}, nil })
	r.mux.Handle("response", "POST", "/response", func(q *http.Request) (any, error) {
		body, err := io.ReadAll(q.Body)
		return &respond.Response{Status: 201, Header: http.Header{"Location": {"/x"}}, Body: body}, err
	})
	r.mux.Handle("empty", "DELETE", "/response", func(*http.Request) (any, error) { return &respond.Response{Status: 204}, nil })
	r.mux.Handle("refusal", "GET", "/refusal", func(*http.Request) (any, error) {
		return nil, (&respond.Refusal{Status: 403, Code: "no", Rule: "r-1", Got: "g", Want: "w", Hint: "h"}).With("WWW-Authenticate", "Bearer")
	})
	r.mux.Handle("bug", "GET", "/bug", func(*http.Request) (any, error) { return nil, errors.New("secret detail") })
	r.mux.Handle("panic", "GET", "/panic", func(*http.Request) (any, error) { panic("oops") })
	r.mux.Handle("unencodable", "GET", "/unencodable", func(*http.Request) (any, error) { return func() {}, nil })

	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		want, rule               string
	}{
		{"a value becomes JSON, unescaped", "GET", "/svc/value", "", 200, `{"url":"a&b"}`, ""},
		{"the same below the other prefix", "GET", "/alias/value", "", 200, `{"url":"a&b"}`, ""},
		{"HEAD is answered by GET", "HEAD", "/svc/value", "", 200, "", ""},
		{"a response is sent as it is", "POST", "/svc/response", "in", 201, "in", ""},
		{"no content", "DELETE", "/svc/response", "", 204, "", ""},
		{"a refusal speaks the dialect", "GET", "/svc/refusal", "", 403, `"no"`, "r-1"},
		{"an unknown path", "GET", "/svc/nope", "", 404, `"not-found"`, "http-path"},
		{"the bare prefix", "GET", "/svc", "", 404, `"not-found"`, "http-path"},
		{"another method", "PUT", "/svc/value", "", 405, `"method-not-allowed"`, "http-method"},
		{"a body over the limit", "POST", "/svc/response", strings.Repeat("x", 101), 413, `"too-large"`, "http-body-limit"},
		{"an error of ours", "GET", "/svc/bug", "", 500, `"internal"`, "internal"},
		{"a panic", "GET", "/svc/panic", "", 500, `"internal"`, "internal"},
		{"a value that is no JSON", "GET", "/svc/unencodable", "", 500, `"internal"`, "internal"},
	} {
		w := r.do(tc.method, tc.path, tc.body)
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) {
			t.Errorf("%s: %d %s, want %d with %s", tc.name, w.Code, w.Body, tc.status, tc.want)
		}
		e := r.last(t)
		if e.Status != tc.status || e.Method != tc.method || e.ID != "trace-1" {
			t.Errorf("%s: journal says %s %d", tc.name, e.Method, e.Status)
		}
		if got := e.Refusal; (got != nil) != (tc.rule != "") || got != nil && got.Rule != tc.rule {
			t.Errorf("%s: journal's refusal %+v, want rule %q", tc.name, got, tc.rule)
		}
		if strings.Contains(w.Body.String(), "secret detail") {
			t.Errorf("%s: the client sees our error", tc.name)
		}
	}
	if w := r.do("PUT", "/svc/value", ""); w.Header().Get("Allow") != "GET, OPTIONS" {
		t.Errorf("Allow is %q", w.Header().Get("Allow"))
	}
	if w := r.do("GET", "/svc/refusal", ""); w.Header().Get("WWW-Authenticate") != "Bearer" {
		t.Error("the refusal's header is lost")
	}
	if log := r.log.String(); strings.Count(log, "secret detail") != 1 || strings.Count(log, "oops") != 1 || !strings.Contains(log, "trace-1") {
		t.Errorf("log:\n%s", log)
	}
	if w := r.do("GET", "/svcs/value", ""); w.Code != 404 || strings.Contains(w.Body.String(), "code") {
		t.Errorf("a longer word is not the prefix: %d %s", w.Code, w.Body)
	}
}

func TestPreflightsAreAnsweredWithoutTheHandler(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.mux.Handle("op", "POST", "/op", func(*http.Request) (any, error) { return nil, errors.New("must not run") })
	w := httptest.NewRecorder()
	q := httptest.NewRequest("OPTIONS", "/svc/op", nil)
	q.Header.Set("Origin", "http://app.test")
	q.Header.Set("Access-Control-Request-Headers", "x-custom")
	r.root.ServeHTTP(w, q.WithContext(tenant.With(q.Context(), r.tenant)))
	h := w.Header()
	if w.Code != 200 || h.Get("Access-Control-Allow-Origin") != "http://app.test" || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") ||
		!strings.Contains(h.Get("Access-Control-Allow-Headers"), "x-custom") || h.Get("Vary") != "Origin" {
		t.Errorf("%d %v", w.Code, h)
	}
}

func TestFaultsComeBeforeTheHandler(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ran := 0
	r.mux.Handle("op", "GET", "/op", func(*http.Request) (any, error) { ran++; return "0123456789", nil })
	r.tenant.Faults.Add(fault.Fault{Operation: "op", Status: 429, Error: "slow", Message: "m"})
	r.tenant.Faults.Add(fault.Fault{Operation: "op", Error: "down"})
	r.tenant.Faults.Add(fault.Fault{Operation: "op", Garble: true})
	for i, want := range []struct {
		status int
		body   string
	}{{429, `{"code":"slow"}`}, {503, `{"code":"down"}`}, {200, "01234"}, {200, "0123456789"}} {
		w := r.do("GET", "/svc/op", "")
		if w.Code != want.status || strings.Trim(w.Body.String(), `"`) != strings.Trim(want.body, `"`) {
			t.Errorf("call %d: %d %s, want %d %s", i, w.Code, w.Body, want.status, want.body)
		}
		if e := r.last(t); (e.Fault != "") != (i < 3) {
			t.Errorf("call %d: the journal names fault %q", i, e.Fault)
		}
	}
	if ran != 2 {
		t.Errorf("the handler ran %d times, want 2", ran)
	}
	r.tenant.Faults.Add(fault.Fault{Operation: "op", Cut: true})
	func() {
		defer func() {
			if v, _ := recover().(error); !errors.Is(v, http.ErrAbortHandler) {
				t.Errorf("a cut ends with %v, want http.ErrAbortHandler", v)
			}
		}()
		r.do("GET", "/svc/op", "")
	}()
}

func TestTheClientOfARequestIsFoundWhereItStands(t *testing.T) {
	t.Parallel()
	jwt := "e30.eyJhenAiOiJmcm9tLXRva2VuIiwic3ViIjoiZnJvbS1hc3NlcnRpb24ifQ.c2ln"
	for _, tc := range []struct{ name, auth, typ, query, body, want string }{
		{"bearer token", "Bearer " + jwt, "", "", "", "from-token"},
		{"form", "", "application/x-www-form-urlencoded", "", "client_id=from-form", "from-form"},
		{"assertion", "", "application/x-www-form-urlencoded", "", "client_assertion=" + jwt, "from-assertion"},
		{"query", "", "", "client_id=from-query", "", "from-query"},
		{"basic", "Basic ZnJvbS1iYXNpYzp4", "", "", "", "from-basic"},
		{"garbage", "Bearer a.b.c", "", "", "", ""},
		{"nothing", "", "", "", "", ""},
	} {
		q := httptest.NewRequest("POST", "/?"+tc.query, strings.NewReader(tc.body))
		q.Header.Set("Authorization", tc.auth)
		q.Header.Set("Content-Type", tc.typ)
		if got := respond.ClientOf(q, []byte(tc.body)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
