package basecheck

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// finding is one error of jsonformat: its path, the fixed text and the variable text.
type finding struct{ path, details, diagnostics string }

// collector gathers what jsonformat reports in its second phase.
type collector struct{ found []finding }

// ReportValidationError implements errorreporter.ErrorReporter.
func (c *collector) ReportValidationError(path string, err error) error {
	c.add(path, err)
	return nil
}

// ReportValidationWarning implements errorreporter.ErrorReporter. R4 has no warnings.
func (c *collector) ReportValidationWarning(string, error) error { return nil }

// add takes an error of jsonformat apart. Its types are internal to the library, so their fields are read by reflection; an
// error of another shape still becomes a finding with its text.
func (c *collector) add(path string, err error) {
	if err == nil {
		return
	}
	v := reflect.ValueOf(err)
	if v.Kind() == reflect.Slice {
		for i := 0; i < v.Len(); i++ {
			if single, ok := v.Index(i).Interface().(error); ok {
				c.add(path, single)
			}
		}
		return
	}
	f := finding{path: path, details: err.Error()}
	if v.Kind() == reflect.Pointer && !v.IsNil() && v.Elem().Kind() == reflect.Struct {
		read := func(field string) string {
			if m := v.Elem().FieldByName(field); m.IsValid() && m.Kind() == reflect.String {
				return m.String()
			}
			return ""
		}
		if details := read("Details"); details != "" {
			f = finding{path: read("Path"), details: details, diagnostics: read("Diagnostics")}
		}
	} else if inner := errors.Unwrap(err); inner != nil {
		c.add(path, inner)
		return
	}
	c.found = append(c.found, f)
}

// problem turns a finding about the resource doc, which stands at prefix, into ours.
func (f finding) problem(doc tree.Object, prefix string) Problem {
	place := locate(doc, f.path)
	p := Problem{Kind: Type, Text: f.details}
	switch {
	case f.details == "unknown field":
		name := unquote(f.diagnostics)
		p.Kind, p.Text = Unknown, "there is no element "+strconv.Quote(name)+" here"
		place = place.child(name)
	case strings.HasPrefix(f.details, "missing required field"):
		name := unquote(strings.TrimSpace(strings.TrimPrefix(f.details, "missing required field")))
		p.Kind, p.Text = Required, "the element is required"
		place = place.child(name)
	case strings.HasPrefix(f.details, "cannot accept multiple values"):
		p.Kind, p.Text = Choice, "only one type of a choice element may be given"
		place = place.child(unquote(f.diagnostics))
	case f.details == "code type mismatch":
		p.Kind, p.Text = Code, "the code is not in the closed set of base FHIR: "+f.diagnostics
	case strings.HasPrefix(f.details, "invalid reference to"):
		p.Kind = Reference
	case f.details == "unknown resource type":
		p.Kind, p.Text = Resource, "there is no resource type "+f.diagnostics
	case f.details == "expected array":
		p.Text = "an array is expected"
	case f.details == "invalid JSON":
		p.Text = "one object is expected"
	case strings.HasPrefix(f.details, "expected ") || strings.HasPrefix(f.details, "invalid ") || strings.HasPrefix(f.details, "non-negative"):
		if rightJSONType(f.details, place.value) {
			p.Kind = Value
		}
		if f.diagnostics != "" {
			p.Text += ", " + f.diagnostics
		}
	}
	p.Path, p.Element, p.Text = prefix+place.path, prefix+place.element, clip(p.Text)
	return p
}

// clip keeps what a client sent from filling a message.
func clip(s string) string {
	const keep = 160
	if len(s) <= keep {
		return s
	}
	return strings.ToValidUTF8(s[:keep], "") + "…"
}

// rightJSONType tells a value that is merely malformed (a month 13) from one of the wrong JSON type (a number as text).
func rightJSONType(details string, value any) bool {
	wantsNumber := strings.Contains(details, "integer") || strings.Contains(details, "decimal")
	wantsBoolean := strings.Contains(details, "boolean")
	switch value.(type) {
	case string:
		return !wantsNumber && !wantsBoolean
	case json.Number:
		return wantsNumber
	}
	return false
}

// unquote gives back the name of a member, cut when it is no name anybody would choose.
func unquote(s string) string {
	if plain, err := strconv.Unquote(s); err == nil {
		s = plain
	}
	return clip(s)
}
