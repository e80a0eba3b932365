package tx

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Object is a JSON object as it was read; numbers are json.Number.
type Object = map[string]any

// DecodeObject reads one JSON object and nothing after it.
func DecodeObject(raw []byte) (Object, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var o Object
	if err := d.Decode(&o); err != nil {
		var syn *json.SyntaxError
		if errors.As(err, &syn) {
			return nil, fmt.Errorf("line %d: %w", 1+bytes.Count(raw[:min(int(syn.Offset), len(raw))], []byte("\n")), err)
		}
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is more after the first JSON value")
	}
	if o == nil {
		return nil, errors.New("null is no resource")
	}
	return o, nil
}

func str(o Object, key string) string {
	s, _ := o[key].(string)
	return s
}

func obj(o Object, key string) Object {
	v, _ := o[key].(Object)
	return v
}

func objects(o Object, key string) []Object {
	list, _ := o[key].([]any)
	out := make([]Object, 0, len(list))
	for _, v := range list {
		if x, ok := v.(Object); ok {
			out = append(out, x)
		}
	}
	return out
}

func strs(o Object, key string) []string {
	list, _ := o[key].([]any)
	out := make([]string, 0, len(list))
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// boolean reads true and "true" alike.
func boolean(o Object, key string) (value, present bool) {
	switch v := o[key].(type) {
	case bool:
		return v, true
	case string:
		b, err := strconv.ParseBool(v)
		return b, err == nil
	}
	return false, false
}

// extension finds the first extension of a URL.
func extension(o Object, url string) Object {
	for _, x := range objects(o, "extension") {
		if str(x, "url") == url {
			return x
		}
	}
	return nil
}

// valueOf gives the content of value[x] and its type suffix ("Code", "Boolean").
func valueOf(o Object) (any, string) {
	for k, v := range o {
		if len(k) > 5 && k[:5] == "value" && k[5] >= 'A' && k[5] <= 'Z' {
			return v, k[5:]
		}
	}
	return nil, ""
}

// text writes a primitive value as a string.
func text(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	case json.Number:
		return x.String()
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

func jsonNumber(s string) json.Number { return json.Number(s) }
