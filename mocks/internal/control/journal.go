package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// defaultEntries is how many entries a listing shows unless limit says more.
const defaultEntries = 100

// maxWait bounds the timeout of journal/wait.
const maxWait = 60 * time.Second

// errWaited marks a wait that found nothing in its time.
var errWaited = errors.New("timeout")

// filter reads the query: service, operation, client (or client_id), persona,
// method, url (a part of it), rule, status (403 or 4xx), refused, after, limit.
func filter(r *http.Request) (journal.Filter, error) {
	q := r.URL.Query()
	for k := range q {
		switch k {
		case "service", "operation", "client", "client_id", "persona", "method", "url", "rule", "status", "refused", "after", "limit", "timeout":
		default:
			return journal.Filter{}, bad("filter", "unknown parameter "+k+": use service, operation, client, persona, method, url, rule, status, refused, after, limit")
		}
	}
	f := journal.Filter{Service: q.Get("service"), Op: q.Get("operation"), Client: q.Get("client"), Persona: q.Get("persona"),
		Method: q.Get("method"), URLContains: q.Get("url"), Rule: q.Get("rule"), Status: q.Get("status"), Refused: q.Get("refused") == "true"}
	if f.Client == "" {
		f.Client = q.Get("client_id")
	}
	var err error
	if v := q.Get("after"); v != "" {
		if f.After, err = strconv.ParseUint(v, 10, 64); err != nil {
			return f, bad("filter", "after is the sequence number of an entry")
		}
	}
	if v := q.Get("limit"); v != "" {
		if f.Limit, err = strconv.Atoi(v); err != nil || f.Limit < 1 {
			return f, bad("filter", "limit is a positive number")
		}
	}
	return f, nil
}

func (h *Handler) journal(r *http.Request) (any, error) {
	f, err := filter(r)
	if err != nil {
		return nil, err
	}
	if f.Limit == 0 {
		f.Limit = defaultEntries
	}
	entries := tenant.From(r.Context()).Journal.Entries(f)
	if entries == nil {
		entries = []*journal.Entry{}
	}
	for i, e := range entries {
		entries[i] = h.shown(e)
	}
	return map[string]any{"entries": entries, "count": len(entries)}, nil
}

// shown is an entry as it may leave the sandbox.
func (h *Handler) shown(e *journal.Entry) *journal.Entry {
	if h.Shown == nil {
		return e
	}
	return h.Shown(e)
}

func (h *Handler) clearJournal(r *http.Request) (any, error) {
	tenant.From(r.Context()).Journal.Clear()
	return &respond.Response{Status: http.StatusNoContent}, nil
}

func (h *Handler) journalEntry(r *http.Request) (any, error) {
	id := mux.Vars(r)["id"]
	e := tenant.From(r.Context()).Journal.Entry(id)
	if e == nil {
		f := notFound("the journal of this tenant has no entry " + id)
		f.Hint = "old entries are dropped; another tenant's entries need its header or prefix"
		return nil, f
	}
	return h.shown(e), nil
}

// waitJournal answers with the first matching entry, past or to come.
func (h *Handler) waitJournal(r *http.Request) (any, error) {
	f, err := filter(r)
	if err != nil {
		return nil, err
	}
	timeout := 5 * time.Second
	if v := r.URL.Query().Get("timeout"); v != "" {
		if timeout, err = ParseDuration(v); err != nil {
			return nil, bad("filter", err.Error())
		}
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	go func() {
		_ = clock.Sleep(ctx, min(timeout, maxWait))
		cancel(errWaited)
	}()
	e, err := tenant.From(r.Context()).Journal.Wait(ctx, f)
	if err == nil {
		return h.shown(e), nil
	}
	if isTimeout(context.Cause(ctx)) {
		return nil, &respond.Refusal{Status: http.StatusRequestTimeout, Code: "timeout", Message: "no matching entry within " + timeout.String(), Rule: "control-journal",
			Hint: "widen the filter, or list the journal to see what did happen"}
	}
	return nil, err
}

// streamJournal follows the journal as server-sent events: event "entry", the
// sequence number as id, the entry as JSON. Last-Event-ID resumes.
func (h *Handler) streamJournal(r *http.Request) (any, error) {
	f, err := filter(r)
	if err != nil {
		return nil, err
	}
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		if f.After, err = strconv.ParseUint(last, 10, 64); err != nil {
			return nil, bad("filter", "Last-Event-ID is the sequence number of an entry")
		}
	}
	j := tenant.From(r.Context()).Journal
	return respond.Stream(func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusOK)
		out := http.NewResponseController(w)
		_ = out.SetWriteDeadline(time.Time{}) // a stream outlives the server's write time-out
		if _, err := fmt.Fprint(w, ": journal\n\n"); err != nil {
			return err
		}
		_ = out.Flush()
		if r.Method == http.MethodHead {
			return nil
		}
		return j.Follow(r.Context(), f, func(e *journal.Entry) error {
			raw, err := json.Marshal(h.shown(e))
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "id: %d\nevent: entry\ndata: %s\n\n", e.Seq, raw); err != nil {
				return err
			}
			return out.Flush()
		})
	}), nil
}
