package pseudo_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"
)

// cpu is the processor time used so far: on a shared machine it says more than
// the clock on the wall.
func cpu(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// The whole path of a request but the network and the check of the token;
// bench/pseudo measures the rest beside other implementations.
func BenchmarkHandler(b *testing.B) {
	w := newWorld(b)
	i, _ := blinded(b, value(b, "85042101234"), "a")
	transit := w.transit("uhmep_v1", "85042101234")
	j, _ := blinded(b, transit.Point, "a")
	j["transitInfo"] = transit.TransitInfo
	ten := make([]any, 10)
	for n := range ten {
		ten[n] = i
	}
	for name, tc := range map[string]struct {
		path string
		body any
	}{
		"pseudonymize": {"uhmep_v1/pseudonymize", i}, "identify": {"uhmep_v1/identify", j}, "pseudonymizeMultiple of 10": {"uhmep_v1/pseudonymizeMultiple", in{"inputs": ten}},
		"refused point": {"uhmep_v1/pseudonymize", i.with("x", "AQ==")},
	} {
		raw, err := json.Marshal(tc.body)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			from := cpu(b)
			defer func() { b.ReportMetric(float64(cpu(b)-from)/float64(b.N)/1e3, "cpu-µs/op") }()
			for b.Loop() {
				r := httptest.NewRequest("POST", "/pseudo/v1/domains/"+tc.path, bytes.NewReader(raw))
				r.Header.Set("Authorization", "Bearer all")
				r.Header.Set("Content-Type", "application/json")
				rec := httptest.NewRecorder()
				w.handler.ServeHTTP(rec, r)
				if rec.Code >= 500 {
					b.Fatal(rec.Body)
				}
			}
		})
	}
}
