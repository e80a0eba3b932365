package pseudo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestRoundTripThroughAService(t *testing.T) {
	t.Parallel()
	_, c := newFake(t)
	d := c.Domain("uhmep_v1")
	for _, value := range []string{"85042101234", "", "\x00\x00a", strings.Repeat("x", 56)} {
		a, err := d.Pseudonymize(t.Context(), []byte(value))
		if err != nil {
			t.Fatal(err)
		}
		b, err := d.Pseudonymize(t.Context(), []byte(value))
		if err != nil {
			t.Fatal(err)
		}
		if a.Point == b.Point || a.TransitInfo == b.TransitInfo {
			t.Errorf("%q: two pseudonyms in transit are equal", value)
		}
		for _, s := range []string{a.String(), a.Standard(), a.FHIR(), a.V1(), PrefixV1 + a.V1(), PrefixV2EHealth + a.Standard()} {
			p, err := ParseInTransit(s)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := d.Identify(t.Context(), p); err != nil || string(got) != value {
				t.Errorf("%q from %.30s…: got %q, %v", value, s, got, err)
			}
		}
	}
}

func TestLongListsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	f, c := newFake(t)
	c.Parallel = 4
	d := c.Domain("uhmep_v1")
	var values [][]byte
	for i := range 37 {
		values = append(values, fmt.Appendf(nil, "850421%05d", i/2)) // with duplicates
	}
	values[20] = []byte(strings.Repeat("x", 57))
	found, err := d.PseudonymizeMultiple(t.Context(), values)
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(found[20].Err, ErrValueTooLong) {
		t.Errorf("too long a value: got %v, want %v", found[20].Err, ErrValueTooLong)
	}
	var back []InTransit
	for i, r := range found {
		if r.Err != nil && i != 20 {
			t.Fatalf("value %d: %v", i, r.Err)
		}
		if i != 20 {
			back = append(back, r.Value)
		}
	}
	back[5].TransitInfo = back[5].TransitInfo[:40]
	identified, err := d.IdentifyMultiple(t.Context(), back)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range identified {
		want := values[i]
		if i >= 20 {
			want = values[i+1]
		}
		if i == 5 {
			if p := (*Problem)(nil); !errors.As(r.Err, &p) || p.Status != 400 || p.InResponseTo == "" {
				t.Errorf("broken element: got %v, want the problem of this element", r.Err)
			}
			continue
		}
		if string(r.Value) != string(want) || r.Err != nil {
			t.Errorf("element %d: got %q, %v, want %q", i, r.Value, r.Err, want)
		}
	}
	if f.hits["pseudonymizeMultiple"] != 4 || f.hits["identifyMultiple"] != 4 {
		t.Errorf("requests: got %v, want 4 of each", f.hits)
	}
}

func TestConversions(t *testing.T) {
	t.Parallel()
	f, c := newFake(t)
	from, to := c.Domain("uhmep_v1"), c.Domain("ehealth_v1")
	p, err := from.Pseudonymize(t.Context(), []byte("85042101234"))
	if err != nil {
		t.Fatal(err)
	}
	owner := NewOwner("uhmep_v1", audienceOf("uhmep_v1"), 8, 10*time.Minute)
	owner.AddKey(f.key, true)
	owner.now = c.Now
	stored, _, err := owner.AtRest(p)
	if err != nil {
		t.Fatal(err)
	}
	one, err := from.Convert(t.Context(), to, p)
	if err != nil {
		t.Fatal(err)
	}
	two, err := from.ConvertAtRest(t.Context(), to, stored)
	if err != nil {
		t.Fatal(err)
	}
	three, err := from.ConvertMultiple(t.Context(), to, []InTransit{p})
	if err != nil {
		t.Fatal(err)
	}
	four, err := from.ConvertMultipleAtRest(t.Context(), to, []AtRest{stored, stored})
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range []InTransit{one, two, three[0].Value, four[0].Value, four[1].Value} {
		if got, err := to.Identify(t.Context(), q); err != nil || string(got) != "85042101234" {
			t.Errorf("conversion %d: got %q, %v", i, got, err)
		}
	}
	if _, err := from.Convert(t.Context(), to, InTransit{Point: p.Point}); !errors.Is(err, ErrTransit) {
		t.Errorf("without a box: got %v, want %v", err, ErrTransit)
	}
	if _, err := from.Identify(t.Context(), one); err == nil || !strings.Contains(err.Error(), "bad aud") {
		t.Errorf("identified in the wrong domain: got %v, want the audience named", err)
	}
}

func TestUnusableAnswersAreErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		twist func(string, map[string]any) any
		want  error
	}{
		{"other domain", set("domain", "ehealth_v1"), ErrAnswer},
		{"off the curve", set("x", "AQ=="), ErrAnswer},
		{"not base64", set("y", "!"), ErrAnswer},
		{"no y", set("y", nil), ErrAnswer},
		{"no object", func(string, map[string]any) any { return []int{1} }, ErrAnswer},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f, c := newFake(t)
			f.twist = tc.twist
			if got, err := c.Domain("uhmep_v1").Pseudonymize(t.Context(), []byte("1")); !errors.Is(err, tc.want) {
				t.Errorf("got %v, %v, want %v", got, err, tc.want)
			}
		})
	}
}

func set(name string, value any) func(string, map[string]any) any {
	return func(_ string, m map[string]any) any {
		m[name] = value
		return m
	}
}

func TestListOfAnotherLengthIsRefused(t *testing.T) {
	t.Parallel()
	f, c := newFake(t)
	f.twist = func(_ string, m map[string]any) any {
		m["outputs"] = m["outputs"].([]any)[1:]
		return m
	}
	_, err := c.Domain("uhmep_v1").PseudonymizeMultiple(t.Context(), [][]byte{[]byte("1"), []byte("2")})
	if !errors.Is(err, ErrAnswer) {
		t.Errorf("got %v, want %v", err, ErrAnswer)
	}
}

func TestRefusalsOfARequestAreProblems(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"problem+json", 403, `{"type":"urn:problem-type:belgif:missingPermission","title":"Forbidden","status":403,"detail":"role lacking"}`, "403 Forbidden: role lacking (trace tr-1)"},
		{"other body", 502, `<html>bad gateway`, "502 Bad Gateway: <html>bad gateway"},
		{"created is no success", 201, `{}`, "201 Created"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f, c := newFake(t)
			f.status, f.body = tc.status, tc.body
			_, err := c.Domain("uhmep_v1").Pseudonymize(t.Context(), []byte("1"))
			var p *Problem
			if !errors.As(err, &p) || p.Status != tc.status || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestIdentifyRefusesAPointWithoutValue(t *testing.T) {
	t.Parallel()
	_, c := newFake(t)
	d := c.Domain("uhmep_v1")
	a, _ := d.Pseudonymize(t.Context(), []byte("85042101234"))
	b, err := d.Pseudonymize(t.Context(), []byte("85042101234"))
	if err != nil {
		t.Fatal(err)
	}
	// A box of another pseudonym cannot be told apart by the service.
	if got, err := d.Identify(t.Context(), InTransit{a.Point, b.TransitInfo}); !errors.Is(err, ErrNoValue) {
		t.Errorf("got %q, %v, want %v", got, err, ErrNoValue)
	}
}

func TestCacheAsksOnceUntilShortlyBeforeExpiry(t *testing.T) {
	t.Parallel()
	f, c := newFake(t)
	d := c.Domain("uhmep_v1")
	d.Cache = &Cache{}
	ask := func(want int) {
		t.Helper()
		if _, err := d.Pseudonymize(t.Context(), []byte("85042101234")); err != nil {
			t.Fatal(err)
		}
		if f.hits["pseudonymize"] != want {
			t.Errorf("got %d requests, want %d", f.hits["pseudonymize"], want)
		}
	}
	ask(1)
	f.now = f.now.Add(9*time.Minute + 29*time.Second)
	ask(1)
	f.now = f.now.Add(time.Second)
	ask(2)
	if r, err := d.PseudonymizeMultiple(t.Context(), [][]byte{[]byte("85042101234")}); err != nil || r[0].Err != nil || f.hits["pseudonymizeMultiple"] != 0 {
		t.Errorf("a list of kept values sends a request: %v, %v, %v", r, err, f.hits)
	}
	d.Cache.Clear()
	ask(3)
}

func TestTokenErrorsStopTheCall(t *testing.T) {
	t.Parallel()
	f, c := newFake(t)
	broken := errors.New("login gone")
	c.Token = func(context.Context) (string, error) { return "", broken }
	if _, err := c.Domain("uhmep_v1").Pseudonymize(t.Context(), []byte("1")); !errors.Is(err, broken) || len(f.hits) != 0 {
		t.Errorf("got %v and %v, want the error and no request", err, f.hits)
	}
}
