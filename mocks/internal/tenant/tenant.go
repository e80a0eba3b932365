// Package tenant is the unit of isolation: everything that changes belongs to
// one Tenant, which travels in the request's context.
package tenant

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/chance"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// Default is the tenant of requests that name none.
const Default = "default"

// Tenant is one isolated world. Its members are safe for concurrent use.
type Tenant struct {
	Name     string
	Clock    *clock.Clock
	Chance   *chance.Source
	Traces   *chance.Source // ids of requests: a stream of their own, so that an extra call changes nothing else
	Journal  *journal.Journal
	Faults   *fault.Set
	Store    store.Store
	Settings *settings.Values
	Log      *slog.Logger

	slots    sync.Map // *Slot[T] → T
	lastUsed atomic.Int64
	inUse    atomic.Int64
}

// Begin notes that a request uses the tenant, until End. InUse counts them.
func (t *Tenant) Begin(now time.Time) {
	t.inUse.Add(1)
	t.Touch(now)
}

// End is the counterpart of Begin.
func (t *Tenant) End(now time.Time) {
	t.Touch(now)
	t.inUse.Add(-1)
}

// InUse is the number of requests under way.
func (t *Tenant) InUse() int64 { return t.inUse.Load() }

// Touch notes the real time of use; IdleSince reads it.
func (t *Tenant) Touch(now time.Time) { t.lastUsed.Store(now.UnixNano()) }

// IdleSince is the real time of the last request.
func (t *Tenant) IdleSince() time.Time { return time.Unix(0, t.lastUsed.Load()) }

// DropSlots forgets all in-memory values; they are made anew when next needed.
func (t *Tenant) DropSlots() { t.slots.Clear() }

type contextKey struct{}

// With puts the tenant into the context.
func With(ctx context.Context, t *Tenant) context.Context {
	return context.WithValue(ctx, contextKey{}, t)
}

// From returns the context's tenant. The edge puts one into every request, so
// a context without is a programming error.
func From(ctx context.Context) *Tenant {
	t, ok := ctx.Value(contextKey{}).(*Tenant)
	if !ok {
		panic("tenant: the context carries no tenant")
	}
	return t
}

// Slot is a per-tenant value in memory, made when first asked for and dropped
// on reset and restore: for caches, never for state. A Slot is a field of a
// service, used by pointer.
type Slot[T any] struct {
	Make func(*Tenant) T
}

// Get returns the tenant's value.
func (s *Slot[T]) Get(t *Tenant) T {
	if v, ok := t.slots.Load(s); ok {
		return v.(*once[T]).get()
	}
	v, _ := t.slots.LoadOrStore(s, &once[T]{make: func() T { return s.Make(t) }})
	return v.(*once[T]).get()
}

type once[T any] struct {
	do   sync.Once
	make func() T
	v    T
}

func (o *once[T]) get() T {
	o.do.Do(func() { o.v = o.make() })
	return o.v
}
