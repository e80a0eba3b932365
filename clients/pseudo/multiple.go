package pseudo

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
)

// MaxInputs is how many values one request may carry.
const MaxInputs = 10

// Result is the outcome of one element of a list: a value, or the error that
// befell this element alone.
type Result[T any] struct {
	Value T
	Err   error
}

// PseudonymizeMultiple turns values into pseudonyms in transit, ten to a
// request. Results stand in the order of the values. The error is that of a
// request that failed as a whole; results of other requests are then lost.
func (d *Domain) PseudonymizeMultiple(ctx context.Context, values [][]byte) ([]Result[InTransit], error) {
	out := make([]Result[InTransit], len(values))
	var jobs []job
	var at []int
	for i, v := range values {
		if p, ok := d.Cache.get(d.Key, v, d.client.now()); ok {
			out[i].Value = p
			continue
		}
		j, err := d.valueJob(v)
		if err != nil {
			out[i].Err = err
			continue
		}
		jobs, at = append(jobs, j), append(at, i)
	}
	found, err := d.multiple(ctx, d.path("pseudonymizeMultiple"), d.Key, jobs)
	if err != nil {
		return nil, err
	}
	for n, i := range at {
		out[i] = found[n]
		if found[n].Err == nil {
			d.Cache.put(d.Key, values[i], found[n].Value)
		}
	}
	return out, nil
}

// IdentifyMultiple turns pseudonyms in transit back into values, ten to a
// request, as [Domain.PseudonymizeMultiple] does.
func (d *Domain) IdentifyMultiple(ctx context.Context, pseudonyms []InTransit) ([]Result[[]byte], error) {
	found, err := d.points(ctx, d.path("identifyMultiple"), d.Key, pseudonyms)
	if err != nil {
		return nil, err
	}
	out := make([]Result[[]byte], len(found))
	for i, r := range found {
		if out[i].Err = r.Err; r.Err == nil {
			out[i].Value, out[i].Err = d.value(r.Value)
		}
	}
	return out, nil
}

// ConvertMultiple turns pseudonyms in transit of this domain into those of
// another, ten to a request.
func (d *Domain) ConvertMultiple(ctx context.Context, to *Domain, pseudonyms []InTransit) ([]Result[InTransit], error) {
	return d.points(ctx, d.path("convertMultipleTo", to.Key), to.Key, pseudonyms)
}

// ConvertMultipleAtRest turns stored pseudonyms of this domain into pseudonyms
// in transit of another, ten to a request.
func (d *Domain) ConvertMultipleAtRest(ctx context.Context, to *Domain, stored []AtRest) ([]Result[InTransit], error) {
	pseudonyms := make([]InTransit, len(stored))
	for i, a := range stored {
		p, err := a.Point()
		if err != nil {
			return nil, err
		}
		pseudonyms[i].Point = p
	}
	return d.points(ctx, d.path("convertMultipleTo", to.Key), to.Key, pseudonyms)
}

func (d *Domain) points(ctx context.Context, path, target string, pseudonyms []InTransit) ([]Result[InTransit], error) {
	jobs := make([]job, len(pseudonyms))
	for i, p := range pseudonyms {
		var err error
		if jobs[i], err = d.pointJob(p.Point, p.TransitInfo); err != nil {
			return nil, err
		}
	}
	return d.multiple(ctx, path, target, jobs)
}

func (d *Domain) multiple(ctx context.Context, path, target string, jobs []job) ([]Result[InTransit], error) {
	out := make([]Result[InTransit], len(jobs))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	parallel := d.client.Parallel
	if parallel < 1 {
		parallel = 2
	}
	slots := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for from := 0; from < len(jobs) && ctx.Err() == nil; from += MaxInputs {
		to := min(from+MaxInputs, len(jobs))
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := d.batch(ctx, path, target, jobs[from:to], out[from:to]); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return out, nil
}

func (d *Domain) batch(ctx context.Context, path, target string, jobs []job, out []Result[InTransit]) error {
	body := struct {
		Inputs []item `json:"inputs"`
	}{}
	for _, j := range jobs {
		body.Inputs = append(body.Inputs, j.item)
	}
	raw, err := d.client.call(ctx, "POST", path, body)
	if err != nil {
		return err
	}
	var a struct{ Outputs []json.RawMessage }
	if err := json.Unmarshal(raw, &a); err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	// The service pairs by position; a list of another length would put a
	// pseudonym with the wrong patient.
	if len(a.Outputs) != len(jobs) {
		return fmt.Errorf("%w: %d outputs for %d inputs", ErrAnswer, len(a.Outputs), len(jobs))
	}
	for i, j := range jobs {
		out[i].Value, out[i].Err = j.read(a.Outputs[i], target)
	}
	return nil
}
