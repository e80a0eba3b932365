package mocks_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks"
	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

// raw sends bytes as they are and reads the answer; with half, the client
// closes its side afterwards.
func raw(t *testing.T, sb *mockstest.Server, text string, half bool) answer {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(sb.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	if half {
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

func TestABodyThatEndsTooEarlyOrIsBrokenChangesNothing(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	const head = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
	before := control(t, sb, http.MethodGet, "/clock", "")["mode"]
	for name, text := range map[string]string{
		"a broken chunk": "PUT /_sandbox/clock" + head + "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"offset\":\"48h\"}\r\nZZ\r\n",
		"too few bytes":  "PUT /_sandbox/clock" + head + "Content-Length: 100\r\n\r\n{\"offset\":\"48h\"}",
	} {
		if a := raw(t, sb, text, true); a.status != http.StatusBadRequest || !strings.Contains(a.body, "broken") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if after := control(t, sb, http.MethodGet, "/clock", "")["mode"]; after != before {
		t.Errorf("half a request set the clock to %v", after)
	}
	for _, path := range []string{"/auth/realms/healthcare/protocol/openid-connect/token", "/pseudo/v1/domains/uhmep_v1/pseudonymize", "/uhmep/v1/ServiceRequest",
		"/frontend/api/pss/support", "/pss/v1/fhir/PlanDefinition/x/$apply", "/terminology/fhir/CodeSystem/$lookup"} {
		a := raw(t, sb, "POST "+path+head+"Content-Length: 100\r\n\r\n{", true)
		if a.status/100 != 4 || a.status == http.StatusUnauthorized {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		if entry := control(t, sb, http.MethodGet, "/journal/"+a.header.Get("X-Sandbox-Trace"), ""); a.status == http.StatusBadRequest && !strings.Contains(fmt.Sprint(entry["refusal"]), "http-body") {
			t.Errorf("%s: the journal says %v", path, entry["refusal"])
		}
	}
}

func TestOldClientsWithoutHostAreServed(t *testing.T) {
	t.Parallel()
	a := raw(t, mockstest.New(t), "GET /auth/realms/healthcare HTTP/1.0\r\n\r\n", false)
	if a.status != http.StatusOK || !strings.Contains(a.body, `"http://localhost/auth/realms/healthcare/protocol/openid-connect"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAnEncodedSlashBelongsToTheTenantsNameWhichIsRefused(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	for path, want := range map[string]int{
		"/t/a%2Fb/_sandbox/info": 400, "/t//_sandbox/info": 400, "/t/": 400, "/t/%2e%2e/_sandbox/info": 400, "/t/a%00/_sandbox/info": 400,
		"/t/%61/_sandbox/info": 200, "/t/a/_sandbox/info": 200, "/t/a/t/b/_sandbox/info": 404, "//_sandbox/info": 404,
	} {
		a := raw(t, sb, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", false)
		if a.status != want {
			t.Errorf("%s: %d, want %d: %s", path, a.status, want, a.body)
		}
		if want == 200 && !strings.Contains(a.body, `"tenant":"a"`) {
			t.Errorf("%s is served for another tenant: %s", path, a.body)
		}
	}
}

func TestFaultsWithoutServiceSpareTheControlAPI(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	sb.Fault(t, map[string]any{"status": 503, "times": 1})
	control(t, sb, http.MethodGet, "/info", "")
	if a := get(t, sb, "/"); a.status != http.StatusOK {
		t.Errorf("the landing page was hit: %d", a.status)
	}
	if a := get(t, sb, "/auth/realms/healthcare"); a.status != http.StatusServiceUnavailable {
		t.Errorf("the fault was used up before it reached a service: %d", a.status)
	}
}

func TestAFaultHitsEveryServiceInItsDialect(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	sb.Fault(t, map[string]any{"status": 503, "times": -1})
	for path, mediaType := range map[string]string{
		"/auth/realms/healthcare/protocol/openid-connect/certs": "application/json",
		"/etee/v1/pubKeys/cacerts/jwks":                         "application/problem+json",
		"/keydepot/v1/jwks":                                     "application/problem+json",
		"/pseudo/v1/domains/uhmep_v1":                           "application/problem+json",
		"/uhmep/v1/metadata":                                    "application/fhir+json",
		"/pss/v1/fhir/metadata":                                 "application/fhir+json",
		"/frontend/api/pss/status":                              "application/problem+json",
		"/terminology/fhir/metadata":                            "application/fhir+json",
		"/fhir/metadata":                                        "application/fhir+json",
	} {
		a := get(t, sb, path)
		if a.status != http.StatusServiceUnavailable || !strings.HasPrefix(a.header.Get("Content-Type"), mediaType) {
			t.Errorf("%s: %d %s, want 503 %s: %s", path, a.status, a.header.Get("Content-Type"), mediaType, a.body)
		}
	}
}

func TestTheClockStaysWhereDatesCanBeWritten(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	sb.Freeze(t, time.Date(2190, 1, 1, 0, 0, 0, 0, time.UTC))
	for _, body := range []string{`{"to":"9999-12-31T23:59:59Z"}`, `{"freeze":"9999-12-31T23:59:59Z"}`, `{"freeze":"0001-01-01T00:00:00Z"}`, `{"advance":"870000h"}`} {
		if a := send(t, sb, req{method: http.MethodPut, path: "/_sandbox/clock", body: body}); a.status != http.StatusBadRequest || !strings.Contains(a.body, "1900 to 2199") {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	if now := control(t, sb, http.MethodGet, "/clock", "")["now"]; now != "2190-01-01T00:00:00Z" {
		t.Errorf("a refused change moved the clock to %v", now)
	}
	if sb, err := mocks.Open(mocks.Options{Settings: map[string]string{"clock": "0001-01-01T00:00:00Z"}}); err == nil {
		_ = sb.Close()
		t.Error("-clock takes the year 1")
	}
}

func TestANumberThatMayBeRealIsMaskedInTheWholeJournal(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	const number, marked = "82042605839", "82.04.26-058.39"
	token := "e30." + "eyJzc2luIjoiODIwNDI2MDU4MzkifQ" + ".c2ln" // {"ssin":"82042605839"}
	header := uhmepHeaders(token)
	header["X-Patient"] = number
	a := send(t, sb, req{method: http.MethodPost, path: "/uhmep/v1/ServiceRequest?patient=urn%7C" + number, header: header, body: `{"resourceType":"Basic","a":"` + number + `","b":"` + marked + `"}`})
	text := get(t, sb, "/_sandbox/journal/"+a.header.Get("X-Sandbox-Trace")).body
	for _, left := range []string{number, marked, "eyJzc2luIjoiODIwNDI2MDU4MzkifQ"} {
		if strings.Contains(text, left) {
			t.Errorf("the journal keeps %s: %s", left, text)
		}
	}
	if !strings.Contains(text, "real-ssin") {
		t.Errorf("the journal does not warn: %s", text)
	}
}

func TestSeededRunsDoNotDependOnHowOftenTheControlAPIIsAsked(t *testing.T) {
	t.Parallel()
	ask := func(polls int) string {
		sb := mockstest.New(t, mockstest.WithSetting("seed", "5"), mockstest.WithSetting("clock", "2026-03-01T09:00:00Z"),
			mockstest.WithSetting("public-url", "http://sandbox.example"))
		for range polls {
			control(t, sb, http.MethodGet, "/ready", "")
		}
		first := get(t, sb, "/auth/realms/healthcare").header.Get("X-Sandbox-Trace")
		return first + sb.Token(t, mockstest.TokenRequest{})
	}
	if ask(0) != ask(3) {
		t.Error("three health checks changed the tokens or trace ids of a seeded run")
	}
}

func TestAHeadOfAStreamEndsAndStaticFilesAreNotListed(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	if a := raw(t, sb, "HEAD /_sandbox/journal/stream HTTP/1.0\r\nHost: localhost\r\n\r\n", false); a.status != http.StatusOK {
		t.Errorf("HEAD: %d", a.status)
	}
	if a := get(t, sb, "/static/"); a.status != http.StatusNotFound {
		t.Errorf("listing: %d", a.status)
	}
	if a := get(t, sb, "/static/console.css"); a.status != http.StatusOK {
		t.Errorf("a file: %d", a.status)
	}
}

func TestResetsAndRestoresDuringWritesAnswerCleanly(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t).Tenant("storm")
	control(t, sb, http.MethodPost, "/snapshots", `{"name":"s"}`)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 25 {
				persona := fmt.Sprintf(`{"name":"p%d-%d","kind":"patient","ssin":"54022899886","first_name":"N","last_name":"N"}`, i, n)
				for _, q := range []req{
					{method: http.MethodPut, path: fmt.Sprintf("/_sandbox/iam/personas/p%d-%d", i, n), body: persona},
					{method: http.MethodPost, path: "/_sandbox/iam/tokens", body: `{"realm":"healthcare","client_id":"nihdi-uhmep-hcp","persona":"dr-peeters"}`},
					{method: http.MethodGet, path: "/_sandbox/info"},
				} {
					if a := send(t, sb, q); a.status >= 500 {
						t.Errorf("%s: %d %s", q.path, a.status, a.body)
					}
				}
			}
		})
	}
	all.Go(func() {
		for range 20 {
			control(t, sb, http.MethodPost, "/reset", "")
			control(t, sb, http.MethodPost, "/snapshots/s/restore", "")
		}
	})
	all.Wait()
}

func TestAPersonaWhoMayBeRealIsShownMasked(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	const number = "82042605839"
	control(t, sb, http.MethodPut, "/iam/personas/real", `{"name":"real","kind":"patient","ssin":"`+number+`","first_name":"N","last_name":"N"}`)
	sb.Token(t, mockstest.TokenRequest{Persona: "real"})
	for _, path := range []string{"/", "/_sandbox/info", "/_sandbox/journal"} {
		if a := get(t, sb, path); a.status != http.StatusOK || strings.Contains(a.body, number) {
			t.Errorf("%s (%d) shows the number", path, a.status)
		}
	}
}
