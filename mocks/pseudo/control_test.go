package pseudo_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
)

const uhmepJKU = "https://api-acpt.ehealth.fgov.be/etee/v1/pubKeys/cacerts/jwks?identifier=0406798006&type=CBE&applicationIdentifier=UHMEP&use=enc"

// privateKey fetches an owner's key as PEM, the way an owner under test would.
func (w *world) privateKey(application string) func(string) (*rsa.PrivateKey, error) {
	return func(string) (*rsa.PrivateKey, error) {
		a := w.send("GET", "/_sandbox/pseudo/owners/"+application+"/private-key", "", nil)
		block, _ := pem.Decode(a.raw)
		if block == nil {
			w.tb.Fatalf("no PEM in %s", a)
		}
		k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		return k.(*rsa.PrivateKey), nil
	}
}

func TestOwnersOpenTheirDomains(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ domain, application, identifier string }{
		{"uhmep_v1", "UHMEP", "0406798006"}, {"uhmep_v1", "PSEUDONYMISATION", "0809394427"},
		{"ehealth_v1", "PSEUDONYMISATION", "0809394427"}, {"sandbox_v1", "DEMO", "0999999031"},
	} {
		t.Run(tc.domain+" by "+tc.application, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			jku := strings.NewReplacer("0406798006", tc.identifier, "UHMEP", tc.application).Replace(uhmepJKU)
			_, path, _ := strings.Cut(jku, ".be")
			d := w.client("all").Domain(tc.domain)
			owner, err := d.Owner(t.Context(), jku, w.url+path, w.privateKey(tc.application))
			if err != nil {
				t.Fatal(err)
			}
			p, err := d.Pseudonymize(t.Context(), []byte("85042101234"))
			if err != nil {
				t.Fatal(err)
			}
			stored, _, err := owner.AtRest(p)
			want, werr := w.service.Owned(tc.domain).AtRest(w.t, "85042101234")
			if err != nil || werr != nil || stored.String() != want {
				t.Fatalf("at rest: got %s, %v, want %s", stored, err, want)
			}
			out, err := owner.InTransit(stored)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := d.Identify(t.Context(), out); err != nil || string(got) != "85042101234" {
				t.Errorf("owner's pseudonym identified: got %q, %v", got, err)
			}
		})
	}
}

func TestOwnersKeyInBothForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.send("GET", "/_sandbox/pseudo/owners/UHMEP/private-key", "", nil)
	if a.header.Get("Content-Type") != "application/x-pem-file" || !strings.Contains(string(a.raw), "not-for-production") || !strings.Contains(string(a.raw), "BEGIN CERTIFICATE") {
		t.Errorf("PEM: got %v %s", a.header, a)
	}
	a = w.send("GET", "/_sandbox/pseudo/owners/UHMEP/private-key", "", nil, "Accept", "application/jwk+json")
	var k jose.JSONWebKey
	if err := k.UnmarshalJSON(a.raw); err != nil || k.IsPublic() || k.KeyID != "sandbox-1757000001" || len(k.CertificateThumbprintSHA256) != 32 {
		t.Errorf("JWK: got %s, %v", a, err)
	}
	if a = w.send("GET", "/_sandbox/pseudo/owners/NOBODY/private-key", "", nil); a.status != 404 {
		t.Errorf("unknown owner: got %d", a.status)
	}
	a = w.send("GET", "/_sandbox/pseudo/owners", "", nil)
	list, _ := a.body["owners"].([]any)
	if len(list) != 3 || !strings.Contains(string(a.raw), uhmepJKU) {
		t.Fatalf("owners: got %s", a)
	}
	first, _ := list[0].(map[string]any)
	jwks, _ := first["jwks"].(string)
	if got := w.send("GET", strings.TrimPrefix(jwks, w.url), "", nil); got.status != 200 {
		t.Errorf("%s: got %d %s", jwks, got.status, got)
	}
}

func TestRotationKeepsOldPseudonyms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.transit("uhmep_v1", "85042101234")
	doc := w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil)
	again := w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil)
	if string(doc.raw) != string(again.raw) {
		t.Error("the document changes from call to call")
	}
	a := w.send("POST", "/_sandbox/pseudo/domains/uhmep_v1/rotate", "", nil)
	keys, _ := a.body["secret_keys"].([]any)
	if a.status != 200 || len(keys) != 3 {
		t.Fatalf("rotate: got %d %s", a.status, a)
	}
	after := w.transit("uhmep_v1", "85042101234")
	old, err := client.ParseHeader(before.TransitInfo)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := client.ParseHeader(after.TransitInfo)
	if err != nil || fresh.KeyID == old.KeyID {
		t.Errorf("sealed under %s, %v, want the new key", fresh.KeyID, err)
	}
	for _, p := range []client.InTransit{before, after} {
		if got, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != "85042101234" {
			t.Errorf("identify: got %q, %v", got, err)
		}
	}
	// An owner that reloads the document opens both.
	_, path, _ := strings.Cut(uhmepJKU, ".be")
	owner, err := w.client("all").Domain("uhmep_v1").Owner(t.Context(), uhmepJKU, w.url+path, w.privateKey("UHMEP"))
	if err != nil {
		t.Fatal(err)
	}
	one, _, err := owner.AtRest(before)
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := owner.AtRest(after)
	if err != nil || one != two {
		t.Errorf("at rest: got %s and %s, %v", one, two, err)
	}
	// Taken back, the seeded keys are as before.
	if a := w.send("DELETE", "/_sandbox/pseudo/domains/uhmep_v1", "", nil); a.status != 204 {
		t.Errorf("delete: got %d %s", a.status, a)
	}
	if _, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), after); err == nil || !strings.Contains(err.Error(), "kid") {
		t.Errorf("sealed under a key that is gone: got %v, want the kid refused", err)
	}
}

// ownSet is a key pair of a user with its certificate and JWKS.
func ownSet(tb testing.TB) (*rsa.PrivateKey, jose.JSONWebKeySet) {
	tb.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	sum := sha256.Sum256(der)
	return private, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &private.PublicKey, KeyID: "7", Use: "enc",
		Certificates: []*x509.Certificate{cert}, CertificateThumbprintSHA256: sum[:]}}}
}

func TestUsersAddADomainAndOwnIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	private, set := ownSet(t)
	const jku = "https://my.test/jwks?a=1&b=2"
	body := in{"description": "mine", "jku": jku, "jwks": set, "owners": []string{"UHMEP"}, "time_to_live": "PT24H",
		"access": []in{{"operation": "identify", "claims": []in{{"client": "mine", "role": "reader"}}}}}
	a := w.send("PUT", "/_sandbox/pseudo/domains/mine_v1", "", body)
	if a.status != 201 || a.body["audience"] != "https://api-acpt.ehealth.fgov.be/pseudo/v1/domains/mine_v1" {
		t.Fatalf("got %d %s", a.status, a)
	}
	d := w.client("all").Domain("mine_v1")
	doc, err := d.Document(t.Context())
	if err != nil || len(doc.JKU) != 2 || doc.JKU[1] != jku {
		t.Fatalf("document: got %+v, %v", doc, err)
	}
	owner, err := client.OpenDomain(doc, client.OwnerConfig{JKU: jku, JWKS: set, Now: w.t.Clock.Now,
		PrivateKey: func(string) (*rsa.PrivateKey, error) { return private, nil }})
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Pseudonymize(t.Context(), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	stored, box, err := owner.AtRest(p)
	if err != nil || box.Expires.Sub(box.IssuedAt) != 24*time.Hour {
		t.Errorf("at rest: got %v, %v, %v", stored, box, err)
	}
	if _, err := d.Identify(t.Context(), p); err == nil || !strings.Contains(err.Error(), "reader of mine") {
		t.Errorf("access rule: got %v, want the role named", err)
	}
	if a = w.send("PUT", "/_sandbox/pseudo/domains/mine_v1", "", in{"jku": jku, "jwks": set}); a.status != 200 {
		t.Fatalf("changed: got %d %s", a.status, a)
	}
	if got, err := d.Identify(t.Context(), p); err != nil || string(got) != "x" {
		t.Errorf("after a change the multiplier stays: got %q, %v", got, err)
	}
	if a = w.send("GET", "/_sandbox/pseudo/domains", "", nil); !strings.Contains(string(a.raw), `"mine_v1"`) {
		t.Errorf("list: got %s", a)
	}
	if a = w.send("DELETE", "/_sandbox/pseudo/domains/mine_v1", "", nil); a.status != 204 {
		t.Errorf("delete: got %d", a.status)
	}
	if a = w.send("GET", "/pseudo/v1/domains/mine_v1", "all", nil); a.status != 404 {
		t.Errorf("afterwards: got %d", a.status)
	}
}

func TestDomainsThatCannotBeAdded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, set := ownSet(t)
	for name, tc := range map[string]struct {
		path   string
		body   any
		status int
		want   string
	}{
		"a seeded one":      {"uhmep_v1", in{}, 409, "belongs to the seed"},
		"bad key":           {"a%20b", in{}, 400, "use letters"},
		"jku without keys":  {"a", in{"jku": "https://x.test"}, 400, "both jku and jwks"},
		"keys without jku":  {"a", in{"jwks": set}, 400, "both jku and jwks"},
		"no RSA key":        {"a", in{"jku": "https://x.test", "jwks": in{"keys": []any{}}}, 400, "no RSA key"},
		"unknown owner":     {"a", in{"owners": []string{"NOBODY"}}, 400, "no owner NOBODY"},
		"bad duration":      {"a", in{"time_to_live": "10m"}, 400, "no duration"},
		"bad buffer":        {"a", in{"buffer_size": 99}, 400, "use 1 to 32"},
		"unknown member":    {"a", in{"multiplier": "x"}, 400, "unknown field"},
		"unknown operation": {"a", in{"access": []in{{"operation": "read", "claims": []in{}}}}, 400, "operation is"},
		"no JSON":           {"a", "{", 400, "not the JSON expected"},
	} {
		a := w.send("PUT", "/_sandbox/pseudo/domains/"+tc.path, "", tc.body)
		if a.status != tc.status || !strings.Contains(string(a.raw), tc.want) {
			t.Errorf("%s: got %d %s, want %d with %s", name, a.status, a, tc.status, tc.want)
		}
	}
	if a := w.send("GET", "/pseudo/v1/domains/a", "all", nil); a.status != 404 {
		t.Errorf("something was left behind: got %d", a.status)
	}
}
