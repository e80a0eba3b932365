// Package ssin knows the Belgian numbers: national (SSIN, with its bis form),
// care provider (NIHII-11) and company (CBE). It checks them, and finds and
// masks national numbers that may belong to living people.
//
// The sandbox's own numbers have a serial of 990 or more, which no birth
// register reaches in practice; only those are shown in full.
package ssin

import "strconv"

// Masked replaces a national number that may belong to somebody.
const Masked = "***********"

// syntheticSerial is the first serial the sandbox takes for invented.
const syntheticSerial = 990

// Valid tells whether s is an SSIN or bis number with right check digits: 97 −
// (first nine digits mod 97), with a 2 put before them for births from 2000 on.
func Valid(s string) bool {
	check, ok := digits(s, 11)
	if !ok {
		return false
	}
	nine, want := check/100, check%100
	return 97-nine%97 == want || 97-(2_000_000_000+nine)%97 == want
}

// Bis tells whether the month part marks a bis number (month + 20 or + 40).
func Bis(s string) bool {
	m, ok := digits(s[min(2, len(s)):min(4, len(s))], 2)
	return ok && m >= 20 && m <= 52
}

// MayBeReal tells whether s could be the number of a living person: valid,
// with a possible date, and a serial below the sandbox's own range.
func MayBeReal(s string) bool {
	if !Valid(s) {
		return false
	}
	month, _ := digits(s[2:4], 2)
	day, _ := digits(s[4:6], 2)
	serial, _ := digits(s[6:9], 3)
	return month%20 <= 12 && month <= 52 && day <= 31 && serial > 0 && serial < syntheticSerial
}

// ValidNIHII tells whether s is an 11-digit NIHII number with right check
// digits: 97 − (first six mod 97) in digits seven and eight.
func ValidNIHII(s string) bool {
	n, ok := digits(s, 11)
	if !ok {
		return false
	}
	return 97-(n/100_000)%97 == (n/1000)%100
}

// ValidCBE tells whether s is a 10-digit company number: starts with 0 or 1,
// and ends in 97 − (first eight mod 97).
func ValidCBE(s string) bool {
	n, ok := digits(s, 10)
	if !ok || s[0] > '1' {
		return false
	}
	return 97-(n/100)%97 == n%100
}

func digits(s string, n int) (int, bool) {
	if len(s) != n {
		return 0, false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
	}
	v, err := strconv.Atoi(s)
	return v, err == nil
}
