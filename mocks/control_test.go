package mocks_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

func TestTheClockDrivesWhatAnswersSay(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ body, now string }{
		{`{"freeze":"2026-03-01T10:00:00+01:00"}`, "2026-03-01T09:00:00Z"},
		{`{"advance":"PT10M"}`, "2026-03-01T09:10:00Z"},
		{`{"advance":"-P1DT10M"}`, "2026-02-28T09:00:00Z"},
		{`{"advance":"24h"}`, "2026-03-01T09:00:00Z"},
		{`{"to":"2026-03-01T09:00:30Z"}`, "2026-03-01T09:00:30Z"},
	} {
		got := control(t, sb, http.MethodPut, "/clock", tc.body)
		if got["now"] != tc.now || got["mode"] != "frozen" {
			t.Errorf("%s: %v, want %s, frozen", tc.body, got, tc.now)
		}
	}
	if d := get(t, sb, "/").header.Get("Date"); d != at.Add(30*time.Second).Format(http.TimeFormat) {
		t.Errorf("Date is %s", d)
	}
	if got := control(t, sb, http.MethodPut, "/clock", `{"offset":"48h"}`); got["mode"] != "offset" || got["offset"] != "48h0m0s" {
		t.Errorf("offset: %v", got)
	}
	if got := control(t, sb, http.MethodPut, "/clock", `{"real":true}`); got["mode"] != "real" {
		t.Errorf("real: %v", got)
	}
	for _, bad := range []string{``, `{}`, `{"freeze":"yesterday"}`, `{"advance":"soon"}`, `{"advance":"1h","real":true}`, `{"to":"lunch"}`, `{"speed":2}`, `[]`, `{"freeze":3}`, `{"advance":"P999999999D"}`, `{"real":true}{}`} {
		if a := send(t, sb, req{method: http.MethodPut, path: "/_sandbox/clock", body: bad}); a.status != http.StatusBadRequest || !strings.Contains(a.body, "message") {
			t.Errorf("%s: %d %s", bad, a.status, a.body)
		}
	}
}

func TestTheNextTransitionIsFoundAndReached(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	before := control(t, sb, http.MethodGet, "/clock", "")
	due, ok := before["next_transition"].(string)
	if !ok {
		t.Fatalf("the seeded world has prescriptions that start or expire, yet nothing is due: %v", before)
	}
	after := control(t, sb, http.MethodPut, "/clock", `{"to":"next-transition"}`)
	now, err := time.Parse(time.RFC3339, after["now"].(string))
	want, err2 := time.Parse(time.RFC3339, due)
	if err != nil || err2 != nil || now.Before(want) || now.After(want.Add(time.Minute)) {
		t.Errorf("the clock went to %v, want %v", after["now"], due)
	}
}

func TestSnapshotsNameAndRestoreAWorld(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t).Tenant("snap")
	persona := func(name string) {
		control(t, sb, http.MethodPut, "/iam/personas/"+name, `{"name":"`+name+`","kind":"patient","ssin":"54022899886","first_name":"N","last_name":"N"}`)
	}
	has := func(name string) bool {
		return strings.Contains(fmt.Sprint(control(t, sb, http.MethodGet, "/info", "")["personas"]), name)
	}
	persona("first")
	sb.Freeze(t, time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
	control(t, sb, http.MethodPost, "/snapshots", `{"name":"one"}`)
	persona("second")
	control(t, sb, http.MethodPut, "/clock", `{"real":true}`)
	control(t, sb, http.MethodPost, "/snapshots/one/restore", "")
	if !has("first") || has("second") {
		t.Error("the restored world is not the one of the snapshot")
	}
	if c := control(t, sb, http.MethodGet, "/clock", ""); c["now"] != "2026-05-01T00:00:00Z" {
		t.Errorf("the restored clock says %v", c["now"])
	}
	if list := control(t, sb, http.MethodGet, "/snapshots", "")["snapshots"].([]any); len(list) != 1 || list[0].(map[string]any)["name"] != "one" {
		t.Errorf("snapshots: %v", list)
	}
	sb.Reset(t)
	if has("first") {
		t.Error("reset left the persona")
	}
	control(t, sb, http.MethodPost, "/snapshots/one/restore", "")
	if !has("first") {
		t.Error("a snapshot does not survive a reset")
	}
	control(t, sb, http.MethodDelete, "/snapshots/one", "")
	for _, q := range []req{{method: http.MethodPost, path: "/_sandbox/snapshots/one/restore"}, {method: http.MethodDelete, path: "/_sandbox/snapshots/one"}} {
		if a := send(t, sb, q); a.status != http.StatusNotFound {
			t.Errorf("%s %s: %d", q.method, q.path, a.status)
		}
	}
	if a := send(t, sb, req{method: http.MethodPost, path: "/_sandbox/snapshots", body: `{"name":"a/b"}`}); a.status != http.StatusBadRequest {
		t.Errorf("bad name: %d", a.status)
	}
}

func TestFaultsHitTheNextCallsInTheServicesDialect(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	token := sb.Token(t, mockstest.TokenRequest{})
	bearer := map[string]string{"Authorization": "Bearer " + token}
	sb.Fault(t, map[string]any{"match": map[string]any{"service": "pseudo", "operation": "domain"}, "status": 503, "times": 2})
	for i, want := range []int{503, 503, 200} {
		a := send(t, sb, req{method: http.MethodGet, path: "/pseudo/v1/domains/uhmep_v1", header: bearer})
		if a.status != want {
			t.Errorf("call %d: %d, want %d: %s", i, a.status, want, a.body)
		}
		if want == 503 && a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("call %d: content type %s, want the service's own for problems", i, a.header.Get("Content-Type"))
		}
	}
	sb.Fault(t, map[string]any{"service": "iam", "garble": true})
	whole := get(t, sb.Tenant("other"), "/auth/realms/healthcare").body
	if a := get(t, sb, "/auth/realms/healthcare"); len(a.body) == 0 || len(a.body) > len(whole)*2/3 {
		t.Errorf("garbled body has %d bytes of about %d", len(a.body), len(whole))
	}
	sb.Fault(t, map[string]any{"service": "iam", "cut": true})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sb.URL+"/auth/realms/healthcare/protocol/openid-connect/token", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := sb.Client.Do(r); err == nil {
		_ = res.Body.Close()
		t.Errorf("a cut connection answered %s", res.Status)
	}
	if a := send(t, sb, req{method: http.MethodPost, path: "/_sandbox/faults", body: `{"status":200}`}); a.status != http.StatusBadRequest {
		t.Errorf("a senseless fault: %d", a.status)
	}
	if a := send(t, sb, req{method: http.MethodDelete, path: "/_sandbox/faults/99"}); a.status != http.StatusNotFound {
		t.Errorf("an unknown fault: %d", a.status)
	}
	control(t, sb, http.MethodDelete, "/faults", "")
}

func TestTheJournalTellsWhy(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	initial := sb.Token(t, mockstest.TokenRequest{})
	a := send(t, sb, req{method: http.MethodGet, path: "/uhmep/v1/ServiceRequest/x", header: uhmepHeaders(initial)})
	if a.status != http.StatusUnauthorized {
		t.Fatalf("UHMEP answers the initial token with %d", a.status)
	}
	entry := control(t, sb, http.MethodGet, "/journal/"+a.header.Get("X-Sandbox-Trace"), "")
	refusal, _ := entry["refusal"].(map[string]any)
	if refusal["rule"] == "" || refusal["hint"] == "" || entry["client"] != "nihdi-uhmep-hcp" || entry["service"] != "uhmep" {
		t.Errorf("entry: %v", entry)
	}
	if !strings.Contains(fmt.Sprint(entry["notes"]), "dr-peeters") && entry["persona"] != "dr-peeters" {
		t.Errorf("the entry does not say who it was: persona %v", entry["persona"])
	}
	if b := get(t, sb, "/_sandbox/journal/nope"); b.status != http.StatusNotFound {
		t.Errorf("unknown entry: %d", b.status)
	}
	if b := get(t, sb, "/_sandbox/journal?colour=red"); b.status != http.StatusBadRequest {
		t.Errorf("unknown filter: %d", b.status)
	}
	if b := get(t, sb, "/_sandbox/journal/wait?service=nobody&timeout=10ms"); b.status != http.StatusRequestTimeout {
		t.Errorf("waiting in vain: %d", b.status)
	}
	if got := control(t, sb, http.MethodGet, "/journal/wait?service=uhmep&refused=true&timeout=1s", ""); got["id"] != entry["id"] {
		t.Errorf("waited for %v", got["id"])
	}
	control(t, sb, http.MethodDelete, "/journal", "")
	if n := len(sb.Journal(t, nil)); n != 0 {
		t.Errorf("%d entries after clearing", n)
	}
}

func TestTheJournalStreamsAndResumes(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	get(t, sb, "/auth/realms/healthcare?n=1")
	get(t, sb, "/auth/realms/healthcare?n=2")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sb.URL+"/_sandbox/journal/stream?service=iam", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", "1")
	res, err := sb.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if ct := res.Header.Get("Content-Type"); ct != "text/event-stream" {
		t.Fatalf("content type %s", ct)
	}
	get(t, sb, "/auth/realms/healthcare?n=3")
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	var seen []string
	for len(seen) < 2 && lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			e := struct{ URL string }{}
			decode(t, data, &e)
			seen = append(seen, e.URL[len(e.URL)-1:])
		}
	}
	if strings.Join(seen, "") != "23" {
		t.Errorf("streamed %v, want what came after event 1", seen)
	}
}

func TestSettingsChangeForOneTenant(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	a, b := sb.Tenant("a"), sb.Tenant("b")
	got := control(t, a, http.MethodPut, "/settings", `{"real-ssin":"refuse"}`)
	if got["values"].(map[string]any)["real-ssin"] != "refuse" {
		t.Errorf("a: %v", got["overrides"])
	}
	if v := control(t, b, http.MethodGet, "/settings", "")["values"].(map[string]any)["real-ssin"]; v != "warn" {
		t.Errorf("b: %v", v)
	}
	for _, bad := range []string{`{"listen":"x"}`, `{"nope":"x"}`, `{"real-ssin":"maybe"}`, `[`} {
		if x := send(t, a, req{method: http.MethodPut, path: "/_sandbox/settings", body: bad}); x.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", bad, x.status, x.body)
		}
	}
	real := "/terminology/fhir/CodeSystem/$lookup?system=x&code=82042605839"
	if x := get(t, a, real); x.status != http.StatusBadRequest {
		t.Errorf("a number of a possibly living person: %d %s", x.status, x.body)
	}
	if x := get(t, b, real); x.status == http.StatusBadRequest && strings.Contains(x.body, "living") {
		t.Errorf("b only warns: %s", x.body)
	}
	for _, e := range b.Journal(t, nil) {
		if strings.Contains(e.URL, "82042605839") {
			t.Errorf("the journal shows the number: %s", e.URL)
		}
		if len(e.Warnings) == 0 {
			t.Errorf("no warning in %s", e.URL)
		}
	}
}
