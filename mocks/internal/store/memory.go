package store

import (
	"iter"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Memory is a Store in memory: the seed layer, and tests.
type Memory struct {
	writing sync.Mutex   // held by the one Update under way
	mu      sync.RWMutex // held for reading data, and for applying an Update
	data    map[string][]byte
	keys    []string // sorted
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{data: map[string][]byte{}} }

// View implements Store.
func (m *Memory) View(fn func(Reader) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return fn(memoryTx{m: m})
}

// Update implements Store. fn may View: it then sees the state before.
func (m *Memory) Update(fn func(Writer) error) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	w := &overlayWriter{base: memoryTx{m: m}, set: map[string][]byte{}}
	if err := fn(w); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, v := range w.set {
		_, had := m.data[k]
		if v == nil {
			delete(m.data, k)
		} else {
			m.data[k] = v
		}
		if had != (v != nil) {
			m.index(k, v != nil)
		}
	}
	return nil
}

// index adds or removes one key of the sorted list.
func (m *Memory) index(k string, add bool) {
	i, found := slices.BinarySearch(m.keys, k)
	switch {
	case add && !found:
		m.keys = slices.Insert(m.keys, i, k)
	case !add && found:
		m.keys = slices.Delete(m.keys, i, i+1)
	}
}

type memoryTx struct{ m *Memory }

func (t memoryTx) Get(key string) ([]byte, bool) {
	v, ok := t.m.data[key]
	return slices.Clone(v), ok
}

func (t memoryTx) Scan(prefix, from string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		start := max(prefix, from)
		for i := sort.SearchStrings(t.m.keys, start); i < len(t.m.keys); i++ {
			k := t.m.keys[i]
			if !strings.HasPrefix(k, prefix) || !yield(k, slices.Clone(t.m.data[k])) {
				return
			}
		}
	}
}

func (t memoryTx) ScanDesc(prefix, from string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		end := len(t.m.keys)
		if limit := after(prefix); limit != "" {
			end = sort.SearchStrings(t.m.keys, limit)
		}
		if from != "" {
			end = min(end, sort.Search(len(t.m.keys), func(i int) bool { return t.m.keys[i] > from }))
		}
		for i := end - 1; i >= 0; i-- {
			k := t.m.keys[i]
			if !strings.HasPrefix(k, prefix) || !yield(k, slices.Clone(t.m.data[k])) {
				return
			}
		}
	}
}
