package main

import (
	"flag"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTheCommandsFindTheListeners(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		env        map[string]string
		args       []string
		url, admin string
	}{
		{"by default", nil, nil, "http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"inside a container", map[string]string{"SANDBOX_LISTEN": "0.0.0.0:80"}, nil, "http://127.0.0.1:80", "http://127.0.0.1:80"},
		{"with a control listener", map[string]string{"SANDBOX_LISTEN": ":8080", "SANDBOX_ADMIN_LISTEN": "[::]:9090"}, nil, "http://127.0.0.1:8080", "http://127.0.0.1:9090"},
		{"by URL", map[string]string{"SANDBOX_URL": "http://sandbox/", "SANDBOX_ADMIN_LISTEN": ":9090"}, nil, "http://sandbox", "http://sandbox"},
		{"by flags", map[string]string{"SANDBOX_URL": "http://other"}, []string{"-url", "http://a", "-admin-url", "http://b/"}, "http://a", "http://b"},
	} {
		fs := flag.NewFlagSet(tc.name, flag.ContinueOnError)
		to := targetFlags(fs, func(name string) string { return tc.env[name] })
		if err := fs.Parse(tc.args); err != nil {
			t.Fatal(err)
		}
		if got := to(); got.url != tc.url || got.admin != tc.admin {
			t.Errorf("%s: %s and %s, want %s and %s", tc.name, got.url, got.admin, tc.url, tc.admin)
		}
	}
}

// The health check of the image is the wait command without arguments.
func TestTheCommandsWorkWithAControlListenerAndToken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	admin := l.Addr().String()
	_ = l.Close()
	p := start(t, "-admin-listen", admin, "-admin-token", "secret")
	env := map[string]string{"SANDBOX_LISTEN": strings.TrimPrefix(p.url, "http://"), "SANDBOX_ADMIN_LISTEN": admin, "SANDBOX_ADMIN_TOKEN": "secret"}
	for _, args := range [][]string{{"wait"}, {"token"}, {"pseudonymize", "-tenant", "a", "54022899886"}} {
		var out, errs strings.Builder
		if code := runUntil(t.Context(), args, func(name string) string { return env[name] }, &out, &errs); code != exitOK {
			t.Errorf("%s: exit %d: %s", args[0], code, errs.String())
		}
	}
	if status, _, err := call1(t.Context(), http.MethodGet, "http://"+admin+"/_sandbox/live", "", "", nil); err != nil || status != http.StatusOK {
		t.Errorf("live: %d %v", status, err)
	}
	_, adminPort, err := net.SplitHostPort(admin)
	if err != nil {
		t.Fatal(err)
	}
	status, raw, err := call1(t.Context(), http.MethodGet, "http://localhost:"+adminPort+"/_sandbox/info", "secret", "", nil)
	if err != nil || status != http.StatusOK || !strings.Contains(string(raw), `"`+p.url+`/auth"`) {
		t.Errorf("the control listener's info does not lead to the services at %s: %d %v %s", p.url, status, err, raw)
	}
}

func TestAStopEndsWaitingCallsWithoutClaimingABug(t *testing.T) {
	t.Parallel()
	p := start(t, "-admin-listen", "127.0.0.1:0", "-shutdown-timeout", "1s")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	p.stop(t)
	line, _, _ := strings.Cut(p.stdout.String(), "\n")
	if _, admin, found := strings.Cut(line, "control API at http://localhost:"); !found || strings.HasPrefix(admin, "0/") || strings.HasPrefix(admin, port+"/") {
		t.Errorf("the start does not tell the real port of the control listener: %q", line)
	}

	p = start(t, "-shutdown-timeout", "1s")
	got := make(chan int, 1)
	go func() {
		status, _, err := call1(t.Context(), http.MethodGet, p.url+"/_sandbox/journal/wait?service=nobody&timeout=30s", "", "", nil)
		if err != nil {
			status = -1 // cut off: right as well
		}
		got <- status
	}()
	time.Sleep(200 * time.Millisecond) // there is no sign of a waiting call to wait for
	p.stop(t)
	if status := <-got; status == http.StatusInternalServerError {
		t.Error("a stop answers a waiting call with 500")
	}
}

// stop ends the process politely.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
}
