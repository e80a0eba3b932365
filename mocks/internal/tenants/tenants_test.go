package tenants_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenants"
)

// world is a manager over a store, with a seed that tells its day.
func world(t *testing.T, dir string, set map[string]string, seed *uint64) (*tenants.Manager, *store.File) {
	t.Helper()
	f, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	v, err := settings.New(set)
	if err != nil {
		t.Fatal(err)
	}
	seeds := store.NewSeeds(map[string]store.Seeder{"s": func(w store.Writer, at time.Time) error {
		w.Put("s/day", []byte(at.Format(time.DateOnly)))
		return nil
	}})
	return tenants.New(tenants.Config{File: f, Seeds: seeds, Settings: v, Seed: seed, Log: slog.New(slog.DiscardHandler)}), f
}

func get(t *testing.T, m *tenants.Manager, name string) *tenant.Tenant {
	t.Helper()
	tn, err := m.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	return tn
}

func read(t *testing.T, tn *tenant.Tenant, key string) string {
	t.Helper()
	var out []byte
	if err := tn.Store.View(func(r store.Reader) error { out, _ = r.Get(key); return nil }); err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func write(t *testing.T, tn *tenant.Tenant, key, value string) {
	t.Helper()
	if err := tn.Store.Update(func(w store.Writer) error { w.Put(key, []byte(value)); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestNamesAndNumberOfTenantsAreBounded(t *testing.T) {
	t.Parallel()
	m, _ := world(t, "", map[string]string{"tenant-max": "2"}, nil)
	for _, bad := range []string{"", "a/b", "a b", "ü", strings.Repeat("x", 64)} {
		if _, err := m.Get(bad); !errors.Is(err, tenants.ErrName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	get(t, m, "a")
	get(t, m, "b")
	if _, err := m.Get("c"); !errors.Is(err, tenants.ErrTooMany) {
		t.Errorf("a third tenant: %v", err)
	}
	if first, second := get(t, m, "a"), get(t, m, "a"); first != second {
		t.Error("one name gave two tenants")
	}
}

func TestOneTenantIsMadeHoweverManyAskAtOnce(t *testing.T) {
	t.Parallel()
	m, _ := world(t, "", nil, nil)
	seen := make([]*tenant.Tenant, 32)
	var wg sync.WaitGroup
	for i := range seen {
		wg.Go(func() { seen[i], _ = m.Get("same") })
	}
	wg.Wait()
	for _, tn := range seen {
		if tn == nil || tn != seen[0] {
			t.Fatal("several tenants of one name")
		}
	}
}

func TestResetKeepsNothingButSnapshots(t *testing.T) {
	t.Parallel()
	seed := uint64(9)
	m, _ := world(t, "", nil, &seed)
	tn := get(t, m, "a")
	first := tn.Chance.UUID()
	write(t, tn, "s/mine", "1")
	if err := m.Snapshot(tn, "one"); err != nil {
		t.Fatal(err)
	}
	slot := &tenant.Slot[*int]{Make: func(*tenant.Tenant) *int { return new(int) }}
	cached := slot.Get(tn)
	tn.Clock.Advance(time.Hour)
	if err := tn.Settings.Override(map[string]string{"real-ssin": "refuse"}); err != nil {
		t.Fatal(err)
	}
	if err := m.Reset(tn); err != nil {
		t.Fatal(err)
	}
	if read(t, tn, "s/mine") != "" || tn.Clock.State().Mode() != "real" || tn.Settings.String("real-ssin") != "warn" || slot.Get(tn) == cached {
		t.Error("something outlived the reset")
	}
	if got := tn.Chance.UUID(); got != first {
		t.Errorf("a seeded stream goes on with %s after a reset, want %s again", got, first)
	}
	if err := m.Restore(tn, "one"); err != nil || read(t, tn, "s/mine") != "1" {
		t.Errorf("restore: %v, %q", err, read(t, tn, "s/mine"))
	}
	list, err := m.Snapshots(tn)
	if err != nil || len(list) != 1 || list[0].Name != "one" {
		t.Errorf("snapshots: %v %v", list, err)
	}
}

func TestASeedBelongsToTheDayOfTheTenantsMaking(t *testing.T) {
	t.Parallel()
	m, _ := world(t, "", map[string]string{"clock": "2026-03-01T12:00:00Z"}, nil)
	tn := get(t, m, "a")
	if got := read(t, tn, "s/day"); got != "2026-03-01" {
		t.Errorf("seeded for %s", got)
	}
	tn.Clock.Advance(72 * time.Hour)
	if got := read(t, tn, "s/day"); got != "2026-03-01" {
		t.Errorf("moving the clock changed the seed to %s", got)
	}
}

func TestARestartFindsClockSettingsAndSeedDay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m, f := world(t, dir, map[string]string{"clock": "2026-03-01T12:00:00Z"}, nil)
	tn := get(t, m, "a")
	write(t, tn, "s/mine", "1")
	if err := tn.Settings.Override(map[string]string{"real-ssin": "refuse"}); err != nil {
		t.Fatal(err)
	}
	tn.Clock.Advance(time.Hour)
	if err := errors.Join(m.Save(tn), f.Close()); err != nil {
		t.Fatal(err)
	}
	again, _ := world(t, dir, nil, nil)
	tn = get(t, again, "a")
	if got := fmt.Sprint(read(t, tn, "s/mine"), read(t, tn, "s/day"), tn.Clock.Now().Format(time.RFC3339), tn.Settings.String("real-ssin")); got != "12026-03-012026-03-01T13:00:00Zrefuse" {
		t.Errorf("found %s", got)
	}
}

func TestIdleTenantsAreDroppedButNeverTheDefaultOne(t *testing.T) {
	t.Parallel()
	m, _ := world(t, "", nil, nil)
	idle, used := get(t, m, "idle"), get(t, m, "used")
	get(t, m, tenant.Default).Touch(clock.Wall().Add(-3 * time.Hour))
	write(t, idle, "s/mine", "1")
	idle.Touch(clock.Wall().Add(-2 * time.Hour))
	m.Sweep(0, true)
	if len(m.Live()) != 3 {
		t.Error("a sweep without idle time dropped something")
	}
	m.Sweep(time.Hour, true)
	var names []string
	for _, tn := range m.Live() {
		names = append(names, tn.Name)
	}
	if got := strings.Join(names, " "); got != "default used" {
		t.Errorf("left: %s", got)
	}
	if get(t, m, "used") != used || read(t, get(t, m, "idle"), "s/mine") != "" {
		t.Error("the dropped tenant kept its data, or a used one was dropped")
	}
}
