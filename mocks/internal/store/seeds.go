package store

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Seeder fills one service's part of the seed world. All keys start with
// "<service>/". at is midnight (UTC) of the day the world is dated relative to.
// The result is shared by every tenant made on the same day.
type Seeder func(w Writer, at time.Time) error

// maxSeedDays bounds how many days' seed worlds are kept in memory.
const maxSeedDays = 16

// Seeds builds seed layers, one per day and service, each when first read.
type Seeds struct {
	mu      sync.Mutex
	seeders map[string]Seeder
	days    map[string]*Seed
	order   []string
	report  []func(error)
}

// NewSeeds takes the seeders by service name. report hears of parts that could
// not be built, each once.
func NewSeeds(seeders map[string]Seeder, report ...func(error)) *Seeds {
	return &Seeds{seeders: seeders, days: map[string]*Seed{}, report: report}
}

// On returns the seed layer of the day (UTC) in which at lies.
func (s *Seeds) On(at time.Time) *Seed {
	at = at.UTC().Truncate(24 * time.Hour)
	day := at.Format(time.DateOnly)
	s.mu.Lock()
	defer s.mu.Unlock()
	if sd, ok := s.days[day]; ok {
		return sd
	}
	sd := &Seed{parts: map[string]func() (*Memory, error){}}
	for name, fill := range s.seeders {
		sd.parts[name] = sync.OnceValues(func() (*Memory, error) {
			m, err := build(name, fill, at)
			for _, report := range s.report {
				if err != nil {
					report(err)
				}
			}
			return m, err
		})
	}
	s.days[day] = sd
	if s.order = append(s.order, day); len(s.order) > maxSeedDays {
		delete(s.days, s.order[0])
		s.order = s.order[1:]
	}
	return sd
}

func build(service string, fill Seeder, at time.Time) (*Memory, error) {
	m := NewMemory()
	err := m.Update(func(w Writer) error { return fill(w, at) })
	if err != nil {
		return nil, fmt.Errorf("seed of %s: %w", service, err)
	}
	for _, k := range m.keys {
		if !strings.HasPrefix(k, service+"/") {
			return nil, fmt.Errorf("seed of %s: key %q lies outside the service", service, k)
		}
	}
	return m, nil
}

// Seed is one read-only seed layer. Parts that could not be built read as
// empty, and are reported; Err tells why.
type Seed struct {
	parts map[string]func() (*Memory, error)
}

// Err builds every part and returns what went wrong.
func (s *Seed) Err() error {
	var all error
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		_, err := s.parts[name]()
		all = errors.Join(all, err)
	}
	return all
}

// part returns the layer of the service a key or prefix belongs to.
func (s *Seed) part(key string) (Reader, bool) {
	name, _, ok := strings.Cut(key, "/")
	if !ok {
		return nil, false
	}
	get, known := s.parts[name]
	if !known {
		return memoryTx{m: NewMemory()}, true
	}
	m, err := get()
	if err != nil {
		m = NewMemory()
	}
	return memoryTx{m: m}, true
}

// Get implements Reader.
func (s *Seed) Get(key string) ([]byte, bool) {
	if r, ok := s.part(key); ok {
		return r.Get(key)
	}
	return nil, false
}

// Scan implements Reader; the prefix must name the service ("iam/…"), a
// shorter one walks the services in order.
func (s *Seed) Scan(prefix, from string) iter.Seq2[string, []byte] {
	if r, ok := s.part(prefix); ok {
		return r.Scan(prefix, from)
	}
	return s.all(prefix, false, func(r Reader, service string) iter.Seq2[string, []byte] { return r.Scan(service, from) })
}

// ScanDesc implements Reader, see Scan.
func (s *Seed) ScanDesc(prefix, from string) iter.Seq2[string, []byte] {
	if r, ok := s.part(prefix); ok {
		return r.ScanDesc(prefix, from)
	}
	return s.all(prefix, true, func(r Reader, service string) iter.Seq2[string, []byte] { return r.ScanDesc(service, from) })
}

func (s *Seed) all(prefix string, desc bool, scan func(Reader, string) iter.Seq2[string, []byte]) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		names := slices.Sorted(maps.Keys(s.parts))
		if desc {
			slices.Reverse(names)
		}
		for _, name := range names {
			if !strings.HasPrefix(name+"/", prefix) {
				continue
			}
			r, _ := s.part(name + "/")
			for k, v := range scan(r, name+"/") {
				if !yield(k, v) {
					return
				}
			}
		}
	}
}
