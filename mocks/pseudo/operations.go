package pseudo

import (
	"encoding/json"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// single answers pseudonymize, identify and convertTo.
func (s *Service) single(c *call, op conversion) (any, error) {
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	m, err := object(body)
	if err != nil {
		return nil, badRequest("pseudo-json", "the request is not a JSON object", err.Error(), "one item")
	}
	i, refusal := itemOf(m)
	if refusal != nil {
		return nil, refusal
	}
	l, err := c.draw(op)
	if err != nil {
		return nil, err
	}
	res, err := c.convert(i, op, l)
	if err != nil {
		return nil, err
	}
	c.note(res)
	s.count(c, op, 1, false, []result{res})
	if res.refusal != nil {
		return nil, res.refusal
	}
	return res.output, nil
}

// multiple answers the same for lists: as many outputs as inputs, in their
// order, each bad input with a problem in its place.
func (s *Service) multiple(c *call, op conversion) (any, error) {
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	inputs, refusal := parseInputs(body)
	if refusal != nil {
		return nil, refusal
	}
	items := make([]*item, len(inputs))
	results := make([]result, len(inputs))
	lots := make([]lot, len(inputs))
	for n, raw := range inputs {
		items[n], results[n].refusal = parseItem(raw)
		if lots[n], err = c.draw(op); err != nil {
			return nil, err
		}
	}
	err = spread(len(items), func(n int) error {
		if results[n].refusal != nil {
			return nil //nolint:nilerr // a refused item keeps its place; the others go on
		}
		var err error
		results[n], err = c.convert(items[n], op, lots[n])
		return err
	})
	if err != nil {
		return nil, err
	}
	outputs := make([]any, len(results))
	refused := 0
	for n, res := range results {
		c.note(res)
		if outputs[n] = res.output; res.refusal != nil {
			outputs[n] = dialect(nil, res.refusal).Body
			refused++
		}
	}
	journal.Note(c.ctx, "inputs", len(inputs))
	if refused > 0 {
		journal.Note(c.ctx, "refused_inputs", refused)
	}
	s.count(c, op, len(inputs), true, results)
	return map[string]any{"outputs": outputs}, nil
}

// parseInputs finds the list; only its absence or size refuses a whole request.
func parseInputs(body []byte) ([]json.RawMessage, *respond.Refusal) {
	m, err := object(body)
	if err != nil {
		return nil, badRequest("pseudo-json", "the request is not a JSON object", err.Error(), `{"inputs":[…]}`)
	}
	raw := m["inputs"]
	var inputs []json.RawMessage
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &inputs) != nil {
		return nil, badRequest("pseudo-inputs", "inputs must be an array", clip(string(raw)), `{"inputs":[…]}`)
	}
	if n := len(inputs); n < 1 || n > maxInputs {
		f := badRequest("pseudo-inputs-size", "inputs must have 1 to "+strconv.Itoa(maxInputs)+" elements", strconv.Itoa(n), "1 to "+strconv.Itoa(maxInputs))
		f.Hint = "send further values in another request"
		return nil, f
	}
	return inputs, nil
}

// note tells the journal how an item fared. Scalars never get there.
func (c *call) note(res result) {
	if h := res.box; h != nil && h.KeyID != "" {
		journal.Note(c.ctx, "transit_info", map[string]any{"kid": h.KeyID, "aud": h.Audience, "iat": h.IssuedAt, "exp": h.Expires})
	}
	if res.bare {
		journal.Warn(c.ctx, "pseudo-not-blinded", "the point was not blinded: the value can be read from it, which at the real service would disclose it; multiply by a fresh random number first")
	}
	if f := res.refusal; f != nil {
		where := ""
		if id, ok := f.Detail.(*string); ok {
			where = " (id " + clip(*id) + ")"
		}
		journal.Record(c.ctx, f.Rule, false, f.Message+where+": "+f.Got, f.Want, f.Hint)
	}
}

// spread runs fn for 0…n-1 on all cores and returns the first error.
func spread(n int, fn func(int) error) error {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers < 2 {
		for i := range n {
			if err := fn(i); err != nil {
				return err
			}
		}
		return nil
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := fn(i); err != nil {
					once.Do(func() { first = err })
					return
				}
			}
		})
	}
	wg.Wait()
	return first
}
