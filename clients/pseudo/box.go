package pseudo

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// ClockSkew is how far clocks may differ, both ways.
const ClockSkew = 60 * time.Second

// Box is the content of a transitInfo.
type Box struct {
	// IssuedAt and Expires have whole seconds.
	IssuedAt, Expires time.Time
	// Scalar is t: the number the reader multiplies the point by.
	Scalar Scalar
}

// Header is the open part of a transitInfo. It is a copy for readers: what
// counts are the times inside.
type Header struct {
	KeyID    string // kid
	Audience string // aud, the URL of the domain
	// IssuedAt and Expires are 0 in boxes of 2022, which did not carry them.
	IssuedAt, Expires int64
}

// BoxError says why a transitInfo was not accepted.
type BoxError struct {
	// Kind is one of: missing, parts, header, alg, enc, crit, zip, aud, kid, iv,
	// tag, payload, scalar, not-yet-valid, expired.
	Kind string
	// Got and Want say what was seen and what was expected, without secrets.
	Got, Want string
}

// Error tells the reason in one line.
func (e *BoxError) Error() string {
	switch e.Kind {
	case "missing":
		return "the transitInfo is missing"
	case "expired":
		return "the transitInfo expired at " + e.Got
	case "not-yet-valid":
		return "the transitInfo is not valid before " + e.Got
	case "tag":
		return "the transitInfo cannot be decrypted: it was changed, or sealed with another key of the same kid"
	}
	return fmt.Sprintf("the transitInfo has a bad %s: got %s, want %s", e.Kind, e.Got, e.Want)
}

type boxParts struct {
	first  string // the protected header as it stands
	header Header
	iv     []byte
	sealed []byte // ciphertext ‖ tag
}

// ParseHeader reads the open part of a transitInfo and checks alg and enc.
func ParseHeader(info string) (Header, error) {
	p, err := parseBox(info)
	if err != nil {
		return Header{}, err
	}
	return p.header, nil
}

func parseBox(info string) (*boxParts, error) {
	if info == "" {
		return nil, &BoxError{Kind: "missing"}
	}
	parts := strings.SplitN(info, ".", 7)
	if len(parts) != 5 || parts[1] != "" {
		return nil, &BoxError{"parts", fmt.Sprintf("%d parts", len(parts)), "five with the second empty, header..iv.ciphertext.tag"}
	}
	raw := make([][]byte, 5)
	for i, part := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return nil, &BoxError{"parts", fmt.Sprintf("part %d: %v", i+1, err), "base64url without padding"}
		}
	}
	header, err := parseBoxHeader(raw[0])
	if err != nil {
		return nil, err
	}
	if len(raw[2]) != 12 {
		return nil, &BoxError{"iv", fmt.Sprintf("%d bytes", len(raw[2])), "12 bytes"}
	}
	if len(raw[4]) != 16 {
		return nil, &BoxError{"parts", fmt.Sprintf("a tag of %d bytes", len(raw[4])), "16 bytes"}
	}
	return &boxParts{parts[0], header, raw[2], append(raw[3], raw[4]...)}, nil
}

func parseBoxHeader(raw []byte) (Header, error) {
	// A map, because the names of a JOSE header are case-sensitive and
	// encoding/json's struct fields are not.
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return Header{}, &BoxError{"header", "no JSON object", `{"alg":"dir","enc":"A256GCM","kid":…,"aud":…}`}
	}
	text := func(name string) string {
		var s string
		if json.Unmarshal(m[name], &s) != nil {
			return ""
		}
		return s
	}
	if alg := text("alg"); alg != "dir" {
		return Header{}, &BoxError{"alg", quoted(alg), "dir"}
	}
	if enc := text("enc"); enc != "A256GCM" {
		return Header{}, &BoxError{"enc", quoted(enc), "A256GCM"}
	}
	for _, name := range []string{"crit", "zip"} {
		if _, ok := m[name]; ok {
			return Header{}, &BoxError{name, "the member " + name, "none: it changes the meaning of the box"}
		}
	}
	h := Header{KeyID: text("kid"), Audience: text("aud")}
	if h.Audience == "" {
		return Header{}, &BoxError{"aud", "none", "the audience of the domain"}
	}
	h.IssuedAt, _ = integer(m["iat"])
	h.Expires, _ = integer(m["exp"])
	return h, nil
}

func quoted(s string) string {
	if s == "" {
		return "none"
	}
	return fmt.Sprintf("%.80q", s)
}

// integer reads a JSON integer of at most ten digits and a bit; strings and
// fractions are not integers, as they are not to the Java helper either.
func integer(raw json.RawMessage) (int64, bool) {
	var v int64
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil || v < 0 || v > math.MaxInt32*1000 {
		return 0, false
	}
	return v, true
}

// BoxCheck is what a box is held against when it is opened.
type BoxCheck struct {
	// Audience is the domain's; the header's aud must equal it byte for byte.
	Audience string
	// Key finds the domain key of a kid, active or not.
	Key func(kid string) (Key, bool)
	// Now is the time of the check. Zero: times are not checked.
	Now time.Time
}

// OpenBox checks and decrypts a transitInfo: parts, header, alg, enc, aud, kid,
// tag, scalar and the times of the payload, in this order. The error is a
// *[BoxError]. The header is returned whenever it could be read.
func OpenBox(info string, check BoxCheck) (Box, Header, error) {
	p, err := parseBox(info)
	if err != nil {
		return Box{}, Header{}, err
	}
	if p.header.Audience != check.Audience {
		return Box{}, p.header, &BoxError{"aud", quoted(p.header.Audience), quoted(check.Audience)}
	}
	key, ok := check.Key(p.header.KeyID)
	if !ok {
		return Box{}, p.header, &BoxError{"kid", quoted(p.header.KeyID), "the kid of a key of the domain"}
	}
	gcm, err := key.gcm()
	if err != nil {
		return Box{}, p.header, err
	}
	plain, err := gcm.Open(nil, p.iv, p.sealed, []byte(p.first))
	if err != nil {
		return Box{}, p.header, &BoxError{Kind: "tag"}
	}
	box, err := parsePayload(plain)
	if err != nil {
		return Box{}, p.header, err
	}
	return box, p.header, checkTimes(box, check.Now)
}

func checkTimes(box Box, now time.Time) error {
	if now.IsZero() {
		return nil
	}
	if box.IssuedAt.After(now.Add(ClockSkew)) {
		return &BoxError{"not-yet-valid", stamp(box.IssuedAt), "a time not after " + stamp(now) + " + 60 s"}
	}
	if box.Expires.Before(now.Add(-ClockSkew)) {
		return &BoxError{"expired", stamp(box.Expires), "a time not before " + stamp(now) + " - 60 s"}
	}
	return nil
}

func stamp(t time.Time) string { return fmt.Sprint(t.Unix()) }

// parsePayload takes names without regard to case, because .NET owners write
// Iat, Exp, Scalar.
func parsePayload(plain []byte) (Box, error) {
	var v struct {
		Iat    json.RawMessage `json:"iat"`
		Exp    json.RawMessage `json:"exp"`
		Scalar *string         `json:"scalar"`
	}
	if err := json.Unmarshal(plain, &v); err != nil {
		return Box{}, &BoxError{"payload", "no JSON object with a text scalar", `{"iat":…,"exp":…,"scalar":"…"}`}
	}
	if v.Scalar == nil {
		return Box{}, &BoxError{"scalar", "none", "standard base64 of a positive number"}
	}
	raw, err := base64.StdEncoding.DecodeString(*v.Scalar)
	if err != nil {
		return Box{}, &BoxError{"scalar", "no standard base64", "standard base64 of a positive number"}
	}
	if len(raw) > 1024 {
		return Box{}, &BoxError{"scalar", fmt.Sprintf("%d bytes", len(raw)), "about 66 bytes"}
	}
	t, err := NewScalar(raw)
	if err != nil {
		return Box{}, &BoxError{"scalar", "0 modulo the order of the curve", "a positive number"}
	}
	iat, ok := integer(v.Iat)
	if !ok {
		return Box{}, &BoxError{"payload", "no integer iat", "seconds since 1970"}
	}
	exp, ok := integer(v.Exp)
	if !ok {
		return Box{}, &BoxError{"payload", "no integer exp", "seconds since 1970"}
	}
	return Box{IssuedAt: time.Unix(iat, 0).UTC(), Expires: time.Unix(exp, 0).UTC(), Scalar: t}, nil
}

// SealBox encrypts a box under a domain key. The scalar is written in 66 bytes,
// zero-padded, so that readers that take it for a signed number see a positive
// one.
//
// The compact JWE is put together here rather than by a JOSE library: the
// members of the header keep the order of the real issuers, and the IV comes
// from the given source, so that a seeded program repeats itself byte for byte.
// The tests open every box with go-jose.
func SealBox(key Key, audience string, box Box, random io.Reader) (string, error) {
	if audience == "" {
		return "", fmt.Errorf("seal a transitInfo: the audience is empty")
	}
	if box.Scalar.IsZero() {
		return "", fmt.Errorf("seal a transitInfo: the scalar is missing")
	}
	gcm, err := key.gcm()
	if err != nil {
		return "", err
	}
	var iv [12]byte
	if _, err := io.ReadFull(random, iv[:]); err != nil {
		return "", fmt.Errorf("draw an IV: %w", err)
	}
	iat, exp := box.IssuedAt.Unix(), box.Expires.Unix()
	header := fmt.Sprintf(`{"alg":"dir","enc":"A256GCM","kid":%s,"aud":%s,"iat":%d,"exp":%d}`,
		jsonText(key.ID), jsonText(audience), iat, exp)
	payload := fmt.Sprintf(`{"iat":%d,"exp":%d,"scalar":"%s"}`,
		iat, exp, base64.StdEncoding.EncodeToString(box.Scalar.Bytes()))
	first := base64.RawURLEncoding.EncodeToString([]byte(header))
	sealed := gcm.Seal(nil, iv[:], []byte(payload), []byte(first))
	return compact(first, iv[:], sealed), nil
}

// compact joins the five parts; sealed is ciphertext ‖ tag.
func compact(first string, iv, sealed []byte) string {
	enc := base64.RawURLEncoding.EncodeToString
	at := len(sealed) - 16
	return first + ".." + enc(iv) + "." + enc(sealed[:at]) + "." + enc(sealed[at:])
}

// jsonText writes a JSON string without HTML escapes.
func jsonText(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}
