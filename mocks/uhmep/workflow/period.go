package workflow

import "time"

// Tolerance is how far in the future a time of day may lie before it counts as
// the future (our choice; clocks of clients differ).
const Tolerance = 60 * time.Second

// startAllowed applies the rules on the start of an execution. Days are
// compared in Brussels.
func (d *Document) startAllowed(at string, now time.Time) error {
	day, t, timed, ok := Moment(at)
	if !ok {
		return period("start-format", at, "a date YYYY-MM-DD or a dateTime with zone")
	}
	if future(day, t, timed, now) {
		return period("start-future", at, "not after "+now.In(Zone()).Format(time.RFC3339))
	}
	authored, _, _, _ := Moment(d.AuthoredOn)
	earliest := d.From // validity before the writing: work may have begun then
	if authored != "" && (d.From == "" || authored <= d.From) {
		earliest = authored
	}
	if earliest != "" && day < earliest {
		return period("start-early", at, "not before "+string(earliest))
	}
	return nil
}

func (d *Document) endAllowed(start, end string, now time.Time) error {
	day, t, timed, ok := Moment(end)
	if !ok {
		return period("end-format", end, "a date YYYY-MM-DD or a dateTime with zone")
	}
	if future(day, t, timed, now) {
		return period("end-future", end, "not after "+now.In(Zone()).Format(time.RFC3339))
	}
	first, ts, startTimed, _ := Moment(start)
	if day < first || (timed && startTimed && t.Before(ts)) {
		return period("end-before-start", end, "not before the start "+start)
	}
	if d.Latest != "" && day > d.Latest {
		return period("end-late", end, "not after the latest end date "+string(d.Latest))
	}
	return nil
}

func future(day Day, t time.Time, timed bool, now time.Time) bool {
	if timed {
		return t.After(now.Add(Tolerance))
	}
	return day > DayOf(now)
}

func period(rule, got, want string) *Refused {
	return &Refused{Code: PeriodRule, Rule: "execution-" + rule, Got: got, Want: want}
}
