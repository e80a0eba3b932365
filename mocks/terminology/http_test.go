package terminology

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

const careTypes = "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type"

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	for _, tc := range []struct {
		name, method, path string
		body               any
		header             []string
		status             int
		code, text         string
	}{
		{"lookup without code", "GET", "/fhir/CodeSystem/$lookup?system=" + careTypes, nil, nil, 400, "required", "code"},
		{"lookup without system", "GET", "/fhir/CodeSystem/$lookup?code=x", nil, nil, 400, "required", "system"},
		{"lookup of an unknown code", "GET", "/fhir/CodeSystem/$lookup?system=" + careTypes + "&code=none", nil, nil, 404, "not-found", "none"},
		{"lookup in an unknown system", "GET", "/fhir/CodeSystem/$lookup?system=http://none&code=x", nil, nil, 404, "not-found", "http://none"},
		{"lookup of an unknown SNOMED CT code tells how to load a release", "GET", "/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=80891009", nil, nil, 404, "not-found", "import-rf2"},
		{"lookup of an expression", "GET", "/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=" + url.QueryEscape("385805005:363698007=69536005"), nil, nil, 422, "not-supported", "expression"},
		{"a concept in the query", "GET", "/fhir/ValueSet/$validate-code?url=http://snomed.info/sct?fhir_vs&codeableConcept=x", nil, nil, 400, "invalid", "POST"},
		{"subsumption across systems", "POST", "/fhir/CodeSystem/$subsumes", parameters("codingA", "Coding", tx.Object{"system": "a", "code": "1"}, "codingB", "Coding", tx.Object{"system": "b", "code": "1"}), nil, 400, "invalid", "different"},
		{"subsumption of one code", "GET", "/fhir/CodeSystem/$subsumes?system=http://snomed.info/sct&codeA=22253000", nil, nil, 400, "required", "codeB"},
		{"expansion of an unknown set", "GET", "/fhir/ValueSet/$expand?url=http://none", nil, nil, 404, "not-found", "http://none"},
		{"expansion of nothing", "GET", "/fhir/ValueSet/$expand", nil, nil, 400, "required", "url"},
		{"an implicit set of an unknown concept", "GET", "/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs=isa/99999999", nil, nil, 404, "not-found", "99999999"},
		{"an implicit set of an unknown kind", "GET", "/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs=nonsense/1", nil, nil, 404, "not-found", "nonsense"},
		{"an unsupported expression", "GET", "/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs=ecl/" + url.QueryEscape("22253000 {{ D active = 0 }}"), nil, nil, 422, "not-supported", "column 24"},
		{"a concept of an expression that does not exist", "GET", "/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs=ecl/" + url.QueryEscape("<< 99999999"), nil, nil, 422, "invalid", "does not exist"},
		{"an edition that is not loaded", "GET", "/fhir/ValueSet/$expand?url=http://snomed.info/sct/900000000000207008?fhir_vs", nil, nil, 404, "not-found", "Valid versions"},
		{"XML", "GET", "/fhir/metadata?_format=xml", nil, nil, 406, "not-supported", "json"},
		{"XML by header", "GET", "/fhir/metadata", nil, []string{"Accept", "application/fhir+xml"}, 406, "not-supported", "json"},
		{"an XML body", "POST", "/fhir/ValueSet/$expand", "<a/>", []string{"Content-Type", "application/fhir+xml"}, 415, "not-supported", "json"},
		{"a body that is no JSON", "POST", "/fhir/ValueSet/$expand", "{", nil, 400, "structure", "JSON"},
		{"a body that is no Parameters", "POST", "/fhir/ValueSet/$expand", tx.Object{"resourceType": "Bundle"}, nil, 400, "invalid", "must be a Parameters resource"},
		{"a resource in the query", "GET", "/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs&tx-resource=x", nil, nil, 400, "invalid", "body of a POST"},
		{"code and coding at once", "GET", "/fhir/ValueSet/$validate-code?url=http://snomed.info/sct?fhir_vs&code=1&coding=a%7Cb", nil, nil, 400, "invalid", "code and coding"},
		{"a version behind an implicit set", "GET", "/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs%7C1.0", nil, nil, 404, "not-found", "takes no version"},
		{"a filter of 251 characters", "GET", "/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs&filter=" + strings.Repeat("%C3%A9", 251), nil, nil, 400, "invalid", "250 characters"},
		{"parameters that are no list", "POST", "/fhir/CodeSystem/$lookup", tx.Object{"resourceType": "Parameters", "parameter": tx.Object{}}, nil, 400, "invalid", "must be a list"},
		{"an unknown resource", "GET", "/fhir/CodeSystem/none", nil, nil, 404, "not-found", "none"},
		{"an unknown path", "GET", "/fhir/Patient", nil, nil, 404, "not-found", "path"},
		{"an unknown method", "PATCH", "/fhir/CodeSystem/none", nil, nil, 405, "not-supported", "method"},
		{"a body too large", "POST", "/fhir/ValueSet/$expand", strings.Repeat(" ", 5<<20), nil, 413, "too-long", "large"},
		{"a transaction", "POST", "/fhir", tx.Object{"resourceType": "Bundle", "type": "transaction"}, nil, 400, "not-supported", "transaction"},
		{"a map that does not exist", "GET", "/fhir/ConceptMap/$translate?url=http://snomed.info/sct?fhir_cm=22253000&system=http://snomed.info/sct&code=22253000", nil, nil, 404, "not-found", "concept map"},
		{"sorting by what cannot be sorted", "GET", "/fhir/CodeSystem?_sort=colour", nil, nil, 400, "not-supported", "colour"},
		{"a count that is none", "GET", "/fhir/CodeSystem?_count=many", nil, nil, 400, "invalid", "_count"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := s.do(tc.method, tc.path, tc.body, tc.header...)
			if a.status != tc.status || firstIssue(a)["code"] != tc.code || !strings.Contains(a.raw, tc.text) {
				t.Errorf("got %d %s, want %d %s with %q", a.status, a.raw, tc.status, tc.code, tc.text)
			}
			if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "application/fhir+json") {
				t.Errorf("Content-Type: got %q", got)
			}
		})
	}
}

func TestFormsOfRequests(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	code := "&code=hygienic-care"
	for _, tc := range []struct {
		name, method, path string
		body               any
		header             []string
	}{
		{"GET", "GET", "/fhir/CodeSystem/$lookup?system=" + careTypes + code, nil, nil},
		{"a trailing slash", "GET", "/fhir/CodeSystem/$lookup/?system=" + careTypes + code, nil, nil},
		{"url instead of system", "GET", "/fhir/CodeSystem/$lookup?url=" + careTypes + code, nil, nil},
		{"a version in the system", "GET", "/fhir/CodeSystem/$lookup?system=" + careTypes + "%7C1.0.0" + code, nil, nil},
		{"a wildcard version", "GET", "/fhir/CodeSystem/$lookup?system=" + careTypes + "&version=1.x.x" + code, nil, nil},
		{"POST", "POST", "/fhir/CodeSystem/$lookup", parameters("system", "Uri", careTypes, "code", "Code", "hygienic-care"), nil},
		{"POST with other types", "POST", "/fhir/CodeSystem/$lookup", parameters("system", "Canonical", careTypes, "code", "String", "hygienic-care"), nil},
		{"POST with both, the query fills gaps", "POST", "/fhir/CodeSystem/$lookup?code=hygienic-care", parameters("system", "Uri", careTypes), nil},
		{"the body wins over the query", "POST", "/fhir/CodeSystem/$lookup?code=none", parameters("system", "Uri", careTypes, "code", "Code", "hygienic-care"), nil},
		{"instance level", "GET", "/fhir/CodeSystem/be-cs-prescription-type/$lookup?code=hygienic-care", nil, nil},
		{"a form", "POST", "/fhir/CodeSystem/$lookup", "system=" + url.QueryEscape(careTypes) + code, []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{"the other base", "GET", "/terminology/fhir/CodeSystem/$lookup?system=" + careTypes + code, nil, nil},
		{"plain JSON", "GET", "/fhir/CodeSystem/$lookup?system=" + careTypes + code, nil, []string{"Accept", "application/json"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if a := s.do(tc.method, tc.path, tc.body, tc.header...); a.status != 200 || a.param("display") != "Hygienic care" {
				t.Errorf("got %d %s", a.status, a.raw)
			}
		})
	}
}

func TestRawExpressionsInURLs(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	want := 5
	for name, query := range map[string]string{
		"raw": "url=http://snomed.info/sct?fhir_vs=ecl/<<385805005", "encoded once": "url=" + url.QueryEscape("http://snomed.info/sct?fhir_vs=ecl/<< 385805005"),
		"encoded twice":      "url=" + url.QueryEscape("http://snomed.info/sct?fhir_vs=ecl/"+url.QueryEscape("<< 385805005 |Diabetic care education|")),
		"the edition's form": "url=http://snomed.info/sct/11000172109?fhir_vs=ecl/%3C%3C385805005",
	} {
		a := s.get("/fhir/ValueSet/$expand?" + query)
		if len(a.codes()) != want {
			t.Errorf("%s: got %v %s", name, a.codes(), a.raw)
		}
		if name == "raw" && a.body["url"] != "http://snomed.info/sct?fhir_vs=ecl/<<385805005" {
			t.Errorf("url: got %v", a.body["url"])
		}
		if !strings.Contains(a.raw, `"name":"version"`) || !strings.Contains(a.raw, `"used-codesystem"`) {
			t.Errorf("%s: version and used-codesystem are missing in %s", name, a.raw)
		}
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	a := s.get("/fhir/metadata")
	if a.body["resourceType"] != "CapabilityStatement" || a.body["fhirVersion"] != "4.0.1" || !strings.Contains(a.raw, "http://hl7.org/fhir/CapabilityStatement/terminology-server") {
		t.Errorf("got %s", a.raw)
	}
	b := s.get("/fhir/metadata?mode=terminology")
	for _, want := range []string{`"TerminologyCapabilities"`, `"http://snomed.info/sct"`, "11000172109", careTypes, `"tx-resource"`, `"codeSearch":"all"`} {
		if !strings.Contains(b.raw, want) {
			t.Errorf("%s is missing in %s", want, b.raw[:min(len(b.raw), 800)])
		}
	}
	if c := s.get("/fhir/metadata?mode=normative"); c.body["resourceType"] != "CapabilityStatement" {
		t.Errorf("normative: got %v", c.body["resourceType"])
	}
	if v := s.get("/fhir/$versions"); !strings.Contains(v.raw, "4.0") {
		t.Errorf("$versions: got %s", v.raw)
	}
}

func TestSearchReadAndWrite(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	set := animalSet(all())
	created := s.do(http.MethodPost, "/fhir/ValueSet", set)
	if created.status != http.StatusCreated || !strings.Contains(created.header.Get("Location"), "/fhir/ValueSet/"+text(created.body["id"])) {
		t.Fatalf("create: got %d %s %v", created.status, created.raw, created.header)
	}
	if a := s.do(http.MethodPut, "/fhir/CodeSystem/animals", animals()); a.status != http.StatusCreated {
		t.Fatalf("update as create: got %d %s", a.status, a.raw)
	}
	if a := s.do(http.MethodPut, "/fhir/CodeSystem/animals", animals()); a.status != http.StatusOK || !strings.Contains(a.raw, `"versionId":"2"`) {
		t.Errorf("update: got %d %s", a.status, a.raw)
	}
	if a := s.get("/fhir/ValueSet/$expand?url=http://sandbox.test/set&excludeNested=true"); strings.Join(a.codes(), " ") != "mammal cat whale dodo" {
		t.Errorf("a stored set: got %s", a.raw)
	}
	if a := s.get("/fhir/ValueSet/" + text(created.body["id"]) + "/$expand"); len(a.codes()) != 4 {
		t.Errorf("instance level: got %s", a.raw)
	}
	for query, want := range map[string]int{
		"url=http://sandbox.test/animals": 1, "url=http://sandbox.test/animals%7C1.0.0": 1, "url=http://sandbox.test/animals%7C2": 0, "name=anim": 1, "name:exact=animals": 0,
		"title:contains=NIMA": 1, "_id=animals": 1, "code=cat": 1, "url=http://none": 0, "status=active&name=Animals": 1, "name=Animals,Other": 1,
	} {
		if a := s.get("/fhir/CodeSystem?" + query); fmt.Sprint(a.body["total"]) != fmt.Sprint(want) {
			t.Errorf("search %s: got %v, want %d", query, a.body["total"], want)
		}
	}
	a := s.get("/fhir/CodeSystem?_count=2&_sort=url&_elements=url")
	if entries, _ := a.body["entry"].([]any); len(entries) != 2 || !strings.Contains(a.raw, `"relation":"next"`) || strings.Contains(a.raw, `"concept"`) {
		t.Errorf("paging: got %s", a.raw)
	}
	if a := s.get("/fhir/CodeSystem?_summary=count"); a.body["entry"] != nil || fmt.Sprint(a.body["total"]) == "0" {
		t.Errorf("count: got %s", a.raw)
	}
	if a := s.do(http.MethodDelete, "/fhir/CodeSystem/animals", nil); a.status != http.StatusNoContent {
		t.Errorf("delete: got %d", a.status)
	}
	if a := s.get("/fhir/CodeSystem/animals"); a.status != http.StatusNotFound {
		t.Errorf("after delete: got %d", a.status)
	}
	if a := s.do(http.MethodDelete, "/fhir/CodeSystem/be-cs-prescription-type", nil); a.status != http.StatusForbidden {
		t.Errorf("deleting what is built in: got %d", a.status)
	}
	for name, body := range map[string]any{"another type": set, "no url": tx.Object{"resourceType": "CodeSystem"}, "another id": tx.Object{"resourceType": "CodeSystem", "id": "b", "url": "http://x"}} {
		if a := s.do(http.MethodPut, "/fhir/CodeSystem/a", body); a.status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s", name, a.status, a.raw)
		}
	}
	if a := s.get("/fhir/NamingSystem?name=ssin"); fmt.Sprint(a.body["total"]) != "1" {
		t.Errorf("naming systems: got %s", a.raw)
	}
}

func TestReadOnlyRefusesWrites(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-readonly": "true"})
	if a := s.do(http.MethodPut, "/fhir/CodeSystem/animals", animals()); a.status != http.StatusForbidden {
		t.Errorf("got %d", a.status)
	}
}

func TestATokenIsAskedForWhenSwitchedOn(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-require-token": "true"})
	if a := s.get("/fhir/CodeSystem"); a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" {
		t.Errorf("got %d", a.status)
	}
	if a := s.get("/fhir/metadata"); a.status != http.StatusOK {
		t.Errorf("what the server can do is told without a token: got %d", a.status)
	}
	s.service.cfg.Verify = func(*http.Request) error { return nil }
	if a := s.get("/fhir/CodeSystem"); a.status != http.StatusOK {
		t.Errorf("with a token: got %d", a.status)
	}
}

func TestFragmentsAreLenientUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	path := "/fhir/CodeSystem/$validate-code?url=http://snomed.info/sct&code=80891009"
	if a := newServer(t, nil).get(path); a.param("result") != true || !strings.Contains(a.raw, "fragment") {
		t.Errorf("warn: got %s", a.raw)
	}
	if a := newServer(t, map[string]string{"tx-fragment": "reject"}).get(path); a.param("result") != false {
		t.Errorf("reject: got %s", a.raw)
	}
	if a := newServer(t, nil).get("/fhir/CodeSystem/$validate-code?url=http://snomed.info/sct&code=abc"); a.param("result") != false {
		t.Errorf("no identifier at all: got %s", a.raw)
	}
}

func TestSnowstormPagingCanBeImitated(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-snowstorm-paging": "true"})
	if a := s.get("/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs&offset=3&count=2"); a.status != 400 {
		t.Errorf("got %d", a.status)
	}
	if a := s.get("/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs&offset=4&count=2"); a.status != 200 {
		t.Errorf("got %d %s", a.status, a.raw)
	}
}

func TestImplicitSetsAreCutAndOthersRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-max-expansion": "10"})
	a := s.get("/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs")
	if len(a.codes()) != 10 || fmt.Sprint(a.body["expansion"].(tx.Object)["total"]) == "10" {
		t.Errorf("implicit: got %d codes", len(a.codes()))
	}
	a = s.get("/fhir/ValueSet/$expand?url=https://www.ehealth.fgov.be/standards/fhir/terminology/ValueSet/be-vs-body-site")
	if a.status != 422 || firstIssue(a)["code"] != "too-costly" {
		t.Errorf("stored: got %d %s", a.status, a.raw)
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	entry := func(method, url string, resource any) tx.Object {
		e := tx.Object{"request": tx.Object{"method": method, "url": url}}
		if resource != nil {
			e["resource"] = resource
		}
		return e
	}
	a := s.do(http.MethodPost, "/fhir", tx.Object{"resourceType": "Bundle", "type": "batch", "entry": []any{
		entry("GET", "CodeSystem/$validate-code?url="+careTypes+"&code=hygienic-care", nil),
		entry("POST", "CodeSystem/$lookup", parameters("system", "Uri", careTypes, "code", "Code", "none")),
		entry("GET", "CodeSystem/be-cs-prescription-type", nil),
		entry("GET", "ValueSet?_count=1", nil),
		entry("DELETE", "CodeSystem/x", nil),
		entry("GET", "Patient/1", nil),
	}})
	var got []string
	for _, e := range a.body["entry"].([]any) {
		got = append(got, text(e.(tx.Object)["response"].(tx.Object)["status"]))
	}
	if strings.Join(got, " ") != "200 404 200 200 400 400" || a.body["type"] != "batch-response" {
		t.Errorf("got %v: %s", got, a.raw)
	}
	b := s.do(http.MethodPost, "/fhir/CodeSystem/$batch-validate-code", parameters("url", "Uri", careTypes,
		"validation", "resource", parameters("code", "Code", "hygienic-care"), "validation", "resource", parameters("code", "Code", "none"), "validation", "resource", tx.Object{"resourceType": "Bundle"}))
	list, _ := b.body["parameter"].([]any)
	if len(list) != 3 || !strings.Contains(fmt.Sprint(list[2]), "OperationOutcome") {
		t.Errorf("$batch-validate-code: got %s", b.raw)
	}
}

func TestEveryListOfTheGuidesExpands(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-max-expansion": "5000"})
	reg, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range reg.ValueSets() {
		for _, lang := range []string{"nl", "fr", "en"} {
			a := s.get("/fhir/ValueSet/$expand?url=" + url.QueryEscape(v.URL) + "&displayLanguage=" + lang)
			if a.status != 200 || len(a.codes()) == 0 {
				t.Errorf("%s in %s: got %d %s", v.URL, lang, a.status, a.raw[:min(300, len(a.raw))])
			}
		}
	}
	a := s.get("/fhir/ValueSet/$expand?url=https://www.ehealth.fgov.be/standards/fhir/terminology/ValueSet/be-vs-body-laterality&displayLanguage=fr")
	for _, want := range []string{"gauche", "droite", "bilatéral"} {
		if !strings.Contains(a.raw, want) {
			t.Errorf("%q is missing in %s", want, a.raw)
		}
	}
}

func TestResourcesOfAFolderAreServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cs.json"), []byte(`{"resourceType":"CodeSystem","url":"http://sandbox.test/f","status":"active","content":"complete","concept":[{"code":"a","display":"A"}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, map[string]string{"tx-resources": dir})
	if a := s.get("/fhir/CodeSystem/$lookup?system=http://sandbox.test/f&code=a"); a.param("display") != "A" {
		t.Errorf("got %s", a.raw)
	}
}

func TestDesignationsTellTheDialect(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	a := s.get("/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=225964003")
	for _, want := range []string{`"nl-BE"`, `"fr-BE"`, "designation-use-context", "31000172101", "900000000000548007"} {
		if !strings.Contains(a.raw, want) {
			t.Errorf("%s is missing in %s", want, a.raw)
		}
	}
}

func FuzzQueriesNeverFail(f *testing.F) {
	s := newServer(f, nil)
	for _, q := range []string{"url=http://snomed.info/sct?fhir_vs=ecl/<<", "filter=%ff", "url=x&count=99999999999999999999", "url=http://snomed.info/sct?fhir_vs=isa/", "displayLanguage=;;q=", "url=%zz"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/fhir/ValueSet/$expand", "/fhir/CodeSystem/$lookup", "/fhir/CodeSystem"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+path, nil)
			if err != nil {
				t.Skip("no request")
			}
			r.URL.RawQuery = query
			a := s.serve(r)
			if a >= 500 && a != 503 {
				t.Fatalf("%s?%s: got %d", path, query, a)
			}
		}
	})
}
