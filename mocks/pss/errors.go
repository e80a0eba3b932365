package pss

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// Error codes of door B, which are also the rule ids in the journal. The real
// list is not public, hence the prefix.
const (
	codeToken       = "SBX-TOKEN"
	codeScope       = "SBX-SCOPE"
	codePseudoToken = "SBX-PSEUDO-TOKEN"
	codeIdentity    = "SBX-IDENTITY"
	codeDiscipline  = "SBX-DISCIPLINE"
	codePath        = "SBX-PATH"
	codeMethod      = "SBX-METHOD"
	codeAccept      = "SBX-ACCEPT"
	codeContentType = "SBX-CONTENT-TYPE"
	codeTooLarge    = "SBX-TOO-LARGE"
	codeJSON        = "SBX-JSON"
	codeBundleType  = "SBX-BUNDLE-TYPE"
	codePatient     = "SBX-PATIENT"
	codeIdentified  = "SBX-PATIENT-IDENTIFIED"
	codeConditions  = "SBX-CONDITION-COUNT"
	codeObservation = "SBX-OBSERVATION-COUNT"
	codeRequests    = "SBX-REQUEST-COUNT"
	codeStatus      = "SBX-STATUS"
	codeDate        = "SBX-DATE"
	codeUnknown     = "SBX-CODE-UNKNOWN"
	codeSystem      = "SBX-SYSTEM-UNKNOWN"
	codeQRUnwanted  = "SBX-QR-UNEXPECTED"
	codeQRMissing   = "SBX-QR-MISSING"
	codeQRAnswer    = "SBX-QR-ANSWER"
	codeReason      = "SBX-REASON"
	codeTwice       = "SBX-FEEDBACK-TWICE"
	codeExchange    = "SBX-EXCHANGE"
	codeFeedback    = "SBX-FEEDBACK"
	codeParameter   = "SBX-PARAMETER"
	codeInternal    = "SBX-INTERNAL"
	codeQSI         = "SBX-QSI"
)

// failure is how one code is answered: the status and issue type are choices
// of the sandbox, the cookbook only names the types.
type failure struct {
	status int
	kind   string // issue.code
	text   text   // %s takes what was found
}

// failureOf describes a code; an unknown one is an internal error.
func failureOf(code string) failure {
	switch code {
	case codeToken:
		return failure{401, "security", text{"Het toegangstoken ontbreekt, is ongeldig of is niet voor deze dienst bestemd: %s.", "Le jeton d'accès manque, n'est pas valable ou n'est pas destiné à ce service: %s.", "The access token is missing, invalid or not meant for this service: %s."}}
	case codeScope:
		return failure{403, "forbidden", text{"Het token mist de vereiste scope: %s.", "Le jeton n'a pas le scope requis: %s.", "The token lacks the required scope: %s."}}
	case codePseudoToken:
		return failure{403, "forbidden", text{"Een token met pseudonimiseringsrechten wordt hier niet aanvaard: %s.", "Un jeton avec des droits de pseudonymisation n'est pas accepté ici: %s.", "A token with pseudonymisation rights is not accepted here: %s."}}
	case codeIdentity:
		return failure{403, "forbidden", text{"Het token noemt geen zorgverlener: %s.", "Le jeton ne désigne aucun professionnel: %s.", "The token names no professional: %s."}}
	case codeDiscipline:
		return failure{403, "forbidden", text{"Deze discipline heeft geen toegang: %s.", "Cette discipline n'a pas accès: %s.", "This discipline has no access: %s."}}
	case codePath:
		return failure{404, "processing", text{"Onbekend pad: %s.", "Chemin inconnu: %s.", "Unknown path: %s."}}
	case codeMethod:
		return failure{405, "processing", text{"Methode niet toegelaten: %s.", "Méthode non autorisée: %s.", "Method not allowed: %s."}}
	case codeAccept:
		return failure{406, "processing", text{"Alleen JSON wordt geleverd: %s.", "Seul JSON est fourni: %s.", "Only JSON is served: %s."}}
	case codeContentType:
		return failure{415, "processing", text{"Alleen JSON wordt gelezen: %s.", "Seul JSON est lu: %s.", "Only JSON is read: %s."}}
	case codeTooLarge:
		return failure{413, "processing", text{"Het bericht is te groot: %s.", "Le message est trop grand: %s.", "The message is too large: %s."}}
	default:
		return contentFailure(code)
	}
}

func contentFailure(code string) failure {
	switch code {
	case codeJSON:
		return failure{400, "value", text{"De inhoud is niet leesbaar: %s.", "Le contenu n'est pas lisible: %s.", "The content cannot be read: %s."}}
	case codeBundleType:
		return failure{400, "value", text{"Het type van de Bundle moet collection zijn: %s.", "Le type du Bundle doit être collection: %s.", "The type of the Bundle must be collection: %s."}}
	case codePatient:
		return failure{400, "value", text{"Er moet precies één Patient met leeftijd en geslacht zijn: %s.", "Il faut exactement un Patient avec âge et sexe: %s.", "There must be exactly one Patient with age and gender: %s."}}
	case codeIdentified:
		return failure{422, "business-rule", text{"De Patient mag niemand identificeren: gevonden %s.", "Le Patient ne peut identifier personne: trouvé %s.", "The Patient must not identify a person: found %s."}}
	case codeConditions:
		return failure{400, "value", text{"Verkeerd aantal Conditions: %s.", "Nombre de Conditions incorrect: %s.", "Wrong number of Conditions: %s."}}
	case codeObservation:
		return failure{400, "value", text{"Er moet minstens één Observation zijn: %s.", "Il faut au moins une Observation: %s.", "There must be at least one Observation: %s."}}
	case codeRequests:
		return failure{400, "value", text{"Er mag hoogstens één ServiceRequest zijn: %s.", "Il peut y avoir au plus un ServiceRequest: %s.", "There may be at most one ServiceRequest: %s."}}
	case codeStatus:
		return failure{422, "value", text{"Een vaste waarde wijkt af: %s.", "Une valeur fixe diffère: %s.", "A fixed value differs: %s."}}
	case codeDate:
		return failure{422, "value", text{"Een datum ontbreekt of is geen ISO-datum: %s.", "Une date manque ou n'est pas une date ISO: %s.", "A date is missing or is not an ISO date: %s."}}
	case codeUnknown:
		return failure{422, "value", text{"Onbekende code: %s.", "Code inconnu: %s.", "Unknown code: %s."}}
	case codeSystem:
		return failure{422, "value", text{"Onbekend codesysteem: %s.", "Système de codes inconnu: %s.", "Unknown code system: %s."}}
	case codeQRUnwanted:
		return failure{422, "business-rule", text{"Er werd geen vragenlijst voorgelegd, dus wordt er geen antwoord verwacht: %s.", "Aucun questionnaire n'a été proposé, donc aucune réponse n'est attendue: %s.", "No questionnaire was given, so no answer is expected: %s."}}
	case codeQRMissing:
		return failure{422, "business-rule", text{"De antwoorden op de vragenlijst ontbreken: %s.", "Les réponses au questionnaire manquent: %s.", "The answers to the questionnaire are missing: %s."}}
	case codeQRAnswer:
		return failure{422, "business-rule", text{"Een antwoord op de vragenlijst klopt niet: %s.", "Une réponse au questionnaire est incorrecte: %s.", "An answer to the questionnaire is wrong: %s."}}
	case codeReason:
		return failure{422, "business-rule", text{"Een reden van afwijking is verplicht: %s.", "Une raison de déviation est obligatoire: %s.", "A reason of deviation is required: %s."}}
	case codeTwice:
		return failure{409, "conflict", text{"Voor dit PSS-nummer is al een andere keuze doorgegeven: %s.", "Un autre choix a déjà été transmis pour ce numéro PSS: %s.", "Another choice was already reported for this PSS number: %s."}}
	case codeExchange:
		return failure{404, "not-found", text{"Onbekend PSS-nummer: %s.", "Numéro PSS inconnu: %s.", "Unknown PSS number: %s."}}
	case codeFeedback:
		return failure{400, "value", text{"De terugmelding is onvolledig: %s.", "Le retour est incomplet: %s.", "The feedback is incomplete: %s."}}
	case codeParameter:
		return failure{400, "value", text{"Een parameter ontbreekt of is ongeldig: %s.", "Un paramètre manque ou n'est pas valable: %s.", "A parameter is missing or invalid: %s."}}
	case codeQSI:
		return failure{503, "processing", text{"De regelmotor antwoordt niet: %s.", "Le moteur de règles ne répond pas: %s.", "The rule engine does not answer: %s."}}
	default:
		return failure{500, "processing", text{"Interne fout: %s.", "Erreur interne: %s.", "Internal error: %s."}}
	}
}

// issue is one thing wrong with a request.
type issue struct {
	Code  string // SBX-…
	Found string // goes into the text
	Want  string // for the journal
	Hint  string // for the journal
}

// refuse makes a refusal of one issue.
func refuse(_ *http.Request, code, found, want, hint string) *respond.Refusal {
	return refuseAll([]issue{{Code: code, Found: found, Want: want, Hint: hint}})
}

// refuseAll makes one refusal of all issues. The status is the gravest one
// asked for: what cannot be read (400) comes before what is wrong (422).
func refuseAll(issues []issue) *respond.Refusal {
	first := issues[0]
	for _, i := range issues[1:] {
		if failureOf(i.Code).status < failureOf(first.Code).status {
			first = i
		}
	}
	hint := first.Hint
	if len(issues) > 1 {
		var rest []string
		for _, i := range issues {
			rest = append(rest, i.Code+" ("+i.Found+")")
		}
		hint = strings.TrimPrefix(hint+"; all issues: "+strings.Join(rest, ", "), "; ")
	}
	f := failureOf(first.Code)
	return &respond.Refusal{
		Status: f.status, Code: first.Code, Rule: first.Code, Got: first.Found, Want: first.Want, Hint: hint,
		Message: fmt.Sprintf(f.text.en, first.Found), Detail: issues,
	}
}

// issuesOf gives the issues of any refusal, also of those the router made.
func issuesOf(r *http.Request, f *respond.Refusal) []issue {
	if list, ok := f.Detail.([]issue); ok {
		return list
	}
	found := f.Message
	code := codeInternal
	switch {
	case strings.HasPrefix(f.Code, "SBX-"): // a fault may name one of our codes
		code = f.Code
	case f.Code == respond.CodeNotFound:
		code, found = codePath, r.URL.Path
	case f.Code == respond.CodeMethodNotAllowed:
		code, found = codeMethod, r.Method
	case f.Code == respond.CodeTooLarge:
		code = codeTooLarge
	case f.Code == respond.CodeRealSSIN:
		code, found = codeIdentified, "a national number"
	case f.Status == http.StatusUnauthorized:
		code = codeToken
	case f.Status == http.StatusForbidden:
		code = codeDiscipline
	case f.Status > http.StatusInternalServerError:
		code = codeQSI
	}
	if found == "" {
		found = http.StatusText(f.Status)
	}
	return []issue{{Code: code, Found: found}}
}

// errorID is the number support looks an error up by: the journal's.
func errorID(r *http.Request) string {
	if id := journal.TraceID(r.Context()); id != "" {
		return id
	}
	return "none"
}

// outcome is the dialect of door B: an OperationOutcome with every issue.
func outcome(r *http.Request, f *respond.Refusal) *respond.Response {
	lang := language(r)
	var list []any
	for _, i := range issuesOf(r, f) {
		how := failureOf(i.Code)
		list = append(list, object{
			{"severity", "error"}, {"code", how.kind},
			{"details", object{{"coding", []any{object{{"system", systemErrors}, {"code", i.Code}}}}}},
			{"diagnostics", fmt.Sprintf(how.text.in(lang), i.Found) + " Error id " + errorID(r)},
		})
	}
	return &respond.Response{Status: f.Status, ContentType: fhirJSON, Body: object{{"resourceType", "OperationOutcome"}, {"issue", list}}}
}

// problem is the dialect of doors A and C: the problem document of the
// referral back end, with the short form's message and traceId beside it.
func problem(r *http.Request, f *respond.Refusal) *respond.Response {
	issues := issuesOf(r, f)
	how := failureOf(issues[0].Code)
	detail := fmt.Sprintf(how.text.in(language(r)), issues[0].Found)
	code := strings.TrimPrefix(issues[0].Code, "SBX-")
	return &respond.Response{Status: f.Status, ContentType: "application/problem+json", Body: object{
		{"type", "about:blank"}, {"title", http.StatusText(f.Status)}, {"status", f.Status}, {"detail", detail},
		{"instance", r.URL.Path}, {"code", code}, {"message", detail}, {"traceId", errorID(r)},
	}}
}
