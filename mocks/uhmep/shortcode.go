package uhmep

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// shortAlphabet has no letter O; a typed O means zero.
const shortAlphabet = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"

// shortCodes draws candidates for a new prescription; proposals have none. The
// first that the patient does not have yet is taken.
func (s *Service) shortCodes(t *tenant.Tenant, i workflow.Intent) []string {
	if i != workflow.Order {
		return nil
	}
	codes := make([]string, 0, 8)
	for len(codes) < cap(codes) {
		codes = append(codes, drawShortCode(t.Chance.Uint64n))
	}
	return codes
}

// drawShortCode makes a code of six characters: five at random and a Luhn
// check character modulo 35. The web components want the last two to be
// hexadecimal, so it draws until they are.
func drawShortCode(below func(uint64) uint64) string {
	for {
		var b [6]byte
		for i := range 5 {
			b[i] = shortAlphabet[below(uint64(len(shortAlphabet)))]
		}
		b[5] = luhn(string(b[:5]))
		if isHex(b[4]) && isHex(b[5]) {
			return string(b[:])
		}
	}
}

func isHex(c byte) bool { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') }

// luhn is the check character of Luhn's scheme modulo 35.
func luhn(s string) byte {
	n, sum, factor := len(shortAlphabet), 0, 2
	for i := len(s) - 1; i >= 0; i-- {
		add := factor * strings.IndexByte(shortAlphabet, s[i])
		sum += add/n + add%n
		factor = 3 - factor
	}
	return shortAlphabet[(n-sum%n)%n]
}

// ParseShortCode normalises a typed short code (capitals, O to 0) and checks
// it.
func ParseShortCode(typed string) (string, bool) {
	code := strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(typed)), "O", "0")
	if len(code) != 6 {
		return "", false
	}
	for i := range len(code) {
		if strings.IndexByte(shortAlphabet, code[i]) < 0 {
			return "", false
		}
	}
	return code, luhn(code[:5]) == code[5]
}
