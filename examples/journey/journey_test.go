package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

func TestTheJourneyWorksForEveryWayToNameATenant(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	for _, tc := range []struct {
		name string
		args []string
	}{
		{"default tenant", []string{"-url", sb.URL}},
		{"tenant by header", []string{"-url", sb.URL, "-tenant", "by-header"}},
		{"tenant by prefix", []string{"-url", sb.URL + "/t/by-prefix/"}},
		{"tenant by host", []string{"-url", strings.Replace(sb.URL, "127.0.0.1", "by-host.localhost", 1)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if code := run(tc.args, &out, &errs); code != 0 {
				t.Errorf("exit code %d: %s\n%s", code, errs.String(), out.String())
			}
		})
	}
}

func TestTheJourneyFailsLoudly(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	sb.Fault(t, map[string]any{"service": "pseudo", "operation": "pseudonymize", "status": 503})
	var out, errs bytes.Buffer
	if code := run([]string{"-url", sb.URL, "-quiet"}, &out, &errs); code != 1 || !strings.Contains(errs.String(), "FAILED at step") {
		t.Errorf("exit code %d, %q", code, errs.String())
	}
}
