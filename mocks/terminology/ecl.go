package terminology

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/ecl"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// eclCache keeps results of expressions, the least recently used go first. It is safe for all goroutines.
type eclCache struct {
	mu    sync.Mutex
	limit int // bytes
	size  int
	order *list.List // of *eclResult, most recent first
	byKey map[eclKey]*list.Element
}

type eclKey struct {
	edition *snomed.Edition
	text    string
}

type eclResult struct {
	key   eclKey
	set   tx.Set
	wrong []string // terms between pipes that are none of their concept's
}

func newECLCache(limit int) *eclCache {
	return &eclCache{limit: limit, order: list.New(), byKey: map[eclKey]*list.Element{}}
}

func (c *eclCache) get(k eclKey) (*eclResult, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byKey[k]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(el)
	return el.Value.(*eclResult), true
}

func (c *eclCache) put(r *eclResult) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[r.key]; ok {
		return
	}
	c.byKey[r.key] = c.order.PushFront(r)
	c.size += r.bytes()
	for c.size > c.limit && c.order.Len() > 0 {
		c.drop(c.order.Back())
	}
}

func (c *eclCache) drop(el *list.Element) {
	r := c.order.Remove(el).(*eclResult)
	delete(c.byKey, r.key)
	c.size -= r.bytes()
}

// bytes is about what a result takes; the terms that are kept are part of the expression's text.
func (r *eclResult) bytes() int { return len(r.set)*8 + 2*len(r.key.text) }

// forget drops the results of a release.
func (c *eclCache) forget(e *snomed.Edition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, el := range c.byKey {
		if k.edition == e {
			c.drop(el)
		}
	}
}

// evaluate answers an expression constraint; the set is a copy.
func (s *Service) evaluate(ctx context.Context, e *snomed.Edition, text string) (tx.Set, *tx.Problem) {
	k := eclKey{e, text}
	if r, ok := s.cache.get(k); ok {
		noteTerms(ctx, r.wrong)
		return r.set.Clone(), nil
	}
	n, err := ecl.Parse(text)
	if err != nil {
		return nil, eclProblem(text, err)
	}
	wrong := wrongTerms(n, e)
	noteTerms(ctx, wrong)
	set, err := ecl.Evaluate(ctx, n, e)
	if err != nil {
		return nil, eclProblem(text, err)
	}
	s.cache.put(&eclResult{k, set, wrong})
	return set.Clone(), nil
}

// eclProblem words an expression error for the client. The expression is quoted, for a client may send many.
func eclProblem(text string, err error) *tx.Problem {
	const most = 300 // bytes of the expression that are quoted
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	p := &tx.Problem{Status: http.StatusUnprocessableEntity, Issues: []tx.Issue{{Severity: "error", Code: "invalid", Type: "vs-invalid",
		Text: fmt.Sprintf("%v in the expression '%s'", err, text)}}}
	var x *ecl.Error
	switch {
	case errors.As(err, &x) && x.Unsupported:
		p.Issues[0].Code, p.Issues[0].Type = "not-supported", ""
	case errors.As(err, &x):
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		p.Status = http.StatusServiceUnavailable
		p.Issues[0] = tx.Issue{Severity: "error", Code: "timeout", Text: "the request took too long"}
	}
	return p
}

// wrongTerms lists the terms between pipes that are none of their concept's; they are ignored otherwise.
func wrongTerms(n ecl.Node, e *snomed.Edition) []string {
	var wrong []string
	ecl.Walk(n, func(s *ecl.Sub) {
		if s.Term == "" || len(wrong) == 20 {
			return
		}
		c, ok := e.Concept(s.ID)
		if ok && !slices.ContainsFunc(e.Descriptions(c), func(d snomed.Description) bool { return strings.EqualFold(d.Term, s.Term) }) {
			wrong = append(wrong, snomed.ID(s.ID)+" |"+s.Term+"|")
		}
	})
	return wrong
}

// noteTerms tells the journal about them, also when the result was cached.
func noteTerms(ctx context.Context, wrong []string) {
	if len(wrong) > 0 {
		journal.Note(ctx, "ecl-terms", wrong)
	}
}
