package pseudo_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
)

func TestTrap16JKUIsExact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil)
	for _, want := range []string{
		"https://api-acpt.ehealth.fgov.be/etee/v1/pubKeys/cacerts/jwks?identifier=0406798006&type=CBE&applicationIdentifier=UHMEP&use=enc",
		"https://api-acpt.ehealth.fgov.be/etee/v1/pubKeys/cacerts/jwks?identifier=0809394427&type=CBE&applicationIdentifier=PSEUDONYMISATION&use=enc",
	} {
		if strings.Count(string(a.raw), `"`+want+`"`) != 3 { // the list, and one recipient of each key
			t.Errorf("%s: got %s", want, a.raw)
		}
	}
	if strings.Contains(string(a.raw), "&amp;") || strings.Contains(string(a.raw), `\u0026`) {
		t.Error("& is escaped")
	}
}

func TestTrap17SuccessIsExactly200(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, _ := blinded(t, value(t, "1"), "a")
	for _, a := range []answer{
		w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil), w.post("uhmep_v1/pseudonymize", "all", i),
		w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": []any{i}}), w.post("uhmep_v1/convertTo/ehealth_v1", "backend", i),
	} {
		if a.status != http.StatusOK || a.header.Get("Content-Encoding") != "" {
			t.Errorf("got %d %v", a.status, a.header)
		}
	}
}

func TestTrap18NothingMoreIsRequired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := value(t, "1")
	a := w.post("uhmep_v1/pseudonymize", "all", in{"id": "no uuid", "x": b64(trim(p.X())), "y": b64(trim(p.Y()))}, "From", "", "User-Agent", "", "Accept", "")
	if a.status != 200 || a.body["inResponseTo"] != "no uuid" {
		t.Errorf("got %d %s", a.status, a)
	}
}

func TestTrap19ValueIsNotLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, v := range []string{"", "\x00\x00", "not a number", strings.Repeat("x", 56)} {
		p := w.transit("uhmep_v1", v)
		if got, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != v {
			t.Errorf("got %q, %v, want %q", got, err, v)
		}
	}
}

func TestTrap20PointsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, op := range []string{"uhmep_v1/pseudonymize", "uhmep_v1/identify", "uhmep_v1/convertTo/ehealth_v1"} {
		for _, xy := range [][2]string{{"AQ==", "AQ=="}, {"AA==", "AA=="}, {"/w==", "AA=="}} {
			if a := w.post(op, "backend", in{"x": xy[0], "y": xy[1], "transitInfo": w.transit("uhmep_v1", "1").TransitInfo}); a.status != 400 {
				t.Errorf("%s %v: got %d", op, xy, a.status)
			}
		}
	}
}

func TestTrap21SkewIsSixtySeconds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "1")
	item, _ := blinded(t, p.Point, "a")
	item["transitInfo"] = p.TransitInfo
	for seconds, want := range map[int]int{-61: 400, -60: 200, 0: 200, 600: 200, 660: 200, 661: 400} {
		w.at(start.Add(time.Duration(seconds) * time.Second))
		a := w.post("uhmep_v1/identify", "all", item)
		if a.status != want {
			t.Errorf("%d s after: got %d %s, want %d", seconds, a.status, a, want)
		}
		if detail, _ := a.body["detail"].(string); seconds == 661 && detail != "the transitInfo expired at 1750000600" {
			t.Errorf("detail: got %q", detail)
		}
	}
}

func TestTrap22PayloadCountsAndAlgorithmsComeFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "1")
	item, _ := blinded(t, p.Point, "a")
	_, rest, _ := strings.Cut(p.TransitInfo, ".")
	header := "eyJhbGciOiJub25lIiwiZW5jIjoiQTI1NkdDTSIsImF1ZCI6ImEiLCJleHAiOjk5OTk5OTk5OTl9" // alg none
	a := w.post("uhmep_v1/identify", "all", item.with("transitInfo", header+"."+rest))
	if detail, _ := a.body["detail"].(string); a.status != 400 || !strings.Contains(detail, "alg") {
		t.Errorf("got %d %s, want alg refused", a.status, a)
	}
}

func TestTrap23FivePartsAreSeparate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	info := w.transit("uhmep_v1", "1").TransitInfo
	parts := strings.Split(info, ".")
	if len(parts) != 5 || parts[1] != "" || len(parts[2]) != 16 || len(parts[3]) != 180 || len(parts[4]) != 22 {
		t.Errorf("got %v, want header..12 bytes.135 bytes.16 bytes", parts)
	}
}

func TestTrap24IdentityIsXAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.service.Owned("uhmep_v1")
	want, err := o.AtRest(w.t, "85042101234")
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		transit, err := o.Mint(w.t, want) // rebuilt from x: the sign of y is lost
		if err != nil {
			t.Fatal(err)
		}
		if got, err := o.Open(w.t, transit); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
		p, err := client.ParseInTransit(transit)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != "85042101234" {
			t.Errorf("identified: got %q, %v", got, err)
		}
	}
}

func TestTrap25MultiplierOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	a, b := newWorld(t), newWorld(t)
	p := a.transit("uhmep_v1", "85042101234")
	if got, err := b.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != "85042101234" {
		t.Errorf("another process: got %q, %v", got, err)
	}
}

func TestTrap26LeadingZerosAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	short := 0
	for range 200 {
		i, _ := blinded(t, value(t, "1"), "a")
		a := w.post("uhmep_v1/pseudonymize", "all", i)
		x, _ := a.body["x"].(string)
		if len(x) != 88 {
			t.Fatalf("x: got %d characters", len(x))
		}
		if strings.HasPrefix(x, "AA") {
			short++
		}
	}
	if short == 0 {
		t.Error("no x below 2^516 in 200: this test has shown nothing")
	}
}

func TestTrap27ValuesMayStartWithZeros(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, err := w.service.Owned("uhmep_v1").AtRest(w.t, "\x00a")
	b, berr := w.service.Owned("uhmep_v1").AtRest(w.t, "a")
	if err != nil || berr != nil || a == b {
		t.Errorf("got %s, %v and %s, %v, want two", a, err, b, berr)
	}
}

func TestTrap28PreflightNeedsNoToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.send(http.MethodOptions, "/pseudo/v1/domains/uhmep_v1/identify", "", nil, "Origin", "https://a.example", "Access-Control-Request-Method", "POST")
	if a.status != 200 || a.header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("got %d %v", a.status, a.header)
	}
}

func TestTrap29EveryOutputHasItsOwnT(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, _ := blinded(t, value(t, "1"), "a")
	out := outputs(w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": []any{i, i, i}}))
	for _, name := range []string{"id", "x", "transitInfo"} {
		if out[0][name] == out[1][name] || out[1][name] == out[2][name] || out[0][name] == out[2][name] {
			t.Errorf("%s: got equal ones for equal inputs", name)
		}
	}
}

func TestTrap30NoSecretReachesJournalOrLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var log strings.Builder
	w.t.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p := w.transit("uhmep_v1", "85042101234")
	if _, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil)
	scalar := w.openBox(map[string]any{"x": b64(p.Point.X()), "y": b64(p.Point.Y()), "transitInfo": p.TransitInfo})
	keys := w.send("GET", "/_sandbox/pseudo/domains/uhmep_v1/keys", "", nil)
	all, err := json.Marshal(w.t.Journal.Entries(journal.Filter{}))
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{scalar, "AYa6okKaK0BPiRzTzYAOdm2YvY2S59qPvUC0d9Ib3Id72szLqfahHCHIyHIXwuMl80doChwo9+sVg43Do9GaAF8G",
		"e7PKoechOZ23yolZD4NR-Ihd4TX2hQzLcbYvq_TcKjI", "r9DwXjRP3nBxYA49XjqqwESj7eAFuxhCoz6AENoRlok"}
	for _, s := range secrets {
		if strings.Contains(string(all), s) || strings.Contains(log.String(), s) {
			t.Errorf("the secret %.12s… is in journal or log", s)
		}
	}
	if !strings.Contains(string(keys.raw), secrets[2]) {
		t.Error("the control API does not show the key: this test has shown nothing")
	}
}
