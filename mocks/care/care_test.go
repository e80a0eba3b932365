package care

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
)

const (
	patient = "54022899886"
	doctor  = "71011599751"
)

type desk struct {
	*testing.T
	s         *Service
	t         *tenant.Tenant
	root      *mux.Router
	suspended map[string]time.Time
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, root: mux.NewRouter(), suspended: map[string]time.Time{}}
	var err error
	d.s, err = New(Config{Fixtures: fixtures.FS,
		AtRest:     func(_ *tenant.Tenant, ssin string) (string, error) { return "rest-" + ssin, nil },
		Suspended:  func(_ *tenant.Tenant, ssin string, since time.Time) error { d.suspended[ssin] = since; return nil },
		Reinstated: func(_ *tenant.Tenant, ssin string) error { delete(d.suspended, ssin); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	d.t = tenanttest.New(t, time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC), nil)
	svc := &respond.Service{Name: "control", Dialect: func(_ *http.Request, f *respond.Refusal) *respond.Response {
		return &respond.Response{Status: f.Status, Body: f.Message}
	}}
	d.s.MountControl(svc.Mount(d.root, "/_sandbox"))
	return d
}

func (d *desk) call(method, path, body string) *httptest.ResponseRecorder {
	d.Helper()
	r := httptest.NewRequest(method, "/_sandbox/care"+path, bytes.NewReader([]byte(body)))
	rec := httptest.NewRecorder()
	d.root.ServeHTTP(rec, r.WithContext(tenant.With(r.Context(), d.t)))
	return rec
}

func (d *desk) permits(ssin string) (bool, string) {
	return d.s.Relations(d.t, ssin, "PHYSICIAN")("rest-" + patient)
}

func TestEverythingIsGrantedByDefault(t *testing.T) {
	t.Parallel()
	d := open(t)
	if ok, why := d.permits(doctor); !ok {
		t.Errorf("refused: %s", why)
	}
	if ok, why := d.s.Relations(d.t, doctor, "")("rest-of somebody unknown"); !ok {
		t.Errorf("unknown patient refused: %s", why)
	}
	if err := d.t.Settings.Override(map[string]string{"care-default": "denied"}); err != nil {
		t.Fatal(err)
	}
	if ok, _ := d.s.Relations(d.t, doctor, "")("rest-of somebody unknown"); ok {
		t.Error("care-default denied, yet an unknown patient is granted")
	}
	if ok, why := d.permits(doctor); !ok {
		t.Errorf("what is recorded counts before the default: %s", why)
	}
}

func TestRecordsFollowTheTenantsClock(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, path, body  string
		now, later, after bool // today, from 1 December, from 1 January
		why               string
	}{
		{"consent withdrawn", "/consents/" + patient, `{"given":false}`, false, false, false, "consent"},
		{"consent withdrawn from December", "/consents/" + patient, `{"given":false,"from":"2026-12-01"}`, true, false, false, "consent"},
		{"consent until the end of the year", "/consents/" + patient, `{"until":"2026-12-31"}`, true, true, false, "consent"},
		{"relation denied during December", "/relations/" + patient + "/" + doctor, `{"exists":false,"from":"2026-12-01","until":"2026-12-31"}`, true, false, true, "relation"},
		{"relation that ends", "/relations/" + patient + "/" + doctor, `{"until":"2026-11-30"}`, true, false, false, "relation"},
		{"exclusion", "/exclusions/" + patient + "/" + doctor, ``, false, false, false, "excluded"},
		{"exclusion during December", "/exclusions/" + patient + "/" + doctor, `{"from":"2026-12-01T00:00:00+01:00","until":"2026-12-31"}`, true, false, true, "excluded"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			if rec := d.call("PUT", tc.path, tc.body); rec.Code != 200 {
				t.Fatalf("%d %s", rec.Code, rec.Body)
			}
			for i, want := range []bool{tc.now, tc.later, tc.after} {
				if i > 0 {
					d.t.Clock.JumpTo(time.Date(2026, 11+time.Month(i), 1, 1, 0, 0, 0, clock.Brussels()))
				}
				ok, why := d.permits(doctor)
				if ok != want || (!ok && !strings.Contains(why, tc.why)) {
					t.Errorf("at %s: %t %q, want %t", d.t.Clock.Now(), ok, why, want)
				}
			}
			if ok, _ := d.s.Relations(d.t, "85072299879", "")("rest-04050699738"); !ok {
				t.Error("another patient and professional are affected")
			}
			if rec := d.call("DELETE", tc.path, ""); rec.Code != 204 {
				t.Fatalf("%d %s", rec.Code, rec.Body)
			}
			if ok, why := d.permits(doctor); !ok {
				t.Errorf("after removal: %s", why)
			}
		})
	}
}

func TestSuspensions(t *testing.T) {
	t.Parallel()
	d := open(t)
	if since := d.s.SuspendedSince(d.t, doctor); since != "" {
		t.Errorf("suspended since %s", since)
	}
	if rec := d.call("PUT", "/suspensions/"+doctor, `{"from":"2026-11-20"}`); rec.Code != 200 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if since := d.s.SuspendedSince(d.t, doctor); since != "2026-11-20" {
		t.Errorf("suspended since %q", since)
	}
	if at := d.suspended[doctor]; !at.Equal(time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("UHMEP was told %v", at)
	}
	if rec := d.call("DELETE", "/suspensions/"+doctor, ""); rec.Code != 204 || len(d.suspended) != 0 {
		t.Errorf("%d, still %v", rec.Code, d.suspended)
	}
	d.call("PUT", "/suspensions/"+doctor, ``)
	if since := d.s.SuspendedSince(d.t, doctor); since != "2026-11-24" {
		t.Errorf("without a day it begins now, got %q", since)
	}
}

func TestBodiesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, tc := range map[string]struct{ path, body string }{
		"no JSON":           {"/consents/" + patient, "{"},
		"unknown member":    {"/consents/" + patient, `{"granted":true}`},
		"no number":         {"/consents/dubois", `{}`},
		"no day":            {"/exclusions/" + patient + "/" + doctor, `{"from":"yesterday"}`},
		"the wrong way":     {"/relations/" + patient + "/" + doctor, `{"from":"2026-12-02","until":"2026-11-01"}`},
		"suspension of who": {"/suspensions/x", `{}`},
	} {
		if rec := d.call("PUT", tc.path, tc.body); rec.Code != 400 {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	for name, text := range map[string]string{
		"a number":         `consents: [{patient: "12", given: true}]`,
		"a member":         `consents: [{patients: "54022899886"}]`,
		"a period":         `exclusions: [{patient: "54022899886", professional: "71011599751", from: "2026-02-01", until: "2026-01-01"}]`,
		"a suspension day": `suspensions: [{professional: "71011599751", from: soon}]`,
	} {
		if _, err := New(Config{Fixtures: fstest.MapFS{"care/x.yaml": {Data: []byte(text)}}}); err == nil || !strings.Contains(err.Error(), "care/x.yaml") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBetweenSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.call("PUT", "/exclusions/"+patient+"/"+doctor, "")
	if rec := d.call("GET", "/between/"+patient+"/"+doctor, ""); !strings.Contains(rec.Body.String(), `"excluded":true`) || !strings.Contains(rec.Body.String(), `"permitted":false`) {
		t.Errorf("%s", rec.Body)
	}
	if rec := d.call("GET", "", ""); !strings.Contains(rec.Body.String(), doctor) {
		t.Errorf("%s", rec.Body)
	}
}
