package pseudo

import (
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// Types of problems, in the words of the Belgif REST guide. badRequest is
// published with the gcloud spelling; the rest is the sandbox's choice.
const (
	typeBadRequest        = "https://www.gcloud.belgium.be/rest/problems/badRequest"
	typeNotFound          = "https://www.gcloud.belgium.be/rest/problems/resourceNotFound"
	typeNoToken           = "urn:problem-type:belgif:noAccessToken"
	typeInvalidToken      = "urn:problem-type:belgif:invalidAccessToken"
	typeExpiredToken      = "urn:problem-type:belgif:expiredAccessToken"
	typeMissingPermission = "urn:problem-type:belgif:missingPermission"
	typeTooLarge          = "urn:problem-type:belgif:payloadTooLarge"
	typeMethod            = "urn:problem-type:belgif:methodNotAllowed"
	typeUnsupported       = "urn:problem-type:belgif:unsupportedMediaType"
	typeInternal          = "urn:problem-type:belgif:internalServerError"
	typeUnavailable       = "urn:problem-type:belgif:serviceUnavailable"
)

// problem is what every refusal looks like. It has title and detail always and
// never x or y: the libraries tell problems and successes apart by these.
type problem struct {
	Type         string  `json:"type"`
	Title        string  `json:"title"`
	Status       int     `json:"status"`
	Detail       string  `json:"detail"`
	InResponseTo *string `json:"inResponseTo,omitempty"`
}

// dialect writes a refusal as a problem. Detail of the refusal is the id of the
// request's item, if it could be read.
func dialect(_ *http.Request, f *respond.Refusal) *respond.Response {
	p := problem{Type: typeOf(f), Title: http.StatusText(f.Status), Status: f.Status, Detail: f.Message}
	if p.Title == "" {
		p.Title = "Error"
	}
	if p.Detail == "" {
		p.Detail = p.Title
	}
	if id, ok := f.Detail.(*string); ok {
		p.InResponseTo = id
	}
	return &respond.Response{Status: f.Status, ContentType: "application/problem+json", Body: p}
}

func typeOf(f *respond.Refusal) string {
	switch f.Code {
	case respond.CodeNotFound:
		return typeNotFound
	case respond.CodeMethodNotAllowed:
		return typeMethod
	case respond.CodeTooLarge:
		return typeTooLarge
	case respond.CodeInternal:
		return typeInternal
	case respond.CodeRealSSIN:
		return typeBadRequest
	case "": // an injected fault without a code
		if f.Status == http.StatusBadRequest {
			return typeBadRequest
		}
		return typeUnavailable
	}
	if strings.Contains(f.Code, ":") {
		return f.Code
	}
	return "urn:problem-type:belgif:" + f.Code
}

// cors lets browsers on any origin in; a preflight without Origin is answered
// for everybody.
func cors(r *http.Request, h http.Header, preflight bool) {
	if preflight && r.Header.Get("Origin") == "" {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		return
	}
	respond.AllowOrigin(r, h, preflight)
}

func notFound(rule, message, got string, want []string) *respond.Refusal {
	return &respond.Refusal{Status: http.StatusNotFound, Code: typeNotFound, Message: message, Rule: rule, Got: got, Want: strings.Join(want, ", ")}
}

func forbidden(rule, message, got, want, hint string) *respond.Refusal {
	return &respond.Refusal{Status: http.StatusForbidden, Code: typeMissingPermission, Message: message, Rule: rule, Got: got, Want: want, Hint: hint}
}

func methodNotAllowed(got, allow string) *respond.Refusal {
	f := &respond.Refusal{Status: http.StatusMethodNotAllowed, Code: respond.CodeMethodNotAllowed, Message: "method not allowed",
		Rule: "pseudo-method", Got: got, Want: allow}
	return f.With("Allow", allow+", OPTIONS")
}

func badRequest(rule, message, got, want string) *respond.Refusal {
	return &respond.Refusal{Status: http.StatusBadRequest, Code: typeBadRequest, Message: message, Rule: rule, Got: got, Want: want}
}

// clip shortens what came from outside before it is shown again.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
