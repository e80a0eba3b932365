package profile

import (
	"os"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/codes"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
)

func open(t testing.TB) *Set {
	t.Helper()
	fsys := os.DirFS("../../../fixtures")
	registry, err := codes.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	set, err := Load(fsys, registry)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func profileOf(template string) string {
	switch template {
	case sample.Annex81:
		return "ereferral-annex-81"
	case sample.Imaging:
		return "ereferral-servicerequest-diagnosticimaging"
	}
	return "ereferral-servicerequest-nursing"
}

func TestSamplesMeetTheirProfile(t *testing.T) {
	t.Parallel()
	set := open(t)
	for _, template := range sample.Templates() {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			for _, f := range set.Check(profileOf(template), sample.Request(template, sample.Options{})) {
				t.Errorf("got %+v, want nothing", f)
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	set := open(b)
	doc := sample.Request("parameters", sample.Options{})
	for b.Loop() {
		set.Check("ereferral-servicerequest-nursing", doc)
	}
}
