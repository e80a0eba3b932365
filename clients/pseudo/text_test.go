package pseudo

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func TestTextsRoundTrip(t *testing.T) {
	t.Parallel()
	k, err := NewTextKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	again, err := TextKeyFrom(k.Value())
	if err != nil || again != k {
		t.Fatal("the value of a key does not make the key")
	}
	for _, text := range []string{"", "Kiné 3x par semaine", strings.Repeat("é", 5000)} {
		jwe, err := k.Encrypt(text, rand.Reader)
		if err != nil || CheckEncrypted(jwe) != nil {
			t.Fatal(err, CheckEncrypted(jwe))
		}
		kid, inner, err := ParseEncrypted(Encrypted("k-1", jwe))
		if err != nil || kid != "k-1" || inner != jwe {
			t.Errorf("FHIR form: got %s, %v", kid, err)
		}
		if got, err := again.Decrypt(Encrypted("k-1", jwe)); err != nil || got != text {
			t.Errorf("got %q, %v, want %q", got, err, text)
		}
	}
}

func TestTextsThatCannotBeDecrypted(t *testing.T) {
	t.Parallel()
	k, err := TextKeyFrom(counting(32))
	if err != nil {
		t.Fatal(err)
	}
	other, _ := TextKeyFrom(bytes.Repeat([]byte{7}, 32))
	good, _ := other.Encrypt("x", rand.Reader)
	parts := strings.Split(good, ".")
	enc := base64.RawURLEncoding.EncodeToString
	for name, s := range map[string]string{
		"another key": good, "another key, old form": base64.StdEncoding.EncodeToString(make([]byte, 40)), "too short": "AAAA", "not base64": "%",
		"four parts": strings.Join(parts[:4], "."), "padding": good + "=", "alg": enc([]byte(`{"alg":"none","enc":"A256GCM"}`)) + good[len(parts[0]):],
		"no header": enc([]byte(`x`)) + good[len(parts[0]):], "IV": parts[0] + "..AAAA." + parts[3] + "." + parts[4], "tag": strings.Join(parts[:4], ".") + ".AAAA",
	} {
		if text, err := k.Decrypt(s); !errors.Is(err, ErrText) {
			t.Errorf("%s: got %q, %v, want %v", name, text, err, ErrText)
		}
	}
	for _, s := range []string{PrefixEncrypted, PrefixEncrypted + "k", PrefixEncrypted + ":x", PrefixEncrypted + "k:", "urn:x"} {
		if _, _, err := ParseEncrypted(s); err == nil {
			t.Errorf("%q is taken for the FHIR form", s)
		}
	}
	if _, err := k.Decrypt(PrefixEncrypted + "k"); err == nil {
		t.Error("the FHIR form without a JWE is decrypted")
	}
}
