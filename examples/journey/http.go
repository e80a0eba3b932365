package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/ehealth-sandbox/sandbox/clients/pseudo"
)

// journey is what one run knows so far.
type journey struct {
	base  string
	http  *http.Client
	out   io.Writer
	quiet bool

	meta         metadata // of realm healthcare
	initial      tokens   // dr-peeters, for pseudonymisation
	exchanged    tokens   // dr-peeters, for UHMEP
	prescription string   // id of the ServiceRequest
	machine      machine
}

// Numbers of the seeded personas (GET /_sandbox/info lists them).
const (
	patientSSIN = "54022899886"                            // pat-dubois
	doctorRole  = "PractitionerRole/71011599751-PHYSICIAN" // dr-peeters
	nurseRole   = "PractitionerRole/85072299879-NURSE"     // nurse-claes
)

// Headers that UHMEP demands of every caller.
const (
	userAgent = "journey/1.0 eHealth/Technical/3.0"
	fromEmail = "developer@example.org"
)

func newJourney(base, tenant string, out io.Writer, quiet bool) *journey {
	// Redirects are answers here: the journey reads their Location.
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: tenantTransport{tenant, localhostTransport()}}
	return &journey{base: base, http: client, out: out, quiet: quiet}
}

// tenantTransport names the tenant in every request: sandbox only.
type tenantTransport struct {
	tenant string
	next   http.RoundTripper
}

// localhostTransport reaches names below .localhost on this machine, as
// browsers do (RFC 6761); Go asks the resolver instead: sandbox only.
func localhostTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	dialer := &net.Dialer{}
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, ".localhost") {
			addr = net.JoinHostPort("127.0.0.1", port)
		}
		return dialer.DialContext(ctx, network, addr)
	}
	return t
}

// RoundTrip implements http.RoundTripper.
func (t tenantTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.tenant != "" {
		r = r.Clone(r.Context())
		r.Header.Set("X-Sandbox-Tenant", t.tenant)
	}
	return t.next.RoundTrip(r)
}

// answer is a complete answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// request is one call. Path is below the base, or absolute.
type request struct {
	method string
	path   string
	bearer string
	form   url.Values // sent form encoded
	json   any        // sent as JSON
	typ    string     // content type of json, application/json when empty
	header map[string]string
	want   int // expected status
}

// maxAnswer bounds what is read.
const maxAnswer = 8 << 20

// do sends the request, prints it, and checks the status.
func (j *journey) do(ctx context.Context, q request) (answer, error) {
	var body io.Reader
	contentType := ""
	switch {
	case q.form != nil:
		body, contentType = strings.NewReader(q.form.Encode()), "application/x-www-form-urlencoded"
	case q.json != nil:
		raw, err := json.Marshal(q.json)
		if err != nil {
			return answer{}, err
		}
		body, contentType = bytes.NewReader(raw), "application/json"
		if q.typ != "" {
			contentType = q.typ
		}
	}
	target := q.path
	if strings.HasPrefix(target, "/") {
		target = j.base + target
	}
	req, err := http.NewRequestWithContext(ctx, q.method, target, body)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("From", fromEmail)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if q.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+q.bearer)
	}
	for k, v := range q.header {
		req.Header.Set(k, v)
	}
	j.say("→ %s %s", q.method, shorten(target, 140))
	res, err := j.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return answer{}, err
	}
	j.say("← %s", res.Status)
	if res.StatusCode != q.want {
		return answer{}, fmt.Errorf("%s %s answered %s, want %d: %s (trace %s)", q.method, target, res.Status, q.want, shorten(string(raw), 2000), res.Header.Get("X-Sandbox-Trace"))
	}
	return answer{res.StatusCode, res.Header, raw}, nil
}

// into decodes an answer's JSON.
func (a answer) into(v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return fmt.Errorf("answer is not the JSON expected: %w: %s", err, shorten(string(a.body), 300))
	}
	return nil
}

// say prints one indented line unless the journey is quiet.
func (j *journey) say(format string, args ...any) {
	if !j.quiet {
		fmt.Fprintf(j.out, "   "+format+"\n", args...)
	}
}

func shorten(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}

// domain is the pseudonymisation domain of eReferral, used with a token.
func (j *journey) domain(token string) *pseudo.Domain {
	client := &pseudo.Client{BaseURL: j.base + "/pseudo/v1", Token: func(context.Context) (string, error) { return token, nil },
		HTTP: j.http, UserAgent: userAgent, From: fromEmail}
	return client.Domain("uhmep_v1")
}
