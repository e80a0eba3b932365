package store

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// maxBatch bounds how many jobs share one commit.
const maxBatch = 256

// job is one atomic change. prepare reads and decides inside the transaction
// and returns the writes; when it fails nothing of it is applied and the other
// jobs of the commit go on.
type job struct {
	prepare func(*bolt.Tx) (apply func() error, err error)
	result  chan error
	panicV  any
}

// errPanicked marks a job whose function panicked; do panics again with its
// value in the goroutine that asked.
var errPanicked = errors.New("panicked")

// do hands a job to the committing goroutine and waits for its commit.
func (f *File) do(prepare func(*bolt.Tx) (func() error, error)) error {
	j := &job{prepare: prepare, result: make(chan error, 1)}
	select {
	case f.jobs <- j:
	case <-f.quit:
		return ErrClosed
	}
	select {
	case err := <-j.result:
		return j.outcome(err)
	case <-f.done:
	}
	select { // the loop may have answered just before it ended
	case err := <-j.result:
		return j.outcome(err)
	default:
		return ErrClosed
	}
}

func (j *job) outcome(err error) error {
	if errors.Is(err, errPanicked) {
		panic(j.panicV)
	}
	return err
}

func (f *File) commitLoop() {
	defer close(f.done)
	for {
		select {
		case j := <-f.jobs:
			f.commit(f.gather(j))
		case <-f.quit:
			for {
				select {
				case j := <-f.jobs:
					f.commit(f.gather(j))
				default:
					return
				}
			}
		}
	}
}

// gather takes what has queued up while the last commit ran.
func (f *File) gather(first *job) []*job {
	batch := []*job{first}
	for len(batch) < maxBatch {
		select {
		case j := <-f.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// commit runs the jobs in order inside one transaction and answers each.
func (f *File) commit(batch []*job) {
	errs := make([]error, len(batch))
	err := f.db.Update(func(tx *bolt.Tx) error {
		for i, j := range batch {
			apply, err := j.run(tx)
			if err != nil {
				errs[i] = err
				continue
			}
			if err := apply(); err != nil {
				return err // the file itself is in trouble: nothing of this commit counts
			}
		}
		return nil
	})
	for i, j := range batch {
		if errs[i] == nil && err != nil {
			errs[i] = fmt.Errorf("commit: %w", asClosed(err))
		}
		j.result <- errs[i]
	}
}

func (j *job) run(tx *bolt.Tx) (apply func() error, err error) {
	defer func() {
		if v := recover(); v != nil {
			j.panicV, err = v, errPanicked
		}
	}()
	return j.prepare(tx)
}
