// Command gen writes generated.go of package p521: field multiplication and squaring
// as straight-line code. Run it with go generate in internal/p521.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() { os.Exit(run(os.Args[1:])) }

// run writes the file named by -o, or standard output when there is none.
func run(args []string) int {
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	out := flags.String("o", "", "file to write; standard output if empty")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	src, err := source()
	if err == nil {
		if *out == "" {
			_, err = os.Stdout.Write(src)
		} else {
			err = os.WriteFile(*out, src, 0o644) // #nosec G306 -- source code is public
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		return 1
	}
	return 0
}
