package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Extension is the definition of an extension. Without Value it is a complex one made of Parts.
type Extension struct {
	URL        string   `yaml:"url"`
	Value      []string `yaml:"value"` // types of value[x], capitalised as in the member name
	Context    []string `yaml:"context"`
	ID         string   `yaml:"id"` // required: the extension must have an id
	Parts      []Part   `yaml:"parts"`
	Bind       *Bind    `yaml:"bind"`
	Invariants []string `yaml:"invariants"`

	invariants []Invariant
}

// Part is a sub-extension.
type Part struct {
	Name    string   `yaml:"name"`
	Card    string   `yaml:"card"`
	Value   string   `yaml:"value"`
	Fixed   string   `yaml:"fixed"`
	Codes   []string `yaml:"codes"`
	Carries string   `yaml:"carries"` // extension that must stand beside the value

	min, max int
}

func (s *Set) loadExtensions(fsys fs.FS) error {
	name := path.Join(Dir, extensionsFile)
	var file struct {
		Extensions []*Extension `yaml:"extensions"`
	}
	if err := readYAML(fsys, name, &file); err != nil {
		return err
	}
	for _, ext := range file.Extensions {
		if err := s.prepareExtension(ext); err != nil {
			return fmt.Errorf("%s: extension %s: %w", name, ext.URL, err)
		}
		s.extensions[ext.URL] = ext
	}
	return nil
}

func (s *Set) prepareExtension(ext *Extension) error {
	if ext.URL == "" || len(ext.Context) == 0 {
		return errors.New("url and context are needed")
	}
	if (len(ext.Value) == 0) == (len(ext.Parts) == 0) {
		return errors.New("either value or parts is needed")
	}
	for i := range ext.Parts {
		var err error
		if ext.Parts[i].min, ext.Parts[i].max, err = parseCard(ext.Parts[i].Card); err != nil {
			return err
		}
	}
	for _, id := range ext.Invariants {
		inv, ok := s.invariants[id]
		if !ok {
			return fmt.Errorf("unknown invariant %q", id)
		}
		ext.invariants = append(ext.invariants, inv)
	}
	return nil
}

// Extensions lists the definitions by URL.
func (s *Set) Extensions() []*Extension {
	var out []*Extension
	for _, url := range sortedKeys(s.extensions) {
		out = append(out, s.extensions[url])
	}
	return out
}

// extension judges one extension by its definition; unknown ones are kept as they are.
func (c *check) extension(node *Node) {
	url := tree.Text(node.Object(), "url")
	def := c.set.extensions[url]
	if def == nil {
		return
	}
	name := url[strings.LastIndexByte(url, '/')+1:]
	if !def.fits(node.up) {
		c.add(find(Types, name+":context", node, "the extension does not belong here", contextOf(node.up), strings.Join(def.Context, " or ")))
	}
	if def.ID == "required" && tree.Text(node.Object(), "id") == "" {
		f := find(Cardinality, name+"/id:cardinality", node.absent("id", ""), "the extension needs an id", "", "1..1")
		f.Missing = true
		c.add(f)
	}
	if len(def.Parts) > 0 {
		c.parts(def, name, node)
	} else {
		c.simpleValue(def, name, node)
	}
	for _, inv := range def.invariants {
		c.invariant(inv, node)
	}
}

func (c *check) simpleValue(def *Extension, name string, node *Node) {
	values := node.Choices("value")
	if len(values) == 0 {
		f := find(Cardinality, name+"/value[x]:cardinality", node.absent("value"+def.Value[0], ""), "the extension needs its value", "", "1..1")
		f.Missing = true
		c.add(f)
	}
	for _, value := range values {
		kind := strings.TrimPrefix(value.name, "value")
		if !slices.Contains(def.Value, kind) {
			c.add(find(Types, name+"/value[x]:type", value, "this type is not allowed for the extension", kind, strings.Join(def.Value, " or ")))
			continue
		}
		if def.Bind != nil {
			e := Element{Path: "value[x]", Bind: def.Bind, from: name}
			c.binding(&e, value)
		}
	}
	if nested := node.Items("extension"); len(nested) > 0 {
		c.add(find(Cardinality, name+"/extension:cardinality", node.absent("extension", ""), "the extension has a value and no parts", strconv.Itoa(len(nested)), "0..0"))
	}
}

func (c *check) parts(def *Extension, name string, node *Node) {
	for _, value := range node.Choices("value") {
		c.add(find(Cardinality, name+"/value[x]:cardinality", value, "the extension is made of parts and has no value", "present", "0..0"))
	}
	for _, part := range def.Parts {
		rule := name + "/" + part.Name
		found := node.Extensions(part.Name)
		if len(found) < part.min {
			f := find(Cardinality, rule+":cardinality", node.absent("extension", part.Name), "the part is required", strconv.Itoa(len(found)), part.Card)
			f.Missing = true
			c.add(f)
		}
		for i, sub := range found {
			sub.slice = part.Name
			if part.max >= 0 && i >= part.max {
				c.add(find(Cardinality, rule+":cardinality", sub, "too many", strconv.Itoa(len(found)), part.Card))
			}
			c.partValue(part, rule, sub)
		}
	}
}

func (c *check) partValue(part Part, rule string, sub *Node) {
	values := sub.Items("value" + part.Value)
	if len(values) == 0 {
		f := find(Types, rule+":type", sub.absent("value"+part.Value, ""), "the part needs a value of its type", "", part.Value)
		f.Missing = true
		c.add(f)
		return
	}
	value := values[0]
	got := plainText(value.Value())
	if part.Fixed != "" && got != part.Fixed {
		c.add(find(Fixed, rule+":fixed", value, "the value is fixed", got, part.Fixed))
	}
	if part.Codes != nil && !slices.Contains(part.Codes, got) {
		c.add(find(Binding, rule+":binding", value, "the code is not in the required set", got, strings.Join(part.Codes, " or ")))
	}
	if part.Carries != "" && len(value.Extensions(part.Carries)) != 1 {
		at := value.besides().absent("extension", "")
		c.add(find(Cardinality, rule+":marker", at, "the value must carry "+part.Carries[strings.LastIndexByte(part.Carries, '/')+1:]+" once", strconv.Itoa(len(value.Extensions(part.Carries))), "1..1"))
	}
}

// fits reports whether an extension may stand on this element.
func (e *Extension) fits(holder *Node) bool {
	if holder == nil || slices.Contains(e.Context, "any") {
		return true
	}
	return slices.Contains(e.Context, contextOf(holder))
}

func contextOf(holder *Node) string {
	if holder.beside {
		return "primitive"
	}
	if kind := tree.Text(holder.Object(), "resourceType"); kind != "" {
		return kind
	}
	return holder.name
}
