package mocks_test

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks"
)

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		sb, err := mocks.Open(mocks.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := sb.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
