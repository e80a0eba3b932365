package iam

import (
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// framePage is a tiny static page that any site may frame: none of the frame
// headers of other pages.
func framePage(c *call, name string) (*respond.Response, error) {
	raw, err := pageFiles.ReadFile("pages/frames/" + name)
	if err != nil {
		return nil, err
	}
	body := strings.ReplaceAll(string(raw), "COOKIE_PREFIX", jsString(c.opt.cookiePrefix()))
	return &respond.Response{Status: http.StatusOK, ContentType: "text/html;charset=utf-8", Body: body, Header: http.Header{
		"Cache-Control": {"no-cache, must-revalidate, no-transform, no-store"},
		"P3p":           {`CP="This is not a P3P policy!"`},
	}}, nil
}

// jsString keeps what may stand inside quotes of a script.
func jsString(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

// sessionIframe lets keycloak-js and oidc-client watch the session.
func (s *Service) sessionIframe(c *call) (*respond.Response, error) {
	return framePage(c, "session.html")
}

// sessionIframeInit tells the iframe whether the page around it may ask.
func (s *Service) sessionIframeInit(c *call) (*respond.Response, error) {
	q := c.r.URL.Query()
	client, err := s.lookup(c.t, c.realm, q.Get("client_id"))
	if err != nil {
		return nil, err
	}
	if client == nil || client.Flags.Disabled || !client.allowsOrigin(q.Get("origin")) {
		f := refuse(http.StatusForbidden, "forbidden", "", "iam-5.4-init")
		f.Detail = bearerError
		f.Got, f.Want = "client "+quote(q.Get("client_id"))+", origin "+quote(q.Get("origin")), "an origin among the client's web origins"
		return nil, f
	}
	return &respond.Response{Status: http.StatusNoContent}, nil
}

// cookieProbe1 and cookieProbe2 tell keycloak-js whether third-party cookies
// work. An absent answer is the most common Keycloak complaint on the web.
func (s *Service) cookieProbe1(c *call) (*respond.Response, error) {
	return framePage(c, "probe1.html")
}

func (s *Service) cookieProbe2(c *call) (*respond.Response, error) {
	return framePage(c, "probe2.html")
}
