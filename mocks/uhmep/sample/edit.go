package sample

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Edit changes a document in place, so that tables of tests hold data only. An edit is a line:
//
//	set path json     set a member or an item, making the objects on the way
//	add path json     append to an array, making it when needed
//	del path          take a member or an item away
//
// A path is members.with[index]; the JSON may contain blanks.
func Edit(doc tree.Object, edits ...string) error {
	for _, edit := range edits {
		verb, rest, _ := strings.Cut(edit, " ")
		path, text, _ := strings.Cut(rest, " ")
		var value any
		if verb != "del" {
			dec := json.NewDecoder(strings.NewReader(text))
			dec.UseNumber()
			if err := dec.Decode(&value); err != nil {
				return fmt.Errorf("edit %q: %w", edit, err)
			}
		}
		steps, err := steps(path)
		if err != nil {
			return fmt.Errorf("edit %q: %w", edit, err)
		}
		if _, err := apply(doc, steps, verb, value); err != nil {
			return fmt.Errorf("edit %q: %w", edit, err)
		}
	}
	return nil
}

// steps splits a path into member names (string) and indexes (int).
func steps(path string) ([]any, error) {
	var out []any
	for _, segment := range strings.Split(path, ".") {
		name, rest, _ := strings.Cut(segment, "[")
		out = append(out, name)
		for rest != "" {
			digits, more, ok := strings.Cut(rest, "]")
			n, err := strconv.Atoi(digits)
			if !ok || err != nil {
				return nil, fmt.Errorf("path %q is not understood", path)
			}
			out = append(out, n)
			rest = strings.TrimPrefix(more, "[")
		}
	}
	return out, nil
}

// apply returns the changed container.
func apply(at any, steps []any, verb string, value any) (any, error) {
	if len(steps) == 0 {
		if verb == "add" {
			list, _ := at.([]any)
			return append(list, value), nil
		}
		return value, nil
	}
	last := len(steps) == 1
	switch step := steps[0].(type) {
	case string:
		o, ok := at.(tree.Object)
		if !ok {
			if at != nil {
				return nil, fmt.Errorf("%q is not in an object", step)
			}
			o = tree.Object{}
		}
		if last && verb == "del" {
			if _, ok := o[step]; !ok {
				return nil, fmt.Errorf("there is no %q", step)
			}
			delete(o, step)
			return o, nil
		}
		child, err := apply(o[step], steps[1:], verb, value)
		o[step] = child
		return o, err
	case int:
		list, ok := at.([]any)
		if !ok || step >= len(list) {
			return nil, fmt.Errorf("there is no item %d", step)
		}
		if last && verb == "del" {
			return append(list[:step:step], list[step+1:]...), nil
		}
		child, err := apply(list[step], steps[1:], verb, value)
		list[step] = child
		return list, err
	}
	return at, nil
}
