package pss

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// feedback takes what became of an advice (PSS-4): which option was accepted
// or rejected, and why the prescriber deviated.
func (s *Service) feedback(r *http.Request) (any, error) {
	who, err := s.authorize(r)
	if err != nil {
		return nil, err
	}
	t := tenant.From(r.Context())
	sw, err := inForce(t)
	if err != nil {
		return nil, err
	}
	if refused, err := s.withoutConsent(r, who, sw); refused != nil || err != nil {
		return refused, err
	}
	f, err := readFeedback(r)
	if err != nil {
		return nil, err
	}
	x, found, err := get(t, f.pssID)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, refuse(r, codeExchange, shown(f.pssID), "a PSS number of this tenant, at most 90 days old", "numbers do not survive a reset")
	}
	for _, task := range f.tasks {
		f.judge(t, x, task)
	}
	if len(f.issues) > 0 {
		return nil, refuseAll(f.issues)
	}
	if err := s.keep(r, f); err != nil {
		return nil, err
	}
	thanks := text{nl: "De terugmelding is ontvangen.", fr: "Le retour a été reçu.", en: "The feedback was received."}
	return &respond.Response{Status: http.StatusOK, ContentType: fhirJSON, Body: object{
		{"resourceType", "OperationOutcome"},
		{"issue", []any{object{{"severity", "information"}, {"code", "informational"}, {"diagnostics", thanks.in(language(r))}}}},
	}}, nil
}

// feedbackMessage is a $feedback request under way.
type feedbackMessage struct {
	pssID  string
	tasks  []feedbackTask
	issues []issue
	given  []feedback
}

// feedbackTask is a Task, with the other request it came with, if any.
type feedbackTask struct {
	where string
	node  map[string]any
	other map[string]any // the new request of a FeedbackBundle
}

func (f *feedbackMessage) wrong(code, found, want string) {
	f.issues = append(f.issues, issue{Code: code, Found: found, Want: want})
}

func readFeedback(r *http.Request) (*feedbackMessage, error) {
	if err := acceptable(r); err != nil {
		return nil, err
	}
	if err := readable(r); err != nil {
		return nil, err
	}
	body, err := parse(respond.Body(r))
	if err != nil {
		return nil, refuse(r, codeJSON, err.Error(), "a Parameters resource in JSON", "")
	}
	if stringAt(body, "resourceType") != "Parameters" {
		return nil, refuse(r, codeJSON, "resourceType "+shown(at(body, "resourceType")), "resourceType Parameters", "")
	}
	f := &feedbackMessage{}
	ids := 0
	for i, p := range listAt(body, "parameter") {
		where := fmt.Sprintf("Parameters.parameter[%d]", i)
		switch name := stringAt(p, "name"); name {
		case "pss-id":
			ids++
			f.pssID = stringAt(p, "valueString")
		case "feedback-resource", "feedback-task": // the guide's definition and its examples differ
			f.resource(where+".resource", at(p, "resource"))
		default:
			f.wrong(codeFeedback, where+".name "+shown(at(p, "name")), "pss-id or feedback-resource")
		}
	}
	if ids != 1 || f.pssID == "" {
		f.wrong(codeFeedback, plural(ids, "pss-id")+" with a valueString", "exactly one")
	}
	if len(f.tasks) == 0 && len(f.issues) == 0 {
		f.wrong(codeFeedback, "no feedback-resource", "at least one Task or PSSFeedbackBundle")
	}
	if f.pssID == "" || len(f.tasks) == 0 {
		return nil, refuseAll(f.issues)
	}
	return f, nil
}

// resource takes a Task, or a Bundle with a Task and the request chosen
// instead.
func (f *feedbackMessage) resource(where string, v any) {
	node, _ := v.(map[string]any)
	switch kind := stringAt(node, "resourceType"); kind {
	case "Task":
		f.tasks = append(f.tasks, feedbackTask{where: where, node: node})
	case "Bundle":
		if stringAt(node, "identifier", "value") == "" || !isDate(stringAt(node, "timestamp")) {
			f.wrong(codeFeedback, where+" has no identifier or no timestamp", "a PSSFeedbackBundle with both")
		}
		var task, other map[string]any
		for _, e := range listAt(node, "entry") {
			res, _ := at(e, "resource").(map[string]any)
			if stringAt(res, "resourceType") == "Task" {
				task = res
			} else if res != nil {
				other = res
			}
		}
		if task == nil {
			f.wrong(codeFeedback, where+" holds no Task", "a Task")
			return
		}
		if other != nil {
			if intent := stringAt(other, "intent"); intent != "proposal" {
				f.wrong(codeStatus, where+": intent of the new request is "+shown(intent), "proposal")
			}
			f.anonymous(where, other)
		}
		f.tasks = append(f.tasks, feedbackTask{where: where, node: task, other: other})
	default:
		f.wrong(codeFeedback, where+" is "+shown(at(node, "resourceType")), "a Task or a Bundle")
	}
}

// anonymous refuses a request that says whom it is for.
func (f *feedbackMessage) anonymous(where string, request map[string]any) {
	for _, name := range []string{"identifier", "display"} {
		if at(request, "subject", name) != nil {
			f.wrong(codeIdentified, where+": subject."+name+" of the new request", "")
		}
	}
}

// judge reads one Task against the advice.
func (f *feedbackMessage) judge(t *tenant.Tenant, x *exchange, task feedbackTask) {
	n, where := task.node, task.where
	status := stringAt(n, "status")
	if status != "accepted" && status != "rejected" {
		f.wrong(codeStatus, where+".status is "+shown(n["status"]), "accepted or rejected")
	}
	if stringAt(n, "intent") != "option" {
		f.wrong(codeStatus, where+".intent is "+shown(n["intent"]), "option")
	}
	if !isDate(stringAt(n, "lastModified")) {
		f.wrong(codeDate, where+".lastModified is "+shown(n["lastModified"]), "an ISO date-time")
	}
	chosen, listed := named(x, task)
	if chosen.ID == "" {
		f.wrong(codeFeedback, where+".focus names nothing", "a reference to an option, or an identifier with its code")
	}
	raw, _ := json.Marshal(n)
	given := feedback{Option: chosen.ID, Listed: listed, Status: status, Received: t.Clock.Now(), Resource: raw}
	given.Reason, given.ReasonText = f.reason(x.Domain, task)
	if status == "accepted" && listed && mustExplain(t, x.Domain, chosen.Score) && given.Reason == "" {
		f.wrong(codeReason, fmt.Sprintf("%s: %s has score %d", where, chosen.ID, chosen.Score), "statusReason with a code of "+reasonSystem(x.Domain))
	}
	f.given = append(f.given, given)
}

// named finds the option a Task is about: by the reference to its resource, by
// its code, or as something the advice did not name.
func named(x *exchange, task feedbackTask) (option, bool) {
	focus := at(task.node, "focus")
	for _, o := range x.Options {
		ref := stringAt(focus, "reference")
		if ref != "" && slices.ContainsFunc(o.Resources, func(url string) bool { return ref == url || "urn:uuid:"+tail(ref) == url }) {
			return o, true
		}
		id := stringAt(focus, "identifier", "value")
		if id != "" && (slices.Contains(o.Codes, id) || slices.Contains(o.Resources, id)) {
			return o, true
		}
	}
	if task.other != nil {
		for _, element := range []string{"code", "medicationCodeableConcept"} {
			if code := stringAt(task.other, element, "coding", 0, "code"); code != "" {
				return option{ID: code}, false
			}
		}
	}
	if id := stringAt(focus, "identifier", "value"); id != "" {
		return option{ID: id}, false
	}
	return option{ID: stringAt(focus, "display")}, false
}

// tail is what follows the last slash of a reference.
func tail(ref string) string {
	for i := len(ref) - 1; i >= 0; i-- {
		if ref[i] == '/' {
			return ref[i+1:]
		}
	}
	return ref
}

// mustExplain says whether choosing an option of that score needs a reason:
// yellow and red in radiology, red only for antimicrobials.
func mustExplain(t *tenant.Tenant, domain string, score int) bool {
	if domain == Antimicrobial {
		return score == 1
	}
	return score <= 6 || score == rules.NoScore && t.Settings.Bool("pss-reason-for-no-score")
}

func reasonSystem(domain string) string {
	if domain == Antimicrobial {
		return systemReasonA
	}
	return systemReasonR
}

// reasons lists the reasons of deviation of a domain (PSSr/PSSaFeedbackReasons).
func reasons(domain string) []string {
	if domain == Antimicrobial {
		return []string{"ClinicIssue", "Comorbidities", "FastResults", "PosPrevExp", "InsuffEffect", "BetterTol", "Allergy", otherReason}
	}
	return []string{"Pregnancy", "ImplantIncompatibility", "ContrastAllergy", "IncompleteRecommendation", "WaitingTimeTooLong", "Emergency", otherReason}
}

const otherReason = "OtherReason"

// reason reads statusReason: at most one code, and a text with OtherReason.
func (f *feedbackMessage) reason(domain string, task feedbackTask) (code, words string) {
	where := task.where + ".statusReason"
	codings := listAt(task.node, "statusReason", "coding")
	words = stringAt(task.node, "statusReason", "text")
	if len(codings) > 1 {
		f.wrong(codeFeedback, where+" has "+plural(len(codings), "code"), "at most one")
	}
	if len(codings) == 0 {
		return "", words
	}
	if system := stringAt(codings[0], "system"); bare(system) != reasonSystem(domain) {
		f.wrong(codeSystem, where+" system "+shown(at(codings[0], "system")), reasonSystem(domain))
	}
	code = stringAt(codings[0], "code")
	if !slices.Contains(reasons(domain), code) {
		f.wrong(codeUnknown, where+" code "+shown(at(codings[0], "code")), "a code of "+reasonSystem(domain))
	}
	if code == otherReason && words == "" {
		f.wrong(codeReason, where+".text is missing with OtherReason", "a text")
	}
	return code, words
}

// keep stores the feedback. One option may be accepted; reporting it again
// replaces what was said, another one is a conflict.
func (s *Service) keep(r *http.Request, f *feedbackMessage) error {
	return tenant.From(r.Context()).Store.Update(func(w store.Writer) error {
		x, found, err := store.GetJSON[exchange](w, exchangeKey(f.pssID))
		if err != nil || !found {
			return err
		}
		for _, g := range f.given {
			for _, have := range x.Feedback {
				if g.Status == "accepted" && have.Status == "accepted" && have.Option != g.Option {
					return refuse(r, codeTwice, g.Option+" after "+have.Option, "the option reported first", "feedback is given once per consultation")
				}
			}
			x.Feedback = slices.DeleteFunc(x.Feedback, func(have feedback) bool { return have.Option == g.Option })
			x.Feedback = append(x.Feedback, g)
		}
		return store.PutJSON(w, exchangeKey(f.pssID), &x)
	})
}
