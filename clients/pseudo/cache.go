package pseudo

import (
	"sync"
	"time"
)

// freshMargin is how long before its expiry a pseudonym in transit is no longer
// handed out, as in the Smals toolkit.
const freshMargin = 30 * time.Second

// Fresh reports whether a pseudonym in transit may still be sent: the open part
// of its box names an expiry more than 30 seconds away.
func Fresh(p InTransit, now time.Time) bool {
	h, err := ParseHeader(p.TransitInfo)
	return err == nil && h.Expires > 0 && now.Before(time.Unix(h.Expires, 0).Add(-freshMargin))
}

// Cache keeps pseudonyms in transit per domain and value until shortly before
// they expire; the service expects callers not to ask twice for a value within
// its life. The zero Cache is ready to use and may be shared by goroutines. A
// nil *Cache keeps nothing.
type Cache struct {
	mu   sync.Mutex
	held map[cacheKey]InTransit
}

type cacheKey struct{ domain, value string }

func (c *Cache) get(domain string, value []byte, now time.Time) (InTransit, bool) {
	if c == nil {
		return InTransit{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := cacheKey{domain, string(value)}
	p, ok := c.held[key]
	if ok && !Fresh(p, now) {
		delete(c.held, key)
		return InTransit{}, false
	}
	return p, ok
}

func (c *Cache) put(domain string, value []byte, p InTransit) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = map[cacheKey]InTransit{}
	}
	c.held[cacheKey{domain, string(value)}] = p
}

// Clear drops everything.
func (c *Cache) Clear() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = nil
}
