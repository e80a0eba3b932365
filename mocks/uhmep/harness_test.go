package uhmep

import (
	"bytes"
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
	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/codes"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// present is when the tests take place.
func present() time.Time { return time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC) }

// plainPseudonyms is a pseudonymisation service without cryptography: a
// pseudonym in transit is the stable one with a counter in the box.
type plainPseudonyms struct {
	mu sync.Mutex
	n  int
}

func (p *plainPseudonyms) AtRest(_ *tenant.Tenant, value string) (string, error) {
	return "rest-" + value, nil
}

type openError string

func (e openError) Error() string { return string(e) }

func (p *plainPseudonyms) Open(_ *tenant.Tenant, transit string) (string, error) {
	point, box, _ := strings.Cut(transit, ":")
	if strings.Contains(box, "expired") {
		return "", openError("expired")
	}
	raw := decodePoint(point)
	if raw == "" {
		return "", openError("not of this domain")
	}
	return raw, nil
}

func (p *plainPseudonyms) Mint(_ *tenant.Tenant, atRest string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	return encodePoint(atRest, p.n) + ":" + sampleBox(), nil
}

// tokens makes bearer tokens out of names: personas, organisations.
type tokens struct{ w *world.Registry }

func (v tokens) Verify(r *http.Request) (*bearer.Token, error) {
	name, problem := bearer.FromHeader(r)
	if problem != nil {
		return nil, problem
	}
	name, variant, _ := strings.Cut(name, "+")
	t := tenant.From(r.Context())
	tok := &bearer.Token{Raw: name, Realm: "healthcare", Client: "test", Persona: name, Roles: map[string][]string{}, Profile: map[string]any{}}
	if o, ok := v.w.Of(t).Organisation(name); ok {
		tok.Realm, tok.Audience, tok.Scopes = "M2M", []string{audiencePro}, []string{scopeOrg}
		tok.Roles[rolesClient] = []string{"organization"}
		tok.Profile["organizations"] = []any{map[string]any{o.TokenKey: map[string]any{"nihii": o.NIHII, "name": o.Name}}}
		tok.Persona = ""
	} else if p, ok := v.w.Of(t).Persona(name); ok && p.Patient() {
		tok.Audience = []string{audiencePat}
		tok.Roles[rolesClient] = []string{"patient"}
	} else if ok {
		tok.SSIN, tok.Audience, tok.Scopes = p.SSIN, []string{audiencePro}, []string{scopePro}
		for _, d := range p.Disciplines {
			tok.Profile[d.Key] = map[string]any{"recognised": d.IsRecognised(), "nihii11": d.NIHII}
		}
		if p.Suspended() {
			tok.Roles[rolesClient] = []string{"Restricted"}
		}
	} else {
		return nil, &bearer.Problem{Kind: bearer.Signature, Got: name}
	}
	switch variant {
	case "initial":
		tok.Audience = []string{"account"}
	case "pseudo":
		tok.Roles["ehealth-pseudo-api"] = []string{"pseudonymize"}
	case "scopeless":
		tok.Scopes = nil
	case "expired":
		return nil, &bearer.Problem{Kind: bearer.Expired}
	}
	return tok, nil
}

// openCare lets everybody do everything, but for what a test forbids.
type openCare struct {
	mu        sync.Mutex
	forbidden map[string]string // patient/ssin → reason
	suspended map[string]string
}

func (c *openCare) Relations(t *tenant.Tenant, ssin, _ string) func(string) (bool, string) {
	// Asked while the store is open, this would block for ever.
	_ = t.Store.Update(func(store.Writer) error { return nil })
	return func(patient string) (bool, string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		reason := c.forbidden[patient+"/"+ssin]
		return reason == "", reason
	}
}

func (c *openCare) SuspendedSince(_ *tenant.Tenant, ssin string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.suspended[ssin]
}

// bench is one sandbox under test.
type bench struct {
	testing.TB
	s    *Service
	t    *tenant.Tenant
	care *openCare
	ps   *plainPseudonyms
	h    http.Handler
}

// shared is made once: the checker takes a moment to load.
var shared = sync.OnceValues(func() (*check.Checker, error) {
	c, err := codes.Load(fixtures.FS)
	if err != nil {
		return nil, err
	}
	return check.New(check.Config{Fixtures: fixtures.FS, Codes: c})
})

// open makes a service and a tenant; with the seeded documents when seeded.
func open(tb testing.TB, seeded bool) *bench {
	tb.Helper()
	checker, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	w, err := world.New(fixtures.FS)
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{TB: tb, care: &openCare{forbidden: map[string]string{}, suspended: map[string]string{}}, ps: &plainPseudonyms{}}
	b.s, err = New(Config{Fixtures: fixtures.FS, Checker: checker, Tokens: tokens{w}, Pseudonyms: b.ps, Care: b.care, World: w})
	if err != nil {
		tb.Fatal(err)
	}
	seeders := map[string]store.Seeder{}
	if seeded {
		seeders["uhmep"] = b.s.Seed
	}
	b.t = tenanttest.New(tb, present(), seeders)
	root := mux.NewRouter().SkipClean(true)
	b.s.Mount(root)
	b.h = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("X-Sandbox-Trace", "trace")
		root.ServeHTTP(rw, r.WithContext(tenant.With(r.Context(), b.t)))
	})
	return b
}

// answer is one response.
type answer struct {
	*httptest.ResponseRecorder
	tree map[string]any
}

// call sends a request as somebody. body is a tree, a string (form or raw) or nil.
func (b *bench) call(as, method, path string, body any, header ...string) *answer {
	b.Helper()
	var raw []byte
	ct := "application/fhir+json"
	switch x := body.(type) {
	case tree.Object:
		raw = tree.Encode(x)
	case string:
		raw = []byte(x)
		if strings.HasSuffix(path, "_search") {
			ct = "application/x-www-form-urlencoded"
		}
	}
	r := httptest.NewRequest(method, "http://sandbox.test"+path, bytes.NewReader(raw))
	if strings.HasPrefix(path, "/ServiceRequest") || strings.HasPrefix(path, "/Task") || strings.HasPrefix(path, "/Pract") || strings.HasPrefix(path, "/Org") || strings.HasPrefix(path, "/metadata") {
		r = httptest.NewRequest(method, "http://sandbox.test"+Base+path, bytes.NewReader(raw))
	}
	r.Header.Set("User-Agent", "test/1.0 go/1")
	r.Header.Set("From", "test@example.be")
	if raw != nil {
		r.Header.Set("Content-Type", ct)
	}
	if as != "" {
		r.Header.Set("Authorization", "Bearer "+as)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			r.Header.Del(header[i])
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	rec := httptest.NewRecorder()
	b.h.ServeHTTP(rec, r)
	a := &answer{ResponseRecorder: rec}
	if rec.Body.Len() > 0 {
		dec := json.NewDecoder(bytes.NewReader(rec.Body.Bytes()))
		dec.UseNumber()
		if err := dec.Decode(&a.tree); err != nil {
			b.Fatalf("%s %s: answer is no JSON: %v\n%s", method, path, err, rec.Body)
		}
	}
	return a
}

// want fails the test when the status, or the sandbox code of the first issue,
// is another.
func (b *bench) want(a *answer, status int, code ...string) *answer {
	b.Helper()
	if a.Code != status {
		b.Fatalf("got status %d, want %d\n%s", a.Code, status, a.Body)
	}
	if len(code) > 0 && a.code() != code[0] {
		b.Fatalf("got code %q, want %q\n%s", a.code(), code[0], a.Body)
	}
	return a
}

// code is the sandbox code of the first issue.
func (a *answer) code() string {
	for _, i := range tree.Objects(a.tree, "issue") {
		for _, c := range tree.Objects(tree.Child(i, "details"), "coding") {
			return tree.Text(c, "code")
		}
	}
	return ""
}

func (a *answer) id() string { return tree.Text(a.tree, "id") }

func (a *answer) text(name string) string { return tree.Text(a.tree, name) }

// patientIn is a fresh pseudonym in transit of a persona.
func (b *bench) patientIn(name string) string {
	b.Helper()
	p, ok := b.s.World.Of(b.t).Persona(name)
	if !ok {
		b.Fatalf("no persona %s", name)
	}
	rest, _ := b.ps.AtRest(b.t, p.SSIN)
	transit, _ := b.ps.Mint(b.t, rest)
	return pseudonymURN + transit
}

// role is the reference of a persona in their first discipline.
func (b *bench) role(name string) string {
	b.Helper()
	_, ref, err := (&player{s: b.s, t: b.t}).who(name)
	if err != nil {
		b.Fatal(err)
	}
	return ref
}

// request is a body for a template, for pat-dubois, dated today.
func (b *bench) request(template, by string, change ...func(*sample.Options)) tree.Object {
	b.Helper()
	rest, _ := b.ps.AtRest(b.t, "key")
	key, _ := b.ps.Mint(b.t, rest)
	o := sample.Options{Patient: b.patientIn("pat-dubois"), Key: pseudonymURN + key, Requester: b.role(by),
		AuthoredOn: longDate(b.t.Clock.Now()), Start: string(workflowDay(b.t))}
	for _, fn := range change {
		fn(&o)
	}
	return sample.Request(template, o)
}

// create makes a prescription or proposal and returns its id.
func (b *bench) create(template, by string, change ...func(*sample.Options)) string {
	b.Helper()
	as := by
	if i := strings.IndexByte(by, '@'); i >= 0 {
		as = by[i+1:]
	}
	return b.want(b.call(as, "POST", "/ServiceRequest", b.request(template, by, change...)), 201).id()
}

// assign makes a performer or organisation Task and returns its id.
func (b *bench) assign(as, sr, owner string) string {
	b.Helper()
	return b.want(b.call(as, "POST", "/Task", b.task(sr, owner)), 201).id()
}

func (b *bench) task(sr, owner string) tree.Object {
	b.Helper()
	ref := b.role(owner)
	if strings.HasPrefix(ref, "Organization/") {
		return sample.OrganizationTask(sr, ref)
	}
	return sample.PerformerTask(sr, ref)
}

// context carries the tenant.
func (b *bench) context() context.Context { return tenant.With(context.Background(), b.t) }
