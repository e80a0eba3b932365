package origin_test

import (
	"crypto/tls"
	"net/http/httptest"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
)

func TestTheOriginFollowsTheRequestUntilItIsFixed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, host, public string
		headers            map[string]string
		tls                bool
		want, source       string
	}{
		{name: "plain host", host: "localhost:8080", want: "http://localhost:8080", source: "Host"},
		{name: "default port is dropped", host: "sandbox:80", want: "http://sandbox", source: "Host"},
		{name: "https", host: "sandbox:443", tls: true, want: "https://sandbox", source: "Host"},
		{name: "upper case host", host: "LocalHost:1", want: "http://localhost:1", source: "Host"},
		{name: "IPv6", host: "[::1]:8080", want: "http://[::1]:8080", source: "Host"},
		{name: "X-Forwarded", host: "in:1", headers: map[string]string{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "out.example"}, want: "https://out.example", source: "X-Forwarded"},
		{name: "X-Forwarded-Port", host: "in:1", headers: map[string]string{"X-Forwarded-Host": "out.example", "X-Forwarded-Port": "8443", "X-Forwarded-Proto": "https, http"}, want: "https://out.example:8443", source: "X-Forwarded"},
		{name: "Forwarded wins", host: "in:1", headers: map[string]string{"Forwarded": `for=1.2.3.4;proto=https;host="a.example:9443", for=x`, "X-Forwarded-Host": "b"}, want: "https://a.example:9443", source: "Forwarded"},
		{name: "Forwarded that names only the client", host: "in:1", headers: map[string]string{"Forwarded": "for=1.2.3.4", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "out.example"}, want: "https://out.example", source: "X-Forwarded"},
		{name: "nonsense host is not echoed", host: "in:1", headers: map[string]string{"X-Forwarded-Host": `evil"><script>`}, want: "http://in:1", source: "Host"},
		{name: "fixed", host: "in:1", public: "https://fixed.example/", headers: map[string]string{"X-Forwarded-Host": "b"}, want: "https://fixed.example", source: "public-url"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("GET", "/x", nil)
			r.Host = tc.host
			if tc.tls {
				r.TLS = &tls.ConnectionState{}
			}
			for k, v := range tc.headers {
				r.Header.Set(k, v)
			}
			i := origin.Detect(r, tc.public)
			if i.Base != tc.want || i.Source != tc.source {
				t.Errorf("got %s from %s, want %s from %s", i.Base, i.Source, tc.want, tc.source)
			}
			i.Prefix = "/t/a"
			r = r.WithContext(origin.With(r.Context(), i))
			if got := origin.Of(r); got != tc.want+"/t/a" || origin.Prefix(r) != "/t/a" {
				t.Errorf("with a tenant prefix: %s", got)
			}
		})
	}
}
