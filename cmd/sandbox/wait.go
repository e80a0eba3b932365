package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// target is a running sandbox, as the commands that talk to one find it.
type target struct{ url, admin, token string }

// targetFlags adds -url and -admin-url; the function it returns gives the
// target after parsing. Inside a container the settings of the server itself
// tell both.
func targetFlags(fs *flag.FlagSet, getenv func(string) string) func() target {
	main := fs.String("url", getenv("SANDBOX_URL"), "base URL of the sandbox [SANDBOX_URL] (default http://127.0.0.1:8080, or what SANDBOX_LISTEN says)")
	admin := fs.String("admin-url", getenv("SANDBOX_ADMIN_URL"), "base URL of the control API when it has a listener of its own [SANDBOX_ADMIN_URL]")
	return func() target {
		t := target{url: *main, admin: *admin, token: getenv("SANDBOX_ADMIN_TOKEN")}
		if t.url == "" {
			t.url = or(listening(getenv("SANDBOX_LISTEN")), "http://127.0.0.1:8080")
			t.admin = or(t.admin, listening(getenv("SANDBOX_ADMIN_LISTEN")))
		}
		t.admin = strings.TrimRight(or(t.admin, t.url), "/")
		t.url = strings.TrimRight(t.url, "/")
		return t
	}
}

// listening is the URL to reach a listen address by, "" when it has no fixed
// port.
func listening(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "0" {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// wait polls /_sandbox/ready until it answers 200.
func wait(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("sandbox wait", flag.ContinueOnError)
	fs.SetOutput(stderr)
	to := targetFlags(fs, getenv)
	timeout := fs.Duration("timeout", 10*time.Second, "how long to wait")
	if err := parse(fs, args); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, *timeout)
	defer stop()
	ready := to().admin + "/_sandbox/ready"
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		err := get(ctx, ready)
		if err == nil {
			_, err = fmt.Fprintln(stdout, "ready:", to().url)
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready after %s: %w", to().admin, *timeout, err)
		case <-tick.C:
		}
	}
}

func get(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", res.Status)
	}
	return nil
}
