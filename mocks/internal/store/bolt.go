package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// mapSize is the address space reserved for the file, so that growing it never
// has to wait for open reads. It costs no memory and no disk space.
const mapSize = 512 << 20

// File is the bbolt file with the data of all tenants.
type File struct {
	db   *bolt.DB
	temp string // directory to remove on Close, "" when the data stays
	jobs chan *job
	quit chan struct{}
	done chan struct{}
}

// Open opens dir/sandbox.db, making both, with every commit synced to disk.
// An empty dir means a temporary, unsynced file that Close removes.
func Open(dir string) (*File, error) {
	f := &File{jobs: make(chan *job, 256), quit: make(chan struct{}), done: make(chan struct{})}
	opts := &bolt.Options{
		Timeout: time.Second, FreelistType: bolt.FreelistMapType, NoFreelistSync: true, InitialMmapSize: mapSize,
	}
	if dir == "" {
		temp, err := os.MkdirTemp("", "ehealth-sandbox-")
		if err != nil {
			return nil, fmt.Errorf("make a temporary data directory: %w (set TMPDIR to a writable directory, or use -data)", err)
		}
		f.temp, dir = temp, temp
		opts.NoSync, opts.NoGrowSync = true, true
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	path := filepath.Join(dir, "sandbox.db")
	db, err := bolt.Open(path, 0o600, opts)
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("%s is in use by another sandbox: stop it or choose another directory with -data", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	f.db = db
	go f.commitLoop()
	return f, nil
}

// Durable tells whether acknowledged writes survive the process.
func (f *File) Durable() bool { return f.temp == "" }

// Close waits for writes under way, closes the file and removes it when it was
// temporary. Later calls answer ErrClosed.
func (f *File) Close() error {
	select {
	case <-f.quit:
		return nil
	default:
	}
	close(f.quit)
	<-f.done
	err := f.db.Close()
	if f.temp != "" {
		err = errors.Join(err, os.RemoveAll(f.temp))
	}
	return err
}

// Tenant returns the store of one tenant: its own writes over base, which must
// not change while the tenant lives.
func (f *File) Tenant(name string, base Reader) Store {
	return &tenantStore{file: f, bucket: []byte("t/" + name), base: base}
}

type tenantStore struct {
	file   *File
	bucket []byte
	base   Reader
}

func (s *tenantStore) View(fn func(Reader) error) error {
	return asClosed(s.file.db.View(func(tx *bolt.Tx) error {
		return fn(overlayReader{base: s.base, top: boltTop{tx.Bucket(s.bucket)}})
	}))
}

func (s *tenantStore) Update(fn func(Writer) error) error {
	return s.file.do(func(tx *bolt.Tx) (func() error, error) {
		top := boltTop{tx.Bucket(s.bucket)}
		w := &overlayWriter{base: overlayReader{base: s.base, top: top}, set: map[string][]byte{}}
		if err := fn(w); err != nil {
			return nil, err
		}
		return func() error { return s.apply(tx, w) }, nil
	})
}

// apply writes what one job collected into the tenant's bucket.
func (s *tenantStore) apply(tx *bolt.Tx, w *overlayWriter) error {
	if len(w.set) == 0 {
		return nil
	}
	b, err := tx.CreateBucketIfNotExists(s.bucket)
	if err != nil {
		return err
	}
	for _, k := range w.keys {
		v := w.set[k]
		if v != nil {
			if err := b.Put([]byte(k), append([]byte{present}, v...)); err != nil {
				return err
			}
			continue
		}
		if _, inBase := s.base.Get(k); inBase {
			err = b.Put([]byte(k), []byte{deleted})
		} else {
			err = b.Delete([]byte(k))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func asClosed(err error) error {
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}
