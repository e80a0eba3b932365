package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	sizes := flag.String("sizes", "1000,5000", "sizes of the store at which to measure, ascending")
	clients := flag.Int("clients", 2, "clients at once")
	calls := flag.Int("calls", 1000, "requests per measured row")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the run to this file")
	data := flag.String("data", "", "durable store in this directory (fsync); empty: temporary, not synced")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "uhmep:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	if err := run(os.Stdout, *sizes, *clients, *calls, *data); err != nil {
		fmt.Fprintln(os.Stderr, "uhmep:", err)
		pprof.StopCPUProfile()
		os.Exit(1) //nolint:gocritic // the profile is closed above
	}
}

// run fills and measures, and prints one table.
func run(out io.Writer, sizes string, clients, calls int, data string) error {
	w, err := open(data)
	if err != nil {
		return err
	}
	defer w.close()
	fmt.Fprintf(out, "%-10s %-34s %10s %9s %9s %9s %9s\n", "documents", "operation", "per second", "cpu ms", "p50 ms", "p99 ms", "max ms")
	for text := range strings.SplitSeq(sizes, ",") {
		size, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || size < w.made() {
			return fmt.Errorf("-sizes %q: ascending numbers", sizes)
		}
		fill, err := measure(clients, size-w.made(), w.create)
		if err != nil {
			return err
		}
		fill.print(out, size, "create (while filling)")
		for _, row := range []struct {
			name string
			do   func(n int) error
		}{
			{"read", w.read}, {"search by patient", w.searchPatient}, {"search by requester and status", w.searchStatus},
			{"the same, total=none", w.searchNoTotal}, {"create task (assign)", w.assign}, {"patch (start)", w.start}, {"patch (finish)", w.finish},
		} {
			m, err := measure(clients, calls, row.do)
			if err != nil {
				return fmt.Errorf("%s: %w", row.name, err)
			}
			m.print(out, size, row.name)
		}
		fmt.Fprintf(out, "%-10d memory %d MB resident; store %s\n", size, residentMB(), fileSize(data))
	}
	problems, err := w.check()
	fmt.Fprintf(out, "check of indexes against documents: %d problems\n", problems)
	return err
}

// timings are the durations of one row.
type timings struct {
	all   []time.Duration
	total time.Duration
	cpu   time.Duration // processor time of the process: what a busy machine does not distort
}

func (m timings) print(out io.Writer, size int, name string) {
	if len(m.all) == 0 {
		return
	}
	slices.Sort(m.all)
	ms := func(q float64) float64 {
		return float64(m.all[min(int(q*float64(len(m.all))), len(m.all)-1)].Microseconds()) / 1000
	}
	fmt.Fprintf(out, "%-10d %-34s %10.0f %9.2f %9.2f %9.2f %9.2f\n", size, name, float64(len(m.all))/m.total.Seconds(),
		float64(m.cpu.Microseconds())/1000/float64(len(m.all)), ms(0.5), ms(0.99), ms(1))
}

// measure runs do n times on several clients; do gets a running number.
func measure(clients, n int, do func(n int) error) (timings, error) {
	all := make([]time.Duration, n)
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	begin, used := time.Now(), cpuTime()
	for range clients {
		wg.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				start := time.Now()
				if err := do(i); err != nil {
					failed.Store(&err)
				}
				all[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
	if p := failed.Load(); p != nil {
		return timings{}, *p
	}
	return timings{all, time.Since(begin), cpuTime() - used}, nil
}

// cpuTime is the processor time the process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func residentMB() int {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(raw), "\n") {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kb, err := strconv.Atoi(f[1])
			if err == nil {
				return kb / 1024
			}
		}
	}
	return 0
}

func fileSize(dir string) string {
	if dir == "" {
		return "temporary"
	}
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				sum += info.Size()
			}
		}
		return err
	})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d MB", sum>>20)
}
