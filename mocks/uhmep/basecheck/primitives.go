package basecheck

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	apb "github.com/google/fhir/go/proto/google/fhir/proto/annotations_go_proto"
	rpb "github.com/google/fhir/go/proto/google/fhir/proto/r4/core/resources/bundle_and_contained_resource_go_proto"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// misplacedPrimitives finds what jsonformat takes for granted: a primitive written as an object ("status": {"id": "a"} means
// "_status" to it) and a _name member that holds a value ("_status": "active").
func misplacedPrimitives(doc tree.Object, prefix string) []Problem {
	if !suspicious(doc) {
		return nil
	}
	oneof := (&rpb.ContainedResource{}).ProtoReflect().Descriptor().Oneofs().ByName("oneof_resource")
	if oneof == nil {
		return nil
	}
	for i := 0; i < oneof.Fields().Len(); i++ {
		if m := oneof.Fields().Get(i).Message(); m != nil && string(m.Name()) == tree.Text(doc, "resourceType") {
			var problems []Problem
			walkTypes(doc, m, place{path: prefix, element: prefix}, &problems)
			return problems
		}
	}
	return nil
}

// suspicious is a quick look whether the slower walk along the types is needed.
func suspicious(v any) bool {
	switch v := v.(type) {
	case tree.Object:
		for name, member := range v {
			if strings.HasPrefix(name, "_") && !onlyObjects(member) {
				return true
			}
			if child, ok := member.(tree.Object); ok && !strings.HasPrefix(name, "_") && looksLikeSibling(child) {
				return true
			}
			if suspicious(member) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if child, ok := item.(tree.Object); ok && looksLikeSibling(child) {
				return true
			}
			if suspicious(item) {
				return true
			}
		}
	}
	return false
}

// looksLikeSibling reports whether an object has only what the _name member of a primitive may have.
func looksLikeSibling(o tree.Object) bool {
	for name := range o {
		if name != "id" && name != "extension" {
			return false
		}
	}
	return true
}

func onlyObjects(v any) bool {
	switch v := v.(type) {
	case tree.Object:
		return true
	case []any:
		for _, item := range v {
			if _, ok := item.(tree.Object); !ok && item != nil {
				return false
			}
		}
		return true
	}
	return false
}

func walkTypes(o tree.Object, message protoreflect.MessageDescriptor, at place, problems *[]Problem) {
	for _, name := range tree.Names(o) {
		here := place{at.path + "." + tree.ElementName(name), at.element + "." + name, o[name]}
		if strings.HasPrefix(name, "_") {
			if !onlyObjects(o[name]) {
				*problems = append(*problems, Problem{Type, here.path, here.element, "a member that starts with _ holds id and extensions, no value"})
			}
			continue
		}
		field := fieldType(message, name)
		if field == nil {
			continue
		}
		items, isList := o[name].([]any)
		if !isList {
			items = []any{o[name]}
		}
		for i, item := range items {
			child, ok := item.(tree.Object)
			if !ok {
				continue
			}
			where := here
			if isList {
				index := "[" + strconv.Itoa(i) + "]"
				where = place{here.path + index, here.element + index, child}
			}
			if isPrimitive(field) {
				*problems = append(*problems, Problem{Type, where.path, where.element, "a primitive value is expected, its id and extensions belong in _" + name})
				continue
			}
			walkTypes(child, field, where, problems)
		}
	}
}

// fieldType is the type of a member, choice elements resolved; nil when the type has no such member.
func fieldType(message protoreflect.MessageDescriptor, name string) protoreflect.MessageDescriptor {
	if f := message.Fields().ByJSONName(name); f != nil {
		return f.Message()
	}
	for i := 0; i < message.Fields().Len(); i++ {
		f := message.Fields().Get(i)
		rest, ok := strings.CutPrefix(name, f.JSONName())
		if !ok || rest == "" || f.Message() == nil || f.Message().Oneofs().Len() == 0 {
			continue
		}
		if inner := f.Message().Fields().ByJSONName(strings.ToLower(rest[:1]) + rest[1:]); inner != nil {
			return inner.Message()
		}
	}
	return nil
}

func isPrimitive(message protoreflect.MessageDescriptor) bool {
	options := message.Options()
	if !proto.HasExtension(options, apb.E_StructureDefinitionKind) {
		return false
	}
	return proto.GetExtension(options, apb.E_StructureDefinitionKind) == apb.StructureDefinitionKindValue_KIND_PRIMITIVE_TYPE
}
