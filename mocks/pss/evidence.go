package pss

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// mountEvidence serves the page an evidence link can point at
// (-pss-evidence-url self). Its whole content is that there is no evidence.
func (s *Service) mountEvidence(root *mux.Router) {
	svc := &respond.Service{Name: serviceName, Dialect: problem}
	m := svc.Mount(root, "/pss/evidence")
	m.Handle("evidence", http.MethodGet, "/{rule}", s.evidencePage)
}

const evidenceHTML = `<!doctype html>
<html lang="{{.Lang}}"><meta charset="utf-8"><title>{{.Title}}</title>
<body style="font-family:sans-serif;max-width:40rem;margin:3rem auto">
<p style="background:#fd6;padding:.5rem">SANDBOX</p>
<h1>{{.Title}}</h1><p>{{.Text}}</p><p>{{.Disclaimer}}</p></body></html>`

func (s *Service) evidencePage(r *http.Request) (any, error) {
	rule, lang := mux.Vars(r)["rule"], r.URL.Query().Get("lang")
	if lang != "nl" && lang != "fr" && lang != "en" {
		lang = language(r)
	}
	title := text{nl: "Regel " + rule, fr: "Règle " + rule, en: "Rule " + rule}
	words := text{
		nl: "De scores van dit advies zijn verzonnen om software te testen. Ze zijn geen medisch advies.",
		fr: "Les scores de cet avis sont inventés pour tester des logiciels. Ils ne sont pas un avis médical.",
		en: "The scores of this advice are invented to test software. They are not medical advice.",
	}
	page, err := template.New("evidence").Parse(evidenceHTML)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	err = page.Execute(&b, map[string]string{
		"Lang": lang, "Title": title.in(lang), "Text": words.in(lang), "Disclaimer": radiologyDisclaimer().in(lang),
	})
	return &respond.Response{Status: http.StatusOK, ContentType: "text/html; charset=utf-8", Body: b.String()}, err
}
