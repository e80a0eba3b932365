package rules

import (
	"fmt"
	"strconv"
)

// modify applies the modifiers whose flag was raised, in the order of the
// file: never below 1, never to an examination without a score.
func (s *Set) modify(options []Scored, raised []string) {
	for _, m := range s.Modifiers {
		if !m.raisedBy(raised) {
			continue
		}
		for i := range options {
			o := &options[i]
			p, _ := s.Procedure(o.Procedure)
			if o.Score == NoScore || !m.appliesTo(p, o.Radiation) {
				continue
			}
			after := m.apply(o.Score, o.Radiation)
			if after == o.Score {
				continue
			}
			o.Notes = append(o.Notes, fmt.Sprintf("%s: %d → %d", m.Flag, o.Score, after))
			o.Score = after
			if o.Reason == "" {
				o.Reason = m.SuggestReason
			}
		}
	}
}

func (m Modifier) raisedBy(codes []string) bool {
	for _, c := range codes {
		if c == m.Flag || contains(m.Source, c) {
			return true
		}
	}
	return false
}

func (m Modifier) appliesTo(p Procedure, radiation int) bool {
	a := m.AppliesTo
	return (len(a.Modality) == 0 || contains(a.Modality, p.Modality)) &&
		(len(a.Contrast) == 0 || contains(a.Contrast, p.Contrast)) &&
		radiation >= a.MinRadiation
}

func (m Modifier) apply(score, radiation int) int {
	floor := min(score, max(1, m.Effect.Floor)) // a floor stops a fall, it lifts nothing
	if m.Effect.Cap != nil {
		score = min(score, *m.Effect.Cap)
	}
	switch m.Effect.Subtract {
	case "":
	case "radiation":
		score -= radiation
	default:
		n, _ := strconv.Atoi(m.Effect.Subtract) // checked when loaded
		score -= n
	}
	return max(floor, score)
}
