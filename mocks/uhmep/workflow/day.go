package workflow

import (
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
)

// Zone is Europe/Brussels, in which validity and execution days are compared
// (our choice: the guide names no zone).
func Zone() *time.Location { return clock.Brussels() }

// Day is a calendar day, YYYY-MM-DD; days compare as strings. Empty = none.
type Day string

// DayOf is the Brussels day of an instant.
func DayOf(t time.Time) Day { return Day(t.In(Zone()).Format(time.DateOnly)) }

// Begin is the first instant of the day in Brussels; the zero time when the
// day is empty or not a date.
func (d Day) Begin() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), Zone())
	if err != nil {
		return time.Time{}
	}
	return t
}

// Add is the day n days later.
func (d Day) Add(n int) Day {
	t := d.Begin()
	if t.IsZero() {
		return d
	}
	return Day(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// Moment reads a FHIR date or dateTime as sent: the Brussels day, the instant
// (start of the day for a date), and whether it has a time of day. A year or a
// month alone is not precise enough and gives ok = false.
func Moment(s string) (day Day, at time.Time, timed, ok bool) {
	if len(s) == len(time.DateOnly) {
		t, err := time.ParseInLocation(time.DateOnly, s, Zone())
		return Day(s), t, false, err == nil
	}
	if !strings.Contains(s, "T") {
		return "", time.Time{}, false, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return "", time.Time{}, false, false
	}
	return DayOf(t), t, true, true
}

// Span is a treatment period, repeat.boundsDuration with a UCUM unit
// d, wk, mo or a.
type Span struct {
	Value int    `json:"value"`
	Unit  string `json:"unit"`
}

// After is the day the span ends when it begins on d.
func (s Span) After(d Day) Day {
	t := d.Begin()
	if t.IsZero() || s.Value <= 0 {
		return d
	}
	switch s.Unit {
	case "d":
		t = t.AddDate(0, 0, s.Value)
	case "wk":
		t = t.AddDate(0, 0, 7*s.Value)
	case "mo":
		t = addMonths(t, s.Value)
	case "a":
		t = addMonths(t, 12*s.Value)
	default:
		return d
	}
	return Day(t.Format(time.DateOnly))
}

// addMonths keeps the day of the month, or takes the last one there is:
// 29 February + 1 year is 28 February (our choice).
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
