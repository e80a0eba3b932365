// Package control is the sandbox's own API below /_sandbox: clock, reset,
// snapshots, faults, journal, settings and information. Services add their own
// calls to the same Mux. Nothing here exists at eHealth.
package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenants"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// Prefix is where the control API lives.
const Prefix = "/_sandbox"

// Handler answers the calls that belong to no service.
type Handler struct {
	Version string
	Seed    *uint64
	Tenants *tenants.Manager
	World   *world.Registry
	// Services are the emulated services with their path, in the order in
	// which they are shown.
	Services []ServiceInfo
	// Clients lists the OAuth clients of the tenant in short.
	Clients func(t *tenant.Tenant) []ClientInfo
	// NextTransition is when the tenant's world next changes by itself; false
	// when nothing is due.
	NextTransition func(t *tenant.Tenant) (time.Time, bool)
	// Ready tells what is missing, nil when every route answers.
	Ready func() error
	// Routes lists all control operations, for the OpenAPI document.
	Routes func() []respond.Route
	// Shown gives a journal entry as it may leave the sandbox; nil shows all of it. It must not change the entry it is given.
	Shown func(*journal.Entry) *journal.Entry
	// SetPublicURL fixes the origin of generated URLs for the whole process.
	SetPublicURL func(string) error
}

// ServiceInfo is one emulated service.
type ServiceInfo struct{ Name, Title, Path string }

// ClientInfo is one OAuth client in short.
type ClientInfo struct {
	Realm    string `json:"realm"`
	ClientID string `json:"client_id"`
	Access   string `json:"access_type"`
}

// Service describes the control API to the router.
func Service() *respond.Service {
	return &respond.Service{Name: "sandbox", Limit: 16 << 20, Dialect: dialect, Unjournaled: true, CORS: noCORS,
		Decorate: func(_ *http.Request, h http.Header) {
			h.Set("X-Sandbox-Extension", "true")
			h.Set("Cache-Control", "no-store")
		}}
}

// noCORS: the edge lets only the sandbox's own pages in.
func noCORS(*http.Request, http.Header, bool) {}

// dialect writes a control error: what is wrong and what to do.
func dialect(r *http.Request, f *respond.Refusal) *respond.Response {
	body := map[string]any{"error": f.Code, "message": f.Message, "trace": journal.TraceID(r.Context())}
	for k, v := range map[string]string{"got": f.Got, "want": f.Want, "hint": f.Hint} {
		if v != "" {
			body[k] = v
		}
	}
	if f.Detail != nil {
		body["detail"] = f.Detail
	}
	return &respond.Response{Status: f.Status, Body: body}
}

// Mount registers the calls.
func (h *Handler) Mount(m *respond.Mux) {
	m.Handle("live", http.MethodGet, "/live", h.live)
	m.Handle("ready", http.MethodGet, "/ready", h.ready)
	m.Handle("info", http.MethodGet, "/info", h.info)
	m.Handle("explain-url", http.MethodGet, "/explain-url", h.explainURL)
	m.Handle("public-url", http.MethodPut, "/public-url", h.publicURL)
	m.Handle("openapi", http.MethodGet, "/openapi.json", h.openAPI)
	m.Handle("clock-get", http.MethodGet, "/clock", h.clock)
	m.Handle("clock-put", http.MethodPut, "/clock", h.setClock)
	m.Handle("clock-post", http.MethodPost, "/clock", h.setClock)
	m.Handle("reset", http.MethodPost, "/reset", h.reset)
	m.Handle("settings-get", http.MethodGet, "/settings", h.settings)
	m.Handle("settings-put", http.MethodPut, "/settings", h.setSettings)
	m.Handle("tenants", http.MethodGet, "/tenants", h.tenants)
	m.Handle("snapshots", http.MethodGet, "/snapshots", h.snapshots)
	m.Handle("snapshot", http.MethodPost, "/snapshots", h.snapshot)
	m.Handle("snapshot-restore", http.MethodPost, "/snapshots/{name}/restore", h.restore)
	m.Handle("snapshot-delete", http.MethodDelete, "/snapshots/{name}", h.dropSnapshot)
	m.Handle("faults", http.MethodGet, "/faults", h.faults)
	m.Handle("fault", http.MethodPost, "/faults", h.addFault)
	m.Handle("faults-clear", http.MethodDelete, "/faults", h.clearFaults)
	m.Handle("fault-delete", http.MethodDelete, "/faults/{id}", h.removeFault)
	m.Handle("journal", http.MethodGet, "/journal", h.journal)
	m.Handle("journal-clear", http.MethodDelete, "/journal", h.clearJournal)
	m.Handle("journal-wait", http.MethodGet, "/journal/wait", h.waitJournal)
	m.Handle("journal-stream", http.MethodGet, "/journal/stream", h.streamJournal)
	m.Handle("journal-entry", http.MethodGet, "/journal/{id}", h.journalEntry)
}

func (h *Handler) live(*http.Request) (any, error) { return map[string]string{"status": "live"}, nil }

func (h *Handler) ready(*http.Request) (any, error) {
	if err := h.Ready(); err != nil {
		return nil, &respond.Refusal{Status: http.StatusServiceUnavailable, Code: "not-ready", Message: err.Error()}
	}
	return map[string]string{"status": "ready"}, nil
}

func (h *Handler) info(r *http.Request) (any, error) {
	t := tenant.From(r.Context())
	base := origin.Of(r)
	urls := map[string]string{}
	for _, s := range h.Services {
		urls[s.Name] = base + s.Path
	}
	type person struct {
		Name      string `json:"name"`
		Kind      string `json:"kind"`
		SSIN      string `json:"ssin"`
		FullName  string `json:"full_name"`
		NIHII     string `json:"nihii,omitempty"`
		Suspended bool   `json:"suspended,omitempty"`
	}
	people := []person{}
	for _, p := range h.World.Of(t).Personas() {
		e := person{Name: p.Name, Kind: p.Kind, SSIN: ssin.Mask(p.SSIN), FullName: p.FullName(), Suspended: p.Suspended()}
		if len(p.Disciplines) > 0 {
			e.NIHII = p.Disciplines[0].NIHII
		}
		people = append(people, e)
	}
	return map[string]any{
		"sandbox": true, "version": h.Version, "seed": h.Seed, "tenant": t.Name, "origin": base, "clock": clockBody(t),
		"services": urls, "personas": people, "organisations": h.World.Of(t).Organisations(), "clients": h.Clients(t),
		"note": "eHealth sandbox: synthetic data, not a service of eHealth or NIHDI, never for real patients",
	}, nil
}

func (h *Handler) explainURL(r *http.Request) (any, error) {
	i, t := origin.From(r), tenant.From(r.Context())
	carrier := "none (tenant default)"
	switch {
	case i.Prefix != "":
		carrier = "path prefix " + i.Prefix
	case r.Header.Get(respond.TenantHeader) != "":
		carrier = "header " + respond.TenantHeader
	case t.Name != tenant.Default:
		carrier = "host name"
	}
	base := i.Base + i.Prefix
	headers := map[string]string{"Host": r.Host}
	for _, name := range []string{"Forwarded", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-For"} {
		if v := r.Header.Get(name); v != "" {
			headers[name] = v
		}
	}
	return map[string]any{
		"origin": i.Base, "origin_from": i.Source, "fixed": i.Fixed, "request_origin": i.Actual, "tenant": t.Name, "tenant_from": carrier,
		"remote": r.RemoteAddr, "headers": headers,
		"issuers": map[string]string{"healthcare": base + "/auth/realms/healthcare", "M2M": base + "/auth/realms/M2M"},
		"help": []string{
			"generated URLs start with origin; set -public-url (SANDBOX_PUBLIC_URL) to fix it",
			"a browser and a container must reach the sandbox under the same origin, or the issuer will not match: publish the same port, or use host.docker.internal",
			"behind a proxy, pass Forwarded or X-Forwarded-Proto, -Host and -Port on",
		},
	}, nil
}

// publicURL fixes the origin: test containers learn theirs only after start.
func (h *Handler) publicURL(r *http.Request) (any, error) {
	in := struct {
		URL string `json:"url"`
	}{}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if err := h.SetPublicURL(in.URL); err != nil {
		return nil, bad("public-url", err.Error())
	}
	return map[string]string{"public_url": in.URL}, nil
}

func (h *Handler) reset(r *http.Request) (any, error) {
	t := tenant.From(r.Context())
	if err := h.Tenants.Reset(t); err != nil {
		return nil, err
	}
	return map[string]any{"status": "reset", "tenant": t.Name}, nil
}

func (h *Handler) settings(r *http.Request) (any, error) {
	t := tenant.From(r.Context())
	return map[string]any{"values": t.Settings.All(), "overrides": t.Settings.Overrides()}, nil
}

// setSettings replaces the tenant's overrides.
func (h *Handler) setSettings(r *http.Request) (any, error) {
	t := tenant.From(r.Context())
	in := map[string]any{}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	set := map[string]string{}
	for k, v := range in {
		set[k] = strings.Trim(jsonText(v), `"`)
	}
	if err := t.Settings.Override(set); err != nil {
		return nil, bad("settings", err.Error())
	}
	if err := h.Tenants.Save(t); err != nil {
		return nil, err
	}
	return h.settings(r)
}

func (h *Handler) tenants(*http.Request) (any, error) {
	names := []string{}
	for _, t := range h.Tenants.Live() {
		names = append(names, t.Name)
	}
	return map[string]any{"tenants": names}, nil
}

// decode reads a JSON body strictly into v.
func decode(r *http.Request, v any) error {
	dec := json.NewDecoder(strings.NewReader(string(respond.Body(r))))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return bad("body", "the body is not the JSON expected: "+err.Error())
	}
	if dec.More() {
		return bad("body", "the body holds more than one JSON value")
	}
	return nil
}

// bad is a 400 of the control API.
func bad(code, message string) *respond.Refusal {
	return &respond.Refusal{Status: http.StatusBadRequest, Code: "bad-" + code, Message: message, Rule: "control-" + code}
}

func jsonText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	if list, ok := v.([]any); ok {
		parts := make([]string, len(list))
		for i, e := range list {
			parts[i] = jsonText(e)
		}
		return strings.Join(parts, ",")
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}

// notFound is a 404 of the control API.
func notFound(message string) *respond.Refusal {
	return &respond.Refusal{Status: http.StatusNotFound, Code: respond.CodeNotFound, Message: message, Rule: "control-not-found"}
}

// isTimeout tells whether a wait ended because its time was over.
func isTimeout(err error) bool {
	return errors.Is(err, errWaited)
}
