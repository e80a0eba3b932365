package interop

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// errMissing marks a machine that lacks a program; anything else that goes wrong is a failure.
var errMissing = errors.New("not installed on this machine")

// npmInstall is done once per content of the lock file, in the user's cache, so that neither the work tree nor a
// second run pays for it.
var npmInstall = sync.OnceValues(func() (string, error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("%w: %s", errMissing, program)
		}
	}
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	sum := sha256.Sum256(lock)
	dir := filepath.Join(cache, "ehealth-sandbox-interop", hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(filepath.Join(dir, "installed")); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		data, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return "", err
		}
	}
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return dir, os.WriteFile(filepath.Join(dir, "installed"), nil, 0o644)
})

// needNode installs the npm packages; it skips the test with the reason when there is no Node or npm.
func needNode(t *testing.T) string {
	t.Helper()
	dir, err := npmInstall()
	if errors.Is(err, errMissing) {
		t.Skipf("npm clients cannot run: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// needChromium skips the test with the reason when there is no browser.
func needChromium(t *testing.T) string {
	t.Helper()
	browser := os.Getenv("CHROMIUM")
	if browser == "" {
		browser = "/usr/bin/chromium"
	}
	if _, err := os.Stat(browser); err != nil {
		t.Skipf("no browser for this test: %v; install chromium or set CHROMIUM", err)
	}
	return browser
}

// startSandbox answers the origin of a sandbox for this test alone: one opened in this process on a port of its own,
// or a tenant of the running one that SANDBOX_URL names. Browsers and issuers see http://localhost.
func startSandbox(t *testing.T) string {
	t.Helper()
	if running := os.Getenv("SANDBOX_URL"); running != "" {
		name := strings.ToLower(strings.NewReplacer("/", "-", "_", "-", ".", "-").Replace(t.Name()))
		base := strings.TrimRight(running, "/") + "/t/" + name
		post(t, base+"/_sandbox/reset")
		return base
	}
	return startSandboxWith(t, nil)
}

// startSandboxWith opens a sandbox in this process whatever SANDBOX_URL says, because it needs settings of its own.
func startSandboxWith(t *testing.T, settings map[string]string) string {
	t.Helper()
	server := httptest.NewServer(openSandbox(t, settings))
	t.Cleanup(server.Close)
	return onLocalhost(t, server)
}

// onLocalhost is the server's address by name, as a developer types it.
func onLocalhost(t *testing.T, server *httptest.Server) string {
	t.Helper()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return "http://localhost:" + address.Port()
}

func post(t *testing.T, url string) {
	t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		body, _ := io.ReadAll(res.Body)
		t.Fatalf("POST %s: %s %s", url, res.Status, body)
	}
}

// servePages serves web/ and the browser builds of the npm packages on another origin than the sandbox's.
func servePages(t *testing.T, installed string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("web")))
	mux.HandleFunc("/echo", echo)
	for name, dir := range map[string]string{
		"keycloak-js":    "keycloak-js/lib",
		"keycloak-js-24": "keycloak-js-24/dist",
		"oidc-client-ts": "oidc-client-ts/dist/browser",
		"oidc-client":    "oidc-client/dist",
	} {
		prefix := "/vendor/" + name + "/"
		files := http.FileServer(http.Dir(filepath.Join(installed, "node_modules", filepath.FromSlash(dir))))
		mux.Handle(prefix, http.StripPrefix(prefix, files))
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return onLocalhost(t, server)
}

// echo shows a redirect that came back: its method, query and form, as JSON in the page.
func echo(w http.ResponseWriter, r *http.Request) {
	first := func(values url.Values) map[string]string {
		out := map[string]string{}
		for name := range values {
			out[name] = values.Get(name)
		}
		return out
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	shown, err := json.Marshal(map[string]any{"method": r.Method, "query": first(r.URL.Query()), "form": first(r.PostForm)})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!doctype html><title>echo</title><pre id=echo>%s</pre>", html.EscapeString(string(shown)))
}

// foreign names the client library that a script drives. Scripts of bare requests are our own reading of the documents
// and prove nothing for a foreign client.
var foreign = map[string]string{
	"pseudo.mjs":         "pseudo-helper (npm)",
	"keycloak.mjs":       "keycloak-js",
	"oidc-client-ts.mjs": "oidc-client-ts",
	"oidc-client.mjs":    "oidc-client",
	"openid-client.mjs":  "openid-client",
	"login-page.mjs":     "Chromium",
	"fhir.mjs":           "fhir-kit-client",
}

// report is one line of a script: a case with its outcome, or the sign that all cases were run.
type report struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Error string `json:"error"`
	MS    int64  `json:"ms"`
	Done  bool   `json:"done"`
}

// runScript runs node/<script> against the sandbox at base and makes a subtest of each case it reports. A script that stops before saying that it
// is done fails with what it wrote on standard error.
func runScript(t *testing.T, installed, script, base string, env ...string) {
	t.Helper()
	dir, err := os.MkdirTemp(installed, "run-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.CopyFS(dir, os.DirFS("node")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", filepath.Join(dir, script))
	node.Env = append(append(os.Environ(), "SANDBOX_URL="+base), env...)
	var stderr bytes.Buffer
	node.Stderr = &stderr
	stdout, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	cases, done := 0, false
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r report
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Logf("%s", lines.Text())
			continue
		}
		if r.Done {
			done = true
			continue
		}
		cases++
		t.Run(r.Name, func(t *testing.T) {
			t.Logf("%d ms in the client", r.MS)
			if !r.OK {
				t.Error(r.Error)
			}
		})
	}
	err = errors.Join(lines.Err(), node.Wait())
	if err != nil || !done {
		t.Fatalf("%s stopped after %d cases: %v\n%s", script, cases, err, stderr.String())
	}
	if cases == 0 && os.Getenv("CASE") == "" {
		t.Fatalf("%s ran no case", script)
	}
	t.Logf("%s: %d cases", script, cases)
	if client, ok := foreign[script]; ok {
		recordCoverage(t, base, client)
	}
}
