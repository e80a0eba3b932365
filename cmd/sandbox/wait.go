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

// baseURL is where the commands that talk to a running sandbox find it.
func baseURL(fs *flag.FlagSet, getenv func(string) string) *string {
	def := "http://127.0.0.1:8080"
	if listen := getenv("SANDBOX_LISTEN"); listen != "" {
		if host, port, err := net.SplitHostPort(listen); err == nil && port != "0" {
			if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
				host = "127.0.0.1"
			}
			def = "http://" + net.JoinHostPort(host, port)
		}
	}
	if u := getenv("SANDBOX_URL"); u != "" {
		def = u
	}
	return fs.String("url", def, "base URL of the sandbox [SANDBOX_URL]")
}

// wait polls /_sandbox/ready until it answers 200.
func wait(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("sandbox wait", flag.ContinueOnError)
	fs.SetOutput(stderr)
	url := baseURL(fs, getenv)
	timeout := fs.Duration("timeout", 10*time.Second, "how long to wait")
	if err := parse(fs, args); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, *timeout)
	defer stop()
	ready := strings.TrimRight(*url, "/") + "/_sandbox/ready"
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		err := get(ctx, ready)
		if err == nil {
			_, err = fmt.Fprintln(stdout, "ready:", *url)
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready after %s: %w", *url, *timeout, err)
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
