package iam

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/control"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// testTime is when the clock of every test stands still, unless it says
// otherwise.
var testTime = time.Unix(1795000000, 0).UTC()

// rig is one tenant of the service behind a real HTTP server.
type rig struct {
	tb      testing.TB
	s       *Service
	t       *tenant.Tenant
	depot   *fakeDepot
	srv     *httptest.Server
	browser *http.Client // keeps cookies, follows no redirect
	traces  atomic.Int64
}

func newRig(tb testing.TB) *rig { return newRigWith(tb, testTime, nil) }

func newRigWith(tb testing.TB, at time.Time, change func(*Config)) *rig {
	tb.Helper()
	registry, err := world.New(fixtures.FS)
	if err != nil {
		tb.Fatal(err)
	}
	depot := &fakeDepot{}
	cfg := Config{Fixtures: fixtures.FS, World: registry, Depot: depot, HTTP: http.DefaultClient,
		PseudonymOf: func(_ context.Context, ssin string) (string, error) {
			return "urn:be:fgov:pseudo:v2:point-of-" + digest(ssin) + ":transit", nil
		}}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return serve(tb, s, tenanttest.New(tb, at, nil), depot)
}

// serve puts a tenant of a service behind a server of its own.
func serve(tb testing.TB, s *Service, t *tenant.Tenant, depot *fakeDepot) *rig {
	tb.Helper()
	g := &rig{tb: tb, s: s, t: t, depot: depot}
	root := mux.NewRouter()
	root.UseEncodedPath()
	s.Mount(root)
	s.MountControl(control.Service().Mount(root, control.Prefix))
	g.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(respond.TraceHeader, fmt.Sprintf("trace-%d", g.traces.Add(1)))
		root.ServeHTTP(w, r.WithContext(tenant.With(r.Context(), g.t)))
	}))
	tb.Cleanup(g.srv.Close)
	g.browser = newBrowser(tb)
	return g
}

func newBrowser(tb testing.TB) *http.Client {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// reply is an answer with its body read.
type reply struct {
	*http.Response
	body []byte
}

func (p reply) json(tb testing.TB) map[string]any {
	tb.Helper()
	m := map[string]any{}
	if err := json.Unmarshal(p.body, &m); err != nil {
		tb.Fatalf("status %d, not JSON: %s", p.StatusCode, p.body)
	}
	return m
}

func (p reply) location(tb testing.TB) *url.URL {
	tb.Helper()
	u, err := url.Parse(p.Header.Get("Location"))
	if err != nil || p.Header.Get("Location") == "" {
		tb.Fatalf("status %d, no Location: %s", p.StatusCode, p.body)
	}
	return u
}

func (g *rig) do(client *http.Client, req *http.Request) reply {
	g.tb.Helper()
	res, err := client.Do(req)
	if err != nil {
		g.tb.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		g.tb.Fatal(err)
	}
	return reply{res, body}
}

func (g *rig) request(method, path string, body string, header ...string) *http.Request {
	g.tb.Helper()
	target := path
	if !strings.HasPrefix(path, "http") {
		target = g.srv.URL + path
	}
	req, err := http.NewRequestWithContext(context.Background(), method, target, strings.NewReader(body))
	if err != nil {
		g.tb.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return req
}

// get is a request without cookies.
func (g *rig) get(path string, header ...string) reply {
	g.tb.Helper()
	return g.do(newBrowser(g.tb), g.request(http.MethodGet, path, "", header...))
}

// post sends a form without cookies.
func (g *rig) post(path string, form url.Values, header ...string) reply {
	g.tb.Helper()
	return g.do(newBrowser(g.tb), g.request(http.MethodPost, path, form.Encode(),
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...))
}

// control calls the sandbox's own API with JSON.
func (g *rig) control(method, path, body string) reply {
	g.tb.Helper()
	return g.do(http.DefaultClient, g.request(method, "/_sandbox/iam"+path, body, "Content-Type", "application/json"))
}

// last is the newest journal entry.
func (g *rig) last() *journal.Entry {
	g.tb.Helper()
	all := g.t.Journal.Entries(journal.Filter{})
	if len(all) == 0 {
		g.tb.Fatal("the journal is empty")
	}
	return all[len(all)-1]
}

// warned tells whether the newest entry has a warning of the rule.
func (g *rig) warned(rule string) bool {
	g.tb.Helper()
	for _, w := range g.last().Warnings {
		if w.Rule == rule {
			return true
		}
	}
	return false
}

// wantError checks an OAuth error and that the journal says why.
func (g *rig) wantError(res reply, status int, code, description string) {
	g.tb.Helper()
	body := res.json(g.tb)
	got, _ := body["error_description"].(string)
	if res.StatusCode != status || body["error"] != code || got != description {
		g.tb.Fatalf("got %d %v %q, want %d %s %q", res.StatusCode, body["error"], got, status, code, description)
	}
	entry := g.t.Journal.Entry(res.Header.Get(respond.TraceHeader))
	if f := entry.Refusal; f == nil || f.Rule == "" || f.Got == "" || f.Want == "" {
		g.tb.Errorf("the journal does not say why: %+v", f)
	}
}

func (g *rig) set(settings map[string]string) {
	g.tb.Helper()
	if err := g.t.Settings.Override(settings); err != nil {
		g.tb.Fatal(err)
	}
}

// fakeDepot keeps keys in memory.
type fakeDepot struct {
	mu   sync.Mutex
	keys map[string][]jose.JSONWebKey
}

func (d *fakeDepot) Keys(_ context.Context, typ, identifier, _, use string) ([]jose.JSONWebKey, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []jose.JSONWebKey
	for _, k := range d.keys[typ+"="+identifier] {
		if use == "" || k.Use == use || k.Use == "" {
			out = append(out, k)
		}
	}
	return out, nil
}

func (d *fakeDepot) Register(_ context.Context, typ, identifier, _ string, keys []jose.JSONWebKey) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.keys == nil {
		d.keys = map[string][]jose.JSONWebKey{}
	}
	d.keys[typ+"="+identifier] = append(d.keys[typ+"="+identifier], keys...)
	return nil
}

// newServer starts a server for one handler and returns its URL.
func newServer(tb testing.TB, h http.HandlerFunc) string {
	tb.Helper()
	srv := httptest.NewServer(h)
	tb.Cleanup(srv.Close)
	return srv.URL
}

// testTenant is a tenant of another name than the default one.
func testTenant(tb testing.TB, name string) *tenant.Tenant {
	tb.Helper()
	t := tenanttest.New(tb, testTime, nil)
	t.Name = name
	return t
}

// overlayFS replaces one file of the fixtures.
type overlayFS struct {
	fs.FS
	name, content string
}

// Open implements fs.FS.
func (o overlayFS) Open(name string) (fs.File, error) {
	if name == o.name {
		return fstest.MapFS{name: &fstest.MapFile{Data: []byte(o.content)}}.Open(name)
	}
	return o.FS.Open(name)
}

func tenantContext(g *rig) context.Context { return tenant.With(context.Background(), g.t) }
