package rules

import (
	"slices"
	"strconv"
)

// Decide answers for one infection. ok is false when no row, not even
// one for every indication, holds.
func (s *Set) Decide(in Situation) (out Outcome, ok bool) {
	values := map[string]string{}
	for _, p := range s.ParametersOf(in.Infection) {
		v := s.value(p, in)
		values[p.Code] = v.Value
		out.Values = append(out.Values, v)
		out.Decisions = append(out.Decisions, v.decision(in.Answers[p.Code]))
	}
	row, ok := s.row(in.Infection, values)
	if !ok {
		return out, false
	}
	out.Row = row
	last := Decision{Conclusion: Named{"responseId", row.ID}}
	last.Inputs = append(last.Inputs, Named{"ageMonths", strconv.Itoa(in.AgeMonths)})
	last.Conditions = append(last.Conditions, Any)
	for _, v := range out.Values {
		last.Inputs = append(last.Inputs, Named{v.Parameter.Code, v.Value})
		want, tested := row.When[v.Parameter.Code]
		if !tested {
			want = Any
		}
		last.Conditions = append(last.Conditions, want)
	}
	out.Decisions = append(out.Decisions, last)
	return out, true
}

func (s *Set) row(infection string, values map[string]string) (Row, bool) {
	for _, indication := range []string{infection, "*"} {
		for _, r := range s.Antimicrobial.Rows {
			if r.Indication == indication && r.holds(values) {
				return r, true
			}
		}
	}
	return Row{}, false
}

func (r Row) holds(values map[string]string) bool {
	for parameter, want := range r.When {
		if values[parameter] != want {
			return false
		}
	}
	return true
}

// value works out one parameter: the user's own answer, else what its
// variables say. A variable is true when the user says so or the record holds
// one of its codes.
func (s *Set) value(p Parameter, in Situation) Value {
	out := Value{Parameter: p}
	chosen, any := "", false
	for _, code := range p.Variables {
		v := VariableValue{Variable: s.Variable(code), Answer: in.Answers[code]}
		v.Recorded = slices.ContainsFunc(v.Variable.Codings(), func(c Coding) bool { return slices.Contains(in.Record, c) })
		v.Value = strconv.FormatBool(v.Answer == "true" || v.Answer == "" && v.Recorded)
		if p.Exclusive() && in.Answers[p.Code] != "" {
			v.Value = strconv.FormatBool(in.Answers[p.Code] == code)
		}
		if v.Value == "true" && !any {
			chosen, any = code, true
		}
		out.Variables = append(out.Variables, v)
	}
	switch own := in.Answers[p.Code]; {
	case own != "":
		out.Value = own
	case !p.Exclusive():
		out.Value = strconv.FormatBool(any)
	case any:
		out.Value = chosen
	default:
		out.Value = None
	}
	return out
}

func (v Value) decision(override string) Decision {
	d := Decision{Conclusion: Named{v.Parameter.Code, v.Value}}
	for _, pv := range v.Variables {
		d.Inputs = append(d.Inputs,
			Named{pv.Variable.Code + "Override", orNull(pv.Answer)},
			Named{pv.Variable.Code + "AuthorizedCodes", strconv.FormatBool(pv.Recorded)})
		d.Conditions = append(d.Conditions, orAny(pv.Answer), anyUnless(pv.Answer == "", strconv.FormatBool(pv.Recorded)))
	}
	d.Inputs = append(d.Inputs, Named{v.Parameter.Code + "Override", orNull(override)})
	d.Conditions = append(d.Conditions, orAny(override))
	return d
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

func orAny(s string) string {
	if s == "" {
		return Any
	}
	return s
}

func anyUnless(tested bool, s string) string {
	if tested {
		return s
	}
	return Any
}
