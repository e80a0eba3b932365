package pseudo_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
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

func TestOpenShowsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "85042101234")
	want := w.send("GET", "/_sandbox/pseudo/domains/uhmep_v1/at-rest/85042101234", "", nil)
	w.at(start.Add(time.Hour))
	for _, s := range []string{p.String(), p.Standard(), p.FHIR(), p.V1(), "  " + p.String() + "\n"} {
		a := w.send("POST", "/_sandbox/pseudo/open", "", in{"pseudonym": s})
		if a.status != 200 || a.body["value"] != "85042101234" || a.body["at_rest"] != want.body["at_rest"] || a.body["domain"] != "uhmep_v1" ||
			a.body["expired"] != true || a.body["seconds_left"] != -3000.0 {
			t.Errorf("got %d %s", a.status, a)
		}
	}
	other := w.transit("uhmep_v1", "1")
	a := w.send("POST", "/_sandbox/pseudo/open", "", in{"pseudonym": client.InTransit{Point: p.Point, TransitInfo: other.TransitInfo}.String()})
	if a.status != 200 || a.body["value"] != nil || a.body["value_hint"] == nil {
		t.Errorf("box of another pseudonym: got %d %s", a.status, a)
	}
	key := w.transit("uhmep_v1", string([]byte{0xff, 0, 1}))
	if a = w.send("POST", "/_sandbox/pseudo/open", "", in{"pseudonym": key.String()}); a.body["value_base64"] != "/wAB" {
		t.Errorf("binary value: got %s", a)
	}
	for name, tc := range map[string]struct {
		body   in
		status int
	}{
		"nothing": {in{}, 400}, "no box": {in{"pseudonym": p.Point.Short()}, 400}, "wrong domain": {in{"pseudonym": p.String(), "domain": "ehealth_v1"}, 400},
		"unknown domain": {in{"pseudonym": p.String(), "domain": "x"}, 404}, "unknown member": {in{"pseudo": "x"}, 400},
	} {
		if a := w.send("POST", "/_sandbox/pseudo/open", "", tc.body); a.status != tc.status {
			t.Errorf("%s: got %d %s, want %d", name, a.status, a, tc.status)
		}
	}
}

func TestInTransitOnDemand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.send("GET", "/_sandbox/pseudo/domains/uhmep_v1/in-transit/85042101234", "", nil)
	short, _ := a.body["short"].(string)
	p, err := client.ParseInTransit(short)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != "85042101234" || a.body["exp"] != 1750000600.0 {
		t.Errorf("got %q, %v from %s", got, err, a)
	}
	for _, path := range []string{"uhmep_v1/in-transit/" + strings.Repeat("x", 57), "uhmep_v1/at-rest/" + strings.Repeat("x", 57)} {
		if a := w.send("GET", "/_sandbox/pseudo/domains/"+path, "", nil); a.status != 400 {
			t.Errorf("%s: got %d", path, a.status)
		}
	}
	for _, call := range []string{"GET x", "GET x/keys", "GET x/at-rest/1", "GET x/in-transit/1", "POST x/rotate", "DELETE x"} {
		method, path, _ := strings.Cut(call, " ")
		if a := w.send(method, "/_sandbox/pseudo/domains/"+path, "", nil); a.status != 404 {
			t.Errorf("%s: got %d, want 404", call, a.status)
		}
	}
}

func TestExplainShowsOneRound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.send("POST", "/_sandbox/pseudo/explain", "", in{"value": "85042101234"})
	var got struct {
		Steps []struct {
			Who, What, Formula, Text string
			Point                    *struct{ X, Y, SEC1 string }
			Numbers                  map[string]any
		}
	}
	if err := json.Unmarshal(a.raw, &got); err != nil || a.status != 200 || len(got.Steps) != 9 {
		t.Fatalf("got %d %s, %v", a.status, a, err)
	}
	atRest := w.send("GET", "/_sandbox/pseudo/domains/uhmep_v1/at-rest/85042101234", "", nil)
	if got.Steps[5].Point.X != atRest.body["x"] {
		t.Errorf("at rest: got %s, want %s", got.Steps[5].Point.X, atRest.body["x"])
	}
	if got.Steps[0].Point.X != got.Steps[8].Point.X || got.Steps[8].Text != "85042101234" {
		t.Error("the round does not come back to the value")
	}
	// The numbers can be checked by hand: B = r·V.
	r, _ := got.Steps[1].Numbers["r"].(string)
	s, err := client.NewScalar(unb64(t, r))
	if err != nil {
		t.Fatal(err)
	}
	b, err := value(t, "85042101234").Mul(s)
	if err != nil || b64(b.X()) != got.Steps[1].Point.X {
		t.Errorf("B: got %s, want r·V", got.Steps[1].Point.X)
	}
	for name, tc := range map[string]struct {
		body   in
		status int
	}{"too long": {in{"value": strings.Repeat("x", 57)}, 400}, "unknown domain": {in{"value": "1", "domain": "x"}, 404}, "another domain": {in{"value": "1", "domain": "ehealth_v1"}, 200}} {
		if a := w.send("POST", "/_sandbox/pseudo/explain", "", tc.body); a.status != tc.status {
			t.Errorf("%s: got %d %s", name, a.status, a)
		}
	}
}

func (w *world) counters(client string) map[string]any {
	w.tb.Helper()
	return w.send("GET", "/_sandbox/pseudo/counters?client_id="+client, "", nil).body
}

func TestDomainFetchesAreCountedAndSurvive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 3 {
		w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil)
		warned := len(w.last().Warnings) > 0 && w.last().Warnings[0].Rule == "8.3-d"
		if warned != (i > 0) {
			t.Errorf("fetch %d: warned %v", i+1, warned)
		}
	}
	w.send("GET", "/pseudo/v1/domains/uhmep_v1", "other", nil)
	w.t.DropSlots() // what a restart loses
	if got := w.counters("ehr")["domain_fetches"]; got != 3.0 {
		t.Errorf("got %v, want 3", got)
	}
	if got := w.counters("other")["domain_fetches"]; got != 1.0 {
		t.Errorf("another client: got %v, want 1", got)
	}
	if a := w.send("GET", "/_sandbox/pseudo/counters", "", nil); a.status != 400 {
		t.Errorf("without client_id: got %d", a.status)
	}
}

func TestSinglesThatOneMultipleCouldHaveServedAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, _ := blinded(t, value(t, "1"), "a")
	for range 3 {
		w.post("uhmep_v1/pseudonymize", "all", i)
	}
	w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": []any{i, i}})
	got := w.counters("ehr")
	if got["avoidable_singles"] != 2.0 || got["singles"] != 3.0 || got["multiples"] != 1.0 || got["items"] != 5.0 {
		t.Errorf("got %v", got)
	}
	warned := w.t.Journal.Entries(journal.Filter{Rule: "8.3-b"})
	if len(warned) != 2 {
		t.Errorf("warnings: got %d, want 2", len(warned))
	}
}

func TestPseudonymsMadeTwiceAreNoticedWhenOpened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.service.Owned("uhmep_v1")
	open := func(p client.InTransit) {
		t.Helper()
		if _, err := o.Open(w.t, p.String()); err != nil {
			t.Fatal(err)
		}
	}
	a := w.transit("uhmep_v1", "85042101234")
	open(a)
	open(a) // the same string again is what caching means
	open(w.transit("uhmep_v1", "00000000097"))
	if got := w.counters("ehr")["repeats"]; got != 0.0 {
		t.Errorf("used again: got %v repeats, want 0", got)
	}
	b := w.transit("uhmep_v1", "85042101234")
	open(b)
	if got := w.counters("ehr")["repeats"]; got != 1.0 {
		t.Errorf("made again: got %v, want 1", got)
	}
	w.at(start.Add(9*time.Minute + 31*time.Second))
	open(w.transit("uhmep_v1", "85042101234"))
	if got := w.counters("ehr")["repeats"]; got != 1.0 {
		t.Errorf("made when the earlier one was about to expire: got %v, want 1", got)
	}
}

func TestOwnedSaysWhyItCannotOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "1")
	for name, tc := range map[string]struct {
		domain, transit string
		after           time.Duration
		want            string
	}{
		"unreadable":     {"uhmep_v1", "x", 0, "not a pseudonym"},
		"other domain":   {"ehealth_v1", p.String(), 0, "bad aud"},
		"expired":        {"uhmep_v1", p.String(), time.Hour, "expired at 1750000600"},
		"future":         {"uhmep_v1", p.String(), -time.Hour, "not valid before"},
		"unknown domain": {"x", p.String(), 0, "no domain x"},
	} {
		w.at(start.Add(tc.after))
		if _, info, err := w.service.Owned(tc.domain).OpenInfo(w.t, tc.transit); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %+v, %v, want …%s…", name, info, err, tc.want)
		}
	}
	for _, bad := range []string{"", "x", strings.Repeat("_", 88)} {
		if _, err := w.service.Owned("uhmep_v1").Mint(w.t, bad); err == nil {
			t.Errorf("minted %q", bad)
		}
	}
}

func TestTenantsShareNoDomain(t *testing.T) {
	t.Parallel()
	a, b := newWorld(t), newWorld(t)
	b.service = a.service
	b.serve(a.service)
	a.send("PUT", "/_sandbox/pseudo/domains/mine_v1", "", in{"owners": []string{"DEMO"}})
	if got := b.send("GET", "/pseudo/v1/domains/mine_v1", "all", nil); got.status != http.StatusNotFound {
		t.Errorf("another tenant: got %d", got.status)
	}
	if got := a.send("GET", "/pseudo/v1/domains/mine_v1", "all", nil); got.status != http.StatusOK {
		t.Errorf("its tenant: got %d %s", got.status, got)
	}
}
