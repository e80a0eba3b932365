package pss

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// getDiagnoses proposes fine-grained indications for symptoms (PSS-1).
func (s *Service) getDiagnoses(q consultation) (*exchange, error) {
	observations, conditions := q.of("Observation"), q.of("Condition")
	if len(observations) == 0 && len(conditions) == 0 {
		q.wrong(codeObservation, "none, and no Condition either", "at least one Observation")
	}
	intention := s.intention(q)
	var finds [][]string
	var asked []string
	for _, o := range observations {
		q.fixed(o, "status", "final")
		hits, what := s.symptom(q, o)
		finds, asked = append(finds, hits), append(asked, what)
	}
	for _, c := range conditions {
		hits, what := s.condition(q, c)
		finds, asked = append(finds, hits), append(asked, what)
	}
	if err := q.refusal(); err != nil {
		return nil, err
	}
	candidates := s.candidates(finds, q, intention)
	if len(candidates) == 0 {
		return nil, nil
	}
	x := s.exchange(q, kindDiagnoses, Radiology)
	x.Asked.Symptoms, x.Asked.Intention = asked, intention
	for _, code := range candidates {
		in, _ := s.rules.Indication(code)
		x.Options = append(x.Options, option{ID: code, Label: in.Display})
	}
	return x.seal(s.diagnosesBundle(q, x))
}

// candidates unites what the symptoms found, those hit most often first, and
// drops what neither the intention nor the limits of the rules allow.
func (s *Service) candidates(finds [][]string, q consultation, intention string) []string {
	hits := map[string]int{}
	var order []string
	for _, list := range finds {
		for _, code := range list {
			if hits[code]++; hits[code] == 1 {
				order = append(order, code)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(hits[b], hits[a]) })
	var out []string
	for _, code := range order {
		if intention != "" && !s.rules.Advises(code, intention, q.age, q.sex) || !s.rules.Fits(code, q.age, q.sex) {
			continue
		}
		if out = append(out, code); len(out) == maxSuggestions {
			break
		}
	}
	return out
}

// symptom finds indications for one Observation: by the mapping of its SNOMED
// CT code, else by the words of its texts.
func (s *Service) symptom(q consultation, o *resource) (hits []string, what string) {
	var words []string
	codings := listAt(o.node, "code", "coding")
	for i, c := range codings {
		system, code := stringAt(c, "system"), stringAt(c, "code")
		if bare(system) != systemSNOMED {
			q.wrong(codeSystem, fmt.Sprintf("%s.code.coding[%d].system %s", o.where, i, shown(at(c, "system"))), systemSNOMED)
			continue
		}
		if mapped, ok := s.rules.Symptom(code); ok {
			return mapped, code
		}
		what = code
		if d := stringAt(c, "display"); d != "" {
			words = append(words, d)
		}
		if s.cfg.PreferredTerm != nil {
			for _, lang := range []string{language(q.r), "en"} {
				words = append(words, s.cfg.PreferredTerm(tenant.From(q.r.Context()), code, lang))
			}
		}
	}
	if text := stringAt(o.node, "code", "text"); text != "" {
		words, what = append([]string{text}, words...), text
	}
	if what == "" {
		q.wrong(codeUnknown, o.where+".code has neither coding nor text", "a SNOMED CT coding or code.text")
	}
	return s.byWords(q, words), what
}

// byWords searches the labels of indications with each text in turn.
func (s *Service) byWords(q consultation, texts []string) []string {
	var out []string
	for _, text := range texts {
		for _, in := range s.rules.SearchIndications(text, language(q.r), len(s.rules.Indications)) {
			if !slices.Contains(out, in.Code) {
				out = append(out, in.Code)
			}
		}
	}
	return out
}

// condition finds indications for a Condition sent instead of a symptom.
func (s *Service) condition(q consultation, c *resource) (hits []string, what string) {
	codings := listAt(c.node, "code", "coding")
	if len(codings) == 0 {
		return s.symptom(q, c)
	}
	// Only the first coding counts.
	coding, where := codings[0], c.where+".code.coding[0]"
	system, code := stringAt(coding, "system"), stringAt(coding, "code")
	if known, _ := indicationSystem(system); known {
		if _, ok := s.rules.Indication(code); !ok {
			q.wrong(codeUnknown, where+" "+shown(at(coding, "code")), "an indication of the list")
		}
		return []string{code}, code
	}
	if bare(system) == systemSNOMED {
		return s.symptom(q, c)
	}
	q.wrong(codeSystem, where+".system "+shown(at(coding, "system")), systemIndica+" or "+systemSNOMED)
	return nil, code
}

// intention reads the examination the prescriber has in mind, if any.
func (s *Service) intention(q consultation) string {
	list := q.of("ServiceRequest")
	if len(list) == 0 {
		return ""
	}
	if len(list) > 1 {
		q.wrong(codeRequests, fmt.Sprintf("%d ServiceRequests", len(list)), "none or one")
	}
	sr := list[0]
	q.fixed(sr, "status", "active")
	q.fixed(sr, "intent", "proposal")
	codings := listAt(sr.node, "code", "coding")
	if len(codings) == 0 {
		q.wrong(codeUnknown, sr.where+".code has no coding", "a coding of "+systemProced)
		return ""
	}
	for _, c := range codings {
		known, alias := procedureSystem(stringAt(c, "system"))
		if !known {
			continue
		}
		q.alias(alias, sr.where+".code", systemProced)
		code := stringAt(c, "code")
		if _, ok := s.rules.Procedure(code); !ok {
			q.wrong(codeUnknown, sr.where+".code "+shown(at(c, "code")), "a procedure of the list")
		}
		return code
	}
	q.wrong(codeSystem, sr.where+".code.coding[0].system "+shown(at(codings[0], "system")), systemProced)
	return ""
}

func (s *Service) diagnosesBundle(q consultation, x *exchange) *answerBundle {
	t := tenant.From(q.r.Context())
	lang := language(q.r)
	b := newAnswer(t, x.ID)
	subject := b.echo(q.patient)
	proposal := text{nl: "Mogelijke diagnose: ", fr: "Diagnostic possible: ", en: "Potential diagnosis of "}
	activity := concept(systemActivity, "propose-diagnosis", "Propose a diagnosis")
	var actions []any
	for i, o := range x.Options {
		in, _ := s.rules.Indication(o.ID)
		condition := b.add("Condition", "http://hl7.org/fhir/uv/cpg/StructureDefinition/cpg-condition",
			member{"clinicalStatus", concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "")},
			member{"verificationStatus", concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "provisional", "")},
			member{"category", []any{concept("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item", "")}},
			member{"code", concept(systemIndica, in.Code, in.Display)},
			member{"subject", reference(subject)},
			member{"onsetDateTime", t.Clock.Now().Format(time.RFC3339)})
		task := b.add("Task", "", member{"status", "requested"}, member{"intent", "proposal"}, member{"code", activity},
			member{"for", reference(subject)},
			member{"input", []any{object{{"type", activity}, {"valueReference", reference(condition)}}}})
		x.Options[i].Resources = []string{condition, task}
		actions = append(actions, object{{"textEquivalent", proposal.in(lang) + in.Label(lang)}, {"resource", reference(task)}})
	}
	b.group(subject, object{{"selectionBehavior", "one-or-more"}, {"action", actions}})
	return b
}
