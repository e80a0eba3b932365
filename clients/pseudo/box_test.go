package pseudo

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// forge seals any header and payload under the vector key.
func forge(tb testing.TB, header, payload string) string {
	tb.Helper()
	gcm, err := vectorKey(tb, vectorKID).gcm()
	if err != nil {
		tb.Fatal(err)
	}
	first := base64.RawURLEncoding.EncodeToString([]byte(header))
	iv := counting(12)
	return compact(first, iv, gcm.Seal(nil, iv, []byte(payload), []byte(first)))
}

const goodHeader = `{"alg":"dir","enc":"A256GCM","kid":"` + vectorKID + `","aud":"` + vectorAudience + `"}`

func TestBoxesAreChecked(t *testing.T) {
	t.Parallel()
	good := vectors(t).Boxes.TransitInfo
	parts := strings.Split(good, ".")
	one := base64.StdEncoding.EncodeToString([]byte{1})
	payload := func(s string) string { return fmt.Sprintf(`{"iat":1750000000,"exp":1750000600,"scalar":%s}`, s) }
	flip := func(s string) string { // another first byte
		if s[0] == 'A' {
			return "B" + s[1:]
		}
		return "A" + s[1:]
	}
	for _, tc := range []struct{ name, info, kind string }{
		{"no box", "", "missing"},
		{"four parts", strings.Join(parts[:4], "."), "parts"},
		{"six parts", good + ".x", "parts"},
		{"encrypted key present", parts[0] + ".AA." + strings.Join(parts[2:], "."), "parts"},
		{"padding", parts[0] + ".." + parts[2] + "." + parts[3] + "." + parts[4] + "==", "parts"},
		{"standard alphabet", parts[0] + ".." + parts[2] + "." + parts[3] + "." + "++++" + parts[4][4:], "parts"},
		{"IV of 11 bytes", parts[0] + ".." + base64.RawURLEncoding.EncodeToString(counting(11)) + "." + parts[3] + "." + parts[4], "iv"},
		{"tag of 12 bytes", parts[0] + ".." + parts[2] + "." + parts[3] + "." + parts[4][:16], "parts"},
		{"header no JSON", forge(t, `x`, ""), "header"},
		{"header null", forge(t, `null`, ""), "header"},
		{"alg none", forge(t, `{"alg":"none","enc":"A256GCM","aud":"a"}`, ""), "alg"},
		{"alg in capitals", forge(t, `{"ALG":"dir","enc":"A256GCM","aud":"a"}`, ""), "alg"},
		{"alg RSA-OAEP", forge(t, `{"alg":"RSA-OAEP","enc":"A256GCM","aud":"a"}`, ""), "alg"},
		{"enc A128GCM", forge(t, `{"alg":"dir","enc":"A128GCM","aud":"a"}`, ""), "enc"},
		{"crit", forge(t, `{"alg":"dir","enc":"A256GCM","crit":["x"],"aud":"a"}`, ""), "crit"},
		{"zip", forge(t, `{"alg":"dir","enc":"A256GCM","zip":"DEF","aud":"a"}`, ""), "zip"},
		{"no aud", forge(t, `{"alg":"dir","enc":"A256GCM","kid":"`+vectorKID+`"}`, ""), "aud"},
		{"empty aud", forge(t, `{"alg":"dir","enc":"A256GCM","kid":"`+vectorKID+`","aud":""}`, ""), "aud"},
		{"aud with a slash", forge(t, strings.Replace(goodHeader, `v1"}`, `v1/"}`, 1), ""), "aud"},
		{"unknown kid", forge(t, strings.Replace(goodHeader, vectorKID, "other", 1), ""), "kid"},
		{"ciphertext changed", strings.Join([]string{parts[0], "", parts[2], flip(parts[3]), parts[4]}, "."), "tag"},
		{"tag changed", strings.Join([]string{parts[0], "", parts[2], parts[3], flip(parts[4])}, "."), "tag"},
		{"header changed", forge(t, goodHeader, payload(`"`+one+`"`))[:0] + base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(goodHeader, "}", `,"x":1}`, 1))) + good[len(parts[0]):], "tag"},
		{"payload no JSON", forge(t, goodHeader, "hello"), "payload"},
		{"no scalar", forge(t, goodHeader, `{"iat":1750000000,"exp":1750000600}`), "scalar"},
		{"scalar a number", forge(t, goodHeader, payload("7")), "payload"},
		{"scalar base64url", forge(t, goodHeader, payload(`"__8="`)), "scalar"},
		{"scalar zero", forge(t, goodHeader, payload(`"AAAA"`)), "scalar"},
		{"scalar n", forge(t, goodHeader, payload(`"Af//////////////////////////////////////////+lGGh4O/L5ZrfxzAFI9wml0DO1zJuImpxHrrtvtx6ROGQJ"`)), "scalar"},
		{"scalar empty", forge(t, goodHeader, payload(`""`)), "scalar"},
		{"iat a text", forge(t, goodHeader, `{"iat":"1750000000","exp":1750000600,"scalar":"AQ=="}`), "payload"},
		{"exp a fraction", forge(t, goodHeader, `{"iat":1750000000,"exp":1750000600.5,"scalar":"AQ=="}`), "payload"},
		{"exp missing", forge(t, goodHeader, `{"iat":1750000000,"scalar":"AQ=="}`), "payload"},
		{"exp in milliseconds is far away, not wrong", forge(t, goodHeader, `{"iat":1750000000,"exp":1750000600000,"scalar":"AQ=="}`), ""},
		{".NET names", forge(t, goodHeader, `{"Iat":1750000000,"Exp":1750000600,"Scalar":"AQ=="}`), ""},
		{"a sub inside", forge(t, goodHeader, `{"iat":1750000000,"exp":1750000600,"scalar":"AQ==","sub":"x"}`), ""},
		{"minimal scalar", forge(t, goodHeader, payload(`"`+one+`"`)), ""},
		{"header exp long past, payload counts", forge(t, strings.Replace(goodHeader, "}", `,"iat":1,"exp":2}`, 1), payload(`"AQ=="`)), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := OpenBox(tc.info, vectorCheck(t, 1750000300))
			if tc.kind == "" {
				if err != nil {
					t.Errorf("got %v, want it accepted", err)
				}
				return
			}
			var b *BoxError
			if !errors.As(err, &b) || b.Kind != tc.kind || err.Error() == "" {
				t.Errorf("got %v, want kind %s", err, tc.kind)
			}
		})
	}
}

func TestSkewIsSixtySecondsBothWays(t *testing.T) {
	t.Parallel()
	info := vectors(t).Boxes.TransitInfo // 1750000000 to 1750000600
	for _, tc := range []struct {
		now  int64
		kind string
	}{
		{1749999939, "not-yet-valid"}, {1749999940, ""}, {1750000000, ""}, {1750000600, ""}, {1750000660, ""}, {1750000661, "expired"},
	} {
		_, _, err := OpenBox(info, vectorCheck(t, tc.now))
		var b *BoxError
		if errors.As(err, &b); (b == nil) != (tc.kind == "") || b != nil && b.Kind != tc.kind {
			t.Errorf("at %d: got %v, want %q", tc.now, err, tc.kind)
		}
	}
}

func TestNegativeLookingScalarIsReadUnsigned(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{0xff}, 64)
	info := forge(t, goodHeader, fmt.Sprintf(`{"iat":1750000000,"exp":1750000600,"scalar":%q}`, base64.StdEncoding.EncodeToString(raw)))
	box, _, err := OpenBox(info, vectorCheck(t, 1750000300))
	if want, _ := NewScalar(raw); err != nil || box.Scalar != want {
		t.Errorf("got %v, want 2^512-1", err)
	}
}

func TestSealedBoxesLookLikeTheRealOnes(t *testing.T) {
	t.Parallel()
	key := vectorKey(t, vectorKID)
	for range 20 {
		s, err := RandomScalar(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(1750000000, 0)
		info, err := SealBox(key, vectorAudience, Box{now, now.Add(10 * time.Minute), s}, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(info, ".")
		sealed, _ := base64.RawURLEncoding.DecodeString(parts[3])
		if len(sealed) != 135 { // as the published boxes
			t.Errorf("ciphertext: got %d bytes, want 135", len(sealed))
		}
		parsed, err := jose.ParseEncryptedCompact(info, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
		if err != nil {
			t.Fatal(err)
		}
		plain, err := parsed.Decrypt(key.Secret())
		if err != nil || !bytes.Contains(plain, []byte(`"scalar":"A`)) { // first byte 00 or 01
			t.Errorf("opened by go-jose: got %s, %v", plain, err)
		}
	}
}

func TestBoxesWithoutAudienceOrScalarAreNotSealed(t *testing.T) {
	t.Parallel()
	s, _ := NewScalar([]byte{1})
	if _, err := SealBox(vectorKey(t, "a"), "", Box{Scalar: s}, rand.Reader); err == nil {
		t.Error("sealed without an audience")
	}
	if _, err := SealBox(vectorKey(t, "a"), "x", Box{}, rand.Reader); err == nil {
		t.Error("sealed without a scalar")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	key := vectorKey(t, "shown")
	s, _ := NewScalar(counting(32))
	text, _ := TextKeyFrom(counting(32))
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", key, "scalar", s, "box", Box{Scalar: s})
	owner := NewOwner("uhmep_v1", "a", 8, time.Minute)
	owner.AddKey(key, true)
	all := fmt.Sprintf("%v %+v", owner, struct{ O *Owner }{owner}) + log.String() + fmt.Sprintf("%v %+v %#v %x %s %v %+v %v", key, key, key, key, text, s, Box{Scalar: s}, BlindingWith(s))
	for _, secret := range []string{"0a0b0c", "10 11 12", "AAECAwQF", "10, 11, 12"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q shows in %s", secret, all)
		}
	}
	if !strings.Contains(all, "shown") {
		t.Errorf("the id of the key does not show in %s", all)
	}
}

func TestNewKeyWants32Bytes(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 31, 33} {
		if _, err := NewKey("a", counting(n)); err == nil {
			t.Errorf("%d bytes accepted", n)
		}
		if _, err := TextKeyFrom(counting(n)); err == nil {
			t.Errorf("%d bytes accepted as a text key", n)
		}
	}
}
