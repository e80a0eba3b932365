package pss

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// readControl reads the body of control and reports everything that is wrong
// with it.
func (s *Service) readControl(r *http.Request) (asked, error) {
	body, err := parse(respond.Body(r))
	if err != nil {
		return asked{}, refuse(r, codeJSON, err.Error(), "a JSON object", "")
	}
	m, ok := body.(map[string]any)
	if !ok {
		return asked{}, refuse(r, codeJSON, "not an object", "a JSON object", "")
	}
	var q asked
	var issues []issue
	wrong := func(found, want string) {
		issues = append(issues, issue{Code: codeParameter, Found: found, Want: want})
	}

	switch age, ok := m["age"].(json.Number); {
	case m["age"] == nil:
		wrong("age is missing", "age in whole years")
	case !ok:
		wrong(fmt.Sprintf("age is %v", m["age"]), "a number without quotes")
	default:
		n, err := strconv.Atoi(age.String())
		if err != nil || n < 0 || n > maxAge {
			wrong("age is "+age.String(), "a whole number from 0 to 130")
		}
		q.Age = n
	}
	q.Sex, _ = m["gender"].(string)
	if !slices.Contains([]string{"M", "F", "U"}, q.Sex) {
		wrong(fmt.Sprintf("gender is %v", shown(m["gender"])), "M, F or U")
	}
	if m["intention"] != nil {
		q.Intention = stringAt(m, "intention", "value")
		if _, known := s.rules.Procedure(q.Intention); !known {
			wrong("intention "+shown(at(m, "intention", "value"))+" is unknown", "value of an option that radiology/procedures returned")
		}
		s.warnOption(r, m["intention"], "intention")
	}
	list, ok := m["indications"].([]any)
	if !ok || len(list) == 0 {
		wrong("indications is missing or empty", "one option or more that radiology/indications returned")
	}
	for i, o := range list {
		code := stringAt(o, "value")
		if _, known := s.rules.Indication(code); !known {
			wrong(fmt.Sprintf("indications[%d] %s is unknown", i, shown(at(o, "value"))), "value of an option that radiology/indications returned")
			continue
		}
		s.warnOption(r, o, fmt.Sprintf("indications[%d]", i))
		if !slices.Contains(q.Indications, code) {
			q.Indications = append(q.Indications, code)
		}
	}
	for _, f := range listAt(m, "flags") {
		if code, ok := f.(string); ok {
			q.Flags = append(q.Flags, code)
		}
	}
	if len(issues) > 0 {
		return asked{}, refuseAll(issues)
	}
	return q, nil
}

// warnOption notes an option without the label the description requires.
func (s *Service) warnOption(r *http.Request, o any, where string) {
	for _, lang := range []string{"nl", "fr", "de"} {
		if stringAt(o, "label", lang) == "" {
			journal.Warn(r.Context(), "pss-option-label", where+".label."+lang+" is missing; the description requires it")
			return
		}
	}
}

// shown is a JSON value for a message: short, and never an object dump.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "missing"
	case string:
		if r := []rune(v); len(r) > maxID {
			v = string(r[:maxID]) + "…"
		}
		return strconv.Quote(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	default:
		return "not a text"
	}
}
