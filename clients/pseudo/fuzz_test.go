package pseudo

import (
	"bytes"
	"errors"
	"testing"
)

func FuzzParseInTransit(f *testing.F) {
	v := vectors(f)
	for _, s := range []string{v.Round.Short + ":" + v.Boxes.TransitInfo, v.Round.Standard + ":x", "AA:x", "e30", PrefixV2 + v.Round.Short + ":a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseInTransit(s)
		if err != nil {
			if !errors.Is(err, ErrTransit) {
				t.Errorf("got %v, want it to wrap %v", err, ErrTransit)
			}
			return
		}
		if q, err := ParseInTransit(p.String()); err != nil || q != p {
			t.Errorf("written and read again: got %v, %v, want %v", q, err, p)
		}
	})
}

func FuzzOpenBox(f *testing.F) {
	f.Add(vectors(f).Boxes.TransitInfo)
	f.Add(forge(f, goodHeader, `{"iat":1,"exp":2,"scalar":"AQ=="}`))
	f.Add("....")
	f.Fuzz(func(t *testing.T, s string) {
		_, _, err := OpenBox(s, vectorCheck(t, 1750000300))
		var b *BoxError
		if err != nil && !errors.As(err, &b) {
			t.Errorf("got %v, want a *BoxError", err)
		}
	})
}

func FuzzValueToPoint(f *testing.F) {
	for _, v := range []string{"", "85042101234", "\x00", string(make([]byte, 56)), string(make([]byte, 57))} {
		f.Add([]byte(v), 8)
	}
	f.Add([]byte("1234567890"), 12)
	f.Fuzz(func(t *testing.T, value []byte, buffer int) {
		p, err := PointOf(value, buffer)
		if err != nil {
			return
		}
		if back, err := p.Value(buffer); err != nil || !bytes.Equal(back, value) || !p.Plausible(buffer) {
			t.Errorf("got %x, %v, want %x", back, err, value)
		}
		if q, err := ParsePoint(p.Short()); err != nil || q != p {
			t.Errorf("short form: got %v, %v, want %v", q, err, p)
		}
	})
}

func FuzzDecryptText(f *testing.F) {
	v := vectors(f).Boxes
	f.Add(v.TextJWE)
	f.Add(v.TextOld)
	f.Add(Encrypted("k", v.TextJWE))
	k, err := TextKeyFrom(counting(32))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if text, err := k.Decrypt(s); err != nil && text != "" {
			t.Errorf("got %q with %v", text, err)
		}
	})
}

func FuzzParseDocument(f *testing.F) {
	f.Add([]byte(`{"domain":"d","audience":"a","crv":"P-521","bufferSize":8,"timeToLiveInTransit":"PT10M","secretKeys":[{"kid":"1","active":true,"encoded":{"recipients":[{"header":{}}]}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := ParseDocument(raw)
		if err != nil {
			return
		}
		if _, err := OpenDomain(d, OwnerConfig{}); err == nil {
			t.Error("opened without a key")
		}
	})
}
