package mocks_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

// serve puts a handler behind a server of its own.
func serve(t *testing.T, h http.Handler) *mockstest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return &mockstest.Server{URL: srv.URL, Client: srv.Client()}
}

func TestTwoHundredTenantsInParallelLeaveNoTraceOfEachOther(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	const tenants = 200
	var wg sync.WaitGroup
	limit := make(chan struct{}, 16)
	for i := range tenants {
		wg.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			name := fmt.Sprintf("t%d", i)
			own := sb.Tenant(name)
			control(t, own, http.MethodPut, "/clock", fmt.Sprintf(`{"freeze":"2026-01-01T00:%02d:%02dZ"}`, i/60, i%60))
			persona := fmt.Sprintf(`{"name":"only-%d","kind":"patient","ssin":"54022899886","first_name":"N","last_name":"N"}`, i)
			control(t, own, http.MethodPut, fmt.Sprintf("/iam/personas/only-%d", i), persona)
			control(t, own, http.MethodPost, "/faults", fmt.Sprintf(`{"service":"svc-%d","status":503}`, i))
			control(t, own, http.MethodPut, "/settings", `{"real-ssin":"refuse"}`)
			if a := get(t, own, "/auth/realms/healthcare?mark="+name); a.status != 200 {
				t.Errorf("%s: %d", name, a.status)
			}
		})
	}
	wg.Wait()
	for i := range tenants {
		own := sb.Tenant(fmt.Sprintf("t%d", i))
		info := control(t, own, http.MethodGet, "/info", "")
		var mine []string
		for _, p := range info["personas"].([]any) {
			if name := p.(map[string]any)["name"].(string); strings.HasPrefix(name, "only-") {
				mine = append(mine, name)
			}
		}
		if want := fmt.Sprintf("only-%d", i); len(mine) != 1 || mine[0] != want {
			t.Errorf("tenant %d sees personas %v, want %s", i, mine, want)
		}
		now, _ := time.Parse(time.RFC3339, info["clock"].(map[string]any)["now"].(string))
		if want := time.Date(2026, 1, 1, 0, i/60, i%60, 0, time.UTC); !now.Equal(want) {
			t.Errorf("tenant %d: clock %v, want %v", i, now, want)
		}
		faults := control(t, own, http.MethodGet, "/faults", "")["faults"].([]any)
		if len(faults) != 1 || faults[0].(map[string]any)["service"] != fmt.Sprintf("svc-%d", i) {
			t.Errorf("tenant %d: faults %v", i, faults)
		}
		for _, e := range own.Journal(t, map[string][]string{"service": {"iam"}}) {
			if strings.Contains(e.URL, "mark=") && !strings.HasSuffix(e.URL, fmt.Sprintf("mark=t%d", i)) {
				t.Errorf("tenant %d: journal holds %s", i, e.URL)
			}
		}
	}
	if info := control(t, sb, http.MethodGet, "/info", ""); strings.Contains(fmt.Sprint(info["personas"]), "only-") {
		t.Error("the default tenant sees a tenant's persona")
	}
}

func TestTwoSandboxesInOneProcessShareNothing(t *testing.T) {
	t.Parallel()
	a, b := mockstest.New(t), mockstest.New(t)
	a.Freeze(t, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	control(t, a, http.MethodPut, "/iam/personas/mine", `{"name":"mine","kind":"patient","ssin":"54022899886","first_name":"N","last_name":"N"}`)
	a.Fault(t, map[string]any{"service": "iam", "status": 503, "times": -1})
	if got := get(t, b, "/auth/realms/healthcare"); got.status != 200 {
		t.Errorf("a fault of one sandbox hit the other: %d", got.status)
	}
	info := control(t, b, http.MethodGet, "/info", "")
	if strings.Contains(fmt.Sprint(info), "mine") || strings.HasPrefix(info["clock"].(map[string]any)["now"].(string), "2030") {
		t.Errorf("one sandbox sees the other: %v", info["clock"])
	}
	if n := len(b.Journal(t, nil)); n != 1 {
		t.Errorf("the other sandbox's journal has %d entries, want its own one", n)
	}
	token := a.Token(t, mockstest.TokenRequest{})
	if got := send(t, b, req{method: http.MethodGet, path: "/auth/realms/healthcare/protocol/openid-connect/userinfo", header: map[string]string{"Authorization": "Bearer " + token}}); got.status != 401 {
		t.Errorf("a token of one sandbox, with a session there, opens userinfo of the other: %d", got.status)
	}
}

func TestATokenOfOneTenantIsRefusedByAnotherWithAHint(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	a, b := sb.Tenant("a"), sb.Tenant("b")
	token := a.Token(t, mockstest.TokenRequest{})
	if got := send(t, a, req{method: http.MethodGet, path: "/pseudo/v1/domains/uhmep_v1", header: map[string]string{"Authorization": "Bearer " + token}}); got.status != 200 {
		t.Fatalf("its own tenant refuses the token: %d %s", got.status, got.body)
	}
	if got := send(t, b, req{method: http.MethodGet, path: "/pseudo/v1/domains/uhmep_v1", header: map[string]string{"Authorization": "Bearer " + token}}); got.status != 401 {
		t.Errorf("another tenant accepts the token: %d", got.status)
	}
	why := b.Refusals(t)
	if len(why) != 1 || !strings.Contains(why[0].String(), "tenant") {
		t.Errorf("the journal says %v, want a hint about the tenant", why)
	}
}
