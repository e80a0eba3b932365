// Package tenanttest makes stand-alone tenants for tests of single services.
package tenanttest

import (
	"log/slog"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/internal/coverage"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/chance"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// New returns a stand-alone tenant in memory whose clock stands at at (or
// runs, when at is zero), with the seeders' world below.
func New(tb testing.TB, at time.Time, seeders map[string]store.Seeder) *tenant.Tenant {
	tb.Helper()
	c := clock.New(clock.State{})
	if !at.IsZero() {
		c.Set(clock.State{Freeze: &at})
	}
	v, err := settings.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	f, err := store.Open("")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	seed := store.NewSeeds(seeders).On(c.Now())
	if err := seed.Err(); err != nil {
		tb.Fatal(err)
	}
	made := &tenant.Tenant{
		Name: tenant.Default, Clock: c, Chance: chance.Seeded(1, tb.Name()), Journal: journal.New(1000, 16<<20),
		Faults: &fault.Set{}, Store: f.Tenant(tenant.Default, seed), Settings: v.ForTenant(),
		Log: slog.New(slog.DiscardHandler),
	}
	tb.Cleanup(func() {
		var seen []string
		for _, e := range made.Journal.Entries(journal.Filter{}) {
			seen = append(seen, e.Service+"/"+e.Op)
		}
		if err := coverage.Record(seen); err != nil {
			tb.Errorf("record coverage: %v", err)
		}
	})
	return made
}
