package mocks

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// guard protects the control API from other web pages: the host name must be
// one that a foreign domain cannot point here (no DNS rebinding), and a browser
// must come from the sandbox's own pages (no cross-site request).
func (s *Sandbox) guard(r *http.Request, info origin.Info) *respond.Refusal {
	extra := s.settings.List("admin-hosts")
	if host := hostname(r.Host); !s.ownHost(host, extra) {
		return &respond.Refusal{Status: http.StatusForbidden, Code: "host", Message: "the control API does not answer under the host name " + host,
			Hint: "use localhost, an IP address or a container name, or allow the name with -admin-hosts"}
	}
	if o := r.Header.Get("Origin"); o != "" && !s.ownOrigin(o, info, extra) {
		return &respond.Refusal{Status: http.StatusForbidden, Code: "origin", Message: "the control API does not answer pages of " + o,
			Hint: "call it from the sandbox's own pages or from outside a browser, or allow the host with -admin-hosts"}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); r.Header.Get("Origin") == "" && site == "cross-site" && r.Method != http.MethodGet {
		return &respond.Refusal{Status: http.StatusForbidden, Code: "origin", Message: "the control API does not answer cross-site requests"}
	}
	if token := s.settings.String("admin-token"); token != "" && r.URL.Path != "/_sandbox/live" && r.URL.Path != "/_sandbox/ready" {
		got, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if subtle.ConstantTimeCompare([]byte(got), []byte(token)) != 1 {
			return &respond.Refusal{Status: http.StatusUnauthorized, Code: "admin-token", Message: "the control API asks for its token",
				Hint: "send Authorization: Bearer <the value of -admin-token>"}
		}
	}
	return nil
}

// ownHost: IP addresses and single-label names (containers) cannot be taken
// over by a foreign domain; host.docker.internal is Docker's own.
func (s *Sandbox) ownHost(host string, extra []string) bool {
	host = strings.ToLower(host)
	if net.ParseIP(host) != nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") ||
		host == "host.docker.internal" || slices.Contains(extra, host) {
		return true
	}
	u, err := url.Parse(s.publicURL())
	return err == nil && u.Hostname() != "" && strings.EqualFold(u.Hostname(), host)
}

func (s *Sandbox) ownOrigin(o string, info origin.Info, extra []string) bool {
	if o == info.Base || o == info.Actual {
		return true
	}
	u, err := url.Parse(o)
	return err == nil && u.Hostname() != "" && slices.Contains(extra, strings.ToLower(u.Hostname()))
}

// hostname is the name or address of a Host header without port and brackets.
func hostname(hostport string) string {
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		return h
	}
	return strings.Trim(hostport, "[]")
}
