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
	"strconv"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/internal/p521"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("p521", flag.ContinueOnError)
	flags.SetOutput(stderr)
	seconds := flags.Int("seconds", 2, "length of one turn")
	rounds := flags.Int("rounds", 3, "turns for each; the best counts")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if err := compare(stdout, time.Duration(*seconds)*time.Second, *rounds); err != nil {
		fmt.Fprintln(stderr, "p521:", err)
		return 1
	}
	return 0
}

// compare lets all implementations take turns and prints the best rate of each.
func compare(w io.Writer, turn time.Duration, rounds int) error {
	all := implementations()
	best := make([]float64, len(all))
	var openssl float64
	var missing error
	for range rounds {
		rate, err := opensslRate(turn)
		if err != nil {
			missing = err
		}
		openssl = max(openssl, rate)
		for i, im := range all {
			rate, err := measure(im, turn)
			if err != nil {
				return fmt.Errorf("%s: %w", im.name, err)
			}
			best[i] = max(best[i], rate)
		}
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "| P-521 conversion, one core | µs | per second | to OpenSSL |\n|---|---|---|---|\n")
	row := func(name string, rate float64) {
		ratio := "–"
		if openssl > 0 {
			ratio = fmt.Sprintf("%.2f", rate/openssl)
		}
		fmt.Fprintf(out, "| %s | %.0f | %.0f | %s |\n", name, 1e6/rate, rate, ratio)
	}
	for i, im := range all {
		row(im.name, best[i])
	}
	if openssl > 0 {
		row("openssl speed ecdhp521", openssl)
	} else {
		fmt.Fprintf(out, "\nno OpenSSL to compare with: %v\n", missing)
	}
	return out.Flush()
}

// measure returns conversions per second of processor time. Each result is the next input.
func measure(im implementation, turn time.Duration) (float64, error) {
	convert := im.with([]byte(strings.Repeat("\x01sixty-six bytes of scalar, below the order as it begins with 01. ", 2))[:66])
	g := p521.Generator()
	c := coordinates{g.X(), g.Y()}
	var err error
	n, start := 0, used()
	for used()-start < turn {
		for range 10 {
			if c, err = convert(c); err != nil {
				return 0, err
			}
		}
		n += 10
	}
	return float64(n) / (used() - start).Seconds(), nil
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
