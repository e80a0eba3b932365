package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("pseudo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	seconds := flags.Float64("seconds", 1, "length of one turn")
	rounds := flags.Int("rounds", 3, "turns for each; the best counts")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if err := compare(stdout, time.Duration(*seconds*float64(time.Second)), *rounds); err != nil {
		fmt.Fprintln(stderr, "pseudo:", err)
		return 1
	}
	return 0
}

// row is one thing to measure; do performs it once and says how many
// conversions that were.
type row struct {
	name string
	do   func() (int, error)
}

// compare lets all rows take turns and prints the best time of each.
func compare(w io.Writer, turn time.Duration, rounds int) error {
	rows, done, err := rows()
	if err != nil {
		return err
	}
	defer done()
	best := make([]time.Duration, len(rows))
	openssl := 0.0
	var missing error
	for range rounds {
		rate, err := opensslRate(turn)
		if err != nil {
			missing = err
		}
		openssl = max(openssl, rate)
		for i, r := range rows {
			took, err := measure(r, turn)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			if best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	return table(w, rows, best, openssl, missing)
}

func table(w io.Writer, rows []row, best []time.Duration, openssl float64, missing error) error {
	out := bufio.NewWriter(w)
	bare := time.Duration(0)
	for i, r := range rows {
		if r.name == bareName {
			bare = best[i]
		}
	}
	fmt.Fprintf(out, "| one conversion, one core | µs | per second | to OpenSSL | to the bare conversion |\n|---|---|---|---|---|\n")
	for i, r := range rows {
		rate := float64(time.Second) / float64(best[i])
		ratio := "–"
		if openssl > 0 {
			ratio = fmt.Sprintf("%.2f", rate/openssl)
		}
		fmt.Fprintf(out, "| %s | %.0f | %.0f | %s | %.2f |\n", r.name, float64(best[i])/1e3, rate, ratio, float64(best[i])/float64(bare))
	}
	if openssl > 0 {
		fmt.Fprintf(out, "| openssl speed ecdhp521 | %.0f | %.0f | 1.00 | %.2f |\n", 1e6/openssl, openssl, 1e9/openssl/float64(bare))
	} else {
		fmt.Fprintf(out, "\nno OpenSSL to compare with: %v\n", missing)
	}
	return out.Flush()
}

// measure returns the processor time of one conversion.
func measure(r row, turn time.Duration) (time.Duration, error) {
	n, start := 0, cpu()
	for cpu()-start < turn {
		did, err := r.do()
		if err != nil {
			return 0, err
		}
		n += did
	}
	return (cpu() - start) / time.Duration(n), nil
}

// cpu is the processor time used so far, user and system.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// opensslRate asks openssl for its ECDH operations per second on P-521.
func opensslRate(turn time.Duration) (float64, error) {
	seconds := strconv.Itoa(max(1, int(turn.Seconds())))
	out, err := exec.Command("openssl", "speed", "-seconds", seconds, "ecdhp521").Output() // #nosec G204 -- fixed program, a number
	if err != nil {
		return 0, err
	}
	//   521 bits ecdh (nistp521)   0.0004s   2761.6
	m := regexp.MustCompile(`nistp521\)\s+[0-9.]+s\s+([0-9.]+)`).FindSubmatch(out)
	if m == nil {
		return 0, errors.New("openssl speed printed no line for nistp521")
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
