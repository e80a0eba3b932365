// Package e2e holds tests of the UHMEP API inside the whole sandbox: with real
// tokens and pseudonyms, and with a process that is killed under load. It has
// no code of its own.
package e2e
