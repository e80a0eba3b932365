package keydepot_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
	"github.com/ehealth-sandbox/sandbox/mocks/keydepot"
)

func ecKey(tb testing.TB, kid, use string) jose.JSONWebKey {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return jose.JSONWebKey{Key: private, KeyID: kid, Use: use, Certificates: []*x509.Certificate{cert}}
}

type fixture struct {
	t *tenant.Tenant
	s *keydepot.Service
	h http.Handler
}

func setUp(tb testing.TB) fixture {
	tb.Helper()
	seeded := ecKey(tb, "seeded", "enc")
	seeded = seeded.Public()
	sourced := ecKey(tb, "sourced", "sig")
	sourced = sourced.Public()
	f := fixture{t: tenanttest.New(tb, time.Unix(1750000000, 0), nil)}
	f.s = keydepot.New(keydepot.Config{
		Static: []keydepot.Entry{{Type: "CBE", Identifier: "0406798006", ApplicationID: "UHMEP", Key: seeded}},
		Sources: []keydepot.Source{func(_ *tenant.Tenant, q keydepot.Query) []jose.JSONWebKey {
			if q.Type == "NIHII-HOSPITAL" && q.Identifier == "71099911" {
				return []jose.JSONWebKey{sourced}
			}
			return nil
		}},
	})
	root := mux.NewRouter()
	f.s.Mount(root)
	f.h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		root.ServeHTTP(w, r.WithContext(tenant.With(r.Context(), f.t)))
	})
	return f
}

func (f fixture) do(method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f.h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

const certificates = "/etee/v1/pubKeys/cacerts/jwks"

func TestKeySets(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, method, path string
		status             int
		kids               string // or what the body contains
		hint               string
	}{
		{"certificate of an owner", "GET", certificates + "?identifier=0406798006&type=CBE&applicationIdentifier=UHMEP&use=enc", 200, "seeded", ""},
		{"without application", "GET", certificates + "?identifier=0406798006&type=CBE&use=enc", 200, "seeded", ""},
		{"without use", "GET", certificates + "?identifier=0406798006&type=CBE", 200, "seeded", ""},
		{"from a source", "GET", certificates + "?type=NIHII-HOSPITAL&identifier=71099911&use=sig", 200, "sourced", ""},
		{"KeyDepot", "GET", "/keydepot/v1/jwks?type=NIHII-HOSPITAL&value=71099911&use=sig", 200, "sourced", ""},
		{"identifier missing is 400", "GET", certificates + "?type=CBE", 400, "identifier is missing", ""},
		{"type missing is 400", "GET", certificates + "?identifier=0406798006", 400, "type is missing", ""},
		{"value missing is 400", "GET", "/keydepot/v1/jwks?type=CBE", 400, "value is missing", ""},
		{"other use is 400", "GET", certificates + "?identifier=0406798006&type=CBE&use=both", 400, "sig or enc", ""},
		{"nothing found is 404", "GET", certificates + "?identifier=0999&type=CBE", 404, `"message":"no key for CBE=0999"`, "register one"},
		{"leading zeros matter", "GET", certificates + "?identifier=406798006&type=CBE&use=enc", 404, `"message":"no key for CBE=406798006"`, "CBE=0406798006"},
		{"other use than registered", "GET", certificates + "?identifier=0406798006&type=CBE&use=sig", 404, "no key for CBE=0406798006", "another use"},
		{"other application than registered", "GET", certificates + "?identifier=0406798006&type=CBE&applicationIdentifier=X", 404, "no key for", "another applicationIdentifier"},
		{"POST is 405", "POST", certificates, 405, `"status":405`, ""},
		{"unknown path is 404", "GET", "/keydepot/v1/keys", 404, "resourceNotFound", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t)
			w := f.do(tc.method, tc.path)
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.kids) {
				t.Errorf("got %d %s, want %d with %s", w.Code, w.Body, tc.status, tc.kids)
			}
			if tc.hint == "" {
				return
			}
			e := f.t.Journal.Entries(journal.Filter{})
			if len(e) != 1 || e[0].Refusal == nil || !strings.Contains(e[0].Refusal.Hint, tc.hint) {
				t.Errorf("journal: got %+v, want the hint %q", e, tc.hint)
			}
		})
	}
}

func TestRegisteredKeysAreServedAtOnceAndPublic(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	q := keydepot.Query{Type: "CBE", Identifier: "0999999031", ApplicationID: "A/B"}
	private := ecKey(t, "mine", "sig")
	if err := f.s.Register(f.t, q, private); err != nil {
		t.Fatal(err)
	}
	w := f.do("GET", certificates+"?identifier=0999999031&type=CBE&applicationIdentifier=A/B&use=sig")
	if w.Code != 200 || strings.Contains(w.Body.String(), `"d":`) || !strings.Contains(w.Body.String(), `"x5t#S256":"`) {
		t.Errorf("got %d %s, want the public key with x5t#S256", w.Code, w.Body)
	}
	again := ecKey(t, "mine", "sig")
	if err := (keydepot.ByContext{Service: f.s}).Register(tenant.With(t.Context(), f.t), q.Type, q.Identifier, q.ApplicationID, []jose.JSONWebKey{again, ecKey(t, "two", "enc")}); err != nil {
		t.Fatal(err)
	}
	keys, err := keydepot.ByContext{Service: f.s}.Keys(tenant.With(t.Context(), f.t), "CBE", "0999999031", "", "")
	if err != nil || len(keys) != 2 || keys[0].KeyID != "mine" || !keys[0].Key.(*ecdsa.PublicKey).Equal(again.Key.(*ecdsa.PrivateKey).Public()) {
		t.Errorf("got %v, %v, want the replaced key and the second", keys, err)
	}
	if err := f.s.Remove(f.t, q, "mine"); err != nil {
		t.Fatal(err)
	}
	if keys, err := f.s.Keys(f.t, q); err != nil || len(keys) != 1 {
		t.Errorf("after removal: got %v, %v, want one", keys, err)
	}
}

func TestRegisteredKeyTakesThePlaceOfASeededOne(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	q := keydepot.Query{Type: "CBE", Identifier: "0406798006", ApplicationID: "UHMEP"}
	mine := ecKey(t, "seeded", "enc")
	if err := f.s.Register(f.t, q, mine); err != nil {
		t.Fatal(err)
	}
	keys, err := f.s.Keys(f.t, q)
	if err != nil || len(keys) != 1 || !keys[0].Key.(*ecdsa.PublicKey).Equal(mine.Key.(*ecdsa.PrivateKey).Public()) {
		t.Errorf("got %v, %v, want the registered key alone", keys, err)
	}
}

func TestKeysThatCannotBeRegistered(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	good := ecKey(t, "a", "sig")
	noKid, badUse := good, good
	noKid.KeyID, badUse.Use = "", "both"
	for name, tc := range map[string]struct {
		q keydepot.Query
		k jose.JSONWebKey
	}{
		"no type":   {keydepot.Query{Identifier: "1"}, good},
		"no kid":    {keydepot.Query{Type: "CBE", Identifier: "1"}, noKid},
		"other use": {keydepot.Query{Type: "CBE", Identifier: "1"}, badUse},
		"symmetric": {keydepot.Query{Type: "CBE", Identifier: "1"}, jose.JSONWebKey{Key: []byte("secret"), KeyID: "a"}},
		"empty":     {keydepot.Query{Type: "CBE", Identifier: "1"}, jose.JSONWebKey{KeyID: "a"}},
	} {
		if err := f.s.Register(f.t, tc.q, tc.k); !errors.Is(err, keydepot.ErrKey) {
			t.Errorf("%s: got %v, want %v", name, err, keydepot.ErrKey)
		}
	}
}

func TestAnswersAreJSONWebKeySets(t *testing.T) {
	t.Parallel()
	w := setUp(t).do("GET", certificates+"?identifier=0406798006&type=CBE")
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || len(set.Keys) != 1 || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("got %v, %s, %v", err, w.Header(), set)
	}
}
