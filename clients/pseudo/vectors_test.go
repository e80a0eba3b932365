package pseudo

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

//go:embed testdata/vectors.json
var vectorFile []byte

type xy struct{ X, Y string }

type vectorSet struct {
	Blinding string
	Cookbook []struct {
		Name, ValueHex, X, Y, BX, BY string
		BufferSize, Counter          int
	}
	SEC1 struct{ X, Y, Value, Uncompressed, Compressed, NegativeCompressed string }

	Round struct {
		SSIN, K, R, T, R2, K2, Short, Standard, K2V string

		V          xy `json:"V"`
		B          xy `json:"B"`
		Out        xy `json:"out"`
		Transit    xy `json:"T"`
		AtRest     xy
		B2         xy `json:"B2"`
		Identified xy
	}
	Boxes struct {
		TransitInfo, TextJWE, TextOld, Text, ContentKey, Payload, Protected, IV, Ciphertext, Tag string
	}
	SSINs []struct {
		Value, X, Y string
		Counter     int
	}
}

func vectors(tb testing.TB) vectorSet {
	tb.Helper()
	// "t" and "T" are two members, which encoding/json would take for one.
	raw := bytes.Replace(vectorFile, []byte(`"t": "AFAs`), []byte(`"tScalar": "AFAs`), 1)
	raw = bytes.Replace(raw, []byte(`"k2V":`), []byte(`"converted":`), 1)
	var v vectorSet
	if err := json.Unmarshal(raw, &v); err != nil {
		tb.Fatal(err)
	}
	var extra struct {
		Round struct{ TScalar, Converted string }
	}
	if err := json.Unmarshal(raw, &extra); err != nil {
		tb.Fatal(err)
	}
	v.Round.T, v.Round.K2V = extra.Round.TScalar, extra.Round.Converted
	return v
}

func mustScalar(tb testing.TB, b64 string) Scalar {
	tb.Helper()
	s, err := NewScalar(unbase64(tb, b64))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func unbase64(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func mustPoint(tb testing.TB, p xy) Point {
	tb.Helper()
	q, err := pointFromBase64(p.X, p.Y)
	if err != nil {
		tb.Fatalf("%v: %v", p, err)
	}
	return q
}

func mul(tb testing.TB, p Point, factors ...Scalar) Point {
	tb.Helper()
	for _, s := range factors {
		var err error
		if p, err = p.Mul(s); err != nil {
			tb.Fatal(err)
		}
	}
	return p
}

func same(tb testing.TB, what string, got, want Point) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s: got %s, want %s", what, got.Standard(), want.Standard())
	}
}

func TestCookbookVectors(t *testing.T) {
	t.Parallel()
	v := vectors(t)
	b := BlindingWith(mustScalar(t, v.Blinding))
	for _, c := range v.Cookbook {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			value, err := hex.DecodeString(c.ValueHex)
			if err != nil {
				t.Fatal(err)
			}
			p, counter, err := PointOfCounted(value, c.BufferSize)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "value to point", p, mustPoint(t, xy{c.X, c.Y}))
			if counter != c.Counter {
				t.Errorf("counter: got %d, want %d", counter, c.Counter)
			}
			blinded, err := b.Blind(p)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "blinded", blinded, mustPoint(t, xy{c.BX, c.BY}))
			clear, err := b.Unblind(blinded)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "unblinded", clear, p)
			back, err := clear.Value(c.BufferSize)
			if err != nil || !bytes.Equal(back, value) {
				t.Errorf("point to value: got %x, %v, want %x", back, err, value)
			}
		})
	}
}

func TestSEC1Vectors(t *testing.T) {
	t.Parallel()
	v := vectors(t).SEC1
	p, err := PointOf([]byte(v.Value), DefaultBufferSize)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "value to point", p, mustPoint(t, xy{v.X, v.Y}))
	if p.Standard() != v.Uncompressed || p.Short() != v.Compressed {
		t.Errorf("SEC 1: got %s and %s, want %s and %s", p.Standard(), p.Short(), v.Uncompressed, v.Compressed)
	}
	for _, s := range []string{v.Uncompressed, v.Compressed} {
		q, err := ParsePoint(s)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "read back", q, p)
	}
	negative, err := ParsePoint(v.NegativeCompressed)
	if err != nil {
		t.Fatal(err)
	}
	if negative == p || !negative.SameIdentity(p) || negative.Short() != v.NegativeCompressed {
		t.Errorf("-y: got %s, want %s with the same identity", negative.Short(), v.NegativeCompressed)
	}
}

func TestWholeRoundVectors(t *testing.T) {
	t.Parallel()
	v := vectors(t).Round
	k, r, tt, r2, k2 := mustScalar(t, v.K), mustScalar(t, v.R), mustScalar(t, v.T), mustScalar(t, v.R2), mustScalar(t, v.K2)
	p, err := PointOf([]byte(v.SSIN), DefaultBufferSize)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "V", p, mustPoint(t, v.V))
	blinded := mul(t, p, r)
	same(t, "B", blinded, mustPoint(t, v.B))
	out := mul(t, blinded, tt.Inverse().Mul(k))
	same(t, "out", out, mustPoint(t, v.Out))
	transit := mul(t, out, r.Inverse())
	same(t, "T", transit, mustPoint(t, v.Transit))
	atRest := mul(t, transit, tt)
	same(t, "at rest", atRest, mustPoint(t, v.AtRest))
	blinded2 := mul(t, transit, r2)
	same(t, "B2", blinded2, mustPoint(t, v.B2))
	identified := mul(t, blinded2, k.Inverse().Mul(tt))
	same(t, "identified", identified, mustPoint(t, v.Identified))
	same(t, "back to V", mul(t, identified, r2.Inverse()), p)
	converted := mul(t, atRest, k.Inverse(), k2)
	if got := base64.StdEncoding.EncodeToString(converted.X()); got != v.K2V {
		t.Errorf("at rest in the second domain: got %s, want %s", got, v.K2V)
	}
	if transit.Short() != v.Short || transit.Standard() != v.Standard {
		t.Errorf("strings of T: got %s and %s", transit.Short(), transit.Standard())
	}
}

// vectorKey is the key 00 01 … 1f of the published boxes.
func vectorKey(tb testing.TB, id string) Key {
	tb.Helper()
	k, err := NewKey(id, counting(32))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func counting(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

const (
	vectorAudience = "https://api-acpt.ehealth.fgov.be/pseudo/v1/domains/uhmep_v1"
	vectorKID      = "11111111-2222-4333-8444-555555555555"
)

func vectorCheck(tb testing.TB, now int64) BoxCheck {
	key := vectorKey(tb, vectorKID)
	return BoxCheck{Audience: vectorAudience, Now: time.Unix(now, 0), Key: func(kid string) (Key, bool) { return key, kid == vectorKID }}
}

func TestTransitInfoVector(t *testing.T) {
	t.Parallel()
	v := vectors(t)
	box, header, err := OpenBox(v.Boxes.TransitInfo, vectorCheck(t, 1750000300))
	if err != nil {
		t.Fatal(err)
	}
	if box.Scalar != mustScalar(t, v.Round.T) {
		t.Error("the scalar is not t of the round")
	}
	want := Header{KeyID: vectorKID, Audience: vectorAudience, IssuedAt: 1750000000, Expires: 1750000600}
	if header != want {
		t.Errorf("header: got %+v, want %+v", header, want)
	}
	// Sealed again with the same IV it comes out byte for byte.
	again, err := SealBox(vectorKey(t, vectorKID), vectorAudience, box, bytes.NewReader(counting(12)))
	if err != nil || again != v.Boxes.TransitInfo {
		t.Errorf("sealed: got %s, %v, want %s", again, err, v.Boxes.TransitInfo)
	}
	parsed, err := jose.ParseEncryptedCompact(again, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parsed.Decrypt(counting(32)); err != nil {
		t.Errorf("go-jose opens the box: %v", err)
	}
}

func TestTextVectors(t *testing.T) {
	t.Parallel()
	v := vectors(t).Boxes
	k, err := TextKeyFrom(counting(32))
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.Encrypt(v.Text, bytes.NewReader(counting(12)))
	if err != nil || got != v.TextJWE {
		t.Errorf("encrypted: got %s, %v, want %s", got, err, v.TextJWE)
	}
	for name, s := range map[string]string{"JWE": v.TextJWE, "old form": v.TextOld, "FHIR form": Encrypted("k-1", v.TextJWE)} {
		if text, err := k.Decrypt(s); err != nil || text != v.Text {
			t.Errorf("%s: got %q, %v, want %q", name, text, err, v.Text)
		}
	}
}

func TestDomainKeyVector(t *testing.T) {
	t.Parallel()
	v := vectors(t).Boxes
	content, err := base64.RawURLEncoding.DecodeString(v.ContentKey)
	if err != nil {
		t.Fatal(err)
	}
	iv, err := base64.RawURLEncoding.DecodeString(v.IV)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := encodeKey(vectorKey(t, "a"), nil, bytes.NewReader(iv), content)
	if err != nil {
		t.Fatal(err)
	}
	var e encodedKey
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	if e.Protected != v.Protected || e.IV != v.IV || e.Ciphertext != v.Ciphertext || e.Tag != v.Tag {
		t.Errorf("got %+v, want %+v", e, v)
	}
	if got := string(vectorKey(t, "a").JWK()); got != v.Payload {
		t.Errorf("payload: got %s, want %s", got, v.Payload)
	}
}

func TestSSINVectors(t *testing.T) {
	t.Parallel()
	for _, c := range vectors(t).SSINs {
		p, counter, err := PointOfCounted([]byte(c.Value), DefaultBufferSize)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "value "+c.Value, p, mustPoint(t, xy{c.X, c.Y}))
		if counter != c.Counter {
			t.Errorf("value %q: got counter %d, want %d", c.Value, counter, c.Counter)
		}
		if back, err := p.Value(DefaultBufferSize); err != nil || string(back) != c.Value {
			t.Errorf("value %q: got back %q, %v", c.Value, back, err)
		}
	}
}
