package mocks

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/iam"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/control"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// served lists the roots, as the landing page and the 404 answer show them.
func served() []control.ServiceInfo {
	return []control.ServiceInfo{
		{Name: "iam", Title: "I.AM Connect, realms healthcare and M2M", Path: "/auth"},
		{Name: "certificates", Title: "JWKS of eHealth certificates", Path: "/etee/v1/pubKeys/cacerts/jwks"},
		{Name: "keydepot", Title: "KeyDepot JWKS", Path: "/keydepot/v1/jwks"},
		{Name: "pseudo", Title: "Blinded pseudonymisation", Path: "/pseudo/v1"},
		{Name: "uhmep", Title: "UHMEP FHIR API", Path: "/uhmep/v1"},
		{Name: "referral", Title: "REST back end of the web components (PSS part)", Path: "/frontend/api"},
		{Name: "pss", Title: "Prescription Search Support", Path: "/pss"},
		{Name: "terminology", Title: "FHIR terminology server", Path: "/terminology/fhir"},
		{Name: "terminology-alias", Title: "FHIR terminology server, path of the national image", Path: "/fhir"},
		{Name: "control", Title: "Control API of the sandbox", Path: control.Prefix},
		{Name: "console", Title: "Pages of the sandbox", Path: "/"},
	}
}

// route mounts services, control API and pages on one router.
func (s *Sandbox) route(version string, seed *uint64) error {
	s.services = served()
	s.router = mux.NewRouter().SkipClean(true)
	s.router.NotFoundHandler = http.HandlerFunc(s.unknown)

	p := &s.parts
	p.iam.Mount(s.router)
	p.depot.Mount(s.router)
	p.pseudo.Mount(s.router)
	p.uhmep.Mount(s.router)
	p.pss.Mount(s.router)
	p.terminology.Mount(s.router)

	ctl := control.Service().Mount(s.router, control.Prefix)
	handler := &control.Handler{Version: version, Seed: seed, Tenants: s.tenants, World: s.world, Services: s.services,
		Clients: s.clients, NextTransition: s.nextTransition, Ready: s.ready, Routes: ctl.Routes, Shown: p.terminology.Shown, SetPublicURL: s.SetPublicURL}
	handler.Mount(ctl)
	s.mountControl(ctl)
	return s.pages(version)
}

// mountControl adds the services' own control calls.
func (s *Sandbox) mountControl(ctl *respond.Mux) {
	p := &s.parts
	p.iam.MountControl(ctl)
	p.pseudo.MountControl(ctl)
	p.care.MountControl(ctl)
	p.uhmep.MountControl(ctl)
	ctl.Handle("uhmep-sample", http.MethodGet, "/uhmep/sample", s.sample)
	p.pss.MountControl(ctl)
	p.terminology.MountControl(ctl)
}

// clients lists the OAuth clients in short.
func (s *Sandbox) clients(t *tenant.Tenant) []control.ClientInfo {
	out := []control.ClientInfo{}
	for _, realm := range []string{iam.Healthcare, iam.M2M} {
		list, err := s.parts.iam.Clients(t, realm)
		if err != nil {
			s.log.Error("list clients", "realm", realm, "err", err)
			continue
		}
		for _, c := range list {
			out = append(out, control.ClientInfo{Realm: c.Realm, ClientID: c.ClientID, Access: c.AccessType})
		}
	}
	return out
}

// ready tells what is missing before every route can answer.
func (s *Sandbox) ready() error {
	t, err := s.tenants.Get(tenant.Default)
	if err != nil {
		return err
	}
	return t.Store.View(func(store.Reader) error { return nil })
}
