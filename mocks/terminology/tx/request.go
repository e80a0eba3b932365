package tx

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Engine answers operations over what its shelves hold. It is immutable and safe for all goroutines.
type Engine struct {
	Shelves []*Shelf // those in front hide those behind
	// MaxExpansion is how many codes an expansion without count may have.
	MaxExpansion int
	// DefaultEdition picks the SNOMED CT version when none is asked for; empty = Belgian, else International, else the only one.
	DefaultEdition    string
	SCTMaps           []SCTMap // reference sets that serve as concept maps
	FragmentReject    bool     // an unknown code of a fragment makes the result false
	RefuseExpressions bool     // post-coordinated expressions are never evaluated
	SnowstormPage     bool     // refuse offsets that are no multiple of count
	Now               func() time.Time
	UUID              func() string
	// VersionParameter tells when expansions carry the old parameter version: implicit (SNOMED CT URLs), always or never.
	VersionParameter string
	// Note receives remarks for the person who looks into the request later.
	Note func(key string, value any)
}

// Call is one operation.
type Call struct {
	Context        context.Context
	Params         Params
	AcceptLanguage string
	System         System    // instance level: CodeSystem/<id>
	ValueSet       *ValueSet // instance level: ValueSet/<id>
}

// request is the state of one call.
type request struct {
	*Engine
	ctx       context.Context
	p         Params
	langs     Languages
	langGiven string // "param", "header", "valueset" or ""
	shelves   []*Shelf
	defaults  map[string][]string // system-version
	checks    map[string][]string // check-system-version
	forced    map[string][]string // force-system-version
	excluded  map[string]bool     // exclude-system
	vsDefault map[string]string   // default-valueset-version
	useSupp   []string
	usedSupp  []string
	wrapped   map[string]System
	stack     []string // value sets being evaluated
	local     []Object // contained resources of the value sets being evaluated
	steered   []Param  // version parameters that decided a version
}

func (e *Engine) begin(c Call) (*request, *Problem) {
	q := &request{Engine: e, ctx: c.Context, p: c.Params, defaults: map[string][]string{}, checks: map[string][]string{}, forced: map[string][]string{},
		excluded: map[string]bool{}, vsDefault: map[string]string{}, wrapped: map[string]System{}}
	if q.ctx == nil {
		q.ctx = context.Background()
	}
	for _, x := range q.p {
		switch x.Name {
		case "valueSet", "codeSystem", "conceptMap", "tx-resource":
			if x.Resource == nil {
				return nil, problem(http.StatusBadRequest, "invalid", "", fmt.Sprintf("parameter %s must hold a resource: send it in the body of a POST", x.Name))
			}
		}
	}
	q.shelves = e.Shelves
	own := NewShelf()
	for _, r := range append(q.p.Resources("tx-resource"), q.p.Resources("codeSystem")...) {
		if str(r, "resourceType") == "ValueSet" { // a faulty one is told when it is used
			own.AddValueSet(NewValueSet(r))
			continue
		}
		if p := own.Add(r); p != nil {
			return nil, p
		}
	}
	if len(own.systems)+len(own.sets)+len(own.maps) > 0 {
		q.shelves = append([]*Shelf{own}, e.Shelves...)
	}
	for name, m := range map[string]map[string][]string{"system-version": q.defaults, "check-system-version": q.checks, "force-system-version": q.forced} {
		for _, v := range q.p.Strings(name) {
			u, ver := splitCanonical(v)
			if ver == "" {
				return nil, problem(http.StatusBadRequest, "invalid", "", fmt.Sprintf("parameter %s must have the form system|version, not %q", name, v))
			}
			m[u] = append(m[u], ver)
		}
	}
	for _, v := range q.p.Strings("exclude-system") {
		u, _ := splitCanonical(v)
		q.excluded[u] = true
	}
	for _, v := range q.p.Strings("default-valueset-version") {
		u, ver := splitCanonical(v)
		q.vsDefault[u] = ver
	}
	q.useSupp = q.p.Strings("useSupplement")
	if p := q.readLanguages(c.AcceptLanguage); p != nil {
		return nil, p
	}
	return q, nil
}

func (q *request) readLanguages(header string) *Problem {
	if s := q.p.String("displayLanguage"); s != "" {
		l, ok := ParseLanguages(s)
		if !ok {
			return &Problem{Status: http.StatusBadRequest, Issues: []Issue{{Severity: "error", Code: "processing", Type: "invalid-display", Text: fmt.Sprintf("Invalid displayLanguage: '%s'", s),
				ID: "INVALID_DISPLAY_NAME"}}}
		}
		q.langs, q.langGiven = l, "param"
		return nil
	}
	if header != "" && header != "*" {
		if l, ok := ParseLanguages(header); ok {
			q.langs, q.langGiven = l, "header"
		}
	}
	return nil
}

func (q *request) note(key string, v any) {
	if q.Note != nil {
		q.Note(key, v)
	}
}

// late tells whether the client has gone or the time is up.
func (q *request) late() *Problem {
	if q.ctx.Err() == nil {
		return nil
	}
	return tooLate()
}

func tooLate() *Problem {
	return problem(http.StatusServiceUnavailable, "timeout", "", "the request took too long")
}

// versions lists the versions of a code system that are here, oldest first; shelves in front hide the same version behind.
func (q *request) versions(url string) []System {
	var out []System
	for _, s := range q.shelves {
		for _, sys := range s.systems[url] {
			if !slices.ContainsFunc(out, func(o System) bool {
				return o.Info().Version == sys.Info().Version && isSupplement(o) == isSupplement(sys)
			}) {
				out = append(out, sys)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b System) int { return CompareVersions(a.Info().Version, b.Info().Version) })
	return out
}

func isSupplement(s System) bool { return s.Info().Content == "supplement" }

// Offered lists the code systems of a canonical URL that answer, oldest version first, and the one that answers when no version is asked for;
// nil when there is none. Supplements are not among them.
func (e *Engine) Offered(url string) (list []System, byDefault System) {
	q := &request{Engine: e, shelves: e.Shelves}
	byDefault, _ = q.pick(url, "")
	return slices.DeleteFunc(q.versions(url), isSupplement), byDefault
}

func versionNames(list []System) []string {
	var out []string
	for _, s := range list {
		if v := s.Info().Version; v != "" {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// pick finds a code system in a version; found tells whether any version is here.
func (q *request) pick(url, version string) (sys System, found bool) {
	list := slices.DeleteFunc(q.versions(url), isSupplement)
	if len(list) == 0 {
		return nil, false
	}
	if url == snomedURL {
		return q.pickEdition(list, version), true
	}
	if version == "" {
		return list[len(list)-1], true
	}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Info().Version == version {
			return list[i], true
		}
	}
	for i := len(list) - 1; i >= 0; i-- {
		if versionMatches(list[i].Info().Version, version) {
			return list[i], true
		}
	}
	return nil, true
}

// pickEdition resolves a SNOMED CT version: nothing, an edition, or a release.
func (q *request) pickEdition(list []System, version string) System {
	if version == "" {
		version = q.DefaultEdition
	}
	if version == "" {
		module := ""
		for _, s := range list {
			m := moduleOf(s.Info().Version)
			if m == "11000172109" || module == "" || m == "900000000000207008" && module != "11000172109" {
				module = m
			}
		}
		version = editionOf(list, module)
	}
	var best System
	for _, s := range list {
		v := s.Info().Version
		if versionMatches(v, version) {
			best = s
		}
	}
	return best
}

func editionOf(list []System, module string) string {
	for _, s := range list {
		if moduleOf(s.Info().Version) == module {
			e, _, _ := strings.Cut(s.Info().Version, "/version/")
			return e
		}
	}
	return ""
}

func moduleOf(version string) string {
	e, _, _ := strings.Cut(version, "/version/")
	return e[strings.LastIndexByte(e, '/')+1:]
}

// unknownSystem is the problem of a missing code system or version.
func (q *request) unknownSystem(url, version string) *Problem {
	list := q.versions(url)
	p := problem(http.StatusNotFound, "not-found", "not-found", "")
	p.Unknown = canonical(url, version)
	switch {
	case len(list) == 0 && version == "":
		p.Issues[0].Text = fmt.Sprintf("A definition for CodeSystem '%s' could not be found, so the code cannot be validated", url)
		p.Issues[0].ID = "UNKNOWN_CODESYSTEM"
	case len(list) == 0:
		p.Unknown = url
		p.Issues[0].Text = fmt.Sprintf("A definition for CodeSystem '%s' version '%s' could not be found, so the code cannot be validated. No versions of this code system are known", url, version)
		p.Issues[0].ID = "UNKNOWN_CODESYSTEM_VERSION_NONE"
	default:
		p.Issues[0].Text = fmt.Sprintf("A definition for CodeSystem '%s' version '%s' could not be found, so the code cannot be validated. Valid versions: %s",
			url, version, strings.Join(versionNames(list), " or "))
		p.Issues[0].ID = "UNKNOWN_CODESYSTEM_VERSION"
	}
	return p
}

// wanted applies the version parameters to what a definition or a coding says.
func (q *request) wanted(url, version string) (string, *Problem) {
	if f := q.forced[url]; len(f) > 0 {
		version = f[0]
		q.steer("force-system-version", url, version)
	} else if d := q.defaults[url]; len(d) > 0 && version == "" {
		version = d[0]
		q.steer("system-version", url, version)
	}
	return version, nil
}

// steer remembers that a version parameter decided which version was taken.
func (q *request) steer(name, url, version string) {
	p := Param{Name: name, Value: canonical(url, version)}
	if !slices.ContainsFunc(q.steered, func(o Param) bool { return o.Name == p.Name && o.Value == p.Value }) {
		q.steered = append(q.steered, p)
	}
}

// system finds a code system for a definition, with its supplements.
func (q *request) system(url, version string) (System, *Problem) {
	if url == "" {
		return nil, problem(http.StatusBadRequest, "required", "", "no code system is named")
	}
	if u, v := splitCanonical(url); v != "" {
		url = u
		if version == "" {
			version = v
		}
	}
	version, p := q.wanted(url, version)
	if p != nil {
		return nil, p
	}
	if version == "" {
		if c := q.checks[url]; len(c) > 0 {
			version = c[0]
			q.steer("check-system-version", url, version)
		}
	}
	sys, found := q.pick(url, version)
	if !found || sys == nil {
		return nil, q.unknownSystem(url, version)
	}
	if i := q.versionCheck(sys.Info()); i != nil {
		return nil, &Problem{Status: http.StatusUnprocessableEntity, Issues: []Issue{*i}}
	}
	return q.supplement(sys)
}

// versionCheck tells when a version is not the one that check-system-version asks for.
func (q *request) versionCheck(info *Info) *Issue {
	for _, c := range q.checks[info.URL] {
		if !versionMatches(info.Version, c) {
			return &Issue{Severity: "error", Code: "exception", Type: "version-error", ID: "VALUESET_VERSION_CHECK",
				Text: fmt.Sprintf("The version '%s' is not allowed for system '%s': required to be '%s' by a version-check parameter", info.Version, info.URL, c)}
		}
	}
	return nil
}

// valueSet finds a value set by URL, which may carry a version.
func (q *request) valueSet(url, version string) (*ValueSet, *Problem) {
	if id, ok := strings.CutPrefix(url, "#"); ok {
		for _, c := range q.local {
			if str(c, "id") == id && str(c, "resourceType") == "ValueSet" {
				return NewValueSet(c), nil
			}
		}
		return nil, q.unknownSet(url, version)
	}
	if strings.Contains(url, "?fhir_vs") {
		v, p := q.implicit(url)
		if v != nil || p != nil {
			return v, p
		}
	}
	if u, v := splitCanonical(url); v != "" {
		url = u
		if version == "" {
			version = v
		}
	}
	if v := q.vsDefault[url]; version == "" && v != "" {
		version = v
		q.steer("default-valueset-version", url, version)
	}
	var best *ValueSet
	for _, s := range q.shelves {
		for _, v := range s.sets[url] {
			if version != "" && v.Version != version && !versionMatches(v.Version, version) {
				continue
			}
			if best == nil || CompareVersions(v.Version, best.Version) > 0 {
				best = v
			}
		}
	}
	if best != nil {
		return best, nil
	}
	for _, s := range q.shelves {
		if info, ok := s.byValue[url]; ok && (version == "" || version == info.Version) {
			return wholeSystem(info, url), nil
		}
	}
	return nil, q.unknownSet(url, version)
}

func (q *request) unknownSet(url, version string) *Problem {
	p := problem(http.StatusNotFound, "not-found", "not-found", fmt.Sprintf("A definition for the value Set '%s' could not be found", canonical(url, version)))
	p.Issues[0].ID = "Unable_to_resolve_value_Set_"
	return p
}
