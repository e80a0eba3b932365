package tenants_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
)

func TestATenantInUseIsNotDroppedHoweverLongTheRequestLasts(t *testing.T) {
	t.Parallel()
	m, _ := world(t, "", nil, nil)
	tn, done, err := m.Use("stream")
	if err != nil {
		t.Fatal(err)
	}
	write(t, tn, "s/mine", "1")
	tn.Touch(clock.Wall().Add(-2 * time.Hour))
	m.Sweep(time.Hour, true)
	if get(t, m, "stream") != tn || read(t, tn, "s/mine") != "1" {
		t.Fatal("the tenant of a request under way was dropped")
	}
	done()
	tn.Touch(clock.Wall().Add(-2 * time.Hour))
	m.Sweep(time.Hour, true)
	if get(t, m, "stream") == tn {
		t.Error("the tenant stays although its request has ended")
	}
}

func TestASweepRacingWithRequestsLosesNoWrite(t *testing.T) {
	t.Parallel()
	m, _ := world(t, "", nil, nil)
	stop := make(chan struct{})
	var sweeper, users sync.WaitGroup
	sweeper.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				m.Sweep(time.Nanosecond, true)
			}
		}
	})
	for range 4 {
		users.Go(func() {
			for range 100 {
				tn, done, err := m.Use("busy")
				if err != nil {
					t.Error(err)
					return
				}
				write(t, tn, "s/mine", "1")
				if read(t, tn, "s/mine") != "1" {
					t.Error("a write inside a request is gone before the request ended")
				}
				done()
			}
		})
	}
	users.Wait()
	close(stop)
	sweeper.Wait()
}

func TestResetAndRestoreNeverMixDataOfOneStateWithTheClockOfAnother(t *testing.T) {
	t.Parallel()
	m, _ := world(t, "", nil, nil)
	tn := get(t, m, "a")
	tn.Clock.Advance(48 * time.Hour)
	write(t, tn, "s/mine", "moved")
	if err := m.Snapshot(tn, "moved"); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		var both sync.WaitGroup
		both.Go(func() {
			if err := m.Reset(tn); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if err := m.Restore(tn, "moved"); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		moved, data := tn.Clock.State().Offset != 0, read(t, tn, "s/mine") == "moved"
		if moved != data {
			t.Fatalf("the clock is moved: %v, the data is: %v", moved, data)
		}
	}
}

func TestResetAndRestoreAreDurableTogetherWithTheClock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m, f := world(t, dir, nil, nil)
	tn := get(t, m, "a")
	tn.Clock.Advance(48 * time.Hour)
	write(t, tn, "s/mine", "moved")
	if err := errors.Join(m.Save(tn), m.Snapshot(tn, "moved"), m.Reset(tn), f.Close()); err != nil {
		t.Fatal(err)
	}
	m, f = world(t, dir, nil, nil)
	tn = get(t, m, "a")
	if tn.Clock.State().Offset != 0 || read(t, tn, "s/mine") != "" {
		t.Error("the reset did not survive the restart")
	}
	if err := errors.Join(m.Restore(tn, "moved"), f.Close()); err != nil {
		t.Fatal(err)
	}
	m, _ = world(t, dir, nil, nil)
	tn = get(t, m, "a")
	if tn.Clock.State().Offset != 48*time.Hour || read(t, tn, "s/mine") != "moved" {
		t.Error("the restored snapshot did not survive the restart")
	}
}

func TestASeededTenantNeverDrawsTheIdentifiersOfTheDataItFinds(t *testing.T) {
	t.Parallel()
	dir, seed := t.TempDir(), uint64(7)
	m, f := world(t, dir, nil, &seed)
	tn := get(t, m, "a")
	first := tn.Chance.UUID()
	if err := m.Snapshot(tn, "one"); err != nil {
		t.Fatal(err)
	}
	inWorld := map[string]string{first: "the first run"}
	fresh := func(when string) {
		t.Helper()
		for range 3 {
			id := tn.Chance.UUID()
			if was := inWorld[id]; was != "" {
				t.Errorf("%s draws an identifier of %s again", when, was)
			}
			inWorld[id] = when
		}
	}
	if err := errors.Join(m.Reset(tn)); err != nil {
		t.Fatal(err)
	}
	if again := tn.Chance.UUID(); again != first {
		t.Errorf("after a reset the run does not repeat: %s, want %s", again, first)
	}
	if err := m.Restore(tn, "one"); err != nil {
		t.Fatal(err)
	}
	fresh("the restored world")
	for _, when := range []string{"the second start", "the third start"} {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		m, f = world(t, dir, nil, &seed)
		tn = get(t, m, "a")
		fresh(when)
	}
}
