package store_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// open makes one kind of store for the shared suite.
type open struct {
	name string
	make func(t *testing.T) store.Store
}

func kinds() []open {
	return []open{
		{"memory", func(*testing.T) store.Store { return store.NewMemory() }},
		{"file without seed", func(t *testing.T) store.Store {
			return temp(t).Tenant("a", store.NewSeeds(nil).On(time.Time{}))
		}},
		{"file over a seed", func(t *testing.T) store.Store {
			seeds := store.NewSeeds(map[string]store.Seeder{"s": func(w store.Writer, _ time.Time) error {
				w.Put("s/seed/1", []byte("one"))
				w.Put("s/seed/2", []byte("two"))
				return nil
			}})
			return temp(t).Tenant("a", seeds.On(time.Time{}))
		}},
	}
}

func temp(t *testing.T) *store.File {
	t.Helper()
	f, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func put(t *testing.T, s store.Store, pairs ...string) {
	t.Helper()
	err := s.Update(func(w store.Writer) error {
		for i := 0; i < len(pairs); i += 2 {
			w.Put(pairs[i], []byte(pairs[i+1]))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, s store.Store, scan func(store.Reader) iter.Seq2[string, []byte]) string {
	t.Helper()
	var out []string
	err := s.View(func(r store.Reader) error {
		for k, v := range scan(r) {
			out = append(out, k+"="+string(v))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func TestEveryStoreKeepsTheSameContract(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			s := kind.make(t)
			put(t, s, "x/b", "2", "x/a", "1", "x/c", "3", "y/a", "other", "x/\xff", "last", "x/empty", "")

			for _, tc := range []struct {
				name string
				scan func(store.Reader) iter.Seq2[string, []byte]
				want string
			}{
				{"a scan is ordered and keeps to its prefix", func(r store.Reader) iter.Seq2[string, []byte] { return r.Scan("x/", "") }, "x/a=1 x/b=2 x/c=3 x/empty= x/\xff=last"},
				{"a scan starts at from, inclusive", func(r store.Reader) iter.Seq2[string, []byte] { return r.Scan("x/", "x/b") }, "x/b=2 x/c=3 x/empty= x/\xff=last"},
				{"a scan may start between keys", func(r store.Reader) iter.Seq2[string, []byte] { return r.Scan("x/", "x/bb") }, "x/c=3 x/empty= x/\xff=last"},
				{"descending starts at the end of the prefix", func(r store.Reader) iter.Seq2[string, []byte] { return r.ScanDesc("x/", "") }, "x/\xff=last x/empty= x/c=3 x/b=2 x/a=1"},
				{"descending starts at from, inclusive", func(r store.Reader) iter.Seq2[string, []byte] { return r.ScanDesc("x/", "x/b") }, "x/b=2 x/a=1"},
				{"descending may start between keys", func(r store.Reader) iter.Seq2[string, []byte] { return r.ScanDesc("x/", "x/bb") }, "x/b=2 x/a=1"},
				{"a prefix without keys yields nothing", func(r store.Reader) iter.Seq2[string, []byte] { return r.Scan("z/", "") }, ""},
			} {
				if got := list(t, s, tc.scan); got != tc.want {
					t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
				}
			}

			err := s.Update(func(w store.Writer) error {
				w.Put("x/new", nil)
				return s.View(func(r store.Reader) error {
					if _, ok := r.Get("x/new"); ok {
						t.Error("a view inside an update sees what is not committed")
					}
					return nil
				})
			})
			if err != nil {
				t.Error(err)
			}
			failed := errors.New("no")
			err = s.Update(func(w store.Writer) error {
				w.Put("x/a", []byte("changed"))
				w.Delete("x/b")
				if _, ok := w.Get("x/b"); ok {
					t.Error("a writer still sees what it deleted")
				}
				if v, _ := w.Get("x/a"); string(v) != "changed" {
					t.Errorf("a writer sees %q, want its own write", v)
				}
				return failed
			})
			if !errors.Is(err, failed) {
				t.Errorf("got error %v, want the function's own", err)
			}
			if got := list(t, s, func(r store.Reader) iter.Seq2[string, []byte] { return r.Scan("x/", "") }); !strings.HasPrefix(got, "x/a=1 x/b=2") {
				t.Errorf("a failed update left its mark: %q", got)
			}
		})
	}
}

func TestAnOverlayHidesAndRestoresSeedKeys(t *testing.T) {
	t.Parallel()
	s := kinds()[2].make(t)
	scan := func(r store.Reader) iter.Seq2[string, []byte] { return r.Scan("s/", "") }
	if got, want := list(t, s, scan), "s/seed/1=one s/seed/2=two"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	err := s.Update(func(w store.Writer) error {
		w.Delete("s/seed/1")
		w.Put("s/seed/2", []byte("changed"))
		w.Put("s/seed/3", []byte("own"))
		w.Delete("s/seed/absent")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := list(t, s, scan), "s/seed/2=changed s/seed/3=own"; got != want {
		t.Errorf("ascending: got %q, want %q", got, want)
	}
	desc := func(r store.Reader) iter.Seq2[string, []byte] { return r.ScanDesc("s/", "") }
	if got, want := list(t, s, desc), "s/seed/3=own s/seed/2=changed"; got != want {
		t.Errorf("descending: got %q, want %q", got, want)
	}
	put(t, s, "s/seed/1", "back")
	if got, want := list(t, s, scan), "s/seed/1=back s/seed/2=changed s/seed/3=own"; got != want {
		t.Errorf("after writing again: got %q, want %q", got, want)
	}
}

func TestTenantsOfOneFileSeeNothingOfEachOther(t *testing.T) {
	t.Parallel()
	f, seed := temp(t), store.NewSeeds(nil).On(time.Time{})
	a, b := f.Tenant("a", seed), f.Tenant("b", seed)
	put(t, a, "k", "of a")
	all := func(r store.Reader) iter.Seq2[string, []byte] { return r.Scan("k", "") }
	if got := list(t, b, all); got != "" {
		t.Errorf("tenant b sees %q", got)
	}
}

func TestConcurrentUpdatesAreAllKeptAndNeverMixed(t *testing.T) {
	t.Parallel()
	s := temp(t).Tenant("a", store.NewSeeds(nil).On(time.Time{}))
	const writers, each = 16, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				err := s.Update(func(tx store.Writer) error {
					n, _, err := store.GetJSON[int](tx, "counter")
					if err != nil {
						return err
					}
					if i%5 == 4 {
						return errors.New("this one is refused") // must not harm its neighbours
					}
					tx.Put(fmt.Sprintf("job/%02d/%03d", w, i), nil)
					return store.PutJSON(tx, "counter", n+1)
				})
				if (err != nil) != (i%5 == 4) {
					t.Errorf("writer %d job %d: %v", w, i, err)
				}
			}
		})
	}
	wg.Wait()
	want := writers * each * 4 / 5
	err := s.View(func(r store.Reader) error {
		n, _, err := store.GetJSON[int](r, "counter")
		jobs := 0
		for range r.Scan("job/", "") {
			jobs++
		}
		if n != want || jobs != want {
			t.Errorf("counter %d, jobs %d, want %d", n, jobs, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPanicInAnUpdateReachesItsCallerOnly(t *testing.T) {
	t.Parallel()
	s := temp(t).Tenant("a", store.NewSeeds(nil).On(time.Time{}))
	func() {
		defer func() {
			if v := recover(); v != "oops" {
				t.Errorf("recovered %v, want the panic's own value", v)
			}
		}()
		_ = s.Update(func(store.Writer) error { panic("oops") })
	}()
	put(t, s, "k", "still works")
}

func TestSnapshotsBringBackExactlyWhatWas(t *testing.T) {
	t.Parallel()
	f := temp(t)
	s := f.Tenant("a", store.NewSeeds(nil).On(time.Time{}))
	put(t, s, "k", "1")
	if err := f.Snapshot("a", "one", []byte(`{"m":1}`)); err != nil {
		t.Fatal(err)
	}
	put(t, s, "k", "2", "l", "new")
	meta, err := f.Restore("a", "one")
	if err != nil || string(meta) != `{"m":1}` {
		t.Fatalf("restore: meta %s, err %v", meta, err)
	}
	all := func(r store.Reader) iter.Seq2[string, []byte] { return r.Scan("", "") }
	if got := list(t, s, all); got != "k=1" {
		t.Errorf("got %q, want k=1", got)
	}
	if _, err := f.Restore("a", "two"); !errors.Is(err, store.ErrNoSnapshot) {
		t.Errorf("unknown snapshot: %v", err)
	}
	if err := f.DropSnapshot("a", "one"); err != nil {
		t.Error(err)
	}
	if err := f.DropSnapshot("a", "one"); !errors.Is(err, store.ErrNoSnapshot) {
		t.Errorf("dropped twice: %v", err)
	}
}

func TestAClosedStoreSaysSo(t *testing.T) {
	t.Parallel()
	f, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	s := f.Tenant("a", store.NewSeeds(nil).On(time.Time{}))
	if err := errors.Join(f.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(func(store.Writer) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("update: %v", err)
	}
	if err := s.View(func(store.Reader) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("view: %v", err)
	}
}

func TestASecondSandboxOnOneDirectoryIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	_, err = store.Open(dir)
	if err == nil || !strings.Contains(err.Error(), "-data") {
		t.Errorf("got %v, want a message that names -data", err)
	}
}

func TestASeedMustStayInsideItsService(t *testing.T) {
	t.Parallel()
	seeds := store.NewSeeds(map[string]store.Seeder{"s": func(w store.Writer, _ time.Time) error {
		w.Put("t/stray", nil)
		return nil
	}})
	if err := seeds.On(time.Now()).Err(); err == nil || !strings.Contains(err.Error(), "t/stray") {
		t.Errorf("got %v, want an error that names the key", err)
	}
}

func TestASeedIsDatedAtMidnightOfItsDay(t *testing.T) {
	t.Parallel()
	var got []time.Time
	seeds := store.NewSeeds(map[string]store.Seeder{"s": func(_ store.Writer, at time.Time) error {
		got = append(got, at)
		return nil
	}})
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{day.Add(3 * time.Hour), day.Add(20 * time.Hour), day.Add(25 * time.Hour)} {
		if err := seeds.On(at).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if want := []time.Time{day, day.AddDate(0, 0, 1)}; !slices.Equal(got, want) {
		t.Errorf("built at %v, want %v", got, want)
	}
}
