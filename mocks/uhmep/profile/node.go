package profile

import (
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Node is an element with its place. A nil *Node is an absent element: every method may be called on it.
type Node struct {
	up    *Node
	name  string // member name as in JSON; the resource type for the root
	index int    // -1 when not an item of an array
	slice string // name of the slice it was found as
	value any
	twin  tree.Object // id and extensions of a primitive, from its _name member

	beside bool // value is such a twin: the holder of a primitive's extensions
}

// Root is the node of a whole resource.
func Root(doc tree.Object) *Node {
	return &Node{name: tree.Text(doc, "resourceType"), index: -1, value: doc}
}

// Object returns the element as an object, nil for a primitive or an absent element.
func (n *Node) Object() tree.Object {
	if n == nil {
		return nil
	}
	o, _ := n.value.(tree.Object)
	return o
}

// Text returns the value of a text primitive.
func (n *Node) Text() string {
	if n == nil {
		return ""
	}
	s, _ := n.value.(string)
	return s
}

// Value returns the raw value: object, text, number, boolean, or nil for a primitive that has only extensions.
func (n *Node) Value() any {
	if n == nil {
		return nil
	}
	return n.value
}

// Up returns the element this one is in.
func (n *Node) Up() *Node {
	if n == nil {
		return nil
	}
	return n.up
}

// Member returns a single element by its JSON name, nil when absent. For an array it returns the first item.
func (n *Node) Member(names ...string) *Node {
	for _, name := range names {
		items := n.Items(name)
		if len(items) == 0 {
			return nil
		}
		n = items[0]
	}
	return n
}

// Items returns the elements of that JSON name: each item of an array, or the one element.
func (n *Node) Items(name string) []*Node {
	o := n.Object()
	if o == nil {
		return nil
	}
	v, twin := o[name], o["_"+name]
	if v == nil && twin == nil {
		return nil
	}
	list, isList := v.([]any)
	twins, twinsAreList := twin.([]any)
	if !isList && !twinsAreList {
		t, _ := twin.(tree.Object)
		return []*Node{{up: n, name: name, index: -1, value: v, twin: t}}
	}
	out := make([]*Node, 0, max(len(list), len(twins)))
	for i := range max(len(list), len(twins)) {
		item := &Node{up: n, name: name, index: i}
		if i < len(list) {
			item.value = list[i]
		}
		if name == "extension" {
			item.slice = extensionName(tree.Text(item.Object(), "url"))
		}
		if i < len(twins) {
			item.twin, _ = twins[i].(tree.Object)
		}
		out = append(out, item)
	}
	return out
}

// Choices returns the elements of a choice: for "value" every member valueX.
func (n *Node) Choices(stem string) []*Node {
	var out []*Node
	seen := ""
	for _, name := range tree.Names(n.Object()) {
		plain := strings.TrimPrefix(name, "_")
		rest, ok := strings.CutPrefix(plain, stem)
		if !ok || rest == "" || rest[0] < 'A' || rest[0] > 'Z' || strings.Contains(seen, "|"+plain+"|") {
			continue
		}
		seen += "|" + plain + "|"
		out = append(out, n.Items(plain)...)
	}
	return out
}

// Extensions returns the extensions of the element with that URL, of a primitive those beside its value.
func (n *Node) Extensions(url string) []*Node {
	var out []*Node
	for _, ext := range n.allExtensions() {
		if tree.Text(ext.Object(), "url") == url {
			out = append(out, ext)
		}
	}
	return out
}

func (n *Node) allExtensions() []*Node {
	if n == nil {
		return nil
	}
	if n.twin != nil {
		return n.besides().Items("extension")
	}
	return n.Items("extension")
}

// besides is the holder of a primitive's id and extensions.
func (n *Node) besides() *Node {
	return &Node{up: n.up, name: n.name, index: n.index, slice: n.slice, value: n.twin, beside: true}
}

// Part returns the sub-extension of that name, nil when absent.
func (n *Node) Part(name string) *Node {
	if parts := n.Extensions(name); len(parts) > 0 {
		return parts[0]
	}
	return nil
}

// ExtensionValue returns the value[x] of an extension, nil when absent.
func (n *Node) ExtensionValue() *Node {
	if values := n.Choices("value"); len(values) > 0 {
		return values[0]
	}
	return nil
}

// Path is the FHIRPath of the element, Element the place as written in JSON with slice names instead of indexes.
func (n *Node) Path() string { return n.render(tree.ElementName, false) }

// Element is the place as written in JSON, slices by name: ServiceRequest.extension[validity].valuePeriod.start.
func (n *Node) Element() string {
	return n.render(func(name string) string { return name }, true)
}

func (n *Node) render(rename func(string) string, slices bool) string {
	if n == nil {
		return ""
	}
	if n.up == nil {
		return n.name
	}
	out := n.up.render(rename, slices) + "." + rename(n.name)
	switch {
	case slices && n.slice != "":
		return out + "[" + n.slice + "]"
	case n.index >= 0:
		return out + "[" + strconv.Itoa(n.index) + "]"
	}
	return out
}

// absent is the place of an element that is not there.
func (n *Node) absent(name, slice string) *Node {
	return &Node{up: n, name: name, index: -1, slice: slice}
}

// Absent names the place of a missing member for a finding.
func (n *Node) Absent(name string) *Node { return n.absent(name, "") }

// Walk calls visit for the element and everything below it, contained resources included, in canonical order.
func (n *Node) Walk(visit func(*Node)) {
	visit(n)
	if n.twin != nil {
		for _, ext := range n.besides().Items("extension") {
			ext.Walk(visit)
		}
	}
	o := n.Object()
	for _, name := range tree.Names(o) {
		if strings.HasPrefix(name, "_") {
			if _, hasValue := o[name[1:]]; hasValue {
				continue // visited with its value
			}
			name = name[1:]
		}
		for _, item := range n.Items(name) {
			item.Walk(visit)
		}
	}
}

// Name gives the element the name of its slice, for the places of findings.
func (n *Node) Name(slice string) {
	if n != nil {
		n.slice = slice
	}
}

// Is reports whether the element has that JSON name.
func (n *Node) Is(name string) bool { return n != nil && n.name == name }

// extensionName is the slice name under which the guide speaks of an extension; the parts of a complex extension are named by
// their url. Unknown extensions have no name.
func extensionName(url string) string {
	i := strings.LastIndexByte(url, '/')
	if i < 0 {
		return url
	}
	switch url[i+1:] {
	case "be-ext-validity-period":
		return "validity"
	case "be-ext-feedback-to-prescriber":
		return "feedback"
	case "be-ext-latest-end-date":
		return "latest"
	case "be-ext-performer-type":
		return "performerType"
	case "request-statusReason":
		return "statusReason"
	case "be-ext-codeable-reference":
		return "device"
	case "be-ext-urgency-justification":
		return "urgencyJustification"
	case "be-ext-pss-info":
		return "pssInfo"
	case "be-ext-radiology-supporting-info-role":
		return "role"
	case "be-ext-codeable-concept":
		return "concept"
	case "be-ext-codeableconcept":
		return "code"
	case "be-ext-gender-at-birth":
		return "genderAtBirth"
	case "be-ext-laterality":
		return "bodyLaterality"
	case "be-ext-body-topography":
		return "topography"
	case "be-ext-key-pseudonymization":
		return "key-pseudonymization"
	case "be-ext-pseudonymization":
		return "pseudonymization"
	case "be-ext-pseudonymized-content":
		return "pseudonymized-content"
	}
	return ""
}
