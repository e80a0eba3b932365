package rules

import (
	"cmp"
	"slices"
)

// NoScore is the score of an examination nobody scored: the one the prescriber
// had in mind when no rule names it.
const NoScore = 10

// Question is what radiology advice depends on. PSS never learns who the
// person is: age, sex and codes are all it gets.
type Question struct {
	Age         int      // whole years
	Sex         string   // M, F or U
	Indications []string // codes of the list, in the caller's order
	Intention   string   // procedure code the prescriber has in mind, or empty
	Flags       []string // codes of facts that modifiers may look at
	Consider    bool     // whether modifiers are applied at all
}

// Advice is the ranked answer and how it came about.
type Advice struct {
	Options []Scored
	Sources []Source
}

// Source is the rule or fallback one indication was answered from; RuleID is
// empty when there was neither.
type Source struct {
	Indication string `json:"indication"`
	RuleID     string `json:"ruleId"`
	Fallback   bool   `json:"fallback"`
	Why        string `json:"why"`
}

// Scored is one examination in the advice.
type Scored struct {
	Procedure string
	Score     int // 9 to 1, or NoScore
	Radiation int
	Requested bool // the prescriber's own intention

	Merged int      // the score before modifiers
	From   []Vote   // every rule that named it
	Notes  []string // one per modifier that changed it
	Reason string   // reason of deviation a modifier suggests
}

// Vote is the score one indication's rule gave.
type Vote struct {
	Indication string `json:"indication"`
	RuleID     string `json:"ruleId"`
	Score      int    `json:"score"`
}

// Rule returns the id of the rule that carries the advice: that of the first
// indication that has one. Empty when nothing matched.
func (a Advice) Rule() string {
	for _, s := range a.Sources {
		if s.RuleID != "" {
			return s.RuleID
		}
	}
	return ""
}

// Radiology ranks examinations. An indication without a fitting rule takes its
// group's fallback; an indication without a group adds nothing. The result is
// empty only when no indication has either and there is no intention.
func (s *Set) Radiology(q Question) Advice {
	var out Advice
	found := map[string]int{} // procedure → position in out.Options
	for _, code := range distinct(q.Indications) {
		options, src := s.optionsFor(code, q.Age, q.Sex)
		out.Sources = append(out.Sources, src)
		for _, o := range options {
			s.merge(&out, found, code, src.RuleID, o)
		}
	}
	if q.Intention != "" {
		i, listed := found[q.Intention]
		if !listed {
			p, _ := s.Procedure(q.Intention)
			i = len(out.Options)
			out.Options = append(out.Options, Scored{Procedure: q.Intention, Score: NoScore, Merged: NoScore, Radiation: p.Radiation})
		}
		out.Options[i].Requested = true
	}
	if q.Consider {
		s.modify(out.Options, q.Flags)
	}
	s.sort(out.Options)
	return out
}

// optionsFor picks the one rule for an indication, or its fallback.
func (s *Set) optionsFor(code string, age int, sex string) ([]Option, Source) {
	src := Source{Indication: code}
	if r, why := s.ruleFor(code, age, sex); r != nil {
		src.RuleID, src.Why = r.ID, why
		return r.Options, src
	}
	src.Fallback = true
	in, ok := s.Indication(code)
	if !ok {
		src.Why = "indication is not in the list"
		return nil, src
	}
	i, ok := s.fallback[in.Group]
	if !ok {
		src.Why = "no rule fits and the indication's group has no fallback"
		return nil, src
	}
	f := s.Fallbacks[i]
	src.RuleID = f.ID()
	src.Why = "no rule fits age and sex: fallback of group " + in.Group
	if len(s.byCode[code]) == 0 {
		src.Why = "no rule names the indication: fallback of group " + in.Group
	}
	return f.Options, src
}

// ruleFor applies the limits. An unknown sex fits rules without one; failing
// those the female, then the male rule answers.
func (s *Set) ruleFor(code string, age int, sex string) (*Rule, string) {
	pick := func(want string) *Rule {
		for _, i := range s.byCode[code] {
			if r := &s.Rules[i]; r.Sex == want && r.Age.Holds(age) {
				return r
			}
		}
		return nil
	}
	if r := pick(""); r != nil {
		return r, "rule fits age"
	}
	if sex != "U" {
		return pick(sex), "rule fits age and sex"
	}
	if r := pick("F"); r != nil {
		return r, "sex unknown: the female rule answers"
	}
	return pick("M"), "sex unknown: the male rule answers"
}

// merge keeps the highest score. "No score" is no score: any number beats it.
func (s *Set) merge(out *Advice, found map[string]int, indication, rule string, o Option) {
	radiation := 0
	if o.Radiation != nil {
		radiation = *o.Radiation
	} else if p, ok := s.Procedure(o.Procedure); ok {
		radiation = p.Radiation
	}
	vote := Vote{Indication: indication, RuleID: rule, Score: o.Score}
	i, seen := found[o.Procedure]
	if !seen {
		found[o.Procedure] = len(out.Options)
		out.Options = append(out.Options, Scored{
			Procedure: o.Procedure, Score: o.Score, Merged: o.Score, Radiation: radiation, From: []Vote{vote},
		})
		return
	}
	have := &out.Options[i]
	have.From = append(have.From, vote)
	if have.Score == NoScore || (o.Score != NoScore && o.Score > have.Score) {
		have.Score, have.Merged, have.Radiation = o.Score, o.Score, radiation
	}
}

// sort ranks: score 9 to 1, then no score; less radiation; named by more
// indications; earlier in the rule table; code.
func (s *Set) sort(options []Scored) {
	rank := func(o Scored) int {
		if o.Score == NoScore {
			return 0
		}
		return o.Score
	}
	slices.SortStableFunc(options, func(a, b Scored) int {
		return cmp.Or(
			cmp.Compare(rank(b), rank(a)),
			cmp.Compare(a.Radiation, b.Radiation),
			cmp.Compare(len(b.From), len(a.From)),
			cmp.Compare(s.place(a.Procedure), s.place(b.Procedure)),
			cmp.Compare(a.Procedure, b.Procedure),
		)
	})
}

// place is where a procedure first stands in the rule table; those that stand
// nowhere come last.
func (s *Set) place(code string) int {
	if i, ok := s.order[code]; ok {
		return i
	}
	return len(s.order)
}

// Advises says whether advice on the indication, for this person, names the
// procedure.
func (s *Set) Advises(indication, procedure string, age int, sex string) bool {
	options, _ := s.optionsFor(indication, age, sex)
	return slices.ContainsFunc(options, func(o Option) bool { return o.Procedure == procedure })
}

// Fits says whether the limits of the rules leave the indication open to this
// person: an indication all of whose rules exclude the person does not fit.
func (s *Set) Fits(indication string, age int, sex string) bool {
	if len(s.byCode[indication]) == 0 {
		return true
	}
	r, _ := s.ruleFor(indication, age, sex)
	return r != nil
}

func distinct(list []string) []string {
	var out []string
	for _, v := range list {
		if !contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
