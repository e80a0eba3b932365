package pseudo

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// testOwner is an RSA key with its JWKS, made once for all tests.
type testOwner struct {
	private *rsa.PrivateKey
	jwks    jose.JSONWebKeySet
	hash    string
}

var ownerOnce = sync.OnceValue(func() testOwner {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1757512889), Subject: pkix.Name{CommonName: "test"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(der)
	k := jose.JSONWebKey{Key: &private.PublicKey, KeyID: "1757512889", Use: "enc", Algorithm: "RSA-OAEP-256",
		Certificates: []*x509.Certificate{cert}, CertificateThumbprintSHA256: sum[:]}
	return testOwner{private, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{k}}, base64.RawURLEncoding.EncodeToString(sum[:])}
})

const testJKU = "https://api-acpt.ehealth.fgov.be/etee/v1/pubKeys/cacerts/jwks?identifier=0406798006&type=CBE&applicationIdentifier=UHMEP&use=enc"

func (o testOwner) config() OwnerConfig {
	return OwnerConfig{JKU: testJKU, JWKS: o.jwks, Now: func() time.Time { return time.Unix(1750000000, 0) },
		PrivateKey: func(hash string) (*rsa.PrivateKey, error) {
			if hash != o.hash {
				return nil, errors.New("no such key")
			}
			return o.private, nil
		}}
}

func testDocument(tb testing.TB) (*Document, Key, Key) {
	tb.Helper()
	o := ownerOnce()
	old, active := vectorKey(tb, "old"), vectorKey(tb, "new")
	active.secret[0] = 99
	d := &Document{Domain: "uhmep_v1", Curve: "P-521", Audience: vectorAudience, BufferSize: 8, TimeToLiveInTransit: "PT10M", JKU: []string{testJKU}}
	for _, k := range []Key{old, active} {
		raw, err := EncodeKey(k, []Recipient{
			{KeyID: "other", JKU: "https://elsewhere.test/jwks?a=1&b=2", Key: &o.private.PublicKey},
			{KeyID: "1757512889", JKU: testJKU, Key: &o.private.PublicKey},
		}, rand.Reader)
		if err != nil {
			tb.Fatal(err)
		}
		d.SecretKeys = append(d.SecretKeys, SecretKey{k.ID, k.ID == "new", raw})
	}
	return d, old, active
}

func TestOwnerOpensTheDomain(t *testing.T) {
	t.Parallel()
	d, old, active := testDocument(t)
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = ParseDocument(raw); err != nil {
		t.Fatal(err)
	}
	o, err := OpenDomain(d, ownerOnce().config())
	if err != nil {
		t.Fatal(err)
	}
	if o.keys["old"] != old || o.active != active || len(o.keys) != 2 {
		t.Error("the opened keys are not the encrypted ones")
	}
	p, err := PointOf([]byte("85042101234"), 8)
	if err != nil {
		t.Fatal(err)
	}
	stored := AtRestOf(p)
	seen := map[string]bool{}
	for range 3 {
		out, err := o.InTransit(stored)
		if err != nil {
			t.Fatal(err)
		}
		seen[out.String()] = true
		back, box, err := o.AtRest(out)
		if err != nil || back != stored {
			t.Fatalf("got %v, %v, want %v", back, err, stored)
		}
		if box.Expires.Unix() != 1750000600 {
			t.Errorf("expires: got %d, want 1750000600", box.Expires.Unix())
		}
	}
	if len(seen) != 3 {
		t.Error("pseudonyms in transit repeat")
	}
}

func TestOwnerAcceptsTheEmptyAADOfTheRealService(t *testing.T) {
	t.Parallel()
	d, _, _ := testDocument(t)
	for i, k := range d.SecretKeys {
		d.SecretKeys[i].Encoded = json.RawMessage(strings.Replace(string(k.Encoded), `{"protected"`, `{"aad":"","protected"`, 1))
	}
	if _, err := OpenDomain(d, ownerOnce().config()); err != nil {
		t.Error(err)
	}
}

func TestOwnerRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*Document, *OwnerConfig)
		want   string
	}{
		{"jku differs by the order of its parameters", func(_ *Document, c *OwnerConfig) {
			c.JKU = strings.Replace(testJKU, "identifier=0406798006&type=CBE", "type=CBE&identifier=0406798006", 1)
		}, "recognised by the exact URL"},
		{"no x5t#S256", func(_ *Document, c *OwnerConfig) {
			c.JWKS = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: c.JWKS.Keys[0].Key, KeyID: "1757512889"}}}
		}, "no x5t#S256"},
		{"kid not in the JWKS", func(_ *Document, c *OwnerConfig) { c.JWKS = jose.JSONWebKeySet{} }, "no kid 1757512889"},
		{"an inactive key is not for this owner", func(d *Document, _ *OwnerConfig) {
			d.SecretKeys[0].Encoded = json.RawMessage(strings.ReplaceAll(string(d.SecretKeys[0].Encoded), "0406798006", "1"))
		}, "no recipient"},
		{"another private key", func(_ *Document, c *OwnerConfig) {
			c.PrivateKey = func(string) (*rsa.PrivateKey, error) { return nil, errors.New("lost") }
		}, "lost"},
		{"encoded is compact", func(d *Document, _ *OwnerConfig) { d.SecretKeys[1].Encoded = json.RawMessage(`"eyJ.."`) }, "JSON JWE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d, _, _ := testDocument(t)
			cfg := ownerOnce().config()
			tc.change(d, &cfg)
			if _, err := OpenDomain(d, cfg); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want …%s…", err, tc.want)
			}
		})
	}
}

func TestDocumentsAreChecked(t *testing.T) {
	t.Parallel()
	good := `{"domain":"d","audience":"a","crv":"P-521","bufferSize":8,"timeToLiveInTransit":"PT10M","secretKeys":[{"kid":"1","active":true}]}`
	if _, err := ParseDocument([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"crv":"P-521",`, ""}, {`"audience":"a",`, ""}, {`:8`, `:8.5`}, {`:8`, `:0`}, {"PT10M", "10 minutes"},
		{`true`, `false`}, {`true`, `"true"`}, {`[{`, `[{"kid":"2","active":true},{`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if _, err := ParseDocument([]byte(bad)); err == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Duration{"PT10M": 10 * time.Minute, "P1DT1S": 24*time.Hour + time.Second, "PT24H": 24 * time.Hour, "PT600S": 10 * time.Minute} {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "P", "PT", "10M", "PT-5M", "PT0S", "PT1.5S", "P1Y", "pt10m"} {
		if got, err := ParseDuration(in); err == nil {
			t.Errorf("%q: got %v, want an error", in, got)
		}
	}
	for d, want := range map[time.Duration]string{10 * time.Minute: "PT10M", 90 * time.Second: "PT1M30S", 24 * time.Hour: "PT24H", 0: "PT0S"} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
