package workflow

import "time"

// Advance applies the transitions that time alone causes (D3, D5, D8) and
// tells whether anything changed.
func (d *Document) Advance(now time.Time) bool {
	today, changed := DayOf(now), false
	if d.Status == Pending && today >= d.From {
		d.Status, changed = Ready, true // D3
	}
	if d.Status == Ready && d.To != "" && today > d.To {
		d.Status, changed = Expired, true // D5
		d.dropOpen()
	}
	if (d.Status == InProgress || d.Status == Inactive) && d.Latest != "" && today > d.Latest {
		d.Status, changed = Completed, true // D8
		d.settle()
	}
	return changed
}

// Next is when Advance will have something to do; ok is false when time alone
// changes nothing any more.
func (d *Document) Next() (at time.Time, ok bool) {
	switch d.Status {
	case Pending:
		return d.From.Begin(), d.From != ""
	case Ready:
		return d.To.Add(1).Begin(), d.To != ""
	case InProgress, Inactive:
		return d.Latest.Add(1).Begin(), d.Latest != ""
	default:
		return time.Time{}, false
	}
}
