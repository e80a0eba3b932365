package tree

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// Encode writes the canonical text of a tree: resourceType first, the other members sorted, no white space, numbers as they
// came. The same tree always gives the same bytes.
func Encode(v any) []byte {
	return appendValue(nil, v)
}

func appendValue(out []byte, v any) []byte {
	switch v := v.(type) {
	case Object:
		out = append(out, '{')
		for i, name := range sortedNames(v) {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendText(out, name)
			out = append(out, ':')
			out = appendValue(out, v[name])
		}
		return append(out, '}')
	case []any:
		out = append(out, '[')
		for i, item := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendValue(out, item)
		}
		return append(out, ']')
	case string:
		return appendText(out, v)
	case json.Number:
		return append(out, v...)
	case bool:
		return strconv.AppendBool(out, v)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	}
	return append(out, "null"...)
}

func sortedNames(o Object) []string {
	names := make([]string, 0, len(o))
	for name := range o {
		if name != "resourceType" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if _, ok := o["resourceType"]; ok {
		names = slices.Insert(names, 0, "resourceType")
	}
	return names
}

// Names lists the members of an object in canonical order.
func Names(o Object) []string { return sortedNames(o) }

func appendText(out []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return appendEscaped(out, s)
		}
	}
	out = append(out, '"')
	out = append(out, s...)
	return append(out, '"')
}

func appendEscaped(out []byte, s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return append(out, `""`...) // a string always encodes
	}
	return append(out, bytes.TrimRight(b.Bytes(), "\n")...)
}
