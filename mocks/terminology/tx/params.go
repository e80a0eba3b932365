package tx

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Param is one parameter of an operation. Value is a string, bool, json.Number or Object; Type the suffix of value[x].
type Param struct {
	Name     string
	Type     string
	Value    any
	Resource Object
	Part     []Param
}

// Params are the parameters of one call, in order.
type Params []Param

// ReadParameters reads a Parameters resource.
func ReadParameters(o Object) (Params, *Problem) {
	if rt := str(o, "resourceType"); rt != "Parameters" {
		return nil, problem(http.StatusBadRequest, "invalid", "", fmt.Sprintf("the body must be a Parameters resource, not %q", rt))
	}
	return readParams(o, "parameter", 0)
}

func readParams(o Object, key string, depth int) (Params, *Problem) {
	if depth > 8 {
		return nil, problem(http.StatusBadRequest, "invalid", "", "parameters are nested too deeply")
	}
	var out Params
	raw, present := o[key]
	if _, ok := raw.([]any); present && !ok {
		return nil, problem(http.StatusBadRequest, "invalid", "", fmt.Sprintf("Parameters.%s must be a list", key))
	}
	for _, p := range objects(o, key) {
		x := Param{Name: str(p, "name"), Resource: obj(p, "resource")}
		if x.Name == "" {
			return nil, problem(http.StatusBadRequest, "required", "", "a parameter has no name")
		}
		x.Value, x.Type = valueOf(p)
		part, err := readParams(p, "part", depth+1)
		if err != nil {
			return nil, err
		}
		x.Part = part
		out = append(out, x)
	}
	return out, nil
}

// FromQuery reads parameters from a query string that was already decoded, in the order of their names.
func FromQuery(q url.Values) Params {
	names := make([]string, 0, len(q))
	for n := range q {
		names = append(names, n)
	}
	slices.Sort(names)
	var out Params
	for _, n := range names {
		for _, v := range q[n] {
			if n == "coding" || n == "codingA" || n == "codingB" || n == "sourceCoding" || n == "targetCoding" {
				parts := strings.SplitN(v, "|", 2)
				if len(parts) == 2 {
					out = append(out, Param{Name: n, Type: "Coding", Value: Object{"system": parts[0], "code": parts[1]}})
					continue
				}
			}
			out = append(out, Param{Name: n, Type: "String", Value: v})
		}
	}
	return out
}

// Merge adds the parameters of more whose names p does not have: the body wins, the query fills gaps.
func (p Params) Merge(more Params) Params {
	out := slices.Clone(p)
	for _, m := range more {
		if !p.Has(m.Name) {
			out = append(out, m)
		}
	}
	return out
}

// Has tells whether a parameter of the name is there.
func (p Params) Has(name string) bool {
	return slices.ContainsFunc(p, func(x Param) bool { return x.Name == name })
}

// String gives the first value of a name as a string.
func (p Params) String(names ...string) string {
	for _, n := range names {
		for _, x := range p {
			if x.Name == n {
				if s := text(x.Value); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// Strings gives all values of a name.
func (p Params) Strings(name string) []string {
	var out []string
	for _, x := range p {
		if x.Name == name {
			if s := text(x.Value); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// Bool gives a truth value that may be written as a string.
func (p Params) Bool(name string) (value, present bool, err *Problem) {
	for _, x := range p {
		if x.Name != name {
			continue
		}
		switch v := x.Value.(type) {
		case bool:
			return v, true, nil
		case string:
			if b, err := strconv.ParseBool(v); err == nil {
				return b, true, nil
			}
		}
		return false, true, problem(http.StatusBadRequest, "invalid", "", fmt.Sprintf("parameter %s must be true or false, not %q", name, text(x.Value)))
	}
	return false, false, nil
}

// Int gives a whole number, not negative.
func (p Params) Int(name string) (value int, present bool, err *Problem) {
	for _, x := range p {
		if x.Name != name {
			continue
		}
		s := ""
		switch v := x.Value.(type) {
		case json.Number:
			s = v.String()
		case string:
			s = v
		}
		n, e := strconv.Atoi(strings.TrimSpace(s))
		if e != nil || n < 0 {
			return 0, true, problem(http.StatusBadRequest, "invalid", "", fmt.Sprintf("parameter %s must be a whole number of 0 or more, not %q", name, text(x.Value)))
		}
		return n, true, nil
	}
	return 0, false, nil
}

// Object gives the first complex value or resource of a name.
func (p Params) Object(name string) Object {
	for _, x := range p {
		if x.Name == name {
			if x.Resource != nil {
				return x.Resource
			}
			if o, ok := x.Value.(Object); ok {
				return o
			}
		}
	}
	return nil
}

// Resources gives all resources of a name.
func (p Params) Resources(name string) []Object {
	var out []Object
	for _, x := range p {
		if x.Name == name && x.Resource != nil {
			out = append(out, x.Resource)
		}
	}
	return out
}

// out collects the parameters of an answer.
type out []any

func (o *out) add(name, typ string, value any) {
	*o = append(*o, Object{"name": name, "value" + typ: value})
}

func (o *out) resource(name string, r Object) {
	*o = append(*o, Object{"name": name, "resource": r})
}

func (o *out) parts(name string, parts out) {
	*o = append(*o, Object{"name": name, "part": []any(parts)})
}

func (o out) parameters() Object {
	return Object{"resourceType": "Parameters", "parameter": []any(o)}
}
