package postco_test

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/ecl"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/postco"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed/snomedtest"
)

// FuzzRead looks for texts on which the judge fails, or that are not below their own focus concepts.
func FuzzRead(f *testing.F) {
	e := snomedtest.New(f, version, snomedtest.Clinic+snomedtest.Model)
	j := postco.New(e.Edition)
	for _, s := range []string{"[Rash]", "[Rash]+[Mumps]:{[Cause]=([Disorder]:{[Site]=[Gland]})}", "<<<[Hand]:[Laterality]=[Left]", "[Product]:[Count]=#2{[Strength]=#0.5}", "[Hard pancreas]:{[Cause]=[Fall]}"} {
		f.Add(e.Text(s))
	}
	n, err := ecl.Parse(e.Text("<< [Disorder] : { [0..2] [Site] = (< [Body part] MINUS [Hand]) }"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := j.Read(t.Context(), s)
		if err != nil {
			return
		}
		if !j.Subsumes(x, x) {
			t.Errorf("%q does not subsume itself", s)
		}
		for _, c := range x.Focus() {
			if ok, err := x.IsA(t.Context(), c, false); !ok || err != nil {
				t.Errorf("%q is not below its focus %d: %v", s, c, err)
			}
		}
		if _, err := x.Satisfies(t.Context(), n); err != nil {
			t.Error(err)
		}
	})
}
