package interop

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// coverage is which foreign client reached which operation with which status; INTEROP_COVERAGE names the file that it
// is written to, as input for the coverage page.
var coverage = struct {
	sync.Mutex
	operations map[string]map[string]map[int]int // service/operation → client → status → calls
}{operations: map[string]map[string]map[int]int{}}

func TestMain(m *testing.M) {
	code := m.Run()
	if path := os.Getenv("INTEROP_COVERAGE"); path != "" {
		data, err := json.MarshalIndent(coverage.operations, "", " ")
		if err == nil {
			err = os.WriteFile(path, append(data, '\n'), 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "interop coverage:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// recordCoverage reads from the journal what a client called.
func recordCoverage(t *testing.T, base, client string) {
	t.Helper()
	if os.Getenv("INTEROP_COVERAGE") == "" {
		return
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/_sandbox/journal?limit=100000", nil)
	if err != nil {
		t.Fatal(err)
	}
	if port := req.URL.Port(); strings.HasSuffix(req.URL.Hostname(), ".localhost") {
		req.URL.Host = "localhost:" + port // only browsers resolve names below localhost; the Host header stays
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var journal struct {
		Entries []struct {
			Service   string `json:"service"`
			Operation string `json:"operation"`
			Status    int    `json:"status"`
		} `json:"entries"`
	}
	if err := json.NewDecoder(res.Body).Decode(&journal); err != nil {
		t.Fatal(err)
	}
	coverage.Lock()
	defer coverage.Unlock()
	for _, e := range journal.Entries {
		key := e.Service + "/" + e.Operation
		if coverage.operations[key] == nil {
			coverage.operations[key] = map[string]map[int]int{}
		}
		if coverage.operations[key][client] == nil {
			coverage.operations[key][client] = map[int]int{}
		}
		coverage.operations[key][client][e.Status]++
	}
	t.Logf("%d operations reached so far: %v", len(coverage.operations), slices.Sorted(maps.Keys(coverage.operations)))
}
