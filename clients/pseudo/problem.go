package pseudo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// Problem is a refusal of the service, for a whole request or for one element
// of a list (RFC 9457, in the words of the Belgif REST guide).
type Problem struct {
	Type         string `json:"type"`
	Title        string `json:"title"`
	Status       int    `json:"status"`
	Detail       string `json:"detail"`
	InResponseTo string `json:"inResponseTo,omitempty"`
	// Trace is the sandbox's X-Sandbox-Trace header, empty at the real service:
	// GET /_sandbox/journal/<trace> tells more.
	Trace string `json:"-"`
}

// Error gives status, title and detail.
func (p *Problem) Error() string {
	s := fmt.Sprintf("pseudonymisation service: %d %s", p.Status, p.Title)
	if p.Detail != "" {
		s += ": " + p.Detail
	}
	if p.Trace != "" {
		s += " (trace " + p.Trace + ")"
	}
	return s
}

// problemOf reads a refusal of a whole request, whatever its body.
func problemOf(status int, header http.Header, body []byte) *Problem {
	p := &Problem{}
	if parseProblem(body, p) != nil || p.Title == "" {
		p = &Problem{Title: http.StatusText(status), Detail: fmt.Sprintf("%.200s", bytes.TrimSpace(body))}
	}
	p.Status, p.Trace = status, header.Get("X-Sandbox-Trace")
	return p
}

// parseProblem takes status as a number or a text: both occur.
func parseProblem(raw []byte, p *Problem) error {
	var v struct {
		Problem
		Status json.RawMessage `json:"status"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	*p = v.Problem
	_ = json.Unmarshal(bytes.Trim(v.Status, `"`), &p.Status) // 0 if it is neither
	return nil
}
