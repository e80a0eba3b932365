package mocks

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/chance"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/control"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenants"
)

// carrier says which tenant a request names and what is left of its path.
type carrier struct {
	name   string
	prefix string // "" or "/t/<name>"
	path   string
	raw    string // path as it was sent, when that is not the plain encoding of path
}

// carrierOf reads the three carriers: path prefix, header, host name. The
// first one present counts.
func carrierOf(r *http.Request) carrier {
	if rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/t/"); ok {
		escaped, raw, _ := strings.Cut(rest, "/") // an encoded slash is part of the name, and no name has one
		name, err := url.PathUnescape(escaped)
		path, err2 := url.PathUnescape("/" + raw)
		if err != nil || err2 != nil {
			name = ""
		}
		return carrier{name: name, prefix: "/t/" + name, path: path, raw: "/" + raw}
	}
	c := carrier{name: tenant.Default, path: r.URL.Path, raw: r.URL.RawPath}
	if h := r.Header.Get(respond.TenantHeader); h != "" {
		c.name = h
		return c
	}
	host := strings.ToLower(hostname(r.Host))
	if name, ok := strings.CutSuffix(host, ".localhost"); ok && !strings.Contains(name, ".") && name != "" {
		c.name = name
	}
	return c
}

// edge is the outermost handler of one listener.
type edge struct {
	sandbox *Sandbox
	admin   bool // serves /_sandbox
	public  bool // serves everything else
}

// ServeHTTP finds tenant and origin, sets the headers every answer carries,
// and keeps the process alive whatever happens below.
func (e *edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := e.sandbox
	h := w.Header()
	h.Set(respond.SandboxHeader, "true")
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		s.log.Error("panic", "path", r.URL.Path, "panic", v, "stack", string(debug.Stack()))
		plain(w, http.StatusInternalServerError, map[string]any{"error": "internal", "message": "internal error of the sandbox"})
	}()

	c := carrierOf(r)
	t, done, err := s.tenants.Use(c.name)
	if err != nil {
		status := http.StatusBadRequest
		if errors.Is(err, tenants.ErrTooMany) {
			status = http.StatusServiceUnavailable
		}
		plain(w, status, map[string]any{"error": "tenant", "message": err.Error()})
		return
	}
	defer done()
	isControl := c.path == control.Prefix || strings.HasPrefix(c.path, control.Prefix+"/")
	traces := t.Traces
	if isControl {
		traces = chance.System() // polling the control API must not change what a seeded run draws
	}
	h.Set(respond.TraceHeader, traces.UUID())
	h.Set("Date", t.Clock.Now().UTC().Format(http.TimeFormat))

	info := origin.Detect(r, s.publicURL())
	if info.Prefix = c.prefix; info.Fixed && c.prefix == "" && hostCarries(r, c.name) {
		info.Prefix = "/t/" + c.name // a fixed origin has no room for the host carrier
	}
	if port := s.mainPort.Load(); port != nil && !e.public && !info.Fixed {
		info.Base = withPort(info.Base, *port)
	}
	ctx := origin.With(tenant.With(r.Context(), t), info)
	r2 := r.WithContext(ctx)
	u := *r.URL
	u.Path, u.RawPath = c.path, c.raw
	r2.URL = &u

	if isControl && e.admin {
		if f := s.guard(r2, info); f != nil {
			plain(w, f.Status, map[string]any{"error": f.Code, "message": f.Message, "hint": f.Hint})
			return
		}
	}
	if isControl && !e.admin || !isControl && !e.public {
		s.unknown(w, r2)
		return
	}
	s.router.ServeHTTP(w, r2)
}

// withPort is the origin with another port.
func withPort(base, port string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	return u.Scheme + "://" + net.JoinHostPort(u.Hostname(), port)
}

func hostCarries(r *http.Request, name string) bool {
	return name != tenant.Default && r.Header.Get(respond.TenantHeader) == ""
}

// unknown answers a path that belongs to no service.
func (s *Sandbox) unknown(w http.ResponseWriter, r *http.Request) {
	roots := map[string]string{}
	for _, svc := range s.services {
		roots[svc.Path] = svc.Title
	}
	plain(w, http.StatusNotFound, map[string]any{"error": "not-found", "message": "nothing is served at " + r.URL.Path, "roots": roots})
}

// plain writes an answer of the edge itself.
func plain(w http.ResponseWriter, status int, body map[string]any) {
	raw, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		raw = []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(raw, '\n')) // a client that is gone is no error of ours
}
