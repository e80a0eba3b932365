package pseudo

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTransitStringsThatAreNone(t *testing.T) {
	t.Parallel()
	good := vectors(t).Round.Short
	v1 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, s := range map[string]string{
		"empty": "", "no box": good, "nothing after the colon": good + ":", "nothing before it": ":eyJ",
		"cut point": good[:89] + ":eyJ", "padded point": good + "==:eyJ", "standard alphabet": strings.ReplaceAll(good, "_", "/") + ":eyJ",
		"infinity": "AA:eyJ", "prefix alone": PrefixV2, "v2 prefix without colon": PrefixV2 + good, "v1 prefix with v2": PrefixV1 + good + ":eyJ",
		"v1 no JSON": v1("x"), "v1 without transitInfo": v1(`{"x":"AA==","y":"AA=="}`), "v1 off the curve": v1(`{"x":"AQ==","y":"AQ==","transitInfo":"e"}`),
		"v1 bad base64 inside": v1(`{"x":"!","y":"AQ==","transitInfo":"e"}`), "v1 bad y": v1(`{"x":"AQ==","y":"!","transitInfo":"e"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if p, err := ParseInTransit(s); !errors.Is(err, ErrTransit) {
				t.Errorf("got %v, %v, want %v", p, err, ErrTransit)
			}
		})
	}
}

func TestTransitStringIsSplitAtTheFirstColon(t *testing.T) {
	t.Parallel()
	p, err := ParseInTransit(vectors(t).Round.Short + ":a:b")
	if err != nil || p.TransitInfo != "a:b" {
		t.Errorf("got %q, %v, want a:b", p.TransitInfo, err)
	}
}

func TestWholeAnswerAsBase64URLIsRead(t *testing.T) {
	t.Parallel()
	v := vectors(t)
	raw, err := json.Marshal(map[string]any{"id": "1", "domain": "uhmep_v1", "exp": 1, "x": v.Round.Transit.X, "y": v.Round.Transit.Y, "transitInfo": v.Boxes.TransitInfo})
	if err != nil {
		t.Fatal(err)
	}
	p, err := ParseInTransit(base64.RawURLEncoding.EncodeToString(raw))
	if err != nil || p.String() != v.Round.Short+":"+v.Boxes.TransitInfo {
		t.Errorf("got %v, %v", p, err)
	}
}

func TestAtRestStringsRoundTrip(t *testing.T) {
	t.Parallel()
	a := AtRestOf(mustPoint(t, vectors(t).Round.AtRest))
	b, err := ParseAtRest(a.String())
	if err != nil || a != b || len(a.String()) != 88 {
		t.Errorf("got %v, %v, want %v", b, err, a)
	}
	p, err := a.Point()
	if err != nil || AtRestOf(p) != a {
		t.Errorf("got %v, %v", p, err)
	}
	for _, bad := range []string{"", a.String()[:80], a.String() + "AAAA", strings.Repeat("_", 88)} {
		if got, err := ParseAtRest(bad); err == nil {
			t.Errorf("%q: got %v", bad, got)
		}
	}
}

func TestFreshEndsThirtySecondsBeforeExpiry(t *testing.T) {
	t.Parallel()
	p := InTransit{TransitInfo: vectors(t).Boxes.TransitInfo}
	for _, tc := range []struct {
		now  int64
		want bool
	}{{1750000000, true}, {1750000569, true}, {1750000570, false}, {1750000601, false}} {
		if got := Fresh(p, time.Unix(tc.now, 0)); got != tc.want {
			t.Errorf("at %d: got %v, want %v", tc.now, got, tc.want)
		}
	}
	if Fresh(InTransit{TransitInfo: "x"}, time.Unix(0, 0)) {
		t.Error("a broken box is fresh")
	}
}

func TestValuesThatDoNotFit(t *testing.T) {
	t.Parallel()
	if _, err := PointOf(make([]byte, 57), 8); !errors.Is(err, ErrValueTooLong) {
		t.Errorf("got %v, want %v", err, ErrValueTooLong)
	}
	if _, err := PointOf(nil, 0); err == nil {
		t.Error("bufferSize 0 accepted")
	}
	blinded := mustPoint(t, vectors(t).Round.B)
	if blinded.Plausible(8) {
		t.Error("a blinded point looks like a value")
	}
	if _, err := (Point{}).Value(8); !errors.Is(err, ErrNoValue) {
		t.Errorf("zero point: got %v, want %v", err, ErrNoValue)
	}
}
