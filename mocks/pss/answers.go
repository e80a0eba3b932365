package pss

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// answers reads the QuestionnaireResponse against the questions of the
// infection: link id → "true", "false", a variable or "none".
func (s *Service) answers(q consultation, infection rules.Infection) map[string]string {
	parameters := s.rules.ParametersOf(infection.Code)
	forms := q.of("QuestionnaireResponse")
	switch {
	case len(parameters) == 0 && len(forms) > 0:
		q.wrong(codeQRUnwanted, infection.Code+" has no questions", "no QuestionnaireResponse")
		return nil
	case len(parameters) == 0:
		return nil
	case len(forms) == 0:
		q.wrong(codeQRMissing, infection.Code+" asks "+plural(len(parameters), "question"), "one QuestionnaireResponse")
		return nil
	case len(forms) > 1:
		q.wrong(codeQRUnwanted, plural(len(forms), "QuestionnaireResponse"), "one QuestionnaireResponse")
		return nil
	}
	form := forms[0]
	q.fixed(form, "status", "completed")
	q.date(form, "authored")
	if stringAt(form.node, "questionnaire") == "" {
		q.wrong(codeQRAnswer, form.where+".questionnaire is missing", "the canonical of the Questionnaire that was answered")
	}
	given := &formReader{q: q.request, answers: map[string]string{}, kinds: map[string]string{}}
	given.items(form.where, form.node)
	s.checkAnswers(given, form.where, parameters)
	return given.answers
}

// formReader collects answers, also those nested below answers.
type formReader struct {
	q       *request
	answers map[string]string
	kinds   map[string]string // link id → boolean, coding
}

func (f *formReader) items(where string, node any) {
	for i, item := range listAt(node, "item") {
		at0 := fmt.Sprintf("%s.item[%d]", where, i)
		id := stringAt(item, "linkId")
		if id == "" {
			f.q.wrong(codeQRAnswer, at0+".linkId is missing", "the linkId of a question")
		}
		list := listAt(item, "answer")
		if len(list) > 1 {
			f.q.wrong(codeQRAnswer, at0+" ("+id+") has "+plural(len(list), "answer"), "one answer")
		}
		for j, a := range list {
			f.answer(at0, id, a)
			f.items(fmt.Sprintf("%s.answer[%d]", at0, j), a)
		}
		f.items(at0, item)
	}
}

func (f *formReader) answer(where, id string, a any) {
	var value, kind string
	switch {
	case at(a, "valueBoolean") != nil:
		b, ok := at(a, "valueBoolean").(bool)
		if !ok {
			f.q.wrong(codeQRAnswer, where+" ("+id+") valueBoolean is not true or false", "true or false without quotes")
		}
		value, kind = strconv.FormatBool(b), "boolean"
	case at(a, "valueCoding") != nil:
		value, kind = stringAt(a, "valueCoding", "code"), "coding"
		if system := stringAt(a, "valueCoding", "system"); system == "" {
			journal.Warn(f.q.r.Context(), "pss-answer-system", where+" ("+id+"): the coding has no system; it is "+systemAnswers)
		} else if bare(system) != systemAnswers {
			f.q.wrong(codeSystem, where+" ("+id+") system "+shown(system), systemAnswers)
		}
	default:
		f.q.wrong(codeQRAnswer, where+" ("+id+") has neither valueBoolean nor valueCoding", "valueBoolean or valueCoding")
		return
	}
	if before, seen := f.answers[id]; seen && before != value {
		f.q.wrong(codeQRAnswer, where+" ("+id+") is answered "+shown(before)+" and "+shown(value), "the same answer wherever a variable occurs")
	}
	f.answers[id], f.kinds[id] = value, kind
}

// checkAnswers compares the answers with what was asked.
func (s *Service) checkAnswers(f *formReader, where string, parameters []rules.Parameter) {
	known := map[string]bool{}
	for _, p := range parameters {
		known[p.Code] = true
		for _, v := range p.Variables {
			known[v] = true
			if f.kinds[v] == "coding" {
				f.q.wrong(codeQRAnswer, where+" ("+v+") is answered by a coding", "valueBoolean")
			}
		}
		answer, given := f.answers[p.Code]
		switch {
		case !given && p.Mandatory():
			f.q.wrong(codeQRAnswer, where+" ("+p.Code+") is not answered", "a valueCoding: the question is mandatory")
		case !given:
		case p.Exclusive() && f.kinds[p.Code] != "coding":
			f.q.wrong(codeQRAnswer, where+" ("+p.Code+") is answered by a boolean", "valueCoding")
		case !p.Exclusive() && f.kinds[p.Code] != "boolean":
			f.q.wrong(codeQRAnswer, where+" ("+p.Code+") is answered by a coding", "valueBoolean")
		case p.Exclusive() && !slices.Contains(p.Variables, answer) && (p.Mandatory() || answer != rules.None):
			f.q.wrong(codeQRAnswer, where+" ("+p.Code+") is "+shown(answer), "an answer option of the question")
		}
	}
	for id := range f.answers {
		if !known[id] {
			journal.Warn(f.q.r.Context(), "pss-answer-unknown", where+": no question is called "+shown(id)+"; it is ignored")
		}
	}
}

// plural counts things in English: "1 Condition", "2 Conditions".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
