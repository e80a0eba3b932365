package control_test

import (
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/control"
)

func TestDurationsAreReadInBothForms(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Duration{
		"PT10M": 10 * time.Minute, "P2D": 48 * time.Hour, "P1W": 168 * time.Hour, "P1DT2H3M4.5S": 26*time.Hour + 3*time.Minute + 4500*time.Millisecond,
		"-PT30S": -30 * time.Second, "48h": 48 * time.Hour, "1h30m": 90 * time.Minute, "-5s": -5 * time.Second, "0s": 0,
	} {
		if got, err := control.ParseDuration(in); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "P", "PT", "P1Y", "P1M", "10", "PT10", "ten minutes", "P1DT", "PT1H2", "1000000h", "P99999999D"} {
		if got, err := control.ParseDuration(in); err == nil {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}

func FuzzDurationsNeverPanic(f *testing.F) {
	f.Add("PT10M")
	f.Add("-P1DT2H")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := control.ParseDuration(s)
		if err == nil && (d > 101*365*24*time.Hour || d < -101*365*24*time.Hour) {
			t.Errorf("%q is %v", s, d)
		}
	})
}
