package mocks

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestTheLogMasksNumbersThatMayBeReal(t *testing.T) {
	t.Parallel()
	const real = "82042605839"
	var out bytes.Buffer
	log := slog.New(masked{slog.NewTextHandler(&out, nil)}).With("first", real)
	log.WithGroup("g").Error("about "+real, "text", real, "err", errors.New("no "+real), slog.Group("inner", "deep", real), "kept", "54022899886", "n", 7)
	if got := out.String(); strings.Contains(got, real) || !strings.Contains(got, "54022899886") || !strings.Contains(got, "n=7") {
		t.Errorf("logged %s", got)
	}
}
