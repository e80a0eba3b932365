package interop

import (
	"net/http"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks"
)

// openSandbox opens the real program in this process, with its defaults but for the given settings.
func openSandbox(t *testing.T, settings map[string]string) http.Handler {
	t.Helper()
	sandbox, err := mocks.Open(mocks.Options{Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sandbox.Close(); err != nil {
			t.Errorf("close the sandbox: %v", err)
		}
	})
	return sandbox
}
