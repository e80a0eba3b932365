// Command pseudo measures pseudonymisation through the whole sandbox on one
// core, beside the bare conversion and the raw multiplication of our own P-521,
// circl, nistec and OpenSSL, all in one run:
//
//	go run ./bench/pseudo -rounds 5 -seconds 1
//
// Times are processor time, as openssl speed takes it too: on a shared machine
// the clock on the wall tells mostly about the neighbours.
package main
