package store

import (
	"bytes"
	"iter"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// First byte of every value in a tenant's bucket.
const (
	deleted = 0x00 // hides a key of the seed layer
	present = 0x01
)

// boltTop reads a tenant's bucket; a nil bucket is an empty layer.
type boltTop struct{ b *bolt.Bucket }

func decodeTop(raw []byte) []byte {
	if len(raw) == 0 || raw[0] == deleted {
		return nil
	}
	v := slices.Clone(raw[1:])
	if v == nil {
		v = []byte{}
	}
	return v
}

func (t boltTop) lookup(key string) ([]byte, bool) {
	if t.b == nil || key == "" {
		return nil, false
	}
	raw := t.b.Get([]byte(key))
	if raw == nil {
		return nil, false
	}
	return decodeTop(raw), true
}

func (t boltTop) scan(prefix, from string, desc bool) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		if t.b == nil {
			return
		}
		c, p := t.b.Cursor(), []byte(prefix)
		step := c.Next
		var k, v []byte
		if desc {
			step = c.Prev
			k, v = seekLast(c, prefix, from)
		} else {
			k, v = c.Seek([]byte(max(prefix, from)))
		}
		for ; k != nil && bytes.HasPrefix(k, p); k, v = step() {
			if !yield(string(k), decodeTop(v)) {
				return
			}
		}
	}
}

// seekLast places the cursor on the last key that has the prefix and is not
// greater than from (when from is set).
func seekLast(c *bolt.Cursor, prefix, from string) (k, v []byte) {
	if from != "" {
		if k, v = c.Seek([]byte(from)); k != nil && string(k) == from {
			return k, v
		}
	} else if limit := after(prefix); limit != "" {
		k, _ = c.Seek([]byte(limit))
	} else {
		return c.Last()
	}
	if k == nil {
		return c.Last()
	}
	return c.Prev()
}
