package interop

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/client"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
)

func fixtureKey() ([]byte, error) {
	return os.ReadFile(filepath.Join("..", "fixtures", "iam", "keys", "demo-client.pem"))
}

// signedAssertion is the assertion that zitadel's library makes by itself for private_key_jwt.
func signedAssertion(t *testing.T, party rp.RelyingParty, base string) string {
	t.Helper()
	signed, err := client.SignedJWTProfileAssertion("demo-hospital", []string{base + "/auth/realms/M2M"}, time.Minute, party.Signer())
	if err != nil {
		t.Fatal(err)
	}
	return signed
}
