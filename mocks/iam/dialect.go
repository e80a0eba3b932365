package iam

import (
	"maps"
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// dialectKind travels in Refusal.Detail and says how a refusal is written;
// without one it is an OAuth error in JSON.
type dialectKind int

const (
	oauthError  dialectKind = iota
	routerError             // {"error":"<text>"} with charset
	bearerError             // empty body, everything in WWW-Authenticate
)

// htmlError is the Detail of refusals that the browser shows.
type htmlError struct{ Page []byte }

// dialect writes a refusal as Keycloak does. What did not come from a handler
// (unknown paths, injected faults) is readable by pages of any origin, as are
// all errors before the client is known.
func dialect(r *http.Request, f *respond.Refusal) *respond.Response {
	res := written(r, f)
	if from := r.Header.Get("Origin"); from != "" && (f.Rule == "fault" || strings.HasPrefix(f.Rule, "http-")) {
		if res.Header == nil {
			res.Header = http.Header{}
		}
		maps.Copy(res.Header, echoed(from))
	}
	return res
}

func written(r *http.Request, f *respond.Refusal) *respond.Response {
	switch f.Code {
	case respond.CodeNotFound:
		if realm := realmOfPath(r.URL.Path); realm != Healthcare && realm != M2M {
			return routerAnswer(http.StatusNotFound, "Realm does not exist")
		}
		return routerAnswer(http.StatusNotFound, "Unable to find matching target resource method")
	case respond.CodeMethodNotAllowed:
		if strings.HasSuffix(r.URL.Path, "/auth") || strings.HasSuffix(r.URL.Path, "/logout") {
			return routerAnswer(http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed")
		}
		return routerAnswer(http.StatusNotFound, "HTTP 404 Not Found")
	case respond.CodeTooLarge:
		return routerAnswer(http.StatusRequestEntityTooLarge, "HTTP 413 Request Entity Too Large")
	case respond.CodeInternal:
		return routerAnswer(http.StatusInternalServerError, "unknown_error")
	}
	switch d := f.Detail.(type) {
	case htmlError:
		return htmlAnswer(f.Status, d.Page)
	case dialectKind:
		switch d {
		case routerError:
			return routerAnswer(f.Status, f.Code)
		case bearerError:
			return &respond.Response{Status: f.Status, ContentType: "text/plain;charset=utf-8", Body: []byte{}}
		case oauthError:
		}
	}
	body := object{{"error", oauthCode(f)}}
	if f.Message != "" {
		body.set("error_description", f.Message)
	}
	return &respond.Response{Status: f.Status, Body: body}
}

// oauthCode is the error member; injected faults may name none.
func oauthCode(f *respond.Refusal) string {
	if f.Code != "" {
		return f.Code
	}
	if f.Status >= http.StatusInternalServerError {
		return "unknown_error"
	}
	return "invalid_request"
}

func routerAnswer(status int, text string) *respond.Response {
	return &respond.Response{Status: status, ContentType: "application/json;charset=UTF-8", Body: object{{"error", text}}}
}

// realmOfPath is the realm in …/auth/realms/<realm>/….
func realmOfPath(path string) string {
	_, rest, _ := strings.Cut(path, "/auth/realms/")
	realm, _, _ := strings.Cut(rest, "/")
	return realm
}

// refuse is an OAuth error.
func refuse(status int, code, description, rule string) *respond.Refusal {
	return &respond.Refusal{Status: status, Code: code, Message: description, Rule: rule}
}

func because(f *respond.Refusal, got, want, hint string) *respond.Refusal {
	f.Got, f.Want, f.Hint = got, want, hint
	return f
}
