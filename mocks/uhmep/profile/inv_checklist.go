package profile

import (
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// booleanQuestions and the others are the linkIds of the federal questionnaire.
func booleanQuestions() []string {
	return []string{"pregnancy", "diabetes", "allergy-contrast-agent", "metallic-debris", "renal-dysfunction", "none"}
}

func checklistInvariants() []Invariant {
	return []Invariant{
		{"ereferral-inv-at-least-one-answer", "at least one question is answered", func(s Scope, fail Fail) {
			items := s.Resource.Items("item")
			for _, item := range items {
				if len(item.Items("answer")) > 0 {
					return
				}
			}
			if len(items) > 0 {
				fail(s.Resource.Absent("item"), "no answer", "an answer to some question")
			}
		}},
		{"ereferral-inv-no-other-selected-value-if-none-is-true", "when 'none' is true nothing else is", noneAlone},
		{"ereferral-inv-answer-value-string-pseudonymized", "text answers are encrypted", func(s Scope, fail Fail) {
			eachAnswer(s.Resource, func(_ string, answer *Node) { mustBeMarked(answer.Items("valueString"), fail) })
		}},
		{"checklist-questions", "the questions are those of the federal questionnaire", func(s Scope, fail Fail) {
			known := append(booleanQuestions(), "implants", "other")
			for _, item := range s.Resource.Items("item") {
				checkQuestion(item, known, fail)
				for _, nested := range item.Items("item") {
					fail(nested, "a question inside a question", "implants-other stands inside an answer of implants")
				}
				for _, answer := range item.Items("answer") {
					for _, nested := range answer.Items("item") {
						if tree.Text(item.Object(), "linkId") != "implants" {
							fail(nested, tree.Text(nested.Object(), "linkId"), "nested questions only under implants")
							continue
						}
						checkQuestion(nested, []string{"implants-other"}, fail)
					}
				}
			}
		}},
		{"checklist-answer-types", "answers have the type of their question, only implants repeats", answerTypes},
	}
}

func checkQuestion(item *Node, known []string, fail Fail) {
	if id := item.Member("linkId"); id != nil && !slices.Contains(known, id.Text()) {
		fail(id, short(id.Text()), "a linkId of the questionnaire")
	}
}

// eachAnswer visits the answers of the questions and one nested level.
func eachAnswer(resource *Node, visit func(linkID string, answer *Node)) {
	for _, item := range resource.Items("item") {
		for _, answer := range item.Items("answer") {
			visit(tree.Text(item.Object(), "linkId"), answer)
			for _, nested := range answer.Items("item") {
				for _, inner := range nested.Items("answer") {
					visit(tree.Text(nested.Object(), "linkId"), inner)
				}
			}
		}
	}
}

func noneAlone(s Scope, fail Fail) {
	none := false
	for _, item := range s.Resource.Items("item") {
		for _, answer := range item.Items("answer") {
			none = none || tree.Text(item.Object(), "linkId") == "none" && answer.Member("valueBoolean").Value() == true
		}
	}
	if !none {
		return
	}
	for _, item := range s.Resource.Items("item") {
		id := tree.Text(item.Object(), "linkId")
		for _, answer := range item.Items("answer") {
			switch {
			case id == "implants" || id == "other":
				fail(answer, id+" is answered", "no answer while none is true")
			case id != "none" && answer.Member("valueBoolean").Value() == true:
				fail(answer, id+" is true", "false while none is true")
			}
		}
	}
}

func answerTypes(s Scope, fail Fail) {
	for _, item := range s.Resource.Items("item") {
		id := tree.Text(item.Object(), "linkId")
		answers := item.Items("answer")
		if len(answers) > 1 && id != "implants" {
			fail(answers[1], plural(len(answers), "answer"), "one answer")
		}
	}
	eachAnswer(s.Resource, func(id string, answer *Node) {
		value := answer.ExtensionValue() // value[x]
		if value == nil {
			return
		}
		want := []string{"valueString"}
		switch {
		case slices.Contains(booleanQuestions(), id):
			want = []string{"valueBoolean"}
		case id == "implants":
			want = []string{"valueCoding", "valueString"}
		}
		if !slices.Contains(want, value.name) {
			fail(value, value.name, want[0])
		}
	})
}
