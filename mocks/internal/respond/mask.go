package respond

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
)

// Names of the headers that every answer of the sandbox carries.
const (
	SandboxHeader = "X-Sandbox"
	TraceHeader   = "X-Sandbox-Trace"
	TenantHeader  = "X-Sandbox-Tenant"
)

// mask hides national numbers of possibly living people in everything an
// entry keeps.
func mask(e *journal.Entry) {
	e.URL, e.Client, e.Persona = ssin.Mask(e.URL), ssin.Mask(e.Client), ssin.Mask(e.Persona)
	e.Request.Body = ssin.Mask(e.Request.Body)
	e.Response.Body = ssin.Mask(e.Response.Body)
	e.Request.Header = maskHeader(e.Request.Header)
	e.Response.Header = maskHeader(e.Response.Header)
	for i, c := range e.Checks {
		e.Checks[i].Got, e.Checks[i].Want, e.Checks[i].Hint = ssin.Mask(c.Got), ssin.Mask(c.Want), ssin.Mask(c.Hint)
	}
	for i, w := range e.Warnings {
		e.Warnings[i].Text = ssin.Mask(w.Text)
	}
	if f := e.Refusal; f != nil {
		f.Message, f.Got, f.Want, f.Hint = ssin.Mask(f.Message), ssin.Mask(f.Got), ssin.Mask(f.Want), ssin.Mask(f.Hint)
	}
	for k, v := range e.Notes {
		e.Notes[k] = maskAny(v)
	}
}

func maskHeader(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for k, vs := range h {
		vs = slices.Clone(vs)
		for i := range vs {
			vs[i] = ssin.Mask(vs[i])
		}
		out[k] = vs
	}
	return out
}

func maskAny(v any) any {
	switch x := v.(type) {
	case string:
		return ssin.Mask(x)
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = maskAny(e)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = maskAny(e)
		}
		return out
	case nil, bool, int, int64, float64:
		return v
	default: // a struct or the like: as the JSON it will be shown as
		raw, err := json.Marshal(v)
		if err != nil || ssin.FindReal(string(raw)) == "" {
			return v
		}
		return json.RawMessage(ssin.Mask(string(raw)))
	}
}
