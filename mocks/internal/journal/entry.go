package journal

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Check is one condition a service looked at.
type Check struct {
	Rule string `json:"rule"`
	OK   bool   `json:"ok"`
	Got  string `json:"got,omitempty"`
	Want string `json:"want,omitempty"`
	Hint string `json:"hint,omitempty"`
}

// Warning is something accepted here that will bite at the real service.
type Warning struct {
	Rule string `json:"rule"`
	Text string `json:"text"`
}

// Refusal is why the request was refused: what the client was told (Code,
// Message) and what it was not (Rule, Got, Want, Hint).
type Refusal struct {
	Status  int    `json:"status"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Rule    string `json:"rule,omitempty"`
	Got     string `json:"got,omitempty"`
	Want    string `json:"want,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// Message is one half of the exchange. Body is cut at maxBody bytes; Size is
// its full length.
type Message struct {
	Header http.Header `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"`
	Size   int         `json:"size"`
	Cut    bool        `json:"cut,omitempty"`
}

// Entry is one request with everything known about it.
type Entry struct {
	ID       string         `json:"id"`
	Seq      uint64         `json:"seq"`
	Time     time.Time      `json:"time"` // tenant's clock
	Duration time.Duration  `json:"duration_ns"`
	Tenant   string         `json:"tenant"`
	Service  string         `json:"service"`
	Op       string         `json:"operation,omitempty"`
	Method   string         `json:"method"`
	URL      string         `json:"url"`
	Remote   string         `json:"remote,omitempty"`
	Client   string         `json:"client,omitempty"`
	Persona  string         `json:"persona,omitempty"`
	Status   int            `json:"status"`
	Request  Message        `json:"request"`
	Response Message        `json:"response"`
	Checks   []Check        `json:"checks,omitempty"`
	Warnings []Warning      `json:"warnings,omitempty"`
	Refusal  *Refusal       `json:"refusal,omitempty"`
	Fault    string         `json:"fault,omitempty"`
	Notes    map[string]any `json:"notes,omitempty"`

	size int
}

// maxBody is how much of a body an entry keeps.
const maxBody = 128 << 10

// Body makes a Message's body of bytes.
func (m *Message) SetBody(b []byte) {
	m.Size = len(b)
	if len(b) > maxBody {
		b, m.Cut = b[:maxBody], true
	}
	m.Body = strings.ToValidUTF8(string(b), "\uFFFD")
}

// perHeader is what a header costs besides its text: an element of the map and
// a slice.
const perHeader = 96

// weight is about how many bytes the entry takes.
func (e *Entry) weight() int {
	n := 512 + len(e.URL) + len(e.Client) + len(e.Persona) + len(e.Request.Body) + len(e.Response.Body)
	for _, h := range []http.Header{e.Request.Header, e.Response.Header} {
		for k, vs := range h {
			for _, v := range vs {
				n += len(k) + len(v) + perHeader
			}
		}
	}
	for _, c := range e.Checks {
		n += len(c.Rule) + len(c.Got) + len(c.Want) + len(c.Hint) + 80
	}
	for _, w := range e.Warnings {
		n += len(w.Rule) + len(w.Text) + 40
	}
	if f := e.Refusal; f != nil {
		n += len(f.Code) + len(f.Message) + len(f.Rule) + len(f.Got) + len(f.Want) + len(f.Hint) + 100
	}
	return n + 2*weightOf(e.Notes)
}

// weightOf estimates the size of a note as JSON without writing it.
func weightOf(v any) int {
	n := 8
	switch x := v.(type) {
	case string:
		n += len(x)
	case map[string]any:
		for k, e := range x {
			n += len(k) + weightOf(e)
		}
	case []any:
		for _, e := range x {
			n += weightOf(e)
		}
	case nil, bool, int, int64, float64:
	default: // a struct or the like: rare
		if raw, err := json.Marshal(v); err == nil {
			n += len(raw)
		}
	}
	return n
}
