package pss

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// consent is what a user said about one version of the conditions.
type consent struct {
	Given         bool      `json:"given"`
	Anonymization string    `json:"anonymization,omitempty"`
	At            time.Time `json:"at"`
}

// consentKey names the user by a hash: the number itself need not be kept.
func consentKey(t *tenant.Tenant, who caller) string {
	sum := sha256.Sum256([]byte(who.ID))
	return consentPrefix + t.Settings.String("pss-conditions-version") + "/" + hex.EncodeToString(sum[:8])
}

// anonymizations lists the statistical preferences a user may state.
func anonymizations() []string { return []string{"cluster-anon", "full-anon"} }

// giveConsent records that a user accepts, or no longer accepts, the
// conditions (PSS-0).
func (s *Service) giveConsent(r *http.Request) (any, error) {
	who, err := s.authorize(r)
	if err != nil {
		return nil, err
	}
	if err := acceptable(r); err != nil {
		return nil, err
	}
	if err := readable(r); err != nil {
		return nil, err
	}
	body, err := parse(respond.Body(r))
	if err != nil {
		return nil, refuse(r, codeJSON, err.Error(), "a QuestionnaireResponse in JSON", "")
	}
	node, _ := body.(map[string]any)
	if stringAt(node, "resourceType") != "QuestionnaireResponse" {
		return nil, refuse(r, codeJSON, "resourceType "+shown(at(body, "resourceType")), "resourceType QuestionnaireResponse", "")
	}
	q := &request{r: r}
	form := &resource{kind: "QuestionnaireResponse", where: "QuestionnaireResponse", node: node}
	said := q.readConsent(form)
	if err := q.refusal(); err != nil {
		return nil, err
	}
	t := tenant.From(r.Context())
	said.At = t.Clock.Now()
	if err := t.Store.Update(func(w store.Writer) error { return store.PutJSON(w, consentKey(t, who), said) }); err != nil {
		return nil, err
	}
	id := t.Chance.UUID()
	stored := map[string]any{}
	for k, v := range node {
		stored[k] = v
	}
	stored["id"] = id
	return (&respond.Response{Status: http.StatusCreated, ContentType: fhirJSON, Body: stored, Header: http.Header{
		"Location": {origin.Of(r) + strings.TrimPrefix(r.URL.Path, origin.Prefix(r)) + "/" + id},
	}}), nil
}

// readConsent checks the form of conditions.
func (q *request) readConsent(form *resource) consent {
	q.fixed(form, "status", "completed")
	if form.node["authored"] != nil {
		q.date(form, "authored")
	}
	if stringAt(form.node, "source", "identifier", "value") == "" && stringAt(form.node, "source", "reference") == "" {
		journal.Warn(q.r.Context(), "pss-consent-source", "QuestionnaireResponse.source.identifier should hold an anonymous number of the professional")
	}
	given := &formReader{q: q, answers: map[string]string{}, kinds: map[string]string{}}
	given.items("QuestionnaireResponse", stripAnonymization(form.node))
	out := consent{Given: given.answers["consent"] == "true"}
	if given.kinds["consent"] != "boolean" {
		q.wrong(codeQRAnswer, "item tc → consent is not answered by a boolean", "true or false")
	}
	for _, item := range listAt(form.node, "item") {
		if stringAt(item, "linkId") != "anonymizationPreference" {
			continue
		}
		out.Anonymization = stringAt(item, "answer", 0, "valueCoding", "code")
		if !slices.Contains(anonymizations(), out.Anonymization) {
			q.wrong(codeQRAnswer, "anonymizationPreference is "+shown(at(item, "answer", 0, "valueCoding", "code")), strings.Join(anonymizations(), " or "))
		}
	}
	return out
}

// stripAnonymization leaves out the item whose coding needs no system.
func stripAnonymization(node map[string]any) map[string]any {
	var rest []any
	for _, item := range listAt(node, "item") {
		if stringAt(item, "linkId") != "anonymizationPreference" {
			rest = append(rest, item)
		}
	}
	return map[string]any{"item": rest}
}

// withoutConsent is the exception with status 200 for a user who has not
// accepted the conditions; nil when nothing stands in the way.
func (s *Service) withoutConsent(r *http.Request, who caller, sw switches) (any, error) {
	if sw.Consent != "required" {
		return nil, nil
	}
	t := tenant.From(r.Context())
	var said consent
	err := t.Store.View(func(v store.Reader) error {
		var err error
		said, _, err = store.GetJSON[consent](v, consentKey(t, who))
		return err
	})
	if err != nil || said.Given {
		return nil, err
	}
	journal.Note(r.Context(), "pss-exception", "no-consent-found: POST the conditions as QuestionnaireResponse first")
	body, err := json.Marshal(conditionsBundle(t))
	return json.RawMessage(body), err
}

// conditionsBundle says that consent is missing and how to give it.
func conditionsBundle(t *tenant.Tenant) *answerBundle {
	b := newAnswer(t, t.Chance.UUID())
	form := conditionsForm(b, t.Settings.String("pss-conditions-version"))
	activity := concept(systemActivity, "collect-information", "Collect information")
	value := member{"valueCanonical", form}
	if t.Settings.String("pss-task-input") == "reference" {
		value = member{"valueReference", reference(form)}
	}
	task := b.add("Task", profileBase+"PSSQuestionnaireTask", member{"status", "requested"}, member{"intent", "proposal"},
		member{"code", activity}, member{"input", []any{object{{"type", activity}, value}}})
	b.group("", object{{"selectionBehavior", "at-most-one"}, {"action", []any{object{
		{"title", "Toegang geweigerd"}, {"_title", translated("fr-BE", "Accès refusé")},
		{"textEquivalent", "Aanvaard eerst de gebruiksvoorwaarden."},
		{"_textEquivalent", translated("fr-BE", "Acceptez d'abord les conditions d'utilisation.")},
		{"code", []any{concept(systemExcept, "no-consent-found", "User Consent not found")}},
		{"resource", reference(task)},
	}}}})
	return b
}

func conditionsForm(b *answerBundle, version string) string {
	id := b.newID()
	url := "urn:uuid:" + id
	var options []any
	for _, code := range anonymizations() {
		options = append(options, object{{"valueCoding", object{{"system", systemAnswers}, {"code", code}}}})
	}
	return b.put(url, object{{"resourceType", "Questionnaire"}, {"id", id}}, []member{
		{"language", "nl-BE"}, {"url", url}, {"version", version}, {"status", "active"},
		{"title", "Gebruiksvoorwaarden van PSS (zandbak)"}, {"_title", translated("fr-BE", "Conditions d'utilisation de PSS (bac à sable)")},
		{"item", []any{
			object{{"linkId", "tc"}, {"text", "Gebruiksvoorwaarden"}, {"_text", translated("fr-BE", "Conditions d'utilisation")}, {"type", "group"}, {"required", true},
				{"item", []any{object{{"linkId", "consent"}, {"text", "Ik ga akkoord"}, {"_text", translated("fr-BE", "Je suis d'accord")}, {"type", "boolean"}, {"required", true}}}}},
			object{{"linkId", "anonymizationPreference"}, {"text", "Voorkeur voor statistiek"}, {"_text", translated("fr-BE", "Préférence pour les statistiques")},
				{"type", "choice"}, {"required", false}, {"answerOption", options}},
		}},
	})
}
