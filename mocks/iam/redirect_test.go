package iam

import "testing"

func TestRedirectURIsMatchByKeycloaksRules(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		registered string
		root       string
		uri        string
		want       bool
	}{
		{"exact", "https://a.be/x", "", "https://a.be/x", true},
		{"case counts", "https://a.be/x", "", "https://a.be/X", false},
		{"slash at the end counts", "https://a.be/x", "", "https://a.be/x/", false},
		{"percent-encoding counts", "https://a.be/x y", "", "https://a.be/x%20y", false},
		{"query counts without a star", "https://a.be/x", "", "https://a.be/x?ssin=1&prescriptionId=2", false},
		{"star is a prefix", "https://a.be/x/*", "", "https://a.be/x/y/z", true},
		{"star matches the folder itself", "https://a.be/x/*", "", "https://a.be/x", true},
		{"star ignores query and fragment", "https://a.be/page*", "", "https://a.be/page?ssin=1#top", true},
		{"star not at the end is literal", "https://*.a.be/x", "", "https://w.a.be/x", false},
		{"star behind a query is literal", "https://a.be/x?y*", "", "https://a.be/x?yz", false},
		{"a lone star matches the web", "*", "", "http://any.example.org/", true},
		{"a lone star matches no script", "*", "", "javascript:alert(1)", false},
		{"a lone star matches no data", "*", "", "data:text/html,x", false},
		{"root_url completes", "/cb", "https://a.be/", "https://a.be/cb", true},
		{"localhost without port matches any port", "http://localhost/cb", "", "http://localhost:4200/cb", true},
		{"127.0.0.1 likewise", "http://127.0.0.1/cb", "", "http://127.0.0.1:53000/cb", true},
		{"the guide's own sample", "http://localhost/iam-connect-endpoint/", "", "http://localhost:8081/iam-connect-endpoint/", true},
		{"localhost is not 127.0.0.1", "http://localhost/cb", "", "http://127.0.0.1:4200/cb", false},
		{"localhost with a port matches that port only", "http://localhost:4200/cb", "", "http://localhost:4300/cb", false},
		{"loopback and star together", "http://localhost/*", "", "http://localhost:4200/a?b=c", true},
		{"loopback rule needs digits", "http://localhost/*", "", "http://localhost:80.evil.example/", false},
		{"credentials in the URI", "*", "", "https://a.be@evil.example/", false},
		{"backslash", "https://a.be/*", "", `https://a.be\@evil.example/`, false},
		{"line break", "*", "", "https://a.be/\r\nSet-Cookie: x", false},
		{"leaving the folder", "https://a.be/app/*", "", "https://a.be/app/../admin", false},
		{"leaving the folder, encoded", "https://a.be/app/*", "", "https://a.be/app/%2e%2e/admin", false},
		{"star at the host does not extend it", "https://a.be*", "", "https://a.be.evil.example/", false},
		{"star at the host allows ports", "http://localhost*", "", "http://localhost:4200/", true},
		{"own scheme of an app", "be.example.app://cb", "", "be.example.app://cb", true},
		{"relative", "https://a.be/*", "", "/x", false},
		{"empty", "*", "", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := matchRedirect([]string{tc.registered}, tc.root, tc.uri); got != tc.want {
				t.Errorf("%q against %q: got %v, want %v", tc.uri, tc.registered, got, tc.want)
			}
		})
	}
}

func FuzzMatchRedirect(f *testing.F) {
	for _, seed := range []string{"https://a.be/x", "https://a.be.evil.example/", "http://localhost:1/", "//evil", "https://a.be/%2e%2e/", "https://a.be\\@b/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		if !matchRedirect([]string{"https://a.be/app/*", "http://localhost/*"}, "", uri) {
			return
		}
		origin, ok := originOf(uri)
		bare, loopback := dropLoopbackPort(origin)
		if !ok || (origin != "https://a.be" && origin != "http://localhost" && (!loopback || bare != "http://localhost")) {
			t.Errorf("%q matches though its origin is %q", uri, origin)
		}
	})
}
