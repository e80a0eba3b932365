package uhmep

import (
	"encoding/json"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Whatever body comes in, the answer is an answer of the API: no 500, JSON, and
// the store stays consistent.
func FuzzBodies(f *testing.F) {
	b := open(f, false)
	id := b.create("hygienic-care", "dr-peeters")
	proposal := b.create(sample.Annex81, "nurse-claes")
	image := b.assign("pat-dubois", b.create(sample.Imaging, "dr-peeters"), "dentist")
	task := b.assign("nurse-claes", id, "nurse-claes")
	now := longDate(b.t.Clock.Now())
	targets := []struct{ as, method, path string }{
		{"dr-peeters", "POST", "/ServiceRequest"},
		{"nurse-claes", "POST", "/Task"},
		{"nurse-claes", "PATCH", "/Task/" + task},
		{"dentist", "PATCH", "/Task/" + image},
		{"dr-peeters", "PATCH", "/ServiceRequest/" + id},
		{"nurse-claes", "PATCH", "/Task/" + id},
		{"dr-peeters", "POST", "/ServiceRequest/" + proposal + "/$reject"},
		{"dr-peeters", "POST", "/ServiceRequest/_search"},
	}
	add := func(n int, o tree.Object) { f.Add(uint8(n), tree.Encode(o)) }
	add(0, b.request("hygienic-care", "dr-peeters"))
	add(0, b.request(sample.Imaging, "dr-peeters"))
	add(1, b.task(id, "midwife-before"))
	add(2, sample.Patch(sample.StartAt(now)))
	add(3, sample.Patch(sample.Substitute("32962002")...))
	add(3, sample.Patch(sample.Refuse("other")...))
	add(4, cancelPatch())
	add(5, sample.Patch(sample.SetStatus("Task", "completed")))
	add(6, sample.Evaluation("", sample.Options{}))
	f.Add(uint8(7), []byte(form("patient", b.patientIn("pat-dubois"), "_sort", "authored", "_elements", "status")))
	f.Add(uint8(0), []byte(`{"resourceType":"ServiceRequest","meta":{"profile":[null]},"category":[{"coding":[null]}]}`))
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		target := targets[int(n)%len(targets)]
		a := (&bench{TB: t, s: b.s, t: b.t, h: b.h, ps: b.ps, care: b.care}).call(target.as, target.method, target.path, string(body))
		if a.Code >= 500 {
			t.Fatalf("%s %s: %d %s", target.method, target.path, a.Code, a.Body)
		}
		if a.Body.Len() > 0 && !json.Valid(a.Body.Bytes()) {
			t.Fatalf("not JSON: %s", a.Body)
		}
	})
}
