package iam

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// call is one request with everything that is worked out about it on the way.
type call struct {
	r     *http.Request
	ctx   context.Context
	t     *tenant.Tenant
	opt   options
	now   time.Time
	realm string
	base  string     // absolute, with tenant prefix
	form  url.Values // of the body, when it is a form
	// client is set once the caller is identified; CORS depends on it.
	client *Client
}

func (s *Service) newCall(r *http.Request, realm string) *call {
	t := tenant.From(r.Context())
	return &call{
		r: r, ctx: r.Context(), t: t, opt: options{t}, now: t.Clock.Now(),
		realm: realm, base: origin.Of(r), form: bodyForm(r),
	}
}

func bodyForm(r *http.Request) url.Values {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return url.Values{}
	}
	form, err := url.ParseQuery(string(respond.Body(r)))
	if err != nil {
		return url.Values{}
	}
	return form
}

func (c *call) issuer() string { return c.base + "/auth/realms/" + c.realm }

func (c *call) endpoint(path string) string {
	return c.issuer() + "/protocol/openid-connect/" + path
}

// identify notes who calls; from here on CORS follows the client's registration.
func (c *call) identify(client *Client) {
	c.client = client
	journal.Note(c.ctx, "client", client.ClientID)
}

// check notes a condition that held; refusals are noted by the router.
func (c *call) check(rule, got, want string) { journal.Record(c.ctx, rule, true, got, want, "") }

func (c *call) warn(rule, text string) { journal.Warn(c.ctx, rule, text) }

// handle wraps an endpoint: realm first, CORS last.
func (s *Service) handle(h func(*call) (*respond.Response, error)) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		realm := mux.Vars(r)["realm"]
		c := s.newCall(r, realm)
		if realm != Healthcare && realm != M2M {
			return nil, withHeaders(realmUnknown(realm), corsHeaders(c))
		}
		res, err := h(c)
		if err != nil {
			return nil, withHeaders(err, corsHeaders(c))
		}
		if res.Header == nil {
			res.Header = http.Header{}
		}
		for name, values := range corsHeaders(c) {
			if _, set := res.Header[name]; !set {
				res.Header[name] = values
			}
		}
		return res, nil
	}
}

// withHeaders adds headers to a refusal; other errors pass.
func withHeaders(err error, h http.Header) error {
	f, ok := err.(*respond.Refusal) //nolint:errorlint // handlers return refusals unwrapped
	if !ok {
		return err
	}
	for name, values := range h {
		if f.Header == nil {
			f.Header = http.Header{}
		}
		if _, set := f.Header[name]; !set {
			f.Header[name] = values
		}
	}
	return f
}

func realmUnknown(realm string) *respond.Refusal {
	f := &respond.Refusal{
		Status: http.StatusNotFound, Code: "Realm does not exist", Rule: "iam-2-realm",
		Got: realm, Want: Healthcare + " or " + M2M, Detail: routerError,
	}
	for _, known := range []string{Healthcare, M2M} {
		if strings.EqualFold(realm, known) {
			f.Hint = "realm names are case-sensitive: write " + known
		}
	}
	return f
}
