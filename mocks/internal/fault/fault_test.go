package fault_test

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
)

func TestFaultsAreCountedInOrder(t *testing.T) {
	t.Parallel()
	var s fault.Set
	s.Add(fault.Fault{Service: "iam", Operation: "token", Status: 503, Times: 2})
	s.Add(fault.Fault{Client: "c", Status: 500, Times: -1})
	for i, tc := range []struct {
		service, op, client string
		want                int
	}{
		{"iam", "token", "x", 503}, {"iam", "certs", "x", 0}, {"iam", "token", "c", 503}, {"iam", "token", "c", 500}, {"pseudo", "identify", "c", 500}, {"iam", "token", "x", 0},
	} {
		f, _ := s.Take(tc.service, tc.op, tc.client)
		if f.Status != tc.want {
			t.Errorf("call %d: status %d, want %d", i, f.Status, tc.want)
		}
	}
	if hits := s.List()[0].Hits; hits != 2 {
		t.Errorf("the first fault shows %d hits, want 2", hits)
	}
	if !s.Remove("1") || s.Remove("1") {
		t.Error("a fault can be removed once")
	}
	s.Clear()
	if len(s.List()) != 0 {
		t.Error("faults are left after Clear")
	}
}

func TestAUselessOrWildFaultIsRefused(t *testing.T) {
	t.Parallel()
	for _, f := range []fault.Fault{{}, {Status: 200}, {Status: 600}, {DelayMS: -1}, {DelayMS: 10 * 60 * 1000}, {Status: 503, Times: -2}} {
		if f.Validate() == nil {
			t.Errorf("%+v was accepted", f)
		}
	}
	for _, f := range []fault.Fault{{Status: 503}, {Error: "server_error"}, {DelayMS: 100}, {Cut: true}, {Garble: true, Times: -1}} {
		if err := f.Validate(); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
}
