package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// object is a JSON object that keeps the order of its members, so that tokens
// and answers look like the real ones.
type object []member

type member struct {
	Name  string
	Value any
}

// set replaces or appends a member.
func (o *object) set(name string, value any) {
	for i := range *o {
		if (*o)[i].Name == name {
			(*o)[i].Value = value
			return
		}
	}
	*o = append(*o, member{name, value})
}

// drop removes a member.
func (o *object) drop(name string) {
	for i := range *o {
		if (*o)[i].Name == name {
			*o = append((*o)[:i], (*o)[i+1:]...)
			return
		}
	}
}

// plain is the object as maps and lists, for the journal, which masks numbers
// of living people in those.
func (o object) plain() map[string]any {
	m := make(map[string]any, len(o))
	for _, e := range o {
		switch v := e.Value.(type) {
		case object:
			m[e.Name] = v.plain()
		case []object:
			list := make([]any, len(v))
			for i := range v {
				list[i] = v[i].plain()
			}
			m[e.Name] = list
		default:
			m[e.Name] = v
		}
	}
	return m
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) { return o.encode() }

// encode is the object as JSON without HTML escapes.
func (o object) encode() ([]byte, error) { return o.append(make([]byte, 0, 1024)) }

func (o object) append(b []byte) ([]byte, error) {
	b = append(b, '{')
	var err error
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, m.Name); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendValue(b, m.Value); err != nil {
			return nil, fmt.Errorf("member %s: %w", m.Name, err)
		}
	}
	return append(b, '}'), nil
}

// appendValue writes the kinds of values that tokens are made of directly and
// leaves the rest to encoding/json.
func appendValue(b []byte, v any) ([]byte, error) {
	switch x := v.(type) {
	case object:
		return x.append(b)
	case []object:
		return appendList(b, x)
	case []string:
		return appendList(b, x)
	case string:
		if plainASCII(x) {
			return append(append(append(b, '"'), x...), '"'), nil
		}
	case int64:
		return strconv.AppendInt(b, x, 10), nil
	case bool:
		return strconv.AppendBool(b, x), nil
	}
	var buffer bytes.Buffer
	enc := json.NewEncoder(&buffer)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return append(b, bytes.TrimRight(buffer.Bytes(), "\n")...), nil
}

func appendList[T any](b []byte, list []T) ([]byte, error) {
	b = append(b, '[')
	var err error
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// plainASCII tells whether a string needs no escape in JSON.
func plainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
