package rules

import (
	"fmt"
	"strconv"
)

// check finds what would make a rule set lie or contradict itself.
func (l *loader) check() {
	s := l.set
	for _, p := range s.Procedures {
		l.checkProcedure(p)
	}
	for _, i := range s.Indications {
		if i.Code == "" || i.Display == "" {
			l.problem(l.place("indication", i.Code), "indication %q needs a code and a display", i.Code)
		}
	}
	ids := map[string]fmt.Stringer{}
	for _, r := range s.Rules {
		if r.ID == "" {
			l.problem(r.at, "a rule needs an id")
		} else if first, twice := ids[r.ID]; twice {
			l.problem(r.at, "rule %s occurs twice (first on %s)", r.ID, first)
		}
		ids[r.ID] = r.at
		l.checkRule(r)
	}
	for _, f := range s.Fallbacks {
		l.checkOptions(f.at, "fallback of "+f.Group, f.Options)
	}
	for _, sy := range s.Symptoms {
		for _, c := range sy.Indications {
			if _, known := s.indication[c]; !known {
				l.problem(l.place("symptom", sy.SNOMED), "symptom %s: indication %s is not in the list of indications", sy.SNOMED, c)
			}
		}
	}
	for _, m := range s.Modifiers {
		l.checkModifier(m)
	}
	l.checkOverlaps()
	l.checkAntimicrobial()
}

func (l *loader) place(kind, code string) fmt.Stringer {
	if at, own := l.where[kind+" "+code]; own {
		return at
	}
	return literal("terminology/pss-codes.json")
}

func (l *loader) checkProcedure(p Procedure) {
	at := l.place("procedure", p.Code)
	if p.Code == "" || p.Display == "" {
		l.problem(at, "procedure %q needs a code and a display", p.Code)
	}
	if p.Radiation < 0 || p.Radiation > 5 {
		l.problem(at, "procedure %s: radiation %d is outside 0 to 5", p.Code, p.Radiation)
	}
}

func (l *loader) checkRule(r Rule) {
	if len(r.Indications) == 0 {
		l.problem(r.at, "rule %s names no indication", r.ID)
	}
	for _, c := range r.Indications {
		if _, known := l.set.indication[c]; !known {
			l.problem(r.at, "rule %s: indication %s is not in the list of indications", r.ID, c)
		}
	}
	if r.Age.Min != nil && r.Age.Max != nil && *r.Age.Min > *r.Age.Max {
		l.problem(r.at, "rule %s: age min %d is above max %d", r.ID, *r.Age.Min, *r.Age.Max)
	}
	if r.Sex != "" && r.Sex != "M" && r.Sex != "F" {
		l.problem(r.at, "rule %s: sex %q must be M, F or absent", r.ID, r.Sex)
	}
	l.checkOptions(r.at, "rule "+r.ID, r.Options)
}

func (l *loader) checkOptions(at fmt.Stringer, what string, options []Option) {
	if len(options) == 0 {
		l.problem(at, "%s has no options", what)
	}
	seen := map[string]bool{}
	for _, o := range options {
		if _, known := l.set.procedure[o.Procedure]; !known {
			l.problem(at, "%s: procedure %s is not in the list of procedures", what, o.Procedure)
		}
		if o.Score < 1 || o.Score > 10 {
			l.problem(at, "%s: score %d of procedure %s is outside 1 to 10", what, o.Score, o.Procedure)
		}
		if o.Radiation != nil && (*o.Radiation < 0 || *o.Radiation > 5) {
			l.problem(at, "%s: radiation %d of procedure %s is outside 0 to 5", what, *o.Radiation, o.Procedure)
		}
		if seen[o.Procedure] {
			l.problem(at, "%s: procedure %s occurs twice", what, o.Procedure)
		}
		seen[o.Procedure] = true
	}
}

func (l *loader) checkModifier(m Modifier) {
	if m.Flag == "" || len(m.Source) == 0 {
		l.problem(m.at, "a modifier needs a flag and source codes")
	}
	if sub := m.Effect.Subtract; sub != "" && sub != "radiation" {
		if _, err := strconv.Atoi(sub); err != nil {
			l.problem(m.at, "modifier %s: subtract %q must be a number or \"radiation\"", m.Flag, sub)
		}
	}
	if m.Effect.Cap == nil && m.Effect.Subtract == "" {
		l.problem(m.at, "modifier %s has no effect: give cap or subtract", m.Flag)
	}
	if m.Effect.Cap != nil && (*m.Effect.Cap < 1 || *m.Effect.Cap > 9) {
		l.problem(m.at, "modifier %s: cap %d is outside 1 to 9", m.Flag, *m.Effect.Cap)
	}
}

// checkOverlaps finds two rules for one indication that could both apply to
// one person: the order of the file would decide silently.
func (l *loader) checkOverlaps() {
	reported := map[[2]string]bool{}
	for _, in := range l.set.Indications {
		rules := l.set.byCode[in.Code]
		for i, a := range rules {
			for _, b := range rules[i+1:] {
				x, y := l.set.Rules[a], l.set.Rules[b]
				if a == b {
					l.problem(x.at, "rule %s names indication %s twice", x.ID, in.Code)
					continue
				}
				sexes := x.Sex == "" || y.Sex == "" || x.Sex == y.Sex
				if !sexes || !x.Age.overlaps(y.Age) || reported[[2]string{x.ID, y.ID}] {
					continue
				}
				reported[[2]string{x.ID, y.ID}] = true
				l.problem(y.at, "rules %s and %s overlap in age and sex for indication %s", x.ID, y.ID, in.Code)
			}
		}
	}
}
