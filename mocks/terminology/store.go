package terminology

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// Layout in the tenant's store:
//
//	terminology/res/<type>/<id>   a resource somebody created, as it is served
//	terminology/gone/<type>/<id>  a built-in resource that was deleted
const (
	resPrefix  = "terminology/res/"
	gonePrefix = "terminology/gone/"
)

func resKey(typ, id string) string  { return resPrefix + typ + "/" + id }
func goneKey(typ, id string) string { return gonePrefix + typ + "/" + id }

func resourceTypes() []string {
	return []string{"CodeSystem", "ValueSet", "ConceptMap", "NamingSystem"}
}

// tenantShelf keeps the resources of one tenant ready for the engine. It is made from the store and made anew after a write.
type tenantShelf struct {
	mu    sync.RWMutex
	shelf *tx.Shelf
	rev   int
}

func (t *tenantShelf) current() *tx.Shelf {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.shelf
}

func (t *tenantShelf) revision() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.rev
}

func (s *Service) makeShelf(t *tenant.Tenant) *tenantShelf {
	x := &tenantShelf{}
	x.load(t)
	return x
}

// load reads the store. A resource that cannot be used is logged and left out.
func (t *tenantShelf) load(ten *tenant.Tenant) {
	shelf := tx.NewShelf()
	err := ten.Store.View(func(r store.Reader) error {
		for key, raw := range r.Scan(resPrefix, "") {
			o, err := tx.DecodeObject(raw)
			if err == nil {
				if p := shelf.Add(o); p != nil {
					err = p
				}
			}
			if err != nil {
				ten.Log.Error("read terminology resource", "key", key, "err", err)
			}
		}
		return nil
	})
	if err != nil {
		ten.Log.Error("read terminology resources", "err", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shelf = shelf
	t.rev++
}

var idPattern = regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`)

// create stores a resource under a new id.
func (s *Service) create(c *call) (any, error) {
	id := tenant.From(c.r.Context()).Chance.UUID()
	o, err := s.write(c, c.typ, id)
	if err != nil {
		return nil, err
	}
	return &respond.Response{Status: http.StatusCreated, Body: o, Header: http.Header{"Location": {locationOf(c, id)}}}, nil
}

// update stores a resource under the client's id.
func (s *Service) update(c *call) (any, error) {
	if !idPattern.MatchString(c.id) {
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "invalid", Message: "the id must be 1 to 64 letters, digits, - or .", Rule: "tx-write", Got: c.id}
	}
	if given, _ := c.body["id"].(string); given != "" && given != c.id {
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "invalid", Message: "the id in the body differs from the one in the path", Rule: "tx-write", Got: given, Want: c.id}
	}
	_, there := s.find(c.r, c.typ, c.id)
	o, err := s.write(c, c.typ, c.id)
	if err != nil {
		return nil, err
	}
	if there {
		return o, nil
	}
	return &respond.Response{Status: http.StatusCreated, Body: o, Header: http.Header{"Location": {locationOf(c, c.id)}}}, nil
}

// write checks and stores the body.
func (s *Service) write(c *call, typ, id string) (tx.Object, error) {
	t := tenant.From(c.r.Context())
	if err := s.writable(t); err != nil {
		return nil, err
	}
	if c.body == nil {
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "required", Message: "the body must be a " + typ, Rule: "tx-write"}
	}
	if got, _ := c.body["resourceType"].(string); got != typ {
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "invalid", Message: fmt.Sprintf("the body is a %q, not a %s", got, typ), Rule: "tx-write", Got: got, Want: typ}
	}
	if p := tx.NewShelf().Add(c.body); p != nil {
		return nil, p
	}
	o := tx.Object{}
	for k, v := range c.body {
		o[k] = v
	}
	o["id"] = id
	version := "1"
	old, there := s.find(c.r, typ, id)
	if meta, ok := old["meta"].(tx.Object); there && ok {
		if v, ok := meta["versionId"].(string); ok {
			var n int
			if _, err := fmt.Sscan(v, &n); err == nil {
				version = fmt.Sprint(n + 1)
			}
		}
	}
	o["meta"] = tx.Object{"versionId": version, "lastUpdated": t.Clock.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00")}
	raw, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", typ, err)
	}
	err = t.Store.Update(func(w store.Writer) error {
		w.Put(resKey(typ, id), raw)
		w.Delete(goneKey(typ, id))
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.slot.Get(t).load(t)
	if text := shadowing(typ, o, s.stored(t, typ), s.builtins(typ)); text != "" {
		journal.Warn(c.r.Context(), "tx-shadow", text)
	}
	return o, nil
}

// remove deletes a resource of the tenant; built-in ones stay.
func (s *Service) remove(c *call) (any, error) {
	t := tenant.From(c.r.Context())
	if err := s.writable(t); err != nil {
		return nil, err
	}
	found := false
	err := t.Store.Update(func(w store.Writer) error {
		if _, found = w.Get(resKey(c.typ, c.id)); found {
			w.Delete(resKey(c.typ, c.id))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !found {
		if _, ok := s.find(c.r, c.typ, c.id); ok {
			return nil, &respond.Refusal{Status: http.StatusForbidden, Code: "forbidden", Message: "a built-in resource cannot be deleted", Rule: "tx-delete", Got: c.id,
				Hint: "create one with the same url to hide it"}
		}
		return nil, unknownID(c.typ, c.id)
	}
	s.slot.Get(t).load(t)
	return &respond.Response{Status: http.StatusNoContent}, nil
}

func (s *Service) writable(t *tenant.Tenant) error {
	if !t.Settings.Bool("tx-readonly") {
		return nil
	}
	return &respond.Refusal{Status: http.StatusForbidden, Code: "forbidden", Message: "the terminology server is read-only", Rule: "tx-readonly", Hint: "tx-readonly is set"}
}

// stored lists the resources of a type that the tenant created, in the order of their ids.
func (s *Service) stored(t *tenant.Tenant, typ string) []tx.Object {
	var out []tx.Object
	_ = t.Store.View(func(r store.Reader) error {
		for _, raw := range r.Scan(resPrefix+typ+"/", "") {
			if o, err := tx.DecodeObject(raw); err == nil {
				out = append(out, o)
			}
		}
		return nil
	})
	return out
}

// find reads one resource by type and id.
func (s *Service) find(r *http.Request, typ, id string) (tx.Object, bool) {
	t := tenant.From(r.Context())
	var o tx.Object
	_ = t.Store.View(func(rd store.Reader) error {
		if raw, ok := rd.Get(resKey(typ, id)); ok {
			o, _ = tx.DecodeObject(raw)
		}
		return nil
	})
	if o != nil {
		return o, true
	}
	for _, b := range s.builtins(typ) {
		if b["id"] == id {
			return b, true
		}
	}
	return nil, false
}

// builtins lists the resources that belong to the process: releases of SNOMED CT, the registry, the user's files.
func (s *Service) builtins(typ string) []tx.Object {
	var out []tx.Object
	s.mu.RLock()
	sct := s.sct
	s.mu.RUnlock()
	for _, shelf := range []*tx.Shelf{sct, s.files, s.registry} {
		if shelf == nil {
			continue
		}
		switch typ {
		case "CodeSystem":
			shelf.Each(func(sys tx.System) { out = append(out, sys.Info().Raw) })
		case "ValueSet":
			for _, v := range shelf.ValueSets() {
				out = append(out, v.Raw)
			}
		case "ConceptMap":
			for _, m := range shelf.Maps() {
				out = append(out, m.Raw)
			}
		}
	}
	switch typ {
	case "NamingSystem":
		out = append(out, s.namingSystems()...)
	case "ConceptMap":
		out = append(out, s.implicitMaps()...)
	}
	return out
}

// namingSystems are the identifier namespaces of the registry.
func (s *Service) namingSystems() []tx.Object {
	var out []tx.Object
	for _, n := range s.cfg.Registry.NamingSystems() {
		name := n.System[strings.LastIndexByte(n.System, '/')+1:]
		out = append(out, tx.Object{"resourceType": "NamingSystem", "id": idOf(n.System), "name": name, "status": "active", "kind": "identifier", "date": "2026-09-15",
			"description": n.What, "uniqueId": []any{tx.Object{"type": "uri", "value": n.System, "preferred": true}}})
	}
	return out
}

// implicitMaps are the reference sets of the loaded releases that serve as concept maps.
func (s *Service) implicitMaps() []tx.Object {
	var out []tx.Object
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.editions {
		for _, m := range tx.SCTMaps(s.cfg.Settings.String("tx-icd10be")) {
			if _, ok := e.Refset(m.Refset); !ok {
				continue
			}
			out = append(out, tx.Object{"resourceType": "ConceptMap", "id": fmt.Sprintf("sct-cm-%d-%s", m.Refset, e.Date),
				"url": fmt.Sprintf("http://snomed.info/sct?fhir_cm=%d", m.Refset), "version": e.System, "name": idOf(m.Name), "title": m.Name, "status": "active",
				"sourceUri": "http://snomed.info/sct?fhir_vs", "targetUri": m.Target, "group": []any{tx.Object{"source": "http://snomed.info/sct", "target": m.Target}}})
		}
	}
	return out
}
