package journal

import (
	"context"
	"strings"
	"sync"
)

// Recorder collects one request's entry while handlers run. Its methods are
// safe for concurrent use and harmless on a nil Recorder.
type Recorder struct {
	mu    sync.Mutex
	entry Entry
}

type contextKey struct{}

// With puts a recorder for e into the context.
func With(ctx context.Context, e Entry) (context.Context, *Recorder) {
	r := &Recorder{entry: e}
	return context.WithValue(ctx, contextKey{}, r), r
}

// From returns the context's recorder, nil when there is none.
func From(ctx context.Context) *Recorder {
	r, _ := ctx.Value(contextKey{}).(*Recorder)
	return r
}

// Edit changes the entry under the lock.
func (r *Recorder) Edit(fn func(*Entry)) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fn(&r.entry)
}

// Close returns the finished entry; the recorder must not be used any more.
func (r *Recorder) Close() *Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entry
	return &e
}

// TraceID is the id of the entry under way, "" outside a request.
func TraceID(ctx context.Context) string {
	id := ""
	From(ctx).Edit(func(e *Entry) { id = e.ID })
	return id
}

// Record notes one check a service made, passed or not.
func Record(ctx context.Context, rule string, ok bool, got, want, hint string) {
	From(ctx).Edit(func(e *Entry) {
		e.Checks = append(e.Checks, Check{Rule: rule, OK: ok, Got: got, Want: want, Hint: hint})
	})
}

// Warn notes something that was accepted but would not be, or would bite, at
// the real service.
func Warn(ctx context.Context, rule, text string) {
	From(ctx).Edit(func(e *Entry) { e.Warnings = append(e.Warnings, Warning{Rule: rule, Text: text}) })
}

// Note keeps a value under a name. "client" and "persona" (strings) become the
// entry's own members, by which entries can be found.
func Note(ctx context.Context, key string, value any) {
	From(ctx).Edit(func(e *Entry) {
		switch s, _ := value.(string); key {
		case "client":
			e.Client = s
		case "persona":
			e.Persona = s
		default:
			if e.Notes == nil {
				e.Notes = map[string]any{}
			}
			e.Notes[key] = value
		}
	})
}

func contains(s, sub string) bool { return strings.Contains(s, sub) }
