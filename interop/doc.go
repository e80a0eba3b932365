// Package interop lets foreign client libraries judge the sandbox. Each test starts the real program in this process,
// runs a client library at an exact version against it, unmodified, only the origin changed, and turns every case of
// that client into a subtest.
//
// The clients come from npm (package.json, package-lock.json), from Go modules and, outside the default run, from
// Maven (java/). Node scripts print one JSON line per case; see node/lib/report.mjs. Browser cases run in Debian's
// Chromium with pages of web/, served from another origin than the sandbox's.
//
// SANDBOX_URL=http://… points the suite at a running sandbox instead of one in this process; CASE=regexp picks cases
// of a script; CHROMIUM names the browser. What is missing on a machine is skipped with its reason.
//
//	go test ./interop/...
//	SANDBOX_URL=http://127.0.0.1:8080 CASE='SSIN' go test ./interop -run Pseudo -v
package interop
