package ssin_test

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
)

func TestCheckDigits(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		check  func(string) bool
		number string
		want   bool
	}{
		{ssin.Valid, "71011599751", true}, {ssin.Valid, "71011599752", false},
		{ssin.Valid, "04050699738", true}, // born 2004
		{ssin.Valid, "80222700153", true}, // bis
		{ssin.Valid, "82042605839", true}, {ssin.Valid, "01482105560", true},
		{ssin.Valid, "10000000003", false}, {ssin.Valid, "7101159975", false}, {ssin.Valid, "7101159975a", false},
		{ssin.Bis, "80322799896", true}, {ssin.Bis, "71011599751", false}, {ssin.Bis, "8", false},
		{ssin.ValidNIHII, "19990116004", true}, {ssin.ValidNIHII, "94754895940", false}, {ssin.ValidNIHII, "12345678910", false},
		{ssin.ValidCBE, "0406798006", true}, {ssin.ValidCBE, "0308357555", true}, {ssin.ValidCBE, "2406798006", false}, {ssin.ValidCBE, "406798006", false},
	} {
		if got := tc.check(tc.number); got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.number, got, tc.want)
		}
	}
}

func TestOnlyNumbersThatMayBeRealAreMasked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, want string }{
		{"ssin=82042605839&x", "ssin=***********&x"},
		{"PractitionerRole/82042605839-NURSE", "PractitionerRole/***********-NURSE"},
		{"persona 71011599751 is invented", "persona 71011599751 is invented"},
		{"dummy 10000000003", "dummy 10000000003"},
		{"longer 820426058390", "longer 820426058390"},
		{"base64 AAA82042605839BBB", "base64 AAA82042605839BBB"},
		{"two 82042605839 82042605839", "two *********** ***********"},
		{"at the end 82042605839.", "at the end ***********."},
		{"a decimal 82042605839.5", "a decimal 82042605839.5"},
		{"urn%7C82042605839&x", "urn%7C***********&x"},
		{"escaped%2082042605839%22", "escaped%20***********%22"},
		{"%2282042605839%22", "%22***********%22"},
		{"with marks 82.04.26-058.39, 82 04 26 058 39", "with marks ***********, ***********"},
		{"a version 82.04.26-058.3", "a version 82.04.26-058.3"},
		{`{"ssin":"82042605839","n":82042605839}`, `{"ssin":"***********","n":***********}`},
		{"Bearer e30.eyJzc2luIjoiODIwNDI2MDU4MzkifQ.sig", "Bearer e30.eyJzc2luIjoiKioqKioqKioqKioifQ.sig"},
		{"Bearer e30.eyJzc2luIjoiNzEwMTE1OTk3NTEifQ.sig", "Bearer e30.eyJzc2luIjoiNzEwMTE1OTk3NTEifQ.sig"},
		{"", ""},
	} {
		if got := ssin.Mask(tc.in); got != tc.want {
			t.Errorf("Mask(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
	if got := ssin.FindReal("nothing", "here 82042605839"); got != "82042605839" {
		t.Errorf("found %q", got)
	}
}

func FuzzMaskLeavesNothingBehind(f *testing.F) {
	f.Add("82042605839")
	f.Add("x 71011599751 82042605839,")
	f.Add("%2082042605839%2082.04.26-058.39")
	f.Fuzz(func(t *testing.T, s string) {
		if left := ssin.FindReal(ssin.Mask(s)); left != "" {
			t.Errorf("%q still holds %s after masking", s, left)
		}
	})
}
