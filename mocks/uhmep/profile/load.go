package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// Codes answers membership questions; known is false when the value set is not carried.
type Codes interface {
	Member(valueSet, system, code string) (member, known bool)
}

// Profile is a profile with the rules of its parents merged in.
type Profile struct {
	ID, URL, Resource, Title, Source string
	Aliases                          []string
	elements                         []Element
	slicing                          map[string]Slicing
	invariants                       []Invariant
}

// Set holds all profiles and extension definitions. It does not change after Load.
type Set struct {
	codes      Codes
	profiles   map[string]*Profile
	extensions map[string]*Extension
	invariants map[string]Invariant
}

// Dir is where the profiles live inside the fixtures.
const Dir = "uhmep/profiles"

// extensionsFile holds the extension definitions, beside the profiles.
const extensionsFile = "extensions.yaml"

// Load reads every profile and the extension definitions. Errors give the file and, from the YAML reader, the line.
func Load(fsys fs.FS, codes Codes) (*Set, error) {
	entries, err := fs.ReadDir(fsys, Dir)
	if err != nil {
		return nil, fmt.Errorf("load profiles: %w", err)
	}
	s := &Set{codes: codes, profiles: map[string]*Profile{}, extensions: map[string]*Extension{}, invariants: map[string]Invariant{}}
	for _, inv := range Registered() {
		s.invariants[inv.ID] = inv
	}
	files := map[string]*File{}
	for _, entry := range entries {
		name := path.Join(Dir, entry.Name())
		if entry.Name() == extensionsFile || path.Ext(name) != ".yaml" {
			continue
		}
		f := &File{}
		if err := readYAML(fsys, name, f); err != nil {
			return nil, err
		}
		if f.ID+".yaml" != entry.Name() {
			return nil, fmt.Errorf("%s: id %q must be the file name", name, f.ID)
		}
		files[f.ID] = f
	}
	for _, id := range sortedKeys(files) {
		p := &Profile{ID: id, slicing: map[string]Slicing{}}
		if err := s.build(p, files, id, 0); err != nil {
			return nil, fmt.Errorf("%s/%s.yaml: %w", Dir, id, err)
		}
		p.URL, p.Resource, p.Title, p.Source, p.Aliases = files[id].URL, files[id].Resource, files[id].Title, files[id].Source, files[id].Aliases
		s.profiles[id] = p
	}
	for id, p := range s.profiles {
		for _, e := range p.elements {
			if e.Profile != "" && s.profiles[e.Profile] == nil {
				return nil, fmt.Errorf("%s/%s.yaml: element %s names the unknown profile %q", Dir, id, e.Path, e.Profile)
			}
		}
	}
	return s, s.loadExtensions(fsys)
}

// build adds the rules of a file and, before them, those of its parents.
func (s *Set) build(p *Profile, files map[string]*File, id string, depth int) error {
	f := files[id]
	if f == nil {
		return fmt.Errorf("unknown profile %q", id)
	}
	if depth > 8 {
		return errors.New("the parents go in a circle")
	}
	for _, parent := range f.Parents {
		if err := s.build(p, files, parent, depth+1); err != nil {
			return err
		}
	}
	for _, slicing := range f.Slicing {
		merged := p.slicing[slicing.Path]
		if merged.Slices == nil {
			merged = Slicing{Path: slicing.Path, By: slicing.By, URL: slicing.URL, Slices: map[string]string{}}
		}
		merged.Closed = merged.Closed || slicing.Closed
		for name, value := range slicing.Slices {
			merged.Slices[name] = value
		}
		p.slicing[slicing.Path] = merged
	}
	elements := slices.Clone(f.Elements)
	for _, path := range f.Forbidden {
		elements = append(elements, Element{Path: path, Card: "0..0"})
	}
	for _, e := range elements {
		if err := e.prepare(id); err != nil {
			return err
		}
		p.addElement(e)
	}
	for _, id := range f.Invariants {
		inv, ok := s.invariants[id]
		if !ok {
			return fmt.Errorf("unknown invariant %q", id)
		}
		if !slices.ContainsFunc(p.invariants, func(i Invariant) bool { return i.ID == id }) {
			p.invariants = append(p.invariants, inv)
		}
	}
	return nil
}

// addElement adds a row; what it says replaces what an earlier row said about the same aspect of the same path.
func (p *Profile) addElement(e Element) {
	for i := range p.elements {
		old := &p.elements[i]
		if old.Path != e.Path {
			continue
		}
		if e.Card != "" {
			old.Card, old.min, old.max = "", 0, -1
		}
		if e.Types != nil {
			old.Types = nil
		}
		if e.Targets != nil {
			old.Targets = nil
		}
		if e.Fixed != "" {
			old.Fixed = ""
		}
		if e.Bind != nil {
			old.Bind = nil
		}
	}
	p.elements = append(p.elements, e)
}

func readYAML(fsys fs.FS, name string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("load profiles: %w", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return world.Readable(name, err)
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Profile returns a profile by its id, nil when there is none.
func (s *Set) Profile(id string) *Profile { return s.profiles[id] }

// ByURL returns the profile of a canonical or one of its aliases; a |version is ignored.
func (s *Set) ByURL(canonical string) *Profile {
	canonical, _, _ = strings.Cut(canonical, "|")
	for _, p := range s.profiles {
		if canonical != "" && (p.URL == canonical || slices.Contains(p.Aliases, canonical)) {
			return p
		}
	}
	return nil
}

// Profiles lists the profiles by id.
func (s *Set) Profiles() []*Profile {
	var out []*Profile
	for _, id := range sortedKeys(s.profiles) {
		out = append(out, s.profiles[id])
	}
	return out
}
