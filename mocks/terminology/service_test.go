package terminology

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/codes"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// server is the service behind its router, for one tenant.
type server struct {
	t       testing.TB
	service *Service
	tenant  *tenant.Tenant
	handler http.Handler
}

func newServer(t testing.TB, set map[string]string) *server {
	t.Helper()
	reg, err := codes.Load(fixtures.FS)
	if err != nil {
		t.Fatal(err)
	}
	values, err := settings.New(set)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Registry: reg, Settings: values})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	x := &server{t: t, service: s, tenant: tenanttest.New(t, time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), nil)}
	x.tenant.Settings = values.ForTenant()
	root := mux.NewRouter().SkipClean(true)
	s.Mount(root)
	x.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		root.ServeHTTP(w, r.WithContext(tenant.With(r.Context(), x.tenant)))
	})
	return x
}

// answer is a response with its decoded body.
type answer struct {
	status int
	header http.Header
	body   tx.Object
	raw    string
}

func (s *server) do(method, path string, body any, header ...string) answer {
	s.t.Helper()
	var raw string
	switch b := body.(type) {
	case nil:
	case string:
		raw = b
	default:
		x, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		raw = string(x)
	}
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(raw))
	if raw != "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if strings.Contains(w.Header().Get("Content-Type"), "json") && w.Body.Len() > 0 {
		o, err := tx.DecodeObject(w.Body.Bytes())
		if err != nil && !strings.HasPrefix(a.raw, "[") {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, a.raw)
		}
		a.body = o
	}
	return a
}

func (s *server) get(path string, header ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, path, nil, header...)
}

// param gives the value of a parameter of an answer.
func (a answer) param(name string) any {
	list, _ := a.body["parameter"].([]any)
	for _, x := range list {
		p := x.(tx.Object)
		if p["name"] != name {
			continue
		}
		for k, v := range p {
			if strings.HasPrefix(k, "value") || k == "resource" || k == "part" {
				return v
			}
		}
	}
	return nil
}

// codes lists the codes of an expansion, nested ones included.
func (a answer) codes() []string {
	var out []string
	var walk func(any)
	walk = func(list any) {
		items, _ := list.([]any)
		for _, x := range items {
			o := x.(tx.Object)
			out = append(out, text(o["code"]))
			walk(o["contains"])
		}
	}
	e, _ := a.body["expansion"].(tx.Object)
	walk(e["contains"])
	return out
}

var shared = sync.OnceValues(func() (*codes.Registry, error) { return codes.Load(fixtures.FS) })

func TestLookUpOfTheBuiltInFragment(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	for _, tc := range []struct{ name, path, display string }{
		{"in Dutch", "/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=225964003&displayLanguage=nl-BE", "hulp bij persoonlijke hygiëne"},
		{"in French by header", "/terminology/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=225964003", "aide à l'hygiène personnelle"},
		{"of an ordinary system", "/fhir/CodeSystem/$lookup?system=https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type&code=hygienic-care&displayLanguage=nl", "Hygiënische zorg"},
		{"by coding", "/fhir/CodeSystem/$lookup?coding=http://snomed.info/sct|22253000&displayLanguage=nl", "pijn"},
	} {
		header := []string{}
		if strings.Contains(tc.name, "header") {
			header = []string{"Accept-Language", "fr-BE, nl;q=0.8"}
		}
		a := s.get(tc.path, header...)
		if a.status != http.StatusOK || a.param("display") != tc.display {
			t.Errorf("%s: got %d %v, want %q", tc.name, a.status, a.param("display"), tc.display)
		}
	}
}

func TestExpansionOfImplicitValueSets(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	a := s.get("/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs&filter=hyg&displayLanguage=nl&count=5&includeDesignations=true")
	if got := a.codes(); a.status != 200 || len(got) == 0 || got[0] != "225964003" {
		t.Errorf("filter: got %d %v", a.status, got)
	}
	a = s.get("/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs=ecl/<<+385805005")
	if got := a.codes(); len(got) != 5 {
		t.Errorf("ECL: got %v %s", got, a.raw)
	}
	a = s.get("/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs=ecl/%3C%3C%20385805005%20AND")
	if a.status != 422 || !strings.Contains(a.raw, "column 17") {
		t.Errorf("broken ECL: got %d %s", a.status, a.raw)
	}
}

// serve answers a prepared request and gives the status.
func (s *server) serve(r *http.Request) int {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Code
}
