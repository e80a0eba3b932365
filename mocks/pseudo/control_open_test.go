package pseudo_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
)

func TestOpenShowsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "85042101234")
	want := w.send("GET", "/_sandbox/pseudo/domains/uhmep_v1/at-rest/85042101234", "", nil)
	w.at(start.Add(time.Hour))
	for _, s := range []string{p.String(), p.Standard(), p.FHIR(), p.V1(), "  " + p.String() + "\n"} {
		a := w.send("POST", "/_sandbox/pseudo/open", "", in{"pseudonym": s})
		if a.status != 200 || a.body["value"] != "85042101234" || a.body["at_rest"] != want.body["at_rest"] || a.body["domain"] != "uhmep_v1" ||
			a.body["expired"] != true || a.body["seconds_left"] != -3000.0 {
			t.Errorf("got %d %s", a.status, a)
		}
	}
	other := w.transit("uhmep_v1", "1")
	a := w.send("POST", "/_sandbox/pseudo/open", "", in{"pseudonym": client.InTransit{Point: p.Point, TransitInfo: other.TransitInfo}.String()})
	if a.status != 200 || a.body["value"] != nil || a.body["value_hint"] == nil {
		t.Errorf("box of another pseudonym: got %d %s", a.status, a)
	}
	key := w.transit("uhmep_v1", string([]byte{0xff, 0, 1}))
	if a = w.send("POST", "/_sandbox/pseudo/open", "", in{"pseudonym": key.String()}); a.body["value_base64"] != "/wAB" {
		t.Errorf("binary value: got %s", a)
	}
	for name, tc := range map[string]struct {
		body   in
		status int
	}{
		"nothing": {in{}, 400}, "no box": {in{"pseudonym": p.Point.Short()}, 400}, "wrong domain": {in{"pseudonym": p.String(), "domain": "ehealth_v1"}, 400},
		"unknown domain": {in{"pseudonym": p.String(), "domain": "x"}, 404}, "unknown member": {in{"pseudo": "x"}, 400},
	} {
		if a := w.send("POST", "/_sandbox/pseudo/open", "", tc.body); a.status != tc.status {
			t.Errorf("%s: got %d %s, want %d", name, a.status, a, tc.status)
		}
	}
}

func TestInTransitOnDemand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.send("GET", "/_sandbox/pseudo/domains/uhmep_v1/in-transit/85042101234", "", nil)
	short, _ := a.body["short"].(string)
	p, err := client.ParseInTransit(short)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != "85042101234" || a.body["exp"] != 1750000600.0 {
		t.Errorf("got %q, %v from %s", got, err, a)
	}
	for _, path := range []string{"uhmep_v1/in-transit/" + strings.Repeat("x", 57), "uhmep_v1/at-rest/" + strings.Repeat("x", 57)} {
		if a := w.send("GET", "/_sandbox/pseudo/domains/"+path, "", nil); a.status != 400 {
			t.Errorf("%s: got %d", path, a.status)
		}
	}
	for _, call := range []string{"GET x", "GET x/keys", "GET x/at-rest/1", "GET x/in-transit/1", "POST x/rotate", "DELETE x"} {
		method, path, _ := strings.Cut(call, " ")
		if a := w.send(method, "/_sandbox/pseudo/domains/"+path, "", nil); a.status != 404 {
			t.Errorf("%s: got %d, want 404", call, a.status)
		}
	}
}

func TestExplainShowsOneRound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.send("POST", "/_sandbox/pseudo/explain", "", in{"value": "85042101234"})
	var got struct {
		Steps []struct {
			Who, What, Formula, Text string
			Point                    *struct{ X, Y, SEC1 string }
			Numbers                  map[string]any
		}
	}
	if err := json.Unmarshal(a.raw, &got); err != nil || a.status != 200 || len(got.Steps) != 9 {
		t.Fatalf("got %d %s, %v", a.status, a, err)
	}
	atRest := w.send("GET", "/_sandbox/pseudo/domains/uhmep_v1/at-rest/85042101234", "", nil)
	if got.Steps[5].Point.X != atRest.body["x"] {
		t.Errorf("at rest: got %s, want %s", got.Steps[5].Point.X, atRest.body["x"])
	}
	if got.Steps[0].Point.X != got.Steps[8].Point.X || got.Steps[8].Text != "85042101234" {
		t.Error("the round does not come back to the value")
	}
	// The numbers can be checked by hand: B = r·V.
	r, _ := got.Steps[1].Numbers["r"].(string)
	s, err := client.NewScalar(unb64(t, r))
	if err != nil {
		t.Fatal(err)
	}
	b, err := value(t, "85042101234").Mul(s)
	if err != nil || b64(b.X()) != got.Steps[1].Point.X {
		t.Errorf("B: got %s, want r·V", got.Steps[1].Point.X)
	}
	for name, tc := range map[string]struct {
		body   in
		status int
	}{"too long": {in{"value": strings.Repeat("x", 57)}, 400}, "unknown domain": {in{"value": "1", "domain": "x"}, 404}, "another domain": {in{"value": "1", "domain": "ehealth_v1"}, 200}} {
		if a := w.send("POST", "/_sandbox/pseudo/explain", "", tc.body); a.status != tc.status {
			t.Errorf("%s: got %d %s", name, a.status, a)
		}
	}
}

func (w *world) counters(client string) map[string]any {
	w.tb.Helper()
	return w.send("GET", "/_sandbox/pseudo/counters?client_id="+client, "", nil).body
}

func TestDomainFetchesAreCountedAndSurvive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 3 {
		w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil)
		warned := len(w.last().Warnings) > 0 && w.last().Warnings[0].Rule == "8.3-d"
		if warned != (i > 0) {
			t.Errorf("fetch %d: warned %v", i+1, warned)
		}
	}
	w.send("GET", "/pseudo/v1/domains/uhmep_v1", "other", nil)
	w.t.DropSlots() // what a restart loses
	if got := w.counters("ehr")["domain_fetches"]; got != 3.0 {
		t.Errorf("got %v, want 3", got)
	}
	if got := w.counters("other")["domain_fetches"]; got != 1.0 {
		t.Errorf("another client: got %v, want 1", got)
	}
	if a := w.send("GET", "/_sandbox/pseudo/counters", "", nil); a.status != 400 {
		t.Errorf("without client_id: got %d", a.status)
	}
}

func TestSinglesThatOneMultipleCouldHaveServedAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, _ := blinded(t, value(t, "1"), "a")
	for range 3 {
		w.post("uhmep_v1/pseudonymize", "all", i)
	}
	w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": []any{i, i}})
	got := w.counters("ehr")
	if got["avoidable_singles"] != 2.0 || got["singles"] != 3.0 || got["multiples"] != 1.0 || got["items"] != 5.0 {
		t.Errorf("got %v", got)
	}
	warned := w.t.Journal.Entries(journal.Filter{Rule: "8.3-b"})
	if len(warned) != 2 {
		t.Errorf("warnings: got %d, want 2", len(warned))
	}
}

func TestPseudonymsMadeTwiceAreNoticedWhenOpened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.service.Owned("uhmep_v1")
	open := func(p client.InTransit) {
		t.Helper()
		if _, err := o.Open(w.t, p.String()); err != nil {
			t.Fatal(err)
		}
	}
	a := w.transit("uhmep_v1", "85042101234")
	open(a)
	open(a) // the same string again is what caching means
	open(w.transit("uhmep_v1", "00000000097"))
	if got := w.counters("ehr")["repeats"]; got != 0.0 {
		t.Errorf("used again: got %v repeats, want 0", got)
	}
	b := w.transit("uhmep_v1", "85042101234")
	open(b)
	if got := w.counters("ehr")["repeats"]; got != 1.0 {
		t.Errorf("made again: got %v, want 1", got)
	}
	w.at(start.Add(9*time.Minute + 31*time.Second))
	open(w.transit("uhmep_v1", "85042101234"))
	if got := w.counters("ehr")["repeats"]; got != 1.0 {
		t.Errorf("made when the earlier one was about to expire: got %v, want 1", got)
	}
}

func TestOwnedSaysWhyItCannotOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "1")
	for name, tc := range map[string]struct {
		domain, transit string
		after           time.Duration
		want            string
	}{
		"unreadable":     {"uhmep_v1", "x", 0, "not a pseudonym"},
		"other domain":   {"ehealth_v1", p.String(), 0, "bad aud"},
		"expired":        {"uhmep_v1", p.String(), time.Hour, "expired at 1750000600"},
		"future":         {"uhmep_v1", p.String(), -time.Hour, "not valid before"},
		"unknown domain": {"x", p.String(), 0, "no domain x"},
	} {
		w.at(start.Add(tc.after))
		if _, info, err := w.service.Owned(tc.domain).OpenInfo(w.t, tc.transit); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %+v, %v, want …%s…", name, info, err, tc.want)
		}
	}
	for _, bad := range []string{"", "x", strings.Repeat("_", 88)} {
		if _, err := w.service.Owned("uhmep_v1").Mint(w.t, bad); err == nil {
			t.Errorf("minted %q", bad)
		}
	}
}

func TestTenantsShareNoDomain(t *testing.T) {
	t.Parallel()
	a, b := newWorld(t), newWorld(t)
	b.service = a.service
	b.serve(a.service)
	a.send("PUT", "/_sandbox/pseudo/domains/mine_v1", "", in{"owners": []string{"DEMO"}})
	if got := b.send("GET", "/pseudo/v1/domains/mine_v1", "all", nil); got.status != http.StatusNotFound {
		t.Errorf("another tenant: got %d", got.status)
	}
	if got := a.send("GET", "/pseudo/v1/domains/mine_v1", "all", nil); got.status != http.StatusOK {
		t.Errorf("its tenant: got %d %s", got.status, got)
	}
}
