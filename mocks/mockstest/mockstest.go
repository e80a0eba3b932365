// Package mockstest starts an eHealth sandbox inside a Go test.
//
//	func TestMyClient(t *testing.T) {
//		sb := mockstest.New(t)
//		client := mycode.New(sb.URL) // only the origin differs from the real service
//		…
//		if why := sb.Refusals(t); len(why) > 0 { t.Fatal(why) }
//	}
//
// A sandbox per test is cheap, and a tenant of one sandbox cheaper still: see
// Server.Tenant.
package mockstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/internal/coverage"
	"github.com/ehealth-sandbox/sandbox/mocks"
)

// Server is a running sandbox, or one tenant of it.
type Server struct {
	// URL is the base: everything the real services have follows it.
	URL string
	// Client does not follow redirects, so that a test sees codes and states.
	Client *http.Client
	// Sandbox is the sandbox in this process.
	Sandbox *mocks.Sandbox
}

// Option changes how a sandbox is opened.
type Option func(*mocks.Options)

// WithSetting sets a setting by its name, as in docs/settings.md.
func WithSetting(name, value string) Option {
	return func(o *mocks.Options) {
		if o.Settings == nil {
			o.Settings = map[string]string{}
		}
		o.Settings[name] = value
	}
}

// New opens a sandbox on a free port and closes it when the test ends.
func New(tb testing.TB, opts ...Option) *Server {
	tb.Helper()
	o := mocks.Options{Version: "test"}
	for _, opt := range opts {
		opt(&o)
	}
	sb, err := mocks.Open(o)
	if err != nil {
		tb.Fatalf("open the sandbox: %v", err)
	}
	srv := httptest.NewServer(sb)
	tb.Cleanup(func() {
		srv.Close()
		if err := coverage.Record(sb.Operations()); err != nil {
			tb.Errorf("record coverage: %v", err)
		}
		if err := sb.Close(); err != nil {
			tb.Errorf("close the sandbox: %v", err)
		}
	})
	client := srv.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Server{URL: srv.URL, Client: client, Sandbox: sb}
}

// Tenant is an isolated world of its own inside the same sandbox.
func (s *Server) Tenant(name string) *Server {
	t := *s
	t.URL = s.URL + "/t/" + name
	return &t
}

// TokenRequest says which token to make, see POST /_sandbox/iam/tokens.
type TokenRequest struct {
	Realm      string `json:"realm,omitempty"`       // healthcare when empty
	ClientID   string `json:"client_id"`             // nihdi-uhmep-hcp when empty
	Persona    string `json:"persona,omitempty"`     // dr-peeters when realm and client are empty too
	Scope      string `json:"scope,omitempty"`       // space separated
	ExchangeTo string `json:"exchange_to,omitempty"` // for instance nihdi-uhmep-fhir-hcp
	ExpiresIn  *int   `json:"expires_in,omitempty"`  // seconds, may be negative
}

// Token makes an access token without a login.
func (s *Server) Token(tb testing.TB, q TokenRequest) string {
	tb.Helper()
	if q.ClientID == "" {
		q.ClientID = "nihdi-uhmep-hcp"
		if q.Persona == "" {
			q.Persona = "dr-peeters"
		}
	}
	if q.Realm == "" {
		q.Realm = "healthcare"
	}
	answer := struct {
		AccessToken string `json:"access_token"`
	}{}
	s.control(tb, http.MethodPost, "/_sandbox/iam/tokens", q, &answer)
	return answer.AccessToken
}

// Advance moves the tenant's clock; d may be negative.
func (s *Server) Advance(tb testing.TB, d time.Duration) {
	tb.Helper()
	s.control(tb, http.MethodPut, "/_sandbox/clock", map[string]string{"advance": d.String()}, nil)
}

// Freeze stops the tenant's clock at an instant.
func (s *Server) Freeze(tb testing.TB, at time.Time) {
	tb.Helper()
	s.control(tb, http.MethodPut, "/_sandbox/clock", map[string]string{"freeze": at.Format(time.RFC3339Nano)}, nil)
}

// Reset brings the tenant back to the seed.
func (s *Server) Reset(tb testing.TB) {
	tb.Helper()
	s.control(tb, http.MethodPost, "/_sandbox/reset", nil, nil)
}

// Fault injects a counted fault, see POST /_sandbox/faults.
func (s *Server) Fault(tb testing.TB, fault map[string]any) {
	tb.Helper()
	s.control(tb, http.MethodPost, "/_sandbox/faults", fault, nil)
}

// Entry is what a journal entry says, as far as tests usually ask.
type Entry struct {
	ID, Service, Operation, Method, URL, Client string
	Status                                      int
	Checks                                      []Check
	Warnings                                    []struct{ Rule, Text string }
	Refusal                                     *Refusal
}

// Check is one condition that was looked at.
type Check struct {
	Rule, Got, Want, Hint string
	OK                    bool
}

// Refusal is why a request was refused.
type Refusal struct {
	Status                               int
	Code, Message, Rule, Got, Want, Hint string
}

// String is one line for a test's message.
func (r Refusal) String() string {
	return fmt.Sprintf("%d %s: rule %s, got %q, want %q; %s", r.Status, r.Code, r.Rule, r.Got, r.Want, r.Hint)
}

// Journal returns the tenant's entries that match the query, such as
// {"service": {"uhmep"}, "refused": {"true"}}; see GET /_sandbox/journal.
func (s *Server) Journal(tb testing.TB, query url.Values) []Entry {
	tb.Helper()
	answer := struct{ Entries []Entry }{}
	s.control(tb, http.MethodGet, "/_sandbox/journal?"+query.Encode(), nil, &answer)
	return answer.Entries
}

// Refusals returns what was refused so far, oldest first.
func (s *Server) Refusals(tb testing.TB) []Refusal {
	tb.Helper()
	var out []Refusal
	for _, e := range s.Journal(tb, url.Values{"refused": {"true"}}) {
		out = append(out, *e.Refusal)
	}
	return out
}

// control makes one call of the control API; anything but success fails the
// test.
func (s *Server) control(tb testing.TB, method, path string, in, out any) {
	tb.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			tb.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(tb.Context(), method, s.URL+path, body)
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.Client.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	if res.StatusCode/100 != 2 {
		tb.Fatalf("%s %s: %s: %s", method, path, res.Status, strings.TrimSpace(string(raw)))
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(raw, out); err != nil {
		tb.Fatalf("%s %s: %v in %s", method, path, err, raw)
	}
}
