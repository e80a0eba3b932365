package interop

import (
	"net/http"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks"
)

// openSandbox opens the real program in this process, with nothing but its defaults.
func openSandbox(t *testing.T) http.Handler {
	t.Helper()
	sandbox, err := mocks.Open(mocks.Options{})
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
