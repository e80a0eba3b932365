package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// ErrNoSnapshot is returned when a snapshot of that name does not exist.
var ErrNoSnapshot = errors.New("no such snapshot")

// Snapshot copies a tenant's writes under a name, replacing an older one of
// that name, together with meta (any JSON: clock, seed day).
func (f *File) Snapshot(tenant, name string, meta json.RawMessage) error {
	return f.direct(func(tx *bolt.Tx) error {
		key := snapshotKey(tenant, name)
		if err := copyBucket(tx, []byte("t/"+tenant), key); err != nil {
			return err
		}
		return putMeta(tx, tenant, "snapshot/"+name, meta)
	})
}

// MetaState is the meta value that holds a tenant's clock and seed day: what
// must change together with its data.
const MetaState = "state"

// Restore puts a snapshot back and returns its meta, which in the same commit
// becomes the tenant's MetaState.
func (f *File) Restore(tenant, name string) (json.RawMessage, error) {
	var meta json.RawMessage
	err := f.direct(func(tx *bolt.Tx) error {
		meta = getMeta(tx, tenant, "snapshot/"+name)
		if meta == nil {
			return ErrNoSnapshot
		}
		if err := copyBucket(tx, snapshotKey(tenant, name), []byte("t/"+tenant)); err != nil {
			return err
		}
		return putMeta(tx, tenant, MetaState, meta)
	})
	return meta, err
}

// DropSnapshot removes a snapshot; ErrNoSnapshot when there is none.
func (f *File) DropSnapshot(tenant, name string) error {
	return f.direct(func(tx *bolt.Tx) error {
		if getMeta(tx, tenant, "snapshot/"+name) == nil {
			return ErrNoSnapshot
		}
		if err := dropBucket(tx, snapshotKey(tenant, name)); err != nil {
			return err
		}
		return tx.Bucket([]byte("m/" + tenant)).Delete([]byte("snapshot/" + name))
	})
}

// Snapshots lists a tenant's snapshots with their meta.
func (f *File) Snapshots(tenant string) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	err := f.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("m/" + tenant))
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			if name, ok := strings.CutPrefix(string(k), "snapshot/"); ok {
				out[name] = append(json.RawMessage(nil), v...)
			}
			return nil
		})
	})
	return out, asClosed(err)
}

// Reset drops a tenant's writes, which brings its world back to the seed, and
// sets its MetaState in the same commit. Snapshots stay.
func (f *File) Reset(tenant string, state json.RawMessage) error {
	return f.direct(func(tx *bolt.Tx) error {
		if err := dropBucket(tx, []byte("t/"+tenant)); err != nil {
			return err
		}
		return putMeta(tx, tenant, MetaState, state)
	})
}

// Forget drops all of a tenant: writes, snapshots and meta data.
func (f *File) Forget(tenant string) error {
	return f.direct(func(tx *bolt.Tx) error {
		if err := dropBucket(tx, []byte("t/"+tenant)); err != nil {
			return err
		}
		if b := tx.Bucket([]byte("m/" + tenant)); b != nil {
			err := b.ForEach(func(k, _ []byte) error {
				if name, ok := strings.CutPrefix(string(k), "snapshot/"); ok {
					return dropBucket(tx, snapshotKey(tenant, name))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return dropBucket(tx, []byte("m/"+tenant))
	})
}

// PutMeta stores one meta value of a tenant (clock, seed day); Meta reads it.
func (f *File) PutMeta(tenant, key string, value json.RawMessage) error {
	return f.direct(func(tx *bolt.Tx) error { return putMeta(tx, tenant, key, value) })
}

// Meta returns one meta value of a tenant, nil when there is none.
func (f *File) Meta(tenant, key string) (json.RawMessage, error) {
	var out json.RawMessage
	err := f.db.View(func(tx *bolt.Tx) error { out = getMeta(tx, tenant, key); return nil })
	return out, asClosed(err)
}

// direct runs fn as a job of its own kind: its writes go straight to the
// transaction, so fn checks before it writes.
func (f *File) direct(fn func(*bolt.Tx) error) error {
	return f.do(func(tx *bolt.Tx) (func() error, error) {
		if err := fn(tx); err != nil {
			return nil, err
		}
		return func() error { return nil }, nil
	})
}

// snapshotKey is unambiguous because tenant names contain no slash.
func snapshotKey(tenant, name string) []byte { return fmt.Appendf(nil, "s/%s/%s", tenant, name) }

func putMeta(tx *bolt.Tx, tenant, key string, value json.RawMessage) error {
	b, err := tx.CreateBucketIfNotExists([]byte("m/" + tenant))
	if err != nil {
		return err
	}
	return b.Put([]byte(key), value)
}

func getMeta(tx *bolt.Tx, tenant, key string) json.RawMessage {
	b := tx.Bucket([]byte("m/" + tenant))
	if b == nil {
		return nil
	}
	if v := b.Get([]byte(key)); v != nil {
		return append(json.RawMessage{}, v...)
	}
	return nil
}

func dropBucket(tx *bolt.Tx, name []byte) error {
	if tx.Bucket(name) == nil {
		return nil
	}
	return tx.DeleteBucket(name)
}

// copyBucket makes to equal from; a missing from leaves no to.
func copyBucket(tx *bolt.Tx, from, to []byte) error {
	if err := dropBucket(tx, to); err != nil {
		return err
	}
	src := tx.Bucket(from)
	if src == nil {
		return nil
	}
	dst, err := tx.CreateBucket(to)
	if err != nil {
		return err
	}
	dst.FillPercent = 0.9 // keys arrive in order
	return src.ForEach(func(k, v []byte) error { return dst.Put(k, v) })
}
