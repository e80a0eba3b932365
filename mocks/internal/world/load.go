package world

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// PathError is a mistake at one place of a fixture file. Path names it by
// members and indexes ("personas.3.ssin"); Load adds file and line.
type PathError struct {
	Path string
	Text string
}

// Error implements error.
func (e *PathError) Error() string { return e.Path + ": " + e.Text }

// Validator is implemented by fixture types that check more than their shape.
// Its error may be a *PathError or several joined with errors.Join.
type Validator interface {
	Validate() error
}

// Load reads a YAML or JSON fixture file strictly into v: unknown members,
// duplicate keys and wrong types are errors with file and line, and so is what
// v's Validate finds.
func Load(fsys fs.FS, name string, v any) error {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read fixture: %w", err)
	}
	return Decode(name, raw, v)
}

// Decode is Load for content that is in memory.
func Decode(name string, raw []byte, v any) error {
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(v); err != nil {
		return Readable(name, err)
	}
	val, ok := v.(Validator)
	if !ok {
		return nil
	}
	return locate(name, raw, val.Validate())
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)

// Readable turns a YAML decoder's "line 3: text" into "file:3: text", one error
// for each line.
func Readable(name string, err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s:1: the file is empty", name)
	}
	var out error
	for line := range strings.SplitSeq(err.Error(), "\n") {
		line = strings.TrimSpace(line)
		if m := yamlLine.FindStringSubmatch(line); m != nil {
			out = errors.Join(out, fmt.Errorf("%s:%s: %s", name, m[1], m[2]))
		} else if line != "" && line != "yaml: unmarshal errors:" {
			out = errors.Join(out, fmt.Errorf("%s: %s", name, line))
		}
	}
	return out
}

// Place is "file:line" of a path ("documents.3") in a fixture file that was
// loaded before, for mistakes found later than by Validate.
func Place(fsys fs.FS, name, path string) string {
	raw, err := fs.ReadFile(fsys, name)
	var root yaml.Node
	if err != nil || yaml.Unmarshal(raw, &root) != nil || len(root.Content) == 0 {
		return name
	}
	return name + ":" + strconv.Itoa(lineOf(root.Content[0], path))
}

// locate turns the paths of err into "file:line: path: text".
func locate(name string, raw []byte, err error) error {
	if err == nil {
		return nil
	}
	var root yaml.Node
	if yaml.Unmarshal(raw, &root) != nil || len(root.Content) == 0 {
		return fmt.Errorf("%s: %w", name, err)
	}
	var out error
	for _, e := range flatten(err) {
		var p *PathError
		if !errors.As(e, &p) {
			out = errors.Join(out, fmt.Errorf("%s: %w", name, e))
			continue
		}
		out = errors.Join(out, fmt.Errorf("%s:%d: %w", name, lineOf(root.Content[0], p.Path), p))
	}
	return out
}

func flatten(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range many.Unwrap() {
			out = append(out, flatten(e)...)
		}
		return out
	}
	return []error{err}
}

// lineOf follows the path as far as it goes and returns the line there.
func lineOf(n *yaml.Node, path string) int {
	for step := range strings.SplitSeq(path, ".") {
		next := child(n, step)
		if next == nil {
			break
		}
		n = next
	}
	return n.Line
}

func child(n *yaml.Node, step string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	case yaml.DocumentNode, yaml.ScalarNode, yaml.AliasNode:
	}
	return nil
}
