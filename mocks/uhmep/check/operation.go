package check

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
)

// operation is one operation of a FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html).
type operation struct {
	node             *profile.Node
	kind, path, name string
	value            *profile.Node // value[x]
	parts            *profile.Node // the value parameter when its value is given in parts
}

// is compares type, path and name.
func (o operation) is(kind, path, name string) bool {
	return o.kind == kind && o.path == path && o.name == name
}

// text is the value of a status or another code, sent as valueString or valueCode.
func (o operation) text() string {
	if o.value == nil || o.value.Is("valueString") || o.value.Is("valueCode") {
		return o.value.Text()
	}
	return ""
}

// at is the value of a date, sent as valueDateTime or valueDate.
func (o operation) at() string {
	if o.value.Is("valueDateTime") || o.value.Is("valueDate") {
		return o.value.Text()
	}
	return ""
}

// operations reads the parameters of a patch. What is no FHIRPath Patch at all is a malformed body.
func operations(root *profile.Node) ([]operation, []Issue) {
	var out []operation
	var issues []Issue
	bad := func(at *profile.Node, text, got, want string) {
		issues = append(issues, malformed(at.Path(), at.Element(), "patch-syntax", text, got, want))
	}
	parameters := root.Items("parameter")
	if len(parameters) == 0 {
		bad(root.Absent("parameter"), "a patch has at least one operation", "none", "parameter operation")
	}
	for _, p := range parameters {
		if got := p.Member("name").Text(); got != "operation" {
			bad(p, "the parameters of a FHIRPath Patch are operations", got, "operation")
			continue
		}
		o := operation{node: p}
		seen := map[string]bool{}
		for _, part := range p.Items("part") {
			name := part.Member("name").Text()
			if seen[name] {
				bad(part, "a part stands twice", name, "each part once")
			}
			seen[name] = true
			values := part.Choices("value")
			if name != "value" && len(values) != 1 {
				bad(part, "a part has one value", name, "value[x]")
				continue
			}
			switch name {
			case "type":
				o.kind = values[0].Text()
			case "path":
				o.path = values[0].Text()
			case "name":
				o.name = values[0].Text()
			case "value":
				switch nested := part.Items("part"); {
				case len(values) == 1 && len(nested) == 0:
					o.value = values[0]
				case len(values) == 0 && len(nested) > 0:
					o.parts = part
				default:
					bad(part, "the value is given as value[x] or in parts", name, "one of both")
				}
			case "index", "source", "destination": // belong to insert and move, which are never allowed
			default:
				bad(part, "a FHIRPath Patch has no such part", name, "type, path, name or value")
			}
		}
		switch {
		case !strings.Contains(" add insert delete replace move ", " "+o.kind+" ") || o.kind == "":
			bad(p, "the type of the operation is unknown", o.kind, "add, insert, delete, replace or move")
		case o.path == "":
			bad(p, "the operation has no path", "none", "path")
		}
		out = append(out, o)
	}
	return out, issues
}
