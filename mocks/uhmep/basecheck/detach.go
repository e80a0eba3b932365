package basecheck

import (
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// part is a resource found inside another one. path continues the path of its container.
type part struct {
	path     string
	resource tree.Object
}

// detach returns the resource without the resources inside it, which jsonformat either accepts unseen (contained) or cannot
// read at all (Parameters.parameter.resource), and those resources. The given tree is not changed.
func detach(doc tree.Object) (tree.Object, []part) {
	var inner []part
	alone := make(tree.Object, len(doc))
	for name, v := range doc {
		alone[name] = v
	}
	if list, ok := doc["contained"].([]any); ok && allResources(list) {
		delete(alone, "contained")
		for i, item := range list {
			resource, _ := item.(tree.Object)
			inner = append(inner, part{".contained[" + strconv.Itoa(i) + "]", resource})
		}
	}
	if doc["resourceType"] == "Parameters" {
		alone["parameter"] = detachParameters(doc["parameter"], ".parameter", &inner)
		if alone["parameter"] == nil {
			delete(alone, "parameter")
		}
	}
	return alone, inner
}

// allResources reports whether every item is an object with a resourceType; anything else is left for the type check.
func allResources(list []any) bool {
	for _, item := range list {
		o, ok := item.(tree.Object)
		if !ok || tree.Text(o, "resourceType") == "" {
			return false
		}
	}
	return true
}

func detachParameters(v any, path string, inner *[]part) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]any, len(list))
	for i, item := range list {
		out[i] = item
		parameter, ok := item.(tree.Object)
		if !ok {
			continue
		}
		here := path + "[" + strconv.Itoa(i) + "]"
		copied := make(tree.Object, len(parameter))
		for name, member := range parameter {
			copied[name] = member
		}
		if resource, ok := parameter["resource"].(tree.Object); ok && tree.Text(resource, "resourceType") != "" {
			delete(copied, "resource")
			*inner = append(*inner, part{here + ".resource", resource})
		}
		if parts, ok := parameter["part"]; ok {
			copied["part"] = detachParameters(parts, here+".part", inner)
		}
		out[i] = copied
	}
	return out
}

// fillNulls returns the tree with the nulls of primitive arrays replaced: jsonformat needs an old json-iterator to read them,
// and modules that import this one may have a newer one. A neighbour's value and an element id stand in; indexes stay.
func fillNulls(o tree.Object) tree.Object {
	if !holdsNull(o) {
		return o
	}
	out := make(tree.Object, len(o))
	for name, v := range o {
		switch v := v.(type) {
		case tree.Object:
			out[name] = fillNulls(v)
		case []any:
			if list := fillList(name, v); list != nil {
				out[name] = list
			}
		default:
			out[name] = v
		}
	}
	return out
}

func fillList(name string, list []any) []any {
	var standIn any
	if strings.HasPrefix(name, "_") {
		standIn = tree.Object{"id": "null"}
	}
	for _, item := range list {
		if item != nil && standIn == nil {
			standIn = item
		}
	}
	if standIn == nil {
		return nil // only nulls: the _name array says it all
	}
	out := make([]any, len(list))
	for i, item := range list {
		switch item := item.(type) {
		case nil:
			out[i] = standIn
		case tree.Object:
			out[i] = fillNulls(item)
		default:
			out[i] = item
		}
	}
	return out
}

func holdsNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case tree.Object:
		for _, item := range v {
			if holdsNull(item) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if holdsNull(item) {
				return true
			}
		}
	}
	return false
}
