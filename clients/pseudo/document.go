package pseudo

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Document is what GET /domains/{key} answers. Only owners need it, and one
// read every six hours is enough; callers who pseudonymise never do.
type Document struct {
	Domain              string          `json:"domain"`
	Description         string          `json:"desc"`
	Curve               string          `json:"crv"`
	Audience            string          `json:"audience"`
	BufferSize          int             `json:"bufferSize"`
	TimeToLiveInTransit string          `json:"timeToLiveInTransit"` // ISO 8601, such as PT10M
	JKU                 []string        `json:"jku"`                 // URLs of the owners' keys
	SecretKeys          []SecretKey     `json:"secretKeys"`
	AccessRule          json.RawMessage `json:"accessRule,omitempty"`
}

// SecretKey is one AES key of a domain, encrypted to every owner.
type SecretKey struct {
	KID     string          `json:"kid"`
	Active  bool            `json:"active"`
	Encoded json.RawMessage `json:"encoded"` // general JSON JWE
}

// ParseDocument reads a domain document and checks what the libraries rely on.
func ParseDocument(raw []byte) (*Document, error) {
	var d Document
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("read the domain document: %w", err)
	}
	if d.Curve != "P-521" {
		return nil, fmt.Errorf("the domain %q is on curve %q, want P-521", d.Domain, d.Curve)
	}
	if d.Domain == "" || d.Audience == "" {
		return nil, errors.New("the domain document lacks domain or audience")
	}
	if err := checkBuffer(d.BufferSize); err != nil {
		return nil, err
	}
	if _, err := d.Lifetime(); err != nil {
		return nil, err
	}
	active := 0
	for _, k := range d.SecretKeys {
		if k.Active {
			active++
		}
	}
	if active != 1 {
		return nil, fmt.Errorf("the domain document has %d active keys, want 1", active)
	}
	return &d, nil
}

// Lifetime is the time to live of a pseudonym in transit.
func (d *Document) Lifetime() (time.Duration, error) { return ParseDuration(d.TimeToLiveInTransit) }

var isoDuration = regexp.MustCompile(`^P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?$`)

// ParseDuration reads the ISO 8601 durations that domains use: days, hours,
// minutes and whole seconds. A day counts 24 hours.
func ParseDuration(s string) (time.Duration, error) {
	m := isoDuration.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is no duration such as PT10M", s)
	}
	var d time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1]) // digits, or empty for 0
		d += time.Duration(n) * unit
	}
	if d <= 0 {
		return 0, fmt.Errorf("the duration %q is not positive", s)
	}
	return d, nil
}

// FormatDuration writes a duration of whole seconds in ISO 8601.
func FormatDuration(d time.Duration) string {
	out := "PT"
	if h := int(d / time.Hour); h > 0 {
		out += strconv.Itoa(h) + "H"
	}
	if m := int(d/time.Minute) % 60; m > 0 {
		out += strconv.Itoa(m) + "M"
	}
	if s := int(d/time.Second) % 60; s > 0 || out == "PT" {
		out += strconv.Itoa(s) + "S"
	}
	return out
}
