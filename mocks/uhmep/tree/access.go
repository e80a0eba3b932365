package tree

import (
	"encoding/json"
	"strings"
)

// Object is a JSON object of a FHIR resource: an element, a datatype or a whole resource.
type Object = map[string]any

// Text returns the string member of an object, "" when absent or of another type.
func Text(o Object, name string) string {
	s, _ := o[name].(string)
	return s
}

// Child returns the object member of an object, nil when absent or of another type. Reading a nil Object is safe.
func Child(o Object, names ...string) Object {
	for _, name := range names {
		o, _ = o[name].(Object)
	}
	return o
}

// Objects returns the objects of an array member, or the one object of a single member. Anything else in it is skipped.
func Objects(o Object, name string) []Object {
	switch v := o[name].(type) {
	case Object:
		return []Object{v}
	case []any:
		out := make([]Object, 0, len(v))
		for _, item := range v {
			if child, ok := item.(Object); ok {
				out = append(out, child)
			}
		}
		return out
	}
	return nil
}

// Texts returns the strings of an array member.
func Texts(o Object, name string) []string {
	list, _ := o[name].([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// Number returns the number member of an object with its digits, "" when absent.
func Number(o Object, name string) json.Number {
	n, _ := o[name].(json.Number)
	return n
}

// Extension returns the first extension of an element with that URL and its index, nil and -1 when there is none.
func Extension(o Object, url string) (Object, int) {
	list, _ := o["extension"].([]any)
	for i, item := range list {
		if ext, ok := item.(Object); ok && ext["url"] == url {
			return ext, i
		}
	}
	return nil, -1
}

// Append adds a value to an array member, making the array when needed.
func Append(o Object, name string, value any) {
	list, _ := o[name].([]any)
	o[name] = append(list, value)
}

// Clone returns a deep copy.
func Clone[T any](v T) T {
	out, _ := clone(any(v)).(T)
	return out
}

func clone(v any) any {
	switch v := v.(type) {
	case Object:
		out := make(Object, len(v))
		for k, item := range v {
			out[k] = clone(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = clone(item)
		}
		return out
	}
	return v
}

// HasCoding reports whether a CodeableConcept has a coding of that system (compared without |version) and code.
func HasCoding(concept Object, system, code string) bool {
	for _, coding := range Objects(concept, "coding") {
		if System(coding) == system && coding["code"] == code {
			return true
		}
	}
	return false
}

// System returns the system of a Coding without its |version suffix.
func System(coding Object) string {
	system, _, _ := strings.Cut(Text(coding, "system"), "|")
	return system
}

// ElementName is the name of a member in FHIRPath: valueString is value, _birthDate is birthDate. It knows the R4 choice
// elements of the resources and datatypes this API uses.
func ElementName(member string) string {
	name := strings.TrimPrefix(member, "_")
	for _, choice := range [...]string{"value", "occurrence", "quantity", "asNeeded", "author", "bounds", "deceased",
		"multipleBirth", "onset", "effective", "product"} {
		rest, ok := strings.CutPrefix(name, choice)
		if ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return choice
		}
	}
	return name
}
