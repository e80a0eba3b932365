package sample

import (
	"bytes"
	"encoding/base64"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Options fill in what differs between documents. The zero value gives a valid document authored on DefaultAuthoredOn.
type Options struct {
	Patient    string                   // pseudonym in transit, urn:be:fgov:pseudo:v2:…
	Key        string                   // pseudonymised key in transit
	KeyID      string                   // its kid
	Encrypt    func(text string) string // text → urn:be:fgov:pseudo-encrypted:v1:{kid}:{jwe}
	Requester  string                   // PractitionerRole/…
	AuthoredOn string                   // YYYY-MM-DDThh:mm:ss+zz:zz
	Start, End string                   // validity, YYYY-MM-DD; an empty End is left out
}

// Defaults of Options.
const (
	DefaultAuthoredOn = "2026-11-02T09:30:00+01:00"
	DefaultStart      = "2026-11-02"
	DefaultKeyID      = "5f1d6c1e-0a52-4e0a-8f5e-1c2b3d4e5f60"
	DefaultPhysician  = "PractitionerRole/72010100133-PHYSICIAN"
	DefaultNurse      = "PractitionerRole/80122410269-NURSE"
)

func (o Options) filled() Options {
	set := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	set(&o.Patient, Pseudonym(2))
	set(&o.Key, Pseudonym(3))
	set(&o.KeyID, DefaultKeyID)
	set(&o.Requester, DefaultPhysician)
	set(&o.AuthoredOn, DefaultAuthoredOn)
	set(&o.Start, DefaultStart)
	if o.Encrypt == nil {
		kid := o.KeyID
		o.Encrypt = func(string) string { return Encrypted(kid) }
	}
	return o
}

// Pseudonym is a value of the right form: a compressed SEC 1 point of 67 bytes and a compact JWE. The first byte tells two apart.
func Pseudonym(first byte) string {
	point := append([]byte{first}, bytes.Repeat([]byte{7}, 66)...)
	return "urn:be:fgov:pseudo:v2:" + base64.RawURLEncoding.EncodeToString(point) + ":" + jwe(`{"alg":"dir","enc":"A256GCM","kid":"uhmep_v1"}`)
}

// Encrypted is a text of the right form under a kid.
func Encrypted(kid string) string {
	return "urn:be:fgov:pseudo-encrypted:v1:" + kid + ":" + jwe(`{"alg":"dir","enc":"A256GCM"}`)
}

func jwe(header string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(header)) + ".." + enc(bytes.Repeat([]byte{1}, 12)) + "." + enc([]byte("not a real text")) + "." + enc(bytes.Repeat([]byte{2}, 16))
}

// JSON is the body to send.
func JSON(doc tree.Object) []byte { return tree.Encode(doc) }
