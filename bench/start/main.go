// Command start measures what the process costs: time from exec to ready, idle
// memory, size of binary and image, making, resetting and restoring tenants,
// and what each mandated library adds. Medians of five.
//
//	go run ./bench/start             # without containers
//	go run ./bench/start -image sandbox:test
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	image := flag.String("image", "", "container image to measure too, for instance sandbox:test")
	libs := flag.Bool("libs", true, "measure what each mandated library costs")
	flag.Parse()
	if err := run(*image, *libs); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(1)
	}
}

const rounds = 5

func run(image string, libs bool) error {
	dir, err := os.MkdirTemp("", "bench-start-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	bin := filepath.Join(dir, "sandbox")
	if err := build(bin, "./cmd/sandbox"); err != nil {
		return err
	}
	row("binary", "%.1f MB", megabytes(bin))
	if err := process(bin, dir); err != nil {
		return err
	}
	if libs {
		if err := libraries(dir); err != nil {
			return err
		}
	}
	if image != "" {
		return container(image)
	}
	return nil
}

func row(name, format string, args ...any) {
	fmt.Printf("%-44s "+format+"\n", append([]any{name}, args...)...)
}

func build(out, pkg string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", pkg, err, text)
	}
	return nil
}

func megabytes(path string) float64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return float64(info.Size()) / 1e6
}

func median[T int | float64 | time.Duration](v []T) T {
	slices.Sort(v)
	return v[len(v)/2]
}

// started is a running sandbox.
type started struct {
	cmd *exec.Cmd
	url string
	in  time.Duration // exec to ready
}

func start(bin, dir string, args ...string) (*started, error) {
	ready := filepath.Join(dir, "ready")
	_ = os.Remove(ready)
	cmd := exec.Command(bin, append([]string{"-listen", "127.0.0.1:0", "-ready-file", ready}, args...)...)
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(begin) < 30*time.Second {
		if raw, err := os.ReadFile(ready); err == nil {
			return &started{cmd, strings.TrimSpace(string(raw)), time.Since(begin)}, nil
		}
		time.Sleep(500 * time.Microsecond)
	}
	return nil, errors.Join(errors.New("not ready after 30 s"), cmd.Process.Kill())
}

func (s *started) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// resident is VmRSS, and private the part that is not file pages, in MB.
func (s *started) resident() (rss, private float64) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, _ := strconv.ParseFloat(f[1], 64)
		switch f[0] {
		case "VmRSS:":
			rss = kb / 1000
		case "RssAnon:":
			private = kb / 1000
		}
	}
	return rss, private
}

func process(bin, dir string) error {
	var in []time.Duration
	var rss, private []float64
	var hello []time.Duration
	for range rounds {
		s, err := start(bin, dir)
		if err != nil {
			return err
		}
		time.Sleep(time.Second) // idle
		r, p := s.resident()
		in, rss, private = append(in, s.in), append(rss, r), append(private, p)
		s.stop()
		begin := time.Now()
		if err := exec.Command(bin, "version").Run(); err != nil {
			return err
		}
		hello = append(hello, time.Since(begin))
	}
	row("exec to ready", "%v (of which before main: about %v)", median(in).Round(time.Millisecond), median(hello).Round(time.Millisecond))
	row("idle memory", "%.0f MB resident, %.0f MB of it private", median(rss), median(private))

	s, err := start(bin, dir)
	if err != nil {
		return err
	}
	defer s.stop()
	return tenants(s)
}

// tenants measures the first request of a tenant against the second.
func tenants(s *started) error {
	if err := call(http.MethodGet, s.url+"/_sandbox/uhmep/check", ""); err != nil { // builds the day's seed
		return err
	}
	var made, again, reset, restore []time.Duration
	for i := range 50 * rounds {
		base := fmt.Sprintf("%s/t/bench%d", s.url, i)
		d, err := timed(http.MethodGet, base+"/_sandbox/live", "")
		if err != nil {
			return err
		}
		made = append(made, d)
		if d, err = timed(http.MethodGet, base+"/_sandbox/live", ""); err != nil {
			return err
		}
		again = append(again, d)
	}
	row("a tenant's first request, its second", "%v, %v", median(made).Round(time.Microsecond), median(again).Round(time.Microsecond))
	base := s.url + "/t/bench0"
	for i := range 200 {
		person := fmt.Sprintf(`{"name":"p%d","kind":"patient","ssin":"54022899886","first_name":"N","last_name":"N"}`, i)
		if err := call(http.MethodPut, fmt.Sprintf("%s/_sandbox/iam/personas/p%d", base, i), person); err != nil {
			return err
		}
	}
	if err := call(http.MethodPost, base+"/_sandbox/snapshots", `{"name":"s"}`); err != nil {
		return err
	}
	for range rounds {
		d, err := timed(http.MethodPost, base+"/_sandbox/reset", "")
		if err != nil {
			return err
		}
		reset = append(reset, d)
		if d, err = timed(http.MethodPost, base+"/_sandbox/snapshots/s/restore", ""); err != nil {
			return err
		}
		restore = append(restore, d)
	}
	row("reset, restore (200 changed documents)", "%v, %v", median(reset).Round(10*time.Microsecond), median(restore).Round(10*time.Microsecond))
	return nil
}

func call(method, url, body string) error {
	_, err := timed(method, url, body)
	return err
}

func timed(method, url, body string) (time.Duration, error) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	raw, err := io.ReadAll(res.Body)
	d := time.Since(begin)
	_ = res.Body.Close()
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s %.200s", method, url, res.Status, raw)
	}
	return d, err
}

// library is one mandated library with the package a program imports.
type library struct{ name, path string }

// libraries builds one empty program per library and compares it with one
// that imports nothing.
func libraries(dir string) error {
	sizes := map[string]float64{}
	times := map[string]time.Duration{}
	list := []library{{"nothing", ""}, {"net/http", "net/http"}, {"gorilla/mux", "github.com/gorilla/mux"}, {"go-jose v4", "github.com/go-jose/go-jose/v4"},
		{"google/fhir/go", "github.com/google/fhir/go/jsonformat"}, {"circl", "github.com/cloudflare/circl/group"}, {"bbolt", "go.etcd.io/bbolt"}}
	for _, l := range list {
		src := filepath.Join(dir, "main.go")
		code := "package main\n\nfunc main() {}\n"
		if l.path != "" {
			code = "package main\n\nimport _ \"" + l.path + "\"\n\nfunc main() {}\n"
		}
		if err := os.WriteFile(src, []byte(code), 0o600); err != nil {
			return err
		}
		bin := filepath.Join(dir, "lib")
		if err := build(bin, src); err != nil {
			return err
		}
		var d []time.Duration
		for range rounds {
			begin := time.Now()
			if err := exec.Command(bin).Run(); err != nil {
				return err
			}
			d = append(d, time.Since(begin))
		}
		sizes[l.name], times[l.name] = megabytes(bin), median(d)
	}
	for _, l := range list[1:] {
		row("library "+l.name, "%+.1f MB, %+v before main", sizes[l.name]-sizes["nothing"], (times[l.name] - times["nothing"]).Round(100*time.Microsecond))
	}
	return nil
}

// container measures the image and docker run to ready.
func container(image string) error {
	out, err := exec.Command("docker", "image", "inspect", "-f", "{{.Size}}", image).Output()
	if err != nil {
		return fmt.Errorf("docker image inspect: %w", err)
	}
	bytes64, _ := strconv.ParseFloat(string(bytes.TrimSpace(out)), 64)
	row("image "+image, "%.1f MB", bytes64/1e6)
	var in []time.Duration
	for range rounds {
		begin := time.Now()
		out, err := exec.Command("docker", "run", "-d", "--rm", "-p", "127.0.0.1:18080:8080", image).Output()
		if err != nil {
			return fmt.Errorf("docker run: %w", err)
		}
		for call(http.MethodGet, "http://127.0.0.1:18080/_sandbox/ready", "") != nil && time.Since(begin) < 30*time.Second {
			time.Sleep(10 * time.Millisecond)
		}
		in = append(in, time.Since(begin))
		if err := exec.Command("docker", "rm", "-f", string(bytes.TrimSpace(out))).Run(); err != nil {
			return err
		}
	}
	row("docker run to ready", "%v", median(in).Round(10*time.Millisecond))
	return nil
}
