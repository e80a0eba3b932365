package care

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// Period bounds a relation in time: from the first instant of From until the
// last of Until, days (YYYY-MM-DD) in Brussels or instants (RFC 3339). Empty =
// open.
type Period struct {
	From  string `json:"from,omitempty" yaml:"from"`
	Until string `json:"until,omitempty" yaml:"until"`
}

// Consent is a patient's informed consent, given or withdrawn.
type Consent struct {
	Patient string `json:"patient" yaml:"patient"` // SSIN
	Given   bool   `json:"given" yaml:"given"`
	Period  `yaml:",inline"`
}

// Relation is a therapeutic relation between a patient and a professional,
// present or denied.
type Relation struct {
	Patient      string `json:"patient" yaml:"patient"`
	Professional string `json:"professional" yaml:"professional"` // SSIN
	Exists       bool   `json:"exists" yaml:"exists"`
	Period       `yaml:",inline"`
}

// Exclusion keeps one professional away from a patient's data.
type Exclusion struct {
	Patient      string `json:"patient" yaml:"patient"`
	Professional string `json:"professional" yaml:"professional"`
	Period       `yaml:",inline"`
}

// Suspension forbids a professional to practise.
type Suspension struct {
	Professional string `json:"professional" yaml:"professional"`
	Period       `yaml:",inline"`
}

// File is one fixture file of relations.
type File struct {
	Consents    []Consent    `yaml:"consents"`
	Relations   []Relation   `yaml:"relations"`
	Exclusions  []Exclusion  `yaml:"exclusions"`
	Suspensions []Suspension `yaml:"suspensions"`
}

// Validate reports numbers and times that cannot be read.
func (f *File) Validate() error {
	var errs []error
	add := func(kind string, i int, p Period, numbers ...string) {
		if err := check(p, numbers...); err != nil {
			errs = append(errs, &world.PathError{Path: kind + "." + strconv.Itoa(i), Text: err.Error()})
		}
	}
	for i, c := range f.Consents {
		add("consents", i, c.Period, c.Patient)
	}
	for i, r := range f.Relations {
		add("relations", i, r.Period, r.Patient, r.Professional)
	}
	for i, x := range f.Exclusions {
		add("exclusions", i, x.Period, x.Patient, x.Professional)
	}
	for i, s := range f.Suspensions {
		add("suspensions", i, s.Period, s.Professional)
	}
	return errors.Join(errs...)
}

// check tells what is wrong with a relation.
func check(p Period, numbers ...string) error {
	for _, n := range numbers {
		if len(n) != 11 || strings.Trim(n, "0123456789") != "" {
			return fmt.Errorf("%q is no national number: give eleven digits", n)
		}
	}
	from, ok1 := instant(p.From, false)
	until, ok2 := instant(p.Until, true)
	if !ok1 || !ok2 {
		return fmt.Errorf("from %q until %q: give days YYYY-MM-DD or RFC 3339 instants", p.From, p.Until)
	}
	if !from.IsZero() && !until.IsZero() && until.Before(from) {
		return fmt.Errorf("until %s lies before from %s", p.Until, p.From)
	}
	return nil
}

// instant reads a day or an instant; the end of a day is the start of the
// next.
func instant(s string, end bool) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	t, err := time.ParseInLocation(time.DateOnly, s, clock.Brussels())
	if err == nil && end {
		t = t.AddDate(0, 0, 1)
	}
	return t, err == nil
}

// Holds tells whether the period covers now.
func (p Period) Holds(now time.Time) bool {
	from, ok1 := instant(p.From, false)
	until, ok2 := instant(p.Until, true)
	return ok1 && ok2 && (from.IsZero() || !now.Before(from)) && (until.IsZero() || now.Before(until))
}

// Begins is the instant the period starts; zero when it is open.
func (p Period) Begins() time.Time {
	t, _ := instant(p.From, false)
	return t
}
