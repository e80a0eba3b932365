package rules

import (
	"fmt"
	"sort"
)

// antimicrobial reads the questions and rows of the antimicrobial domain and
// checks them against the list of infections.
func (l *loader) antimicrobial() {
	infections := l.set.Antimicrobial.Infections
	d, _ := l.table("antimicrobial", &l.set.Antimicrobial)
	l.set.Antimicrobial.Infections = infections
	if d == nil {
		return
	}
	a := &l.set.Antimicrobial
	for i := range a.Rows {
		l.where["row "+a.Rows[i].ID] = d.at("rows", i)
	}
	for i, p := range a.Parameters {
		l.where["parameters "+p.Indication] = d.at("parameters", i)
	}
	for i, t := range a.Labels {
		found := false
		for j := range a.Infections {
			if a.Infections[j].Code == t.Code {
				a.Infections[j].NL, a.Infections[j].FR, found = t.NL, t.FR, true
			}
		}
		if !found {
			l.problem(d.at("labels", i), "label for %s, which is not in the list of infections", t.Code)
		}
	}
}

func (l *loader) checkAntimicrobial() {
	a := l.set.Antimicrobial
	for _, p := range a.Parameters {
		at := l.where["parameters "+p.Indication]
		if _, known := l.set.Infection(p.Indication); !known {
			l.problem(at, "parameters for %s, which is not in the list of infections", p.Indication)
		}
		for _, q := range p.Items {
			if q.Exclusive() && len(q.Variables) == 0 {
				l.problem(at, "%s is exclusive and needs variables", q.Code)
			}
		}
	}
	seen := map[string]bool{}
	for _, r := range a.Rows {
		at := l.where["row "+r.ID]
		if seen[r.ID] {
			l.problem(at, "row %s occurs twice", r.ID)
		}
		seen[r.ID] = true
		if _, known := l.set.Infection(r.Indication); !known && r.Indication != "*" {
			l.problem(at, "row %s: %s is not in the list of infections", r.ID, r.Indication)
		}
		l.checkRow(at, r)
	}
}

func (l *loader) checkRow(at fmt.Stringer, r Row) {
	names := make([]string, 0, len(r.When))
	for name := range r.When {
		names = append(names, name)
	}
	sort.Strings(names) // errors in a stable order
	for _, name := range names {
		var asked *Parameter
		items := l.set.ParametersOf(r.Indication)
		for i := range items {
			if items[i].Code == name {
				asked = &items[i]
			}
		}
		want := r.When[name]
		switch {
		case asked == nil:
			l.problem(at, "row %s tests %s, which %s does not ask", r.ID, name, r.Indication)
		case asked.Exclusive() && want != None && !contains(asked.Variables, want):
			l.problem(at, "row %s: %s cannot be %q", r.ID, name, want)
		case !asked.Exclusive() && want != "true" && want != "false":
			l.problem(at, "row %s: %s must be true or false, not %q", r.ID, name, want)
		}
	}
	if len(r.Options) == 0 {
		l.problem(at, "row %s has no options", r.ID)
	}
	for _, o := range r.Options {
		l.checkTreatment(at, r.ID, o)
	}
}

func (l *loader) checkTreatment(at fmt.Stringer, row string, o Treatment) {
	if o.NL == "" || o.FR == "" {
		l.problem(at, "row %s: an option needs nl and fr", row)
	}
	if o.Score < 1 || o.Score > 3 {
		l.problem(at, "row %s: score %d of %q is outside 1 to 3", row, o.Score, o.NL)
	}
	switch o.Kind {
	case "", "medication", "communication":
	case "combination":
		if len(o.All) < 2 {
			l.problem(at, "row %s: combination %q needs two parts or more", row, o.NL)
		}
	default:
		l.problem(at, "row %s: kind %q must be medication, communication or combination", row, o.Kind)
	}
}
