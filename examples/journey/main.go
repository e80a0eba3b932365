// Command journey walks an integrator's first journey against a running
// sandbox and prints each step: the requests, and what is interesting in the
// answers. It fails loudly at the first answer that is not what it should be.
//
//	go run ./cmd/sandbox                 # in one terminal
//	go run ./examples/journey            # in another
//
// It is a sample: a client written as one would write it against the real
// service, with the origin as the only difference. Only the lines marked
// "sandbox only" use something that does not exist there.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("journey", flag.ContinueOnError)
	fs.SetOutput(stderr)
	url := fs.String("url", "http://localhost:8080", "origin of the sandbox, with /t/<tenant> if you like")
	tenant := fs.String("tenant", "", "tenant, sent as X-Sandbox-Tenant")
	quiet := fs.Bool("quiet", false, "print the titles only")
	timeout := fs.Duration("timeout", 2*time.Minute, "how long the whole journey may take")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	ctx, stop := context.WithTimeout(context.Background(), *timeout)
	defer stop()
	j := newJourney(strings.TrimRight(*url, "/"), *tenant, stdout, *quiet)
	for i, step := range j.steps() {
		fmt.Fprintf(stdout, "\n%d. %s\n", i+1, step.title)
		if err := step.run(ctx); err != nil {
			fmt.Fprintf(stderr, "\nFAILED at step %d (%s): %v\n", i+1, step.title, err)
			return 1
		}
	}
	fmt.Fprintln(stdout, "\nThe whole journey worked.")
	return 0
}

// step is one part of the journey.
type step struct {
	title string
	run   func(context.Context) error
}

func (j *journey) steps() []step {
	return []step{
		{"The landing page says what is here", j.landing},
		{"Discover the identity provider", j.discover},
		{"Log in as dr-peeters on the login page", j.loginPage},
		{"Log in head-less, exchange the code, refresh", j.loginHeadless},
		{"Exchange the token for UHMEP", j.exchange},
		{"Each token opens only its own door", j.wrongTokens},
		{"Pseudonymise and identify, without the service seeing the number", j.pseudonymise},
		{"Create a nursing prescription", j.prescribe},
		{"Find it again by patient, with a fresh pseudonym", j.find},
		{"A nurse takes it and starts", j.execute},
		{"Look up and search codes in Dutch and French", j.terminology},
		{"Ask Prescription Search Support for radiology advice", j.advice},
		{"An organisation gets its two tokens with a key of its own", j.machineTokens},
		{"The organisation prescribes and finds its prescription", j.machinePrescribes},
	}
}
