package basecheck

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// without returns a copy of the resource that lacks the elements with problems. Of an array the whole goes, so that the indexes
// of others stay.
func without(doc tree.Object, prefix string, problems []Problem) tree.Object {
	out := tree.Clone(doc)
	for _, p := range problems {
		path := strings.TrimPrefix(strings.TrimPrefix(p.Element, prefix), ".")
		segments := strings.Split(path, ".")
		var at any = out
		for i, segment := range segments {
			o, ok := at.(tree.Object)
			if !ok {
				break
			}
			name, index := splitIndex(segment)
			if i == len(segments)-1 {
				delete(o, name)
				delete(o, "_"+strings.TrimPrefix(name, "_"))
				break
			}
			at = o[name]
			if list, ok := at.([]any); ok && index >= 0 && index < len(list) {
				at = list[index]
			}
		}
	}
	return out
}

// notCausedBy drops the complaints that an element taken out is missing, and those about an element left empty by it.
func notCausedBy(problems, removed []Problem) []Problem {
	var out []Problem
	for _, p := range problems {
		caused := p.Kind != Required && p.Kind != Value && p.Kind != Reference
		for _, r := range removed {
			place, _, _ := strings.Cut(r.Element+"[", "[")
			inside := strings.HasPrefix(r.Element, p.Element) || strings.HasPrefix(p.Element, r.Element)
			choice := p.Kind == Required && p.Path == r.Path
			caused = caused || inside || choice || p.Kind == Required && p.Element == place
		}
		if !caused {
			out = append(out, p)
		}
	}
	return out
}
