package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// document is one file, which knows the lines its rows stand on. The lines are
// looked up only when a problem is to be reported.
type document struct {
	file string
	root func() *yaml.Node
}

// decode reads YAML (or JSON, its subset) into v. Unknown members, duplicate
// keys and wrong types are errors that name file and line.
func decode(file string, data []byte, v any) (*document, error) {
	if strings.HasSuffix(file, ".json") {
		// JSON allows tabs between tokens, YAML does not; a raw tab cannot
		// occur inside a JSON string.
		data = bytes.ReplaceAll(data, []byte{'\t'}, []byte{' '})
	}
	d := &document{file: file}
	d.root = sync.OnceValue(func() *yaml.Node {
		n := &yaml.Node{}
		_ = yaml.Unmarshal(data, n) // it was decoded before
		return n
	})
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return nil, located(file, err)
	}
	return d, nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)

// located turns "yaml: line 3: text" into "file:3: text", one per line.
func located(file string, err error) error {
	var all []error
	for _, line := range strings.Split(err.Error(), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line == "yaml: unmarshal errors:" {
			continue
		}
		if m := yamlLine.FindStringSubmatch(line); m != nil {
			all = append(all, fmt.Errorf("%s:%s: %s", file, m[1], m[2]))
			continue
		}
		all = append(all, fmt.Errorf("%s: %s", file, line))
	}
	return errors.Join(all...)
}

// place is a row of a document: a path of member names and positions from the
// top. As a string it is "file:line"; a path that leads nowhere gives the last
// place found.
type place struct {
	doc  *document
	path []any
}

func (d *document) at(path ...any) fmt.Stringer { return place{d, path} }

// literal is a place that is known already.
type literal string

func (l literal) String() string { return string(l) }

func (p place) String() string {
	n := p.doc.root()
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	for _, step := range p.path {
		next := child(n, step)
		if next == nil {
			break
		}
		n = next
	}
	return fmt.Sprintf("%s:%d", p.doc.file, n.Line)
}

func child(n *yaml.Node, step any) *yaml.Node {
	switch step := step.(type) {
	case int:
		if n.Kind == yaml.SequenceNode && step < len(n.Content) {
			return n.Content[step]
		}
	case string:
		if n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					return n.Content[i+1]
				}
			}
		}
	}
	return nil
}

// DecodeStrict reads YAML or JSON into v, a pointer to a list, and refuses
// unknown members, duplicate keys and wrong types. line gives "file:line" of a
// row of the list.
func DecodeStrict(file string, data []byte, v any) (line func(row int) string, err error) {
	d, err := decode(file, data, v)
	if err != nil {
		return nil, err
	}
	return func(row int) string { return d.at(row).String() }, nil
}
