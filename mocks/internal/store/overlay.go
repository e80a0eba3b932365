package store

import (
	"iter"
	"slices"
	"sort"
	"strings"
)

// overlayReader shows top over base. In top a value of nil (as told by
// topReader) hides the base's key.
type overlayReader struct {
	base Reader
	top  topReader
}

// topReader is an upper layer: it also yields tombstones, as nil values.
type topReader interface {
	lookup(key string) (value []byte, present bool)
	scan(prefix, from string, desc bool) iter.Seq2[string, []byte]
}

func (o overlayReader) Get(key string) ([]byte, bool) {
	if v, ok := o.top.lookup(key); ok {
		return v, v != nil
	}
	return o.base.Get(key)
}

func (o overlayReader) Scan(prefix, from string) iter.Seq2[string, []byte] {
	return merge(o.base.Scan(prefix, from), o.top.scan(prefix, from, false), strings.Compare)
}

func (o overlayReader) ScanDesc(prefix, from string) iter.Seq2[string, []byte] {
	return merge(o.base.ScanDesc(prefix, from), o.top.scan(prefix, from, true),
		func(a, b string) int { return strings.Compare(b, a) })
}

// merge yields two ordered sequences as one; on equal keys the top one counts,
// and a nil value of the top one hides the key.
func merge(base, top iter.Seq2[string, []byte], cmp func(a, b string) int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		next, stop := iter.Pull2(top)
		defer stop()
		tk, tv, tok := next()
		for bk, bv := range base {
			for tok && cmp(tk, bk) < 0 {
				if tv != nil && !yield(tk, tv) {
					return
				}
				tk, tv, tok = next()
			}
			if tok && tk == bk {
				if tv != nil && !yield(tk, tv) {
					return
				}
				tk, tv, tok = next()
				continue
			}
			if !yield(bk, bv) {
				return
			}
		}
		for tok {
			if tv != nil && !yield(tk, tv) {
				return
			}
			tk, tv, tok = next()
		}
	}
}

// overlayWriter collects writes over a reader; nil in set means deleted.
type overlayWriter struct {
	base Reader
	set  map[string][]byte
	keys []string // sorted keys of set
}

func (w *overlayWriter) lookup(key string) ([]byte, bool) {
	v, ok := w.set[key]
	return slices.Clone(v), ok
}

func (w *overlayWriter) scan(prefix, from string, desc bool) iter.Seq2[string, []byte] {
	// A copy: the caller may write while it scans.
	var keys []string
	for i := sort.SearchStrings(w.keys, prefix); i < len(w.keys) && strings.HasPrefix(w.keys[i], prefix); i++ {
		if k := w.keys[i]; from == "" || (!desc && k >= from) || (desc && k <= from) {
			keys = append(keys, k)
		}
	}
	if desc {
		slices.Reverse(keys)
	}
	return func(yield func(string, []byte) bool) {
		for _, k := range keys {
			if !yield(k, slices.Clone(w.set[k])) {
				return
			}
		}
	}
}

func (w *overlayWriter) reader() overlayReader { return overlayReader{base: w.base, top: w} }

func (w *overlayWriter) Get(key string) ([]byte, bool) { return w.reader().Get(key) }

func (w *overlayWriter) Scan(prefix, from string) iter.Seq2[string, []byte] {
	return w.reader().Scan(prefix, from)
}

func (w *overlayWriter) ScanDesc(prefix, from string) iter.Seq2[string, []byte] {
	return w.reader().ScanDesc(prefix, from)
}

func (w *overlayWriter) Put(key string, value []byte) {
	if value == nil {
		value = []byte{}
	}
	w.put(key, slices.Clone(value))
}

func (w *overlayWriter) Delete(key string) { w.put(key, nil) }

func (w *overlayWriter) put(key string, value []byte) {
	if _, ok := w.set[key]; !ok {
		i, _ := slices.BinarySearch(w.keys, key)
		w.keys = slices.Insert(w.keys, i, key)
	}
	w.set[key] = value
}
