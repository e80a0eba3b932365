package check

import (
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// How far the start of a validity may lie from the writing. Guide, templates: five days before; a comment in the guide: two years after.
const (
	startBefore = 5 // days
	startAfter  = 2 // years
)

// ValidityOf fills in the defaults of a validity period: the start is the day of writing, the end the maximum of the template.
func ValidityOf(t *Template, start, end string, authored workflow.Day) Validity {
	v := Validity{Start: start, End: end, StartGiven: start != "", EndGiven: end != ""}
	if !v.StartGiven {
		v.Start = string(authored)
	}
	if !v.EndGiven {
		v.End = string(t.Maximum.End(workflow.Day(v.Start)))
	}
	return v
}

// dates applies the rules on authoredOn and the validity period. Days are compared in Europe/Brussels.
func (c *Checker) dates(t *Template, root *profile.Node, now time.Time) (authoredOn time.Time, v Validity, issues []Issue) {
	n := root.Member("authoredOn")
	authored, at, timed, ok := workflow.Moment(n.Text())
	if !ok {
		return at, v, nil // reported by the profile
	}
	if timed && at.After(now.Add(workflow.Tolerance)) || !timed && authored > workflow.DayOf(now) {
		issues = append(issues, unprocessable(StageDate, "business-rule", DateRule, "date-authored-future", n, "authoredOn is in the future", n.Text(), "not after "+now.In(workflow.Zone()).Format(time.RFC3339)))
	}
	found := root.Extensions(referral + "be-ext-validity-period")
	if len(found) == 0 || t == nil {
		return at, v, issues
	}
	found[0].Name("validity")
	period := found[0].Member("valuePeriod")
	start, end := period.Member("start"), period.Member("end")
	for _, n := range []*profile.Node{start, end} {
		if day, _, timed, ok := workflow.Moment(n.Text()); n != nil && (!ok || timed || string(day) != n.Text()) {
			return at, v, issues // reported by the profile
		}
	}
	v = ValidityOf(t, start.Text(), end.Text(), authored)
	return at, v, append(issues, validityRules(t, v, authored, start, end)...)
}

// validityRules judges the two days of a validity period; the nodes are for the place and may be nil.
func validityRules(t *Template, v Validity, authored workflow.Day, start, end *profile.Node) []Issue {
	var issues []Issue
	add := func(rule string, at *profile.Node, text, got, want string) {
		issues = append(issues, unprocessable(StageDate, "business-rule", ValidityRule, rule, at, text, got, want))
	}
	from, to := workflow.Day(v.Start), workflow.Day(v.End)
	if v.StartGiven {
		if earliest := authored.Add(-startBefore); from < earliest {
			add("validity-start-early", start, "the validity starts more than five days before authoredOn", v.Start, "not before "+string(earliest))
		}
		latest, text := (workflow.Span{Value: startAfter, Unit: "a"}).After(authored), "the validity starts more than two years after authoredOn"
		if t.StartByNewYear && len(authored) >= 4 {
			latest, text = (workflow.Span{Value: 1, Unit: "a"}).After(authored[:4]+"-01-01"), "the validity of this template starts by 1 January of next year"
		}
		if from > latest {
			add("validity-start-late", start, text, v.Start, "not after "+string(latest))
		}
	}
	if v.EndGiven {
		if to < from {
			add("validity-end-before-start", end, "the validity ends before it starts", v.End, "not before "+v.Start)
		}
		if maximum := t.Maximum.End(from); to > maximum {
			add("validity-end-maximum", end, "the validity is longer than the template allows", v.End, "not after "+string(maximum))
		}
		if to <= authored {
			add("validity-end-authored", end, "the validity ends on or before the day of authoredOn", v.End, "after "+string(authored))
		}
	}
	return issues
}
