package terminology_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/bench/rf2gen"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/ecl"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/rf2"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// The size of the synthetic release: BENCH_CONCEPTS, 20 000 when it is not set; the figures in docs/terminology.md are of 500 000 with
// four descriptions each.
func txConcepts() int {
	if n, err := strconv.Atoi(os.Getenv("BENCH_CONCEPTS")); err == nil && n > 0 {
		return n
	}
	return 20000
}

// txInactive is the percentage of inactive descriptions: BENCH_INACTIVE, none when it is not set. BENCH_DROP=1 leaves them out of the
// index.
func txInactive() int {
	n, _ := strconv.Atoi(os.Getenv("BENCH_INACTIVE"))
	return n
}

func txOptions() rf2.Options { return rf2.Options{DropInactive: os.Getenv("BENCH_DROP") == "1"} }

var txRelease = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rf2-bench-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "release.zip")
	return name, rf2gen.Zip(name, rf2gen.Options{Concepts: txConcepts(), Seed: 1, Inactive: txInactive()})
})

var txImported = sync.OnceValues(func() (string, error) {
	zip, err := txRelease()
	if err != nil {
		return "", err
	}
	e, err := rf2.Import(context.Background(), []string{zip}, txOptions())
	if err != nil {
		return "", err
	}
	name := filepath.Join(filepath.Dir(zip), "edition.snomed")
	return name, e.WriteFile(name)
})

func openEdition(b testing.TB) *snomed.Edition {
	b.Helper()
	name, err := txImported()
	if err != nil {
		b.Fatal(err)
	}
	e, err := snomed.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	return e
}

// peakMiB is the most memory the process ever had, in MiB (VmHWM).
func peakMiB() float64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		var kb float64
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kb); err == nil {
			return kb / 1024
		}
	}
	return 0
}

// BenchmarkTerminologyImport reads a release and writes the index file.
func BenchmarkTerminologyImport(b *testing.B) {
	zip, err := txRelease()
	if err != nil {
		b.Fatal(err)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(30)) // as the import command does
	debug.FreeOSMemory()
	for b.Loop() {
		e, err := rf2.Import(context.Background(), []string{zip}, txOptions())
		if err != nil {
			b.Fatal(err)
		}
		name := filepath.Join(b.TempDir(), "edition.snomed")
		if err := e.WriteFile(name); err != nil {
			b.Fatal(err)
		}
		if st, err := os.Stat(name); err == nil {
			b.ReportMetric(float64(st.Size())/(1<<20), "MiB-file")
		}
	}
	b.ReportMetric(peakMiB(), "MiB-peak")
	b.ReportMetric(float64(txConcepts()), "concepts")
}

// BenchmarkTerminologyOpen maps an index file.
func BenchmarkTerminologyOpen(b *testing.B) {
	name, err := txImported()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		e, err := snomed.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		_ = e.Close()
	}
}

// measure99 runs f again and again and reports the 99th percentile and the mean of its processor time: on a busy machine the clock on
// the wall measures the neighbours.
func measure99(b *testing.B, f func(i int)) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var times []time.Duration
	i := 0
	for b.Loop() {
		start := threadTime()
		f(i)
		times = append(times, threadTime()-start)
		i++
	}
	slices.Sort(times)
	total := time.Duration(0)
	for _, t := range times {
		total += t
	}
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds()), "cpu-ns-p99")
	b.ReportMetric(float64(total.Nanoseconds())/float64(len(times)), "cpu-ns-mean")
}

// BenchmarkTerminologyConcept finds a concept and everything a $lookup tells about it.
func BenchmarkTerminologyConcept(b *testing.B) {
	e := openEdition(b)
	measure99(b, func(i int) {
		c, ok := e.Concept(e.IDOf(uint32(i*7919) % uint32(e.Len())))
		if !ok {
			b.Fatal("a concept is missing")
		}
		_, _ = e.Display(c, []uint64{31000172101})
		_ = e.Descriptions(c)
		_, _ = e.Parents(c), e.Children(c)
	})
}

// BenchmarkTerminologySubsumes compares two concepts.
func BenchmarkTerminologySubsumes(b *testing.B) {
	e := openEdition(b)
	n := uint32(e.Len())
	measure99(b, func(i int) { _ = e.Subsumes(uint32(i*31)%n, uint32(i*7919)%n) })
}

// BenchmarkTerminologyAutocomplete searches by three letters in Dutch and French, ten hits.
func BenchmarkTerminologyAutocomplete(b *testing.B) {
	for lang, refset := range map[string]uint64{"nl": 31000172101, "fr": 21000172104} {
		for _, letters := range []string{"3", "6"} {
			b.Run(lang+letters, func(b *testing.B) {
				e := openEdition(b)
				n, _ := strconv.Atoi(letters)
				var filters []string
				for c := uint32(0); len(filters) < 200; c += 97 {
					if d, ok := e.PreferredIn(c%uint32(e.Len()), refset); ok {
						if t := e.Term(d); len(t) >= n {
							filters = append(filters, t[:n])
						}
					}
				}
				all := e.ActiveSet()
				measure99(b, func(i int) {
					hits, _ := e.Search(snomed.Query{Text: filters[i%len(filters)], Languages: []string{lang}, Refsets: []uint64{refset}, Within: all, Limit: 10})
					if len(hits) == 0 && filters[i%len(filters)][n-1] != ' ' {
						b.Fatalf("%q found nothing", filters[i%len(filters)])
					}
				})
			})
		}
	}
}

// BenchmarkTerminologyECL evaluates the descendants of a large concept and a refinement, parsed anew each time and uncached.
func BenchmarkTerminologyECL(b *testing.B) {
	for name, text := range map[string]string{
		"descendants": "<< 404684003", "refinement": "<< 404684003 : 363698007 = << 123037004", "minus": "<< 404684003 MINUS ^ 40811000172108",
		"group": "<< 404684003 : { 363698007 = *, 116676008 = << 404684003 }",
	} {
		b.Run(name, func(b *testing.B) {
			e := openEdition(b)
			measure99(b, func(int) {
				n, err := ecl.Parse(text)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := ecl.Evaluate(context.Background(), n, e); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// BenchmarkTerminologyFirstPage sorts the descendants of a large concept by their Dutch display and takes twenty.
func BenchmarkTerminologyFirstPage(b *testing.B) {
	e := openEdition(b)
	c, _ := e.Concept(404684003)
	s := snomed.NewSet(e.Len())
	s.AddAll(e.Descendants(c))
	measure99(b, func(int) {
		n := 0
		e.ByDisplay(s, []uint64{31000172101}, func(uint32) bool { n++; return n < 20 })
	})
}
