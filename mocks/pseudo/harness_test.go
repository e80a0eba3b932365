package pseudo_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/gorilla/mux"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	faults "github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
	"github.com/ehealth-sandbox/sandbox/mocks/keydepot"
	"github.com/ehealth-sandbox/sandbox/mocks/pseudo"
)

// fakeVerifier takes the names of tokens below for tokens, and the names of
// problems for bad ones.
type fakeVerifier struct{ known map[string]*bearer.Token }

func tokens() map[string]*bearer.Token {
	all := map[string][]string{"ehealth-pseudo-api": {"identify", "pseudonymize"}, "nihdi-uhmep-api": {"pseudo"}}
	backend := map[string][]string{"ehealth-pseudo-api": {"identify", "pseudonymize", "convert"}, "nihdi-uhmep-api": {"pseudo"}}
	return map[string]*bearer.Token{
		"all":           {Client: "ehr", Roles: all},
		"other":         {Client: "other", Roles: all},
		"backend":       {Client: "uhmep-backend", Roles: backend},
		"pseudonymizer": {Client: "ehr", Roles: map[string][]string{"ehealth-pseudo-api": {"pseudonymize"}, "nihdi-uhmep-api": {"pseudo"}}},
		"identifier":    {Client: "ehr", Roles: map[string][]string{"ehealth-pseudo-api": {"identify"}, "nihdi-uhmep-api": {"pseudo"}}},
		"converter":     {Client: "ehr", Roles: map[string][]string{"ehealth-pseudo-api": {"convert"}}},
		"no-uhmep":      {Client: "ehr", Roles: map[string][]string{"ehealth-pseudo-api": {"identify", "pseudonymize"}}},
		"nothing":       {Client: "ehr"},
		"exchanged":     {Client: "ehr", Audience: []string{"nihdi-uhmep-fhir-hcp", "ehr"}, Roles: all},
	}
}

func (v fakeVerifier) Verify(r *http.Request) (*bearer.Token, error) {
	name, p := bearer.FromHeader(r)
	if p != nil {
		return nil, p
	}
	if t, ok := v.known[name]; ok {
		return t, nil
	}
	return nil, &bearer.Problem{Kind: name, Hint: "a hint"}
}

// world is the service with everything around it, over HTTP.
type world struct {
	tb      testing.TB
	t       *tenant.Tenant
	service *pseudo.Service
	url     string
	handler http.Handler
}

var start = time.Unix(1750000000, 0).UTC()

func newWorld(tb testing.TB) *world {
	tb.Helper()
	s, err := pseudo.New(pseudo.Config{Fixtures: fixtures.FS, Verifier: fakeVerifier{tokens()}})
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{tb: tb, service: s, t: tenanttest.New(tb, start, nil)}
	w.serve(s)
	return w
}

func (w *world) serve(s *pseudo.Service) {
	root := mux.NewRouter().SkipClean(true)
	s.Mount(root)
	keydepot.New(keydepot.Config{Sources: []keydepot.Source{func(_ *tenant.Tenant, q keydepot.Query) []jose.JSONWebKey {
		return s.OwnerKeys(q.Type, q.Identifier, q.ApplicationID, q.Use)
	}}}).Mount(root)
	control := &respond.Service{Name: "sandbox", Unjournaled: true, Dialect: func(_ *http.Request, f *respond.Refusal) *respond.Response {
		return &respond.Response{Status: f.Status, Body: map[string]string{"error": f.Code, "message": f.Message, "hint": f.Hint}}
	}}
	s.MountControl(control.Mount(root, "/_sandbox"))
	w.handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		root.ServeHTTP(rw, r.WithContext(tenant.With(r.Context(), w.t)))
	})
	server := httptest.NewServer(w.handler)
	w.tb.Cleanup(server.Close)
	w.url = server.URL
}

func (w *world) at(now time.Time) { w.t.Clock.Set(clock.State{Freeze: &now}) }

// client is the Go client library with a token.
func (w *world) client(token string) *client.Client {
	return &client.Client{BaseURL: w.url + "/pseudo/v1", Token: func(context.Context) (string, error) { return token, nil }, Now: w.t.Clock.Now}
}

type answer struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

func (a answer) String() string { return http.StatusText(a.status) + " " + string(a.raw) }

// send does one request; body is JSON text, or any value to encode.
func (w *world) send(method, path, token string, body any, headers ...string) answer {
	w.tb.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.tb.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, w.url+path, content)
	if err != nil {
		w.tb.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if method == http.MethodPost || method == http.MethodPut {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.tb.Fatal(err)
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		w.tb.Fatal(err)
	}
	_ = json.Unmarshal(a.raw, &a.body)
	return a
}

func (w *world) post(path, token string, body any, headers ...string) answer {
	w.tb.Helper()
	return w.send(http.MethodPost, "/pseudo/v1/domains/"+path, token, body, headers...)
}

// last is the newest journal entry.
func (w *world) last() *journal.Entry {
	w.tb.Helper()
	all := w.t.Journal.Entries(journal.Filter{})
	if len(all) == 0 {
		w.tb.Fatal("the journal is empty")
	}
	newest := all[0]
	for _, e := range all {
		if e.Seq > newest.Seq {
			newest = e
		}
	}
	return newest
}

// in is one item of a request.
type in map[string]any

// blinded is a well-formed item, and the number that unblinds its answer.
func blinded(tb testing.TB, p client.Point, id string) (in, client.Blinding) {
	tb.Helper()
	b, err := client.NewBlinding(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	q, err := b.Blind(p)
	if err != nil {
		tb.Fatal(err)
	}
	return in{"id": id, "crv": "P-521", "x": b64(q.X()), "y": b64(q.Y())}, b
}

func (i in) with(name string, value any) in {
	out := in{}
	for k, v := range i {
		out[k] = v
	}
	if out[name] = value; value == nil {
		delete(out, name)
	}
	return out
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func unb64(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func value(tb testing.TB, s string) client.Point {
	tb.Helper()
	p, err := client.PointOf([]byte(s), 8)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// pointOf reads the point of an output.
func pointOf(tb testing.TB, out map[string]any) client.Point {
	tb.Helper()
	x, _ := out["x"].(string)
	y, _ := out["y"].(string)
	p, err := client.NewPoint(unb64(tb, x), unb64(tb, y))
	if err != nil {
		tb.Fatalf("%v: %v", out, err)
	}
	return p
}

// transit makes a pseudonym in transit by the service's own operation.
func (w *world) transit(domain, ssin string) client.InTransit {
	w.tb.Helper()
	p, err := w.client("all").Domain(domain).Pseudonymize(w.tb.Context(), []byte(ssin))
	if err != nil {
		w.tb.Fatal(err)
	}
	return p
}

func outputs(a answer) []map[string]any {
	list, _ := a.body["outputs"].([]any)
	var out []map[string]any
	for _, v := range list {
		m, _ := v.(map[string]any)
		out = append(out, m)
	}
	return out
}

func fault(status int, code string) faults.Fault {
	return faults.Fault{Service: "pseudo", Status: status, Error: code, Times: 1}
}
