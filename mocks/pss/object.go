package pss

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

const fhirJSON = "application/fhir+json"

// member is one name and value of an object.
type member struct {
	name  string
	value any
}

// object is a JSON object whose members keep their order. Members without a
// value (nil, "", empty lists and objects) are left out, as FHIR demands.
type object []member

// MarshalJSON implements json.Marshaler. Nested objects and lists go into one
// buffer: letting each encode itself would copy the innermost once per level.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := o.write(&b)
	return b.Bytes(), err
}

func (o object) write(b *bytes.Buffer) error {
	b.WriteByte('{')
	first := true
	for _, m := range o {
		if absent(m.value) {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		fmt.Fprintf(b, "%q:", m.name)
		if err := write(b, m.value); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func write(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case object:
		return v.write(b)
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := write(b, e); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	case json.RawMessage:
		b.Write(v)
		return nil
	default:
		enc := json.NewEncoder(b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1) // the encoder's newline
		return nil
	}
}

func absent(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case object:
		return len(v) == 0
	case json.RawMessage:
		return len(v) == 0
	}
	return false
}

// maxDepth bounds how deep a message may nest.
const maxDepth = 64

// parse reads JSON into maps, lists and scalars. Unlike encoding/json it
// refuses duplicate members, and numbers keep their digits.
func parse(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := value(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("text after the end of the message")
	}
	return v, nil
}

func value(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	tok, err := dec.Token()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the message is empty or ends too early")
	}
	if err != nil {
		return nil, fmt.Errorf("%s at byte %d", strings.TrimPrefix(err.Error(), "json: "), dec.InputOffset())
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		return tok, nil
	}
	if delim == '[' {
		list := []any{}
		for dec.More() {
			v, err := value(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, early(err)
	}
	members := map[string]any{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, early(err)
		}
		name, _ := key.(string)
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("member %q occurs twice", name)
		}
		if members[name], err = value(dec, depth+1); err != nil {
			return nil, err
		}
	}
	_, err = dec.Token()
	return members, early(err)
}

func early(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the message ends too early or is not JSON: %w", err)
}

// at walks down by member names and positions; nil when there is nothing.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}

func stringAt(v any, path ...any) string {
	s, _ := at(v, path...).(string)
	return s
}

func listAt(v any, path ...any) []any {
	l, _ := at(v, path...).([]any)
	return l
}
