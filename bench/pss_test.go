package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// pssBuiltin is the rule set the sandbox ships.
func pssBuiltin(tb testing.TB) *rules.Set {
	tb.Helper()
	set, err := rules.Load(rules.Sources{Base: fixtures.FS})
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// pssFullSize is a rule set of the size of the whole public lists: 3 000
// indications and 900 procedures, made by varying the ones we have.
func pssFullSize(tb testing.TB) *rules.Set {
	tb.Helper()
	have := pssBuiltin(tb)
	type row map[string]any
	var procedures, indications []row
	for i := range 900 {
		p := have.Procedures[i%len(have.Procedures)]
		n := i / len(have.Procedures)
		procedures = append(procedures, row{"code": fmt.Sprintf("%d%s", n, p.Code), "display": fmt.Sprintf("%s, variant %d", p.Display, n),
			"nl": fmt.Sprintf("%s, variant %d", p.Label("nl"), n), "fr": fmt.Sprintf("%s, variante %d", p.Label("fr"), n), "de": p.Label("de"), "modality": p.Modality})
	}
	for i := range 3000 {
		in := have.Indications[i%len(have.Indications)]
		n := i / len(have.Indications)
		indications = append(indications, row{"code": fmt.Sprintf("%d%s", n, in.Code), "display": fmt.Sprintf("%s, variant %d", in.Display, n), "group": in.Group})
	}
	file := func(v any) *fstest.MapFile {
		data, err := json.Marshal(v)
		if err != nil {
			tb.Fatal(err)
		}
		return &fstest.MapFile{Data: data}
	}
	set, err := rules.Load(rules.Sources{Base: fixtures.FS, OverlayName: "full", Overlay: fstest.MapFS{
		"procedures.json": file(procedures), "indications.json": file(indications), "rules.yaml": file([]row{}), "fallback.yaml": file([]row{}), "symptoms.yaml": file([]row{}),
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// pssQueries are what people type: every prefix of two letters and more of
// every label's first words, in Dutch, French and English.
func pssQueries(set *rules.Set) []string {
	var out []string
	for i, p := range set.Procedures {
		label := p.Label([]string{"nl", "fr", "en"}[i%3])
		for n := 2; n <= len(label) && n < 30; n += 3 {
			out = append(out, strings.ToLower(strings.ToValidUTF8(label[:n], "")))
		}
	}
	return out
}

func p99(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)*99/100]
}

// TestPSSAutocompleteP99 holds the promise of the issue: p99 below 5 ms over
// the full lists in both languages.
func TestPSSAutocompleteP99(t *testing.T) {
	for name, set := range map[string]*rules.Set{"built-in lists": pssBuiltin(t), "full-size lists": pssFullSize(t)} {
		queries := pssQueries(set)
		var times []time.Duration
		for _, q := range queries {
			for _, lang := range []string{"nl", "fr"} {
				start := time.Now()
				set.SearchProcedures(q, lang, 50)
				set.SearchIndications(q, lang, 50)
				times = append(times, time.Since(start))
			}
		}
		worst := p99(times)
		t.Logf("%s: %d searches of both lists, p50 %v, p99 %v", name, len(times), times[len(times)/2], worst)
		if worst > 5*time.Millisecond {
			t.Errorf("%s: p99 %v is above 5 ms", name, worst)
		}
	}
}

func BenchmarkPSSAutocomplete(b *testing.B) {
	for _, size := range []struct {
		name string
		set  *rules.Set
	}{{"builtin", pssBuiltin(b)}, {"full", pssFullSize(b)}} {
		queries := pssQueries(size.set)
		b.Run(size.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				size.set.SearchProcedures(queries[i%len(queries)], "nl", 50)
			}
		})
	}
}

func BenchmarkPSSRadiologyRules(b *testing.B) {
	set := pssBuiltin(b)
	ask := rules.Question{Age: 53, Sex: "M", Indications: []string{"5000246", "3074220"}, Intention: "114055"}
	b.ReportAllocs()
	for b.Loop() {
		set.Radiology(ask)
	}
}

func BenchmarkPSSLoad(b *testing.B) {
	for b.Loop() {
		pssBuiltin(b)
	}
}

// BenchmarkPSSCalls goes over HTTP through the whole sandbox, token and store
// included.
func BenchmarkPSSCalls(b *testing.B) {
	sb := mockstest.New(b)
	sb.Freeze(b, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)) // the token must not age
	token := sb.Token(b, mockstest.TokenRequest{ExchangeTo: "nihdi-uhmep-fhir-hcp"})
	call := func(b *testing.B, method, path, body string) []byte {
		req, err := http.NewRequestWithContext(b.Context(), method, sb.URL+path, strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		res, err := sb.Client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		out, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d %v %s", path, res.StatusCode, err, out)
		}
		return out
	}
	const control = `{"age":53,"gender":"M","intention":{"value":"114055"},"indications":[{"value":"5000246"}]}`
	const apply = `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","gender":"male",
	 "extension":[{"url":"https://www.ehealth.fgov.be/standards/fhir/pss/StructureDefinition/PSSRelevantAge","valueAge":{"value":53,"code":"y"}}]}},
	 {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://snomed.info/sct","code":"20262006"}]}}}]}`
	answer := struct {
		ExchangeID string `json:"exchangeId"`
	}{}
	if err := json.Unmarshal(call(b, http.MethodPost, "/frontend/api/pss/radiology/control", control), &answer); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, method, path, body string }{
		{"autocomplete", http.MethodGet, "/frontend/api/pss/radiology/procedures?intention=" + url.QueryEscape("tete sans"), ""},
		{"control", http.MethodPost, "/frontend/api/pss/radiology/control", control},
		{"control-by-id", http.MethodGet, "/frontend/api/pss/radiology/control/" + answer.ExchangeID, ""},
		{"GetDiagnoses", http.MethodPost, "/pss/v1/fhir/PlanDefinition/GetDiagnoses/$apply", apply},
	} {
		b.Run(c.name, func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				call(b, c.method, c.path, c.body)
				times = append(times, time.Since(start))
			}
			b.ReportMetric(float64(p99(times).Microseconds()), "p99-µs")
		})
	}
}
