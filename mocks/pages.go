package mocks

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/console"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// pages serves the console at / and its files at /static/.
func (s *Sandbox) pages(version string) error {
	views, err := console.New()
	if err != nil {
		return err
	}
	service := &respond.Service{Name: "console", Unjournaled: true,
		Dialect: func(_ *http.Request, f *respond.Refusal) *respond.Response {
			return &respond.Response{Status: f.Status, ContentType: "text/plain; charset=utf-8", Body: f.Message + "\n"}
		},
		Decorate: func(_ *http.Request, h http.Header) {
			h.Set("Content-Security-Policy", console.Policy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "no-referrer")
		}}
	landing := func(r *http.Request) (any, error) {
		var out bytes.Buffer
		if err := views.Landing(&out, s.landing(r, version)); err != nil {
			return nil, err
		}
		return &respond.Response{Status: http.StatusOK, ContentType: "text/html; charset=utf-8", Body: out.Bytes()}, nil
	}
	s.router.Path("/").Handler(service.Single("landing", http.MethodGet, landing))
	static := http.StripPrefix("/static/", http.FileServerFS(console.Static()))
	s.router.PathPrefix("/static/").Methods(http.MethodGet, http.MethodHead).HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") { // no listings
			s.unknown(w, r)
			return
		}
		static.ServeHTTP(w, r)
	})
	return nil
}

// landing collects what the landing page shows.
func (s *Sandbox) landing(r *http.Request, version string) console.Landing {
	t := tenant.From(r.Context())
	w, base := s.world.Of(t), origin.Of(r)
	v := console.Landing{Base: base, Tenant: t.Name, DefaultTenant: t.Name == tenant.Default, Version: version,
		Now: t.Clock.Now().Format("2006-01-02 15:04:05 MST"), Steps: console.Steps(base)}
	for _, svc := range s.services {
		v.Services = append(v.Services, console.Service{Title: svc.Title, URL: base + svc.Path})
	}
	for _, p := range w.Personas() {
		e := console.Persona{Name: p.Name, FullName: p.FullName(), Kind: p.Kind, SSIN: ssin.Mask(p.SSIN), Suspended: p.Suspended()}
		for _, d := range p.Disciplines {
			if d.NIHII != "" {
				e.NIHII = append(e.NIHII, d.NIHII)
			}
		}
		v.Personas = append(v.Personas, e)
	}
	for _, o := range w.Organisations() {
		v.Organisations = append(v.Organisations, console.Organisation{Key: o.Key, Name: o.Name, TargetGroup: o.TargetGroup, NIHII: o.NIHII, CBE: o.CBE})
	}
	return v
}
