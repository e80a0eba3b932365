package uhmep

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// control sends a control call.
func (b *bench) control(method, path string, body any) *httptest.ResponseRecorder {
	b.Helper()
	root := mux.NewRouter()
	svc := &respond.Service{Name: "control", Dialect: func(_ *http.Request, f *respond.Refusal) *respond.Response {
		return &respond.Response{Status: f.Status, Body: f.Message}
	}}
	b.s.MountControl(svc.Mount(root, "/_sandbox"))
	raw, err := json.Marshal(body)
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest(method, "/_sandbox"+path, bytes.NewReader(raw))
	rec := httptest.NewRecorder()
	root.ServeHTTP(rec, r.WithContext(tenant.With(r.Context(), b.t)))
	return rec
}

func (b *bench) alias(old, current string) {
	b.Helper()
	if rec := b.control("POST", "/uhmep/aliases", map[string]string{"old": old, "new": current}); rec.Code != 200 {
		b.Fatalf("alias: %d %s", rec.Code, rec.Body)
	}
}

func TestAliasesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	b.alias("54022899886", "80322799896")
	for name, body := range map[string]any{
		"the other way round": map[string]string{"old": "80322799896", "new": "54022899886"},
		"the same number":     map[string]string{"old": "80322799896", "new": "80322799896"},
		"not a number":        map[string]string{"old": "1", "new": "54022899886"},
		"an unknown member":   map[string]string{"from": "1"},
	} {
		if rec := b.control("POST", "/uhmep/aliases", body); rec.Code != 400 {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}

func TestTheCheckFindsWhatDoesNotAgree(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		harm func(w store.Writer, key string)
		kind string
		want string
	}{
		"an index entry is gone":          {func(w store.Writer, k string) { w.Delete(k) }, "uhmep/ix/patient/", "is missing"},
		"an index entry is out of date":   {func(w store.Writer, k string) { w.Put(k, []byte("x")) }, "uhmep/ix/requester/", "out of date"},
		"an index entry too many":         {func(w store.Writer, k string) { w.Put(k+"x", []byte("x")) }, "uhmep/ix/owner/", "belongs to nothing"},
		"a resource is gone":              {func(w store.Writer, k string) { w.Delete(k) }, "uhmep/res/Task/", "no resource"},
		"a version is gone":               {func(w store.Writer, k string) { w.Delete(k) }, "uhmep/his/", "version"},
		"a case is gone":                  {func(w store.Writer, k string) { w.Delete(k) }, "uhmep/case/", "belongs to"},
		"a due time is gone":              {func(w store.Writer, k string) { w.Delete(k) }, "uhmep/due/", "is missing"},
		"a case cannot be read any more":  {func(w store.Writer, k string) { w.Put(k, []byte("{")) }, "uhmep/case/", "cannot be read"},
		"a resource's header is unusable": {func(w store.Writer, k string) { w.Put(k, []byte("x")) }, "uhmep/res/ServiceRequest/", "bad header"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, false)
			id := b.create("hygienic-care", "dr-peeters")
			b.assign("nurse-claes", id, "nurse-claes")
			b.create("sampling", "dr-peeters")
			b.want(b.call("dr-peeters", "PATCH", "/ServiceRequest/"+id, cancelPatch()), 200)
			if rec := b.control("GET", "/uhmep/check", nil); rec.Code != 200 {
				t.Fatalf("before: %s", rec.Body)
			}
			err := b.t.Store.Update(func(w store.Writer) error {
				for key := range w.Scan(tc.kind, "") {
					tc.harm(w, key)
					return nil
				}
				t.Errorf("no key %s", tc.kind)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			rec := b.control("GET", "/uhmep/check", nil)
			if rec.Code != 500 || !strings.Contains(rec.Body.String(), tc.want) {
				t.Errorf("got %d %s, want a problem with %q", rec.Code, rec.Body, tc.want)
			}
		})
	}
}

func TestTheMatrixInForceCanBeRead(t *testing.T) {
	t.Parallel()
	rec := open(t, false).control("GET", "/uhmep/matrix", nil)
	var m map[string]map[string][]string
	if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	if got := m["PATIENT"]["hygienic-care"]; len(got) != 8 || got[0] != "consultPrescription" {
		t.Errorf("patient: %v", got)
	}
}
