package iam

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

//go:embed pages
var pageFiles embed.FS

// locales are the languages of the pages; the first is the default.
func locales() []string { return []string{"en", "nl", "fr"} }

// loadPages parses the pages once per language.
func loadPages() (map[string]*template.Template, map[string]map[string]string, error) {
	texts := map[string]map[string]string{}
	if err := world.Load(pageFiles, "pages/messages.yaml", &texts); err != nil {
		return nil, nil, err
	}
	for _, lang := range locales() {
		for key := range texts["en"] {
			if texts[lang][key] == "" {
				return nil, nil, fmt.Errorf("messages.yaml: %s has no text for %s", lang, key)
			}
		}
	}
	pages := map[string]*template.Template{}
	for _, lang := range locales() {
		funcs := template.FuncMap{"t": func(key string) string {
			if text, ok := texts[lang][key]; ok {
				return text
			}
			return key
		}}
		t, err := template.New("pages").Funcs(funcs).ParseFS(pageFiles, "pages/*.html")
		if err != nil {
			return nil, nil, err
		}
		pages[lang] = t
	}
	return pages, texts, nil
}

// wantedLocale is the language a request asks for by parameter, "" if none.
func wantedLocale(q url.Values) string {
	for _, list := range []string{q.Get("kc_locale"), q.Get("ui_locales")} {
		for _, want := range strings.Fields(list) {
			if l := localeOf(want); l != "" {
				return l
			}
		}
	}
	return ""
}

// localeOf maps nl-BE to nl; "" for languages that the pages do not speak.
func localeOf(tag string) string {
	lang, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	if slices.Contains(locales(), lang) {
		return lang
	}
	return ""
}

// locale chooses the page's language: parameter, cookie, browser, English.
func (c *call) locale() string {
	if l := wantedLocale(c.r.URL.Query()); l != "" {
		return l
	}
	if l := localeOf(c.cookieValue(cookieLocale)); l != "" {
		return l
	}
	for part := range strings.SplitSeq(c.r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(part, ";")
		if l := localeOf(tag); l != "" {
			return l
		}
	}
	return locales()[0]
}

// localeCookie remembers a language picked on the page.
func localeCookie(c *call, q url.Values) []*http.Cookie {
	if l := wantedLocale(q); l != "" {
		return []*http.Cookie{c.cookie(cookieLocale, l, true, 0)}
	}
	return nil
}

// render fills a page.
func (s *Service) render(c *call, name string, data map[string]any) ([]byte, error) {
	lang := c.locale()
	data["Lang"], data["Locales"], data["Realm"], data["Tenant"] = lang, locales(), c.realm, c.t.Name
	data["Trace"], data["Base"] = journal.TraceID(c.ctx), c.base
	if action, ok := data["Action"].(string); ok {
		data["LocaleBase"] = action
	}
	var b bytes.Buffer
	if err := s.pages[lang].ExecuteTemplate(&b, name+".html", data); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// page is a full HTML answer.
func (s *Service) page(c *call, status int, name string, data map[string]any) (*respond.Response, error) {
	body, err := s.render(c, name, data)
	if err != nil {
		return nil, err
	}
	return htmlAnswer(status, body), nil
}

func htmlAnswer(status int, body []byte) *respond.Response {
	return &respond.Response{Status: status, ContentType: "text/html;charset=utf-8", Body: body, Header: http.Header{
		"Cache-Control":           {"no-store, must-revalidate, max-age=0"},
		"X-Frame-Options":         {"SAMEORIGIN"},
		"X-Robots-Tag":            {"none"},
		"Content-Security-Policy": {"frame-src 'self'; frame-ancestors 'self'; object-src 'none'"},
	}}
}

// pageError is a refusal that the browser shows: the message of the real
// server and, below it, the sandbox's explanation.
func (s *Service) pageError(c *call, status int, message, rule, got, want, hint string) error {
	_, err := s.pageRefusal(c, status, "error", map[string]any{"Message": message}, rule, got, want, hint)
	return err
}

func (s *Service) pageRefusal(c *call, status int, page string, data map[string]any, rule, got, want, hint string) (*respond.Response, error) {
	data["Got"], data["Want"], data["Hint"] = got, want, hint
	body, err := s.render(c, page, data)
	if err != nil {
		return nil, err
	}
	message, _ := data["Message"].(string)
	if message == "" {
		message = page
	}
	if text, ok := s.texts["en"][message]; ok {
		message = text
	}
	return nil, &respond.Refusal{Status: status, Code: "page", Message: message, Rule: rule, Got: got, Want: want, Hint: hint, Detail: htmlError{body}}
}

// unknownPersona lists the personas, because the hint named none of them.
func (s *Service) unknownPersona(c *call, hint, where string) error {
	_, err := s.pageRefusal(c, http.StatusBadRequest, "personas", map[string]any{
		"Message": "unknownPersonaMessage", "Groups": s.personaGroups(c),
	}, "iam-11.1-hint", where+" "+quote(hint), "a persona's name, SSIN or NIHII number", "the page lists the personas")
	return err
}
