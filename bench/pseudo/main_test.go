package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestTableHasAllRows(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := compare(&out, time.Millisecond, 1); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"internal/p521", "circl", "nistec", bareName, "HTTP pseudonymize ", "HTTP identify ", "HTTP pseudonymizeMultiple of 10, each", "HTTP identifyMultiple of 10, each"} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("no row for %s in\n%s", name, out.String())
		}
	}
}

// BenchmarkPseudo is the same comparison for go test -bench; see also go run.
func BenchmarkPseudo(b *testing.B) {
	all, done, err := rows()
	if err != nil {
		b.Fatal(err)
	}
	defer done()
	for _, r := range all {
		b.Run(r.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
