package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program builds the real program once for all tests of the package.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sandbox-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "sandbox")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", &buildError{string(out)}
	}
	return path, nil
})

type buildError struct{ text string }

func (e *buildError) Error() string { return "build: " + e.text }

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// process is a running sandbox.
type process struct {
	url    string
	cmd    *exec.Cmd
	stdout *bytes.Buffer
}

// start runs the program on a free port and waits for its ready file.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ready := filepath.Join(t.TempDir(), "ready")
	p := &process{stdout: &bytes.Buffer{}}
	p.cmd = exec.Command(path, append([]string{"-listen", "127.0.0.1:0", "-ready-file", ready}, args...)...)
	var stderr bytes.Buffer
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, &stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if raw, err := os.ReadFile(ready); err == nil {
			p.url = strings.TrimSpace(string(raw))
			return p
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("not ready after 30 s: %s", stderr.String())
	return nil
}

// kill ends the process without any warning.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	_ = p.cmd.Wait()
}

// call makes one request; the error includes answers other than want.
func call1(ctx context.Context, method, url, token, contentType string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("User-Agent", "test/1.0 eHealth/Technical/3.0")
	req.Header.Set("From", "dev@example.org")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, raw, err
}
