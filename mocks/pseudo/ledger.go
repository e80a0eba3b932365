package pseudo

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxIssued bounds how many issued boxes a tenant's ledger remembers.
const maxIssued = 1 << 16

// ledger remembers for a tenant which client was given which box, so that
// pseudonyms made twice can be noticed. It is a cache: a restart forgets it, and
// no answer depends on it.
type ledger struct {
	mu      sync.Mutex
	issued  map[boxHash]issued
	order   []boxHash // oldest first
	seen    map[seenKey]seen
	singles map[singleKey]time.Time
	pending map[string]*Counters
}

type boxHash [16]byte

type issued struct {
	client      string
	at, expires time.Time
}

// seenKey is a value, by its pseudonym at rest, that a client pseudonymised.
type seenKey struct{ client, atRest string }

type seen struct {
	box         boxHash
	at, expires time.Time
}

type singleKey struct {
	client, domain string
	op             conversion
}

func newLedger() *ledger {
	return &ledger{issued: map[boxHash]issued{}, seen: map[seenKey]seen{}, singles: map[singleKey]time.Time{}, pending: map[string]*Counters{}}
}

func hashOf(transitInfo string) boxHash {
	sum := sha256.Sum256([]byte(transitInfo))
	return boxHash(sum[:16])
}

func (l *ledger) issue(transitInfo string, i issued) {
	h := hashOf(transitInfo)
	l.issued[h] = i
	if l.order = append(l.order, h); len(l.order) > maxIssued {
		// Half at once, so that the cost is spread thin.
		for _, old := range l.order[:maxIssued/2] {
			delete(l.issued, old)
		}
		l.order = append([]boxHash(nil), l.order[maxIssued/2:]...)
	}
}

// see notes that an owner opened a box and tells whether its client had a
// pseudonym of the same value that was still good when this one was made.
func (l *ledger) see(transitInfo, atRest string, expires time.Time) (client string, repeat bool) {
	h := hashOf(transitInfo)
	i, ok := l.issued[h]
	if !ok {
		return "", false
	}
	key := seenKey{i.client, atRest}
	before, had := l.seen[key]
	if had && before.box == h {
		return i.client, false
	}
	if len(l.seen) > maxIssued {
		clear(l.seen)
	}
	l.seen[key] = seen{h, i.at, expires}
	if !had {
		return i.client, false
	}
	// Whichever was made later was made needlessly if the earlier one had more
	// than half a minute to live.
	second, end := i.at, before.expires
	if i.at.Before(before.at) {
		second, end = before.at, expires
	}
	return i.client, second.Before(end.Add(-30 * time.Second))
}

func (l *ledger) pend(client string, c Counters) {
	p := l.pending[client]
	if p == nil {
		p = &Counters{}
		l.pending[client] = p
	}
	p.add(c)
}
