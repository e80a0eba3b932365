package check

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// ServiceRequest judges the body of a create. The document is nil when its JSON or its profile cannot be told; with errors it
// must not be stored. Issues come in the order of the API's checks.
func (c *Checker) ServiceRequest(raw []byte, ctx Context) (*ServiceRequest, []Issue) {
	doc, issues := c.read(raw, "ServiceRequest")
	if doc == nil {
		return nil, arrange(issues)
	}
	root := profile.Root(doc)
	kind, p, wrong := c.route(root, Nursing, Annex81, Imaging)
	issues = append(issues, wrong...)
	id := ""
	if p != nil {
		id = p.ID
	}
	issues = append(issues, c.judge(id, doc, issues)...)
	if p == nil {
		return nil, arrange(issues)
	}
	sr := &ServiceRequest{Kind: kind, Profile: p.URL, Intent: tree.Text(doc, "intent"), Status: tree.Text(doc, "status"), Priority: tree.Text(doc, "priority")}
	t, wrong := c.template(root, kind)
	issues = append(issues, wrong...)
	if t != nil {
		sr.Template = t.Code
	}
	issues = append(issues, intentAndStatus(root, kind)...)
	sr.Key, wrong = c.key(root)
	issues = append(issues, wrong...)
	sr.Texts, wrong = c.texts(root, sr.Key)
	issues = append(issues, wrong...)
	sr.Patients, wrong = c.patient(root, kind)
	issues = append(issues, wrong...)
	sr.Requester, wrong = actor(root.Member("requester"), ctx.Base, "PractitionerRole")
	issues = append(issues, wrong...)
	sr.AuthoredOn, sr.Validity, wrong = c.dates(t, root, ctx.Now)
	issues = append(issues, wrong...)
	if t != nil {
		issues = append(issues, c.templateFields(t, root, ctx.StrictTemplates)...)
	}
	issues = arrange(issues)
	if len(Errors(issues)) == 0 {
		c.extract(sr, root, ctx)
		sr.Tree = c.normalise(sr, t, doc, ctx)
	}
	return sr, issues
}

// template finds the template in the categories.
func (c *Checker) template(root *profile.Node, kind Kind) (*Template, []Issue) {
	for _, category := range root.Items("category") {
		for _, coding := range category.Items("coding") {
			if tree.System(coding.Object()) != systemTemplates {
				continue
			}
			category.Name("prescriptionType")
			code := tree.Text(coding.Object(), "code")
			at := coding.Member("code")
			if at == nil {
				at = coding.Absent("code")
			}
			t := c.templates[code]
			switch {
			case t == nil:
				return nil, []Issue{unprocessable(StageTemplate, "code-invalid", TemplateUnknown, "template-known", at, "the template is unknown or has no active profile", code, "one of "+strings.Join(c.order, ", "))}
			case t.Kind != kind:
				return nil, []Issue{unprocessable(StageTemplate, "code-invalid", TemplateUnknown, "template-profile", at, "the template belongs to another profile", code+" with the "+string(kind)+" profile", "a template of the "+string(kind)+" profile")}
			}
			return t, nil
		}
	}
	return nil, []Issue{unprocessable(StageTemplate, "code-invalid", TemplateUnknown, "template-present", root.Absent("category"), "the template is missing", "none", "a category with system "+systemTemplates)}
}

// intentAndStatus holds the rules of a create: only annex 81 is a proposal, and a client proposes it; drafts are not kept.
func intentAndStatus(root *profile.Node, kind Kind) []Issue {
	var issues []Issue
	intent, status := root.Member("intent"), root.Member("status")
	want := "order"
	if kind == Annex81 {
		want = "proposal"
	}
	if got := intent.Text(); (got == "order" || got == "proposal") && got != want {
		issues = append(issues, unprocessable(StageTemplate, "business-rule", IntentNotAllowed, "intent-"+string(kind), intent, "only annex 81 is created as a proposal, and only as a proposal", got, want))
	}
	if got := status.Text(); got != "" && got != "draft" && got != "active" {
		issues = append(issues, unprocessable(StageTemplate, "business-rule", StatusNotAllowed, "status-create", status, "a document is created active", got, "active or draft"))
	}
	return issues
}

// extract reads what the workflow needs from an accepted document.
func (c *Checker) extract(sr *ServiceRequest, root *profile.Node, ctx Context) {
	for _, category := range root.Items("category") {
		for _, coding := range tree.Objects(category.Object(), "coding") {
			if tree.System(coding) == terminology+"CodeSystem/be-cs-request-track" {
				sr.Track = tree.Text(coding, "code")
			}
		}
	}
	bounds := root.Member("occurrenceTiming", "repeat", "boundsDuration")
	if v := number(bounds.Member("value")); v > 0 && bounds.Member("code") != nil {
		sr.Bounds = &Duration{Value: v, Unit: bounds.Member("code").Text()}
	}
	for _, n := range root.Items("replaces") {
		if id, ok := strings.CutPrefix(relative(tree.Text(n.Object(), "reference"), ctx.Base), "ServiceRequest/"); ok {
			sr.Replaces = append(sr.Replaces, id)
		}
	}
	for _, n := range root.Items("basedOn") {
		if ref := tree.Text(n.Object(), "reference"); ref != "" {
			sr.BasedOn = append(sr.BasedOn, relative(ref, ctx.Base))
		}
	}
}

// normalise makes the tree to store of an accepted document.
func (c *Checker) normalise(sr *ServiceRequest, t *Template, doc tree.Object, ctx Context) tree.Object {
	out := tree.Clone(doc)
	delete(out, "id")
	delete(out, "_id")
	rewrite(out, c.profiles)
	dropNarrative(out)
	dropServerIdentifiers(out)
	relativeReferences(out, ctx.Base)
	canonicalNoteTypes(out)
	out["status"] = "active"
	setValidity(out, sr.Validity)
	if t.Feedback {
		if _, i := tree.Extension(out, referral+"be-ext-feedback-to-prescriber"); i < 0 {
			tree.Append(out, "extension", tree.Object{"url": referral + "be-ext-feedback-to-prescriber", "valueBoolean": false})
		}
	}
	return out
}

// Latest is the last day of a treatment: the later of the end of validity and the end of the treatment period counted from the
// first start. Without a treatment period it is the end of validity.
func Latest(validityEnd, firstStart workflow.Day, bounds *Duration) workflow.Day {
	if bounds == nil || firstStart == "" {
		return validityEnd
	}
	return max(validityEnd, workflow.Span{Value: int(bounds.Value), Unit: bounds.Unit}.After(firstStart))
}
