package terminology_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks"
)

// BenchmarkTerminologyHTTP asks the whole sandbox, journal included.
func BenchmarkTerminologyHTTP(b *testing.B) {
	name, err := txImported()
	if err != nil {
		b.Fatal(err)
	}
	box, err := mocks.Open(mocks.Options{Settings: map[string]string{"tx-rf2": name}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = box.Close() })
	e := openEdition(b)
	code := func(i int) string {
		return strconv.FormatUint(e.IDOf(uint32(i*7919)%uint32(e.ActiveCount)), 10)
	}
	filter := func(refset uint64, n int) func(int) string {
		return func(i int) string {
			for c := i * 97; ; c++ {
				if d, ok := e.PreferredIn(uint32(c)%uint32(e.Len()), refset); ok {
					if t := e.Term(d); len(t) >= n {
						return url.QueryEscape(t[:n])
					}
				}
			}
		}
	}
	nl3, fr3 := filter(31000172101, 3), filter(21000172104, 3)
	const sct = "http://snomed.info/sct"
	for _, x := range []struct {
		name string
		path func(i int) string
	}{
		{"lookup", func(i int) string {
			return "/fhir/CodeSystem/$lookup?system=" + sct + "&code=" + code(i) + "&displayLanguage=nl-BE"
		}},
		{"validate", func(i int) string { return "/fhir/CodeSystem/$validate-code?url=" + sct + "&code=" + code(i) }},
		{"validate-ecl", func(i int) string {
			return "/fhir/ValueSet/$validate-code?url=" + url.QueryEscape(sct+"?fhir_vs=ecl/<< 404684003") + "&system=" + sct + "&code=" + code(i)
		}},
		{"subsumes", func(i int) string {
			return "/fhir/CodeSystem/$subsumes?system=" + sct + "&codeA=404684003&codeB=" + code(i)
		}},
		{"autocomplete-nl3", func(i int) string {
			return "/fhir/ValueSet/$expand?url=" + sct + "?fhir_vs=isa/404684003&displayLanguage=nl-BE&count=10&filter=" + nl3(i)
		}},
		{"autocomplete-fr3", func(i int) string {
			return "/fhir/ValueSet/$expand?url=" + sct + "?fhir_vs=isa/404684003&displayLanguage=fr-BE&count=10&filter=" + fr3(i)
		}},
		{"expand-first-page", func(int) string {
			return "/fhir/ValueSet/$expand?url=" + url.QueryEscape(sct+"?fhir_vs=ecl/<< 404684003") + "&count=20&displayLanguage=nl-BE"
		}},
	} {
		b.Run(x.name, func(b *testing.B) {
			measure99(b, func(i int) {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://localhost:8080"+x.path(i), nil)
				w := httptest.NewRecorder()
				box.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatalf("%s: %d %s", x.path(i), w.Code, w.Body.String())
				}
			})
		})
	}
}
