package interop

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	oidcclient "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/ehealth-sandbox/sandbox/mocks"
)

// Clients compare the issuer byte by byte; what they are told must be where they came from.
func TestIssuerSeenByGoOIDC(t *testing.T) {
	t.Parallel()

	t.Run("behind a reverse proxy the issuer is the proxy's", func(t *testing.T) {
		t.Parallel()
		inner, err := url.Parse(startSandboxWith(t, nil))
		if err != nil {
			t.Fatal(err)
		}
		proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(inner)
			r.SetXForwarded()
		}})
		t.Cleanup(proxy.Close)
		base := onLocalhost(t, proxy)
		provider, token := signInWithGoOIDC(t, base, "dr-peeters")
		if _, err := provider.Verifier(&oidcclient.Config{ClientID: publicClient}).Verify(t.Context(), idTokenOf(t, token)); err != nil {
			t.Error(err)
		}
		if got := provider.Endpoint().TokenURL; !strings.HasPrefix(got, base+"/") {
			t.Errorf("token endpoint %s, want it below %s", got, base)
		}
	})
	t.Run("with a public URL a client that comes by another name is told so", func(t *testing.T) {
		t.Parallel()
		base := startSandboxWith(t, map[string]string{"public-url": "http://sandbox.example:8080"})
		_, err := oidcclient.NewProvider(t.Context(), base+"/auth/realms/healthcare")
		if err == nil || !strings.Contains(err.Error(), "http://sandbox.example:8080/auth/realms/healthcare") {
			t.Errorf("got %v, want the public issuer in the error", err)
		}
	})
	t.Run("with a dynamic back channel a container reaches the token endpoint by its own name", func(t *testing.T) {
		t.Parallel()
		const public = "http://sandbox.example:8080"
		base := startSandboxWith(t, map[string]string{"public-url": public, "backchannel-dynamic": "true"})
		ctx := oidcclient.InsecureIssuerURLContext(t.Context(), public+"/auth/realms/healthcare")
		provider, err := oidcclient.NewProvider(ctx, base+"/auth/realms/healthcare")
		if err != nil {
			t.Fatal(err)
		}
		if e := provider.Endpoint(); !strings.HasPrefix(e.TokenURL, base+"/") || !strings.HasPrefix(e.AuthURL, public+"/") {
			t.Errorf("token endpoint %s below %s and login page %s below %s are wanted", e.TokenURL, base, e.AuthURL, public)
		}
	})
	t.Run("two names of one sandbox accept each other's tokens", func(t *testing.T) {
		t.Parallel()
		base := startSandboxWith(t, nil)
		_, token := signInWithGoOIDC(t, base, "dr-peeters")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(base, "localhost", "127.0.0.1", 1)+"/pseudo/v1/domains/uhmep_v1", nil)
		if err != nil {
			t.Fatal(err)
		}
		token.SetAuthHeader(req)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("status %s, want 200", res.Status)
		}
	})
}

// With -data a restart is nothing a client notices: keys, sessions and refresh tokens go on.
func TestRestartSeenByGoOIDC(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"data": t.TempDir()}
	first, err := mocks.Open(mocks.Options{Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	current := http.Handler(first)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { current.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	base := onLocalhost(t, server)
	provider, token := signInWithGoOIDC(t, base, "dr-peeters")

	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	current = openSandbox(t, settings)

	if _, err := provider.Verifier(&oidcclient.Config{ClientID: publicClient}).Verify(t.Context(), idTokenOf(t, token)); err != nil {
		t.Errorf("ID token from before: %v", err)
	}
	info, err := provider.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
	if err != nil || info.Subject == "" {
		t.Errorf("userinfo with the access token from before: %v", err)
	}
	if _, err := accessToken(base, url.Values{"grant_type": {"refresh_token"}, "client_id": {publicClient}, "refresh_token": {token.RefreshToken}}); err != nil {
		t.Errorf("refresh token from before: %v", err)
	}
}
