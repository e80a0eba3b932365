package control

import (
	"errors"
	"net/http"
	"regexp"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

func (h *Handler) snapshots(r *http.Request) (any, error) {
	list, err := h.Tenants.Snapshots(tenant.From(r.Context()))
	return map[string]any{"snapshots": list}, err
}

var snapshotName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

func (h *Handler) snapshot(r *http.Request) (any, error) {
	in := struct {
		Name string `json:"name"`
	}{}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if !snapshotName.MatchString(in.Name) {
		return nil, bad("snapshot", "name: 1 to 100 letters, digits, dots, hyphens, underscores")
	}
	if err := h.Tenants.Snapshot(tenant.From(r.Context()), in.Name); err != nil {
		return nil, err
	}
	return &respond.Response{Status: http.StatusCreated, Body: map[string]string{"name": in.Name}}, nil
}

func (h *Handler) restore(r *http.Request) (any, error) {
	name := mux.Vars(r)["name"]
	err := h.Tenants.Restore(tenant.From(r.Context()), name)
	if errors.Is(err, store.ErrNoSnapshot) {
		return nil, notFound("no snapshot is called " + name)
	}
	return map[string]string{"restored": name}, err
}

func (h *Handler) dropSnapshot(r *http.Request) (any, error) {
	name := mux.Vars(r)["name"]
	err := h.Tenants.DropSnapshot(tenant.From(r.Context()), name)
	if errors.Is(err, store.ErrNoSnapshot) {
		return nil, notFound("no snapshot is called " + name)
	}
	return &respond.Response{Status: http.StatusNoContent}, err
}

func (h *Handler) faults(r *http.Request) (any, error) {
	list := tenant.From(r.Context()).Faults.List()
	if list == nil {
		list = []fault.Fault{}
	}
	return map[string]any{"faults": list}, nil
}

// faultBody is a fault as it is sent: what it matches may stand in match, or
// beside the rest; endpoint is another word for operation.
type faultBody struct {
	fault.Fault
	Endpoint string `json:"endpoint"`
	Match    struct {
		Service   string `json:"service"`
		Operation string `json:"operation"`
		Client    string `json:"client"`
		ClientID  string `json:"client_id"`
	} `json:"match"`
}

func (h *Handler) addFault(r *http.Request) (any, error) {
	var in faultBody
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	f := in.Fault
	for _, v := range []struct {
		to   *string
		from string
	}{{&f.Service, in.Match.Service}, {&f.Operation, in.Match.Operation}, {&f.Operation, in.Endpoint}, {&f.Client, in.Match.Client}, {&f.Client, in.Match.ClientID}} {
		if v.from != "" {
			*v.to = v.from
		}
	}
	if err := f.Validate(); err != nil {
		return nil, bad("fault", err.Error())
	}
	return &respond.Response{Status: http.StatusCreated, Body: tenant.From(r.Context()).Faults.Add(f)}, nil
}

func (h *Handler) clearFaults(r *http.Request) (any, error) {
	tenant.From(r.Context()).Faults.Clear()
	return &respond.Response{Status: http.StatusNoContent}, nil
}

func (h *Handler) removeFault(r *http.Request) (any, error) {
	id := mux.Vars(r)["id"]
	if !tenant.From(r.Context()).Faults.Remove(id) {
		return nil, notFound("no fault has the id " + id)
	}
	return &respond.Response{Status: http.StatusNoContent}, nil
}
