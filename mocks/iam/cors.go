package iam

import (
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
)

// cors answers preflights. A preflight does not know the client, so every
// origin passes; on other answers corsHeaders decides, after the client was
// identified. A literal star never occurs, because keycloak-js sends credentials.
func cors(r *http.Request, h http.Header, preflight bool) {
	h.Add("Vary", "Origin")
	from := r.Header.Get("Origin")
	if !preflight || from == "" {
		return
	}
	methods := "GET, HEAD, OPTIONS"
	switch {
	case strings.HasSuffix(r.URL.Path, "/userinfo"):
		methods = "GET, HEAD, POST, OPTIONS"
	case strings.HasSuffix(r.URL.Path, "/token"), strings.HasSuffix(r.URL.Path, "/introspect"),
		strings.HasSuffix(r.URL.Path, "/revoke"):
		methods = "POST, OPTIONS"
	case strings.HasSuffix(r.URL.Path, "/logout"), strings.HasSuffix(r.URL.Path, "/auth"):
		methods = "GET, POST, OPTIONS"
	}
	h.Set("Access-Control-Allow-Origin", from)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Allow-Methods", methods)
	h.Set("Access-Control-Allow-Headers", "Origin, Accept, X-Requested-With, Content-Type, "+
		"Access-Control-Request-Method, Access-Control-Request-Headers, DPoP, Authorization")
	h.Set("Access-Control-Max-Age", "3600")
}

// corsHeaders are the headers of an answer: for an unidentified caller any
// origin is echoed; otherwise the origin must be among the client's web
// origins, or the answer goes out without them and the browser hides it.
func corsHeaders(c *call) http.Header {
	from := c.r.Header.Get("Origin")
	if from == "" || c.r.Method == http.MethodHead {
		return nil
	}
	if c.client != nil && !c.client.allowsOrigin(from) {
		if from != origin.From(c.r).Actual {
			c.warn("iam-2.1-origin", "origin "+from+" is not in web origins of client "+c.client.ClientID+
				": the browser will hide this answer from the page")
		}
		return nil
	}
	return echoed(from)
}

// echoed lets one origin read an answer.
func echoed(origin string) http.Header {
	return http.Header{
		"Access-Control-Allow-Origin":      {origin},
		"Access-Control-Allow-Credentials": {"true"},
		"Access-Control-Expose-Headers":    {"Access-Control-Allow-Methods"},
	}
}

// decorate adds the security headers of every answer.
func decorate(r *http.Request, h http.Header) {
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	if origin.Secure(r) {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/token"), strings.HasSuffix(r.URL.Path, "/token/introspect"),
		strings.HasSuffix(r.URL.Path, "/revoke"):
		h.Set("Cache-Control", "no-store")
		h.Set("Pragma", "no-cache")
	}
}
