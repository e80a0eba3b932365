package tenants

import (
	"sync"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// seeded is a tenant's store whose seed layer can be exchanged, on reset and
// restore.
type seeded struct {
	file *store.File
	name string

	changing sync.Mutex // held while data and state change together

	mu     sync.RWMutex
	inner  store.Store
	seedAt time.Time
}

func (s *seeded) show(seed *store.Seed, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inner, s.seedAt = s.file.Tenant(s.name, seed), at
}

func (s *seeded) at() time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.seedAt
}

func (s *seeded) now() store.Store {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.inner
}

// View implements store.Store.
func (s *seeded) View(fn func(store.Reader) error) error { return s.now().View(fn) }

// Update implements store.Store.
func (s *seeded) Update(fn func(store.Writer) error) error { return s.now().Update(fn) }
