package uhmep

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Mount registers the operations of the API below Base.
func (s *Service) Mount(root *mux.Router) *respond.Mux {
	svc := &respond.Service{Name: "uhmep", Limit: 2 << 20, ContentType: fhirJSON, Dialect: Outcome, Decorate: echoRequestID}
	m := svc.Mount(root, Base)
	m.Handle("capabilities", http.MethodGet, "/metadata", s.capability)

	m.Handle("ServiceRequest.create", http.MethodPost, "/ServiceRequest", s.protected(s.postRequest))
	m.Handle("ServiceRequest.search", http.MethodGet, "/ServiceRequest", s.protected(s.searchRequests))
	m.Handle("ServiceRequest.search", http.MethodPost, "/ServiceRequest/_search", s.protected(s.searchRequests))
	m.Handle("ServiceRequest.read", http.MethodGet, "/ServiceRequest/{id}", s.protected(s.read("ServiceRequest")))
	m.Handle("ServiceRequest.patch", http.MethodPatch, "/ServiceRequest/{id}", s.protected(s.patchRequest))
	m.Handle("ServiceRequest.history", http.MethodGet, "/ServiceRequest/{id}/_history", s.protected(s.history("ServiceRequest")))
	m.Handle("ServiceRequest.vread", http.MethodGet, "/ServiceRequest/{id}/_history/{vid}", s.protected(s.read("ServiceRequest")))
	m.Handle("ServiceRequest.graph", http.MethodGet, "/ServiceRequest/{id}/$graph", s.protected(s.graph))
	m.Handle("ServiceRequest.approve", http.MethodPost, "/ServiceRequest/{id}/$approve", s.protected(s.evaluate(true)))
	m.Handle("ServiceRequest.reject", http.MethodPost, "/ServiceRequest/{id}/$reject", s.protected(s.evaluate(false)))

	m.Handle("Task.create", http.MethodPost, "/Task", s.protected(s.postTask))
	m.Handle("Task.search", http.MethodGet, "/Task", s.protected(s.searchTasks))
	m.Handle("Task.search", http.MethodPost, "/Task/_search", s.protected(s.searchTasks))
	m.Handle("Task.read", http.MethodGet, "/Task/{id}", s.protected(s.read("Task")))
	m.Handle("Task.patch", http.MethodPatch, "/Task/{id}", s.protected(s.patchTask))
	m.Handle("Task.delete", http.MethodDelete, "/Task/{id}", s.protected(s.deleteTask))
	m.Handle("Task.history", http.MethodGet, "/Task/{id}/_history", s.protected(s.history("Task")))
	m.Handle("Task.vread", http.MethodGet, "/Task/{id}/_history/{vid}", s.protected(s.read("Task")))

	for _, typ := range []string{"Practitioner", "PractitionerRole", "Organization"} {
		m.Handle(typ+".read", http.MethodGet, "/"+typ+"/{id}", s.protected(s.readActor(typ)))
	}
	return m
}

// protected puts the checks that every call but /metadata passes before h.
func (s *Service) protected(h func(r *http.Request, c *Caller) (any, error)) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		if err := s.headers(r); err != nil {
			return nil, err
		}
		c, err := s.authenticate(r)
		if err != nil {
			return nil, err
		}
		journal.Note(r.Context(), "caller", c.describe())
		if err := pseudonymVersions(r); err != nil {
			return nil, err
		}
		return h(r, c)
	}
}

// echoRequestID returns X-Request-Id, or makes one.
func echoRequestID(r *http.Request, h http.Header) {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > 200 {
		id = tenant.From(r.Context()).Chance.UUID()
	}
	h.Set("X-Request-Id", id)
}

// base is the absolute URL of the API as the caller sees it.
func base(r *http.Request) string { return origin.Of(r) + Base }

// written answers with a stored resource, pseudonyms minted.
func (s *Service) written(r *http.Request, x records.Resource, status int) (any, error) {
	h := http.Header{}
	h.Set("ETag", `W/"`+strconv.Itoa(x.Version)+`"`)
	h.Set("Last-Modified", x.Updated.UTC().Format(http.TimeFormat))
	if status == http.StatusCreated {
		h.Set("Location", base(r)+"/"+x.Type+"/"+x.ID+"/_history/"+strconv.Itoa(x.Version))
	}
	switch preference(r) {
	case "minimal":
		return &respond.Response{Status: status, Header: h}, nil
	case "OperationOutcome":
		out := outcome{ResourceType: "OperationOutcome", Issue: []outcomeIssue{{Severity: "information", Code: "informational", Diagnostics: x.Type + "/" + x.ID + " version " + strconv.Itoa(x.Version)}}}
		return &respond.Response{Status: status, Header: h, Body: out, ContentType: fhirJSON}, nil
	}
	body, err := s.Mint(tenant.From(r.Context()), x.JSON)
	if err != nil {
		return nil, err
	}
	if x.Type == "ServiceRequest" {
		pseudonymised(h)
	}
	return &respond.Response{Status: status, Header: h, Body: body, ContentType: fhirJSON}, nil
}

// pseudonymised announces pseudonyms in the body.
func pseudonymised(h http.Header) {
	h.Set("Content-Be-Pseudo", pseudoVersion2+", "+encryptedVersion1)
}

// preference is the return preference, for interactions that write.
func preference(r *http.Request) string {
	if r.Method == http.MethodGet {
		return ""
	}
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Prefer"), ","), ",") {
		for item := range strings.SplitSeq(part, ";") {
			if v, ok := strings.CutPrefix(strings.TrimSpace(item), "return="); ok {
				return v
			}
		}
	}
	return ""
}

// ifMatch reads If-Match: W/"n".
func ifMatch(r *http.Request) (Match, error) {
	text := strings.TrimSpace(r.Header.Get("If-Match"))
	if text == "" || text == "*" {
		return nil, nil
	}
	var out Match
	for part := range strings.SplitSeq(text, ",") {
		v := strings.Trim(strings.TrimPrefix(strings.TrimSpace(part), "W/"), `"`)
		n, err := strconv.Atoi(v)
		if err != nil {
			return nil, refuse(codeVersion, "header-if-match", "the resource has another version", "If-Match: "+text, `W/"n"`, "")
		}
		out = append(out, n)
	}
	return out, nil
}

func (s *Service) read(typ string) func(r *http.Request, c *Caller) (any, error) {
	return func(r *http.Request, c *Caller) (any, error) {
		vars, version := mux.Vars(r), 0
		if v, ok := vars["vid"]; ok {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 {
				return nil, notFound(typ+"/"+vars["id"]+"/_history/"+v, "versions are numbers from 1")
			}
			version = n
		}
		x, err := s.Read(r.Context(), c, typ, vars["id"], version)
		if err != nil {
			return nil, err
		}
		return s.written(r, x, http.StatusOK)
	}
}

func (s *Service) history(typ string) func(r *http.Request, c *Caller) (any, error) {
	return func(r *http.Request, c *Caller) (any, error) {
		all, err := s.History(r.Context(), c, typ, mux.Vars(r)["id"])
		if err != nil {
			return nil, err
		}
		b := s.newBundle(r, "history")
		b.Total = ptr(len(all))
		for _, x := range all {
			if err := b.version(x); err != nil {
				return nil, err
			}
		}
		return b.response()
	}
}

func (s *Service) readActor(typ string) func(r *http.Request, c *Caller) (any, error) {
	return func(r *http.Request, c *Caller) (any, error) {
		o, err := s.Actor(r.Context(), c, typ, mux.Vars(r)["id"])
		if err != nil {
			return nil, err
		}
		return &respond.Response{Status: http.StatusOK, Body: tree.Encode(o), ContentType: fhirJSON}, nil
	}
}

func ptr[T any](v T) *T { return &v }
