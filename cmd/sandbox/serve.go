package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks"
)

// Limits of both listeners.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 60 * time.Second
	writeTimeout  = 3 * time.Minute // longer than the longest injected delay
	idleTimeout   = 2 * time.Minute
	headerLimit   = 256 << 10
)

// serve runs the sandbox until ctx ends.
func serve(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	values, err := settingsOf(args, getenv, stderr)
	if err != nil {
		return err
	}
	level := slog.LevelWarn
	if text := values["log"]; text != "" {
		if err := level.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("-log (SANDBOX_LOG): %q is not debug, info, warn or error", text)
		}
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	sb, err := mocks.Open(mocks.Options{Settings: values, Log: log, Version: versionText()})
	if err != nil {
		return err
	}
	err = listenAndServe(ctx, sb, log, stdout)
	return errors.Join(err, sb.Close())
}

// settingsOf reads environment and flags; the flag wins.
func settingsOf(args []string, getenv func(string) string, stderr io.Writer) (map[string]string, error) {
	values := mocks.SettingsFromEnv(getenv)
	fs := flag.NewFlagSet("sandbox serve", flag.ContinueOnError)
	fs.SetOutput(stderr)
	for _, g := range mocks.SettingsTable() {
		for _, s := range g.Settings {
			help := s.Help + " [" + s.Env + "]"
			if s.Default != "" {
				help += " (default " + s.Default + ")"
			}
			set := func(v string) error { values[s.Name] = v; return nil }
			if s.Kind == "bool" {
				fs.BoolFunc(s.Name, help, set)
			} else {
				fs.Func(s.Name, help, set)
			}
			if s.Short != "" {
				fs.Func(s.Short, "short for -"+s.Name, set)
			}
		}
	}
	if err := parse(fs, args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		fmt.Fprintf(stderr, "sandbox serve: unexpected argument %q\n", fs.Arg(0))
		return nil, errUsage
	}
	return values, nil
}

// listenAndServe opens the listeners, tells where they are, and serves until
// ctx ends; requests under way then get their time to finish.
func listenAndServe(ctx context.Context, sb *mocks.Sandbox, log *slog.Logger, stdout io.Writer) error {
	base, cut := context.WithCancel(context.Background())
	defer cut()
	main, err := listen("listen", sb.Setting("listen"))
	if err != nil {
		return err
	}
	handlers := map[net.Listener]http.Handler{main: sb}
	adminURL := ""
	if addr := sb.Setting("admin-listen"); addr != "" {
		admin, err := listen("admin-listen", addr)
		if err != nil {
			return errors.Join(err, main.Close())
		}
		handlers[main], handlers[admin] = sb.Main(), sb.Admin()
		adminURL = "http://" + reachable(admin.Addr())
		if _, port, err := net.SplitHostPort(main.Addr().String()); err == nil {
			sb.SetMainPort(port)
		}
	}
	failed := make(chan error, len(handlers))
	var servers []*http.Server
	for l, h := range handlers {
		srv := &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
			MaxHeaderBytes: headerLimit, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelInfo), BaseContext: func(net.Listener) context.Context { return base }}
		servers = append(servers, srv)
		go func() { failed <- srv.Serve(l) }()
	}
	url := "http://" + reachable(main.Addr())
	announce(stdout, sb, url, adminURL)
	if err := writeReady(sb.Setting("ready-file"), url); err != nil {
		return errors.Join(err, shutdown(servers, 0, cut))
	}
	debug.FreeOSMemory() // loading leaves garbage that an idle sandbox should not hold
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	timeout, _ := time.ParseDuration(sb.Setting("shutdown-timeout")) // the table checked it
	return errors.Join(err, shutdown(servers, timeout, cut))
}

func listen(setting, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken: use -%s or SANDBOX_%s, port 0 takes a free one", addr, setting, strings.ToUpper(strings.ReplaceAll(setting, "-", "_")))
	}
	if err != nil {
		return nil, fmt.Errorf("-%s: %w", setting, err)
	}
	return l, nil
}

// shutdown lets requests finish for timeout, then cuts them off.
func shutdown(servers []*http.Server, timeout time.Duration, cut func()) error {
	ctx, stop := context.WithTimeout(context.Background(), timeout)
	defer stop()
	context.AfterFunc(ctx, cut)
	var all error
	for _, s := range servers {
		// Streams end only when cut off: give the rest of the time to plain requests.
		time.AfterFunc(timeout/2, cut)
		if err := s.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			all = errors.Join(all, err)
		}
		all = errors.Join(all, s.Close())
	}
	return all
}

// reachable turns a listen address into one to connect to.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// announce prints the four lines of a start.
func announce(w io.Writer, sb *mocks.Sandbox, url, adminURL string) {
	issuer, mode := url, "follows the request; fix it with SANDBOX_PUBLIC_URL"
	if fixed := sb.Setting("public-url"); fixed != "" {
		issuer, mode = strings.TrimRight(fixed, "/"), "fixed by SANDBOX_PUBLIC_URL"
	}
	control := ""
	if adminURL != "" {
		control = ", control API at " + adminURL + "/_sandbox"
	}
	fmt.Fprintf(w, "eHealth sandbox %s at %s/%s\n", versionText(), url, control)
	fmt.Fprintf(w, "issuer %s/auth/realms/healthcare (%s; from a container use host.docker.internal, or the same published port)\n", issuer, mode)
	fmt.Fprintln(w, "SANDBOX: synthetic data, not a service of eHealth or NIHDI, never for real patients")
	fmt.Fprintf(w, "try first: open %s/ in a browser, or: go run ./examples/journey -url %s\n", url, url)
}

// writeReady writes the base URL to a file, whole or not at all.
func writeReady(path, url string) error {
	if path == "" {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".ready-*")
	if err != nil {
		return fmt.Errorf("-ready-file: %w", err)
	}
	_, err = tmp.WriteString(url + "\n")
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("-ready-file: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}
