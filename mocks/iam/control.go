package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// MountControl registers the calls below /_sandbox/iam. Nothing of them exists
// at the real service.
func (s *Service) MountControl(m *respond.Mux) {
	m.Handle("iam-personas", http.MethodGet, "/iam/personas", s.controlled(s.listPersonas))
	m.Handle("iam-persona-get", http.MethodGet, "/iam/personas/{name}", s.controlled(s.getPersona))
	m.Handle("iam-persona-put", http.MethodPut, "/iam/personas/{name}", s.controlled(s.putPersona))
	m.Handle("iam-persona-delete", http.MethodDelete, "/iam/personas/{name}", s.controlled(s.deletePersona))
	m.Handle("iam-persona-disable", http.MethodPost, "/iam/personas/{name}/disable", s.controlled(s.disablePersona))
	m.Handle("iam-persona-enable", http.MethodPost, "/iam/personas/{name}/enable", s.controlled(s.enablePersona))
	m.Handle("iam-clients", http.MethodGet, "/iam/clients", s.controlled(s.listClients))
	m.Handle("iam-clients-realm", http.MethodGet, "/iam/clients/{realm}", s.controlled(s.listClients))
	m.Handle("iam-client-get", http.MethodGet, "/iam/clients/{realm}/{client_id}", s.controlled(s.getClient))
	m.Handle("iam-client-put", http.MethodPut, "/iam/clients/{realm}/{client_id}", s.controlled(s.putClient))
	m.Handle("iam-client-delete", http.MethodDelete, "/iam/clients/{realm}/{client_id}", s.controlled(s.deleteClient))
	m.Handle("iam-client-key", http.MethodGet, "/iam/clients/{realm}/{client_id}/private-key", s.controlled(s.clientPrivateKey))
	m.Handle("iam-tokens", http.MethodPost, "/iam/tokens", s.controlled(s.mintCall))
	m.Handle("iam-certificates", http.MethodPost, "/iam/certificates", s.controlled(s.newCertificate))
	m.Handle("iam-jwks", http.MethodPut, "/iam/jwks/{type}/{identifier}", s.controlled(s.putJWKS))
	m.Handle("iam-assertion-check", http.MethodPost, "/iam/assertion-check", s.controlled(s.assertionCheck))
	m.Handle("iam-keys", http.MethodGet, "/iam/realms/{realm}/keys", s.controlled(s.listKeys))
	m.Handle("iam-rotate", http.MethodPost, "/iam/realms/{realm}/keys/rotate", s.controlled(s.rotateKeys))
	m.Handle("iam-not-before", http.MethodPut, "/iam/realms/{realm}/not-before", s.controlled(s.putNotBefore))
	m.Handle("iam-sessions", http.MethodGet, "/iam/sessions", s.controlled(s.listSessions))
	m.Handle("iam-session-end", http.MethodPost, "/iam/sessions/{sid}/end", s.controlled(s.endSession))
	m.Handle("iam-auto-login-get", http.MethodGet, "/iam/auto-login", s.controlled(s.getAutoLogin))
	m.Handle("iam-auto-login-put", http.MethodPut, "/iam/auto-login", s.controlled(s.putAutoLogin))
	m.Handle("iam-auto-login-delete", http.MethodDelete, "/iam/auto-login", s.controlled(s.deleteAutoLogin))
}

// controlled makes the call of a control handler; a {realm} in the path must
// exist.
func (s *Service) controlled(h func(*call) (any, error)) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		realm, named := mux.Vars(r)["realm"]
		if named && realm != Healthcare && realm != M2M {
			return nil, notFound("realm", realm, Healthcare+" or "+M2M)
		}
		return h(s.newCall(r, realm))
	}
}

func (c *call) pathVar(name string) string { return mux.Vars(c.r)[name] }

func notFound(what, got, want string) *respond.Refusal {
	return &respond.Refusal{Status: http.StatusNotFound, Code: "not-found", Message: "no such " + what, Rule: "iam-11-" + what, Got: got, Want: want}
}

func badBody(message, got, want string) *respond.Refusal {
	return &respond.Refusal{Status: http.StatusBadRequest, Code: "bad-request", Message: message, Rule: "iam-11-body", Got: got, Want: want}
}

// readJSON decodes the body strictly: a misspelt member is an error, not a
// default.
func (c *call) readJSON(v any) error {
	dec := json.NewDecoder(bytes.NewReader(respond.Body(c.r)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		if errors.Is(err, io.EOF) {
			return badBody("the body is empty", "nothing", "a JSON object")
		}
		return badBody("the body cannot be read: "+err.Error(), "", "a JSON object; see /_sandbox/openapi.json")
	}
	return nil
}

// readOptionalJSON is readJSON for calls whose body may be left out.
func (c *call) readOptionalJSON(v any) error {
	if len(bytes.TrimSpace(respond.Body(c.r))) == 0 {
		return nil
	}
	return c.readJSON(v)
}

func (s *Service) getAutoLogin(c *call) (any, error) {
	name, err := s.autoLogin(c)
	return map[string]string{"persona": name}, err
}

func (s *Service) putAutoLogin(c *call) (any, error) {
	var body struct {
		Persona string `json:"persona"`
	}
	if err := c.readJSON(&body); err != nil {
		return nil, err
	}
	p, ok := s.world(c.t).Find(body.Persona)
	if !ok && body.Persona != "" {
		return nil, notFound("persona", body.Persona, "a persona; see GET /_sandbox/iam/personas")
	}
	return map[string]string{"persona": p.Name}, c.t.Store.Update(func(w store.Writer) error {
		w.Put(autoLoginKey, []byte(p.Name))
		return nil
	})
}

func (s *Service) deleteAutoLogin(c *call) (any, error) {
	return &respond.Response{Status: http.StatusNoContent}, c.t.Store.Update(func(w store.Writer) error {
		w.Delete(autoLoginKey)
		return nil
	})
}
