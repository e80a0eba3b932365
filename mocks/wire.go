package mocks

import (
	"errors"
	"io/fs"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/control"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// parts are the emulated services.
type parts struct {
	closers []func() error
}

// wire makes the services and connects them; it is the only place that knows
// more than one of them.
func (s *Sandbox) wire(files fs.FS) error {
	return nil
}

// seeders are the services that bring a seed world of their own.
func (p *parts) seeders() map[string]store.Seeder { return nil }

// close closes what the services hold open.
func (p *parts) close() error {
	var all error
	for _, c := range p.closers {
		all = errors.Join(all, c())
	}
	return all
}

// nextTransition is the earliest instant at which a tenant's world changes by
// itself.
func (s *Sandbox) nextTransition(t *tenant.Tenant) (time.Time, bool) { return time.Time{}, false }

// clients lists the OAuth clients in short.
func (s *Sandbox) clients(t *tenant.Tenant) []control.ClientInfo { return []control.ClientInfo{} }

// route mounts services, control API and pages on one router.
func (s *Sandbox) route(version string, seed *uint64) error {
	s.services = []control.ServiceInfo{
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
	s.router = mux.NewRouter().SkipClean(true)
	s.router.NotFoundHandler = http.HandlerFunc(s.unknown)

	ctl := control.Service().Mount(s.router, control.Prefix)
	handler := &control.Handler{Version: version, Seed: seed, Tenants: s.tenants, World: s.world, Services: s.services,
		Clients: s.clients, NextTransition: s.nextTransition, Ready: s.ready, Routes: ctl.Routes, SetPublicURL: s.SetPublicURL}
	handler.Mount(ctl)
	s.mountServices(ctl)
	return s.pages(version)
}

// mountServices mounts the services' own routes and their control calls.
func (s *Sandbox) mountServices(ctl *respond.Mux) {}

// ready tells what is missing before every route can answer.
func (s *Sandbox) ready() error {
	t, err := s.tenants.Get(tenant.Default)
	if err != nil {
		return err
	}
	return t.Store.View(func(store.Reader) error { return nil })
}
