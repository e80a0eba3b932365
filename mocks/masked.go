package mocks

import (
	"context"
	"log/slog"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
)

// masked is a log handler that hides national numbers of possibly living
// people in everything on its way to the handler below.
type masked struct{ slog.Handler }

// Handle implements slog.Handler.
func (m masked) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, ssin.Mask(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(maskAttr(a))
		return true
	})
	return m.Handler.Handle(ctx, out)
}

// WithAttrs implements slog.Handler.
func (m masked) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = maskAttr(a)
	}
	return masked{m.Handler.WithAttrs(out)}
}

// WithGroup implements slog.Handler.
func (m masked) WithGroup(name string) slog.Handler { return masked{m.Handler.WithGroup(name)} }

func maskAttr(a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString, slog.KindAny: // an error or a panic's value, too, is shown as text
		return slog.String(a.Key, ssin.Mask(v.String()))
	case slog.KindGroup:
		var members []any
		for _, g := range v.Group() {
			members = append(members, maskAttr(g))
		}
		return slog.Group(a.Key, members...)
	default:
		return a
	}
}
