// Command sandbox runs the eHealth sandbox: the Belgian eHealth and eReferral
// (UHMEP) environment in one process, for developing and testing care software.
//
//	sandbox [serve] [-listen …]   run it (the default)
//	sandbox wait [-url …]         wait until a sandbox is ready (container health check)
//	sandbox token …               get an access token from a running sandbox
//	sandbox pseudonymize SSIN     pseudonymise a number through a running sandbox
//	sandbox import-rf2 …          import a SNOMED CT release
//	sandbox settings              print the table of settings as Markdown
//	sandbox version               print the version
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr)) }
