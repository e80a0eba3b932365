package world

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// Registry holds the seeded people and organisations; what tenants change
// lies in their stores. It is immutable after New.
type Registry struct {
	personas      []Persona
	organisations []Organisation
}

type personaFile struct {
	Personas []Persona `yaml:"personas"`
}

type organisationFile struct {
	Organisations []Organisation `yaml:"organisations"`
}

// Kinds of personas.
var kinds = [...]string{"physician", "nurse", "midwife", "dentist", "pharmacist", "physiotherapist", "administrative", "head", "patient"}

// Validate implements Validator.
func (f *personaFile) Validate() error {
	var all error
	seen := map[string]bool{}
	for i, p := range f.Personas {
		at := "personas." + strconv.Itoa(i)
		if err := p.Check(); err != nil {
			all = errors.Join(all, &PathError{at, err.Error()})
		}
		if seen[p.Name] {
			all = errors.Join(all, &PathError{at + ".name", "the name " + p.Name + " is taken"})
		}
		seen[p.Name] = true
	}
	return all
}

// Check tells what is wrong with a persona. Numbers with wrong check digits
// are no error: such dummies are in circulation.
func (p Persona) Check() error {
	switch {
	case p.Name == "" || strings.ContainsAny(p.Name, "/ \t\n"):
		return errors.New("name must be one word without slashes")
	case !slices.Contains(kinds[:], p.Kind):
		return fmt.Errorf("kind is %q: use one of %s", p.Kind, strings.Join(kinds[:], ", "))
	case len(p.SSIN) != 11 || strings.Trim(p.SSIN, "0123456789") != "":
		return fmt.Errorf("ssin is %q: give eleven digits", p.SSIN)
	case p.FirstName == "" || p.LastName == "":
		return errors.New("first_name and last_name are needed")
	}
	for _, d := range p.Disciplines {
		if !slices.Contains(kinds[:], d.Key) || d.Key == "patient" {
			return fmt.Errorf("discipline %q is unknown: use one of %s", d.Key, strings.Join(kinds[:8], ", "))
		}
		if d.NIHII != "" && (len(d.NIHII) != 11 || strings.Trim(d.NIHII, "0123456789") != "") {
			return fmt.Errorf("nihii is %q: give eleven digits", d.NIHII)
		}
	}
	return nil
}

// Warnings lists numbers of the persona with wrong check digits.
func (p Persona) Warnings() []string {
	var out []string
	if !ssin.Valid(p.SSIN) {
		out = append(out, "ssin has wrong check digits")
	}
	if ssin.MayBeReal(p.SSIN) {
		out = append(out, "ssin may belong to a living person: use a serial of 990 or more")
	}
	for _, d := range p.Disciplines {
		if d.NIHII != "" && !ssin.ValidNIHII(d.NIHII) {
			out = append(out, "nihii of "+d.Key+" has wrong check digits")
		}
	}
	return out
}

// Validate implements Validator.
func (f *organisationFile) Validate() error {
	var all error
	for i, o := range f.Organisations {
		at := "organisations." + strconv.Itoa(i)
		if o.Key == "" || o.Name == "" || o.TokenKey == "" {
			all = errors.Join(all, &PathError{at, "key, name and token_key are needed"})
		}
		if len(o.NIHII) != 11 || strings.Trim(o.NIHII, "0123456789") != "" {
			all = errors.Join(all, &PathError{at + ".nihii", "give eleven digits"})
		}
	}
	return all
}

// New loads personas.yaml and organisations.yaml.
func New(fsys fs.FS) (*Registry, error) {
	var p personaFile
	var o organisationFile
	if err := errors.Join(Load(fsys, "personas.yaml", &p), Load(fsys, "organisations.yaml", &o)); err != nil {
		return nil, err
	}
	return &Registry{personas: p.Personas, organisations: o.Organisations}, nil
}

// Of returns the registry as one tenant sees it.
func (r *Registry) Of(t *tenant.Tenant) World { return World{r: r, t: t} }

// World is one tenant's view of the registry.
type World struct {
	r *Registry
	t *tenant.Tenant
}

// world/persona/<name>   JSON of a Persona added or changed by the tenant, or "null" for one removed
const personaPrefix = "world/persona/"

// Personas returns all personas, seeded order first, then added ones by name.
func (w World) Personas() []Persona {
	changed := map[string]*Persona{}
	var added []string
	// A decoding error cannot occur: only PutPersona writes here.
	_ = w.t.Store.View(func(rd store.Reader) error {
		for k := range rd.Scan(personaPrefix, "") {
			p, _, err := store.GetJSON[*Persona](rd, k)
			if err != nil {
				return err
			}
			name := strings.TrimPrefix(k, personaPrefix)
			changed[name] = p
			added = append(added, name)
		}
		return nil
	})
	var out []Persona
	for _, p := range w.r.personas {
		c, ok := changed[p.Name]
		switch {
		case !ok:
			out = append(out, p)
		case c != nil:
			out = append(out, *c)
		}
		delete(changed, p.Name)
	}
	for _, name := range added {
		if p := changed[name]; p != nil {
			out = append(out, *p)
		}
	}
	return out
}

// Persona returns the persona of that name.
func (w World) Persona(name string) (Persona, bool) {
	var found *Persona
	changed := false
	_ = w.t.Store.View(func(rd store.Reader) error {
		var err error
		found, changed, err = store.GetJSON[*Persona](rd, personaPrefix+name)
		return err
	})
	if changed {
		if found == nil {
			return Persona{}, false
		}
		return *found, true
	}
	i := slices.IndexFunc(w.r.personas, func(p Persona) bool { return p.Name == name })
	if i < 0 {
		return Persona{}, false
	}
	return w.r.personas[i], true
}

// Find returns the persona by name, SSIN or NIHII number.
func (w World) Find(id string) (Persona, bool) {
	for _, p := range w.Personas() {
		if p.Name == id || p.SSIN == id || slices.ContainsFunc(p.Disciplines, func(d Discipline) bool { return d.NIHII != "" && d.NIHII == id }) {
			return p, true
		}
	}
	return Persona{}, false
}

// PersonaBySSIN returns the persona with that national number.
func (w World) PersonaBySSIN(number string) (Persona, bool) {
	for _, p := range w.Personas() {
		if p.SSIN == number {
			return p, true
		}
	}
	return Persona{}, false
}

// PutPersona adds or replaces a persona for this tenant; see Check.
func (w World) PutPersona(p Persona) error {
	if err := p.Check(); err != nil {
		return err
	}
	return w.t.Store.Update(func(wr store.Writer) error { return store.PutJSON(wr, personaPrefix+p.Name, p) })
}

// DeletePersona removes a persona for this tenant.
func (w World) DeletePersona(name string) error {
	return w.t.Store.Update(func(wr store.Writer) error { return store.PutJSON(wr, personaPrefix+name, nil) })
}

// Organisations returns all organisations in seeded order.
func (w World) Organisations() []Organisation { return slices.Clone(w.r.organisations) }

// Organisation returns the organisation of that key.
func (w World) Organisation(key string) (Organisation, bool) {
	return w.r.organisation(func(o Organisation) bool { return o.Key == key })
}

// OrganisationByNIHII returns the organisation with that NIHII number, of
// eleven digits or its first eight.
func (w World) OrganisationByNIHII(n string) (Organisation, bool) {
	return w.r.organisation(func(o Organisation) bool { return o.NIHII == n || o.CertificateID() == n })
}

func (r *Registry) organisation(match func(Organisation) bool) (Organisation, bool) {
	if i := slices.IndexFunc(r.organisations, match); i >= 0 {
		return r.organisations[i], true
	}
	return Organisation{}, false
}

// SeededOrganisations returns the organisations of the fixtures, for services
// that make one client or directory entry each.
func (r *Registry) SeededOrganisations() []Organisation { return slices.Clone(r.organisations) }

// SeededPersonas returns the personas of the fixtures.
func (r *Registry) SeededPersonas() []Persona { return slices.Clone(r.personas) }
