package iam

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// durable opens a service over data that lies in a directory.
func durable(t *testing.T, dir string, at time.Time) (*rig, func()) {
	t.Helper()
	file, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	registry, err := world.New(fixtures.FS)
	if err != nil {
		t.Fatal(err)
	}
	depot := &fakeDepot{}
	s, err := New(Config{Fixtures: fixtures.FS, World: registry, Depot: depot})
	if err != nil {
		t.Fatal(err)
	}
	tn := testTenant(t, "default")
	tn.Clock.JumpTo(at)
	tn.Store = file.Tenant("default", store.NewSeeds(nil).On(at))
	g := serve(t, s, tn, depot)
	return g, func() {
		g.srv.Close()
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Sessions, refresh tokens, registrations, rotated keys and the replay cache
// survive a restart with -data, as they do in a Keycloak with a database.
func TestARestartKeepsWhatAKeycloakKeeps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	g, stop := durable(t, dir, testTime)
	g.control("POST", "/realms/healthcare/keys/rotate", "")
	tokens := g.login("dr-peeters")
	pending := g.code(as("dr-peeters"))
	used := signed(t, "RS256", g.demoKey(), "", assertionWith(g, map[string]any{"aud": "https://api-acpt.ehealth.fgov.be/auth/realms/M2M"}))
	g.post(m2mToken, m2mForm(used))
	g.control("PUT", "/clients/healthcare/mine", `{"name":"x","access_type":"public","redirect_uris":["http://localhost/*"],"scopes_default":["openid"]}`)
	stop()

	g, stop = durable(t, dir, testTime.Add(10*time.Second))
	defer stop()
	if _, err := g.verify("Bearer " + tokens["access_token"].(string)); err != nil {
		t.Errorf("token of the rotated key: %v", err)
	}
	if res := g.post(oidcPath+"token", refreshForm(tokens, nil)); res.StatusCode != 200 {
		t.Errorf("refresh: %s", res.body)
	}
	if res := g.post(oidcPath+"token", codeForm(pending, nil)); res.StatusCode != 200 {
		t.Errorf("code: %s", res.body)
	}
	g.wantError(g.post(m2mToken, m2mForm(used)), 400, "invalid_client", "Token reuse detected")
	g.loginAs("mine", "nurse-claes")
}

// What has expired goes away by itself, on the side of later writes.
func TestExpiredStateIsSweptAway(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for range 30 {
		g.login("dr-peeters")
		g.browser = newBrowser(t)
		g.get(oidcPath + "auth?" + authQuery(nil).Encode())
		g.m2m("demo-hospital", "openid")
	}
	before := g.keys()
	g.t.Clock.Advance(24 * time.Hour)
	for range 20 {
		g.m2m("demo-hospital", "openid")
	}
	if after := g.keys(); after > 45 {
		t.Errorf("%d entries before, %d after a day", before, after)
	}
}

func (g *rig) keys() int {
	n := 0
	_ = g.t.Store.View(func(r store.Reader) error {
		for range r.Scan(statePrefix, "") {
			n++
		}
		return nil
	})
	return n
}

// A session in use outlives its first idle limit even if others are swept.
func TestTheSweepSparesSessionsInUse(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	for range 6 {
		g.t.Clock.Advance(20 * time.Minute)
		res := g.post(oidcPath+"token", refreshForm(tokens, nil))
		if res.StatusCode != http.StatusOK {
			t.Fatalf("refresh: %s", res.body)
		}
		tokens = res.json(t)
		for range 3 {
			g.m2m("demo-hospital", "openid") // writes that sweep
		}
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			persona := []string{"dr-peeters", "nurse-claes"}[i%2]
			browser := newBrowser(t)
			res := g.do(browser, g.request("GET", oidcPath+"auth?"+authQuery(as(persona)).Encode(), ""))
			u, err := url.Parse(res.Header.Get("Location"))
			if err != nil {
				t.Error(err)
				return
			}
			token := g.post(oidcPath+"token", codeForm(u.Query().Get("code"), nil))
			if token.StatusCode != 200 {
				t.Errorf("token: %s", token.body)
				return
			}
			if res := g.post(oidcPath+"token", refreshForm(token.json(t), nil)); res.StatusCode != 200 {
				t.Errorf("refresh: %s", res.body)
			}
			if i%4 == 0 {
				g.control("POST", "/realms/healthcare/keys/rotate", "")
			}
		})
	}
	wg.Wait()
}

// Clock jumps: what expired comes back when the clock is set back, as long as
// nothing was written in between.
func TestClockJumpsBehaveLikeAServersClock(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	tokens := g.login("dr-peeters")
	try := func() int {
		return g.get(oidcPath+"userinfo", "Authorization", "Bearer "+tokens["access_token"].(string)).StatusCode
	}
	g.t.Clock.Advance(time.Hour)
	if got := try(); got != 401 {
		t.Errorf("an hour later: %d", got)
	}
	g.t.Clock.Advance(-time.Hour)
	if got := try(); got != 200 {
		t.Errorf("back again: %d", got)
	}
}

// The same seed gives the same tokens, byte for byte.
func TestSeededRunsRepeat(t *testing.T) {
	t.Parallel()
	run := func() string {
		g := newRig(t)
		const host = "X-Forwarded-Host"
		res := g.get(oidcPath+"auth?"+authQuery(as("dr-peeters")).Encode(), host, "localhost:8080")
		token := g.post(oidcPath+"token", codeForm(res.location(t).Query().Get("code"), nil), host, "localhost:8080")
		return res.Header.Get("Location") + string(token.body)
	}
	if a, b := run(), run(); a != b {
		t.Errorf("got %s\nand %s", a, b)
	}
}

func TestTenThousandSessionsAreSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 10 000 sessions")
	}
	g := newRig(t)
	c := g.s.newCall(g.request("GET", "/", "").WithContext(tenantContext(g)), Healthcare)
	client := g.s.seeds["healthcare/demo-ehr-spa"]
	before := heap()
	const sessions = 10_000
	err := g.t.Store.Update(func(w store.Writer) error {
		for i := range sessions {
			ses := newSession(fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), "dr-peeters", c.now, c.opt)
			ses.attach(client.ClientID, c.now)
			cs := ses.Clients[client.ClientID]
			cs.setRefreshID("", strings.Repeat("x", 36))
			ses.Clients[client.ClientID] = cs
			if err := ses.saveNew(w, c.now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if used := heap() - before; used > 50<<20 {
		t.Errorf("%d sessions take %d MB, want less than 50", sessions, used>>20)
	} else {
		t.Logf("%d sessions take %.1f MB of heap", sessions, float64(used)/(1<<20))
	}
	runtime.KeepAlive(g)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
