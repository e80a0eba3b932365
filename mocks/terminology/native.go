package terminology

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// Limits of Snowstorm that its clients know.
const (
	nativeLimit     = 50
	nativeMaxLimit  = 10000
	nativeMaxWindow = 10000
	nativeMinTerm   = 3
)

// nativeCall is one call of Snowstorm's own API.
type nativeCall struct {
	r       *http.Request
	q       map[string][]string
	body    tx.Object
	e       *edition
	refsets []uint64
	langs   []string
}

// mountNative names Snowstorm's own paths. They answer only while tx-native is set.
func (s *Service) mountNative(root *mux.Router) {
	service := &respond.Service{Name: "terminology", Limit: 1 << 20, Dialect: nativeDialect}
	branches := []string{"", "/{b1}", "/{b1}/{b2}"}
	main := service.Mount(root, "/MAIN")
	browser := service.Mount(root, "/browser/MAIN")
	for _, b := range branches {
		main.Handle("native-concepts", http.MethodGet, b+"/concepts", s.native(s.nativeConcepts))
		main.Handle("native-concepts", http.MethodPost, b+"/concepts/search", s.native(s.nativeConcepts))
		main.Handle("native-concept", http.MethodGet, b+"/concepts/{id:[0-9]+}", s.native(s.nativeMini))
		main.Handle("native-members", http.MethodGet, b+"/members", s.native(s.nativeMembers))
		main.Handle("native-descriptions", http.MethodGet, b+"/descriptions", s.native(s.nativeDescriptions))
		browser.Handle("native-descriptions", http.MethodGet, b+"/descriptions", s.native(s.nativeDescriptions))
		browser.Handle("native-concept", http.MethodGet, b+"/concepts/{id:[0-9]+}", s.native(s.nativeConcept))
		for _, rel := range []string{"children", "parents", "ancestors"} {
			browser.Handle("native-"+rel, http.MethodGet, b+"/concepts/{id:[0-9]+}/"+rel, s.native(s.nativeRelatives(rel)))
			main.Handle("native-"+rel, http.MethodGet, b+"/concepts/{id:[0-9]+}/"+rel, s.native(s.nativeRelatives(rel)))
		}
	}
	multi := service.Mount(root, "/multisearch")
	multi.Handle("native-multisearch", http.MethodGet, "/descriptions", s.native(s.nativeDescriptions))
	systems := service.Mount(root, "/codesystems")
	systems.Handle("native-codesystems", http.MethodGet, "", s.native(s.nativeCodeSystems))
	systems.Handle("native-versions", http.MethodGet, "/{short}/versions", s.native(s.nativeVersions))
	service.Mount(root, "/branches").Handle("native-branches", http.MethodGet, "", s.native(s.nativeBranches))
	service.Mount(root, "/version").Handle("native-version", http.MethodGet, "", s.native(func(*nativeCall) (any, error) {
		return map[string]any{"version": s.version(), "package_location": "sandbox"}, nil
	}))
}

// nativeDialect writes refusals as Snowstorm does.
func nativeDialect(_ *http.Request, f *respond.Refusal) *respond.Response {
	name := strings.ToUpper(strings.ReplaceAll(http.StatusText(f.Status), " ", "_"))
	return &respond.Response{Status: f.Status, Body: map[string]any{"error": name, "message": f.Message}}
}

func badNative(message, got string) error {
	return &respond.Refusal{Status: http.StatusBadRequest, Code: "bad-request", Message: message, Rule: "tx-native", Got: got}
}

// native prepares a call: the setting, the release of the branch, the languages.
func (s *Service) native(h func(*nativeCall) (any, error)) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		if !tenant.From(r.Context()).Settings.Bool("tx-native") {
			return nil, &respond.Refusal{Status: http.StatusNotFound, Code: "not-found", Message: "Snowstorm's own paths are switched off", Rule: "tx-native", Hint: "set tx-native (SANDBOX_TX_NATIVE=true)"}
		}
		if err := s.access(r); err != nil {
			return nil, err
		}
		c := &nativeCall{r: r, q: parseQuery(r.URL.RawQuery)}
		v := mux.Vars(r)
		if c.e = s.branch(v["b1"], v["b2"]); c.e == nil {
			return nil, &respond.Refusal{Status: http.StatusNotFound, Code: "not-found", Message: "Branch MAIN/" + strings.Trim(v["b1"]+"/"+v["b2"], "/") + " does not exist.", Rule: "tx-native-branch"}
		}
		accept := r.Header.Get("Accept-Language")
		if accept == "" {
			accept = "en-X-" + snomed.ID(snomed.EnUS) + ",en-X-" + snomed.ID(snomed.EnGB) + ",en"
		}
		if l, ok := tx.ParseLanguages(strings.ReplaceAll(accept, "-X-", "-x-")); ok {
			c.refsets, c.langs = c.e.system.Refsets(l)
		}
		if raw := respond.Body(r); len(raw) > 0 {
			o, err := tx.DecodeObject(raw)
			if err != nil {
				return nil, badNative("the body is no JSON object: "+err.Error(), "")
			}
			c.body = o
		}
		return h(c)
	}
}

// branch finds the release of MAIN, MAIN/SNOMEDCT-BE or MAIN/SNOMEDCT-BE/YYYY-MM-DD.
func (s *Service) branch(short, date string) *edition {
	s.mu.RLock()
	defer s.mu.RUnlock()
	date = strings.ReplaceAll(date, "-", "")
	if len(short) == 10 && date == "" && strings.Count(short, "-") == 2 {
		short, date = "", strings.ReplaceAll(short, "-", "")
	}
	for _, e := range s.offered() {
		if short != "" && !strings.EqualFold(short, shortName(e)) || date != "" && e.Date != date {
			continue
		}
		return e
	}
	return nil
}

func shortName(e *edition) string {
	if e.Module == snomed.BelgianModule {
		return "SNOMEDCT-BE"
	}
	return "SNOMEDCT"
}

func (c *nativeCall) get(name string) string {
	if v := c.q[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// flag reads a truth value of the body or the query; given is false when there is none.
func (c *nativeCall) flag(name string) (value, given bool, err error) {
	if v := c.body[name]; v != nil {
		if b, ok := v.(bool); ok {
			return b, true, nil
		}
		return false, false, badNative("Parameter "+name+" must be true or false.", text(v))
	}
	v := c.get(name)
	if v == "" {
		return false, false, nil
	}
	b, e := strconv.ParseBool(v)
	if e != nil {
		return false, false, badNative("Parameter "+name+" must be true or false.", v)
	}
	return b, true, nil
}

// window reads offset, limit and searchAfter.
func (c *nativeCall) window() (offset, limit int, err error) {
	limit = nativeLimit
	for name, into := range map[string]*int{"offset": &offset, "limit": &limit} {
		v := c.get(name)
		if c.body != nil && v == "" {
			if n, ok := c.body[name].(interface{ String() string }); ok {
				v = n.String()
			}
		}
		if v == "" {
			continue
		}
		n, e := strconv.Atoi(v)
		if e != nil || n < 0 {
			return 0, 0, badNative("Parameter "+name+" must be a whole number of 0 or more.", v)
		}
		*into = n
	}
	if after := c.get("searchAfter"); after != "" {
		n, e := strconv.Atoi(strings.TrimPrefix(after, "o"))
		if e != nil || n < 0 || !strings.HasPrefix(after, "o") {
			return 0, 0, badNative("Parameter searchAfter is none that this server gave out.", after)
		}
		return n, min(limit, nativeMaxLimit), nil
	}
	if limit > nativeMaxLimit {
		return 0, 0, badNative("Maximum unsorted page size is 10000.", strconv.Itoa(limit))
	}
	if offset+limit > nativeMaxWindow {
		return 0, 0, badNative("Maximum offset + limit is 10000. Use searchAfter to page further.", strconv.Itoa(offset+limit))
	}
	return offset, limit, nil
}

// text is a term with its language, as Snowstorm writes it.
func (c *nativeCall) term(text, lang string) map[string]any {
	return map[string]any{"term": text, "lang": lang}
}

// mini is a concept in short.
func (c *nativeCall) mini(x uint32) map[string]any {
	e := c.e.Edition
	pt, d := e.Display(x, c.refsets)
	lang := "en"
	if d != snomed.None {
		lang = e.Description(d).Language
	}
	status := "PRIMITIVE"
	if e.Defined(x) {
		status = "FULLY_DEFINED"
	}
	id := snomed.ID(e.IDOf(x))
	fsn := e.FSNOf(x, "en")
	if fsn == "" {
		fsn = pt
	}
	return map[string]any{"conceptId": id, "active": e.Active(x), "definitionStatus": status, "moduleId": snomed.ID(e.ModuleOf(x)),
		"effectiveTime": strconv.Itoa(int(e.EffectiveTime(x))), "fsn": c.term(fsn, "en"), "pt": c.term(pt, lang), "id": id}
}

// concept reads the id of the path.
func (c *nativeCall) concept() (uint32, error) {
	id, ok := snomed.ParseID(mux.Vars(c.r)["id"])
	if ok {
		if x, found := c.e.Concept(id); found {
			return x, nil
		}
	}
	return 0, &respond.Refusal{Status: http.StatusNotFound, Code: "not-found", Message: "Concept not found", Rule: "tx-native-concept", Got: mux.Vars(c.r)["id"]}
}
