package pss

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// getDataToCollect answers what must be known before an infection can be
// advised on (PSS-2).
func (s *Service) getDataToCollect(q consultation) (*exchange, error) {
	conditions := q.of("Condition")
	var infection rules.Infection
	if len(conditions) != 1 {
		q.wrong(codeConditions, plural(len(conditions), "Condition"), "exactly one")
	} else {
		infection = s.diagnosis(q, conditions[0])
		q.record(conditions[0])
	}
	if err := q.refusal(); err != nil {
		return nil, err
	}
	x := s.exchange(q, kindCollect, Antimicrobial)
	x.Asked.Indications = []string{infection.Code}
	t := tenant.From(q.r.Context())
	b := newAnswer(t, x.ID)
	subject := b.echo(q.patient)
	var input []any
	activity := concept(systemActivity, "collect-information", "Collect information")
	if parameters := s.rules.ParametersOf(infection.Code); len(parameters) > 0 {
		form := s.questionnaire(b, infection, parameters)
		value := member{"valueCanonical", form}
		if t.Settings.String("pss-task-input") == "reference" {
			value = member{"valueReference", reference(form)}
		}
		input = []any{object{{"type", activity}, value}}
	}
	task := b.add("Task", profileBase+"PSSQuestionnaireTask", member{"status", "requested"}, member{"intent", "proposal"},
		member{"code", activity}, member{"for", reference(subject)}, member{"input", input})
	title := text{nl: "Verzamel informatie", fr: "Recueillir des informations", en: "Collect information"}
	b.group(subject, object{{"selectionBehavior", "at-most-one"}, {"action", []any{object{
		{"textEquivalent", title.in(language(q.r))}, {"resource", reference(task)},
	}}}})
	return x.seal(b)
}

// questionnaire writes the form with the questions of an infection. The value
// sets its extensions point at are contained, so that it can be filled offline.
func (s *Service) questionnaire(b *answerBundle, infection rules.Infection, parameters []rules.Parameter) string {
	id := b.newID()
	url := "urn:uuid:" + id
	var items, sets []any
	seen := map[string]bool{}
	for _, p := range parameters {
		items = append(items, s.question(p))
		for _, code := range p.Variables {
			if v := s.rules.Variable(code); len(v.Codings()) > 0 && !seen[code] {
				seen[code] = true
				sets = append(sets, valueSet(v))
			}
		}
	}
	return b.put(url, object{{"resourceType", "Questionnaire"}, {"id", id}, {"meta", profiles(profileBase + "PSSDataAcquisitionForm")}}, []member{
		{"language", "nl-BE"}, {"contained", sets}, {"url", url}, {"title", infection.Label("nl")},
		{"_title", translated("fr-BE", infection.Label("fr"))}, {"status", "active"}, {"subjectType", []any{"Patient"}}, {"item", items},
	})
}

// valueSet lists the codes that mean a variable is true.
func valueSet(v rules.Variable) object {
	var include []any
	for _, system := range []string{rules.SNOMED, rules.ICPC2, rules.ICD10, rules.ATC} {
		var concepts []any
		for _, c := range v.Codings() {
			if c.System == system {
				concepts = append(concepts, object{{"code", c.Code}})
			}
		}
		if len(concepts) > 0 {
			include = append(include, object{{"system", system}, {"concept", concepts}})
		}
	}
	return object{
		{"resourceType", "ValueSet"}, {"id", valueSetID(v)}, {"url", pssBase + "ValueSet/" + v.Code}, {"status", "active"},
		{"compose", object{{"include", include}}},
	}
}

// valueSetID is an id as FHIR allows it: no underscores.
func valueSetID(v rules.Variable) string { return strings.ReplaceAll(v.Code, "_", "-") }

// question is one support parameter: a choice when exclusive, else a boolean
// with its patient variables as nested booleans.
func (s *Service) question(p rules.Parameter) object {
	q := object{
		{"linkId", p.Code}, {"text", p.NL}, {"_text", translated("fr-BE", p.FR)}, {"type", "boolean"},
		{"required", p.Mandatory()}, {"repeats", false},
	}
	if p.Exclusive() {
		q[3].value = "choice"
		var options []any
		for _, code := range p.Variables {
			v := s.rules.Variable(code)
			options = append(options, object{{"extension", meaning(v, true)}, {"valueCoding", object{
				{"system", systemAnswers}, {"code", v.Code}, {"display", v.NL}, {"_display", translated("fr-BE", v.FR)},
			}}})
		}
		if !p.Mandatory() {
			options = append(options, object{{"valueCoding", object{
				{"system", systemAnswers}, {"code", rules.None}, {"display", "Geen van deze"}, {"_display", translated("fr-BE", "Aucun de ceux-ci")},
			}}})
		}
		return append(q, member{"answerOption", options})
	}
	var nested []any
	for _, code := range p.Variables {
		v := s.rules.Variable(code)
		nested = append(nested, object{
			{"extension", meaning(v, false)}, {"linkId", v.Code}, {"text", v.NL}, {"_text", translated("fr-BE", v.FR)},
			{"type", "boolean"}, {"required", false}, {"repeats", false},
		})
	}
	return append(q, member{"item", nested})
}

// meaning says which codes of the record make a variable true: the contained
// value set and, on an answer option, each code.
func meaning(v rules.Variable, onOption bool) []any {
	codings := v.Codings()
	if len(codings) == 0 {
		return nil
	}
	out := []any{object{{"url", urlValueSet}, {"valueCanonical", "#" + valueSetID(v)}}}
	if !onOption {
		return out
	}
	for _, c := range codings {
		out = append(out, object{{"url", urlAnswerCode}, {"valueCoding", coding(c.System, c.Code, "")}})
	}
	return out
}
