package interop

import (
	"strings"
	"testing"
)

func TestPseudoHelperFromNPM(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "pseudo.mjs", startSandbox(t))
}

func TestBareRequestsToPseudo(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "pseudo-wire.mjs", startSandbox(t))
}

func TestOpenIDClientForNode(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "openid-client.mjs", startSandbox(t))
}

func TestAssertionsOfKnownMachineClients(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "assertions.mjs", startSandbox(t))
}

func TestFHIRKitClient(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "fhir.mjs", startSandbox(t))
}

// Each client library in a real browser has a sandbox of its own, so that one's sessions cannot help another.
func TestClientsInChromium(t *testing.T) {
	t.Parallel()
	installed, browser := needNode(t), needChromium(t)
	pages := servePages(t, installed)
	for _, script := range []string{"login-page.mjs", "keycloak.mjs", "oidc-client-ts.mjs", "oidc-client.mjs"} {
		t.Run(script, func(t *testing.T) {
			runScript(t, installed, script, startSandbox(t), "PAGES_URL="+pages, "CHROMIUM="+browser)
		})
	}
}

// Clients that work with the defaults must work with every switch that the real service might have set otherwise.
func TestClientsUnderOtherSettings(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	for _, tc := range []struct {
		name     string
		script   string
		settings map[string]string
	}{
		{"the encryption key first in the JWKS", "openid-client.mjs", map[string]string{"iam-jwks-enc-first": "true"}},
		{"refresh tokens rotate", "openid-client.mjs", map[string]string{"iam-rotate-refresh": "true"}},
		{"access tokens have the audience of a plain Keycloak", "fhir.mjs", map[string]string{"iam-aud-style": "keycloak"}},
		{"national numbers that could belong to a person are refused", "fhir.mjs", map[string]string{"real-ssin": "refuse"}},
		{"client assertions are judged strictly", "openid-client.mjs", map[string]string{"iam-assertion-mode": "strict"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			runScript(t, installed, tc.script, startSandboxWith(t, tc.settings))
		})
	}
}

// Behind a tenant's path every address that a client is told, the issuer included, carries the prefix.
func TestClientsOfOneTenant(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	base := startSandboxWith(t, nil) + "/t/acme"
	t.Run("openid-client", func(t *testing.T) {
		runScript(t, installed, "openid-client.mjs", base)
	})
	t.Run("keycloak-js", func(t *testing.T) {
		browser := needChromium(t)
		runScript(t, installed, "keycloak.mjs", base, "PAGES_URL="+servePages(t, installed), "CHROMIUM="+browser,
			"CASE=login-required|silent page: a session|logout by GET|login iframe notices")
	})
}

// A tenant may also be named by the host; browsers resolve every name below localhost themselves.
func TestClientsOfOneHost(t *testing.T) {
	t.Parallel()
	installed, browser := needNode(t), needChromium(t)
	base := strings.Replace(startSandboxWith(t, nil), "//localhost", "//acme.localhost", 1)
	runScript(t, installed, "keycloak.mjs", base, "PAGES_URL="+servePages(t, installed), "CHROMIUM="+browser,
		"CASE=login-required|loadUserInfo|exchanges its token|logout by POST")
}

func TestBareRequestsToIAM(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	for _, script := range []string{"iam-wire.mjs", "iam-wire-tokens.mjs"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			runScript(t, installed, script, startSandbox(t))
		})
	}
}

func TestBareRequestsToUHMEP(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	for _, script := range []string{"uhmep-wire.mjs", "uhmep-workflow.mjs"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			runScript(t, installed, script, startSandbox(t))
		})
	}
}

func TestBareRequestsToTerminology(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "terminology-wire.mjs", startSandbox(t))
}

// Applications keep their adapter for years; the one before 26 must work too. It sends no PKCE unless told to, so only
// the cases that tell it are run.
func TestKeycloakAdapterBefore26(t *testing.T) {
	t.Parallel()
	installed, browser := needNode(t), needChromium(t)
	runScript(t, installed, "keycloak.mjs", startSandboxWith(t, map[string]string{"iam-pkce": "optional"}), "PAGES_URL="+servePages(t, installed), "CHROMIUM="+browser,
		"KEYCLOAK_LIB=keycloak-js-24", "CASE=login-required|PKCE|check-sso|iframe notices|updateToken renews|loadUser|logout by GET")
}

func TestBareRequestsToPSS(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "pss-wire.mjs", startSandbox(t))
}
