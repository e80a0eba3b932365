package basecheck

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// place is an element found in the tree: path for FHIRPath, element as in JSON, both without the resource type.
type place struct {
	path, element string
	value         any
}

// child names a member, present or not.
func (p place) child(name string) place {
	o, _ := p.value.(tree.Object)
	return place{p.path + "." + tree.ElementName(name), p.element + "." + name, o[name]}
}

// locate follows a path of jsonformat through the tree. Its second phase splits choice elements (occurrence.timing) and shows
// the inside of references (subject.patientId); the tree tells which segments are real.
func locate(doc tree.Object, path string) place {
	here := place{value: doc}
	segments := strings.Split(path, ".")
	if len(segments) > 0 {
		segments = segments[1:] // the resource type
	}
	for i := 0; i < len(segments); i++ {
		o, ok := here.value.(tree.Object)
		if !ok {
			break
		}
		name, index := splitIndex(segments[i])
		v, exists := o[name]
		if !exists && i+1 < len(segments) {
			next, nextIndex := splitIndex(segments[i+1])
			if joined := name + upperFirst(next); o[joined] != nil {
				name, index, v, exists = joined, nextIndex, o[joined], true
				i++
			}
		}
		if !exists {
			if sibling, ok := o["_"+name]; ok {
				v, exists = sibling, true
			}
		}
		if !exists {
			break
		}
		suffix := ""
		if list, ok := v.([]any); ok && index >= 0 && index < len(list) {
			v = list[index]
			suffix = segments[i][strings.LastIndex(segments[i], "["):]
		}
		here = place{here.path + "." + tree.ElementName(name) + suffix, here.element + "." + name + suffix, v}
	}
	return here
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
