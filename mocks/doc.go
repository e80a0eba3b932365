// Package mocks opens the eHealth sandbox: every emulated service behind one
// http.Handler.
//
//	sb, err := mocks.Open(mocks.Options{})
//	if err != nil { … }
//	defer sb.Close()
//	srv := httptest.NewServer(sb)
//
// The services lie in sub-packages that do not know each other; what one needs
// of another it declares as a small interface, and only this package connects
// them. Tests of Go integrators use mocks/mockstest, which starts a sandbox for
// one test.
package mocks
