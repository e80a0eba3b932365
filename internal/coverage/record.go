// Package coverage collects which operations tests reached, for the coverage
// page. It does nothing unless SANDBOX_COVERAGE names a file.
package coverage

import (
	"os"
	"slices"
	"strings"
)

// Variable is the environment variable that names the file.
const Variable = "SANDBOX_COVERAGE"

// Record appends operations, as "service/operation", to the file.
func Record(operations []string) error {
	path := os.Getenv(Variable)
	if path == "" || len(operations) == 0 {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the path comes from the developer's own environment
	if err != nil {
		return err
	}
	// One write: packages are tested at the same time.
	_, err = f.WriteString(strings.Join(operations, "\n") + "\n")
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// Read returns the distinct operations of a file, sorted.
func Read(path string) ([]string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := strings.Fields(string(raw))
	slices.Sort(lines)
	return slices.Compact(lines), nil
}
