//go:build !unix

package snomed

import "os"

// mapFile reads a whole file where files cannot be mapped.
func mapFile(name string) ([]byte, func() error, error) {
	mem, err := os.ReadFile(name)
	return mem, func() error { return nil }, err
}
