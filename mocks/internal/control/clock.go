package control

import (
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// clockBody shows a tenant's clock.
func clockBody(t *tenant.Tenant) map[string]any {
	s := t.Clock.State()
	body := map[string]any{"now": t.Clock.Now().Format(time.RFC3339Nano), "mode": s.Mode(), "offset": s.Offset.String()}
	if s.Freeze != nil {
		body["freeze"] = s.Freeze.Format(time.RFC3339Nano)
	}
	return body
}

func (h *Handler) clock(r *http.Request) (any, error) {
	t := tenant.From(r.Context())
	body := clockBody(t)
	if at, ok := h.NextTransition(t); ok {
		body["next_transition"] = at.UTC().Format(time.RFC3339)
	}
	return body, nil
}

// clockChange is the body of PUT /clock: exactly one member.
type clockChange struct {
	Freeze        any      `json:"freeze"`         // RFC 3339 instant, or true for now
	Offset        string   `json:"offset"`         // from the machine's time
	OffsetSeconds *float64 `json:"offset_seconds"` // the same in seconds
	Advance       string   `json:"advance"`        // from the tenant's present
	To            string   `json:"to"`             // "next-transition", or an RFC 3339 instant
	Real          bool     `json:"real"`
}

func (h *Handler) setClock(r *http.Request) (any, error) {
	t := tenant.From(r.Context())
	var in clockChange
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if n := in.members(); n != 1 {
		return nil, bad("clock", fmt.Sprintf("%d members: give exactly one of freeze, offset, offset_seconds, advance, to, real", n))
	}
	before := t.Clock.State()
	if err := h.change(t, in); err != nil {
		return nil, err
	}
	if at := t.Clock.Now(); !clock.Holds(at) {
		t.Clock.Set(before)
		return nil, bad("clock", "the clock cannot go to the year "+strconv.Itoa(at.Year())+": give an instant from 1900 to 2199")
	}
	if err := h.Tenants.Save(t); err != nil {
		return nil, err
	}
	return h.clock(r)
}

func (c clockChange) members() int {
	n := 0
	for _, set := range []bool{c.Freeze != nil, c.Offset != "", c.OffsetSeconds != nil, c.Advance != "", c.To != "", c.Real} {
		if set {
			n++
		}
	}
	return n
}

func (h *Handler) change(t *tenant.Tenant, in clockChange) error {
	switch {
	case in.Real:
		t.Clock.Set(clock.State{})
	case in.Freeze != nil:
		at := t.Clock.Now()
		if s, ok := in.Freeze.(string); ok {
			parsed, err := time.Parse(time.RFC3339Nano, s)
			if err != nil {
				return bad("clock", "freeze is not an RFC 3339 instant such as 2026-03-01T09:00:00Z")
			}
			at = parsed
		} else if in.Freeze != true {
			return bad("clock", "freeze is an RFC 3339 instant, or true for the present")
		}
		t.Clock.Set(clock.State{Freeze: &at})
	case in.OffsetSeconds != nil:
		if math.Abs(*in.OffsetSeconds) > maxShift.Seconds() {
			return bad("clock", "offset_seconds is out of range")
		}
		t.Clock.Set(clock.State{Offset: time.Duration(*in.OffsetSeconds * float64(time.Second))})
	case in.Offset != "":
		d, err := ParseDuration(in.Offset)
		if err != nil {
			return bad("clock", err.Error())
		}
		t.Clock.Set(clock.State{Offset: d})
	case in.Advance != "":
		d, err := ParseDuration(in.Advance)
		if err != nil {
			return bad("clock", err.Error())
		}
		t.Clock.Advance(d)
	default:
		return h.jump(t, in.To)
	}
	return nil
}

func (h *Handler) jump(t *tenant.Tenant, to string) error {
	if to == "next-transition" {
		at, ok := h.NextTransition(t)
		if !ok {
			return &respond.Refusal{Status: http.StatusConflict, Code: "no-transition", Message: "nothing in this tenant's world is due to change by itself", Rule: "control-clock"}
		}
		t.Clock.JumpTo(at)
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, to)
	if err != nil {
		return bad("clock", `to is "next-transition" or an RFC 3339 instant`)
	}
	t.Clock.JumpTo(at)
	return nil
}

// maxShift bounds clock changes to what dates can hold.
const maxShift = 100 * 365 * 24 * time.Hour

var isoDuration = regexp.MustCompile(`^(-)?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// ParseDuration reads an ISO 8601 duration without years and months (PT10M,
// P2D, -PT30S) or Go's form (48h, 10m30s).
func ParseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if m := isoDuration.FindStringSubmatch(s); err != nil && m != nil && len(s) > 2 && s[len(s)-1] != 'T' && s[len(s)-1] != 'P' {
		units := []float64{7 * 24 * 3600, 24 * 3600, 3600, 60, 1}
		total := 0.0
		for i, u := range units {
			n, _ := strconv.ParseFloat("0"+m[i+2], 64)
			total += n * u
		}
		if m[1] == "-" {
			total = -total
		}
		if math.Abs(total) > maxShift.Seconds() {
			return 0, fmt.Errorf("%q is too long", s)
		}
		return time.Duration(total * float64(time.Second)), nil
	}
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration: write 48h, 10m or PT10M, P2D", s)
	}
	if d > maxShift || d < -maxShift {
		return 0, fmt.Errorf("%q is too long", s)
	}
	return d, nil
}
