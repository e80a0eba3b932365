package pss

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// recommendAntimicrobial answers an antimicrobial question over FHIR. The
// first Condition is the diagnosis; others only tell what is in the record.
func (s *Service) recommendAntimicrobial(q consultation, conditions []*resource) (*exchange, error) {
	infection := s.diagnosis(q, conditions[0])
	if len(conditions) > 1 {
		journal.Warn(q.r.Context(), "pss-conditions", "the first Condition is taken as the diagnosis, the others as facts of the record")
	}
	given := map[string]string{}
	if infection.Code != "" {
		given = s.answers(q, infection)
	}
	record := q.record(conditions[0])
	if err := q.refusal(); err != nil {
		return nil, err
	}
	x := s.exchange(q, kindAdvice, Antimicrobial)
	out, ok, err := s.decide(x, infection, given, record)
	if err != nil || !ok {
		return nil, err
	}
	b := newAnswer(tenant.From(q.r.Context()), x.ID)
	subject := b.echo(q.patient)
	var actions []any
	for i, o := range out.Row.Options {
		action, urls := s.treatment(b, subject, o)
		x.Options[i].Resources = urls
		text := colour(o.Score)
		rated := object{{"extension", []any{rating("overall", o.Score, 3, ratingText(text.nl, text.fr))}}}
		actions = append(actions, append(rated, action...))
	}
	b.group(subject, object{{"documentation", s.documents()}, {"selectionBehavior", "at-most-one"}, {"action", actions}})
	return x.seal(b)
}

// decide runs the rules and fills the exchange, the answer of door C included.
func (s *Service) decide(x *exchange, infection rules.Infection, given map[string]string, record []rules.Coding) (rules.Outcome, bool, error) {
	out, ok := s.rules.Decide(rules.Situation{Infection: infection.Code, AgeMonths: x.Asked.AgeMonths, Answers: given, Record: record})
	if !ok {
		return out, false, nil
	}
	x.Asked.Indications, x.RuleIDs = []string{infection.Code}, []string{out.Row.ID}
	for i, o := range out.Row.Options {
		id := o.ATC
		if id == "" {
			id = fmt.Sprintf("%s-%d", out.Row.ID, i+1)
		}
		codes := []string{id, o.NL, o.FR}
		for _, c := range append([]rules.Treatment{o}, o.All...) {
			for _, code := range []string{c.ATC, c.VMPG} {
				if code != "" {
					codes = append(codes, code)
				}
			}
		}
		x.Options = append(x.Options, option{ID: id, Label: o.NL, Score: o.Score, Codes: codes})
	}
	var err error
	if x.Explain, err = json.Marshal(out.Decisions); err != nil {
		return out, false, err
	}
	x.Answer, err = json.Marshal(s.step(x, infection, out))
	return out, err == nil, err
}

// colour is what a score of the antimicrobial domain says.
func colour(score int) text {
	switch score {
	case 3:
		return text{nl: "Over het algemeen aangewezen", fr: "Généralement approprié", en: "Generally indicated"}
	case 2:
		return text{nl: "Minder aangewezen", fr: "Moins approprié", en: "Less indicated"}
	default:
		return text{nl: "Niet aangewezen", fr: "Pas approprié", en: "Not indicated"}
	}
}

// treatment writes the resources of one option and the action that refers to
// them. The parts of a combination are actions of their own.
func (s *Service) treatment(b *answerBundle, subject string, o rules.Treatment) (action object, urls []string) {
	action = object{{"textEquivalent", o.NL}, {"_textEquivalent", translated("fr-BE", o.FR)}}
	switch o.Kind {
	case "combination":
		var parts []any
		for _, part := range o.All {
			a, u := s.treatment(b, subject, part)
			parts, urls = append(parts, a), append(urls, u...)
		}
		return append(action, member{"selectionBehavior", "all"}, member{"action", parts}), urls
	case "communication":
		markdown := object{{"extension", []any{
			object{{"url", urlMarkdown}, {"valueMarkdown", o.NL}},
			listAtObject(translated("fr-BE", o.FR)),
		}}}
		url := b.add("CommunicationRequest", profileBase+"PSSResponseCommunicationRequest", member{"status", "active"},
			member{"subject", reference(subject)}, member{"payload", []any{object{{"_contentString", markdown}}}})
		return append(action, member{"resource", reference(url)}), []string{url}
	default:
		url := b.add("MedicationRequest", profileBase+"PSSResponseMedicationRequest", member{"status", "active"}, member{"intent", "proposal"},
			member{"medicationCodeableConcept", medicine(o)}, member{"subject", reference(subject)}, member{"dosageInstruction", dosage(o.Dosage)})
		return append(action, member{"resource", reference(url)}), []string{url}
	}
}

// listAtObject takes the one extension out of a companion element.
func listAtObject(companion object) any {
	list, _ := companion[0].value.([]any)
	return list[0]
}

// medicine names a medicine by ATC code, VMP group, or words only.
func medicine(o rules.Treatment) object {
	var codings []any
	if o.ATC != "" {
		codings = append(codings, coding(rules.ATC, o.ATC, ""))
	}
	if o.VMPG != "" {
		codings = append(codings, coding(systemVMPG, o.VMPG, ""))
	}
	return object{{"coding", codings}, {"text", o.NL}, {"_text", translated("fr-BE", o.FR)}}
}

func dosage(d *rules.Dosage) []any {
	if d == nil {
		return nil
	}
	return []any{object{
		{"text", d.NL}, {"_text", translated("fr-BE", d.FR)},
		{"timing", object{{"repeat", object{
			{"boundsDuration", object{{"value", d.Days}, {"unit", "d"}, {"system", systemUCUM}, {"code", "d"}}},
			{"frequency", d.Frequency}, {"period", d.Period}, {"periodUnit", d.PeriodUnit},
		}}}},
		{"doseAndRate", []any{object{{"doseQuantity", object{{"value", d.Dose}, {"unit", d.Unit}}}}}},
	}}
}

// documents are the links beside an antimicrobial advice, one per language.
func (s *Service) documents() []any {
	var out []any
	for _, l := range s.rules.Antimicrobial.Links {
		for _, lang := range []string{"nl", "fr"} {
			label := text{nl: l.NL, fr: l.FR, en: l.NL}.in(lang)
			if !strings.Contains(label, invented().in(lang)) {
				label += " (" + invented().in(lang) + ")"
			}
			out = append(out, documentation("documentation", label, lang, strings.ReplaceAll(l.URL, "{lang}", lang)))
		}
	}
	return out
}
