package check

import (
	"bytes"
	"net/http"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
)

// Evaluation judges the body of $approve or $reject. No body, an empty one, and an empty list of parameters all mean "no note".
func (c *Checker) Evaluation(raw []byte, ctx Context) (*Evaluation, []Issue) {
	trimmed := bytes.TrimSpace(raw)
	if len(trimmed) == 0 || string(trimmed) == "{}" {
		return &Evaluation{}, nil
	}
	doc, issues := c.read(raw, "Parameters")
	if doc == nil {
		return nil, arrange(issues)
	}
	if list, ok := doc["parameter"].([]any); ok && len(list) == 0 { // allowed here, though not by FHIR's JSON rules
		delete(doc, "parameter")
		kept := issues[:0]
		for _, issue := range issues {
			if issue.Element != "Parameters.parameter" {
				kept = append(kept, issue)
			}
		}
		issues = kept
	}
	root := profile.Root(doc)
	issues = append(issues, c.judge("", doc, issues)...)
	e := &Evaluation{}
	issues = append(issues, e.parameters(root, ctx.Base)...)
	var wrong []Issue
	e.Key, wrong = c.key(root)
	issues = append(issues, wrong...)
	e.Texts, wrong = c.texts(root, e.Key)
	return e, arrange(append(issues, wrong...))
}

func (e *Evaluation) parameters(root *profile.Node, base string) []Issue {
	var issues []Issue
	bad := func(at *profile.Node, text, got, want string) {
		issue := malformed(at.Path(), at.Element(), "operation-parameter", text, got, want)
		issue.Code, issue.Sandbox, issue.Status, issue.Stage = "value", "INVALID_PARAMETER", http.StatusBadRequest, StageParse
		issues = append(issues, issue)
	}
	seen := map[string]bool{}
	for _, p := range root.Items("parameter") {
		name := p.Member("name").Text()
		if seen[name] {
			bad(p, "the parameter stands twice", name, "each parameter once")
		}
		seen[name] = true
		switch name {
		case "requester":
			reference := p.Member("valueReference")
			if reference == nil {
				bad(p, "the requester is a reference", "another value", "valueReference")
				continue
			}
			who, wrong := actor(reference, base, "PractitionerRole")
			if issues = append(issues, wrong...); len(wrong) == 0 {
				e.Requester = &who
			}
		case "note":
			note := p.Member("valueCodeableConcept")
			if note.Member("text") == nil {
				bad(p, "the note is a CodeableConcept with an encrypted text", "another value", "valueCodeableConcept.text")
				continue
			}
			e.Note = note.Object()
			issues = append(issues, unmarked(note)...)
		default:
			bad(p, "the operation has no such parameter", name, "requester or note")
		}
	}
	return issues
}
