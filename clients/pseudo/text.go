package pseudo

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// PrefixEncrypted is the FHIR value form of an encrypted text,
// urn:be:fgov:pseudo-encrypted:v1:<kid>:<JWE>.
const PrefixEncrypted = "urn:be:fgov:pseudo-encrypted:v1:"

// textHeader is exactly what the UHMEP web components write: no kid.
const textHeader = `{"alg":"dir","enc":"A256GCM"}`

// ErrText says that a text could not be decrypted with this key.
var ErrText = errors.New("the text cannot be decrypted with this key")

// TextKey encrypts the free texts of one prescription. Its 32 bytes are a value
// that is pseudonymised like a social security number.
type TextKey struct{ key Key }

// NewTextKey draws a key.
func NewTextKey(random io.Reader) (TextKey, error) {
	var b [32]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return TextKey{}, fmt.Errorf("draw a text key: %w", err)
	}
	return TextKeyFrom(b[:])
}

// TextKeyFrom takes the value that identify gave; it must have exactly 32 bytes.
func TextKeyFrom(value []byte) (TextKey, error) {
	k, err := NewKey("text", value)
	return TextKey{k}, err
}

// Value returns the 32 bytes to pseudonymise.
func (k TextKey) Value() []byte { return k.key.Secret() }

// Format hides the key whatever the verb.
func (k TextKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "textkey(hidden)") }

// LogValue hides the key from log/slog.
func (k TextKey) LogValue() slog.Value { return slog.StringValue("textkey(hidden)") }

// Encrypt returns the text as a compact JWE.
func (k TextKey) Encrypt(text string, random io.Reader) (string, error) {
	gcm, err := k.key.gcm()
	if err != nil {
		return "", err
	}
	var iv [12]byte
	if _, err := io.ReadFull(random, iv[:]); err != nil {
		return "", fmt.Errorf("draw an IV: %w", err)
	}
	first := base64.RawURLEncoding.EncodeToString([]byte(textHeader))
	return compact(first, iv[:], gcm.Seal(nil, iv[:], []byte(text), []byte(first))), nil
}

// Decrypt opens a text: a compact JWE, the FHIR form with its prefix and kid,
// or the old form base64(IV ‖ ciphertext ‖ tag).
func (k TextKey) Decrypt(s string) (string, error) {
	if strings.HasPrefix(s, PrefixEncrypted) {
		_, jwe, err := ParseEncrypted(s)
		if err != nil {
			return "", err
		}
		s = jwe
	}
	gcm, err := k.key.gcm()
	if err != nil {
		return "", err
	}
	if strings.Contains(s, ".") {
		iv, sealed, first, err := parseText(s)
		if err != nil {
			return "", err
		}
		plain, err := gcm.Open(nil, iv, sealed, []byte(first))
		if err != nil {
			return "", ErrText
		}
		return string(plain), nil
	}
	raw, err := decodeAny(s)
	if err != nil || len(raw) < 12+16 {
		return "", fmt.Errorf("%w: neither a compact JWE nor base64(IV, ciphertext, tag)", ErrText)
	}
	plain, err := gcm.Open(nil, raw[:12], raw[12:], nil)
	if err != nil {
		return "", ErrText
	}
	return string(plain), nil
}

func parseText(s string) (iv, sealed []byte, first string, err error) {
	parts := strings.SplitN(s, ".", 7)
	if len(parts) != 5 || parts[1] != "" {
		return nil, nil, "", fmt.Errorf("%w: a compact JWE has five parts with the second empty", ErrText)
	}
	raw := make([][]byte, 5)
	for i, part := range parts {
		if raw[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return nil, nil, "", fmt.Errorf("%w: part %d is not base64url without padding", ErrText, i+1)
		}
	}
	if err := textAlgorithms(raw[0]); err != nil {
		return nil, nil, "", err
	}
	if len(raw[2]) != 12 || len(raw[4]) != 16 {
		return nil, nil, "", fmt.Errorf("%w: IV of %d bytes and tag of %d, want 12 and 16", ErrText, len(raw[2]), len(raw[4]))
	}
	return raw[2], append(raw[3], raw[4]...), parts[0], nil
}

// Encrypted returns the FHIR form of a JWE. kid is the id of the
// be-ext-key-pseudonymization extension and has no colon.
func Encrypted(kid, jwe string) string { return PrefixEncrypted + kid + ":" + jwe }

// ParseEncrypted splits the FHIR form into the kid and the JWE.
func ParseEncrypted(s string) (kid, jwe string, err error) {
	rest, ok := strings.CutPrefix(s, PrefixEncrypted)
	if !ok {
		return "", "", fmt.Errorf("an encrypted text starts with %s", PrefixEncrypted)
	}
	kid, jwe, ok = strings.Cut(rest, ":")
	if !ok || kid == "" || jwe == "" {
		return "", "", fmt.Errorf("an encrypted text reads %s<kid>:<JWE>", PrefixEncrypted)
	}
	return kid, jwe, nil
}

// CheckEncrypted checks the outer form of a JWE text without a key, for those
// who store it: five parts, dir, A256GCM, 12-byte IV, 16-byte tag.
func CheckEncrypted(jwe string) error {
	_, _, _, err := parseText(jwe)
	return err
}

func textAlgorithms(header []byte) error {
	var m map[string]any
	if json.Unmarshal(header, &m) != nil || m["alg"] != "dir" || m["enc"] != "A256GCM" {
		return fmt.Errorf("%w: the header must be %s", ErrText, textHeader)
	}
	return nil
}
