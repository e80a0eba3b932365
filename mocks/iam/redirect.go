package iam

import (
	"net/url"
	"strings"
)

// matchRedirect tells whether uri fits one of the registered values, by
// Keycloak's rules: exact comparison without normalisation, then a trailing
// star as prefix (query and fragment of the candidate cut), then the loopback
// rule for values without a port.
func matchRedirect(registered []string, rootURL, uri string) bool {
	if uri == "" || !safeRedirect(uri) {
		return false
	}
	for _, reg := range registered {
		if strings.HasPrefix(reg, "/") || reg == "" {
			reg = strings.TrimSuffix(rootURL, "/") + reg
		}
		if reg == uri || matchWildcard(reg, uri) {
			return true
		}
		if stripped, ok := dropLoopbackPort(uri); ok && isPortlessLoopback(reg) {
			if reg == stripped || matchWildcard(reg, stripped) {
				return true
			}
		}
	}
	return false
}

// safeRedirect refuses what could never be a redirect target: no absolute
// URI, credentials or control characters inside, script schemes.
func safeRedirect(uri string) bool {
	for _, c := range uri {
		if c < 0x21 || c == 0x7f || c == '\\' {
			return false
		}
	}
	u, err := url.Parse(uri)
	if err != nil || u.Scheme == "" || u.User != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "javascript", "data", "vbscript", "blob", "file":
		return false
	case "http", "https":
		return u.Host != ""
	}
	return true
}

func matchWildcard(reg, uri string) bool {
	if !strings.HasSuffix(reg, "*") || strings.Contains(reg, "?") {
		return false
	}
	if reg == "*" { // a lone star matches every web address, nothing else
		return strings.HasPrefix(uri, "http://") || strings.HasPrefix(uri, "https://")
	}
	if i := strings.IndexAny(uri, "?#"); i >= 0 {
		uri = uri[:i]
	}
	if dotSegments(uri) { // "/x/../y" would leave the registered folder
		return false
	}
	prefix := strings.TrimSuffix(reg, "*")
	rest, ok := strings.CutPrefix(uri, prefix)
	if !ok {
		return uri+"/" == prefix
	}
	if host := hostStart(prefix); host >= 0 && !strings.Contains(prefix[host:], "/") {
		// "https://a.be*" must not match "https://a.be.example.org"
		return rest == "" || rest[0] == '/' || rest[0] == ':'
	}
	return true
}

func hostStart(uri string) int {
	i := strings.Index(uri, "://")
	if i < 0 {
		return -1
	}
	return i + 3
}

func dotSegments(uri string) bool {
	path, err := url.PathUnescape(uri)
	if err != nil {
		return true
	}
	for seg := range strings.FieldsFuncSeq(path, func(c rune) bool { return c == '/' || c == '\\' }) {
		if seg == ".." || seg == "%2e%2e" {
			return true
		}
	}
	return false
}

var loopbacks = [...]string{"http://localhost", "http://127.0.0.1"}

func isPortlessLoopback(reg string) bool {
	for _, p := range loopbacks {
		if rest, ok := strings.CutPrefix(reg, p); ok && (rest == "" || rest[0] == '/' || rest[0] == '*') {
			return true
		}
	}
	return false
}

// dropLoopbackPort turns http://localhost:4200/x into http://localhost/x.
func dropLoopbackPort(uri string) (string, bool) {
	for _, p := range loopbacks {
		rest, ok := strings.CutPrefix(uri, p+":")
		if !ok {
			continue
		}
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		for _, c := range rest[:end] {
			if c < '0' || c > '9' {
				return "", false
			}
		}
		return p + rest[end:], true
	}
	return "", false
}

// originOf is the web origin of an absolute http(s) URI.
func originOf(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Contains(u.Host, "*") {
		return "", false
	}
	return u.Scheme + "://" + u.Host, true
}
