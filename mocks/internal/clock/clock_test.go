package clock_test

import (
	"context"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
)

func TestAFrozenClockStandsUntilItIsMoved(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.FixedZone("CET", 3600))
	c := clock.New(clock.State{})
	c.Set(clock.State{Freeze: &at})
	if got := c.Now(); !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("now is %v, want %v in UTC", got, at)
	}
	c.Advance(-time.Hour)
	if got, want := c.Now(), at.Add(-time.Hour); !got.Equal(want) || c.State().Mode() != "frozen" {
		t.Errorf("after advance: %v (%s), want %v (frozen)", got, c.State().Mode(), want)
	}
}

func TestAnOffsetClockRunsOn(t *testing.T) {
	t.Parallel()
	c := clock.New(clock.State{Offset: 48 * time.Hour})
	ahead := c.Now().Sub(clock.Wall())
	if ahead < 47*time.Hour || ahead > 49*time.Hour {
		t.Errorf("ahead by %v, want about 48h", ahead)
	}
	target := clock.Wall().AddDate(1, 0, 0)
	c.JumpTo(target)
	if d := c.Now().Sub(target); d < 0 || d > time.Minute {
		t.Errorf("after a jump the clock is %v past its target", d)
	}
	c.Set(clock.State{})
	if c.State().Mode() != "real" {
		t.Errorf("mode is %s, want real", c.State().Mode())
	}
}

func TestASleepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := clock.Sleep(ctx, time.Hour); err == nil {
		t.Error("no error from a cancelled sleep")
	}
}
