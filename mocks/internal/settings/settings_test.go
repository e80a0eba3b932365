package settings_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
)

func TestTheTableIsWellFormed(t *testing.T) {
	t.Parallel()
	name, seen := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`), map[string]bool{}
	for _, s := range settings.Table() {
		if !name.MatchString(s.Name) || seen[s.Name] || s.Help == "" || strings.Contains(s.Help, "\n") {
			t.Errorf("row %+v: bad or repeated name, or no one-line help", s)
		}
		seen[s.Name] = true
	}
	if _, err := settings.New(nil); err != nil {
		t.Error(err)
	}
}

func TestDefaultsHoldUnlessTheyAreEmptyOrAllowed(t *testing.T) {
	t.Parallel()
	for _, s := range settings.Table() {
		if s.Default == "" {
			continue
		}
		if _, err := settings.New(map[string]string{s.Name: s.Default}); err != nil {
			t.Errorf("the default of %s is not a value it allows: %v", s.Name, err)
		}
	}
}

func TestWrongValuesAreRefusedWithFlagAndVariable(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, value, want string }{
		{"journal-entries", "many", "SANDBOX_JOURNAL_ENTRIES"},
		{"tenant-idle", "5", "-tenant-idle"},
		{"real-ssin", "ignore", "warn, refuse"},
		{"no-such-thing", "1", "no-such-thing"},
	} {
		_, err := settings.New(map[string]string{tc.name: tc.value})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s=%s: %v, want a mention of %q", tc.name, tc.value, err, tc.want)
		}
	}
}

func TestATenantOverridesOnlyWhatItMay(t *testing.T) {
	t.Parallel()
	process, err := settings.New(map[string]string{"real-ssin": "refuse"})
	if err != nil {
		t.Fatal(err)
	}
	a, b := process.ForTenant(), process.ForTenant()
	if err := a.Override(map[string]string{"real-ssin": "warn"}); err != nil {
		t.Fatal(err)
	}
	if a.String("real-ssin") != "warn" || b.String("real-ssin") != "refuse" {
		t.Errorf("a %s, b %s", a.String("real-ssin"), b.String("real-ssin"))
	}
	if err := a.Override(map[string]string{"listen": "x"}); err == nil || a.String("real-ssin") != "warn" {
		t.Errorf("a process setting was accepted (%v), or a refused change took effect", err)
	}
	if got := process.Duration("tenant-idle"); got != time.Hour {
		t.Errorf("tenant-idle is %v", got)
	}
}

func TestTheEnvironmentIsRead(t *testing.T) {
	t.Parallel()
	got := settings.FromEnv(func(k string) string {
		if k == "SANDBOX_PUBLIC_URL" {
			return "https://x.example"
		}
		return ""
	})
	if len(got) != 1 || got["public-url"] != "https://x.example" {
		t.Errorf("got %v", got)
	}
}
