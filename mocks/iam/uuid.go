package iam

import (
	"crypto/sha1"
	"encoding/hex"
)

// namespace of the name-based identifiers that this package makes, an
// arbitrary constant.
const uuidNamespace = "ehealth-sandbox/iam/"

// stableUUID is a name-based UUID (version 5): the same name gives the same
// identifier in every run, so that it survives resets.
func stableUUID(name string) string {
	h := sha1.Sum([]byte(uuidNamespace + name))
	b := h[:16]
	b[6] = b[6]&0x0f | 0x50
	b[8] = b[8]&0x3f | 0x80
	s := hex.EncodeToString(b)
	return s[0:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:32]
}
