package sandbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"

	sandbox "github.com/ehealth-sandbox/sandbox/clients/testcontainers"
)

// image builds the project's Dockerfile once per run, or says why it cannot.
func image(t *testing.T) string {
	t.Helper()
	if out, err := exec.Command("docker", "info").CombinedOutput(); err != nil {
		t.Skipf("no Docker engine answers, so no container can run: %v: %.200s", err, out)
	}
	// The library takes a machine with /.dockerenv for a container and would
	// dial its gateway.
	if _, err := os.Stat("/.dockerenv"); err == nil && os.Getenv("TESTCONTAINERS_HOST_OVERRIDE") == "" {
		t.Setenv("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
	}
	if name := os.Getenv("SANDBOX_IMAGE"); name != "" {
		return name
	}
	if out, err := buildOnce(); err != nil {
		t.Fatalf("build the image: %v\n%s", err, tail(out))
	}
	return "sandbox:test"
}

// buildOnce builds the image from the project's Dockerfile.
var buildOnce = sync.OnceValues(func() ([]byte, error) {
	build := exec.Command("make", "image", "IMAGE=sandbox:test")
	build.Dir = "../.."
	build.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	return build.CombinedOutput()
})

func tail(b []byte) []byte { return b[max(0, len(b)-4000):] }

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTheContainerWalksTheJourneyOnARandomPort(t *testing.T) {
	name := image(t)
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	begin := time.Now()
	c, err := sandbox.Run(ctx, name, sandbox.WithSeed(1), testcontainers.WithHostConfigModifier(readOnly))
	testcontainers.CleanupContainer(t, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("run to ready: %v", time.Since(begin).Round(time.Millisecond))

	meta := struct {
		Issuer string `json:"issuer"`
		Token  string `json:"token_endpoint"`
	}{}
	getJSON(t, c.IssuerURL("healthcare")+"/.well-known/openid-configuration", &meta)
	if meta.Issuer != c.IssuerURL("healthcare") {
		t.Errorf("issuer is %s, want %s, the URL the test uses", meta.Issuer, c.IssuerURL("healthcare"))
	}
	for _, url := range []string{c.BaseURL(), c.TenantURL("journey")} {
		walk := exec.CommandContext(ctx, "go", "run", "./examples/journey", "-quiet", "-url", url)
		walk.Dir = root(t)
		if out, err := walk.CombinedOutput(); err != nil {
			t.Errorf("journey at %s: %v\n%s", url, err, out)
		}
	}
	health, err := c.State(ctx)
	if err != nil || !health.Running {
		t.Errorf("the container is no longer running: %+v, %v", health, err)
	}
}

func TestSettingsReachTheContainer(t *testing.T) {
	name := image(t)
	c, err := sandbox.Run(t.Context(), name, sandbox.WithSetting("real-ssin", "refuse"), sandbox.WithoutFixedURL())
	testcontainers.CleanupContainer(t, c)
	if err != nil {
		t.Fatal(err)
	}
	got := struct {
		Values map[string]string `json:"values"`
	}{}
	getJSON(t, c.BaseURL()+"/_sandbox/settings", &got)
	if got.Values["real-ssin"] != "refuse" || got.Values["public-url"] != "" {
		t.Errorf("settings are %v", got.Values)
	}
}

func TestTheImageKnowsWhetherItIsHealthy(t *testing.T) {
	name := image(t)
	c, err := sandbox.Run(t.Context(), name)
	testcontainers.CleanupContainer(t, c)
	if err != nil {
		t.Fatal(err)
	}
	code, _, err := c.Exec(t.Context(), []string{"/sandbox", "wait", "-timeout", "2s"})
	if err != nil || code != 0 {
		t.Errorf("the health check exits with %d (%v), want 0", code, err)
	}
	if code, _, err = c.Exec(t.Context(), []string{"/sandbox", "wait", "-url", "http://127.0.0.1:1", "-timeout", "200ms"}); err != nil || code == 0 {
		t.Errorf("the health check exits with %d (%v) when nothing answers, want an error", code, err)
	}
}

func getJSON(t *testing.T, url string, v any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", url, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(v); err != nil {
		t.Fatal(err)
	}
}
