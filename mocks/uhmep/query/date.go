package query

import (
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// Range is a date filter: instants from From (included) to To (excluded); zero
// means open. Not turns it around (prefix ne).
type Range struct {
	From, To time.Time
	Not      bool
}

// Holds tells whether an instant satisfies the filter.
func (r Range) Holds(at time.Time) bool {
	in := (r.From.IsZero() || !at.Before(r.From)) && (r.To.IsZero() || at.Before(r.To))
	return in != r.Not
}

func (q *Query) date(into *[]Range, name, value string) *Bad {
	r, ok := parseDate(value)
	if !ok {
		return badParam("date", name+"="+value, "a FHIR date with an optional prefix eq ne gt lt ge le")
	}
	*into = append(*into, r)
	return nil
}

func parseDate(value string) (Range, bool) {
	prefix := "eq"
	if len(value) > 2 && value[0] >= 'a' && value[0] <= 'z' {
		prefix, value = value[:2], value[2:]
	}
	from, to, ok := period(value)
	if !ok {
		return Range{}, false
	}
	switch prefix {
	case "eq":
		return Range{From: from, To: to}, true
	case "ne":
		return Range{From: from, To: to, Not: true}, true
	case "gt", "sa":
		return Range{From: to}, true
	case "ge":
		return Range{From: from}, true
	case "lt", "eb":
		return Range{To: from}, true
	case "le":
		return Range{To: to}, true
	default:
		return Range{}, false
	}
}

// period is the stretch of time a date of any precision stands for. Dates
// without a zone are Brussels days.
func period(value string) (from, to time.Time, ok bool) {
	zone := workflow.Zone()
	switch len(value) {
	case 4:
		t, err := time.ParseInLocation("2006", value, zone)
		return t, t.AddDate(1, 0, 0), err == nil
	case 7:
		t, err := time.ParseInLocation("2006-01", value, zone)
		return t, t.AddDate(0, 1, 0), err == nil
	case 10:
		t, err := time.ParseInLocation(time.DateOnly, value, zone)
		return t, t.AddDate(0, 0, 1), err == nil
	}
	value = strings.Replace(value, " ", "+", 1) // a plus sign sent unescaped
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, value); err == nil {
			step := time.Second
			if strings.Contains(value, ".") {
				step = time.Millisecond
			} else if layout != time.RFC3339Nano {
				step = time.Minute
			}
			return t, t.Add(step), true
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, value, zone); err == nil {
			return t, t.Add(time.Second), true
		}
	}
	return time.Time{}, time.Time{}, false
}
