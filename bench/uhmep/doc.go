// Command uhmep fills a sandbox with prescriptions through its own API and
// measures create, read, search by patient, status search with paging, assign
// and patch, at several sizes of the store.
//
//	go run ./bench/uhmep                                  # 1 000 and 5 000 prescriptions, about a minute
//	go run ./bench/uhmep -sizes 1000,10000,100000         # several minutes
//	go run ./bench/uhmep -sizes 20000 -data /var/tmp/x -clients 16   # with fsync
//
// Requests go through the whole handler (token, headers, checks, journal,
// minting of pseudonyms) without a network between. Times are per request as a
// client sees them with so many clients at once.
package main
