package iam

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// authAnswer brings parameters back to the client in the asked response mode.
// state comes back exactly when it was sent; iss always (RFC 9207).
func (s *Service) authAnswer(c *call, req *authRequest, params object) (*respond.Response, error) {
	if req.HasState {
		params.set("state", req.State)
	}
	params.set("iss", c.issuer())
	if req.Mode == "form_post" {
		return s.page(c, http.StatusOK, "form_post", map[string]any{"Action": req.RedirectURI, "Params": params})
	}
	var pairs []string
	for _, m := range params {
		pairs = append(pairs, url.QueryEscape(m.Name)+"="+url.QueryEscape(fmt.Sprint(m.Value)))
	}
	return &respond.Response{Status: http.StatusFound, Header: http.Header{
		"Location":      {joinRedirect(req.RedirectURI, req.Mode, strings.Join(pairs, "&"))},
		"Cache-Control": {"no-store, must-revalidate, max-age=0"},
	}}, nil
}

// joinRedirect adds parameters to a redirect URI. A query that is there
// already stays; in fragment mode it is left alone.
func joinRedirect(uri, mode, params string) string {
	uri, fragment, hasFragment := strings.Cut(uri, "#")
	if mode == "fragment" {
		return uri + "#" + params
	}
	separator := "?"
	if strings.Contains(uri, "?") {
		separator = "&"
	}
	uri += separator + params
	if hasFragment {
		uri += "#" + fragment
	}
	return uri
}

// noteRefusal records an error that leaves as a redirect.
func noteRefusal(c *call, p *authProblem, status int) {
	journal.From(c.ctx).Edit(func(e *journal.Entry) {
		e.Refusal = &journal.Refusal{Status: status, Code: p.code, Message: p.description, Rule: p.rule, Got: p.got, Want: p.want, Hint: p.hint}
	})
}
