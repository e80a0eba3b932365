package uhmep

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// What the seeded documents cost once a day, without cryptography.
func BenchmarkSeed(b *testing.B) {
	s := open(b, false).s
	for b.Loop() {
		if err := store.NewMemory().Update(func(w store.Writer) error { return s.Seed(w, present()) }); err != nil {
			b.Fatal(err)
		}
	}
}
