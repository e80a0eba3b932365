package p521

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/c2sp/wycheproof"
)

// TestWycheproofECDH runs the P-521 vectors of Project Wycheproof (C2SP) on bare points:
// edge cases of doubling and of the shared secret, points off the curve or of another
// curve, bad encodings.
func TestWycheproofECDH(t *testing.T) {
	t.Parallel()
	data, err := fs.ReadFile(wycheproof.TestVectors, "ecdh_secp521r1_ecpoint_test.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		NumberOfTests int
		TestGroups    []struct {
			Tests []struct {
				ID              int `json:"tcId"`
				Comment, Result string
				Flags           []string
				Public, Private string
				Shared          string
			}
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	ran, accepted := 0, 0
	for _, group := range file.TestGroups {
		for _, tc := range group.Tests {
			ran++
			p, err := FromSEC1(unhex(tc.Public))
			// "acceptable" are compressed points, which we take.
			if want := tc.Result != "invalid"; (err == nil) != want {
				t.Errorf("%d %s %v: error %v, want accepted %v", tc.ID, tc.Comment, tc.Flags, err, want)
				continue
			}
			if err != nil {
				continue
			}
			accepted++
			q, err := p.Mult(ParseScalar(unhex(tc.Private)))
			if err != nil {
				t.Errorf("%d %s: %v", tc.ID, tc.Comment, err)
				continue
			}
			if x := q.X(); !bytes.Equal(x[:], unhex(tc.Shared)) {
				t.Errorf("%d %s: got %x, want %s", tc.ID, tc.Comment, x, tc.Shared)
			}
		}
	}
	if ran == 0 || ran != file.NumberOfTests {
		t.Errorf("ran %d vectors of %d", ran, file.NumberOfTests)
	}
	t.Logf("%d vectors, %d points accepted and multiplied", ran, accepted)
}
