package terminology

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/rf2"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// ImportCommand is `sandbox import-rf2`: it imports a release and writes its index file. It returns the exit code: 0 done, 1 refused,
// 2 wrong command line. The release is always read, also when there is an index file with its fingerprint already. The old index file stays in place unless everything was read.
func ImportCommand(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("import-rf2", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("o", "", "index file or folder to write; a folder gets <module>_<date>_<fingerprint>.snomed (default: beside the release)")
	version := flags.String("version", "", "version URI, when it cannot be told from the files (http://snomed.info/sct/<module>/version/<YYYYMMDD>)")
	inactive := flags.Bool("inactive-descriptions", true, "keep inactive descriptions; -inactive-descriptions=false makes a smaller index")
	quiet := flags.Bool("q", false, "no progress")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: sandbox import-rf2 [flags] <zip or folder> [<extension>…]")
		fmt.Fprintln(stderr, "Imports a SNOMED CT release (RF2 snapshot or full) for use with -tx-rf2. Several packages make one edition, the extension last.")
		fmt.Fprintln(stderr, "It always reads the whole release; -tx-rf2 reuses the index file of a release with the same names, sizes, beginnings and ends.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return 2
	}
	for _, name := range flags.Args() {
		if strings.HasSuffix(name, indexSuffix) {
			fmt.Fprintf(stderr, "sandbox: import-rf2: %s is an index file already: use it with -tx-rf2 %s\n", name, name)
			return 1
		}
	}
	// An import makes much garbage that lives briefly: collecting it more often costs little and keeps the peak below a gigabyte.
	defer debug.SetGCPercent(debug.SetGCPercent(30))
	bar := newBar(stderr, *quiet)
	opt := rf2.Options{Version: *version, DropInactive: !*inactive, Progress: bar.step}
	dir := *out
	single := strings.HasSuffix(dir, indexSuffix)
	var e *snomed.Edition
	var name string
	var err error
	if single {
		name = dir
		if e, err = rf2.Import(ctx, flags.Args(), opt); err == nil {
			if err = os.MkdirAll(filepath.Dir(name), 0o755); err == nil { //nolint:gosec // index files hold public terminology
				err = e.WriteFile(name)
			}
		}
	} else {
		e, name, err = importRelease(ctx, flags.Args(), dir, opt)
	}
	bar.end()
	if err != nil {
		fmt.Fprintf(stderr, "sandbox: import-rf2: %v\n", err)
		return 1
	}
	defer e.Close() //nolint:errcheck // a mapping for reading
	for _, a := range e.Anomalies {
		fmt.Fprintln(stderr, "note:", a)
	}
	fmt.Fprintf(stdout, "%s\n%s\n%d concepts, %d active\nthe whole release was read; no earlier index file was reused\n%s\nuse it with: sandbox -tx-rf2 %s\n", e.Title, e.System, e.ConceptCount, e.ActiveCount, name, name)
	return 0
}

// bar draws progress: a line that moves on a terminal, one line per step elsewhere.
type bar struct {
	w        io.Writer
	quiet    bool
	terminal bool
	last     string
	percent  int
	drawn    bool
}

func newBar(w io.Writer, quiet bool) *bar {
	b := &bar{w: w, quiet: quiet, percent: -1}
	if f, ok := w.(*os.File); ok {
		if st, err := f.Stat(); err == nil {
			b.terminal = st.Mode()&os.ModeCharDevice != 0
		}
	}
	return b
}

func (b *bar) step(name string, done, total int64) {
	if b.quiet {
		return
	}
	p := percentOf(done, total)
	switch {
	case b.terminal && (name != b.last || p != b.percent):
		fmt.Fprintf(b.w, "\r\x1b[K%3d %% [%-40s] %s", p, strings.Repeat("=", p*40/100), name)
		b.drawn = true
	case !b.terminal && name != b.last:
		fmt.Fprintf(b.w, "%3d %% %s\n", p, name)
	}
	b.last, b.percent = name, p
}

func (b *bar) end() {
	if b.drawn {
		fmt.Fprint(b.w, "\r\x1b[K")
	}
}
