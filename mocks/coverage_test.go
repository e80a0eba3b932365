package mocks_test

import (
	"os"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

func TestTheCoveragePageNamesEveryRoute(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	routes, err := mockstest.New(t).Sandbox.Routes()
	if err != nil {
		t.Fatal(err)
	}
	if len(routes) < 100 {
		t.Fatalf("only %d routes", len(routes))
	}
	for _, r := range routes {
		if r.Service == "sandbox" || r.Service == "console" {
			continue
		}
		if !strings.Contains(string(page), "| `"+r.Method+"` | `"+r.Path+"` |") {
			t.Errorf("docs/coverage.md does not list %s %s: make coverage", r.Method, r.Path)
		}
	}
}
