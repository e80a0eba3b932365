package terminology

import (
	"regexp"
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
)

// A JSON string, and what is left of a term that was cut.
const (
	jsonText = `"(?:[^"\\]|\\.)*"`
	cutText  = `"…"`
)

// termPatterns find the terms in an answer: displays and descriptions, designations, Snowstorm's terms, and displays that a message proposes.
// The answers are written with sorted members.
var termPatterns = []struct {
	find *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`"(display|term)":` + jsonText), `"$1":` + cutText},
	{regexp.MustCompile(`"name":"(display|description)","valueString":` + jsonText), `"name":"$1","valueString":` + cutText},
	{regexp.MustCompile(`("language":"[^"]*"(?:,"use":\{[^}]*\})?,"value":)` + jsonText), `$1` + cutText},
	{regexp.MustCompile(`"name":"(value)","valueString":` + jsonText), `"name":"$1","valueString":` + cutText},
	{regexp.MustCompile(`((?:Valid display is|correct display is|The display is|Default display is) )[^";]*`), `$1…`},
}

// Shown is a journal entry without the terms of a licensed release: an export of the journal may end in a bug report. Codes stay.
// Entries about the built-in fragment, whose labels are ours, are shown whole.
func (s *Service) Shown(e *journal.Entry) *journal.Entry {
	if e.Service != "terminology" || !s.licensed() {
		return e
	}
	out := *e
	for _, p := range termPatterns {
		out.Response.Body = p.find.ReplaceAllString(out.Response.Body, p.with)
	}
	return &out
}

// licensed tells whether a release is loaded.
func (s *Service) licensed() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.ContainsFunc(s.editions, func(e *edition) bool { return e.source != "" })
}
