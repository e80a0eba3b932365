package interop

import "testing"

func TestPseudoHelperFromNPM(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "pseudo.mjs", "SANDBOX_URL="+startSandbox(t))
}

func TestPseudoRefusalsToForeignSoftware(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "pseudo-refusals.mjs", "SANDBOX_URL="+startSandbox(t))
}

func TestOpenIDClientForNode(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "openid-client.mjs", "SANDBOX_URL="+startSandbox(t))
}

func TestAssertionsOfKnownMachineClients(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "assertions.mjs", "SANDBOX_URL="+startSandbox(t))
}

func TestFHIRKitClient(t *testing.T) {
	t.Parallel()
	installed := needNode(t)
	runScript(t, installed, "fhir.mjs", "SANDBOX_URL="+startSandbox(t))
}

// Each client library in a real browser has a sandbox of its own, so that one's sessions cannot help another.
func TestClientsInChromium(t *testing.T) {
	t.Parallel()
	installed, browser := needNode(t), needChromium(t)
	pages := servePages(t, installed)
	for _, script := range []string{"keycloak.mjs", "oidc-client-ts.mjs", "oidc-client.mjs"} {
		t.Run(script, func(t *testing.T) {
			runScript(t, installed, script, "SANDBOX_URL="+startSandbox(t), "PAGES_URL="+pages, "CHROMIUM="+browser)
		})
	}
}
