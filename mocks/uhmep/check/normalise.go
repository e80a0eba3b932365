package check

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

const namingSystems = "https://www.ehealth.fgov.be/standards/fhir/referral/NamingSystem/"

// dropNarrative takes text out of the resource and the contained ones: it could carry clear text.
func dropNarrative(doc tree.Object) {
	delete(doc, "text")
	for _, contained := range tree.Objects(doc, "contained") {
		delete(contained, "text")
	}
}

// dropServerIdentifiers takes out the identifiers that the server gives itself.
func dropServerIdentifiers(doc tree.Object) {
	var kept []any
	for _, id := range tree.Objects(doc, "identifier") {
		if system := tree.Text(id, "system"); system != namingSystems+"uhmep" && system != namingSystems+"uhmep-short" {
			kept = append(kept, id)
		}
	}
	if kept == nil {
		delete(doc, "identifier")
		return
	}
	doc["identifier"] = kept
}

// relativeReferences takes the base of this sandbox off every literal reference.
func relativeReferences(v any, base string) {
	switch v := v.(type) {
	case tree.Object:
		if ref, ok := v["reference"].(string); ok {
			v["reference"] = relative(ref, base)
		}
		for _, member := range v {
			relativeReferences(member, base)
		}
	case []any:
		for _, item := range v {
			relativeReferences(item, base)
		}
	}
}

// canonicalNoteTypes replaces the referral twin of the note type extension by the core one.
func canonicalNoteTypes(doc tree.Object) {
	for _, note := range tree.Objects(doc, "note") {
		for _, ext := range tree.Objects(note, "extension") {
			if ext["url"] == referral+"be-ext-codeable-concept" {
				ext["url"] = core + "be-ext-codeableconcept"
			}
		}
	}
}

// setValidity writes both days of the validity period.
func setValidity(doc tree.Object, v Validity) {
	ext, i := tree.Extension(doc, referral+"be-ext-validity-period")
	if i < 0 {
		return
	}
	period := tree.Child(ext, "valuePeriod")
	if period == nil {
		period = tree.Object{}
		ext["valuePeriod"] = period
	}
	period["start"], period["end"] = v.Start, v.End
}

// idOf is the id in a reference to a resource of that type, relative or under the base; "" for another form.
func idOf(reference, kind, base string) string {
	id, ok := strings.CutPrefix(relative(reference, base), kind+"/")
	if !ok || strings.Contains(id, "/") {
		return ""
	}
	return id
}
