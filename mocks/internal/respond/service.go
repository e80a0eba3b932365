package respond

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"
)

// HandlerFunc answers one operation: with a value (JSON, status 200), a
// *Response, a Stream, or an error.
type HandlerFunc func(r *http.Request) (any, error)

// defaultLimit bounds request bodies of services that do not say otherwise.
const defaultLimit = 1 << 20

// Service is one emulated service as the router sees it.
type Service struct {
	Name        string // as used in faults and journal: "iam", "pseudo", …
	Limit       int64  // bytes of a request body, 1 MiB when 0
	ContentType string // of JSON answers, application/json when empty
	// Dialect writes a refusal the way the real service does.
	Dialect func(r *http.Request, f *Refusal) *Response
	// CORS sets the headers for a browser on another origin, on preflights
	// (r.Method is OPTIONS) and on every other answer. Nil allows any origin.
	CORS func(r *http.Request, h http.Header, preflight bool)
	// Decorate, when set, adds headers to every answer but preflights.
	Decorate func(r *http.Request, h http.Header)
	// Unjournaled services (the control API) leave no journal entries.
	Unjournaled bool
}

// Mux registers a service's operations below its prefixes.
type Mux struct {
	service *Service
	routers []*mux.Router
	paths   map[string]*endpoint
}

// endpoint is one path with its methods.
type endpoint struct {
	service *Service
	methods map[string]operation
}

type operation struct {
	name    string
	handler HandlerFunc
}

// Mount makes a Mux for the service; every operation is served below each
// prefix. Paths below a prefix that no operation has are refused in the
// service's dialect.
func (s *Service) Mount(root *mux.Router, prefixes ...string) *Mux {
	m := &Mux{service: s, paths: map[string]*endpoint{}}
	for _, p := range prefixes {
		sub := root.MatcherFunc(belowPrefix(p)).Subrouter()
		if p != "" {
			sub = sub.PathPrefix(p).Subrouter()
		}
		sub.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.serve(w, r, "", func(r *http.Request) (any, error) {
				return nil, &Refusal{Status: http.StatusNotFound, Code: CodeNotFound, Message: "no such path",
					Rule: "http-path", Got: r.Method + " " + r.URL.Path, Hint: "the service answers below " + strings.Join(prefixes, " and ")}
			})
		})
		m.routers = append(m.routers, sub)
	}
	return m
}

// belowPrefix matches whole path segments, so /fhirx is not below /fhir.
func belowPrefix(p string) mux.MatcherFunc {
	return func(r *http.Request, _ *mux.RouteMatch) bool {
		rest, ok := strings.CutPrefix(r.URL.Path, p)
		return ok && (rest == "" || rest[0] == '/')
	}
}

// Handle registers one operation. op is its name in faults, journal and
// coverage; path is a gorilla/mux pattern below the prefix. Patterns that
// overlap are tried in the order of their first registration.
func (m *Mux) Handle(op, method, path string, h HandlerFunc) {
	e, ok := m.paths[path]
	if !ok {
		e = &endpoint{service: m.service, methods: map[string]operation{}}
		m.paths[path] = e
		for _, sub := range m.routers {
			if path == "" {
				sub.Path("").Handler(e)
				continue
			}
			sub.Path(path).Handler(e)
		}
	}
	e.methods[method] = operation{name: op, handler: h}
}

// Route is one registered operation, for generated tables.
type Route struct{ Service, Operation, Method, Path string }

// Routes lists the operations registered so far.
func (m *Mux) Routes() []Route {
	var out []Route
	for path, e := range m.paths {
		for method, op := range e.methods {
			out = append(out, Route{Service: m.service.Name, Operation: op.name, Method: method, Path: path})
		}
	}
	slices.SortFunc(out, func(a, b Route) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	return out
}

// ServeHTTP implements http.Handler.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op, ok := e.methods[r.Method]
	if !ok && r.Method == http.MethodHead {
		op, ok = e.methods[http.MethodGet]
	}
	switch {
	case ok:
		e.service.serve(w, r, op.name, op.handler)
	case r.Method == http.MethodOptions:
		e.service.preflight(w, r)
	default:
		allow := e.allow()
		e.service.serve(w, r, "", func(r *http.Request) (any, error) {
			f := &Refusal{Status: http.StatusMethodNotAllowed, Code: CodeMethodNotAllowed, Message: "method not allowed",
				Rule: "http-method", Got: r.Method, Want: allow}
			return nil, f.With("Allow", allow)
		})
	}
}

func (e *endpoint) allow() string {
	methods := []string{http.MethodOptions}
	for method := range e.methods {
		methods = append(methods, method)
	}
	slices.Sort(methods)
	return strings.Join(slices.Compact(methods), ", ")
}

func (s *Service) preflight(w http.ResponseWriter, r *http.Request) {
	s.cors(r, w.Header(), true)
	w.WriteHeader(http.StatusOK)
}

// cors applies the service's policy, by default: any origin, never "*".
func (s *Service) cors(r *http.Request, h http.Header, preflight bool) {
	if s.CORS != nil {
		s.CORS(r, h, preflight)
		return
	}
	AllowOrigin(r, h, preflight)
}

// AllowOrigin lets any origin in: it echoes Origin and, on a preflight, the
// headers asked for, with Authorization and Content-Type always among them.
func AllowOrigin(r *http.Request, h http.Header, preflight bool) {
	h.Add("Vary", "Origin")
	o := r.Header.Get("Origin")
	if o == "" {
		return
	}
	h.Set("Access-Control-Allow-Origin", o)
	h.Set("Access-Control-Allow-Credentials", "true")
	if !preflight {
		h.Set("Access-Control-Expose-Headers", "Location, ETag, Last-Modified, Content-Be-Pseudo, WWW-Authenticate, X-Request-Id, X-Sandbox-Trace")
		return
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
	allowed := "Authorization, Content-Type, Accept, Accept-Language"
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		allowed += ", " + asked
	}
	h.Set("Access-Control-Allow-Headers", allowed)
	h.Set("Access-Control-Max-Age", "3600")
}

// Single returns the handler of one operation outside a Mux, with the same
// treatment as any other.
func (s *Service) Single(op, method string, h HandlerFunc) http.Handler {
	return &endpoint{service: s, methods: map[string]operation{method: {name: op, handler: h}}}
}
