package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// ErrClosed is returned by every call after the store was closed.
var ErrClosed = errors.New("store is closed")

// Reader reads one tenant's data inside one consistent view. Keys and values
// handed out are copies and stay valid.
type Reader interface {
	// Get returns the value of key and whether it exists.
	Get(key string) ([]byte, bool)
	// Scan yields all keys with the prefix in ascending order, starting at
	// from (inclusive, a full key); an empty from starts at the prefix.
	Scan(prefix, from string) iter.Seq2[string, []byte]
	// ScanDesc is Scan in descending order; an empty from starts at the end.
	ScanDesc(prefix, from string) iter.Seq2[string, []byte]
}

// Writer reads and writes inside one atomic change; it sees its own writes.
type Writer interface {
	Reader
	// Put stores value under key.
	Put(key string, value []byte)
	// Delete removes key; a key that does not exist is no error.
	Delete(key string)
}

// Store is one tenant's data.
type Store interface {
	// View runs fn on one consistent state. It must not be held while a
	// client is written to, and fn must not call Update.
	View(fn func(Reader) error) error
	// Update runs fn and commits all its writes or, when fn fails, none. It
	// returns after the commit (durable when the sandbox runs with -data).
	// fn may run more than once and must have no other effect.
	Update(fn func(Writer) error) error
}

// GetJSON decodes the value of key into a T; false means there is no such key.
func GetJSON[T any](r Reader, key string) (T, bool, error) {
	var v T
	raw, ok := r.Get(key)
	if !ok {
		return v, false, nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, true, fmt.Errorf("decode %s: %w", key, err)
	}
	return v, true, nil
}

// PutJSON stores v as JSON under key.
func PutJSON(w Writer, key string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s: %w", key, err)
	}
	w.Put(key, raw)
	return nil
}

// after is the smallest string greater than every string with the prefix, or
// "" when there is none (the prefix is empty or all 0xff).
func after(prefix string) string {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return ""
}
