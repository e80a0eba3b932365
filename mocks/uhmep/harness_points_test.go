package uhmep

import (
	"encoding/base64"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// encodePoint hides a stable pseudonym in what looks like a compressed point:
// 67 bytes, a counter first so that each is another.
func encodePoint(atRest string, n int) string {
	raw := make([]byte, 67)
	raw[0] = 2 + byte(n&1)
	raw[1] = byte(n >> 1)
	copy(raw[2:], atRest)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func decodePoint(s string) string {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) != 67 || !strings.HasPrefix(string(raw[2:]), "rest-") {
		return ""
	}
	return strings.TrimRight(string(raw[2:]), "\x00")
}

// sampleBox is the transitInfo of the sample pseudonym.
func sampleBox() string {
	s := strings.TrimPrefix(sample.Pseudonym(2), pseudonymURN)
	_, box, _ := strings.Cut(s, ":")
	return box
}

func workflowDay(t *tenant.Tenant) workflow.Day { return workflow.DayOf(t.Clock.Now()) }
