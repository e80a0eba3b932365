package journal_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
)

func entry(id, service string, status, size int) *journal.Entry {
	e := &journal.Entry{ID: id, Service: service, Status: status, Client: "c-" + service, Notes: map[string]any{}}
	e.Request.SetBody([]byte(strings.Repeat("x", size)))
	return e
}

func ids(entries []*journal.Entry) string {
	var out []string
	for _, e := range entries {
		out = append(out, e.ID)
	}
	return strings.Join(out, " ")
}

func TestTheRingIsBoundedInEntriesAndBytes(t *testing.T) {
	t.Parallel()
	j := journal.New(3, 10_000)
	for _, id := range []string{"a", "b", "c", "d"} {
		j.Append(entry(id, "s", 200, 10))
	}
	if got := ids(j.Entries(journal.Filter{})); got != "b c d" {
		t.Errorf("kept %q, want the newest three", got)
	}
	j.Append(entry("big", "s", 200, 9_000))
	if got := ids(j.Entries(journal.Filter{})); got != "big" {
		t.Errorf("kept %q: a big entry pushes the others out", got)
	}
	j.Append(entry("huge", "s", 200, 90_000))
	if got := ids(j.Entries(journal.Filter{})); got != "huge" {
		t.Errorf("kept %q: the newest entry always stays", got)
	}
}

func TestAFilterSelects(t *testing.T) {
	t.Parallel()
	j := journal.New(10, 1<<20)
	j.Append(entry("1", "iam", 200, 0))
	refused := entry("2", "uhmep", 403, 0)
	refused.Refusal = &journal.Refusal{Rule: "R"}
	j.Append(refused)
	j.Append(entry("3", "iam", 401, 0))
	for _, tc := range []struct {
		f    journal.Filter
		want string
	}{
		{journal.Filter{Service: "iam"}, "1 3"},
		{journal.Filter{Status: "4xx"}, "2 3"},
		{journal.Filter{Status: "401"}, "3"},
		{journal.Filter{Refused: true}, "2"},
		{journal.Filter{Rule: "R"}, "2"},
		{journal.Filter{Client: "c-uhmep"}, "2"},
		{journal.Filter{After: 1}, "2 3"},
		{journal.Filter{Limit: 1}, "3"},
		{journal.Filter{Service: "none"}, ""},
	} {
		if got := ids(j.Entries(tc.f)); got != tc.want {
			t.Errorf("%+v: got %q, want %q", tc.f, got, tc.want)
		}
	}
}

func TestAWaitEndsWithTheEntryOrItsContext(t *testing.T) {
	t.Parallel()
	j := journal.New(10, 1<<20)
	got := make(chan *journal.Entry)
	go func() {
		e, err := j.Wait(t.Context(), journal.Filter{Service: "pss"})
		if err != nil {
			t.Error(err)
		}
		got <- e
	}()
	j.Append(entry("other", "iam", 200, 0))
	j.Append(entry("mine", "pss", 200, 0))
	if e := <-got; e.ID != "mine" {
		t.Errorf("waited for %s, want mine", e.ID)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := j.Wait(ctx, journal.Filter{Service: "nobody"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's end", err)
	}
}

func TestFollowingStartsWhereAsked(t *testing.T) {
	t.Parallel()
	j := journal.New(10, 1<<20)
	for _, id := range []string{"1", "2", "3"} {
		j.Append(entry(id, "s", 200, 0))
	}
	enough := errors.New("enough")
	var seen []string
	err := j.Follow(t.Context(), journal.Filter{After: 1}, func(e *journal.Entry) error {
		if seen = append(seen, e.ID); len(seen) == 2 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || strings.Join(seen, " ") != "2 3" {
		t.Errorf("saw %v (%v), want 2 3", seen, err)
	}
}

func TestHandlersAddToTheEntryOfTheirRequest(t *testing.T) {
	t.Parallel()
	ctx, rec := journal.With(t.Context(), journal.Entry{ID: "x"})
	journal.Record(ctx, "r1", false, "a", "b", "h")
	journal.Warn(ctx, "r2", "text")
	journal.Note(ctx, "client", "me")
	journal.Note(ctx, "token", map[string]any{"k": 1})
	e := rec.Close()
	if len(e.Checks) != 1 || e.Checks[0].Want != "b" || len(e.Warnings) != 1 || e.Client != "me" || e.Notes["token"] == nil || journal.TraceID(ctx) != "x" {
		t.Errorf("entry is %+v", e)
	}
	journal.Warn(t.Context(), "r", "outside a request this does nothing")
}

func TestALongBodyIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	var m journal.Message
	m.SetBody([]byte(strings.Repeat("é", 100_000)))
	if !m.Cut || m.Size != 200_000 || len(m.Body) > 140_000 {
		t.Errorf("cut %v, size %d, kept %d", m.Cut, m.Size, len(m.Body))
	}
}

func TestTheByteBoundCountsHeadersAndRefusals(t *testing.T) {
	t.Parallel()
	many := http.Header{}
	for i := range 1000 {
		many.Add("A", strconv.Itoa(i%10))
	}
	for name, grow := range map[string]func(*journal.Entry){
		"long headers":         func(e *journal.Entry) { e.Request.Header = http.Header{"X": {strings.Repeat("x", 60_000)}} },
		"many headers":         func(e *journal.Entry) { e.Request.Header = many },
		"a client's long name": func(e *journal.Entry) { e.Client = strings.Repeat("x", 60_000) },
		"a refusal":            func(e *journal.Entry) { e.Refusal = &journal.Refusal{Got: strings.Repeat("x", 60_000)} },
	} {
		j := journal.New(1000, 100_000)
		for _, id := range []string{"a", "b"} {
			e := entry(id, "s", 200, 0)
			grow(e)
			j.Append(e)
		}
		if got := ids(j.Entries(journal.Filter{})); got != "b" {
			t.Errorf("%s: kept %q, want the newest only", name, got)
		}
	}
}

func TestFollowingAfterARestartDoesNotWaitForOldNumbers(t *testing.T) {
	t.Parallel()
	j := journal.New(10, 1<<20)
	j.Append(entry("old", "s", 200, 0))
	enough := errors.New("enough")
	got := make(chan string, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	go func() {
		for ctx.Err() == nil && len(got) == 0 { // until the follower is there
			j.Append(entry("new", "s", 200, 0))
			runtime.Gosched()
		}
	}()
	err := j.Follow(ctx, journal.Filter{After: 1 << 40}, func(e *journal.Entry) error { got <- e.ID; return enough })
	if !errors.Is(err, enough) {
		t.Errorf("a client that saw entry 2^40 before the restart gets nothing: %v", err)
	}
}
