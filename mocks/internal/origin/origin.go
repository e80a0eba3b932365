// Package origin tells under which absolute URL the sandbox is being called,
// so that every generated URL (issuer, Location, links) is right by
// construction.
//
// While no public URL is configured the origin follows the request: the
// Forwarded header (RFC 7239), then X-Forwarded-Proto/-Host/-Port, then Host.
// A configured public URL is used as it stands. A tenant that was named by the
// path prefix /t/<name> keeps that prefix in every URL.
package origin

import (
	"context"
	"net"
	"net/http"
	"regexp"
	"strings"
)

// Info is what one request says about its origin.
type Info struct {
	Base   string // scheme://host[:port], no trailing slash, without tenant prefix
	Prefix string // "" or "/t/<name>"
	Fixed  bool   // true when the base is the configured public URL
	Source string // where the base came from: "public-url", "Forwarded", "X-Forwarded", "Host"
	Actual string // scheme://host of the request itself, whatever Base is
}

type contextKey struct{}

// With puts the info into the context.
func With(ctx context.Context, i Info) context.Context {
	return context.WithValue(ctx, contextKey{}, i)
}

// From returns the request's info; without one it is taken from the request.
func From(r *http.Request) Info {
	if i, ok := r.Context().Value(contextKey{}).(Info); ok {
		return i
	}
	return Detect(r, "")
}

// Of is the base of generated URLs: scheme://host[:port][/t/<name>].
func Of(r *http.Request) string {
	i := From(r)
	return i.Base + i.Prefix
}

// Prefix is "" or "/t/<name>": what cookie paths start with.
func Prefix(r *http.Request) string { return From(r).Prefix }

// Dynamic is Of as the request sees it, even when a public URL is configured:
// for back-channel URLs of clients on another network.
func Dynamic(r *http.Request) string {
	i := From(r)
	return i.Actual + i.Prefix
}

// Secure tells whether generated URLs are https.
func Secure(r *http.Request) bool { return strings.HasPrefix(From(r).Base, "https:") }

var hostPattern = regexp.MustCompile(`^[A-Za-z0-9._\-]+(:[0-9]{1,5})?$|^\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?$`)

// Detect works the base out of the request; publicURL wins when it is set.
func Detect(r *http.Request, publicURL string) Info {
	i := Info{}
	i.Actual, i.Source = detect(r)
	i.Base = i.Actual
	if publicURL != "" {
		i.Base, i.Fixed, i.Source = strings.TrimRight(publicURL, "/"), true, "public-url"
	}
	return i
}

func detect(r *http.Request) (base, source string) {
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	source = "Host"
	if f := r.Header.Get("Forwarded"); f != "" {
		proto, h := parseForwarded(f)
		if h != "" && hostPattern.MatchString(h) {
			host, source = h, "Forwarded"
		}
		if proto == "http" || proto == "https" {
			scheme, source = proto, "Forwarded"
		}
		if source == "Forwarded" { // one with for= only says nothing about the origin
			return join(scheme, host), source
		}
	}
	if p := first(r.Header.Get("X-Forwarded-Proto")); p == "http" || p == "https" {
		scheme, source = p, "X-Forwarded"
	}
	if h := first(r.Header.Get("X-Forwarded-Host")); h != "" && hostPattern.MatchString(h) {
		host, source = h, "X-Forwarded"
	}
	if p := first(r.Header.Get("X-Forwarded-Port")); p != "" && hostPattern.MatchString("h:"+p) {
		name := host
		if h, _, err := net.SplitHostPort(host); err == nil {
			name = h
		}
		host, source = net.JoinHostPort(strings.Trim(name, "[]"), p), "X-Forwarded"
	}
	return join(scheme, host), source
}

// join drops the scheme's default port, as clients compare issuers byte by byte.
func join(scheme, host string) string {
	if !hostPattern.MatchString(host) {
		host = "localhost"
	}
	if scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else {
		host = strings.TrimSuffix(host, ":443")
	}
	return scheme + "://" + strings.ToLower(host)
}

func first(list string) string {
	v, _, _ := strings.Cut(list, ",")
	return strings.ToLower(strings.TrimSpace(v))
}

// parseForwarded reads proto and host of the first element.
func parseForwarded(v string) (proto, host string) {
	element, _, _ := strings.Cut(v, ",")
	for pair := range strings.SplitSeq(element, ";") {
		k, val, _ := strings.Cut(strings.TrimSpace(pair), "=")
		val = strings.Trim(val, `"`)
		switch strings.ToLower(k) {
		case "proto":
			proto = strings.ToLower(val)
		case "host":
			host = val
		}
	}
	return proto, host
}
