package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestEveryRowIsMeasured(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(&out, "60,80", 2, 20, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"create (while filling)", "read", "search by patient", "search by requester and status", "create task", "patch (start)", "patch (finish)", ": 0 problems"} {
		if !strings.Contains(out.String(), row) {
			t.Errorf("no row %q in\n%s", row, out.String())
		}
	}
}
