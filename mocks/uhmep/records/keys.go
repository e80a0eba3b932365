package records

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The layout. Every key starts with "uhmep/".
//
//	uhmep/case/<sr>                         workflow state of one medical document, JSON (Case)
//	uhmep/res/<Type>/<id>                   current version of a resource: header line, then canonical JSON
//	uhmep/his/<Type>/<id>/<version>         superseded versions, version as 8 digits; a deleted Task ends in a tombstone in res
//	uhmep/ix/patient/<P>/<T>/<sr>           summary (see summary.go)
//	uhmep/ix/requester/<role>/<T>/<sr>      summary
//	uhmep/ix/owner/<role or org>/<T>/<sr>   summary; one per distinct owner of Tasks that are not deleted
//	uhmep/ix/short/<code>/<P>               id of the ServiceRequest that has the short code
//	uhmep/ix/identifier/<I>/<sr>            "1"; one per identifier that the client gave the ServiceRequest
//	uhmep/due/<time>/<sr>                   "1"; when the clock next changes the document
//	uhmep/due/<time>/!<ssin>                "1"; when a suspension known in advance begins
//	uhmep/alias/<P>                         stable pseudonym that replaces the one hashed to P (merged numbers)
//	uhmep/aliased/<P>/<P old>               the replaced stable pseudonym
//
// P is a short hash of a stable pseudonym, which is long and may hold a slash; I one of system|value.
// T is the time of authoredOn, inverted so that the newest comes first.
// time is Unix seconds, 12 digits.
const root = "uhmep/"

// Key prefixes of whole kinds, for sweeps.
const (
	casePrefix  = root + "case/"
	resPrefix   = root + "res/"
	hisPrefix   = root + "his/"
	ixPrefix    = root + "ix/"
	duePrefix   = root + "due/"
	aliasPrefix = root + "alias/"
)

// hash is the segment for a stable pseudonym or an identifier.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:12])
}

// newestFirst is the T segment.
func newestFirst(at time.Time) string {
	return fmt.Sprintf("%016x", int64(1)<<62-at.UnixMilli())
}

func caseKey(sr string) string             { return casePrefix + sr }
func resKey(typ, id string) string         { return resPrefix + typ + "/" + id }
func hisKeys(typ, id string) string        { return hisPrefix + typ + "/" + id + "/" }
func hisKey(typ, id string, v int) string  { return hisKeys(typ, id) + fmt.Sprintf("%08d", v) }
func shortKey(code, patient string) string { return ixPrefix + "short/" + code + "/" + hash(patient) }
func dueKey(at time.Time, what string) string {
	return duePrefix + fmt.Sprintf("%012d", max(at.Unix(), 0)) + "/" + what
}

// identifierIndex is the prefix of the documents with an identifier, system|value.
func identifierIndex(token string) string { return ixPrefix + "identifier/" + hash(token) + "/" }

// PatientIndex is the prefix of a patient's documents, newest first.
func PatientIndex(atRest string) string { return ixPrefix + "patient/" + hash(atRest) + "/" }

// RequesterIndex is the prefix of the documents a role requested.
func RequesterIndex(role string) string { return ixPrefix + "requester/" + role + "/" }

// OwnerIndex is the prefix of the documents a role or organisation has Tasks on.
func OwnerIndex(owner string) string { return ixPrefix + "owner/" + owner + "/" }

// PersonIndexes are the prefixes of all documents a person requested or works
// on, in whatever role.
func PersonIndexes(ssin string) []string {
	return []string{ixPrefix + "requester/PractitionerRole/" + ssin + "-", ixPrefix + "owner/PractitionerRole/" + ssin + "-"}
}

// RoleIndexes are the prefixes of the documents a role or organisation occurs in.
func RoleIndexes(ref string) []string { return []string{RequesterIndex(ref), OwnerIndex(ref)} }

// last is the segment of a key after the last slash.
func last(key string) string { return key[strings.LastIndexByte(key, '/')+1:] }

func dueTime(key string) time.Time {
	s, _, _ := strings.Cut(strings.TrimPrefix(key, duePrefix), "/")
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
