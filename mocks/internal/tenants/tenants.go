// Package tenants makes tenants on first use, keeps them while they are used,
// resets them, and names and restores their states.
package tenants

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/chance"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// Errors of Get.
var (
	// ErrName is returned for a tenant name outside [A-Za-z0-9_-]{1,63}.
	ErrName = errors.New("a tenant name has 1 to 63 letters, digits, hyphens and underscores")
	// ErrTooMany is returned when the limit of tenants is reached.
	ErrTooMany = errors.New("too many tenants: raise -tenant-max or lower -tenant-idle")
)

// Config is what a Manager needs.
type Config struct {
	File     *store.File
	Seeds    *store.Seeds
	Settings *settings.Values
	Seed     *uint64 // nil: random
	Log      *slog.Logger
}

// Manager holds the tenants of one sandbox.
type Manager struct {
	cfg Config

	mu   sync.RWMutex
	live map[string]*tenant.Tenant
}

// New returns a manager without tenants.
func New(cfg Config) *Manager { return &Manager{cfg: cfg, live: map[string]*tenant.Tenant{}} }

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,63}$`)

// Get returns the tenant of that name, making it when needed.
func (m *Manager) Get(name string) (*tenant.Tenant, error) {
	t, done, err := m.Use(name)
	if err != nil {
		return nil, err
	}
	done()
	return t, nil
}

// Use is Get for a request: the tenant is not dropped until done is called,
// however long the request lasts.
func (m *Manager) Use(name string) (t *tenant.Tenant, done func(), err error) {
	m.mu.RLock()
	t, ok := m.live[name]
	if ok {
		t.Begin(clock.Wall()) // under the lock: Sweep must not come between
	}
	m.mu.RUnlock()
	if !ok {
		if t, err = m.add(name); err != nil {
			return nil, nil, err
		}
	}
	return t, func() { t.End(clock.Wall()) }, nil
}

// add makes the tenant, unless another request was faster, and begins its use.
func (m *Manager) add(name string) (*tenant.Tenant, error) {
	if !namePattern.MatchString(name) {
		return nil, ErrName
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if t, ok := m.live[name]; ok {
		t.Begin(clock.Wall())
		return t, nil
	}
	if len(m.live) >= m.cfg.Settings.Int("tenant-max") {
		return nil, ErrTooMany
	}
	t, err := m.make(name)
	if err != nil {
		return nil, err
	}
	t.Begin(clock.Wall())
	m.live[name] = t
	return t, nil
}

// state is what a tenant has besides its store; kept as store.MetaState in the
// tenant's meta data so that a restart with -data finds it again.
type state struct {
	SeedAt    time.Time         `json:"seed_at"`
	Freeze    *time.Time        `json:"freeze,omitempty"`
	Offset    time.Duration     `json:"offset,omitempty"`
	Overrides map[string]string `json:"settings,omitempty"`
	// Branch is, in a snapshot, where a seeded stream goes on after a restore.
	Branch string `json:"branch,omitempty"`
}

func (m *Manager) make(name string) (*tenant.Tenant, error) {
	raw, err := m.cfg.File.Meta(name, store.MetaState)
	if err != nil {
		return nil, err
	}
	s := m.initial()
	if raw != nil {
		if err := json.Unmarshal(raw, &s); err != nil {
			return nil, fmt.Errorf("state of tenant %s: %w", name, err)
		}
	}
	t := &tenant.Tenant{
		Name: name, Clock: clock.New(clock.State{}), Chance: m.chance(name), Traces: m.chance(name + "/traces"),
		Journal: journal.New(m.cfg.Settings.Int("journal-entries"), m.cfg.Settings.Int("journal-bytes")),
		Faults:  &fault.Set{}, Settings: m.cfg.Settings.ForTenant(), Log: m.cfg.Log.With("tenant", name),
	}
	m.apply(t, s)
	if !m.cfg.File.Durable() {
		return t, nil
	}
	if raw == nil {
		return t, m.Save(t) // a restart must find the same seed day below the tenant's writes
	}
	return t, m.branch(t)
}

// branch gives a seeded tenant that has data from an earlier life a stream of
// its own, or it would draw the identifiers of that life again.
func (m *Manager) branch(t *tenant.Tenant) error {
	if m.cfg.Seed == nil {
		return nil
	}
	raw, err := m.cfg.File.Meta(t.Name, metaStarts)
	if err != nil {
		return err
	}
	starts := 0
	if raw != nil {
		if err := json.Unmarshal(raw, &starts); err != nil {
			return fmt.Errorf("starts of tenant %s: %w", t.Name, err)
		}
	}
	starts++
	t.Chance.Continue("start " + strconv.Itoa(starts))
	return m.cfg.File.PutMeta(t.Name, metaStarts, json.RawMessage(strconv.Itoa(starts)))
}

// metaStarts is the meta value that counts how often a seeded tenant was found
// with data from before.
const metaStarts = "starts"

// initial is the state of a tenant at its first use and after a reset: the
// clock runs with the machine, or stands at -clock, and the seed world is
// dated relative to it.
func (m *Manager) initial() state {
	if at, err := time.Parse(time.RFC3339, m.cfg.Settings.String("clock")); err == nil {
		at = at.UTC()
		return state{SeedAt: at, Freeze: &at}
	}
	return state{SeedAt: clock.Wall()}
}

// chance is the tenant's random stream: with a seed, one per tenant name.
func (m *Manager) chance(name string) *chance.Source {
	if m.cfg.Seed == nil {
		return chance.System()
	}
	return chance.Seeded(*m.cfg.Seed, name)
}

// apply brings the tenant to a state; its store then shows the seed of that
// state's day below its own writes.
func (m *Manager) apply(t *tenant.Tenant, s state) {
	t.Clock.Set(clock.State{Freeze: s.Freeze, Offset: s.Offset})
	if err := t.Settings.Override(s.Overrides); err != nil {
		m.cfg.Log.Warn("stored settings no longer hold", "tenant", t.Name, "err", err)
	}
	if t.Store == nil {
		t.Store = &seeded{file: m.cfg.File, name: t.Name}
	}
	t.Store.(*seeded).show(m.cfg.Seeds.On(s.SeedAt), s.SeedAt)
	t.DropSlots()
}

// stateOf reads the tenant's present state.
func stateOf(t *tenant.Tenant) state {
	c := t.Clock.State()
	return state{SeedAt: t.Store.(*seeded).at(), Freeze: c.Freeze, Offset: c.Offset, Overrides: t.Settings.Overrides()}
}

// Save keeps the tenant's clock and settings over a restart. The control API
// calls it after each change.
func (m *Manager) Save(t *tenant.Tenant) error {
	defer changing(t)()
	raw, err := json.Marshal(stateOf(t))
	if err != nil {
		return err
	}
	return m.cfg.File.PutMeta(t.Name, store.MetaState, raw)
}

// Reset brings the tenant back to the seed:
// writes, clock, settings, faults and journal go; snapshots stay.
func (m *Manager) Reset(t *tenant.Tenant) error {
	defer changing(t)()
	s := m.initial()
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := m.cfg.File.Reset(t.Name, raw); err != nil {
		return err
	}
	t.Faults.Clear()
	t.Journal.Clear()
	if m.cfg.Seed != nil {
		t.Chance.Restart()
		t.Traces.Restart()
	}
	m.apply(t, s)
	return nil
}

// changing keeps resets, restores, snapshots and saves of one tenant apart;
// the function it returns ends the change.
func changing(t *tenant.Tenant) (done func()) {
	mu := &t.Store.(*seeded).changing
	mu.Lock()
	return mu.Unlock
}

// Snapshot keeps the tenant's present state under a name.
func (m *Manager) Snapshot(t *tenant.Tenant, name string) error {
	defer changing(t)()
	s := stateOf(t)
	if m.cfg.Seed != nil {
		s.Branch = t.Chance.Token(16)
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return m.cfg.File.Snapshot(t.Name, name, raw)
}

// Restore brings back a named state; faults and journal stay as they are.
func (m *Manager) Restore(t *tenant.Tenant, name string) error {
	defer changing(t)()
	raw, err := m.cfg.File.Restore(t.Name, name)
	if err != nil {
		return err
	}
	var s state
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("state of snapshot %s: %w", name, err)
	}
	m.apply(t, s)
	if s.Branch != "" {
		t.Chance.Continue("snapshot " + s.Branch)
	}
	return nil
}

// DropSnapshot removes a named state.
func (m *Manager) DropSnapshot(t *tenant.Tenant, name string) error {
	return m.cfg.File.DropSnapshot(t.Name, name)
}

// SnapshotInfo describes one named state.
type SnapshotInfo struct {
	Name  string    `json:"name"`
	Clock string    `json:"clock"` // mode of the clock in it
	Seed  time.Time `json:"seed_at"`
}

// Snapshots lists the tenant's named states by name.
func (m *Manager) Snapshots(t *tenant.Tenant) ([]SnapshotInfo, error) {
	raw, err := m.cfg.File.Snapshots(t.Name)
	if err != nil {
		return nil, err
	}
	out := []SnapshotInfo{}
	for name, r := range raw {
		var s state
		if err := json.Unmarshal(r, &s); err != nil {
			return nil, fmt.Errorf("state of snapshot %s: %w", name, err)
		}
		out = append(out, SnapshotInfo{Name: name, Clock: clock.State{Freeze: s.Freeze, Offset: s.Offset}.Mode(), Seed: s.SeedAt})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

// Live returns the tenants in memory by name.
func (m *Manager) Live() []*tenant.Tenant {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]*tenant.Tenant, 0, len(m.live))
	for _, t := range m.live {
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// Sweep drops tenants that were idle for longer than idle, the default one and
// those with a request under way excepted. Their data goes too when forget is
// set.
func (m *Manager) Sweep(idle time.Duration, forget bool) {
	if idle <= 0 {
		return
	}
	limit := clock.Wall().Add(-idle)
	for _, t := range m.Live() {
		if err := m.drop(t, limit, forget); err != nil {
			m.cfg.Log.Warn("drop idle tenant", "tenant", t.Name, "err", err)
		}
	}
}

// drop drops one tenant if nobody used it since limit. All of it happens under
// the lock: a request that comes meanwhile makes the tenant anew afterwards,
// and none of its writes are lost.
func (m *Manager) drop(t *tenant.Tenant, limit time.Time, forget bool) error {
	if t.Name == tenant.Default || t.IdleSince().After(limit) {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if t.InUse() > 0 || t.IdleSince().After(limit) {
		return nil
	}
	delete(m.live, t.Name)
	if !forget {
		return nil
	}
	return m.cfg.File.Forget(t.Name)
}
