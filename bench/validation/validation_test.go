package validation

import (
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/basecheck"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// documents are the three kinds with the profile of each.
func documents() map[string][2]string {
	return map[string][2]string{
		"nursing":   {"parameters", "ereferral-servicerequest-nursing"},
		"annex-81":  {sample.Annex81, "ereferral-annex-81"},
		"radiology": {sample.Imaging, "ereferral-servicerequest-diagnosticimaging"},
	}
}

// unknown is a terminology that knows nothing, so that only judging is measured; look-ups are map reads.
type unknown struct{}

func (unknown) Member(_, _, _ string) (member, known bool)  { return false, false }
func (unknown) CodeSystemHas(_, _ string) (has, known bool) { return false, false }

func each(b *testing.B, run func(b *testing.B, body []byte, profile string)) {
	b.Helper()
	for name, d := range documents() {
		body := sample.JSON(sample.Request(d[0], sample.Options{}))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			run(b, body, d[1])
		})
	}
}

func BenchmarkParse(b *testing.B) {
	each(b, func(b *testing.B, body []byte, _ string) {
		for b.Loop() {
			tree.Parse(body, tree.Limits{})
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	each(b, func(b *testing.B, body []byte, _ string) {
		doc, _ := tree.Parse(body, tree.Limits{})
		for b.Loop() {
			tree.Encode(doc)
		}
	})
}

func BenchmarkBaseR4(b *testing.B) {
	checker, err := basecheck.New()
	if err != nil {
		b.Fatal(err)
	}
	each(b, func(b *testing.B, body []byte, _ string) {
		doc, _ := tree.Parse(body, tree.Limits{})
		for b.Loop() {
			checker.Check(doc)
		}
	})
}

func BenchmarkProfile(b *testing.B) {
	set, err := profile.Load(fixtures.FS, unknown{})
	if err != nil {
		b.Fatal(err)
	}
	each(b, func(b *testing.B, body []byte, id string) {
		doc, _ := tree.Parse(body, tree.Limits{})
		for b.Loop() {
			set.Check(id, doc)
		}
	})
}

func BenchmarkWhole(b *testing.B) {
	checker, err := check.New(check.Config{Fixtures: fixtures.FS, Codes: unknown{}})
	if err != nil {
		b.Fatal(err)
	}
	now := check.Context{Now: time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)}
	each(b, func(b *testing.B, body []byte, _ string) {
		for b.Loop() {
			if _, issues := checker.ServiceRequest(body, now); len(issues) > 0 {
				b.Fatal(issues[0].Diagnostics())
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		if _, err := check.New(check.Config{Fixtures: fixtures.FS, Codes: unknown{}}); err != nil {
			b.Fatal(err)
		}
	}
}
