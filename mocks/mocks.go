package mocks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/control"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenants"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// Options says how to open a sandbox; the zero value opens a temporary one
// with the built-in world.
type Options struct {
	// Settings by name, as in docs/settings.md ("seed", "data", …). What is not
	// set has its default; the environment is not read.
	Settings map[string]string
	// Fixtures replaces the built-in seed files; nil uses those, with the
	// directory of the setting "fixtures" laid over them.
	Fixtures fs.FS
	// Log receives warnings and errors; nil discards them.
	Log *slog.Logger
	// Version is shown by /_sandbox/info.
	Version string
}

// Sandbox is one running sandbox. It is an http.Handler and safe for
// concurrent use; two of them in one process share nothing.
type Sandbox struct {
	log      *slog.Logger
	settings *settings.Values
	file     *store.File
	tenants  *tenants.Manager
	world    *world.Registry
	router   *mux.Router
	services []control.ServiceInfo
	parts    parts
	public   atomic.Pointer[string]
	mainPort atomic.Pointer[string]

	all, main, admin edge

	stop context.CancelFunc
	done sync.WaitGroup
}

// Open makes a sandbox, with everything loaded, checked and routed. Its errors
// name what to change: the setting, or the fixture's file and line.
func Open(o Options) (*Sandbox, error) {
	values, err := settings.New(o.Settings)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{log: o.Log, settings: values}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.log = slog.New(masked{s.log.Handler()})
	if err := s.SetPublicURL(values.String("public-url")); err != nil {
		return nil, fmt.Errorf("-public-url: %w", err)
	}
	seed, err := seedOf(values)
	if err != nil {
		return nil, err
	}
	if at := values.String("clock"); at != "" {
		if parsed, err := time.Parse(time.RFC3339, at); err != nil || !clock.Holds(parsed) {
			return nil, fmt.Errorf("-clock: %q is not an RFC 3339 instant such as 2026-03-01T09:00:00Z, from 1900 to 2199", at)
		}
	}
	files, err := fixturesOf(o.Fixtures, values.String("fixtures"), s.log)
	if err != nil {
		return nil, err
	}
	if s.world, err = world.New(files); err != nil {
		return nil, err
	}
	if s.file, err = store.Open(values.String("data")); err != nil {
		return nil, err
	}
	own := o.Fixtures != nil || values.String("fixtures") != ""
	if err := s.open(files, own, seed, o.Version); err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	return s, nil
}

// seedDay is the day a tenant made now is dated at.
func (s *Sandbox) seedDay() time.Time {
	if at, err := time.Parse(time.RFC3339, s.settings.String("clock")); err == nil {
		return at
	}
	return clock.Wall()
}

// open wires services, tenants and routes over the opened file. The seed world
// is made when a tenant first needs it; a user's own fixtures are tried at once,
// so that a mistake in them is told at the start.
func (s *Sandbox) open(files fs.FS, own bool, seed *uint64, version string) error {
	if err := s.wire(files, version); err != nil {
		return err
	}
	seeds := store.NewSeeds(s.parts.seeders(), func(err error) { s.log.Error("the seed world is incomplete", "err", err) })
	if own {
		if err := seeds.On(s.seedDay()).Err(); err != nil {
			return err
		}
	}
	s.tenants = tenants.New(tenants.Config{File: s.file, Seeds: seeds, Settings: s.settings, Seed: seed, Log: s.log})
	if _, err := s.tenants.Get(tenant.Default); err != nil {
		return err
	}
	if err := s.route(version, seed); err != nil {
		return err
	}
	s.all = edge{sandbox: s, admin: true, public: true}
	s.main = edge{sandbox: s, public: true}
	s.admin = edge{sandbox: s, admin: true}

	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() { s.sweep(ctx) })
	return nil
}

func seedOf(v *settings.Values) (*uint64, error) {
	text := v.String("seed")
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("-seed: %q is not a number from 0 to 2^64-1", text)
	}
	return &n, nil
}

func fixturesOf(given fs.FS, dir string, log *slog.Logger) (fs.FS, error) {
	switch {
	case given != nil:
		return given, nil
	case dir == "":
		return fixtures.FS, nil
	}
	files, strays, err := fixtures.Over(dir)
	if err != nil {
		return nil, fmt.Errorf("-fixtures: %w", err)
	}
	if len(strays) > 0 {
		log.Warn("-fixtures: these files have no built-in file of the same name; check for a slip of the pen", "files", strings.Join(strays, ", "))
	}
	return files, nil
}

// sweep drops idle tenants once a minute until ctx ends.
func (s *Sandbox) sweep(ctx context.Context) {
	for clock.Sleep(ctx, time.Minute) == nil {
		s.tenants.Sweep(s.settings.Duration("tenant-idle"), !s.file.Durable())
	}
}

// ServeHTTP implements http.Handler: the services and the control API.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.all.ServeHTTP(w, r) }

// Main serves everything but the control API, Admin only the control API: for
// two listeners.
func (s *Sandbox) Main() http.Handler { return &s.main }

// Admin serves the control API alone, see Main.
func (s *Sandbox) Admin() http.Handler { return &s.admin }

// Close ends background work and closes the store; temporary data is removed.
// Requests still running get errors.
func (s *Sandbox) Close() error {
	s.stop()
	s.done.Wait()
	return errors.Join(s.parts.close(), s.file.Close())
}

// SetPublicURL fixes the origin of generated URLs; "" lets it follow the
// request again. The URL has a scheme and a host, and no path.
func (s *Sandbox) SetPublicURL(raw string) error {
	if raw != "" {
		u, err := url.Parse(raw)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			return fmt.Errorf("%q is not an origin such as https://sandbox.example:8443", raw)
		}
		raw = u.Scheme + "://" + u.Host
	}
	s.public.Store(&raw)
	return nil
}

// SetMainPort tells the handler of Admin on which port of the same host the
// services are, so that the URLs it shows lead there.
func (s *Sandbox) SetMainPort(port string) { s.mainPort.Store(&port) }

func (s *Sandbox) publicURL() string {
	if p := s.public.Load(); p != nil {
		return *p
	}
	return ""
}

// Setting returns the value in force for the process, by setting name.
func (s *Sandbox) Setting(name string) string { return s.settings.String(name) }

// SettingsTable is the table of all settings, for flags, help and docs.
func SettingsTable() []SettingsGroup {
	var out []SettingsGroup
	for _, g := range settings.Groups() {
		group := SettingsGroup{Title: g.Title}
		for _, row := range g.Settings {
			kind := row.Kind
			if kind == "" {
				kind = settings.Text
			}
			group.Settings = append(group.Settings, Setting{Name: row.Name, Short: row.Short, Env: row.Env(), Kind: string(kind), Default: row.Default,
				Values: row.Values, Help: row.Help, PerTenant: row.PerTenant})
		}
		out = append(out, group)
	}
	return out
}

// SettingsGroup is the part of the table that belongs to one service.
type SettingsGroup struct {
	Title    string
	Settings []Setting
}

// Setting is one row of the table: flag -<Name>, or -<Short> when there is one, and environment variable Env.
type Setting struct {
	Name, Short, Env, Kind, Default, Help string
	Values                                []string
	PerTenant                             bool
}

// SettingsFromEnv collects the settings present in an environment.
func SettingsFromEnv(getenv func(string) string) map[string]string { return settings.FromEnv(getenv) }
