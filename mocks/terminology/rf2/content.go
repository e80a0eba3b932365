package rf2

import (
	"fmt"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// What the columns of a row may hold, beyond identifiers, dates and numbers.

// isLanguage tells whether a text is a language code: two or three small letters, and subtags of letters and digits.
func isLanguage(f []byte) bool {
	n := 0
	for n < len(f) && f[n] >= 'a' && f[n] <= 'z' {
		n++
	}
	if n < 2 || n > 3 || len(f) > 8 {
		return false
	}
	for i := n; i < len(f); i++ {
		switch c := f[i]; {
		case c == '-':
			if i+1 == len(f) || f[i+1] == '-' {
				return false
			}
		case i == n, !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'):
			return false
		}
	}
	return true
}

// isUUID tells whether a text has the form of a UUID.
func isUUID(f []byte) bool {
	if len(f) != 36 {
		return false
	}
	for i, c := range f {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return false
			}
		}
	}
	return true
}

// control finds a control character in a text.
func control(f []byte) (byte, bool) {
	for _, c := range f {
		if c < ' ' {
			return c, true
		}
	}
	return 0, false
}

func isDescriptionType(id uint64) bool {
	return id == snomed.FSN || id == snomed.Synonym || id == snomed.Definition
}

// fit tells whether the language, type and term of an active description can be; the row fails when they cannot.
func (r *row) fit() bool {
	term, lang := r.fields[7], r.fields[5]
	if len(term) == 0 {
		r.fail("column term: is empty")
	}
	if !isLanguage(lang) {
		r.fail("column languageCode: %q is no language", cut(lang))
	}
	if typ := r.id(6, "typeId"); !isDescriptionType(typ) {
		r.fail("column typeId: %d is neither fully specified name, synonym nor definition", typ)
	}
	if c, found := control(term); found {
		r.fail("column term: holds the control character U+%04X", c)
	}
	return r.bad == nil
}

// unfit tells why an inactive description is left out; "" = it is kept.
func (r *row) unfit(typ uint64) string {
	term := r.fields[7]
	switch _, found := control(term); {
	case len(term) == 0 || !isLanguage(r.fields[5]):
		return "inactive descriptions without a term or a language are left out"
	case found:
		return "inactive descriptions with control characters in their term are left out"
	case r.bad != nil:
		return "inactive descriptions that cannot be read are left out"
	case !isDescriptionType(typ):
		return "inactive descriptions of an unknown type are left out"
	}
	return ""
}

// checkMember counts active members whose identifier is no UUID and reports the first of them, as check does with SNOMED CT identifiers.
func (im *importer) checkMember(r *row) {
	im.members++
	if isUUID(r.fields[0]) {
		return
	}
	if im.noUUID++; im.noUUID <= 20 {
		im.report("%s:%d: %q is no member identifier (a UUID)", r.file, r.line, cut(r.fields[0]))
	}
	if im.firstNoUUID == nil {
		im.firstNoUUID = &Error{File: r.file, Line: r.line, Text: fmt.Sprintf("column id: %q is no UUID", cut(r.fields[0]))}
	}
}

// checkMembers refuses a release with more than 0.1 % of such members.
func (im *importer) checkMembers() error {
	if im.noUUID*1000 <= im.members {
		return nil
	}
	im.firstNoUUID.Text += fmt.Sprintf(", and so it is with %d of %d members", im.noUUID, im.members)
	return im.firstNoUUID
}
