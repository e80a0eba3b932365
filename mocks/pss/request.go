package pss

import (
	"fmt"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"encoding/json"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// maxAge is the oldest person PSS believes in.
const maxAge = 130

// resource is one entry of the request.
type resource struct {
	kind    string
	where   string // Bundle.entry[n].resource
	fullURL string
	node    map[string]any
}

// id is the resource's own id.
func (r *resource) id() string { return stringAt(r.node, "id") }

// request is a PSSRequestBundle as far as it was understood. Problems collect
// in issues, so that the client learns of all at once.
type request struct {
	r         *http.Request
	resources []*resource
	patient   *resource
	age       int // whole years
	months    int
	sex       string // M, F or U
	issues    []issue
}

// readRequest reads the body of an $apply operation. Its error ends the
// request at once; everything else is collected.
func readRequest(r *http.Request) (*request, error) {
	if err := acceptable(r); err != nil {
		return nil, err
	}
	if err := readable(r); err != nil {
		return nil, err
	}
	body, err := parse(respond.Body(r))
	if err != nil {
		return nil, refuse(r, codeJSON, err.Error(), "a Bundle in JSON", "")
	}
	if kind := stringAt(body, "resourceType"); kind != "Bundle" {
		return nil, refuse(r, codeJSON, "resourceType "+shown(at(body, "resourceType")), "resourceType Bundle",
			"the body is the bare Bundle, not a Parameters resource")
	}
	q := &request{r: r}
	if t := at(body, "type"); t != "collection" {
		q.wrong(codeBundleType, "Bundle.type "+shown(t), "collection")
	}
	q.checkProfile("Bundle", body)
	entries, ok := at(body, "entry").([]any)
	if !ok && at(body, "entry") != nil {
		return nil, refuse(r, codeJSON, "Bundle.entry is not a list", "a list of entries", "")
	}
	for i, e := range entries {
		where := fmt.Sprintf("Bundle.entry[%d].resource", i)
		node, ok := at(e, "resource").(map[string]any)
		if !ok {
			return nil, refuse(r, codeJSON, where+" is missing or not a resource", "a resource", "")
		}
		res := &resource{kind: stringAt(node, "resourceType"), where: where, fullURL: stringAt(e, "fullUrl"), node: node}
		if res.kind == "" {
			return nil, refuse(r, codeJSON, where+".resourceType is missing", "the name of a resource type", "")
		}
		if res.fullURL == "" {
			journal.Warn(r.Context(), "pss-full-url", fmt.Sprintf("Bundle.entry[%d].fullUrl is missing; the profile requires urn:uuid:…", i))
			res.fullURL = res.kind + "/" + res.id()
		}
		q.checkProfile(where, node)
		q.resources = append(q.resources, res)
	}
	q.readPatient()
	q.checkReferences()
	return q, nil
}

// wrong collects a problem.
func (q *request) wrong(code, found, want string) {
	q.issues = append(q.issues, issue{Code: code, Found: found, Want: want})
}

// refusal is the refusal of everything collected, nil when nothing was.
func (q *request) refusal() error {
	if len(q.issues) == 0 {
		return nil
	}
	return refuseAll(q.issues)
}

// of lists the resources of one type.
func (q *request) of(kind string) []*resource {
	var out []*resource
	for _, res := range q.resources {
		if res.kind == kind {
			out = append(out, res)
		}
	}
	return out
}

// resolve finds what a reference means: urn:uuid:x, Type/x or the bare id.
func (q *request) resolve(ref string) *resource {
	if ref == "" {
		return nil
	}
	for _, res := range q.resources {
		if ref == res.fullURL || ref == res.kind+"/"+res.id() || ref == res.id() || "urn:uuid:"+ref == res.fullURL ||
			isUUID(res.fullURL) && strings.HasSuffix(ref, "/"+strings.TrimPrefix(res.fullURL, "urn:uuid:")) {
			return res
		}
	}
	return nil
}

// checkReferences warns of references that lead nowhere.
func (q *request) checkReferences() {
	for _, res := range q.resources {
		for _, name := range []string{"subject", "patient", "for"} {
			ref := stringAt(res.node, name, "reference")
			if ref != "" && q.resolve(ref) == nil {
				journal.Warn(q.r.Context(), "pss-reference", res.where+"."+name+" "+shown(ref)+" leads to nothing in the bundle")
			}
		}
	}
}

// checkProfile warns of a profile that is absent, unknown, or named by the
// address of its page.
func (q *request) checkProfile(where string, node any) {
	list := listAt(node, "meta", "profile")
	if len(list) == 0 {
		journal.Warn(q.r.Context(), "pss-profile", where+".meta.profile is missing")
	}
	for _, p := range list {
		url, _ := p.(string)
		if name, page := profileName(url); page {
			journal.Warn(q.r.Context(), "pss-profile", where+": the profile is named by its page, "+name+" by its canonical URL would be "+profileBase+name)
		}
	}
}

// acceptable refuses a client that wants something else than JSON.
func acceptable(r *http.Request) error {
	accept := r.Header.Get("Accept")
	if format := r.URL.Query().Get("_format"); format != "" { // FHIR: it wins over the header
		accept = strings.ReplaceAll(format, " ", "+")
		if accept == "json" {
			return nil
		}
	}
	if accept == "" {
		return nil
	}
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		switch kind {
		case "*/*", "application/*", "application/fhir+json", "application/json", "application/json+fhir", "text/json":
			return nil
		}
	}
	return refuse(r, codeAccept, "Accept "+shown(accept), "application/fhir+json", "the cookbook documents JSON only")
}

// readable refuses a body that is not declared as JSON.
func readable(r *http.Request) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && (kind == "application/fhir+json" || kind == "application/json") {
		return nil
	}
	return refuse(r, codeContentType, "Content-Type "+shown(r.Header.Get("Content-Type")), "application/fhir+json", "")
}

// identifying lists the members of a Patient that tell who it is.
func identifying() []string {
	return []string{"identifier", "telecom", "address", "birthDate", "_birthDate", "contact", "photo", "link"}
}

// readPatient checks the one Patient: age and gender there, identity not.
func (q *request) readPatient() {
	list := q.of("Patient")
	if len(list) != 1 {
		q.wrong(codePatient, strconv.Itoa(len(list))+" Patients", "exactly one")
	}
	for i, p := range list {
		q.checkAnonymous(p)
		if i == 0 {
			q.patient = p
			q.readAge(p)
			q.readGender(p)
		}
	}
}

func (q *request) checkAnonymous(p *resource) {
	var found []string
	for _, name := range identifying() {
		if p.node[name] != nil {
			found = append(found, name)
		}
	}
	names := listAt(p.node, "name")
	for i, n := range names {
		for _, part := range []string{"text", "family", "given", "prefix", "suffix"} {
			if at(n, part) != nil {
				found = append(found, fmt.Sprintf("name[%d].%s", i, part))
			}
		}
	}
	if len(found) > 0 {
		q.issues = append(q.issues, issue{Code: codeIdentified, Found: strings.Join(found, ", "),
			Want: "no identifier, telecom, address, birthDate or name", Hint: "PSS gets age, sex and codes only; send the age as extension PSSRelevantAge"})
	}
	if p.node["text"] != nil {
		journal.Warn(q.r.Context(), "pss-patient-text", p.where+".text: a narrative may identify the person")
	}
	if !slices.ContainsFunc(listAt(p.node, "name", 0, "extension"), func(e any) bool {
		return at(e, "url") == urlAbsent && at(e, "valueCode") == "masked"
	}) {
		journal.Warn(q.r.Context(), "pss-patient-name", p.where+".name[0] should carry data-absent-reason masked, and nothing else")
	}
}

func (q *request) readAge(p *resource) {
	var value any
	for _, e := range listAt(p.node, "extension") {
		url := stringAt(e, "url")
		if name, page := profileName(url); name == "PSSRelevantAge" {
			value = at(e, "valueAge")
			if page {
				journal.Warn(q.r.Context(), "pss-profile", p.where+": the URL of the age extension is its page; the canonical one is "+urlAge)
			}
		}
	}
	const want = "extension PSSRelevantAge with valueAge {value, system http://unitsofmeasure.org, code y}"
	if value == nil {
		q.wrong(codePatient, p.where+": age is missing", want)
		return
	}
	number, ok := at(value, "value").(json.Number)
	n, err := number.Float64()
	if !ok || err != nil {
		q.wrong(codePatient, p.where+": age "+shown(at(value, "value")), want)
		return
	}
	const daysPerYear, daysPerMonth = 365.2425, 365.2425 / 12
	years := n
	switch code := stringAt(value, "code"); code {
	case "y", "a":
	case "":
		journal.Warn(q.r.Context(), "pss-age", p.where+": the age has no code and is read in years (y)")
	case "mo":
		years = n / 12
	case "wk":
		years = n * 7 / daysPerYear
	case "d":
		years = n / daysPerYear
	default:
		q.wrong(codePatient, p.where+": age unit "+shown(code), "y, mo, wk or d")
		return
	}
	if years < 0 || years > maxAge {
		q.wrong(codePatient, p.where+": age "+number.String()+" "+stringAt(value, "code"), "0 to 130 years")
		return
	}
	q.age = int(math.Floor(years + 1e-9))
	q.months = int(math.Floor(years*daysPerYear/daysPerMonth + 1e-9))
}

func (q *request) readGender(p *resource) {
	gender := stringAt(p.node, "gender")
	lower := strings.ToLower(gender)
	if lower != gender && tenant.From(q.r.Context()).Settings.String("pss-gender") == "any-case" {
		journal.Warn(q.r.Context(), "pss-gender", p.where+".gender "+shown(gender)+": FHIR writes it in lower case")
		gender = lower
	}
	switch gender {
	case "male":
		q.sex = "M"
	case "female":
		q.sex = "F"
	case "unknown":
		q.sex = "U"
	default:
		q.wrong(codePatient, p.where+".gender "+shown(p.node["gender"]), "male, female or unknown")
	}
}

// fixed checks an element that the profile fixes to one code, plain or inside
// a CodeableConcept.
func (q *request) fixed(res *resource, name, want string) {
	got := at(res.node, name)
	if got == want {
		return
	}
	concepts := []any{got}
	if list, ok := got.([]any); ok {
		concepts = list
	}
	for _, c := range concepts {
		for _, coding := range listAt(c, "coding") {
			if at(coding, "code") == want {
				return
			}
		}
	}
	found := shown(got)
	if code := stringAt(firstOf(concepts), "coding", 0, "code"); code != "" {
		found = strconv.Quote(code)
	}
	q.wrong(codeStatus, res.where+"."+name+" is "+found, want)
}

// date checks that an element holds an ISO date or date-time.
func (q *request) date(res *resource, name string) {
	if s := stringAt(res.node, name); !isDate(s) {
		q.wrong(codeDate, res.where+"."+name+" is "+shown(res.node[name]), "an ISO date")
	}
}

func firstOf(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}
