package pss_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
	"github.com/ehealth-sandbox/sandbox/mocks/pss"
)

// verifier stands for the IAM: the bearer token is the name of a token below.
type verifier struct{}

func (verifier) Verify(r *http.Request) (*bearer.Token, error) {
	name, problem := bearer.FromHeader(r)
	if problem != nil {
		return nil, problem
	}
	physician := map[string]any{"physician": map[string]any{"nihii11": "10000007001", "recognised": true}}
	tok := &bearer.Token{Realm: "healthcare", Audience: []string{"nihdi-pss-api", "nihdi-uhmep-fhir-hcp"}, SSIN: "71011599751", Profile: physician}
	switch name {
	case "physician":
	case "nurse":
		tok.Profile = map[string]any{"nurse": map[string]any{"nihii11": "40000007401"}}
	case "citizen":
		tok.SSIN, tok.Profile = "", nil
	case "initial":
		tok.Roles = map[string][]string{"ehealth-pseudo-api": {"pseudonymize"}}
	case "elsewhere":
		tok.Audience = []string{"some-other-api"}
	case "hospital":
		tok.Realm, tok.SSIN = "M2M", ""
		tok.Profile = map[string]any{"organizations": []any{map[string]any{"hospital": map[string]any{"nihii": "71099911710", "name": "AZ Zandbak"}}}}
	default:
		return nil, &bearer.Problem{Kind: bearer.Signature, Got: name, Want: "a token of this sandbox"}
	}
	return tok, nil
}

// noon is when the tests happen.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// world is one sandbox with nothing but PSS in it.
type world struct {
	*testing.T
	values *settings.Values
	svc    *pss.Service
	tenant *tenant.Tenant
	server *httptest.Server
}

func newWorld(t *testing.T, set map[string]string) *world {
	t.Helper()
	values, err := settings.New(set)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, values: values, tenant: tenanttest.New(t, noon(), nil)}
	perTenant := map[string]string{}
	for _, row := range settings.Table() {
		if v, ok := set[row.Name]; ok && row.PerTenant {
			perTenant[row.Name] = v
		}
	}
	if err := w.tenant.Settings.Override(perTenant); err != nil {
		t.Fatal(err)
	}
	w.use(pss.Config{})
	return w
}

// use starts the service with what cfg says beside fixtures and tokens.
func (w *world) use(cfg pss.Config) {
	w.Helper()
	cfg.Fixtures, cfg.Settings, cfg.Verify = os.DirFS("../../fixtures"), w.values, verifier{}
	svc, err := pss.New(cfg)
	if err != nil {
		w.Fatal(err)
	}
	w.svc = svc
	root := mux.NewRouter()
	svc.Mount(root)
	control := &respond.Service{Name: "control", Dialect: func(_ *http.Request, f *respond.Refusal) *respond.Response {
		return &respond.Response{Status: f.Status, Body: map[string]any{"code": f.Code, "message": f.Message}}
	}}
	svc.MountControl(control.Mount(root, "/_sandbox"))
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set(respond.TraceHeader, "trace-1")
		root.ServeHTTP(rw, r.WithContext(tenant.With(r.Context(), w.tenant)))
	}))
	w.Cleanup(w.server.Close)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// call describes one request; zero members take their usual value.
type call struct {
	method, path, body string
	token              string // "" = physician, "-" = none
	contentType        string // "" = by door
	accept, lang       string
}

func (w *world) do(c call) answer {
	w.Helper()
	if c.method == "" {
		c.method = http.MethodGet
		if c.body != "" {
			c.method = http.MethodPost
		}
	}
	req, err := http.NewRequest(c.method, w.server.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		w.Fatal(err)
	}
	if c.token == "" {
		c.token = "physician"
	}
	if c.token != "-" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.contentType == "" {
		c.contentType = "application/fhir+json"
	}
	if c.body != "" {
		req.Header.Set("Content-Type", c.contentType)
	}
	if c.accept != "" {
		req.Header.Set("Accept", c.accept)
	}
	if c.lang != "" {
		req.Header.Set("Accept-Language", c.lang)
	}
	res, err := w.server.Client().Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, body}
}

// json reads the answer, which must have the status.
func (w *world) json(c call, status int) any {
	w.Helper()
	a := w.do(c)
	if a.status != status {
		w.Fatalf("%s %s: status %d, want %d: %s", c.method, c.path, a.status, status, a.body)
	}
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		w.Fatalf("%s: not JSON: %v: %s", c.path, err, a.body)
	}
	return v
}

// get walks down a JSON value; nil when there is nothing.
func get(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}

func list(v any, path ...any) []any {
	l, _ := get(v, path...).([]any)
	return l
}

func text(v any, path ...any) string {
	s, _ := get(v, path...).(string)
	return s
}
