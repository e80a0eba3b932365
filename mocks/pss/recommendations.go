package pss

import (
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// getRecommendations answers with scored options (PSS-3). A Condition coded as
// a radiology indication makes it a radiology question.
func (s *Service) getRecommendations(q consultation) (*exchange, error) {
	conditions := q.of("Condition")
	if len(conditions) == 0 {
		q.wrong(codeConditions, "no Condition", "at least one")
		return nil, q.refusal()
	}
	for _, c := range conditions {
		for _, coding := range listAt(c.node, "code", "coding") {
			if known, _ := indicationSystem(stringAt(coding, "system")); known {
				return s.recommendRadiology(q, conditions)
			}
		}
	}
	return s.recommendAntimicrobial(q, conditions)
}

func (s *Service) recommendRadiology(q consultation, conditions []*resource) (*exchange, error) {
	ask := asked{Age: q.age, AgeMonths: q.months, Sex: q.sex, Intention: s.intention(q)}
	for _, c := range conditions {
		code, flag := s.chosen(q, c)
		switch {
		case code == "":
		case flag:
			ask.Flags = append(ask.Flags, code)
		case !slices.Contains(ask.Indications, code):
			ask.Indications = append(ask.Indications, code)
		}
	}
	for _, o := range q.of("Observation") {
		code := stringAt(o.node, "code", "coding", 0, "code")
		if s.rules.Flag(code) {
			ask.Flags = append(ask.Flags, code)
			continue
		}
		journal.Warn(q.r.Context(), "pss-ignored", o.where+": GetRecommendations does not look at Observations")
	}
	if err := q.refusal(); err != nil {
		return nil, err
	}
	in := settingOf(q.r)
	x, advice, err := s.radiology(in, "B", q.who, ask)
	if err != nil {
		return nil, err
	}
	noteAdvice(q.r, in, x)
	if len(advice.Options) == 0 {
		return nil, nil
	}
	var intended *resource
	if list := q.of("ServiceRequest"); len(list) > 0 {
		intended = list[0]
	}
	b := newAnswer(tenant.From(q.r.Context()), x.ID)
	s.fillRadiology(in, b, x, advice, q.patient, intended)
	return x.seal(b)
}

// chosen reads one ticked Condition: an indication, or a fact that modifiers
// may look at.
func (s *Service) chosen(q consultation, c *resource) (code string, flag bool) {
	codings := listAt(c.node, "code", "coding")
	for _, coding := range codings {
		if code := stringAt(coding, "code"); s.rules.Flag(code) {
			return code, true
		}
	}
	q.fixed(c, "clinicalStatus", "active")
	q.fixed(c, "verificationStatus", "provisional")
	q.fixed(c, "category", "problem-list-item")
	q.date(c, "onsetDateTime")
	for _, coding := range codings {
		known, alias := indicationSystem(stringAt(coding, "system"))
		if !known {
			continue
		}
		q.alias(alias, c.where+".code", systemIndica)
		code := stringAt(coding, "code")
		if _, ok := s.rules.Indication(code); !ok {
			q.wrong(codeUnknown, c.where+".code "+shown(at(coding, "code")), "an indication of the list")
			return "", false
		}
		return code, false
	}
	if len(codings) == 0 {
		q.wrong(codeUnknown, c.where+".code has no coding", "a coding of "+systemIndica)
	} else {
		q.wrong(codeSystem, c.where+".code.coding[0].system "+shown(at(codings[0], "system")), systemIndica)
	}
	return "", false
}

// alias warns of the other guide's URL for the same codes.
func (q *request) alias(is bool, where, canonical string) {
	if is {
		journal.Warn(q.r.Context(), "pss-system-alias", where+": this system is an alias here; the PSS guide writes "+canonical)
	}
}

// fillRadiology writes the scored examinations into the bundle, and where each
// of them is into the exchange.
func (s *Service) fillRadiology(in setting, b *answerBundle, x *exchange, a rules.Advice, patient, intended *resource) {
	lang := in.lang
	subject := b.echo(patient)
	var actions []any
	for i, o := range a.Options {
		p, _ := s.rules.Procedure(o.Procedure)
		identifier := "urn:uuid:" + b.newID()
		if o.Requested && intended != nil {
			if own := stringAt(intended.node, "identifier", 0, "value"); own != "" {
				identifier = own
			}
		}
		sr := b.add("ServiceRequest", profileBase+"PSSResponseServiceRequest",
			member{"identifier", []any{object{{"value", identifier}}}},
			member{"status", "active"}, member{"intent", "proposal"},
			member{"code", concept(systemProced, p.Code, p.Display)}, member{"subject", reference(subject)})
		x.Options[i].Resources = []string{sr, identifier}
		var notes []any
		if len(o.Notes) > 0 {
			notes = append(notes, object{{"url", "ratingText"}, {"valueMarkdown", strings.Join(o.Notes, "; ")}})
		}
		actions = append(actions, object{
			{"extension", []any{rating("radiationexposure", o.Radiation, 5), rating("overall", o.Score, 10, notes...)}},
			{"textEquivalent", p.Label(lang)}, {"resource", reference(sr)},
		})
	}
	var links []any
	if rule := a.Rule(); rule != "" {
		label := radiologyDisclaimer().with(invented()).in(lang)
		links = append(links, documentation("justification", label, lang, in.evidence(rule, lang)))
	}
	b.group(subject, object{{"documentation", links}, {"selectionBehavior", "at-most-one"}, {"action", actions}})
}

// anonymous is the Patient of a consultation that came without one.
func anonymous(x *exchange) *resource {
	gender := map[string]string{"M": "male", "F": "female", "U": "unknown"}[x.Asked.Sex]
	id := derivedIDs(x.ID + "-patient")()
	return &resource{kind: "Patient", fullURL: "urn:uuid:" + id, node: map[string]any{
		"resourceType": "Patient", "id": id, "gender": gender,
		"meta": map[string]any{"profile": []any{profileBase + "PSSPatient"}},
		"extension": []any{map[string]any{"url": urlAge, "valueAge": map[string]any{
			"value": x.Asked.Age, "system": systemUCUM, "code": "y",
		}}},
		"name": []any{map[string]any{"extension": []any{map[string]any{"url": urlAbsent, "valueCode": "masked"}}}},
	}}
}
