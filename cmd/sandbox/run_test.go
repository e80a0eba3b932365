package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func noEnv(string) string { return "" }

// try runs the program in this process with its output captured.
func try(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second) // a mistake that is accepted would serve for ever
	defer stop()
	code = runUntil(ctx, args, noEnv, &out, &errs)
	return code, out.String(), errs.String()
}

func TestMistakesOnTheCommandLineNameTheNextStep(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "personas.yaml"), []byte("personas:\n  - name: x\n    kind: wizard\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"unknown command", []string{"dance"}, 2, "no command"},
		{"unknown flag", []string{"-colour", "red"}, 2, "colour"},
		{"stray argument", []string{"serve", "now"}, 2, "now"},
		{"port taken", []string{"-listen", taken.Addr().String()}, 1, "SANDBOX_LISTEN"},
		{"bad seed", []string{"-seed", "lucky"}, 1, "-seed"},
		{"bad public URL", []string{"-public-url", "here"}, 1, "-public-url"},
		{"bad clock", []string{"-clock", "noon"}, 1, "RFC 3339"},
		{"bad level", []string{"-log", "loud"}, 1, "SANDBOX_LOG"},
		{"bad duration", []string{"-tenant-idle", "5"}, 1, "SANDBOX_TENANT_IDLE"},
		{"no fixtures", []string{"-fixtures", "/does/not/exist"}, 1, "-fixtures"},
		{"broken fixture", []string{"-fixtures", broken}, 1, "personas.yaml:2"},
		{"nothing to wait for", []string{"wait", "-url", "http://127.0.0.1:1", "-timeout", "50ms"}, 1, "not ready"},
		{"pseudonymize nobody", []string{"pseudonymize"}, 2, "ssin"},
		{"import nothing", []string{"import-rf2"}, 2, "import-rf2"},
		{"import what is not there", []string{"import-rf2", "/does/not/exist"}, 1, "/does/not/exist"},
		{"token from nowhere", []string{"token", "-url", "http://127.0.0.1:1"}, 1, "is a sandbox running"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			code, _, errs := try(t, tc.args...)
			if code != tc.code || !strings.Contains(errs, tc.want) {
				t.Errorf("exit code %d, want %d; %q, want a mention of %q", code, tc.code, errs, tc.want)
			}
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ arg, want string }{{"help", "pseudonymize"}, {"version", "sandbox "}, {"settings", "SANDBOX_PUBLIC_URL"}} {
		if code, out, errs := try(t, tc.arg); code != 0 || !strings.Contains(out, tc.want) {
			t.Errorf("%s: %d %q %q", tc.arg, code, out, errs)
		}
	}
}

func TestAStartPrintsFourUsefulLines(t *testing.T) {
	t.Parallel()
	p := start(t)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- p.cmd.Wait() }()
	select {
	case err := <-stopped:
		if err != nil {
			t.Errorf("a polite stop ends with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the program does not stop")
	}
	lines := strings.Split(strings.TrimSpace(p.stdout.String()), "\n")
	if len(lines) != 4 || !strings.Contains(lines[0], p.url) || !strings.Contains(lines[1], p.url+"/auth/realms/healthcare") || !strings.HasPrefix(lines[2], "SANDBOX") || !strings.Contains(lines[3], "journey") {
		t.Errorf("printed:\n%s", p.stdout)
	}
	if strings.HasSuffix(p.url, ":0") {
		t.Errorf("the real port is not told: %s", p.url)
	}
}

func TestARequestUnderWayFinishesDuringAStop(t *testing.T) {
	t.Parallel()
	p := start(t)
	if status, raw, err := call1(t.Context(), http.MethodPost, p.url+"/_sandbox/faults", "", "", []byte(`{"service":"iam","delay_ms":700}`)); err != nil || status != 201 {
		t.Fatalf("fault: %d %v %s", status, err, raw)
	}
	got := make(chan int, 1)
	go func() {
		status, _, err := call1(t.Context(), http.MethodGet, p.url+"/auth/realms/healthcare", "", "", nil)
		if err != nil {
			t.Error(err)
		}
		got <- status
	}()
	waitForHit(t, p)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := <-got; status != 200 {
		t.Errorf("the request under way got %d", status)
	}
	_ = p.cmd.Wait()
}

// waitForHit waits until the first fault has hit a call.
func waitForHit(t *testing.T, p *process) {
	t.Helper()
	for range 1000 {
		if _, raw, err := call1(t.Context(), http.MethodGet, p.url+"/_sandbox/faults", "", "", nil); err == nil && strings.Contains(string(raw), `"hits":1`) {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatal("the delayed call never arrived")
}

func TestTheCommandsTalkToARunningSandbox(t *testing.T) {
	t.Parallel()
	p := start(t)
	if code, out, errs := try(t, "wait", "-url", p.url); code != 0 || !strings.Contains(out, "ready") {
		t.Errorf("wait: %d %q %q", code, out, errs)
	}
	if code, out, errs := try(t, "token", "-url", p.url, "-exchange", "nihdi-uhmep-fhir-hcp"); code != 0 || strings.Count(out, ".") != 2 {
		t.Errorf("token: %d %q %q", code, out, errs)
	}
	if code, out, errs := try(t, "token", "-url", p.url, "-realm", "M2M", "-client", "demo-hospital", "-scope", "nihdi:uhmep:organization openid", "-json"); code != 0 || !strings.Contains(out, "access_token") {
		t.Errorf("M2M token: %d %q %q", code, out, errs)
	}
	code, out, errs := try(t, "pseudonymize", "-url", p.url, "-tenant", "a", "54022899886")
	if code != 0 || !strings.Contains(out, "identified  54022899886") {
		t.Errorf("pseudonymize: %d %q %q", code, out, errs)
	}
}

func TestTwoListenersKeepTheControlAPIApart(t *testing.T) {
	t.Parallel()
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := admin.Addr().String()
	_ = admin.Close()
	p := start(t, "-admin-listen", addr)
	if status, _, err := call1(t.Context(), http.MethodGet, p.url+"/_sandbox/info", "", "", nil); err != nil || status != 404 {
		t.Errorf("control API on the main listener: %d %v", status, err)
	}
	if status, _, err := call1(t.Context(), http.MethodGet, "http://"+addr+"/_sandbox/info", "", "", nil); err != nil || status != 200 {
		t.Errorf("control API on its own listener: %d %v", status, err)
	}
}
