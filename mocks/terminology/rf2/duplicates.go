package rf2

import (
	"fmt"
	"slices"
	"strings"
)

// twice finds identifiers that occur twice in a snapshot file, which holds one row of each. It keeps the identifiers and nothing else: three
// million rows with their places would be too dear, and the places are only needed when a file is refused.
type twice struct {
	ids    []uint64 // of the file that is read; the memory serves the next one
	sorted bool     // each identifier is greater than the one before
}

// watches tells whether a file is a snapshot of components. Members are not watched: they are kept by what they refer to.
func (f *file) watches(header string) bool {
	return f.form == "Snapshot" && strings.HasPrefix(header, common) && !strings.HasPrefix(header, headerRefset)
}

func (t *twice) start() { t.ids, t.sorted = t.ids[:0], true }

func (t *twice) add(id uint64) {
	t.sorted = t.sorted && (len(t.ids) == 0 || id > t.ids[len(t.ids)-1])
	t.ids = append(t.ids, id)
}

// found gives an identifier that occurs twice, or 0.
func (t *twice) found() uint64 {
	if t.sorted {
		return 0
	}
	slices.Sort(t.ids)
	for i := 1; i < len(t.ids); i++ {
		if t.ids[i] == t.ids[i-1] {
			return t.ids[i]
		}
	}
	return 0
}

// read reads a file row by row as each does, and refuses a snapshot of components that holds an identifier twice.
func (im *importer) read(f *file, header string, more bool, count func(int), fn func(*row) error) error {
	if !f.watches(header) {
		return f.each(im.ctx, header, more, count, fn)
	}
	im.twice.start()
	err := f.each(im.ctx, header, more, count, func(r *row) error {
		im.twice.add(r.id(0, "id"))
		return fn(r)
	})
	if err != nil {
		return err
	}
	id := im.twice.found()
	if id == 0 {
		return nil
	}
	first := 0
	return f.each(im.ctx, header, more, func(int) {}, func(r *row) error {
		switch {
		case r.id(0, "id") != id:
			return nil
		case first == 0:
			first = r.line
			return nil
		}
		return &Error{File: f.name, Line: r.line, Text: fmt.Sprintf("%d stands here for the second time, after line %d: a snapshot has one row of each identifier", id, first)}
	})
}
