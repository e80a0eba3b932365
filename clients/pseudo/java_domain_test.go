package pseudo

import (
	"crypto/rsa"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

//go:embed testdata/java-domain.json
var javaDomain []byte

// The sample of the Java helper has recipients without a header, with an empty
// one and without alg, and the empty aad of the real service.
func TestDomainDocumentOfTheJavaHelperOpens(t *testing.T) {
	t.Parallel()
	var v struct {
		PKCS8, K string
		Document json.RawMessage
	}
	if err := json.Unmarshal(javaDomain, &v); err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(unbase64(t, v.PKCS8))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := ParseDocument(v.Document)
	if err != nil {
		t.Fatal(err)
	}
	private, _ := key.(*rsa.PrivateKey)
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &private.PublicKey, KeyID: "1757512889", CertificateThumbprintSHA256: []byte("hash")}}}
	o, err := OpenDomain(doc, OwnerConfig{JKU: doc.JKU[0], JWKS: set, PrivateKey: func(string) (*rsa.PrivateKey, error) { return private, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if got := base64.RawURLEncoding.EncodeToString(o.active.Secret()); got != v.K {
		t.Errorf("got %s, want %s", got, v.K)
	}
}
