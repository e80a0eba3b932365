package respond

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Refusal is a request the service turns down. Status, Code and Message are
// what the real service would say; Rule, Got, Want and Hint go to the journal
// only, where Rule names the line of the service's documentation.
type Refusal struct {
	Status  int
	Code    string
	Message string
	Rule    string
	Got     string
	Want    string
	Hint    string
	Header  http.Header // added to the answer, e.g. WWW-Authenticate
	Detail  any         // what only the dialect understands, e.g. a list of issues
}

// Error implements error for logs.
func (f *Refusal) Error() string {
	return fmt.Sprintf("%d %s: %s (rule %s, got %q, want %q)", f.Status, f.Code, f.Message, f.Rule, f.Got, f.Want)
}

// With returns the refusal with one header added.
func (f *Refusal) With(name, value string) *Refusal {
	if f.Header == nil {
		f.Header = http.Header{}
	}
	f.Header.Set(name, value)
	return f
}

// Codes of refusals that the router makes itself; dialects translate them.
const (
	CodeNotFound         = "not-found"
	CodeMethodNotAllowed = "method-not-allowed"
	CodeTooLarge         = "too-large"
	CodeBrokenBody       = "invalid_request"
	CodeInternal         = "internal"
	CodeStopping         = "stopping"
	CodeRealSSIN         = "real-ssin"
)

// Response is a complete answer. Body is nil, []byte, string, or a value that
// is encoded as JSON. ContentType "" means the service's own.
type Response struct {
	Status      int
	Header      http.Header
	ContentType string
	Body        any
}

// Stream is an answer that writes itself (server-sent events). It is not kept
// in the journal.
type Stream func(w http.ResponseWriter, r *http.Request) error

// bytes returns the body as it goes on the wire.
func (res *Response) bytes() ([]byte, error) {
	switch b := res.Body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return b, nil
	case json.RawMessage:
		return b, nil
	case string:
		return []byte(b), nil
	default:
		return encodeJSON(b)
	}
}
