package keydepot

import (
	"net/http"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// Problem types, in the words of the Belgif REST guide.
const (
	codeBadRequest = "https://www.gcloud.belgium.be/rest/problems/badRequest"
	codeNotFound   = "https://www.gcloud.belgium.be/rest/problems/resourceNotFound"
)

// refusal is a problem that also carries message, the one member of the JWKS
// service's answers that is relied upon.
type refusal struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Title   string `json:"title"`
	Status  int    `json:"status"`
	Detail  string `json:"detail"`
}

func dialect(_ *http.Request, f *respond.Refusal) *respond.Response {
	typ := f.Code
	switch f.Code {
	case respond.CodeNotFound:
		typ = codeNotFound
	case respond.CodeMethodNotAllowed, respond.CodeTooLarge, respond.CodeInternal, respond.CodeRealSSIN:
		typ = "urn:problem-type:belgif:" + f.Code
	}
	return &respond.Response{Status: f.Status, ContentType: "application/problem+json",
		Body: refusal{f.Message, typ, http.StatusText(f.Status), f.Status, f.Message}}
}
